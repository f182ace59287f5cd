//! The one writer: orders queue up, all that wait go into one transaction, and each is answered after its commit.
//!
//! The task runs on the runtime of those who wait for it: waking another thread for each event costs more than the insert.

use super::batch::{self, Forwarded, Order, Work};
use super::checkpoint::Checkpointer;
use super::damage::{Damage, OnRepair};
use super::error::is_damage;
use super::identity::{FileId, Harm, Identity};
use super::open::{Guards, Keeping, checkpoint_on_close};
use super::repair::{Refusal, repair};
use super::salvage::SalvageError;
use super::{AppendError, OnHarmed, Opening, Store};
use crate::core::delivery::{Delivery, Forward};
use crate::core::event::{NewEvent, Seq, Summary};
use crate::core::response::ResponseState;
use crate::core::signature::Verification;
use rusqlite::Connection;
use rusqlite::config::DbConfig;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::sync::mpsc::error::{SendTimeoutError, TrySendError};
use tokio::sync::{mpsc, oneshot};

/// Hears of each event, and of where it goes, after its commit and in the order of commits. Must not block.
pub trait OnStored: Send + Sync {
    fn stored(&self, summary: Summary, forwards: &[Forward]);
}

/// Nobody hears of them.
impl OnStored for () {
    fn stored(&self, _: Summary, _: &[Forward]) {}
}

impl<F: Fn(Summary, &[Forward]) + Send + Sync> OnStored for F {
    fn stored(&self, summary: Summary, forwards: &[Forward]) {
        self(summary, forwards);
    }
}

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
    damage: mpsc::Receiver<Damage>,
    /// Why nothing is stored at present.
    refusal: Option<Refusal>,
    patience: Duration,
    commits: Commits,
}

pub(super) fn pair(store: Store, queue: Queue, on_stored: Arc<dyn OnStored>) -> (Writer, WriterTask) {
    let (sender, receiver) = mpsc::channel(queue.capacity.max(1));
    let Store { connection, identity, path, guards, opening, keeping, on_harmed, damage, on_repair, .. } = store;
    let commits = Commits {
        checkpointer: Checkpointer::start(&path, &connection),
        connection,
        identity,
        path,
        opening,
        keeping,
        on_stored,
        on_harmed,
        on_repair,
        ids: Vec::with_capacity(BATCH),
        guards,
    };
    let task = WriterTask { orders: receiver, damage, refusal: None, patience: queue.patience, commits };
    (Writer { orders: sender, patience: queue.patience }, task)
}

impl WriterTask {
    /// Writes until every [`Writer`] is dropped and the queue is empty.
    pub async fn run(mut self) {
        let mut batch = Vec::with_capacity(BATCH);
        loop {
            let damage = tokio::select! {
                biased;
                Some(damage) = self.damage.recv() => {
                    let is_new = self.refusal.is_none() && self.commits.is_own(damage.file);
                    is_new.then_some(damage.text)
                }
                count = self.orders.recv_many(&mut batch, BATCH) => {
                    if count == 0 {
                        return;
                    }
                    self.gather(&mut batch).await;
                    self.keep(&mut batch)
                }
            };
            if let Some(damage) = damage {
                self.repair(damage, &mut batch).await;
            }
        }
    }

    /// Writes all of `batch` and answers. If the history turns out to be damaged, gives what is wrong and leaves what is not written.
    fn keep(&mut self, batch: &mut Vec<Order>) -> Option<String> {
        match &self.refusal {
            None => self.commits.keep(batch),
            Some(refusal) => {
                let damage = refusal.due().map(str::to_owned);
                if damage.is_none() {
                    answer(batch.drain(..), refusal.error());
                }
                damage
            }
        }
    }

