//! Reads Scalekit's envelope from a body in one pass over its tokens: the fields that the list shows.
//!
//! This runs for every request before hookglass responds. So it copies only the fields it returns, and only validates
//! what is nested deeper than those.

use super::json::{TokenKind, scan, unescape, unescape_prefix};
use super::logout::{self, LOGOUT_TYPE};
use sha2::{Digest, Sha256};
use std::fmt::Write;
use std::ops::Range;

/// Most bytes of a field in a summary. The full text is in the body or the head.
pub const MAX_SUMMARY_TEXT: usize = 256;

/// Scalekit's envelope, as read from the body. Each field is truncated to [`MAX_SUMMARY_TEXT`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Envelope {
    /// `id` in the body, `evt_…`; not the `webhook-id` header. Of a trigger event, its identity.
    pub event_id: Option<String>,
    /// `type`, the `trigger_point` of an interceptor, or the `trigger_type` of a trigger event.
    pub event_type: Option<String>,
    pub object: Option<String>,
    pub organization_id: Option<String>,
    /// What tells events of one type apart: an email address, a name, an id.
    pub subject: Option<String>,
    /// Whether the body has a `trigger_point`, so the sender waits for a decision.
    pub is_interceptor: bool,
    /// Whether the body has the shape of AgentKit's trigger events, which are signed with a secret of their own.
    pub is_trigger: bool,
    /// Whether the body is the form of a back-channel logout.
    pub is_logout: bool,
}

/// How the identity of a trigger event begins.
const TRIGGER_ID: &str = "dedupe_key:";

/// The objects whose fields are read. The root is at depth 1, its objects are at 2, those in `data` are at 3.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Root,
    /// `interceptor_context`
    Context,
    Data,
    /// `data.user`
    User,
    /// `data.organization`
    Organization,
    Other,
}

const MAX_DEPTH: usize = 3;

/// The fields that are read. From `SUBJECTS` on they tell events of one type apart, the best first: names that people
/// know, then ids of Scalekit.
const FIELDS: [(Place, &[u8]); 37] = [
    (Place::Root, b"id"),
    (Place::Root, b"type"),
    (Place::Root, b"trigger_point"),
    (Place::Root, b"object"),
    (Place::Root, b"organization_id"),
    (Place::Context, b"organization_id"),
    (Place::Root, b"trigger_type"),
    (Place::Root, b"dedupe_key"),
    (Place::Root, b"connected_account_id"),
    (Place::Data, b"email"),
    (Place::User, b"email"),
    (Place::Data, b"user_email"),
    (Place::Context, b"user_email"),
    (Place::Context, b"email"),
    (Place::Data, b"name"),
    (Place::Data, b"display_name"),
    (Place::User, b"name"),
    (Place::User, b"display_name"),
    (Place::Data, b"domain"),
    (Place::Data, b"identifier"),
    (Place::Data, b"user_name"),
    (Place::Data, b"preferred_username"),
    (Place::User, b"user_name"),
    (Place::User, b"username"),
    (Place::Organization, b"name"),
    (Place::Organization, b"display_name"),
    (Place::Data, b"client_id"),
    (Place::Context, b"client_id"),
    (Place::Data, b"id"),
    (Place::User, b"id"),
    (Place::Data, b"user_id"),
    (Place::Context, b"user_id"),
    (Place::Data, b"session_id"),
    (Place::Organization, b"id"),
    (Place::Data, b"external_id"),
    (Place::Data, b"organization_id"),
    (Place::Root, b"resource_id"),
];
const ID: usize = 0;
const TYPE: usize = 1;
const TRIGGER_POINT: usize = 2;
const OBJECT: usize = 3;
const ORGANIZATION_ID: usize = 4;
const CONTEXT_ORGANIZATION_ID: usize = 5;
const TRIGGER_TYPE: usize = 6;
const DEDUPE_KEY: usize = 7;
const ACCOUNT: usize = 8;
const SUBJECTS: usize = 9;

/// The longest token that can be one of these keys, with every character escaped as `\uXXXX`.
const MAX_KEY_BYTES: usize = 2 + 6 * "preferred_username".len();

