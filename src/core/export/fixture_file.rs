//! The file that an event is saved to: a name that stays the same for the same event, and the text of its fixture.

use super::Fixture;
use crate::core::event::Event;
use crate::core::signature::{Reason, message_id};
use sha2::{Digest, Sha256};

/// The most characters of the type in a name.
const MAX_TYPE: usize = 60;
/// The characters of the id in a name. Ids of events that follow one another differ at the end.
const SHORT_ID: usize = 8;

/// Why an event has no fixture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("hookglass does not have its whole body")]
pub struct NoBody;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FixtureFile {
    stem: String,
    pub text: String,
}

impl FixtureFile {
    /// # Errors
    /// When the body of the event is not stored.
    pub fn of(event: &Event) -> Result<Self, NoBody> {
        if event.summary.reason.as_ref().is_some_and(Reason::lacks_body) {
            return Err(NoBody);
        }
        Ok(Self { stem: stem(event), text: Fixture::of(event).write() })
    }

    /// The file of an event that nothing received, with a note that says so.
    pub(crate) fn of_unreceived(event: &Event, note: &str) -> Self {
        Self { stem: stem(event), text: Fixture::of(event).write_with(Some(note)) }
    }

    /// The name without a folder: `user.signup-31836170.json`. From 2 on, `number` stands in it; other files have the names before.
    pub fn name(&self, number: u32) -> String {
        let number = if number > 1 { format!("-{number}") } else { String::new() };
        format!("{}{number}.json", self.stem)
    }
}

/// Type and short id. The sender chooses both, so only letters, digits, `.`, `_` and `-` stay, and the name never begins with a dot.
fn stem(event: &Event) -> String {
    let kind = event.summary.event_type.as_deref().unwrap_or_default();
    let kind: String = kind.chars().map(in_a_name).take(MAX_TYPE).collect();
    let kind = kind.trim_matches(['.', '-']);
    let headers = event.head.headers();
    let id = event.summary.event_id.as_ref().map(|id| id.as_bytes());
    let id = id.or_else(|| message_id(&headers, event.verification.scheme)).unwrap_or_default();
    let id: Vec<char> = id.iter().filter(|byte| byte.is_ascii_alphanumeric()).map(|byte| char::from(*byte)).collect();
    let short: String = if id.is_empty() {
        Sha256::digest(&event.body).iter().take(SHORT_ID / 2).map(|byte| format!("{byte:02x}")).collect()
    } else {
        id[id.len().saturating_sub(SHORT_ID)..].iter().collect()
    };
    format!("{}-{short}", if kind.is_empty() { "event" } else { kind })
}

fn in_a_name(character: char) -> char {
    if character.is_ascii_alphanumeric() || matches!(character, '.' | '_') { character } else { '-' }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::event::Arrival;
    use crate::core::request::Head;
    use crate::core::signature::{Keyring, verify_request};

    fn event(head: &str, body: &str) -> Event {
        let head = Head::parse(format!("POST / HTTP/1.1\r\n{head}\r\n").as_bytes()).unwrap();
        let arrival =
            Arrival { received_at: "2026-01-31T10:00:00Z".parse().unwrap(), head, body: body.to_owned().into() };
        let verification = verify_request(&arrival.head.headers(), &arrival.body, 0, &Keyring::default());
        Event::unstored(arrival, verification)
    }

    fn name(head: &str, body: &str) -> String {
        FixtureFile::of(&event(head, body)).unwrap().name(1)
    }

    #[test]
    fn the_name_has_the_type_and_the_end_of_the_id() {
        let body = r#"{"id":"evt_76219331831836170","type":"user.signup"}"#;
        assert_eq!(name("", body), "user.signup-31836170.json");
        assert_eq!(FixtureFile::of(&event("", body)).unwrap().name(3), "user.signup-31836170-3.json");
        assert_eq!(name("webhook-id: msg_1\r\n", r#"{"type":"a"}"#), "a-msg1.json");
        assert_eq!(name("", "no JSON"), "event-29ecbeb8.json");
    }

    #[test]
    fn no_type_and_no_id_leads_out_of_the_folder() {
        for hostile in ["../../etc/passwd", "..", ".ssh", "-rf", "a/b\\\\c:d", "\\u0000\\u001b[2J\\u202e", "é*?"] {
            let body = format!(r#"{{"id":"{hostile}","type":"{hostile}"}}"#);
            let name = name("", &body);
            let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
            assert!(name.chars().all(is_plain) && !name.starts_with(['.', '-']), "{name}");
        }
        assert!(name("", &format!(r#"{{"id":"{0}","type":"{0}"}}"#, "x".repeat(9_000))).len() < 100);
    }

    #[test]
    fn an_event_whose_body_is_not_stored_has_no_file() {
        let mut event = event("", "");
        event.summary.reason = Some(Reason::BodyTooLarge);
        assert_eq!(FixtureFile::of(&event), Err(NoBody));
    }
}
