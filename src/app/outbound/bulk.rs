//! Sends many events to one target at a given pace, until it is stopped. Each event is read just before it is sent.

use crate::app::history::shared_reader::{EventError, SharedReader};
use crate::app::outbound::prepare::PrepareError;
use crate::app::outbound::send::{BEING_STORED, Sender, Sent};
use crate::core::delivery::{Form, Origin, Pace, Sending, SigningPolicy, Target};
use crate::core::event::Seq;
use futures_util::stream::{FuturesUnordered, StreamExt};
use jiff::Timestamp;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

/// The timer rounds up to milliseconds.
const TIMER_SLACK: Duration = Duration::from_millis(2);

/// The right of one job to have a request in flight. The next job may start when it is dropped.
pub struct Slot {
    _permit: OwnedSemaphorePermit,
}

/// Starts `send` for each of `jobs`, in order and at `pace`, and calls `ended` with each output, in the order in which they end. The
/// caller repeats the jobs for [`Pace::times`]. With several jobs at once, one that drops its slot before it ends lets the next one start:
/// it has no request in flight and only stores its result. When `stop` is cancelled, no further job starts, and those in flight finish.
pub async fn run<J: IntoIterator, F: Future>(
    jobs: J,
    pace: Pace,
    stop: &CancellationToken,
    mut send: impl FnMut(J::Item, Slot) -> F,
    mut ended: impl FnMut(F::Output),
) {
    let mut jobs = jobs.into_iter();
    let parallel = pace.parallel.max(1);
    let slots = Arc::new(Semaphore::new(parallel));
    // One at a time also means that each result is stored and told before the next job starts.
    let most = if parallel == 1 { 1 } else { parallel + BEING_STORED };
    let mut running = FuturesUnordered::new();
    let mut has_more = true;
    let mut next_start = Instant::now();
    loop {
        let may_start = has_more && running.len() < most;
        let turn = async {
            let permit = Arc::clone(&slots).acquire_owned().await.expect("the semaphore is never closed");
            wait_until(next_start).await;
            Slot { _permit: permit }
        };
        tokio::select! {
            biased;
            () = stop.cancelled(), if has_more => has_more = false,
            slot = turn, if may_start => match jobs.next() {
                Some(job) => {
                    let now = Instant::now();
                    // Makes up for a late timer, but not for slow deliveries: a burst would follow them.
                    let is_on_time = now < next_start + TIMER_SLACK;
                    next_start = if is_on_time { next_start } else { now } + pace.spacing;
                    running.push(send(job, slot));
                }
                None => has_more = false,
            },
            Some(output) = running.next(), if !running.is_empty() => ended(output),
            else => return,
        }
    }
}

/// Waits until `at`. Skips the timer if that has passed, because it would take a millisecond.
async fn wait_until(at: Instant) {
    if Instant::now() < at {
        sleep_until(at).await;
    }
}

/// Sends stored events again.
#[derive(Clone)]
pub struct Bulk {
    pub reader: SharedReader,
    pub sender: Sender,
    pub target: Target,
    pub form: Form,
    pub policy: SigningPolicy,
}

/// An event whose turn is over.
#[derive(Debug)]
pub struct Ended {
    pub seq: Seq,
    pub result: Result<Sent, BulkError>,
}

