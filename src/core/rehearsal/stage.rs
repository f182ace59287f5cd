//! Makes the requests of each rehearsal.

use super::kind::{Group, Rehearsal};
use super::original::Original;
use super::signer::Signer;
use super::tamper::tampered;
use super::unusual;
use crate::core::catalog::{EventType, Life, SampleFacts, catalog};
use crate::core::delivery::{DELIVERY_HEADER, Manner, Outgoing};
use crate::core::random::Random;
use crate::core::signature::{Part, Secret, sign};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};

/// How far the expired and the future timestamp are from now, in seconds. It is a minute more than the SDKs' 300 s, so that a small
/// difference between clocks does not matter.
const OUT_OF_WINDOW_S: i64 = 360;
const TIMES: i64 = 10;
/// The members of the group that is deleted.
const MEMBERS: usize = 8;
const SYNCED_GROUPS: usize = 2;
const SYNCED_USERS: usize = 12;

/// One request of a rehearsal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Staged {
    /// What the request is, as a noun phrase for a sentence.
    pub what: String,
    pub outgoing: Outgoing,
}

/// The requests of `rehearsal` in the order to send them. `random` decides their ids, and the person that a sample is about.
pub(crate) fn stage(
    rehearsal: Rehearsal,
    original: &Original,
    signer: &Signer,
    now: Timestamp,
    random: &mut impl Random,
) -> Vec<Staged> {
    let number = random.number();
    let body = match rehearsal.trigger_point().filter(|point| original.event_type().as_deref() != Some(*point)) {
        Some(point) => sample(point, now, number),
        None => original.body(now, number),
    };
    let take = Take { original, now_s: now.as_second(), body, id: random.event_id() };
    match rehearsal.group() {
        Group::Time | Group::Forgeries => forged(rehearsal, &take, signer, random),
        Group::Content => vec![with_unusual_content(rehearsal, &take, signer, now, number)],
        Group::Headers => with_unusual_headers(rehearsal, &take, signer, random),
        Group::Repeats => repeated(rehearsal, &take, signer, now, number, random),
        Group::Bursts => burst(rehearsal, &take, signer, now, number, random),
        Group::Control => vec![take.signed("a valid event", &signer.secret)],
        Group::TriggerEvents if rehearsal == Rehearsal::SameKey => under_two_ids(&take, signer, random),
        Group::TriggerEvents => vec![with_unusual_content(rehearsal, &take, signer, now, number)],
        Group::TriggerPoints => vec![take.signed(&format!("a `{}` request", rehearsal.title()), &signer.secret)],
    }
}

impl Rehearsal {
    /// How many requests it sends.
    pub(crate) fn requests(self) -> usize {
        match self {
            Self::MissingHeader => Part::ALL.len(),
            Self::HeaderCase | Self::TwoSignatures | Self::TwiceAtOnce | Self::SameKey => 2,
            Self::OutOfOrder | Self::LateUpdate => 3,
            Self::TenTimes => TIMES as usize,
            Self::GroupDeletion => 1 + MEMBERS,
            Self::FirstSync => 1 + SYNCED_GROUPS + SYNCED_USERS,
            _ => 1,
        }
    }
}

/// Requests that must be rejected.
fn forged(rehearsal: Rehearsal, take: &Take<'_>, signer: &Signer, random: &mut impl Random) -> Vec<Staged> {
    let secret = &signer.secret;
    let valid = |what: &str| take.signed(what, secret);
    let with_signature = |what, entry: &str| take.with_parts(what, &take.id, take.now_s, entry);
    let signature = take.signature(secret);
    vec![match rehearsal {
        Rehearsal::Expired => take.later(-OUT_OF_WINDOW_S).signed("an event signed 6 minutes ago", secret),
        Rehearsal::Future => take.later(OUT_OF_WINDOW_S).signed("an event with a timestamp 6 minutes ahead", secret),
        Rehearsal::Tampered => {
            let mut staged = valid("an event changed after signing");
            staged.outgoing.body = tampered(&take.body);
            staged
        }
        Rehearsal::WrongKey => take.signed("an event signed with another secret", &another(random)),
        Rehearsal::MissingHeader => {
            let without = |part| {
                let name = take.header(part);
                let mut staged = valid(&format!("an event without `{name}`"));
                staged.outgoing.headers.retain(|(other, _)| other != name.as_bytes());
                staged
            };
            return Part::ALL.map(without).to_vec();
        }
        Rehearsal::EmptyEntry => with_signature("an event with an empty signature", "v1,"),
        Rehearsal::CutSignature => {
            with_signature("an event with half of its signature", &signature[..signature.len().div_ceil(2)])
        }
        Rehearsal::OtherId => take.with_parts(
            "an event under another id than it was signed with",
            &random.event_id(),
            take.now_s,
            &signature,
        ),
        Rehearsal::OtherTime => {
            let earlier = take.later(-60).signature(secret);
            with_signature("an event under another timestamp than it was signed with", &earlier)
        }
        Rehearsal::Borrowed => {
            let mut staged = Take { body: tampered(&take.body), ..take.clone() }
                .signed("an event with the signature of another one", secret);
            staged.outgoing.body = take.body.clone();
            staged
        }
        Rehearsal::V1aOnly => with_signature("an event with a `v1a` signature only", &v1a(random)),
        _ => take.staged("an event without signature headers", Vec::new()),
    }]
}

