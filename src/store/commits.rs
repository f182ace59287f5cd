//! Writes batches to the open history and acknowledges them, as long as its files are sound.

use super::batch::{self, QueuedWrite, Write};
use super::checkpoint::Checkpointer;
use super::damage::{Damage, OnRepair};
use super::error::{SalvageError, is_damage};
use super::files::FileId;
use super::guards::Guards;
use super::identity::{Harm, Identity};
use super::open::{OnHarmed, Store};
use super::prepare::{Durability, END_QUEUED};
use super::{AppendError, Opening, connection, deletion, shortage, vacuum};
use crate::core::delivery::Forward;
use crate::core::event::{Seq, Summary};
use crate::log::{STORE, told};
use rusqlite::{Connection, ErrorCode};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

/// Erased events after which their numbers are forgotten.
const FORGET_AT: usize = 4096;
/// A commit that takes at least this long is logged as a warning.
const SLOW: Duration = Duration::from_millis(100);

/// Called with each event and its forwards after the event's commit, in the order of the commits. Must not block.
pub trait OnStored: Send + Sync {
    fn stored(&self, summary: Summary, forwards: &[Forward]);
}

/// Does nothing.
impl OnStored for () {
    fn stored(&self, _: Summary, _: &[Forward]) {}
}

impl<F: Fn(Summary, &[Forward]) + Send + Sync> OnStored for F {
    fn stored(&self, summary: Summary, forwards: &[Forward]) {
        self(summary, forwards);
    }
}

/// The failures of one batch. When each of its writes fails by itself, the cause is looked for once and logged once.
#[derive(Default)]
struct Failures {
    /// What SQLite reported last.
    logged: Option<String>,
    /// What the first I/O error meant.
    io: Option<AppendError>,
}

impl Failures {
    fn log(&mut self, written: &rusqlite::Result<()>, rows: usize, time: Duration) {
        let commit_us = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        match written.as_ref().map_err(ToString::to_string) {
            Ok(()) if time >= SLOW => tracing::warn!(target: STORE, rows, commit_us, "slow commit"),
            Ok(()) => tracing::debug!(target: STORE, rows, commit_us, "committed"),
            Err(error) if self.logged.as_ref() == Some(&error) => {}
            Err(error) => {
                tracing::error!(target: STORE, rows, commit_us, why = told(&error), "not committed");
                self.logged = Some(error);
            }
        }
    }

    /// See [`shortage::explain`], which writes to the disk to find out what an I/O error means.
    fn explain(&mut self, error: &rusqlite::Error, path: &Path, weight: usize) -> AppendError {
        if error.sqlite_error_code() != Some(ErrorCode::SystemIoFailure) {
            return shortage::explain(error, path, weight);
        }
        self.io.get_or_insert_with(|| shortage::explain(error, path, weight)).clone()
    }
}

/// The open history. The fields are dropped in order: the connection closes before the lock is released.
pub(super) struct Commits {
    checkpointer: Checkpointer,
    connection: Connection,
    identity: Identity,
    pub(super) path: PathBuf,
    opening: Opening,
    /// The last event of earlier runs.
    earlier: Seq,
    /// Events that earlier runs deleted and did not erase.
    leftovers: Vec<Seq>,
    /// Events that this run erased, whose numbers are to be forgotten.
    erased: usize,
    /// Whether there may be free pages to give back.
    may_shrink: bool,
    pub(super) durability: Durability,
    on_stored: Arc<dyn OnStored>,
    /// `None` once it was called.
    on_harmed: Option<OnHarmed>,
    /// What readers and the check found.
    pub(super) damage: mpsc::Receiver<Damage>,
    pub(super) on_repair: OnRepair,
    /// The ids of the rows of the batch that was written last.
    ids: Vec<u64>,
    pub(super) guards: Arc<Guards>,
}

impl Commits {
    /// Starts the checkpoints of `store`.
    pub(super) fn begin(store: Store, on_stored: Arc<dyn OnStored>) -> Self {
        let Store {
            connection,
            identity,
            path,
            guards,
            opening,
            earlier,
            durability,
            on_harmed,
            damage,
            on_repair,
            ..
        } = store;
        // If they cannot be read, the end of this run erases them.
        let is_receiver = guards.lock().is_held();
        let read = || deletion::hidden_after(&connection, 0, usize::MAX).unwrap_or_default();
        let leftovers = if is_receiver { read() } else { Vec::new() };
        Self {
            checkpointer: Checkpointer::start(&path, &connection),
            connection,
            identity,
            path,
            opening,
            earlier,
            leftovers,
            erased: 0,
            may_shrink: false,
            durability,
            on_stored,
            on_harmed,
            damage,
            on_repair,
            ids: Vec::new(),
            guards,
        }
    }

