//! Sample events, to try hookglass and handlers without a Scalekit account. They describe made-up people at example.com.

use super::catalog;
use super::data::{EventType, Field, Kind};
use crate::core::event::{Arrival, Event};
use crate::core::request::Head;
use crate::core::signature::{Scheme, Verdict, Verification};
use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use serde::{Serialize, Serializer};
use serde_json::Value;
use std::collections::BTreeMap;

const PEOPLE: [(&str, &str); 8] = [
    ("Jane", "Doe"),
    ("Amara", "Okafor"),
    ("Mateo", "Silva"),
    ("Yuki", "Tanaka"),
    ("Lena", "Novak"),
    ("Idris", "Khan"),
    ("Freya", "Lund"),
    ("Tomas", "Berg"),
];

/// The types of the life of a directory: of its users, its groups and itself.
#[derive(Clone, Copy, Debug)]
pub struct Life {
    pub created: &'static EventType,
    pub updated: &'static EventType,
    pub deleted: &'static EventType,
    pub group_created: &'static EventType,
    pub group_deleted: &'static EventType,
    pub enabled: &'static EventType,
}

impl Life {
    /// With the legacy names if `event_type` is one of them, otherwise with the names in the API description.
    pub fn like(event_type: &str) -> Self {
        let names = if event_type.starts_with("scalekit.dir.") {
            [
                "scalekit.dir.user.create",
                "scalekit.dir.user.update",
                "scalekit.dir.user.delete",
                "scalekit.dir.group.create",
                "scalekit.dir.group.delete",
                "scalekit.dir.sync.enable",
            ]
        } else {
            [
                "organization.directory.user_created",
                "organization.directory.user_updated",
                "organization.directory.user_deleted",
                "organization.directory.group_created",
                "organization.directory.group_deleted",
                "organization.directory_enabled",
            ]
        };
        let [created, updated, deleted, group_created, group_deleted, enabled] =
            names.map(|name| catalog().find(name).expect("the catalog has the life of a directory"));
        Self { created, updated, deleted, group_created, group_deleted, enabled }
    }
}

/// The values that differ from one sample to the next.
#[derive(Clone, Copy, Debug)]
pub struct SampleFacts {
    pub occurred_at: Timestamp,
    /// Any number. It determines the ids and the person, so samples of several types with the same number are events of
    /// one person.
    pub number: u64,
}

impl SampleFacts {
    /// Those of samples that must always be the same. They occur at 2026-01-01T10:00:00Z.
    pub const FIXED: Self = Self { occurred_at: Timestamp::constant(1_767_261_600, 0), number: 1 };

    /// What the words in braces of the catalog's samples stand for.
    fn values(self, event: &EventType) -> BTreeMap<String, String> {
        let (given, family) = PEOPLE[(self.number % PEOPLE.len() as u64) as usize];
        let id = |prefix: &str| format!("{prefix}_{:018}", self.number % 1_000_000_000_000_000_000);
        // Events of one person still need ids of their own.
        let place = catalog().events().iter().position(|other| other.name == event.name).unwrap_or_default();
        let after =
            |hours| self.occurred_at.saturating_add(SignedDuration::from_hours(hours)).unwrap_or(self.occurred_at);
        let own = event.values.iter().map(|(name, value)| (name.clone(), value.clone()));
        let values = [
            ("type", event.name.clone()),
            ("object", event.object.clone()),
            ("title", event.title.clone()),
            ("event_id", format!("evt_{place:02}{:016}", self.number % 10_000_000_000_000_000)),
            ("user_id", id("usr")),
            ("profile_id", id("usp")),
            ("directory_user_id", id("diruser")),
            ("session_id", id("ses")),
            ("account_id", id("ca")),
            ("person", (self.number % PEOPLE.len() as u64 + 1).to_string()),
            ("organization_id", "org_100000000000000001".to_owned()),
            ("environment_id", "env_100000000000000001".to_owned()),
            ("directory_id", "dir_100000000000000001".to_owned()),
            ("group_id", "dirgroup_100000000000000001".to_owned()),
            ("domain_id", "dom_100000000000000001".to_owned()),
            ("connection_id", "conn_100000000000000001".to_owned()),
            ("role_id", "role_100000000000000001".to_owned()),
            ("permission_id", "perm_100000000000000001".to_owned()),
            ("subscription_id", "sub_100000000000000001".to_owned()),
            ("client_id", "m2morg_100000000000000001".to_owned()),
            ("occurred_at", self.occurred_at.to_string()),
            ("created_at", after(-24).to_string()),
            ("expires_at", after(24 * 30).to_string()),
            ("number", (self.number % 10_000).to_string()),
            ("given", given.to_owned()),
            ("family", family.to_owned()),
            ("given_lower", given.to_lowercase()),
            ("email", format!("{}@example.com", given.to_lowercase())),
        ];
        values.map(|(name, value)| (name.to_owned(), value)).into_iter().chain(own).collect()
    }
}