fn with_unusual_content(rehearsal: Rehearsal, take: &Take<'_>, signer: &Signer, now: Timestamp, number: u64) -> Staged {
    let instead = || {
        let family = take.original.family();
        let of_family = catalog().events().iter().find(|event_type| event_type.family == family);
        let base = filled(of_family.expect("the catalog has samples of each family"), now, number);
        unusual::body(rehearsal, &base).expect("a sample is a JSON object")
    };
    let body = unusual::body(rehearsal, &take.body).unwrap_or_else(instead);
    let what = match rehearsal {
        Rehearsal::NonAscii => "a valid event with `ë`, an emoji and U+2028",
        Rehearsal::Escapes => r"a valid event with `\u00eb` and `\/`",
        Rehearsal::Numbers => "a valid event with `1.0`, `1e2` and a number of 20 digits",
        Rehearsal::Layout => "a valid event with spaces before its colons and commas",
        Rehearsal::Padded => "a valid event with white space around its JSON",
        Rehearsal::Large => "a valid event of 900 KB",
        Rehearsal::UnknownType => "a valid event of an unknown type",
        Rehearsal::ByReference => "a valid trigger event without its payload",
        Rehearsal::NewValues => "a valid trigger event with unknown values",
        _ => "a valid event with `null` and extra fields",
    };
    Take { body, ..take.clone() }.signed(what, &signer.secret)
}

fn under_two_ids(take: &Take<'_>, signer: &Signer, random: &mut impl Random) -> Vec<Staged> {
    let again = Take { id: random.event_id(), ..take.clone() };
    vec![
        take.signed("a trigger event", &signer.secret),
        again.signed("the same trigger event under another `webhook-id`", &signer.secret),
    ]
}

fn with_unusual_headers(
    rehearsal: Rehearsal,
    take: &Take<'_>,
    signer: &Signer,
    random: &mut impl Random,
) -> Vec<Staged> {
    let signature = take.signature(&signer.secret);
    let with_signature = |what, entries: String| take.with_parts(what, &take.id, take.now_s, &entries);
    match rehearsal {
        Rehearsal::V1aBeside => {
            vec![with_signature(
                "a valid event with a `v1a` entry before the `v1` one",
                format!("{} {signature}", v1a(random)),
            )]
        }
        Rehearsal::HeaderCase => {
            let cased = |what: &str, cased: fn(&[u8]) -> Vec<u8>| {
                let mut staged = take.signed(what, &signer.secret);
                for (name, _) in &mut staged.outgoing.headers {
                    *name = cased(name);
                }
                staged
            };
            vec![
                cased("a valid event with Title-Case header names", title_case),
                cased("a valid event with upper-case header names", <[u8]>::to_ascii_uppercase),
            ]
        }
        Rehearsal::OtherSecret => {
            let other = signer.other.as_ref().unwrap_or(&signer.secret);
            vec![take.signed(&format!("an event signed with `{}` alone", other.label()), other)]
        }
        _ => {
            let other = take.signature(&signer.other.clone().unwrap_or_else(|| another(random)));
            vec![
                with_signature("a valid event with its right signature first", format!("{signature} {other}")),
                with_signature("a valid event with its right signature second", format!("{other} {signature}")),
            ]
        }
    }
}

fn repeated(
    rehearsal: Rehearsal,
    take: &Take<'_>,
    signer: &Signer,
    now: Timestamp,
    number: u64,
    random: &mut impl Random,
) -> Vec<Staged> {
    let secret = &signer.secret;
    let life = Life::like(take.original.event_type().as_deref().unwrap_or_default());
    let mut event = |what, event_type: &EventType, age_s| {
        let occurred_at = now.saturating_sub(SignedDuration::from_secs(age_s)).unwrap_or(now);
        let body = event_type.sample(SampleFacts { occurred_at, number }).into();
        Take { body, id: random.event_id(), ..take.clone() }.signed(what, secret)
    };
    match rehearsal {
        Rehearsal::TwiceAtOnce => {
            ["the first of two simultaneous deliveries", "the second of two simultaneous deliveries"]
                .map(|what| take.signed(what, secret))
                .to_vec()
        }
        Rehearsal::TenTimes => {
            // Each retry has its own timestamp.
            let attempt = |place| take.later(place - TIMES).signed(&format!("delivery {place} of {TIMES}"), secret);
            (1..=TIMES).map(attempt).collect()
        }
        Rehearsal::OutOfOrder => vec![
            event("the update before the creation", life.updated, 2),
            event("the deletion before the creation", life.deleted, 1),
            event("the creation after the deletion", life.created, 3),
        ],
        _ => vec![
            event("the creation", life.created, 3),
            event("the deletion", life.deleted, 1),
            event("the update after the deletion", life.updated, 2),
        ],
    }
}

