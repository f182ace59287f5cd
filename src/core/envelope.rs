//! Reads Scalekit's envelope from a body in one pass over its tokens: the fields that the list shows.
//!
//! This runs for every request before hookglass responds. So it copies only the fields it returns, and only validates
//! what is nested deeper than those.

use super::json::{TokenKind, scan, unescape, unescape_prefix};
use super::signature::Scheme;
use std::ops::Range;

/// Most bytes of a field in a summary. The full text is in the body or the head.
pub const MAX_SUMMARY_TEXT: usize = 256;

/// Scalekit's envelope, as read from the body. Each field is truncated to [`MAX_SUMMARY_TEXT`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Envelope {
    /// `id` in the body, `evt_…`; not the `webhook-id` header.
    pub event_id: Option<String>,
    /// `type`, or the `trigger_point` of an interceptor.
    pub event_type: Option<String>,
    pub object: Option<String>,
    pub organization_id: Option<String>,
    /// What tells events of one type apart: an email address, a name, an id.
    pub subject: Option<String>,
    /// Whether the body has a `trigger_point`, so the sender waits for a decision.
    pub is_interceptor: bool,
}

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
const FIELDS: [(Place, &[u8]); 33] = [
    (Place::Root, b"id"),
    (Place::Root, b"type"),
    (Place::Root, b"trigger_point"),
    (Place::Root, b"object"),
    (Place::Root, b"organization_id"),
    (Place::Context, b"organization_id"),
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
];
const ID: usize = 0;
const TYPE: usize = 1;
const TRIGGER_POINT: usize = 2;
const OBJECT: usize = 3;
const ORGANIZATION_ID: usize = 4;
const CONTEXT_ORGANIZATION_ID: usize = 5;
const SUBJECTS: usize = 6;

/// The longest token that can be one of these keys, with every character escaped as `\uXXXX`.
const MAX_KEY_BYTES: usize = 2 + 6 * "preferred_username".len();

/// The headers to sign a request like this one with: [`Scheme::Webhook`] or [`Scheme::Interceptor`]. `scheme` is that
/// of the received request; if no SDK reads it, the body decides.
pub(crate) fn family_of(scheme: Scheme, body: &[u8]) -> Scheme {
    match scheme {
        Scheme::Webhook | Scheme::Interceptor => scheme,
        _ if read(body).is_some_and(|envelope| envelope.is_interceptor) => Scheme::Interceptor,
        _ => Scheme::Webhook,
    }
}

/// The envelope in `body`: empty if it is JSON but not an object, `None` if it is not JSON. Of duplicate keys the last
/// counts, as in `JSON.parse`. A value that is not a string is ignored.
pub fn read(body: &[u8]) -> Option<Envelope> {
    let mut reader = Reader::default();
    for token in scan(body) {
        let token = token.ok()?;
        reader.take(body, token.kind, token.range);
    }
    let text = |field: usize| {
        let range = reader.found[field].clone()?;
        Some(unescape_prefix(&body[range], MAX_SUMMARY_TEXT))
    };
    let trigger_point = text(TRIGGER_POINT);
    Some(Envelope {
        event_id: text(ID),
        is_interceptor: trigger_point.is_some(),
        event_type: text(TYPE).or(trigger_point),
        object: text(OBJECT),
        organization_id: text(ORGANIZATION_ID).or_else(|| text(CONTEXT_ORGANIZATION_ID)),
        subject: (SUBJECTS..FIELDS.len()).find_map(|field| text(field).filter(|subject| !subject.trim().is_empty())),
    })
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
            is_interceptor: false,
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
    fn the_body_decides_on_the_headers_if_no_sdk_reads_the_received_ones() {
        for (scheme, body, family) in [
            (Scheme::Interceptor, "{}", Scheme::Interceptor),
            (Scheme::Webhook, r#"{"trigger_point":"PRE_SIGNUP"}"#, Scheme::Webhook),
            (Scheme::None, r#"{"trigger_point":"PRE_SIGNUP"}"#, Scheme::Interceptor),
            (Scheme::Svix, r#"{"type":"user.login"}"#, Scheme::Webhook),
            (Scheme::None, "no JSON", Scheme::Webhook),
        ] {
            assert_eq!(family_of(scheme, body.as_bytes()), family, "{scheme} {body}");
        }
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
