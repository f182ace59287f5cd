//! What a response says besides its status: that something failed, or that it comes from a guard in front of the handler.

use crate::core::delivery::Response;
use serde_json::Value;

/// How much of a page is searched.
const SEARCHED: usize = 64 * 1024;

/// By what a response shows that a guard sent it and the handler did not run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GuardMark {
    /// A redirect to a page to log in.
    Login,
    /// `WWW-Authenticate`.
    Authenticate,
    /// A page about CSRF.
    Csrf,
}

impl GuardMark {
    pub(super) fn of(response: &Response) -> Option<Self> {
        let has = |wanted: &[u8]| response.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case(wanted));
        let location = response.location().unwrap_or_default().to_lowercase();
        let is_login =
            ["login", "log-in", "signin", "sign-in", "sign_in", "/auth"].iter().any(|word| location.contains(word));
        match response.status {
            300..400 if is_login => Some(Self::Login),
            400..500 if has(b"www-authenticate") => Some(Self::Authenticate),
            400..500 if names_csrf(&response.body) => Some(Self::Csrf),
            _ => None,
        }
    }

    /// How it shows, to follow "the app responded 401".
    pub(super) fn remark(self) -> &'static str {
        match self {
            Self::Login => "with a redirect to a log-in page",
            Self::Authenticate => "with `WWW-Authenticate`",
            Self::Csrf => "with a page about CSRF",
        }
    }

    pub(super) fn next_step(self) -> &'static str {
        match self {
            Self::Login | Self::Authenticate => {
                "exempt the handler's path from the log-in: the matcher of a Next.js or Clerk middleware, the dependencies of a FastAPI \
                 app, a global guard of NestJS, `before_request` in Flask, `before_action` in Rails"
            }
            Self::Csrf => {
                "exempt the handler from CSRF protection: `@csrf_exempt` in Django, `skip_forgery_protection` in Rails, \
                 `validateCsrfTokens(except: […])` in Laravel, `csrf.ignoringRequestMatchers` in Spring"
            }
        }
    }
}

fn names_csrf(body: &[u8]) -> bool {
    let text = &body[..body.len().min(SEARCHED)];
    let is_at = |window: &[u8]| window.eq_ignore_ascii_case(b"csrf");
    text.windows(4).any(is_at)
}

/// Whether the body says that the request failed: `{"error":…}`, `{"success":false}`, `{"status":401}`, or a list such as FastAPI makes
/// of `return {…}, 401`.
pub(super) fn says_failure(body: &[u8]) -> bool {
    let is_failing = |value: &Value| value.as_u64().is_some_and(|status| (400..600).contains(&status));
    match std::str::from_utf8(body).ok().and_then(|body| serde_json::from_str(body).ok()) {
        Some(Value::Array(items)) => matches!(&items[..], [_, status] if is_failing(status)),
        Some(Value::Object(members)) => members.iter().any(|(name, value)| match name.to_lowercase().as_str() {
            "error" | "errors" => {
                !matches!(value, Value::Null | Value::Bool(false))
                    && value.as_array().is_none_or(|list| !list.is_empty())
            }
            "success" | "ok" | "valid" | "verified" => *value == Value::Bool(false),
            "status" | "code" | "statuscode" | "status_code" => {
                is_failing(value) || matches!(value.as_str(), Some("error" | "fail" | "failed"))
            }
            _ => false,
        }),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::delivery::Completeness;
    use bytes::Bytes;

    #[test]
    fn a_body_that_says_that_it_failed_is_recognised() {
        for (body, expected) in [
            (r#"{"error":"Invalid signature"}"#, true),
            (r#"{"errors":["x"]}"#, true),
            (r#"{"success":false}"#, true),
            (r#"{"status":"error"}"#, true),
            (r#"{"statusCode":401,"body":""}"#, true),
            (r#"[{"error":"invalid"},401]"#, true),
            (r#"{"error":null,"ok":true}"#, false),
            (r#"{"errors":[]}"#, false),
            (r#"{"status":"ok"}"#, false),
            (r#"{"status":200}"#, false),
            (r#"[1,2,401]"#, false),
            ("401", false),
            ("error", false),
            ("", false),
        ] {
            assert_eq!(says_failure(body.as_bytes()), expected, "{body}");
        }
    }

    #[test]
    fn a_guard_is_known_by_its_mark() {
        let response = |status, headers: &[(&str, &str)], body: &'static str| {
            let headers = headers.iter().map(|(name, value)| (name.as_bytes().to_vec(), value.as_bytes().to_vec()));
            let (headers, body) = (headers.collect(), Bytes::from_static(body.as_bytes()));
            GuardMark::of(&Response { status, headers, body, completeness: Completeness::Whole })
        };
        assert_eq!(response(307, &[("Location", "/Login?next=%2Fhook")], ""), Some(GuardMark::Login));
        assert_eq!(response(308, &[("location", "/webhooks/scalekit/")], ""), None);
        assert_eq!(response(401, &[("WWW-Authenticate", "Basic")], ""), Some(GuardMark::Authenticate));
        assert_eq!(response(403, &[], "<h1>CSRF verification failed.</h1>"), Some(GuardMark::Csrf));
        assert_eq!(response(200, &[], "csrf"), None);
        assert_eq!(response(401, &[], "Invalid signature"), None);
    }
}