/// The envelope in `body`: empty if it is JSON but not an object, `None` if it is neither JSON nor a back-channel logout.
/// Of duplicate keys the last counts, as in `JSON.parse`. A value that is not a string is ignored.
pub fn read(body: &[u8]) -> Option<Envelope> {
    let mut reader = Reader::default();
    for token in scan(body) {
        let Ok(token) = token else { return of_logout(body) };
        reader.take(body, token.kind, token.range);
    }
    let text = |field: usize| {
        let range = reader.found[field].clone()?;
        Some(unescape_prefix(&body[range], MAX_SUMMARY_TEXT))
    };
    let (event_type, trigger_point, trigger_type) = (text(TYPE), text(TRIGGER_POINT), text(TRIGGER_TYPE));
    let is_trigger = trigger_point.is_none()
        && (trigger_type.is_some() || event_type.is_none() && reader.found[DEDUPE_KEY].is_some());
    let token = |field: usize| reader.found[field].clone().map(|range| unescape(&body[range]));
    let trigger_id = || token(DEDUPE_KEY).map(|key| trigger_id(&key, &token(ACCOUNT).unwrap_or_default()));
    Some(Envelope {
        event_id: if is_trigger { trigger_id() } else { text(ID) },
        is_interceptor: trigger_point.is_some(),
        is_trigger,
        is_logout: false,
        event_type: if is_trigger { trigger_type } else { event_type.or(trigger_point) },
        object: text(OBJECT),
        organization_id: text(ORGANIZATION_ID).or_else(|| text(CONTEXT_ORGANIZATION_ID)),
        subject: (SUBJECTS..FIELDS.len())
            .chain([ACCOUNT])
            .find_map(|field| text(field).filter(|subject| !subject.trim().is_empty())),
    })
}

fn of_logout(body: &[u8]) -> Option<Envelope> {
    let event_type = Some(LOGOUT_TYPE.to_owned());
    logout::is_logout(body).then(|| Envelope {
        event_type,
        subject: logout::subject(body),
        is_logout: true,
        ..Envelope::default()
    })
}

/// What two deliveries of one trigger event have in common: the `dedupe_key` with the connected account. `webhook-id` may differ.
fn trigger_id(key: &str, account: &str) -> String {
    let account = if account.is_empty() { String::new() } else { format!(" {account}") };
    let id = format!("{TRIGGER_ID}{key}{account}");
    if id.len() <= MAX_SUMMARY_TEXT {
        return id;
    }
    // Two long keys can differ at the end alone.
    let digest = Sha256::digest(id.as_bytes());
    digest.iter().fold(format!("{TRIGGER_ID}sha256-"), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a String takes all text");
        text
    })
}

/// Whether `event_id` is the identity of a trigger event, which takes the place of `webhook-id`.
pub(crate) fn is_trigger_id(event_id: &str) -> bool {
    event_id.starts_with(TRIGGER_ID)
}

/// What follows a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Announced {
    Nothing,
    Field(usize),
    Object(Place),
}

#[derive(Debug)]
struct Reader {
    depth: usize,
    /// The open containers, from the root.
    places: [Place; MAX_DEPTH],
    announced: Announced,
    /// The string token of each field.
    found: [Option<Range<usize>>; FIELDS.len()],
}

impl Default for Reader {
    fn default() -> Self {
        Self {
            depth: 0,
            places: [Place::Other; MAX_DEPTH],
            announced: Announced::Object(Place::Root),
            found: [const { None }; FIELDS.len()],
        }
    }
}

impl Reader {
    fn take(&mut self, body: &[u8], kind: TokenKind, range: Range<usize>) {
        match kind {
            TokenKind::Key => self.read_key(&body[range]),
            TokenKind::String => {
                if let Announced::Field(field) = self.announced {
                    self.found[field] = Some(range);
                }
                self.announced = Announced::Nothing;
            }
            TokenKind::OpenObject | TokenKind::OpenArray => {
                if let Some(place) = self.places.get_mut(self.depth) {
                    *place = match self.announced {
                        Announced::Object(place) if kind == TokenKind::OpenObject => place,
                        _ => Place::Other,
                    };
                }
                self.announced = Announced::Nothing;
                self.depth += 1;
            }
            TokenKind::CloseObject | TokenKind::CloseArray => self.depth -= 1,
            TokenKind::Colon => {}
            _ => self.announced = Announced::Nothing,
        }
    }

    fn read_key(&mut self, token: &[u8]) {
        let Some(place) = self.places.get(self.depth - 1).copied().filter(|place| *place != Place::Other) else {
            return;
        };
        let name = &token[1..token.len() - 1];
        self.announced = if name.contains(&b'\\') && token.len() <= MAX_KEY_BYTES {
            announced(place, unescape(token).as_bytes())
        } else {
            announced(place, name)
        };
        // The value of an earlier key with the same name no longer counts.
        match self.announced {
            Announced::Nothing => {}
            Announced::Field(field) => self.found[field] = None,
            Announced::Object(place) => self.forget(place),
        }
    }

    fn forget(&mut self, object: Place) {
        for ((place, _), found) in FIELDS.iter().zip(&mut self.found) {
            if *place == object || object == Place::Data && matches!(place, Place::User | Place::Organization) {
                *found = None;
            }
        }
    }
}