impl EventType {
    /// Which headers carry the signature: [`Scheme::Webhook`] or [`Scheme::Interceptor`].
    pub fn scheme(&self) -> Scheme {
        self.family.scheme()
    }

    /// An event of which `body` is the body, in headers such as the provider's. It is not signed yet.
    pub fn event(&self, body: Bytes, at: Timestamp) -> Event {
        const HEAD: &str = concat!(
            "POST / HTTP/1.1\r\ncontent-type: application/json\r\nuser-agent: hookglass/",
            env!("CARGO_PKG_VERSION"),
            "\r\n\r\n"
        );
        let head = Head::parse(HEAD.as_bytes()).expect("the head is well formed");
        let (verdict, scheme) = (Verdict::Unsigned, self.scheme());
        let verification = Verification { verdict, scheme, reason: None, secret: None };
        Event::unstored(Arrival { received_at: at, head, body }, verification)
    }

    /// The body of a sample: compact JSON, as Scalekit sends it. The same facts give the same bytes.
    pub fn sample(&self, facts: SampleFacts) -> Vec<u8> {
        let values = facts.values(self);
        let mut body = Node::Object(Vec::new());
        for (path, field) in catalog().fields(self) {
            body.put(&path, field, &values);
        }
        serde_json::to_vec(&body).expect("a sample has texts for keys")
    }
}

/// A JSON value whose members keep their order.
#[derive(Serialize)]
#[serde(untagged)]
enum Node {
    Value(Value),
    #[serde(serialize_with = "as_object")]
    Object(Vec<(String, Self)>),
    Array(Vec<Self>),
}

fn as_object<S: Serializer>(members: &[(String, Node)], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(members.iter().map(|(name, value)| (name, value)))
}

impl Node {
    /// Adds the sample of `field`, if it has one. Objects and arrays are added empty.
    fn put(&mut self, path: &str, field: &Field, values: &BTreeMap<String, String>) {
        let value = match (&field.sample, field.kind) {
            (Some(sample), kind) => Self::Value(filled(sample, kind, values)),
            (None, _) if field.null => Self::Value(Value::Null),
            (None, Kind::Array) => Self::Array(Vec::new()),
            (None, Kind::Object | Kind::Any) => Self::Object(Vec::new()),
            (None, _) => return,
        };
        self.insert(path, value);
    }

    fn insert(&mut self, path: &str, value: Self) {
        let Self::Object(members) = self else { unreachable!("a path leads through objects") };
        let Some((key, rest)) = path.split_once('.') else {
            members.push((path.to_owned(), value));
            return;
        };
        let key = key.trim_end_matches("[]");
        let holder = members.iter_mut().find(|(name, _)| name == key);
        match &mut holder.expect("a field follows what it lies in").1 {
            Self::Array(items) => {
                if items.is_empty() {
                    items.push(Self::Object(Vec::new()));
                }
                items[0].insert(rest, value);
            }
            object => object.insert(rest, value),
        }
    }
}

/// A sample value with its words in braces replaced.
fn filled(sample: &toml::Value, kind: Kind, values: &BTreeMap<String, String>) -> Value {
    match sample {
        toml::Value::String(text) => {
            let text = with_values(text, values);
            if kind == Kind::Boolean { Value::Bool(text == "true") } else { Value::String(text) }
        }
        toml::Value::Array(items) => items.iter().map(|item| filled(item, Kind::String, values)).collect(),
        toml::Value::Boolean(value) => Value::Bool(*value),
        toml::Value::Integer(value) => Value::from(*value),
        other => unreachable!("no sample is {other:?}"),
    }
}

