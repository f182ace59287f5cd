//! The form of an interceptor's response, beyond the decision itself: what Scalekit reads at each trigger point.

use crate::core::provider::Decided;
use serde_json::Value;

/// What a response carries besides its decision.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shape {
    /// Whether `error.message` is a text that is not empty.
    pub has_message: bool,
    pub extra: Extra,
}

/// The member `response`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Extra {
    #[default]
    None,
    /// `create_organization_membership`, and whether it names an organization.
    Membership { has_organization: bool },
    /// `claims`, and whether it is an object.
    Claims { is_object: bool },
    /// Something else.
    Unknown,
}

/// What is wrong with the form of a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flaw {
    DeniedWithoutMessage,
    MembershipElsewhere,
    MembershipWithoutOrganization,
    ClaimsElsewhere,
    ClaimsNotObject,
    Unknown,
}

impl Shape {
    pub(super) fn of(body: &[u8]) -> Self {
        let body = std::str::from_utf8(body).ok().and_then(|body| serde_json::from_str::<Value>(body).ok());
        let Some(body) = body else { return Self::default() };
        let message = body.pointer("/error/message").and_then(Value::as_str);
        Self { has_message: message.is_some_and(|message| !message.trim().is_empty()), extra: Extra::of(&body) }
    }

    /// What is wrong with it beside the decision `decided` at `trigger_point`; the first thing only.
    pub(super) fn flaw(self, decided: Decided, trigger_point: Option<&str>) -> Option<Flaw> {
        if decided == Decided::Deny {
            return (!self.has_message).then_some(Flaw::DeniedWithoutMessage);
        }
        let takes = |points: &[&str]| trigger_point.is_none_or(|point| points.contains(&point));
        match self.extra {
            Extra::None => None,
            Extra::Unknown => Some(Flaw::Unknown),
            Extra::Membership { .. } if !takes(&["PRE_SIGNUP"]) => Some(Flaw::MembershipElsewhere),
            Extra::Membership { has_organization } => {
                (!has_organization).then_some(Flaw::MembershipWithoutOrganization)
            }
            Extra::Claims { .. } if !takes(&WITH_CLAIMS) => Some(Flaw::ClaimsElsewhere),
            Extra::Claims { is_object } => (!is_object).then_some(Flaw::ClaimsNotObject),
        }
    }
}

/// The last two are known from the provider's sources only, and so is what they take.
const WITH_CLAIMS: [&str; 4] =
    ["PRE_SESSION_CREATION", "PRE_M2M_TOKEN_CREATION", "POST_USER_AUTHENTICATION", "ACCESS_TOKEN_CREATION"];

impl Extra {
    fn of(body: &Value) -> Self {
        let response = match body.get("response") {
            None | Some(Value::Null) => return Self::None,
            Some(response) => response,
        };
        let member = |name: &str| response.get(name).filter(|value| !value.is_null());
        match (member("create_organization_membership"), member("claims")) {
            (Some(membership), _) => {
                let names = ["organization_id", "external_organization_id"];
                let is_named = |name| membership.get(name).and_then(Value::as_str).is_some_and(|id| !id.is_empty());
                Self::Membership { has_organization: names.into_iter().any(is_named) }
            }
            (None, Some(claims)) => Self::Claims { is_object: claims.is_object() },
            (None, None) if response.as_object().is_some_and(serde_json::Map::is_empty) => Self::None,
            (None, None) => Self::Unknown,
        }
    }
}

impl Flaw {
    /// What follows "the app responded 200 to it".
    pub(super) fn remark(self) -> &'static str {
        match self {
            Self::DeniedWithoutMessage => " with `DENY` and no `error.message`, so the user sees a general text",
            Self::MembershipElsewhere => {
                " with `response.create_organization_membership`, which counts at PRE_SIGNUP only and is ignored here"
            }
            Self::MembershipWithoutOrganization => {
                " with `response.create_organization_membership` that names no organization"
            }
            Self::ClaimsElsewhere => " with `response.claims`, which this trigger point ignores",
            Self::ClaimsNotObject => " with `response.claims` that is not an object",
            Self::Unknown => " with a `response` in which nothing is known, so it is ignored",
        }
    }

    pub(super) fn next_step(self) -> &'static str {
        match self {
            Self::DeniedWithoutMessage => {
                "add a message for the user: `{\"decision\":\"DENY\",\"error\":{\"message\":\"…\"}}`"
            }
            Self::MembershipElsewhere => "create the membership in the interceptor of PRE_SIGNUP",
            Self::MembershipWithoutOrganization => "add `organization_id` or `external_organization_id`, and `roles`",
            Self::ClaimsElsewhere => "add claims in the interceptor of PRE_SESSION_CREATION or PRE_M2M_TOKEN_CREATION",
            Self::ClaimsNotObject => "make `claims` an object: `{\"response\":{\"claims\":{\"name\":\"value\"}}}`",
            Self::Unknown => {
                "use `response.create_organization_membership` at PRE_SIGNUP, and `response.claims` before sessions and M2M tokens"
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_trigger_point_takes_its_own_form() {
        let membership =
            r#"{"response":{"create_organization_membership":{"organization_id":"org_1","roles":["member"]}}}"#;
        let claims = r#"{"response":{"claims":{"plan":"pro"}}}"#;
        for (trigger_point, body, expected) in [
            ("PRE_SIGNUP", "{}", None),
            ("PRE_SIGNUP", membership, None),
            ("PRE_SIGNUP", claims, Some(Flaw::ClaimsElsewhere)),
            ("PRE_SESSION_CREATION", claims, None),
            ("PRE_SESSION_CREATION", membership, Some(Flaw::MembershipElsewhere)),
            ("PRE_M2M_TOKEN_CREATION", claims, None),
            ("ACCESS_TOKEN_CREATION", claims, None),
            ("PRE_USER_INVITATION", claims, Some(Flaw::ClaimsElsewhere)),
            ("PRE_USER_INVITATION", r#"{"response":null}"#, None),
            ("PRE_USER_INVITATION", r#"{"response":{}}"#, None),
            (
                "PRE_SIGNUP",
                r#"{"response":{"create_organization_membership":{"roles":[]}}}"#,
                Some(Flaw::MembershipWithoutOrganization),
            ),
            ("PRE_SESSION_CREATION", r#"{"response":{"claims":["plan"]}}"#, Some(Flaw::ClaimsNotObject)),
            ("PRE_SESSION_CREATION", r#"{"response":{"claim":{}}}"#, Some(Flaw::Unknown)),
            ("PRE_SESSION_CREATION", r#"{"response":"claims"}"#, Some(Flaw::Unknown)),
        ] {
            let flaw = Shape::of(body.as_bytes()).flaw(Decided::Allow, Some(trigger_point));
            assert_eq!(flaw, expected, "{trigger_point} {body}");
        }
        assert_eq!(Shape::of(claims.as_bytes()).flaw(Decided::Allow, None), None);
    }

    #[test]
    fn a_denial_needs_a_message() {
        for (body, expected) in [
            (r#"{"error":{"message":"no guests"}}"#, None),
            (r#"{"error":{"message":" "}}"#, Some(Flaw::DeniedWithoutMessage)),
            (r#"{"error":"no guests"}"#, Some(Flaw::DeniedWithoutMessage)),
            ("no JSON", Some(Flaw::DeniedWithoutMessage)),
        ] {
            assert_eq!(Shape::of(body.as_bytes()).flaw(Decided::Deny, Some("PRE_SIGNUP")), expected, "{body}");
        }
    }
}