fn announced(place: Place, name: &[u8]) -> Announced {
    match (place, name) {
        (Place::Root, b"data") => Announced::Object(Place::Data),
        (Place::Root, b"interceptor_context") => Announced::Object(Place::Context),
        (Place::Data, b"user") => Announced::Object(Place::User),
        (Place::Data, b"organization") => Announced::Object(Place::Organization),
        _ => FIELDS
            .iter()
            .position(|(at, field)| *at == place && *field == name)
            .map_or(Announced::Nothing, Announced::Field),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn subject(data: &str) -> Option<String> {
        read(format!("{{\"data\":{data}}}").as_bytes()).unwrap().subject
    }

    #[test]
    fn the_fields_of_an_event_are_read() {
        let body = br#"{"spec_version":"1","id":"evt_1","type":"organization.directory.user_created","object":"DirectoryUser",
            "environment_id":"env_1","occurred_at":"2026-01-31T10:00:00.000000001Z","organization_id":"org_1",
            "data":{"id":"diruser_1","organization_id":"org_2","name":"Jane","groups":[{"id":"g","email":"no@example.com"}],
            "email":"jane@example.com","organization":null},"display_name":"User created"}"#;
        let expected = Envelope {
            event_id: Some("evt_1".into()),
            event_type: Some("organization.directory.user_created".into()),
            object: Some("DirectoryUser".into()),
            organization_id: Some("org_1".into()),
            subject: Some("jane@example.com".into()),
            ..Envelope::default()
        };
        assert_eq!(read(body), Some(expected));
    }

    #[test]
    fn an_interceptor_is_recognised_by_its_trigger_point() {
        for (trigger_point, context, subject, organization) in [
            ("PRE_SIGNUP", r#""user_id":"usr_1","user_email":"jo@example.com""#, Some("jo@example.com"), None),
            ("PRE_SESSION_CREATION", r#""user_id":"usr_1","organization_id":"org_1""#, Some("usr_1"), Some("org_1")),
            (
                "PRE_USER_INVITATION",
                r#""organization_id":"org_1","user_email":"jo@example.com""#,
                Some("jo@example.com"),
                Some("org_1"),
            ),
            (
                "PRE_M2M_TOKEN_CREATION",
                r#""client_id":"m2m_1","organization_id":"org_1""#,
                Some("m2m_1"),
                Some("org_1"),
            ),
            ("PRE_SIGNUP", r#""auth_request":{"organization_id":"org_2"}"#, None, None),
        ] {
            let body = format!(
                r#"{{"display_name":"Check","trigger_point":"{trigger_point}","interceptor_context":{{{context}}},"data":{{}}}}"#
            );
            let envelope = read(body.as_bytes()).unwrap();
            assert!(envelope.is_interceptor);
            assert_eq!(envelope.event_type.as_deref(), Some(trigger_point));
            assert_eq!((envelope.subject.as_deref(), envelope.organization_id.as_deref()), (subject, organization));
        }
    }

    #[test]
    fn a_trigger_event_is_recognised_by_its_shape() {
        let key = "k".repeat(300);
        for (body, event_type, event_id, subject) in [
            (
                r#"{"version":"1","trigger_type":"slack.message","dedupe_key":"dk_1","connected_account_id":"ca_1"}"#,
                Some("slack.message"),
                Some("dedupe_key:dk_1 ca_1"),
                Some("ca_1"),
            ),
            (
                r#"{"trigger_type":"a.b","dedupe_key":"dk_1","connected_account_id":"","resource_id":"r_1","id":"x"}"#,
                Some("a.b"),
                Some("dedupe_key:dk_1"),
                Some("r_1"),
            ),
            (r#"{"dedupe_key":"dk_1"}"#, None, Some("dedupe_key:dk_1"), None),
            (r#"{"trigger_type":"a.b"}"#, Some("a.b"), None, None),
        ] {
            let envelope = read(body.as_bytes()).unwrap();
            assert!(envelope.is_trigger && !envelope.is_interceptor, "{body}");
            assert_eq!(envelope.event_type.as_deref(), event_type, "{body}");
            assert_eq!((envelope.event_id.as_deref(), envelope.subject.as_deref()), (event_id, subject), "{body}");
        }
        let long = |end: &str| read(format!(r#"{{"trigger_type":"a","dedupe_key":"{key}{end}"}}"#).as_bytes()).unwrap();
        let [one, other] = ["1", "2"].map(|end| long(end).event_id.unwrap());
        assert!(one != other && one.len() < MAX_SUMMARY_TEXT && is_trigger_id(&one), "{one}");
        for body in [r#"{"type":"a","dedupe_key":"x"}"#, r#"{"trigger_point":"PRE_SIGNUP","trigger_type":"a"}"#] {
            assert!(!read(body.as_bytes()).unwrap().is_trigger, "{body}");
        }
    }

    #[test]
    fn the_form_of_a_logout_has_an_envelope() {
        let envelope = read(b"logout_token=e30.eyJzdWIiOiJ1c3JfMSJ9.c2ln").unwrap();
        assert_eq!((envelope.event_type.as_deref(), envelope.subject.as_deref()), (Some(LOGOUT_TYPE), Some("usr_1")));
        assert!(envelope.is_logout && !envelope.is_trigger);
    }

    #[test]
    fn the_subject_is_the_best_field_that_tells_events_apart() {
        for (data, expected) in [
            (
                r#"{"user":{"id":"usr_1","email":"a@example.com"},"organization":{"display_name":"Acme"}}"#,
                "a@example.com",
            ),
            (r#"{"id":"org_1","display_name":"Acme"}"#, "Acme"),
            (r#"{"id":"role_1","display_name":"Owner","name":"owner"}"#, "owner"),
            (r#"{"id":"dom_1","domain":"example.com"}"#, "example.com"),
            (r#"{"identifier":"jane","id":"ca_1"}"#, "jane"),
            (r#"{"id":"conn_1","provider":"OKTA"}"#, "conn_1"),
            (r#"{"user":{"id":"usr_1"},"session":{"id":"ses_1"}}"#, "usr_1"),
            (r#"{"email":"","user":{"email":null,"name":" "},"id":"x"}"#, "x"),
            (r#"{"email":7,"name":["a"],"domain":{"domain":"a"},"id":"x"}"#, "x"),
        ] {
            assert_eq!(subject(data).as_deref(), Some(expected), "{data}");
        }
        for data in ["{}", "null", "[{\"email\":\"a\"}]", "{\"other\":{\"email\":\"a\",\"user\":{\"email\":\"a\"}}}"] {
            assert_eq!(subject(data), None, "{data}");
        }
    }

    #[test]
    fn the_last_of_duplicate_keys_counts() {
        for (body, id, subject) in [
            (r#"{"id":"a","id":"b"}"#, Some("b"), None),
            (r#"{"id":"a","id":2}"#, None, None),
            (r#"{"id":"a","id":{"id":"c"}}"#, None, None),
            (r#"{"id":"a","\u0069d":"b"}"#, Some("b"), None),
            (r#"{"data":{"email":"a","user":{"email":"b"}},"data":{"name":"n"}}"#, None, Some("n")),
            (r#"{"data":{"email":"a"},"data":null}"#, None, None),
            (r#"{"data":{"user":{"email":"b"},"user":{},"id":"i"}}"#, None, Some("i")),
        ] {
            let envelope = read(body.as_bytes()).unwrap();
            assert_eq!((envelope.event_id.as_deref(), envelope.subject.as_deref()), (id, subject), "{body}");
        }
    }

    #[test]
    fn only_json_has_an_envelope() {
        for body in ["", "id=1", "{\"id\":\"a\"", "{\"id\":\"a\"} x", "\u{feff}{}", "{\"id\":\"a\",}"] {
            assert_eq!(read(body.as_bytes()), None, "{body}");
        }
        assert_eq!(read(b"{\"id\":\"\xff\"}"), None);
        for body in ["1", "null", "[{\"id\":\"a\"}]", "\"id\"", "{}", " {\"a\":{\"id\":\"a\"}} "] {
            assert_eq!(read(body.as_bytes()), Some(Envelope::default()), "{body}");
        }
    }

    #[test]
    fn fields_are_unescaped_and_truncated() {
        let id = "é".repeat(MAX_SUMMARY_TEXT);
        let envelope = read(format!(r#"{{"id":"{id}","type":"a\u002eb\n"}}"#).as_bytes()).unwrap();
        assert_eq!(envelope.event_id.as_deref(), Some(&id[..MAX_SUMMARY_TEXT]));
        assert_eq!(envelope.event_type.as_deref(), Some("a.b\n"));
    }

    #[test]
    fn deeply_nested_values_are_skipped() {
        let deep = "[".repeat(100_000) + &"]".repeat(100_000);
        let envelope =
            read(format!(r#"{{"a":{deep},"data":{{"user":{{"b":{deep},"email":"e"}}}},"id":"i"}}"#).as_bytes());
        let envelope = envelope.unwrap();
        assert_eq!((envelope.event_id.as_deref(), envelope.subject.as_deref()), (Some("i"), Some("e")));
    }

    #[test]
    fn fields_agree_with_serde_json() {
        let value = json!({"id": "evt \u{1f600}\"", "type": "t", "object": null, "organization_id": "o/\\", "data": {"email": "x"}});
        let envelope = read(value.to_string().as_bytes()).unwrap();
        assert_eq!(envelope.event_id.as_deref(), value["id"].as_str());
        assert_eq!(envelope.organization_id.as_deref(), value["organization_id"].as_str());
        assert_eq!(envelope.object, None);
    }
}