    /// Writes `batch` in one transaction and replies to each write. If the transaction fails, repeats each write alone, so that one bad row
    /// fails by itself.
    ///
    /// If the history is damaged and this process may repair it, returns the damage and leaves in `batch` what is not written.
    pub(super) fn write(&mut self, batch: &mut Vec<QueuedWrite>) -> Option<String> {
        self.write_or_split(batch, &mut Failures::default())
    }

    fn write_or_split(&mut self, batch: &mut Vec<QueuedWrite>, failures: &mut Failures) -> Option<String> {
        // Readers that have a removed file open would find in it the events that hookglass refused.
        if let Err(error) = self.check() {
            refuse(batch.drain(..), &error);
            return None;
        }
        let started = Instant::now();
        let written = batch::write(&self.connection, self.opening, self.earlier, batch, &mut self.ids);
        failures.log(&written, batch.len(), started.elapsed());
        match written {
            Ok(()) => self.acknowledge(batch.drain(..)),
            Err(error) if is_damage(&error) => {
                if let Err(error) = self.check() {
                    // Another program harmed the files between the check and the write.
                    refuse(batch.drain(..), &error);
                    return None;
                }
                if self.guards.lock().is_held() {
                    return Some(error.to_string());
                }
                refuse(batch.drain(..), &AppendError::Failed(error.to_string()));
            }
            Err(error) if batch.len() == 1 => {
                let explained = failures.explain(&error, &self.path, batch[0].write.weight());
                refuse(batch.drain(..), &explained);
            }
            Err(_) => {
                let mut rest = std::mem::take(batch).into_iter();
                while let Some(queued) = rest.next() {
                    batch.push(queued);
                    let damage = self.write_or_split(batch, failures);
                    if damage.is_some() {
                        batch.extend(rest);
                        return damage;
                    }
                }
            }
        }
        None
    }

    /// Whether there is something to do for which no write waits.
    pub(super) fn has_chores(&self) -> bool {
        !self.leftovers.is_empty() || self.erased >= FORGET_AT || self.may_shrink
    }

    /// Does a small part of what no write waits for.
    pub(super) fn do_chore(&mut self) {
        if !self.leftovers.is_empty() {
            self.erase_some();
        } else if self.erased >= FORGET_AT {
            self.erased = 0;
            self.forget();
        } else if self.may_shrink {
            self.may_shrink = self.check().is_ok() && vacuum::give_some_back(&self.connection).unwrap_or(false);
            self.checkpointer.committed(&self.connection, 0);
        }
    }

    /// Forgets the numbers of erased events, unless a reader needs the log. The end of this run, at the latest, forgets them.
    fn forget(&mut self) {
        if self.check().is_err() {
            return;
        }
        let _ = connection::without_waiting(&self.connection, deletion::forget_now);
    }

    /// The last ones, so that removing them costs little.
    fn next_leftovers(&self) -> &[Seq] {
        &self.leftovers[self.leftovers.len().saturating_sub(deletion::STEP)..]
    }

    /// Erases some of the events that earlier runs deleted.
    fn erase_some(&mut self) {
        let erased =
            if self.check().is_ok() { deletion::erase(&self.connection, self.next_leftovers()).ok() } else { None };
        match erased {
            Some(count) => {
                let from = self.leftovers.len() - self.next_leftovers().len();
                self.leftovers.drain(from..from + count);
                self.checkpointer.committed(&self.connection, 0);
            }
            // The end of this run tries again.
            None => self.leftovers.clear(),
        }
    }

    /// Notes that no pending forward was sent.
    pub(super) fn end_queued(&mut self) {
        // Otherwise the next start takes them for possibly sent.
        if self.check().is_ok() && self.connection.execute(END_QUEUED, []).is_ok() {
            self.checkpointer.committed(&self.connection, 0);
        }
    }

    /// Whether `file` is the one that is written to, and this process may replace it.
    pub(super) fn can_replace(&mut self, file: FileId) -> bool {
        self.guards.lock().is_held() && FileId::of(&self.path).is_ok_and(|own| own == file) && self.check().is_ok()
    }

    /// Writes through `connection` from now on. It must be a connection to the file that is at the path now.
    ///
    /// # Errors
    /// When the file or its log is no longer there.
    pub(super) fn switch_to(&mut self, connection: Connection) -> Result<(), SalvageError> {
        connection::set_checkpoint_on_close(&connection, true).map_err(SalvageError::Write)?;
        self.identity = Identity::of(&self.path, &connection)?;
        self.checkpointer = Checkpointer::start(&self.path, &connection);
        self.connection = connection;
        Ok(())
    }