/// Why an event was not sent.
#[derive(Debug, thiserror::Error)]
pub enum BulkError {
    #[error(transparent)]
    Event(#[from] EventError),
    #[error(transparent)]
    Prepare(#[from] PrepareError),
}

impl Ended {
    /// For the [`Tally`](crate::core::delivery::Tally).
    pub fn in_short(&self) -> Sending {
        match &self.result {
            Ok(sent) => sent.in_short(),
            Err(why) => Sending::NotSent(why.to_string()),
        }
    }
}

impl Bulk {
    /// Sends the events `seqs` in that order, [`Pace::times`] times, and calls `ended` after each. `ended` must not block. Each delivery
    /// is stored.
    pub async fn run(self, seqs: Vec<Seq>, pace: Pace, stop: CancellationToken, ended: impl FnMut(Ended)) {
        let (this, seqs) = (Arc::new(self), Arc::new(seqs));
        let jobs = (0..pace.times).flat_map(move |_| {
            let seqs = seqs.clone();
            (0..seqs.len()).map(move |place| seqs[place])
        });
        let send = |seq, slot| {
            let this = this.clone();
            async move { Ended { seq, result: this.send(seq, slot).await } }
        };
        run(jobs, pace, &stop, send, ended).await;
    }

    async fn send(&self, seq: Seq, slot: Slot) -> Result<Sent, BulkError> {
        let event = self.reader.event(seq)?;
        let prepared = self.sender.prepare(&event, &self.form, self.policy)?;
        Ok(self.sender.send_in(slot, &prepared, Timestamp::now(), &self.target, Origin::Asked).await)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::{Cell, RefCell};
    use tokio::time::sleep;

    fn pace(parallel: usize, spacing_ms: u64) -> Pace {
        Pace { parallel, spacing: Duration::from_millis(spacing_ms), times: 1 }
    }

    /// Runs jobs that take these milliseconds. Returns when each one started, and their numbers in the order in which they ended.
    async fn sent(durations_ms: &[u64], pace: Pace) -> (Vec<u128>, Vec<usize>) {
        let started = Instant::now();
        let (began, mut ended) = (RefCell::new(Vec::new()), Vec::new());
        let send = async |(number, duration_ms): (usize, &u64), _slot: Slot| {
            began.borrow_mut().push(started.elapsed().as_millis());
            sleep(Duration::from_millis(*duration_ms)).await;
            number
        };
        run(durations_ms.iter().enumerate(), pace, &CancellationToken::new(), send, |number| ended.push(number)).await;
        (began.into_inner(), ended)
    }

    #[tokio::test(start_paused = true)]
    async fn one_at_a_time_keeps_the_order() {
        let (began, ended) = sent(&[30, 10, 20], pace(1, 0)).await;
        assert_eq!((began, ended), (vec![0, 30, 40], vec![0, 1, 2]));
    }

    #[tokio::test(start_paused = true)]
    async fn as_many_jobs_run_at_once_as_the_pace_allows() {
        let (began, ended) = sent(&[30, 10, 10, 10, 50], pace(3, 0)).await;
        assert_eq!(began, [0, 0, 0, 10, 10]);
        assert_eq!(ended, [1, 2, 3, 0, 4]);
    }

    #[tokio::test(start_paused = true)]
    async fn several_at_once_do_not_wait_until_a_result_is_stored() {
        for (parallel, starts) in [(1, [0, 100, 140]), (2, [0, 0, 10])] {
            let mut began = Vec::new();
            let started = Instant::now();
            let send = |storing_ms: u64, slot: Slot| {
                began.push(started.elapsed().as_millis());
                async move {
                    sleep(Duration::from_millis(10)).await;
                    drop(slot);
                    sleep(Duration::from_millis(storing_ms)).await;
                }
            };
            run([90, 30, 30], pace(parallel, 0), &CancellationToken::new(), send, |()| {}).await;
            assert_eq!(began, starts, "{parallel}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_rate_spaces_the_starts() {
        let (began, _) = sent(&[1; 5], pace(4, 100)).await;
        assert_eq!(began, [0, 100, 200, 300, 400]);
    }

    #[tokio::test(start_paused = true)]
    async fn no_burst_follows_a_slow_job() {
        let (began, _) = sent(&[350, 10, 10, 10], pace(1, 100)).await;
        assert_eq!(began, [0, 350, 450, 550]);
    }

    #[tokio::test(start_paused = true)]
    async fn after_a_stop_running_jobs_finish_and_no_further_one_starts() {
        let stop = CancellationToken::new();
        let (begun, ended) = (Cell::new(0), Cell::new(0));
        let send = async |number: u64, _slot: Slot| {
            begun.set(begun.get() + 1);
            sleep(Duration::from_secs(number)).await;
        };
        let stopping = async {
            sleep(Duration::from_millis(1500)).await;
            stop.cancel();
        };
        let started = Instant::now();
        tokio::join!(run(1.., pace(4, 0), &stop, send, |()| ended.set(ended.get() + 1)), stopping);
        // Job 1 ended and job 5 took its place.
        assert_eq!((begun.get(), ended.get(), started.elapsed().as_secs()), (5, 5, 6));
    }

    #[tokio::test(start_paused = true)]
    async fn a_stop_ends_the_wait_for_the_next_job() {
        let stop = CancellationToken::new();
        let begun = Cell::new(0);
        let send = async |(), _slot: Slot| {
            begun.set(begun.get() + 1);
            stop.cancel();
        };
        let started = Instant::now();
        run(std::iter::repeat_n((), 9), pace(1, 60_000), &stop, send, |()| {}).await;
        assert_eq!((begun.get(), started.elapsed()), (1, Duration::ZERO));
    }

    #[tokio::test(start_paused = true)]
    async fn without_jobs_it_returns_at_once() {
        run(std::iter::empty::<()>(), pace(1, 0), &CancellationToken::new(), async |(), _| {}, |()| panic!("an end"))
            .await;
    }

    #[test]
    fn its_future_is_send() {
        fn is_send<F: Future + Send>(_: impl FnOnce(Bulk, CancellationToken) -> F) {}
        is_send(|bulk, stop| bulk.run(vec![1], Pace::default(), stop, |_| {}));
    }
}