    async fn repair(&mut self, damage: String, batch: &mut Vec<Order>) {
        self.refusal = repair(&mut self.commits, damage, &mut self.orders, batch, self.patience).await.err();
        if let Some(damage) = self.keep(batch) {
            // A new file that is damaged at once is repaired at the next occasion.
            answer(batch.drain(..), &AppendError::Failed(damage));
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

/// The open history; fields are dropped in order, so the connection closes before its lock goes.
pub(super) struct Commits {
    checkpointer: Checkpointer,
    connection: Connection,
    identity: Identity,
    pub(super) path: PathBuf,
    opening: Opening,
    pub(super) keeping: Keeping,
    on_stored: Arc<dyn OnStored>,
    /// Called once.
    on_harmed: Option<OnHarmed>,
    pub(super) on_repair: OnRepair,
    ids: Vec<u64>,
    pub(super) guards: Arc<Guards>,
}

impl Commits {
    /// Writes all of `batch` and answers; when that fails, each alone, so that one bad row fails by itself. What cannot be written as
    /// the history is damaged stays in `batch`, if that can be repaired; what is wrong is returned.
    fn keep(&mut self, batch: &mut Vec<Order>) -> Option<String> {
        // Whoever reads the file that was removed would take for kept what was refused.
        if let Err(error) = self.check() {
            answer(batch.drain(..), &error);
            return None;
        }
        match batch::write(&self.connection, self.opening, batch, &mut self.ids) {
            Ok(()) => self.acknowledge(batch.drain(..)),
            Err(error) if is_damage(&error) => {
                if let Err(error) = self.check() {
                    // It happened between the check and the write.
                    answer(batch.drain(..), &error);
                    return None;
                }
                if self.guards.lock().is_held() {
                    return Some(error.to_string());
                }
                answer(batch.drain(..), &AppendError::Failed(error.to_string()));
            }
            Err(error) if batch.len() == 1 => {
                let explained = batch::explain(&error, &self.path, batch[0].work.weight());
                answer(batch.drain(..), &explained);
            }
            Err(_) => {
                let mut rest = std::mem::take(batch).into_iter();
                while let Some(order) = rest.next() {
                    batch.push(order);
                    let damage = self.keep(batch);
                    if damage.is_some() {
                        batch.extend(rest);
                        return damage;
                    }
                }
            }
        }
        None
    }

    /// Whether `file` is the one that is written to, and may be replaced.
    fn is_own(&mut self, file: FileId) -> bool {
        self.guards.lock().is_held() && FileId::of(&self.path).is_ok_and(|own| own == file) && self.check().is_ok()
    }

    /// Writes through `connection` from now on, which is to the file that is at the path now.
    ///
    /// # Errors
    /// When that is not there any more.
    pub(super) fn go_on_with(&mut self, connection: Connection) -> Result<(), SalvageError> {
        checkpoint_on_close(&connection).map_err(SalvageError::Write)?;
        self.identity = Identity::of(&self.path, &connection)?;
        self.checkpointer = Checkpointer::start(&self.path, &connection);
        self.connection = connection;
        Ok(())
    }

    /// Tells those who wait that their rows, whose ids are in `ids`, are kept: if the file is still the one at its path.
    fn acknowledge(&mut self, orders: impl ExactSizeIterator<Item = Order>) {
        if let Err(error) = self.check() {
            return answer(orders, &error);
        }
        let mut weight = 0;
        for (order, id) in orders.zip(&self.ids) {
            weight += order.work.weight();
            // Whoever no longer waits finds the event in the history.
            let _ = order.reply.send(Ok(*id));
            if let Work::Append(judged, summary) = order.work {
                self.on_stored.stored(Summary { seq: *id, ..summary }, &judged.forwards);
            }
        }
        self.checkpointer.committed(&self.connection, weight);
    }

    /// Whether the files are still the ones that were opened.
    fn check(&mut self) -> Result<(), AppendError> {
        let checked = self.identity.check(self.guards.lock().database(), &self.connection);
        self.guards.is_harmed.store(checked.is_err(), Ordering::Relaxed);
        checked.map_err(|harm| {
            if let Some(on_harmed) = self.on_harmed.take() {
                on_harmed(harm.to_string());
            }
            match harm {
                Harm::Gone(_) => AppendError::FileGone,
                Harm::Damaged(_) => AppendError::FileDamaged,
            }
        })
    }
}

impl Drop for Commits {
    fn drop(&mut self) {
        // As the last one to close it, SQLite would copy what a truncated log seems to hold, and remove a log that is not its own.
        if self.check().is_err() {
            let _ = self.connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true);
        }
    }
}

pub(super) fn answer(orders: impl Iterator<Item = Order>, error: &AppendError) {
    for order in orders {
        let _ = order.reply.send(Err(error.clone()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::envelope::Envelope;
    use crate::core::event::Arrival;
    use crate::core::request::Head;
    use crate::core::signature::{Scheme, Verdict};
    use bytes::Bytes;

    fn order(size: usize) -> (Order, oneshot::Receiver<Result<u64, AppendError>>) {
        let head = Head::parse(b"POST / HTTP/1.1\r\n\r\n").unwrap();
        let arrival = Arrival { received_at: jiff::Timestamp::UNIX_EPOCH, head, body: Bytes::from(vec![b'x'; size]) };
        let verification =
            Verification { verdict: Verdict::Unchecked, scheme: Scheme::None, reason: None, secret: None };
        let judged = NewEvent {
            arrival,
            envelope: Envelope::default(),
            verification,
            size: size as u64,
            response: ResponseState::Sent(201),
            forwards: Vec::new(),
            directive: None,
        };
        let (reply, answer) = oneshot::channel();
        (Order { work: Work::append(judged), reply }, answer)
    }

    /// Keeps events with bodies of these sizes in one batch.
    fn keep(commits: &mut Commits, sizes: &[usize]) -> Vec<Result<u64, AppendError>> {
        let (mut orders, answers): (Vec<_>, Vec<_>) = sizes.iter().map(|size| order(*size)).unzip();
        assert_eq!(commits.keep(&mut orders), None);
        answers.into_iter().map(|mut answer| answer.try_recv().unwrap()).collect()
    }

    #[test]
    fn what_is_refused_because_the_file_is_gone_is_not_in_the_one_that_readers_have_open() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("history.db");
        let store = Store::open(&path).unwrap();
        let reader = store.reader().unwrap();
        let (_writer, WriterTask { mut commits, .. }) = pair(store, Queue::default(), Arc::new(()));
        assert_eq!(keep(&mut commits, &[10]), [Ok(1)]);
        std::fs::remove_file(&path).unwrap();
        assert_eq!(keep(&mut commits, &[10, 20]), [Err(AppendError::FileGone), Err(AppendError::FileGone)]);
        assert_eq!(reader.last_seq().unwrap(), 1);
    }

    #[test]
    fn a_full_disk_is_told_and_left_again() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("history.db")).unwrap();
        let (_writer, WriterTask { mut commits, .. }) = pair(store, Queue::default(), Arc::new(()));
        assert_eq!(keep(&mut commits, &[10]), [Ok(1)]);
        let pages: i64 = commits.connection.pragma_query_value(None, "page_count", |row| row.get(0)).unwrap();
        commits.connection.pragma_update_and_check(None, "max_page_count", pages + 2, |_| Ok(())).unwrap();
        assert_eq!(keep(&mut commits, &[200_000]), [Err(AppendError::DiskFull)]);
        assert_eq!(
            keep(&mut commits, &[10, 200_000, 20]),
            [Ok(2), Err(AppendError::DiskFull), Ok(3)],
            "what fits is kept"
        );
        commits.connection.pragma_update_and_check(None, "max_page_count", 1_000_000, |_| Ok(())).unwrap();
        assert_eq!(keep(&mut commits, &[200_000]), [Ok(4)]);
    }
}
