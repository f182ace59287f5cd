//! The overrides that the user set, and the events that they still apply to. The `grammar` module reads and writes them.

use crate::core::envelope::Envelope;
use crate::core::glob::Glob;
use crate::core::overrides::literals::{Quoted, Time};
use crate::core::provider::{DECISION_TIME_LIMIT, INTERCEPTOR_TYPE, TIME_LIMIT, meaning, time_limit_text};
use crate::core::reply::{ALLOW, Reply, is_interceptor};
use crate::core::signature::Verification;
use std::fmt;
use std::num::NonZeroU32;
use std::time::Duration;

/// The longest delay of a response, and the longest time over which its body is spread.
pub const MAX_WAIT: Duration = Duration::from_secs(60);
/// What [`meaning`] says about a failure that the provider tries again.
const RETRIED: &str = "failed, will be retried";
/// The body of a slow response that would otherwise have none.
pub(crate) const SLOW_TEXT: &str = "this response was sent slowly on purpose\n";

/// A response that the user chose for coming requests. `FromStr` reads it; `Display` writes it so that it reads back the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Override {
    pub directive: Directive,
    /// The event types that it applies to; `None` for every event.
    pub types: Option<Glob>,
    /// How many more events it applies to; `None` means until changed.
    pub next: Option<NonZeroU32>,
}

/// The response to one event, and how fast it is sent. `Display` writes it as in an override.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Directive {
    pub what: What,
    pub delays: Delays,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// The default response, according to the verdict.
    Default,
    /// 200 to 599.
    Status(u16),
    /// The connection is closed without a response, as if the app had crashed.
    Drop,
    /// Applies to interceptors only.
    Decision(Decision),
}

/// The decision that an interceptor's response carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    Allow,
    /// ALLOW, with claims for the token: a JSON object in compact form.
    Claims(String),
    /// ALLOW, with a membership for the new user.
    Membership {
        organization: String,
        roles: Vec<String>,
    },
    Deny {
        message: String,
    },
}

/// How slowly a response is sent; by default at once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Delays {
    /// The wait before the first byte, at most [`MAX_WAIT`].
    pub delay: Duration,
    /// The time over which the body is then spread, at most [`MAX_WAIT`].
    pub slow: Duration,
}

impl Delays {
    pub(crate) fn is_immediate(self) -> bool {
        self == Self::default()
    }
}

impl Decision {
    /// The response that the provider understands: always 200, with the decision in the body.
    pub fn reply(&self) -> Reply {
        let text = |text: &str| serde_json::to_string(text).expect("a string is always JSON");
        let allow =
            |response: String| Reply::json(200, format!("{{\"decision\":\"ALLOW\",\"response\":{{{response}}}}}"));
        match self {
            Self::Allow => Reply::json(200, ALLOW),
            Self::Claims(claims) => allow(format!("\"claims\":{claims}")),
            Self::Membership { organization, roles } => {
                let key = if organization.starts_with("org_") { "organization_id" } else { "external_organization_id" };
                let roles: Vec<_> = roles.iter().map(|role| text(role)).collect();
                let (organization, roles) = (text(organization), roles.join(","));
                allow(format!("\"create_organization_membership\":{{\"{key}\":{organization},\"roles\":[{roles}]}}"))
            }
            Self::Deny { message } => {
                let message = text(message);
                Reply::json(200, format!("{{\"decision\":\"DENY\",\"error\":{{\"message\":{message}}}}}"))
            }
        }
    }

    /// The trigger points at which the provider reads what it carries; `None` for any.
    pub fn trigger_points(&self) -> Option<&'static [&'static str]> {
        match self {
            Self::Allow | Self::Deny { .. } => None,
            Self::Claims(_) => Some(&["PRE_SESSION_CREATION", "PRE_M2M_TOKEN_CREATION"]),
            Self::Membership { .. } => Some(&["PRE_SIGNUP"]),
        }
    }
}

impl Override {
    /// A status for every event, without delay, until changed.
    pub fn status(status: u16) -> Self {
        Self::what(What::Status(status))
    }

    /// `what` for every event that it applies to, without delay, until changed.
    pub fn what(what: What) -> Self {
        Self { directive: Directive { what, delays: Delays::default() }, types: None, next: None }
    }

    /// Whether it is a decision for interceptors, which can be active beside an override of another kind.
    pub(crate) fn is_decision(&self) -> bool {
        matches!(self.directive.what, What::Decision(_))
    }