/// `text` with the value of each `{name}` in its place.
fn with_values(text: &str, values: &BTreeMap<String, String>) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        filled += before;
        rest = match after.split_once('}').and_then(|(name, after)| Some((values.get(name)?, after))) {
            Some((value, after)) => {
                filled += value;
                after
            }
            None => {
                filled.push('{');
                after
            }
        };
    }
    filled + rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::catalog::Family;
    use crate::core::envelope;
    use crate::core::json;

    fn sample(event: &EventType, number: u64) -> String {
        String::from_utf8(event.sample(SampleFacts { occurred_at: Timestamp::UNIX_EPOCH, number })).unwrap()
    }

    #[test]
    fn every_type_has_a_complete_compact_sample() {
        for event in catalog().events() {
            let text = sample(event, u64::MAX);
            assert!(!text.contains(['{', '}']) || !text.contains("\"{"), "a word is not filled in: {text}");
            assert_eq!(json::compact(text.as_bytes()).unwrap(), text.as_bytes());
            let envelope = envelope::read(text.as_bytes()).expect("a sample is JSON");
            assert_eq!(envelope.is_interceptor, event.family == Family::Interceptor, "{text}");
            if event.family != Family::Trigger {
                assert_eq!(envelope.event_type.as_deref(), Some(event.name.as_str()));
            }
            let value: Value = serde_json::from_str(&text).unwrap();
            let has_organization = value.get("organization_id").is_some();
            assert_eq!(has_organization, event.family == Family::Webhook && event.organization, "{text}");
        }
    }

    #[test]
    fn required_fields_are_in_the_sample_with_values_of_their_kind() {
        for event in catalog().events() {
            let value: Value = serde_json::from_str(&sample(event, 1)).unwrap();
            for (path, field) in catalog().fields(event) {
                let pointer = format!("/{}", path.replace("[].", "/0/").replace('.', "/"));
                let Some(value) = value.pointer(&pointer) else {
                    assert!(!field.required, "{}: {path}", event.name);
                    continue;
                };
                let is_right = match field.kind {
                    Kind::Any => true,
                    Kind::Object => value.is_object(),
                    Kind::Array => value.is_array(),
                    Kind::Boolean => value.is_boolean(),
                    Kind::Number => value.is_number(),
                    Kind::Time => value.as_str().is_some_and(|text| text.parse::<Timestamp>().is_ok()),
                    _ => value.is_string(),
                };
                let text = value.as_str().unwrap_or_default();
                assert!(is_right || field.null && value.is_null(), "{}: {path}: {value}", event.name);
                assert!(field.one_of.is_empty() || field.one_of.iter().any(|one| one == text), "{path}: {text}");
                assert!(field.prefix.as_ref().is_none_or(|prefix| text.starts_with(prefix)), "{path}: {text}");
            }
        }
    }

    #[derive(serde::Deserialize)]
    struct Sent {
        id: String,
        data: User,
    }

    #[derive(serde::Deserialize)]
    struct User {
        id: String,
        email: String,
    }

    #[test]
    fn the_events_of_a_life_have_one_person_and_different_ids() {
        for (like, first) in
            [("scalekit.dir.group.create", "scalekit.dir.user.create"), ("", "organization.directory.user_created")]
        {
            let Life { created, updated, deleted, .. } = Life::like(like);
            assert_eq!(created.name, first);
            let events: [Sent; 3] =
                [created, updated, deleted].map(|event| serde_json::from_str(&sample(event, 7)).unwrap());
            let [created, updated, deleted] = &events;
            assert!(created.data.id.starts_with("diruser_"), "{}", created.data.id);
            for other in [updated, deleted] {
                assert_eq!((&created.data.id, &created.data.email), (&other.data.id, &other.data.email));
            }
            assert!(created.id != updated.id && updated.id != deleted.id && created.id != deleted.id);
        }
    }

    #[test]
    fn the_number_alone_tells_samples_of_one_type_apart() {
        let event = catalog().find("user.signup").unwrap();
        assert_eq!(sample(event, 1), sample(event, 1));
        assert_ne!(sample(event, 1), sample(event, 2));
    }
}
