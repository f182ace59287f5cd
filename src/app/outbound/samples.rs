//! Sends signed samples over real HTTP, as the provider would.

use crate::app::keyring::SharedKeyring;
use crate::app::outbound::prepare::{Prepared, prepare};
use crate::app::outbound::runtime::Deliveries;
use crate::app::outbound::send::Sender;
use crate::client::{Client, Limits};
use crate::core::catalog::{EventType, SampleFacts};
use crate::core::delivery::{Form, Origin, SigningPolicy, Target};
use crate::core::event::Event;
use crate::core::random::Random;
use crate::core::signature::{Keyring, Secret};
use crate::entropy::SystemRandom;
use jiff::{SignedDuration, Timestamp};
use std::sync::{Arc, OnceLock};

/// Sends samples to one hookglass, or to another target.
#[derive(Clone)]
pub struct SampleSender {
    sender: Sender,
    own: Target,
    throwaway: Arc<OnceLock<Secret>>,
}

impl SampleSender {
    /// Uses its own client, because `own` is this hookglass, which other clients refuse.
    pub fn new(keyring: SharedKeyring, deliveries: Deliveries, own: Target) -> Self {
        Self {
            sender: Sender { client: Client::new(Limits::default()), keyring, writer: None, deliveries },
            own,
            throwaway: Arc::default(),
        }
    }

    /// Sends a sample to `target`, or else to this hookglass. Returns the status of the response, or what went wrong in words.
    pub(crate) async fn send(&self, event_type: &EventType, target: Option<&Target>) -> Result<u16, String> {
        let event = sample_event(event_type);
        let keyring = self.sender.keyring.get();
        let secret = keyring.for_body(&event.body).signing().next().cloned().unwrap_or_else(|| self.throwaway());
        let mut prepared = prepared_with(&event, secret);
        if let Some(id) = self.sender.keyring.sample_id(SystemRandom.number()) {
            prepared = prepared.with_id(id);
        }
        let target = target.unwrap_or(&self.own);
        let sent = self.sender.send(&prepared, Timestamp::now(), target, Origin::Asked).await;
        match sent.delivery.outcome {
            Ok(response) => Ok(response.status),
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
