//! The one writer: orders queue up, all that wait go into one transaction, and each is answered after its commit.
//!
//! The task runs on the runtime of those who wait for it: waking another thread for each event costs more than the insert.

use super::AppendError;
use super::batch::{Forwarded, Order, Work};
use super::commits::{Commits, OnStored, refuse};
use super::open::Store;
use super::repair::{Refusal, repair};
use crate::core::delivery::Delivery;
use crate::core::event::{NewEvent, Seq};
use crate::core::response::ResponseState;
use crate::core::signature::Verification;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc::error::{SendTimeoutError, TrySendError};
use tokio::sync::{mpsc, oneshot};

/// Most orders in one transaction.
const BATCH: usize = 256;
/// The task commits when it has let the others run this often in a row and they ordered nothing more.
const QUIET_YIELDS: usize = 8;
/// How often the task lets the others run before it commits, at most.
const MAX_YIELDS: usize = 128;

/// How many orders may wait, and how long a sender waits when there are that many.
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
    orders: mpsc::Sender<Order>,
    patience: Duration,
}

/// A handle that does not keep the writer from ending, for whoever may be stuck when all others are done.
#[derive(Clone, Debug)]
pub struct WeakWriter {
    orders: mpsc::WeakSender<Order>,
    patience: Duration,
}

impl WeakWriter {
    /// `None` once every [`Writer`] is dropped.
    pub fn upgrade(&self) -> Option<Writer> {
        Some(Writer { orders: self.orders.upgrade()?, patience: self.patience })
    }
}

impl Writer {
    pub fn downgrade(&self) -> WeakWriter {
        WeakWriter { orders: self.orders.downgrade(), patience: self.patience }
    }

    /// Keeps an event; when this returns its number, the event is on the disk.
    ///
    /// # Errors
    /// When it is not kept: see [`AppendError`].
    pub async fn append(&self, judged: NewEvent) -> Result<Seq, AppendError> {
        self.order(Work::append(judged)).await
    }

    /// Keeps the end of a delivery and returns its number.
    ///
    /// # Errors
    /// As [`Writer::append`], and when there is no such event.
    pub async fn record_delivery(&self, delivery: Delivery) -> Result<u64, AppendError> {
        self.order(Work::Record(Box::new(delivery))).await
    }

    /// Replaces verifications, after the secrets changed; all or none.
    ///
    /// # Errors
    /// As [`Writer::append`].
    pub async fn reverify(&self, verifications: Vec<(Seq, Verification)>) -> Result<(), AppendError> {
        self.order(Work::Reverify(verifications)).await.map(drop)
    }

    /// Keeps with which secrets all events have been judged: see [`Keyring::fingerprint`].
    ///
    /// # Errors
    /// As [`Writer::append`].
    ///
    /// [`Keyring::fingerprint`]: crate::core::signature::Keyring::fingerprint
    pub async fn record_keyring(&self, fingerprint: [u8; 32]) -> Result<(), AppendError> {
        self.order(Work::JudgedWith(fingerprint)).await.map(drop)
    }

    /// Stores what became of forwarding an event to one target, all of it or nothing.
    ///
    /// # Errors
    /// As [`Writer::append`].
    pub async fn record_forwarded(&self, forwarded: Forwarded) -> Result<(), AppendError> {
        self.order(Work::Forwarded(Box::new(forwarded))).await.map(drop)
    }

    /// Stores what the sender of an event gets, where that was not known when the event was stored or has changed.
    ///
    /// # Errors
    /// As [`Writer::append`].
    pub async fn record_response(&self, seq: Seq, response: ResponseState) -> Result<(), AppendError> {
        self.order(Work::Respond(seq, response)).await.map(drop)
    }

    async fn order(&self, work: Work) -> Result<u64, AppendError> {
        let (reply, answer) = oneshot::channel();
        let stopped = || AppendError::Failed("the writer has stopped".to_owned());
        match self.orders.try_send(Order { work, reply }) {
            Ok(()) => {}
            Err(TrySendError::Closed(_)) => return Err(stopped()),
            Err(TrySendError::Full(order)) => match self.orders.send_timeout(order, self.patience).await {
                Ok(()) => {}
                Err(SendTimeoutError::Timeout(_)) => return Err(AppendError::Busy),
                Err(SendTimeoutError::Closed(_)) => return Err(stopped()),
            },
        }
        answer.await.unwrap_or_else(|_| Err(stopped()))
    }
}

/// The writing side, to be run by [`WriterTask::run`] on the listener's runtime.
pub struct WriterTask {
    orders: mpsc::Receiver<Order>,
    /// Why nothing is stored at present.
    refusal: Option<Refusal>,
    patience: Duration,
    commits: Commits,
}

impl Store {
    /// Returns the one way to write: a handle for any thread, and the task that writes. The task calls `on_stored` after each commit.
    pub fn into_writer(self, queue: Queue, on_stored: Arc<dyn OnStored>) -> (Writer, WriterTask) {
        let (sender, orders) = mpsc::channel(queue.capacity.max(1));
        let commits = Commits::begin(self, on_stored);
        let task = WriterTask { orders, refusal: None, patience: queue.patience, commits };
        (Writer { orders: sender, patience: queue.patience }, task)
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
                count = self.orders.recv_many(&mut batch, BATCH) => {
                    if count == 0 {
                        return;
                    }
                    self.gather(&mut batch).await;
                    self.write(&mut batch)
                }
            };
            if let Some(damage) = damage {
                self.repair(damage, &mut batch).await;
            }
        }
    }

    /// Writes all of `batch` and answers. If the history turns out to be damaged, gives what is wrong and leaves what is not written.
    fn write(&mut self, batch: &mut Vec<Order>) -> Option<String> {
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

    async fn repair(&mut self, damage: String, batch: &mut Vec<Order>) {
        self.refusal = repair(&mut self.commits, damage, &mut self.orders, batch, self.patience).await.err();
        if let Some(damage) = self.write(batch) {
            // A new file that is damaged at once is repaired at the next occasion.
            refuse(batch.drain(..), &AppendError::Failed(damage));
        }
    }

    /// Lets the others run, so that what they order comes along: a sync costs as much for one as for many.
    async fn gather(&mut self, batch: &mut Vec<Order>) {
        let mut quiet = 0;
        for _ in 0..MAX_YIELDS {
            if quiet == QUIET_YIELDS || batch.len() == BATCH {
                break;
            }
            tokio::task::yield_now().await;
            let before = batch.len();
            while batch.len() < BATCH
                && let Ok(order) = self.orders.try_recv()
            {
                batch.push(order);
            }
            quiet = if batch.len() == before { quiet + 1 } else { 0 };
        }
    }
}
