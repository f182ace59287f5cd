//! Makes the requests of each rehearsal.

use super::original::Original;
use super::table::Rehearsal;
use super::tamper::tampered;
use crate::core::catalog::{EventType, Life, SampleFacts};
use crate::core::delivery::{DELIVERY_HEADER, Manner, Outgoing};
use crate::core::event::Event;
use crate::core::random::Random;
use crate::core::signature::{Keyring, Part, Secret, sign};
use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};

/// How far the expired and the future timestamp are from now, in seconds. It is a minute more than the SDKs' 300 s, so that a small
/// difference between clocks does not matter.
const OUT_OF_WINDOW_S: i64 = 360;
const TIMES: i64 = 10;

/// A secret with a key that can sign.
#[derive(Clone, Debug)]
pub struct Signer(Secret);

impl Signer {
    /// The signer for rehearsals based on `event`, or on a sample without one. `None` if no secret can sign.
    pub fn of(keyring: &Keyring, event: Option<&Event>) -> Option<Self> {
        let secret = event.map_or_else(|| keyring.signing().next().cloned(), |event| event.signer(keyring));
        secret.map(Self)
    }

    /// The label of the secret.
    pub fn label(&self) -> &str {
        self.0.label()
    }
}

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
    let take = Take { original, now_s: now.as_second(), body: original.body(now, number), id: random.event_id() };
    match rehearsal {
        Rehearsal::Control => vec![take.signed("a valid event", signer)],
        Rehearsal::Expired => {
            vec![take.later(-OUT_OF_WINDOW_S).signed("an event signed 6 minutes ago", signer)]
        }
        Rehearsal::Future => {
            vec![take.later(OUT_OF_WINDOW_S).signed("an event with a timestamp 6 minutes ahead", signer)]
        }
        Rehearsal::Tampered => {
            let mut staged = take.signed("an event changed after signing", signer);
            staged.outgoing.body = tampered(&take.body);
            vec![staged]
        }
        Rehearsal::WrongKey => vec![take.signed("an event signed with another secret", &another(random))],
        Rehearsal::MissingHeader => {
            let without = |part| {
                let name = take.header(part);
                let mut staged = take.signed(&format!("an event without `{name}`"), signer);
                staged.outgoing.headers.retain(|(other, _)| other != name.as_bytes());
                staged
            };
            Part::ALL.map(without).to_vec()
        }
        Rehearsal::Unsigned => vec![take.staged("an event without signature headers", Vec::new())],
        Rehearsal::TwiceAtOnce => {
            ["the first of two simultaneous deliveries", "the second of two simultaneous deliveries"]
                .map(|what| take.signed(what, signer))
                .to_vec()
        }
        Rehearsal::TenTimes => {
            // Each retry has its own timestamp.
            let attempt = |place| take.later(place - TIMES).signed(&format!("delivery {place} of {TIMES}"), signer);
            (1..=TIMES).map(attempt).collect()
        }
        Rehearsal::OutOfOrder => {
            let life = Life::like(original.event_type().as_deref().unwrap_or_default());
            let mut event = |what, event_type: &EventType, age_s| {
                let occurred_at = now.saturating_sub(SignedDuration::from_secs(age_s)).unwrap_or(now);
                let body = event_type.sample(SampleFacts { occurred_at, number }).into();
                Take { body, id: random.event_id(), ..take }.signed(what, signer)
            };
            vec![
                event("the update before the creation", life.updated, 2),
                event("the deletion before the creation", life.deleted, 1),
                event("the creation after the deletion", life.created, 3),
            ]
        }
    }
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
        self.original.family().header(part).expect("a family has a header for each part")
    }

    fn signed(&self, what: &str, signer: &Signer) -> Staged {
        let signature = sign(&signer.0, self.id.as_bytes(), self.now_s, &self.body);
        let signature = signature.expect("a signer has a key");
        let parts =
            [(Part::Id, self.id.clone()), (Part::Timestamp, self.now_s.to_string()), (Part::Signature, signature)];
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

fn another(random: &mut impl Random) -> Signer {
    Signer(Secret::new("another", random.signing_secret()))
}
