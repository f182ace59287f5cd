//! The queue of writes and the task that empties it. All waiting writes share one transaction, and each gets its reply after the commit.
//!
//! The task runs on the listener's runtime. Waking another thread for each event would cost more than the insert.

use super::batch::{Forwarded, QueuedWrite, Write};
use super::commits::{Commits, OnStored, refuse};
use super::open::Store;
use super::repair::{Refusal, repair};
use super::{AppendError, deletion};
use crate::core::annotation::AnnotationChange;
use crate::core::delivery::{Delivery, ForwardState, LeftForward};
use crate::core::event::{NewEvent, Seq};
use crate::core::response::ResponseState;
use crate::core::signature::Verification;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::mpsc::error::{SendTimeoutError, TrySendError};
use tokio::sync::{mpsc, oneshot};

/// Most writes in one transaction.
const BATCH: usize = 256;
/// The task commits after it has yielded this often in a row without receiving another write.
const QUIET_YIELDS: usize = 8;
/// Most yields before a commit.
const MAX_YIELDS: usize = 128;

/// How many writes may wait, and how long a further one waits for its place in the queue.
#[derive(Clone, Copy, Debug)]
pub struct Queue {
    pub capacity: usize,
    pub patience: Duration,
}

impl Default for Queue {
    fn default() -> Self {
        Self { capacity: 1024, patience: Duration::from_secs(2) }
    }
}

/// A handle on the writer, for any thread.
#[derive(Clone, Debug)]
pub struct Writer {
    queue: mpsc::Sender<QueuedWrite>,
    patience: Duration,
    settlement: Settlement,
}

/// Says at the end of a run that no forward is in flight any more. Does not keep the task running.
#[derive(Clone, Debug, Default)]
pub struct Settlement(Arc<AtomicBool>);

impl Settlement {
    /// What is still pending when the task ends was not sent. The next start need not take it for possibly sent.
    pub fn nothing_is_in_flight(&self) {
        self.0.store(true, Ordering::Release);
    }
}

/// A handle that does not keep the task running. It is for threads that may hang when the program ends.
#[derive(Clone, Debug)]
pub struct WeakWriter {
    queue: mpsc::WeakSender<QueuedWrite>,
    patience: Duration,
    settlement: Settlement,
}

impl WeakWriter {
    /// `None` once every [`Writer`] is dropped.
    pub fn upgrade(&self) -> Option<Writer> {
        let settlement = self.settlement.clone();
        Some(Writer { queue: self.queue.upgrade()?, patience: self.patience, settlement })
    }
}

impl Writer {
    pub fn downgrade(&self) -> WeakWriter {
        let settlement = self.settlement.clone();
        WeakWriter { queue: self.queue.downgrade(), patience: self.patience, settlement }
    }

    pub fn settlement(&self) -> Settlement {
        self.settlement.clone()
    }

    /// Gives forwards that earlier runs left a new state: all of them, or none.
    ///
    /// # Errors
    /// As [`Writer::append`].
    pub(crate) async fn set_left(&self, left: &[LeftForward], state: ForwardState) -> Result<(), AppendError> {
        let forwards = left.iter().map(|forward| (forward.seq, forward.place)).collect();
        self.send(Write::Left(forwards, state)).await.map(drop)
    }

    /// Stores an event and returns its number. By then the event is on disk. `OnStored` hears of it, unless it is imported.
    ///
    /// # Errors
    /// When the event is not stored: see [`AppendError`].
    pub async fn append(&self, event: NewEvent) -> Result<Seq, AppendError> {
        self.send(Write::event(event)).await
    }

    /// Stores a finished delivery and returns its number.
    ///
    /// # Errors
    /// As [`Writer::append`], and when there is no such event.
    pub async fn record_delivery(&self, delivery: Delivery) -> Result<u64, AppendError> {
        self.send(Write::Delivery(Box::new(delivery))).await
    }

    /// Replaces verifications after the secrets changed: all of them, or none.
    ///
    /// # Errors
    /// As [`Writer::append`].
    pub async fn reverify(&self, verifications: Vec<(Seq, Verification)>) -> Result<(), AppendError> {
        self.send(Write::Verifications(verifications)).await.map(drop)
    }

    /// Stores which secrets all events have been verified with: see [`Keyring::fingerprint`].
    ///
    /// # Errors
    /// As [`Writer::append`].
    ///
    /// [`Keyring::fingerprint`]: crate::core::signature::Keyring::fingerprint
    pub(crate) async fn record_keyring(&self, fingerprint: [u8; 32]) -> Result<(), AppendError> {
        self.send(Write::Keyring(fingerprint)).await.map(drop)
    }

    /// Stores the result of forwarding an event to one target: all of it, or nothing.
    ///
    /// # Errors
    /// As [`Writer::append`].
    pub async fn record_forwarded(&self, forwarded: Forwarded) -> Result<(), AppendError> {
        self.send(Write::Forwarded(Box::new(forwarded))).await.map(drop)
    }

    /// Stores the response to the sender of an event, if it was not known when the event was stored, or has changed.
    ///
    /// # Errors
    /// As [`Writer::append`].
    pub async fn record_response(&self, seq: Seq, response: ResponseState) -> Result<(), AppendError> {
        self.send(Write::Response(seq, response)).await.map(drop)
    }

