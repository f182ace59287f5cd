//! Sample events, to try hookglass without a Scalekit account. The templates describe made-up people at example.com.

use crate::core::event::{Arrival, Event};
use crate::core::json;
use crate::core::provider::is_trigger_point;
use crate::core::request::Head;
use crate::core::signature::{Scheme, Verdict, Verification};
use bytes::Bytes;
use jiff::Timestamp;

/// A sample of one event type, or of one interceptor trigger point.
#[derive(Clone, Copy, Debug)]
pub struct Sample {
    pub event_type: &'static str,
    template: &'static str,
}

/// All samples.
pub const SAMPLES: [Sample; 9] = [
    Sample {
        event_type: "organization.directory.user_created",
        template: include_str!("../../../assets/samples/organization.directory.user_created.json"),
    },
    Sample { event_type: "user.signup", template: include_str!("../../../assets/samples/user.signup.json") },
    Sample {
        event_type: "scalekit.dir.user.create",
        template: include_str!("../../../assets/samples/scalekit.dir.user.create.json"),
    },
    Sample {
        event_type: "organization.directory.user_updated",
        template: include_str!("../../../assets/samples/organization.directory.user_updated.json"),
    },
    Sample {
        event_type: "organization.directory.user_deleted",
        template: include_str!("../../../assets/samples/organization.directory.user_deleted.json"),
    },
    Sample {
        event_type: "scalekit.dir.user.update",
        template: include_str!("../../../assets/samples/scalekit.dir.user.update.json"),
    },
    Sample {
        event_type: "scalekit.dir.user.delete",
        template: include_str!("../../../assets/samples/scalekit.dir.user.delete.json"),
    },
    Sample { event_type: "user.login", template: include_str!("../../../assets/samples/user.login.json") },
    Sample { event_type: "PRE_SIGNUP", template: include_str!("../../../assets/samples/PRE_SIGNUP.json") },
];

/// The samples of a directory user's life cycle.
#[derive(Clone, Copy, Debug)]
pub struct Life {
    pub created: &'static Sample,
    pub updated: &'static Sample,
    pub deleted: &'static Sample,
}

impl Life {
    /// With the legacy names if `event_type` is one of them, otherwise with the names in the API description.
    pub fn like(event_type: &str) -> Self {
        let [created, updated, deleted] = if event_type.starts_with("scalekit.dir.") {
            ["scalekit.dir.user.create", "scalekit.dir.user.update", "scalekit.dir.user.delete"]
        } else {
            [
                "organization.directory.user_created",
                "organization.directory.user_updated",
                "organization.directory.user_deleted",
            ]
        }
        .map(|event_type| Sample::find(event_type).expect("there is a sample of each type"));
        Self { created, updated, deleted }
    }
}

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

/// The values that differ from one sample to the next.
#[derive(Clone, Copy, Debug)]
pub struct SampleFacts {
    pub occurred_at: Timestamp,
    /// Any number. It determines the ids and the person, so samples of several types with the same number are events of
    /// one person.
    pub number: u64,
}

