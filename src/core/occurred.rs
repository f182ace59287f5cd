//! When an event happened, as its body says, and how late something came after that.

use crate::core::json::{TokenKind, scan, unescape};
use crate::core::signature::timestamp::TOLERANCE_S;
use jiff::Timestamp;
use std::time::Duration;

/// What comes longer than this after the event is late. Handlers refuse a request whose timestamp is older.
pub(crate) const LATE_AFTER: Duration = Duration::from_secs(TOLERANCE_S.unsigned_abs());

/// The time in `occurred_at` at the root of `body`, to the nanosecond. `None` if it is missing or no RFC 3339 time.
pub(crate) fn occurred_at(body: &[u8]) -> Option<Timestamp> {
    text_at(body, &["occurred_at"])?.parse().ok()
}

/// The string at `path`, which has at least one key, from the root object of `body`. Of duplicate keys the last counts.
pub(crate) fn text_at(body: &[u8], path: &[&str]) -> Option<String> {
    // `entered`: how many of the open objects, from the root, lie on the path.
    let (mut depth, mut entered, mut is_named, mut found) = (0_usize, 0_usize, false, None);
    for token in scan(body) {
        let token = token.ok()?;
        match token.kind {
            TokenKind::OpenObject => {
                let is_on_path = depth == 0 || depth == entered && is_named && entered < path.len();
                entered += usize::from(is_on_path);
                depth += 1;
                is_named = false;
            }
            TokenKind::OpenArray => (depth, is_named) = (depth + 1, false),
            TokenKind::CloseObject => {
                entered = entered.min(depth - 1);
                depth -= 1;
            }
            TokenKind::CloseArray => depth -= 1,
            TokenKind::Key if depth == entered => {
                is_named = unescape(&body[token.range]) == path[entered - 1];
                if is_named {
                    found = None;
                }
            }
            TokenKind::String if depth == entered && entered == path.len() && is_named => found = Some(token.range),
            _ => {}
        }
    }
    found.map(|range| unescape(&body[range]))
}

/// How late `then` is for something that happened at `occurred_at`. `None` if that is in time, or before it: clocks differ.
pub(crate) fn delay(occurred_at: Timestamp, then: Timestamp) -> Option<Duration> {
    let delay = Duration::try_from(then.duration_since(occurred_at)).ok()?;
    (delay > LATE_AFTER).then_some(delay)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_is_read_from_the_root_alone() {
        let at = |body: &str| occurred_at(body.as_bytes()).map(|time| time.to_string());
        let time = "2026-01-31T10:00:00.123456789Z";
        assert_eq!(at(&format!(r#"{{"data":{{"occurred_at":"x"}},"occurred_at":"{time}"}}"#)).as_deref(), Some(time));
        assert_eq!(at(r#"{"occurred_at":"2026-01-31T12:00:00+02:00"}"#).as_deref(), Some("2026-01-31T10:00:00Z"));
        for none in ["", "[]", r#"{"occurred_at":1}"#, r#"{"occurred_at":"today"}"#, r#"{"occurred_at":null}"#] {
            assert_eq!(at(none), None, "{none}");
        }
        assert_eq!(at(&format!(r#"{{"data":{{"occurred_at":"{time}"}}}}"#)), None);
        assert_eq!(at(&format!(r#"{{"occurred_at":"{time}","occurred_at":{{"a":"{time}"}}}}"#)), None);
    }

    #[test]
    fn a_text_is_found_at_its_whole_path() {
        let user = |body: &str| text_at(body.as_bytes(), &["data", "user", "id"]);
        assert_eq!(
            user(r#"{"data":{"id":"x","user":{"n":{"id":"y"},"id":"usr_\u0031"},"l":[{"id":"z"}]}}"#).unwrap(),
            "usr_1"
        );
        for none in [
            r#"{"data":{"user":[{"id":"usr_1"}]}}"#,
            r#"{"user":{"id":"usr_1"}}"#,
            r#"[{"data":{"user":{"id":"usr_1"}}}]"#,
            r#"{"data":{"user":{"id":"usr_1"},"user":null}}"#,
            r#"{"data":{"user":{"id":1}},"id":"usr_1"}"#,
            r#"{"data":{"user":{"id":"usr_1"}}"#,
        ] {
            assert_eq!(user(none), None, "{none}");
        }
    }

    #[test]
    fn only_what_comes_after_the_limit_is_late() {
        let time = |seconds| Timestamp::from_second(seconds).unwrap();
        for (then, late) in [(900, None), (1000, None), (1300, None), (1301, Some(301))] {
            assert_eq!(delay(time(1000), time(then)), late.map(Duration::from_secs), "{then}");
        }
    }
}