    /// Whether it changes nothing: the default response, without delay.
    pub(crate) fn is_default(&self) -> bool {
        self.directive.what == What::Default && self.directive.delays.is_immediate()
    }

    fn applies_to(&self, event_type: &str) -> bool {
        if let Some(glob) = &self.types {
            return glob.matches(event_type);
        }
        match &self.directive.what {
            // A body that a template shaped does not name its trigger point.
            What::Decision(decision) if event_type != INTERCEPTOR_TYPE => {
                decision.trigger_points().is_none_or(|points| points.contains(&event_type))
            }
            _ => true,
        }
    }

    /// The short form for a narrow place: `503 +3s ×2`.
    pub fn short(&self) -> String {
        let Directive { what, delays } = &self.directive;
        let mut text = match what {
            What::Default => "default".to_owned(),
            What::Status(status) => status.to_string(),
            What::Drop => "drop".to_owned(),
            What::Decision(Decision::Allow) => "ALLOW".to_owned(),
            What::Decision(Decision::Claims(_)) => "ALLOW +claims".to_owned(),
            What::Decision(Decision::Membership { .. }) => "ALLOW +membership".to_owned(),
            What::Decision(Decision::Deny { .. }) => "DENY".to_owned(),
        };
        for (sign, time) in [("+", delays.delay), ("~", delays.slow)] {
            if !time.is_zero() {
                text += &format!(" {sign}{}", Time(time));
            }
        }
        if let Some(glob) = &self.types {
            text += &format!(" {glob}");
        }
        if let Some(next) = self.next {
            text += &format!(" ×{next}");
        }
        text
    }

    /// What it does, in a sentence without a full stop.
    pub(crate) fn sentence(&self) -> String {
        let one = if self.is_decision() { "interceptor" } else { "event" };
        let (mut events, verb) = match self.next.map(NonZeroU32::get) {
            None => (format!("every {one}"), "gets"),
            Some(1) => (format!("the next {one}"), "gets"),
            Some(next) => (format!("the next {next} {one}s"), "get"),
        };
        if let Some(glob) = &self.types {
            events += &format!(" of type `{glob}`");
        } else if let What::Decision(decision) = &self.directive.what
            && let Some(points) = decision.trigger_points()
        {
            events += &format!(" at {}", points.join(" or "));
        }
        let (what, consequence) = match &self.directive.what {
            What::Default => ("the default response".to_owned(), None),
            What::Status(status) => match meaning(*status).and_then(|meaning| meaning.split_once(": ")) {
                Some((status, consequence)) => (status.to_owned(), Some(consequence)),
                None => (status.to_string(), None),
            },
            What::Drop => ("no response: hookglass closes the connection".to_owned(), None),
            What::Decision(Decision::Allow) => ("ALLOW".to_owned(), None),
            What::Decision(Decision::Claims(claims)) => (format!("ALLOW with the claims {claims}"), None),
            What::Decision(Decision::Membership { organization, roles }) => {
                let roles = if roles.is_empty() { String::new() } else { format!(" as {}", roles.join(", ")) };
                (format!("ALLOW and a membership in {organization}{roles}"), None)
            }
            What::Decision(Decision::Deny { message }) => (format!("DENY {}", Quoted(message)), None),
        };
        let mut text = format!("{events} {verb} {what}");
        let Delays { delay, slow } = self.directive.delays;
        if !delay.is_zero() {
            text += &format!(" after {}", spoken(delay));
        }
        if !slow.is_zero() {
            text += &format!(", its body over {}", spoken(slow));
        }
        if let Some(consequence) = consequence {
            text += &match consequence {
                RETRIED => ", so the sender retries".to_owned(),
                other => format!(" ({other})"),
            };
        }
        text
    }

    /// The time limit of the provider that the response would miss, if any.
    pub fn warning(&self) -> Option<&'static str> {
        let Delays { delay, slow } = self.directive.delays;
        let time = delay + slow;
        if self.is_decision() {
            (time > DECISION_TIME_LIMIT).then_some("the provider waits only 3 to 5 s for a decision")
        } else if time > TIME_LIMIT {
            Some(concat!(
                "the provider waits only ",
                time_limit_text!(),
                ", and 3 to 5 s for an interceptor's decision"
            ))
        } else {
            (time > DECISION_TIME_LIMIT).then_some("the provider waits only 3 to 5 s for an interceptor's decision")
        }
    }
}

