//! Sends signed samples over real HTTP, as the provider would.

use super::keyring::SharedKeyring;
use crate::core::catalog::{SAMPLES, Sample, SampleFacts};
use crate::core::delivery::{Manner, Outgoing, Target};
use crate::core::signature::{Keyring, Secret, sign};
use crate::delivery::{Client, Exchange, Limits};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Sends one sample after the other to one target.
#[derive(Clone)]
pub struct SampleSender {
    client: Client,
    keyring: SharedKeyring,
    target: Target,
    sent: Arc<AtomicUsize>,
}

impl SampleSender {
    pub fn new(keyring: SharedKeyring, target: Target) -> Self {
        Self { client: Client::new(Limits::default()), keyring, target, sent: Arc::default() }
    }

    /// Sends a sample of the next type; gives its type and the status it was answered with, or what went wrong in words.
    pub async fn send_next(&self) -> Result<(&'static str, u16), String> {
        let sample = &SAMPLES[self.sent.fetch_add(1, Ordering::Relaxed) % SAMPLES.len()];
        let outgoing = signed_sample(sample, &self.keyring.get());
        match self.client.deliver(&self.target, &outgoing).await.outcome {
            Ok(answer) => Ok((sample.event_type, answer.status)),
            Err(failure) => Err(failure.text),
        }
    }
}

/// Sends one sample to `target`.
pub async fn send(sample: &Sample, target: &Target, keyring: &Keyring) -> Exchange {
    Client::new(Limits::default()).deliver(target, &signed_sample(sample, keyring)).await
}

/// A sample signed with the first known secret; with none, or one that no SDK takes, with a throwaway one.
fn signed_sample(sample: &Sample, keyring: &Keyring) -> Outgoing {
    let now = Timestamp::now();
    let body = sample.body(SampleFacts { occurred_at: now, number: fastrand::u64(..) });
    let id = format!("msg_{}", std::iter::repeat_with(fastrand::alphanumeric).take(27).collect::<String>());
    let timestamp = now.as_second();
    let signed = keyring.verifying.first().and_then(|secret| sign(secret, id.as_bytes(), timestamp, &body));
    let signature = signed.unwrap_or_else(|| {
        sign(&throwaway_secret(), id.as_bytes(), timestamp, &body).expect("a throwaway secret has its prefix")
    });
    let headers = [
        ("content-type", "application/json".to_owned()),
        ("user-agent", concat!("hookglass/", env!("CARGO_PKG_VERSION")).to_owned()),
        ("webhook-id", id),
        ("webhook-timestamp", timestamp.to_string()),
        ("webhook-signature", signature),
    ];
    Outgoing {
        method: "POST".to_owned(),
        headers: headers.map(|(name, value)| (name.as_bytes().to_vec(), value.into_bytes())).to_vec(),
        body: body.into(),
        manner: Manner::AsReceived,
    }
}

fn throwaway_secret() -> Secret {
    let key: [u8; 24] = std::array::from_fn(|_| fastrand::u8(..));
    Secret::new("throwaway", format!("whsec_{}", STANDARD.encode(key)))
}