    /// Replies to committed writes with the ids of their rows, if the file is still the one at its path.
    fn acknowledge(&mut self, writes: impl Iterator<Item = QueuedWrite>) {
        if let Err(error) = self.check() {
            return refuse(writes, &error);
        }
        let mut weight = 0;
        for (queued, id) in writes.zip(&self.ids) {
            weight += queued.write.weight();
            // Nobody may wait for the reply any more. The event is in the history all the same.
            let _ = queued.reply.send(Ok(*id));
            match queued.write {
                Write::Event(event, summary) if !event.annotation.is_imported => {
                    self.on_stored.stored(Summary { seq: *id, ..summary }, &event.forwards);
                }
                Write::Erase(_) => {
                    self.erased += usize::try_from(*id).unwrap_or_default();
                    self.may_shrink = true;
                }
                _ => {}
            }
        }
        self.checkpointer.committed(&self.connection, weight);
    }

    /// Checks that the files are still the ones that were opened, and hold what was written to them.
    fn check(&mut self) -> Result<(), AppendError> {
        let checked = self.identity.check(self.guards.lock().database(), &self.connection);
        self.guards.set_harmed(checked.is_err());
        checked.map_err(|harm| {
            if let Some(on_harmed) = self.on_harmed.take() {
                on_harmed(harm.to_string());
            }
            match harm {
                Harm::Removed(_) => AppendError::FileGone,
                Harm::Overwritten(_) => AppendError::FileDamaged,
            }
        })
    }
}

impl Drop for Commits {
    fn drop(&mut self) {
        // When the last connection closes, SQLite would copy a truncated log into the database, and would remove a log that is not its own.
        if self.check().is_err() {
            let _ = connection::set_checkpoint_on_close(&self.connection, false);
        }
    }
}

/// Replies to each write with `error`.
pub(super) fn refuse(writes: impl Iterator<Item = QueuedWrite>, error: &AppendError) {
    for queued in writes {
        let _ = queued.reply.send(Err(error.clone()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::envelope::Envelope;
    use crate::core::event::{Arrival, NewEvent};
    use crate::core::request::Head;
    use crate::core::response::ResponseState;
    use crate::core::signature::{Scheme, Verdict, Verification};
    use bytes::Bytes;
    use tokio::sync::oneshot;

    fn queued(size: usize) -> (QueuedWrite, oneshot::Receiver<Result<u64, AppendError>>) {
        let head = Head::parse(b"POST / HTTP/1.1\r\n\r\n").unwrap();
        let arrival = Arrival { received_at: jiff::Timestamp::UNIX_EPOCH, head, body: Bytes::from(vec![b'x'; size]) };
        let verification =
            Verification { verdict: Verdict::Unchecked, scheme: Scheme::None, reason: None, secret: None };
        let event = NewEvent {
            arrival,
            envelope: Envelope::default(),
            verification,
            size: size as u64,
            response: ResponseState::Sent(201),
            forwards: Vec::new(),
            directive: None,
            annotation: Default::default(),
        };
        let (reply, answer) = oneshot::channel();
        (QueuedWrite { write: Write::event(event), reply }, answer)
    }

    /// Writes events with bodies of these sizes in one batch.
    fn write(commits: &mut Commits, sizes: &[usize]) -> Vec<Result<u64, AppendError>> {
        let (mut writes, answers): (Vec<_>, Vec<_>) = sizes.iter().map(|size| queued(*size)).unzip();
        assert_eq!(commits.write(&mut writes), None);
        answers.into_iter().map(|mut answer| answer.try_recv().unwrap()).collect()
    }

    fn open(path: &Path) -> Commits {
        Commits::begin(Store::open(path).unwrap(), Arc::new(()))
    }

    #[test]
    fn events_refused_after_the_file_was_removed_are_not_in_the_file_that_readers_have_open() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("history.db");
        let mut commits = open(&path);
        let reader = crate::store::Reader::open(&path).unwrap();
        assert_eq!(write(&mut commits, &[10]), [Ok(1)]);
        std::fs::remove_file(&path).unwrap();
        assert_eq!(write(&mut commits, &[10, 20]), [Err(AppendError::FileGone), Err(AppendError::FileGone)]);
        assert_eq!(reader.last_seq().unwrap(), 1);
    }

    #[test]
    fn a_full_disk_refuses_only_what_does_not_fit_and_only_until_there_is_room() {
        let folder = tempfile::tempdir().unwrap();
        let mut commits = open(&folder.path().join("history.db"));
        assert_eq!(write(&mut commits, &[10]), [Ok(1)]);
        let pages: i64 = commits.connection.pragma_query_value(None, "page_count", |row| row.get(0)).unwrap();
        commits.connection.pragma_update_and_check(None, "max_page_count", pages + 2, |_| Ok(())).unwrap();
        assert_eq!(write(&mut commits, &[200_000]), [Err(AppendError::DiskFull)]);
        assert_eq!(
            write(&mut commits, &[10, 200_000, 20]),
            [Ok(2), Err(AppendError::DiskFull), Ok(3)],
            "what fits is stored"
        );
        commits.connection.pragma_update_and_check(None, "max_page_count", 1_000_000, |_| Ok(())).unwrap();
        assert_eq!(write(&mut commits, &[200_000]), [Ok(4)]);
    }
}
