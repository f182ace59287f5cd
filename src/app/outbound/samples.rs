//! Sends signed samples over real HTTP, as the provider would.

use crate::app::keyring::SharedKeyring;
use crate::app::outbound::prepare::new_id;
use crate::client::{Client, Limits};
use crate::core::catalog::{SAMPLES, Sample, SampleFacts};
use crate::core::delivery::{Manner, Outgoing, Target};
use crate::core::signature::{Keyring, Scheme, Secret, sign};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use jiff::Timestamp;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

/// Sends one sample after the other to one target.
#[derive(Clone)]
pub struct SampleSender {
    client: Client,
    keyring: SharedKeyring,
    target: Target,
    sent: Arc<AtomicUsize>,
    throwaway: Arc<OnceLock<Secret>>,
}

impl SampleSender {
    pub fn new(keyring: SharedKeyring, target: Target) -> Self {
        Self {
            client: Client::new(Limits::default()),
            keyring,
            target,
            sent: Arc::default(),
            throwaway: Arc::default(),
        }
    }

    /// Sends a sample of the next type; gives its type and the status it was answered with, or what went wrong in words.
    pub async fn send_next(&self) -> Result<(&'static str, u16), String> {
        let sample = &SAMPLES[self.sent.fetch_add(1, Ordering::Relaxed) % SAMPLES.len()];
        let secret = signing(&self.keyring.get()).unwrap_or_else(|| self.throwaway());
        let outgoing = SignedSample::signed(sample, secret).at(Timestamp::now());
        match self.client.deliver(&self.target, &outgoing).await.outcome {
            Ok(answer) => Ok((sample.event_type, answer.status)),
            Err(failure) => Err(failure.text),
        }
    }

    /// What samples are signed with while no secret is known; it is named when one is, for then they no longer verify.
    fn throwaway(&self) -> Secret {
        let secret = self.throwaway.get_or_init(|| {
            let secret = throwaway_secret();
            self.keyring.add_known_only(secret.clone());
            secret
        });
        secret.clone()
    }
}

/// A sample that can be sent any number of times, each with the time and the signature of its moment. It is not marked as ours, so
/// that a hookglass which receives it treats it as the provider's.
#[derive(Clone, Debug)]
pub struct SignedSample {
    id: String,
    secret: Secret,
    /// Which headers carry the signature.
    family: Scheme,
    pub body: Bytes,
}

impl SignedSample {
    /// With a new id, signed with the first secret that can; with none, with a throwaway one.
    pub fn new(sample: &Sample, keyring: &Keyring) -> Self {
        Self::signed(sample, signing(keyring).unwrap_or_else(throwaway_secret))
    }

    fn signed(sample: &Sample, secret: Secret) -> Self {
        let body = sample.body(SampleFacts { occurred_at: Timestamp::now(), number: fastrand::u64(..) });
        Self { id: new_id(), secret, family: sample.family(), body: body.into() }
    }

    /// The request as it is sent at `now`.
    pub fn at(&self, now: Timestamp) -> Outgoing {
        let timestamp = now.as_second();
        let signature = sign(&self.secret, self.id.as_bytes(), timestamp, &self.body);
        let of_family = |part| format!("{}-{part}", self.family);
        let headers = [
            ("content-type".to_owned(), "application/json".to_owned()),
            ("user-agent".to_owned(), concat!("hookglass/", env!("CARGO_PKG_VERSION")).to_owned()),
            (of_family("id"), self.id.clone()),
            (of_family("timestamp"), timestamp.to_string()),
            (of_family("signature"), signature.expect("only a secret that signs is chosen")),
        ];
        Outgoing {
            method: "POST".to_owned(),
            headers: headers.map(|(name, value)| (name.into_bytes(), value.into_bytes())).to_vec(),
            body: self.body.clone(),
            manner: Manner::New,
        }
    }
}

/// The first secret that can sign.
fn signing(keyring: &Keyring) -> Option<Secret> {
    keyring.signing().next().cloned()
}

fn throwaway_secret() -> Secret {
    let key: [u8; 24] = std::array::from_fn(|_| fastrand::u8(..));
    Secret::new(
        "the throwaway secret of samples, from before another was known",
        format!("whsec_{}", STANDARD.encode(key)),
    )
}
