//! Verifies the stored events again when the secrets have changed, each as of its arrival. Works in small transactions
//! and reports its progress, because a history may be large.

use crate::app::inbound::diagnose::{full_verification, not_examined};
use crate::app::inbound::intake::verification_of;
use crate::app::keyring::SharedKeyring;
use crate::app::process::low_priority;
use crate::core::errors::with_causes;
use crate::core::event::{Arrival, Seq};
use crate::core::signature::{Reason, Verification};
use crate::store::{Reader, StoreError, Writer};
use std::path::{Path, PathBuf};
use tokio::sync::mpsc;

/// Events verified in one transaction.
const BATCH: usize = 256;
/// The newest events whose reasons are searched for: a search may take milliseconds. The others are examined when they are opened.
pub const EXAMINED: u64 = 4096;

#[derive(Clone)]
pub struct Reverifier {
    pub database: PathBuf,
    pub keyring: SharedKeyring,
    pub writer: Writer,
    /// See [`EXAMINED`].
    pub examined: u64,
}

/// The results of one transaction, and how far the work is.
#[derive(Debug)]
pub struct Progress {
    pub verifications: Vec<(Seq, Verification)>,
    /// The last verified event. Equals `all` only at the end.
    pub done: Seq,
    /// The newest event.
    pub all: Seq,
}

impl Reverifier {
    /// Verifies all events if those up to `last`, the newest one at startup, were verified with other secrets than the
    /// known ones. Without any secret the verdicts stay as they are until there is one.
    ///
    /// # Errors
    /// As [`Reverifier::all_again`].
    pub async fn if_secrets_changed(&self, last: Seq, steps: &mpsc::Sender<Progress>) -> Result<(), String> {
        let keyring = self.keyring.get();
        let path = self.database.clone();
        let before = blocking(move || Reader::open(&path)?.judged_with()).await?;
        if before == Some(keyring.fingerprint()) {
            return Ok(());
        }
        if keyring.is_empty() || last == 0 {
            return self.note(keyring.fingerprint()).await;
        }
        self.all_again(steps).await
    }

    /// Verifies all events, and sends each step to `steps`. Stops when the receiver is dropped.
    ///
    /// # Errors
    /// A message, when the history cannot be read or written.
    pub async fn all_again(&self, steps: &mpsc::Sender<Progress>) -> Result<(), String> {
        let fingerprint = self.keyring.get().fingerprint();
        let path = self.database.clone();
        let mut all = blocking(move || Reader::open(&path)?.last_seq()).await?;
        let mut done = 0;
        loop {
            let (this, old) = (self.clone(), all.saturating_sub(self.examined));
            let verifications = low_priority::run(move || verify_batch(&this.database, done, old, &this.keyring)).await;
            let verifications = verifications.ok_or("the thread that verifies has ended")?;
            let verifications = verifications.map_err(|error| with_causes(&error))?;
            let Some((last, _)) = verifications.last() else { break };
            done = *last;
            all = all.max(done);
            let is_end = verifications.len() < BATCH;
            self.writer.reverify(verifications.clone()).await.map_err(|error| error.to_string())?;
            if steps.send(Progress { verifications, done: done.min(all.saturating_sub(1)), all }).await.is_err() {
                return Ok(());
            }
            // Events that arrive meanwhile may have been verified without the new secret, so this continues to the end.
            if is_end {
                break;
            }
        }
        self.note(fingerprint).await?;
        // The work is done even if the receiver was dropped.
        let _ = steps.send(Progress { verifications: Vec::new(), done: all, all }).await;
        Ok(())
    }

    /// Stores that all events were verified with these secrets.
    async fn note(&self, fingerprint: [u8; 32]) -> Result<(), String> {
        self.writer.record_keyring(fingerprint).await.map_err(|error| error.to_string())
    }
}

/// Verifies the events after `after`. Those up to `old` are not searched for their reasons, unless the reason so far was found by a search.
fn verify_batch(
    database: &Path,
    after: Seq,
    old: Seq,
    keyring: &SharedKeyring,
) -> Result<Vec<(Seq, Verification)>, StoreError> {
    let requests = Reader::open(database)?.requests_to_reverify(after, BATCH)?;
    let verify = |seq, arrival: &Arrival, stored: &Verification| {
        former_secret(arrival, stored, keyring)
            .or_else(|| (seq <= old).then(|| unexamined(arrival, stored, keyring))?)
            .unwrap_or_else(|| full_verification(seq, arrival, keyring, || Reader::open(database).ok()))
    };
    Ok(requests.into_iter().map(|(seq, arrival, stored)| (seq, verify(seq, &arrival, &stored))).collect())
}

/// The verification of a request that verified when it arrived, if it only does not match the secrets at hand. There is nothing else to
/// look for.
fn former_secret(arrival: &Arrival, stored: &Verification, keyring: &SharedKeyring) -> Option<Verification> {
    let verification = stored.was_verified().then(|| verification_of(arrival, keyring))?;
    let is_mismatch = verification.reason == Some(Reason::SignatureMismatch);
    is_mismatch.then(|| Verification {
        reason: Some(Reason::FormerSecret),
        secret: stored.secret.clone(),
        ..verification
    })
}

/// The verification of an old request for whose reason nothing was found so far. `None` if it verifies now, or has a reason of its own.
fn unexamined(arrival: &Arrival, stored: &Verification, keyring: &SharedKeyring) -> Option<Verification> {
    let has_own =
        |reason: &Reason| !reason.is_provisional() && !matches!(reason, Reason::NotExamined | Reason::NoSecret);
    if stored.reason.as_ref().is_some_and(has_own) {
        return None;
    }
    not_examined(verification_of(arrival, keyring))
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, String> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result.map_err(|error| with_causes(&error)),
        Err(error) => Err(error.to_string()),
    }
}
