//! Sends signed samples over real HTTP, as the provider would.

use crate::app::keyring::SharedKeyring;
use crate::app::outbound::prepare::{Prepared, prepare};
use crate::app::outbound::runtime::Deliveries;
use crate::app::outbound::send::Sender;
use crate::client::{Client, Limits};
use crate::core::catalog::{EventType, SampleFacts, catalog};
use crate::core::delivery::{Form, Origin, SigningPolicy, Target};
use crate::core::event::Event;
use crate::core::random::Random;
use crate::core::signature::{Keyring, Secret};
use crate::entropy::SystemRandom;
use jiff::{SignedDuration, Timestamp};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

/// Sends one sample after the other to one target.
#[derive(Clone)]
pub struct SampleSender {
    sender: Sender,
    target: Target,
    sent: Arc<AtomicUsize>,
    throwaway: Arc<OnceLock<Secret>>,
}

impl SampleSender {
    /// Uses its own client, because `target` may be this hookglass, which other clients refuse.
    pub fn new(keyring: SharedKeyring, deliveries: Deliveries, target: Target) -> Self {
        Self {
            sender: Sender { client: Client::new(Limits::default()), keyring, writer: None, deliveries },
            target,
            sent: Arc::default(),
            throwaway: Arc::default(),
        }
    }

    /// Sends a sample of the next type. Returns its type and the status of the response, or what went wrong in words.
    pub(crate) async fn send_next(&self) -> Result<(&'static str, u16), String> {
        let tour = catalog().tour();
        let place = self.sent.fetch_add(1, Ordering::Relaxed) % tour.len();
        let event_type = tour.clone().nth(place).expect("the place is within the tour");
        let event = sample_event(event_type);
        let secret = self
            .sender
            .keyring
            .get()
            .for_body(&event.body)
            .signing()
            .next()
            .cloned()
            .unwrap_or_else(|| self.throwaway());
        let prepared = prepared_with(&event, secret);
        let sent = self.sender.send(&prepared, Timestamp::now(), &self.target, Origin::Asked).await;
        match sent.delivery.outcome {
            Ok(response) => Ok((&event_type.name, response.status)),
            Err(failure) => Err(failure.text),
        }
    }

    /// Signs samples while there is no other secret. It stays known, so that hookglass can explain these samples once there is one and
    /// they no longer verify.
    fn throwaway(&self) -> Secret {
        let secret = self.throwaway.get_or_init(|| {
            let secret = throwaway_secret();
            self.sender.keyring.add_known_only(secret.clone());
            secret
        });
        secret.clone()
    }
}

/// The samples of one command. Those of one pass over its list are about the same user.
pub(crate) struct Series {
    number: u64,
    /// When the first event occurred. Without it, each occurs when it is sent.
    start: Option<Timestamp>,
}

impl Series {
    /// The same bodies for the same `seed`, or new ones.
    pub(crate) fn new(seed: Option<u64>) -> Self {
        match seed {
            Some(seed) => Self { number: seed, start: Some(SampleFacts::FIXED.occurred_at) },
            None => Self { number: SystemRandom.number(), start: None },
        }
    }

    /// A sample of `event_type` as the event at `place` of pass `pass`, both counted from 0.
    pub(crate) fn event(&self, event_type: &EventType, pass: u32, place: usize) -> Event {
        let second = SignedDuration::from_secs(i64::try_from(place).unwrap_or(i64::MAX));
        let occurred_at = self.start.map_or_else(Timestamp::now, |start| start.saturating_add(second).unwrap_or(start));
        let body = event_type.sample(SampleFacts { occurred_at, number: self.number.wrapping_add(pass.into()) });
        event_type.event(body.into(), Timestamp::now())
    }
}

/// A sample as an event, with a new body.
pub fn sample_event(event_type: &EventType) -> Event {
    Series::new(None).event(event_type, 0, 0)
}

/// The request of a sample, signed with the first secret that can sign, or else with a throwaway one. It is not marked as a delivery, so
/// that a hookglass that receives it treats it as the provider's.
pub(crate) fn prepare_sample(event: &Event, keyring: &Keyring) -> Prepared {
    prepared_with(event, keyring.for_body(&event.body).signing().next().cloned().unwrap_or_else(throwaway_secret))
}

fn prepared_with(event: &Event, secret: Secret) -> Prepared {
    let keyring = Keyring { verifying: vec![secret], known_only: Vec::new() };
    let prepared = prepare(event, &Form::New, SigningPolicy::Any, &keyring);
    prepared.expect("a sample has a body, and only a secret that signs is chosen").unmarked()
}

fn throwaway_secret() -> Secret {
    Secret::new("the throwaway secret for samples", SystemRandom.signing_secret())
}
