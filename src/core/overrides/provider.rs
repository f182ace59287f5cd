//! What the provider takes as an answer to an interceptor's request, and how long it waits for one to anything.

use crate::core::json::{TokenKind, scan, unescape};
use crate::core::times::duration;

const PATIENCE_US: u64 = 10_000_000;
const INTERCEPTOR_PATIENCE_US: u64 = 3_000_000;

/// How long the provider waits for an answer, in microseconds: to an event, or to an interceptor's request at the least.
pub fn patience_us(is_interceptor: bool) -> u64 {
    if is_interceptor { INTERCEPTOR_PATIENCE_US } else { PATIENCE_US }
}

/// How much of its patience an answer used, both in microseconds: `6.2 s of the provider's 10 s`.
pub fn share_of_patience(used_us: u64, patience_us: u64) -> String {
    format!("{} of the provider's {}", duration(used_us), duration(patience_us))
}

/// What an answer to an interceptor's request says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decided {
    Allow,
    Deny,
}

/// The decision in the body of an answer: a JSON object that says `ALLOW` or `DENY`. Of equal keys the last counts.
pub fn decision_in(body: &[u8]) -> Option<Decided> {
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
    use crate::core::overrides::{ALLOW, Decision};

    #[test]
    fn our_own_decisions_are_decisions() {
        assert_eq!(decision_in(ALLOW.as_bytes()), Some(Decided::Allow));
        let denied = Decision::Deny { message: "no \"guests\"".to_owned() }.reply();
        assert_eq!(decision_in(&denied.body), Some(Decided::Deny));
    }

    #[test]
    fn what_is_no_object_with_one_of_both_words_is_no_decision() {
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
    fn the_time_for_an_answer_is_said_with_what_was_used_of_it() {
        assert_eq!(share_of_patience(6_200_000, patience_us(false)), "6.2 s of the provider's 10 s");
        assert_eq!(share_of_patience(800_000, patience_us(true)), "800 ms of the provider's 3 s");
    }
}