/// Events that the provider sends at once. Each is about another object.
fn burst(
    rehearsal: Rehearsal,
    take: &Take<'_>,
    signer: &Signer,
    now: Timestamp,
    number: u64,
    random: &mut impl Random,
) -> Vec<Staged> {
    let life = Life::like(take.original.event_type().as_deref().unwrap_or_default());
    let events: Vec<_> = match rehearsal {
        Rehearsal::GroupDeletion => {
            std::iter::once(life.group_deleted).chain(std::iter::repeat_n(life.updated, MEMBERS)).collect()
        }
        _ => std::iter::once(life.enabled)
            .chain(std::iter::repeat_n(life.group_created, SYNCED_GROUPS))
            .chain(std::iter::repeat_n(life.created, SYNCED_USERS))
            .collect(),
    };
    let count = events.len();
    (1..)
        .zip(events)
        .map(|(place, event_type)| {
            let facts = SampleFacts { occurred_at: now, number: number.wrapping_add(place) };
            let body = event_type.sample(facts).into();
            let what = format!("event {place} of {count} at once, `{}`", event_type.name);
            Take { body, id: random.event_id(), ..take.clone() }.signed(&what, &signer.secret)
        })
        .collect()
}

fn sample(name: &str, now: Timestamp, number: u64) -> Bytes {
    filled(catalog().find(name).expect("the catalog has it"), now, number)
}

fn filled(event_type: &EventType, now: Timestamp, number: u64) -> Bytes {
    event_type.sample(SampleFacts { occurred_at: now, number }).into()
}

/// `webhook-id` becomes `Webhook-Id`.
fn title_case(name: &[u8]) -> Vec<u8> {
    let mut name = name.to_ascii_lowercase();
    for part in name.split_mut(|byte| *byte == b'-') {
        if let Some(first) = part.first_mut() {
            first.make_ascii_uppercase();
        }
    }
    name
}

/// A well-formed entry of the version with asymmetric keys: 64 bytes.
fn v1a(random: &mut impl Random) -> String {
    let mut signature = [0; 64];
    random.fill(&mut signature);
    format!("v1a,{}", STANDARD.encode(signature))
}

/// What the requests of one rehearsal share.
#[derive(Clone)]
struct Take<'a> {
    original: &'a Original,
    /// Unix seconds.
    now_s: i64,
    body: Bytes,
    id: String,
}

impl Take<'_> {
    /// The same, signed `by_s` seconds later.
    fn later(&self, by_s: i64) -> Self {
        Self { now_s: self.now_s.saturating_add(by_s), ..self.clone() }
    }

    fn header(&self, part: Part) -> &'static str {
        self.original.scheme().header(part).expect("a family has a header for each part")
    }

    fn signature(&self, secret: &Secret) -> String {
        sign(secret, self.id.as_bytes(), self.now_s, &self.body).expect("a signer has a key")
    }

    fn signed(&self, what: &str, secret: &Secret) -> Staged {
        self.with_parts(what, &self.id, self.now_s, &self.signature(secret))
    }

    fn with_parts(&self, what: &str, id: &str, timestamp_s: i64, signature: &str) -> Staged {
        let timestamp = timestamp_s.to_string();
        let parts = [(Part::Id, id), (Part::Timestamp, &timestamp), (Part::Signature, signature)];
        self.staged(what, parts.map(|(part, value)| (self.header(part).into(), value.into())).to_vec())
    }

    fn staged(&self, what: &str, signature: Vec<(Vec<u8>, Vec<u8>)>) -> Staged {
        let manner = Manner::Rehearsed;
        let mut headers = self.original.headers().to_vec();
        headers.extend(signature);
        headers.push((DELIVERY_HEADER.into(), manner.as_str().into()));
        let outgoing = Outgoing { method: self.original.method().to_owned(), headers, body: self.body.clone(), manner };
        Staged { what: what.to_owned(), outgoing }
    }
}

fn another(random: &mut impl Random) -> Secret {
    Secret::new("another", random.signing_secret())
}