    /// Deletes events, except those with a pending response or forward: all of them, or none. They can be restored until hookglass exits.
    ///
    /// # Errors
    /// As [`Writer::append`].
    pub async fn delete(&self, seqs: Vec<Seq>) -> Result<(), AppendError> {
        self.send(Write::Delete(seqs)).await.map(drop)
    }

    /// Deletes the first of `seqs` for good, except those with a pending response or forward. Returns how many it handled: the
    /// rest takes further calls, so that no other write waits long.
    ///
    /// # Errors
    /// As [`Writer::append`].
    pub async fn erase(&self, seqs: &[Seq]) -> Result<usize, AppendError> {
        let some = seqs[..seqs.len().min(deletion::STEP)].to_vec();
        self.send(Write::Erase(some)).await.map(|handled| handled as usize)
    }

    /// Restores deleted events: all of them, or none.
    ///
    /// # Errors
    /// As [`Writer::append`].
    pub async fn restore(&self, seqs: Vec<Seq>) -> Result<(), AppendError> {
        self.send(Write::Restore(seqs)).await.map(drop)
    }

    /// Changes the pin or the note of events: of all of them, or of none. Ignores unknown events.
    ///
    /// # Errors
    /// As [`Writer::append`].
    pub async fn annotate(&self, seqs: Vec<Seq>, change: AnnotationChange) -> Result<(), AppendError> {
        self.send(Write::Annotate(seqs, change)).await.map(drop)
    }

    async fn send(&self, write: Write) -> Result<u64, AppendError> {
        let (reply, result) = oneshot::channel();
        let stopped = || AppendError::Failed("the writer has stopped".to_owned());
        match self.queue.try_send(QueuedWrite { write, reply }) {
            Ok(()) => {}
            Err(TrySendError::Closed(_)) => return Err(stopped()),
            Err(TrySendError::Full(queued)) => match self.queue.send_timeout(queued, self.patience).await {
                Ok(()) => {}
                Err(SendTimeoutError::Timeout(_)) => return Err(AppendError::Busy),
                Err(SendTimeoutError::Closed(_)) => return Err(stopped()),
            },
        }
        result.await.unwrap_or_else(|_| Err(stopped()))
    }
}

/// The task that writes. [`WriterTask::run`] runs it.
pub struct WriterTask {
    queue: mpsc::Receiver<QueuedWrite>,
    /// Set while nothing can be stored.
    refusal: Option<Refusal>,
    patience: Duration,
    commits: Commits,
    settlement: Settlement,
}

impl Store {
    /// Returns a handle for any thread and the task that writes. The task calls `on_stored` after each commit.
    pub fn into_writer(self, queue: Queue, on_stored: Arc<dyn OnStored>) -> (Writer, WriterTask) {
        let (sender, receiver) = mpsc::channel(queue.capacity.max(1));
        let commits = Commits::begin(self, on_stored);
        let (patience, settlement) = (queue.patience, Settlement::default());
        let writer = Writer { queue: sender, patience, settlement: settlement.clone() };
        (writer, WriterTask { queue: receiver, refusal: None, patience, commits, settlement })
    }
}

impl WriterTask {
    /// Writes until every [`Writer`] is dropped and the queue is empty.
    pub async fn run(mut self) {
        let mut batch = Vec::with_capacity(BATCH);
        loop {
            let damage = tokio::select! {
                biased;
                Some(damage) = self.commits.damage.recv() => {
                    let is_new = self.refusal.is_none() && self.commits.can_replace(damage.file);
                    is_new.then_some(damage.text)
                }
                count = self.queue.recv_many(&mut batch, BATCH) => {
                    if count == 0 {
                        if self.settlement.0.load(Ordering::Acquire) {
                            self.commits.end_queued();
                        }
                        return;
                    }
                    self.gather(&mut batch).await;
                    self.write(&mut batch)
                }
                () = tokio::task::yield_now(), if self.refusal.is_none() && self.commits.has_chores() => {
                    self.commits.do_chore();
                    None
                }
            };
            if let Some(damage) = damage {
                self.repair(damage, &mut batch).await;
            }
        }
    }

    /// Writes `batch` and replies to each write. If the history is damaged, returns the damage and leaves in `batch` what is not written.
    fn write(&mut self, batch: &mut Vec<QueuedWrite>) -> Option<String> {
        match &self.refusal {
            None => self.commits.write(batch),
            Some(refusal) => {
                let damage = refusal.due().map(str::to_owned);
                if damage.is_none() {
                    refuse(batch.drain(..), refusal.error());
                }
                damage
            }
        }
    }

    async fn repair(&mut self, damage: String, batch: &mut Vec<QueuedWrite>) {
        self.refusal = repair(&mut self.commits, damage, &mut self.queue, batch, self.patience).await.err();
        if let Some(damage) = self.write(batch) {
            // If the new file is damaged as well, the next write starts another repair.
            refuse(batch.drain(..), &AppendError::Failed(damage));
        }
    }

    /// Yields to other tasks and adds their writes to the batch. A sync costs as much for one write as for many.
    async fn gather(&mut self, batch: &mut Vec<QueuedWrite>) {
        let mut quiet = 0;
        for _ in 0..MAX_YIELDS {
            if quiet == QUIET_YIELDS || batch.len() == BATCH {
                break;
            }
            tokio::task::yield_now().await;
            let before = batch.len();
            while batch.len() < BATCH
                && let Ok(queued) = self.queue.try_recv()
            {
                batch.push(queued);
            }
            quiet = if batch.len() == before { quiet + 1 } else { 0 };
        }
    }
}