impl Sample {
    pub fn find(event_type: &str) -> Option<&'static Self> {
        SAMPLES.iter().find(|sample| sample.event_type == event_type)
    }

    /// The sample whose type looks most like `event_type`, if one looks like it at all.
    pub fn nearest(event_type: &str) -> Option<&'static Self> {
        let distance = |sample: &&Self| strsim::osa_distance(sample.event_type, event_type);
        SAMPLES.iter().min_by_key(distance).filter(|sample| distance(sample) <= (event_type.len() / 3).max(1))
    }

    /// Which headers carry the signature: [`Scheme::Webhook`] or [`Scheme::Interceptor`].
    pub fn family(&self) -> Scheme {
        if is_trigger_point(self.event_type) { Scheme::Interceptor } else { Scheme::Webhook }
    }

    /// An event of which `body` is the body, in headers such as the provider's. It is not signed yet.
    pub fn event(&self, body: Bytes, at: Timestamp) -> Event {
        const HEAD: &str = concat!(
            "POST / HTTP/1.1\r\ncontent-type: application/json\r\nuser-agent: hookglass/",
            env!("CARGO_PKG_VERSION"),
            "\r\n\r\n"
        );
        let head = Head::parse(HEAD.as_bytes()).expect("the head is well formed");
        let (verdict, scheme) = (Verdict::Unsigned, self.family());
        let verification = Verification { verdict, scheme, reason: None, secret: None };
        Event::unstored(Arrival { received_at: at, head, body }, verification)
    }

    /// The body, compact, as Scalekit sends it.
    pub fn body(&self, facts: SampleFacts) -> Vec<u8> {
        let (given, family) = PEOPLE[(facts.number % PEOPLE.len() as u64) as usize];
        let id = |prefix: &str| format!("{prefix}_{:018}", facts.number % 1_000_000_000_000_000_000);
        // Events of one person still need ids of their own.
        let place = SAMPLES.iter().position(|sample| sample.event_type == self.event_type).unwrap_or(SAMPLES.len());
        let values = [
            ("event_id", format!("evt_{place:02}{:016}", facts.number % 10_000_000_000_000_000)),
            ("user_id", id("usr")),
            ("directory_user_id", id("diruser")),
            ("session_id", id("ses")),
            ("person", (facts.number % PEOPLE.len() as u64 + 1).to_string()),
            ("organization_id", "org_100000000000000001".to_owned()),
            ("environment_id", "env_100000000000000001".to_owned()),
            ("directory_id", "dir_100000000000000001".to_owned()),
            ("group_id", "dirgroup_100000000000000001".to_owned()),
            ("occurred_at", facts.occurred_at.to_string()),
            ("number", (facts.number % 10_000).to_string()),
            ("given", given.to_owned()),
            ("family", family.to_owned()),
            ("given_lower", given.to_lowercase()),
            ("family_lower", family.to_lowercase()),
        ];
        let filled = values
            .iter()
            .fold(self.template.to_owned(), |text, (name, value)| text.replace(&format!("{{{{{name}}}}}"), value));
        json::compact(filled.as_bytes()).expect("a sample is JSON")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::envelope;

    #[test]
    fn every_sample_is_complete_json_of_its_type() {
        for sample in &SAMPLES {
            let body = sample.body(SampleFacts { occurred_at: Timestamp::UNIX_EPOCH, number: u64::MAX });
            let envelope = envelope::read(&body).expect("a sample is JSON");
            assert_eq!(envelope.event_type.as_deref(), Some(sample.event_type));
            assert_eq!(envelope.is_interceptor, sample.family() == Scheme::Interceptor);
            assert!(envelope.subject.is_some_and(|subject| subject.ends_with("@example.com")), "{}", sample.event_type);
            let text = String::from_utf8(body).expect("a sample is UTF-8");
            assert!(!text.contains("{{"), "{text}");
            assert!(!text.contains(": "), "{text}");
        }
    }

    #[derive(serde::Deserialize)]
    struct Event {
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
        let facts = SampleFacts { occurred_at: Timestamp::UNIX_EPOCH, number: 7 };
        for (like, first) in [("scalekit.dir.group.create", "scalekit.dir.user.create"), ("", SAMPLES[0].event_type)] {
            let Life { created, updated, deleted } = Life::like(like);
            assert_eq!(created.event_type, first);
            let events: [Event; 3] = [created, updated, deleted]
                .map(|sample| serde_json::from_str(&String::from_utf8(sample.body(facts)).unwrap()).unwrap());
            let [created, updated, deleted] = &events;
            assert!(created.data.id.starts_with("diruser_"), "{}", created.data.id);
            for other in [updated, deleted] {
                assert_eq!((&created.data.id, &created.data.email), (&other.data.id, &other.data.email));
            }
            assert!(created.id != updated.id && updated.id != deleted.id && created.id != deleted.id);
        }
    }

    #[test]
    fn different_numbers_give_different_events() {
        let body = |number| SAMPLES[0].body(SampleFacts { occurred_at: Timestamp::UNIX_EPOCH, number });
        assert_ne!(body(1), body(2));
    }
}
