//! Replaces a damaged history while it is open. hookglass acknowledges nothing until the repair has ended.

use super::AppendError;
use super::batch::{QueuedWrite, Write};
use super::commits::{Commits, refuse};
use super::damage::Repair;
use super::error::SalvageError;
use super::prepare::prepare;
use super::salvage::{self, Salvaged};
use crate::core::errors::with_causes;
use rusqlite::Connection;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

/// Most writes that wait for the end of a repair. Events are not among them: their senders get a refusal and try again.
const MAX_WAITING: usize = 1024;
/// After a failed repair, the first write after this long starts another one.
const RETRY_AFTER: Duration = Duration::from_secs(30);

/// Why hookglass stores nothing at present: the last repair failed.
pub(super) struct Refusal {
    error: AppendError,
    damage: String,
    since: Instant,
}

impl Refusal {
    pub(super) fn error(&self) -> &AppendError {
        &self.error
    }

    /// The damage, once it is time for another repair.
    pub(super) fn due(&self) -> Option<&str> {
        (self.since.elapsed() >= RETRY_AFTER).then_some(&self.damage)
    }
}

/// Asks the copying thread to stop when nobody waits for it any more.
struct StopOnDrop(Arc<AtomicBool>);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Copies every readable event to a new file and makes `commits` write to that file.
///
/// Leaves in `waiting` the writes that are to be written afterwards. After `patience`, refuses the events among them and among `writes`.
/// Ends early once every [`Writer`](super::Writer) is dropped.
pub(super) async fn repair(
    commits: &mut Commits,
    damage: String,
    writes: &mut mpsc::Receiver<QueuedWrite>,
    waiting: &mut Vec<QueuedWrite>,
    patience: Duration,
) -> Result<(), Refusal> {
    let report = Arc::clone(&commits.on_repair);
    report(Repair::Copying { events: 0, of: 0, damage: damage.clone() });
    let stop = StopOnDrop(Arc::default());
    let mut replaced = begin(commits, damage.clone(), &stop);
    let mut patience = pin!(tokio::time::sleep(patience));
    let (mut is_refusing, mut is_closed) = (false, false);
    let result = loop {
        tokio::select! {
            biased;
            result = &mut replaced => break result.unwrap_or(Err(SalvageError::Stopped)),
            () = &mut patience, if !is_refusing => is_refusing = true,
            queued = writes.recv(), if is_refusing && !is_closed => match queued {
                Some(queued) => waiting.push(queued),
                None => {
                    is_closed = true;
                    stop.0.store(true, Ordering::Relaxed);
                }
            },
        }
        if is_refusing {
            refuse_surplus(waiting);
        }
    };
    match result.and_then(|(connection, salvaged)| {
        commits.switch_to(connection)?;
        Ok(salvaged)
    }) {
        Ok(salvaged) => {
            report(Repair::Done(salvaged));
            Ok(())
        }
        Err(error) => {
            let why = with_causes(&error);
            let (hint, is_full) = (error.hint(), matches!(error, SalvageError::Shortage(_)));
            let error =
                if let SalvageError::Shortage(shortage) = error { shortage } else { AppendError::Failed(why.clone()) };
            report(Repair::Failed { why, hint, is_full });
            refuse(waiting.drain(..), &error);
            Err(Refusal { error, damage, since: Instant::now() })
        }
    }
}

type Replaced = Result<(Connection, Salvaged), SalvageError>;

/// Starts the copying in a thread of its own. The thread holds the lock on the history until it ends.
fn begin(commits: &Commits, damage: String, stop: &StopOnDrop) -> oneshot::Receiver<Replaced> {
    let (sender, receiver) = oneshot::channel();
    let (path, durability, guards) = (commits.path.clone(), commits.durability, Arc::clone(&commits.guards));
    let (report, stop) = (Arc::clone(&commits.on_repair), Arc::clone(&stop.0));
    // If no thread can be started, the channel closes, and the repair counts as stopped.
    let _ = thread::Builder::new().name("store-repair".to_owned()).spawn(move || {
        let mut report_copying = |events, of| report(Repair::Copying { events, of, damage: damage.clone() });
        let database = Arc::clone(guards.lock().database());
        let replaced = salvage::replace(&path, database, &mut report_copying, &stop).and_then(|salvaged| {
            let moved = guards.lock().move_to(&path);
            let connection = moved.and_then(|()| prepare(&path, durability));
            Ok((connection.map_err(|error| SalvageError::Open(Box::new(error)))?, salvaged))
        });
        let _ = sender.send(replaced);
        drop(guards);
    });
    receiver
}

/// Refuses the events in `waiting`, whose senders try again, and every write beyond [`MAX_WAITING`].
fn refuse_surplus(waiting: &mut Vec<QueuedWrite>) {
    let mut count = 0;
    let too_many = waiting.extract_if(.., |queued| {
        count += 1;
        matches!(queued.write, Write::Event(..)) || count > MAX_WAITING
    });
    refuse(too_many, &AppendError::Busy);
}
