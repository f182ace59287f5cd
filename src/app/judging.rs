//! Judges all kept events again after the secrets changed, each as of its arrival, in small steps that tell how far they are.

use super::diagnosing::full_judgement;
use super::keyring::SharedKeyring;
use crate::core::event::Seq;
use crate::core::signature::Judgement;
use crate::store::{Reader, StoreError, Writer};
use crate::tui::message::Message;
use std::path::Path;
use tokio::sync::mpsc;

/// Events judged in one transaction.
const BATCH: usize = 256;

/// Tells `messages` of each step and of the end; stops when nobody listens.
pub async fn judge_all_again(
    database: &Path,
    keyring: &SharedKeyring,
    writer: &Writer,
    messages: &mpsc::Sender<Message>,
) {
    if let Err(why) = judge(database, keyring, writer, messages).await {
        let _ = messages.send(Message::JudgingFailed(why)).await;
    }
}

async fn judge(
    database: &Path,
    keyring: &SharedKeyring,
    writer: &Writer,
    messages: &mpsc::Sender<Message>,
) -> Result<(), String> {
    let path = database.to_owned();
    let mut all = blocking(move || Reader::open(&path)?.last_seq()).await?;
    let mut done = 0;
    loop {
        let (path, keyring) = (database.to_owned(), keyring.clone());
        let judged = blocking(move || judge_batch(&path, done, &keyring)).await?;
        let Some((last, _)) = judged.last() else { break };
        done = *last;
        all = all.max(done);
        let is_end = judged.len() < BATCH;
        let verdicts =
            judged.iter().map(|(seq, judgement)| (*seq, judgement.verdict, judgement.reason.clone())).collect();
        writer.rejudge(judged).await.map_err(|error| error.to_string())?;
        let step = Message::JudgedAgain { verdicts, done: done.min(all.saturating_sub(1)), all };
        if messages.send(step).await.is_err() {
            return Ok(());
        }
        // What came meanwhile may have been judged before the secret was known, so it goes on to the very end.
        if is_end {
            break;
        }
    }
    let _ = messages.send(Message::JudgedAgain { verdicts: Vec::new(), done: all, all }).await;
    Ok(())
}

fn judge_batch(database: &Path, after: Seq, keyring: &SharedKeyring) -> Result<Vec<(Seq, Judgement)>, StoreError> {
    let requests = Reader::open(database)?.requests_for_judging(after, BATCH)?;
    Ok(requests.into_iter().map(|(seq, arrival)| (seq, full_judgement(&arrival, keyring))).collect())
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, String> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result.map_err(|error| error.to_string()),
        Err(error) => Err(error.to_string()),
    }
}