/// A time in a sentence: `3 s`, `1500 ms`.
fn spoken(time: Duration) -> String {
    let text = Time(time).to_string();
    let unit = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    format!("{} {}", &text[..unit], &text[unit..])
}

/// The active overrides: one for every kind of request, and a decision for interceptors, which takes precedence. Also counts of how
/// earlier ones ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overrides {
    general: Option<Override>,
    decision: Option<Override>,
    /// The number of overrides that ended because their number of events was reached.
    pub used_up: u64,
    /// The number of senders that disconnected while their responses were delayed.
    pub left: u64,
    /// The number (`Seq`) of the event whose sender did so last.
    pub last_left: Option<u64>,
}

impl Overrides {
    /// The active overrides, the decision last.
    pub fn on(&self) -> impl Iterator<Item = &Override> {
        self.general.iter().chain(&self.decision)
    }

    pub fn is_off(&self) -> bool {
        self.on().next().is_none()
    }

    /// Notes that the sender of event `seq` disconnected while its response was delayed.
    pub fn leave(&mut self, seq: u64) {
        self.left += 1;
        self.last_left = Some(seq);
    }

    /// What happened to overrides since `before`, in words.
    pub(crate) fn news_since(&self, before: &Self) -> Vec<String> {
        let mut news = Vec::new();
        if let Some(seq) = self.last_left.filter(|_| self.left > before.left) {
            news.push(format!("the sender of event {seq} disconnected before its delayed response"));
        }
        if self.used_up > before.used_up {
            let rest =
                if self.is_off() { "back to the default responses".to_owned() } else { format!("still on: {self}") };
            news.push(format!("override used up; {rest}"));
        }
        news
    }

    /// Replaces the override of the same kind; the default one turns both off.
    pub fn set(&mut self, setting: Override) {
        if setting.is_default() {
            (self.general, self.decision) = (None, None);
        } else if setting.is_decision() {
            self.decision = Some(setting);
        } else {
            self.general = Some(setting);
        }
    }

    /// The directive that applies to an event, which then counts as one of its events. The flag tells whether a count changed.
    pub fn take(&mut self, verification: &Verification, envelope: &Envelope) -> (Option<Directive>, bool) {
        let event_type = envelope.event_type.as_deref().unwrap_or_default();
        let decision = is_interceptor(verification.scheme, envelope).then_some(&mut self.decision);
        let applies =
            |slot: &&mut Option<Override>| slot.as_ref().is_some_and(|setting| setting.applies_to(event_type));
        let Some(slot) = decision.into_iter().chain([&mut self.general]).find(applies) else { return (None, false) };
        let Some(setting) = slot else { return (None, false) };
        let directive = setting.directive.clone();
        let Some(next) = setting.next else { return (Some(directive), false) };
        setting.next = NonZeroU32::new(next.get() - 1);
        if setting.next.is_none() {
            *slot = None;
            self.used_up += 1;
        }
        (Some(directive), true)
    }
}

