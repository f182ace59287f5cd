//! Replaces a damaged history while it is open. Nothing is acknowledged meanwhile; those who wait are answered as when the queue is full.

use super::AppendError;
use super::batch::{Order, Work};
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

/// Orders of ours, such as deliveries to be recorded, that wait for the end of a repair; senders' requests do not wait for so long.
const HELD: usize = 1024;
/// A repair that failed is tried again with the first request after this long.
const RETRY_AFTER: Duration = Duration::from_secs(30);

/// What keeps anything from being stored.
pub(super) struct Refusal {
    error: AppendError,
    damage: String,
    since: Instant,
}

impl Refusal {
    pub(super) fn error(&self) -> &AppendError {
        &self.error
    }

    /// What was found damaged, once it is time to try again.
    pub(super) fn due(&self) -> Option<&str> {
        (self.since.elapsed() >= RETRY_AFTER).then_some(&self.damage)
    }
}

/// Asks the thread that copies to stop when nobody waits for it any more.
struct StopOnDrop(Arc<AtomicBool>);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Copies what can be read to a new file and has `commits` write to that. `waiting` are orders that wait for it; those that come
/// meanwhile are added to it, or refused after `patience`. Ends early when no more orders can come.
pub(super) async fn repair(
    commits: &mut Commits,
    damage: String,
    orders: &mut mpsc::Receiver<Order>,
    waiting: &mut Vec<Order>,
    patience: Duration,
) -> Result<(), Refusal> {
    let tell = Arc::clone(&commits.on_repair);
    tell(Repair::Copying { events: 0, of: 0, damage: damage.clone() });
    let stop = StopOnDrop(Arc::default());
    let mut replaced = begin(commits, damage.clone(), &stop);
    let mut patience = pin!(tokio::time::sleep(patience));
    let (mut is_refusing, mut is_over) = (false, false);
    let result = loop {
        tokio::select! {
            biased;
            result = &mut replaced => break result.unwrap_or(Err(SalvageError::Stopped)),
            () = &mut patience, if !is_refusing => is_refusing = true,
            order = orders.recv(), if is_refusing && !is_over => match order {
                Some(order) => waiting.push(order),
                None => {
                    is_over = true;
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
            tell(Repair::Done(salvaged));
            Ok(())
        }
        Err(error) => {
            let why = with_causes(&error);
            let (hint, is_full) = (error.hint(), matches!(error, SalvageError::Shortage(_)));
            let error =
                if let SalvageError::Shortage(shortage) = error { shortage } else { AppendError::Failed(why.clone()) };
            tell(Repair::Failed { why, hint, is_full });
            refuse(waiting.drain(..), &error);
            Err(Refusal { error, damage, since: Instant::now() })
        }
    }
}

type Replaced = Result<(Connection, Salvaged), SalvageError>;

/// Begins to copy, in a thread of its own, which has the lock until it ends.
fn begin(commits: &Commits, damage: String, stop: &StopOnDrop) -> oneshot::Receiver<Replaced> {
    let (end, ended) = oneshot::channel();
    let (path, durability, guards) = (commits.path.clone(), commits.durability, Arc::clone(&commits.guards));
    let (tell, stop) = (Arc::clone(&commits.on_repair), Arc::clone(&stop.0));
    // Without a thread the end of the channel says that nothing was done.
    let _ = thread::Builder::new().name("store-repair".to_owned()).spawn(move || {
        let mut copying = |events, of| tell(Repair::Copying { events, of, damage: damage.clone() });
        let database = Arc::clone(guards.lock().database());
        let replaced = salvage::replace(&path, database, &mut copying, &stop).and_then(|salvaged| {
            let connection = guards.lock().move_to(&path).and_then(|()| prepare(&path, durability));
            Ok((connection.map_err(|error| SalvageError::Open(Box::new(error)))?, salvaged))
        });
        let _ = end.send(replaced);
        drop(guards);
    });
    ended
}

/// Refuses the requests of senders, who try again, and what else is too much to be held.
fn refuse_surplus(waiting: &mut Vec<Order>) {
    let mut held = 0;
    let too_many = waiting.extract_if(.., |order| {
        held += 1;
        matches!(order.work, Work::Append(..)) || held > HELD
    });
    refuse(too_many, &AppendError::Busy);
}
