//! How the provider treats a response: how long it waits, what each status means to it, and how it reads a decision.

use crate::core::json::{TokenKind, scan, unescape};
use crate::core::times::in_words;
use std::time::Duration;

/// The path of endpoints in the provider's documentation.
pub(crate) const DOCUMENTED_PATH: &str = "/webhooks/scalekit";
/// How long the provider waits for the response to an event.
pub(crate) const TIME_LIMIT: Duration = Duration::from_secs(10);
/// How long the provider waits for the decision of an interceptor. Its guide says 3 to 5 s. hookglass assumes the shortest.
pub(crate) const DECISION_TIME_LIMIT: Duration = Duration::from_secs(3);

/// [`TIME_LIMIT`] in a text that `concat!` makes.
macro_rules! time_limit_text {
    () => {
        "10 s"
    };
}
/// [`DECISION_TIME_LIMIT`] in a text that `concat!` makes.
macro_rules! decision_time_limit_text {
    () => {
        "3 s"
    };
}
pub(crate) use {decision_time_limit_text, time_limit_text};

/// The time limit for the response to an event or, if `is_interceptor`, for a decision.
pub(crate) const fn time_limit(is_interceptor: bool) -> Duration {
    if is_interceptor { DECISION_TIME_LIMIT } else { TIME_LIMIT }
}

/// How much of the time limit a response used: `6.2 s of the provider's 10 s`.
pub(crate) fn share_of_time_limit(used: Duration, limit: Duration) -> String {
    format!("{} of the provider's {}", in_words(used), in_words(limit))
}

/// What a response with `status` means to the provider: the status, its reason phrase (RFC 9110 section 15, RFC 6585 for 429), a
/// colon and the consequence. `None` for a status that neither the guide nor the menu names.
pub const fn meaning(status: u16) -> Option<&'static str> {
    Some(match status {
        200 => concat!("200 OK: delivered, like any 2xx within ", time_limit_text!()),
        201 => "201 Created: delivered, the recommended status",
        202 => "202 Accepted: delivered, processed later",
        204 => "204 No Content: delivered",
        301 => "301 Moved Permanently: failed, because redirects are not followed",
        302 => "302 Found: failed, because redirects are not followed",
        307 => "307 Temporary Redirect: failed, because redirects are not followed",
        308 => "308 Permanent Redirect: failed, because redirects are not followed",
        400 => "400 Bad Request: failed, will be retried",
        401 => "401 Unauthorized: failed, will be retried",
        403 => "403 Forbidden: failed, will be retried",
        404 => "404 Not Found: failed, will be retried",
        409 => "409 Conflict: failed, will be retried",
        422 => "422 Unprocessable Content: failed, will be retried",
        429 => "429 Too Many Requests: failed, will be retried",
        500 => "500 Internal Server Error: failed, will be retried",
        503 => "503 Service Unavailable: failed, will be retried",
        _ => return None,
    })
}

/// The type of an interceptor whose body has no trigger point, because a template of the developer shapes it.
pub const INTERCEPTOR_TYPE: &str = "interceptor";

/// Whether `event_type` is the trigger point of an interceptor, such as `PRE_SIGNUP`, and not the type of an event.
pub fn is_trigger_point(event_type: &str) -> bool {
    event_type == INTERCEPTOR_TYPE
        || !event_type.is_empty() && event_type.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_')
}

/// The decision in the response to an interceptor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decided {
    Allow,
    Deny,
}

/// The decision in a response body: a JSON object whose `decision` is `ALLOW` or `DENY`. The last of equal keys counts.
pub(crate) fn decision_in(body: &[u8]) -> Option<Decided> {
    let (mut depth, mut is_named, mut decision) = (0_usize, false, None);
    for token in scan(body) {
        let token = token.ok()?;
        let text = || unescape(&body[token.range.clone()]);
        match token.kind {
            TokenKind::Key if depth == 1 => is_named = text() == "decision",
            TokenKind::Colon => {}
            kind => {
                if depth == 1 && is_named {
                    decision = match text().as_str() {
                        "ALLOW" if kind == TokenKind::String => Some(Decided::Allow),
                        "DENY" if kind == TokenKind::String => Some(Decided::Deny),
                        _ => None,
                    };
                    is_named = false;
                }
                match kind {
                    TokenKind::OpenObject | TokenKind::OpenArray => depth += 1,
                    TokenKind::CloseObject | TokenKind::CloseArray => depth -= 1,
                    _ => {}
                }
            }
        }
    }
    decision
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_name_the_limits() {
        assert_eq!(
            (time_limit_text!(), decision_time_limit_text!()),
            (&*in_words(TIME_LIMIT), &*in_words(DECISION_TIME_LIMIT))
        );
    }

    #[test]
    fn every_status_of_the_guide_has_a_meaning() {
        for status in [200, 201, 202, 400, 401, 403, 422, 500] {
            let meaning = meaning(status).unwrap();
            assert!(meaning.starts_with(&status.to_string()), "{meaning}");
            assert_eq!(meaning.contains("failed"), status >= 400, "{meaning}");
        }
        assert_eq!(meaning(299), None);
    }

    #[test]
    fn only_an_object_with_an_exact_decision_decides() {
        for body in [
            "",
            "true",
            "ALLOW",
            r#""ALLOW""#,
            r#"["ALLOW"]"#,
            r#"["decision","ALLOW"]"#,
            r#"[{"decision":"ALLOW"}]"#,
            "{}",
            r#"{"decision":"allow"}"#,
            r#"{"decision":true}"#,
            r#"{"decision":["ALLOW"]}"#,
            r#"{"data":{"decision":"ALLOW"}}"#,
            r#"{"decision":"ALLOW","decision":null}"#,
            r#"{"decision":"ALLOW""#,
        ] {
            assert_eq!(decision_in(body.as_bytes()), None, "{body}");
        }
        let last = decision_in(br#" {"a":{"decision":1},"decision":"no","d\u0065cision":"DENY"}"#);
        assert_eq!(last, Some(Decided::Deny));
    }

    #[test]
    fn the_time_used_is_given_with_the_limit() {
        assert_eq!(
            share_of_time_limit(Duration::from_millis(6_200), time_limit(false)),
            "6.2 s of the provider's 10 s"
        );
        assert_eq!(share_of_time_limit(Duration::from_millis(800), time_limit(true)), "800 ms of the provider's 3 s");
    }
}