impl fmt::Display for Overrides {
    /// `503 ×2 · DENY`; empty if none is active.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let on: Vec<String> = self.on().map(Override::short).collect();
        f.write_str(&on.join(" · "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::provider::{Decided, decision_in};
    use crate::core::signature::{Scheme, Verdict};

    fn verification(scheme: Scheme) -> Verification {
        Verification { verdict: Verdict::Verified, scheme, reason: None, secret: None }
    }

    fn take(overrides: &mut Overrides, event_type: &str, scheme: Scheme) -> Option<What> {
        let envelope = Envelope { event_type: Some(event_type.to_owned()), ..Envelope::default() };
        overrides.take(&verification(scheme), &envelope).0.map(|directive| directive.what)
    }

    fn overrides(texts: &[&str]) -> Overrides {
        let mut overrides = Overrides::default();
        texts.iter().for_each(|text| overrides.set(text.parse().unwrap()));
        overrides
    }

    #[test]
    fn an_override_ends_after_its_number_of_events_of_its_type() {
        let mut overrides = overrides(&["503 next:2 type:user.*"]);
        let webhook = |overrides: &mut Overrides, event_type| take(overrides, event_type, Scheme::Webhook);
        assert_eq!(webhook(&mut overrides, "role.created"), None);
        assert_eq!(webhook(&mut overrides, "user.login"), Some(What::Status(503)));
        assert_eq!((overrides.to_string().as_str(), overrides.used_up), ("503 user.* ×1", 0));
        assert_eq!(webhook(&mut overrides, "user.signup"), Some(What::Status(503)));
        assert_eq!((overrides.is_off(), overrides.used_up), (true, 1));
        assert_eq!(webhook(&mut overrides, "user.login"), None);
    }

    #[test]
    fn a_decision_takes_precedence_over_the_general_override() {
        let mut overrides = overrides(&["500", "deny:no next:1"]);
        let deny = What::Decision(Decision::Deny { message: "no".to_owned() });
        assert_eq!(take(&mut overrides, "user.login", Scheme::Webhook), Some(What::Status(500)));
        assert_eq!(take(&mut overrides, "PRE_SIGNUP", Scheme::Interceptor), Some(deny));
        // Once the decision is used up, the general override applies to interceptors too.
        assert_eq!(take(&mut overrides, "PRE_SIGNUP", Scheme::Interceptor), Some(What::Status(500)));
        overrides.set("default".parse().unwrap());
        assert!(overrides.is_off());
    }

    #[test]
    fn a_decision_alone_leaves_webhooks_to_the_default_response() {
        let mut overrides = overrides(&["allow"]);
        assert_eq!(take(&mut overrides, "user.login", Scheme::Webhook), None);
        // The body alone can mark an interceptor.
        let envelope = Envelope { is_interceptor: true, ..Envelope::default() };
        assert!(overrides.take(&verification(Scheme::None), &envelope).0.is_some());
    }

    #[test]
    fn an_event_without_a_type_matches_only_a_glob_of_stars() {
        let untyped = |overrides: &mut Overrides| overrides.take(&verification(Scheme::None), &Envelope::default()).0;
        assert!(untyped(&mut overrides(&["503"])).is_some());
        assert!(untyped(&mut overrides(&["503 type:*"])).is_some());
        assert!(untyped(&mut overrides(&["503 type:user.*"])).is_none());
    }

    #[test]
    fn the_decisions_of_overrides_read_as_decisions() {
        assert_eq!(decision_in(&Decision::Allow.reply().body), Some(Decided::Allow));
        let denied = Decision::Deny { message: "no \"guests\"".to_owned() }.reply();
        assert_eq!(decision_in(&denied.body), Some(Decided::Deny));
    }

    #[test]
    fn a_message_is_escaped_as_json() {
        let message = "no \"way\"\\\n\u{1}é".to_owned();
        let reply = Decision::Deny { message: message.clone() }.reply();
        let body = std::str::from_utf8(&reply.body).unwrap();
        let body: serde_json::Value = body.parse().unwrap();
        assert_eq!((reply.status, &body["decision"]), (200, &"DENY".into()));
        assert_eq!(body["error"]["message"], message);
        assert_eq!(&Decision::Allow.reply().body[..], b"{\"decision\":\"ALLOW\"}");
    }

    #[test]
    fn a_sentence_says_what_each_event_gets_and_a_warning_what_is_too_late() {
        for (text, sentence, warning) in [
            ("503", "every event gets 503 Service Unavailable, so the sender retries", ""),
            ("500 delay:3s", "every event gets 500 Internal Server Error after 3 s, so the sender retries", ""),
            ("299 next:2 type:user.*", "the next 2 events of type `user.*` get 299", ""),
            ("drop next:1", "the next event gets no response: hookglass closes the connection", ""),
            ("default delay:4s", "every event gets the default response after 4 s", "the provider waits only 3 to 5 s"),
            ("allow delay:4s", "every interceptor gets ALLOW after 4 s", "the provider waits only 3 to 5 s for"),
            (
                "299 delay:8s slow:3s",
                "every event gets 299 after 8 s, its body over 3 s",
                "the provider waits only 10 s",
            ),
            ("deny:\"no way\" delay:3s", "every interceptor gets DENY \"no way\" after 3 s", ""),
        ] {
            let setting: Override = text.parse().unwrap();
            assert_eq!(setting.sentence(), sentence);
            assert!(setting.warning().unwrap_or_default().starts_with(warning), "{text}");
            assert_eq!(setting.warning().is_none(), warning.is_empty(), "{text}");
        }
    }
}
