//! Judges all kept events again after the secrets changed, each as of its arrival, in small steps that tell how far they are.

use crate::app::inbound::diagnose::full_verification;
use crate::app::keyring::SharedKeyring;
use crate::core::event::Seq;
use crate::core::signature::Verification;
use crate::store::{Reader, StoreError, Writer};
use std::path::{Path, PathBuf};
use tokio::sync::mpsc;

/// Events judged in one transaction.
const BATCH: usize = 256;

/// What is judged, with what, and where it is kept.
#[derive(Clone)]
pub struct Reverifier {
    pub database: PathBuf,
    pub keyring: SharedKeyring,
    pub writer: Writer,
}

/// One step: the events judged, and how far that is.
#[derive(Debug)]
pub struct Judged {
    pub verifications: Vec<(Seq, Verification)>,
    /// The last event judged, of `all`.
    pub done: Seq,
    pub all: Seq,
}

impl Reverifier {
    /// Judges all again if those up to `last`, which were there at the start, were judged with other secrets than are known now. Without any to verify with nothing is: the verdicts
    /// stay as they are until there is one again.
    ///
    /// # Errors
    /// As [`Reverifier::all_again`].
    pub async fn if_secrets_changed(&self, last: Seq, steps: &mpsc::Sender<Judged>) -> Result<(), String> {
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

    /// Tells `steps` of each step; stops when nobody listens.
    ///
    /// # Errors
    /// In words, when the history cannot be read or written.
    pub async fn all_again(&self, steps: &mpsc::Sender<Judged>) -> Result<(), String> {
        let fingerprint = self.keyring.get().fingerprint();
        let path = self.database.clone();
        let mut all = blocking(move || Reader::open(&path)?.last_seq()).await?;
        let mut done = 0;
        loop {
            let this = self.clone();
            let verifications = blocking(move || judge_batch(&this.database, done, &this.keyring)).await?;
            let Some((last, _)) = verifications.last() else { break };
            done = *last;
            all = all.max(done);
            let is_end = verifications.len() < BATCH;
            self.writer.reverify(verifications.clone()).await.map_err(|error| error.to_string())?;
            if steps.send(Judged { verifications, done: done.min(all.saturating_sub(1)), all }).await.is_err() {
                return Ok(());
            }
            // What came meanwhile may have been judged before the secret was known, so it goes on to the very end.
            if is_end {
                break;
            }
        }
        self.note(fingerprint).await?;
        // When nobody listens any more it is done all the same.
        let _ = steps.send(Judged { verifications: Vec::new(), done: all, all }).await;
        Ok(())
    }

    /// Keeps that all events were judged with these secrets.
    async fn note(&self, fingerprint: [u8; 32]) -> Result<(), String> {
        self.writer.record_keyring(fingerprint).await.map_err(|error| error.to_string())
    }
}

fn judge_batch(database: &Path, after: Seq, keyring: &SharedKeyring) -> Result<Vec<(Seq, Verification)>, StoreError> {
    let requests = Reader::open(database)?.requests_to_reverify(after, BATCH)?;
    Ok(requests.into_iter().map(|(seq, arrival)| (seq, full_verification(&arrival, keyring))).collect())
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, String> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result.map_err(|error| error.to_string()),
        Err(error) => Err(error.to_string()),
    }
}
