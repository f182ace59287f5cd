//! The retry simulator: retries on the provider's schedule, faster than real time, until the target responds with 2xx.

use crate::app::outbound::prepare::PrepareError;
use crate::app::outbound::send::{Sender, Sent};
use crate::core::delivery::{Ending, Form, Origin, RetryPlan, RetryStep, SigningPolicy, Target};
use crate::core::event::Event;
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

/// The resolution of the timestamps that are signed.
const SECOND: SignedDuration = SignedDuration::from_secs(1);

/// How a series of attempts ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryEnd {
    /// This attempt got 2xx.
    Delivered(u32),
    /// The schedule is over, so the provider would give up.
    GaveUp,
    /// It was stopped before this attempt.
    Stopped(u32),
}

/// Makes the attempts of `plan`, starting with number `first` (attempt 1 is made at once), and calls `told` after each with the output
/// of `attempt`. `ending` reads the ending from that output. When `stop` is cancelled, an attempt in flight finishes.
///
/// `attempt` gets its number and the time to sign with. That time is a different second for each attempt, so with a fast schedule it
/// may be a few seconds ahead of the clock.
///
/// # Errors
/// The first error of `attempt`, which means that nothing was sent. No further attempt is made.
pub async fn retry<T, E, F: Future<Output = Result<T, E>>>(
    plan: RetryPlan,
    first: u32,
    stop: &CancellationToken,
    mut attempt: impl FnMut(u32, Timestamp) -> F,
    ending: impl Fn(&T) -> Ending,
    mut told: impl FnMut(RetryStep, T),
) -> Result<RetryEnd, E> {
    let RetryPlan { schedule, speed } = plan;
    let (mut number, mut signed_at) = (first, Timestamp::MIN);
    while let Some(wait) = schedule.wait_before(number, speed) {
        if !has_waited(wait, stop).await {
            return Ok(RetryEnd::Stopped(number));
        }
        signed_at = Timestamp::now().max(signed_at.saturating_add(SECOND).expect("a second is a valid duration"));
        let output = attempt(number, signed_at).await?;
        let ending = ending(&output);
        let next_in = schedule.wait_before(number + 1, speed).filter(|_| !ending.is_delivered());
        told(RetryStep { attempt: number, of: schedule.attempts(), ending, next_in }, output);
        if ending.is_delivered() {
            return Ok(RetryEnd::Delivered(number));
        }
        number += 1;
    }
    Ok(RetryEnd::GaveUp)
}

/// Retries one event.
#[derive(Clone)]
pub struct Retrying {
    pub sender: Sender,
    pub event: Event,
    pub target: Target,
    pub form: Form,
    pub policy: SigningPolicy,
}

impl Retrying {
    /// As [`retry`], with the same id at each attempt and, if the form signs, a fresh timestamp and signature. Each delivery is stored.
    /// `told` must not block.
    ///
    /// # Errors
    /// When the event cannot be sent.
    pub async fn run(
        self,
        plan: RetryPlan,
        first: u32,
        stop: CancellationToken,
        told: impl FnMut(RetryStep, Sent),
    ) -> Result<RetryEnd, PrepareError> {
        let prepared = Arc::new(self.sender.prepare(&self.event, &self.form, self.policy)?);
        let this = Arc::new(self);
        let attempt = |_, signed_at| {
            let (this, prepared) = (this.clone(), prepared.clone());
            async move { Ok(this.sender.send(&prepared, signed_at, &this.target, Origin::Retried).await) }
        };
        retry(plan, first, &stop, attempt, |sent| sent.delivery.ending(), told).await
    }
}

/// Returns whether all of `wait` passed without a stop.
async fn has_waited(wait: Duration, stop: &CancellationToken) -> bool {
    // The timer would round up to a millisecond.
    if wait.is_zero() {
        return !stop.is_cancelled();
    }
    tokio::select! {
        biased;
        () = stop.cancelled() => false,
        () = sleep(wait) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::delivery::{FailureKind, SCHEDULES, Schedule};
    use tokio::time::Instant;

    fn plan(name: &str, speed: u32) -> RetryPlan {
        RetryPlan { schedule: Schedule::find(name).unwrap(), speed }
    }

    /// Runs `plan` against a target with these endings, each after 100 ms. Returns the seconds at which the attempts started.
    async fn run(plan: RetryPlan, first: u32, endings: &[Ending]) -> (RetryEnd, Vec<f64>, Vec<RetryStep>) {
        let started = Instant::now();
        let (mut at, mut steps) = (Vec::new(), Vec::new());
        let mut endings = endings.iter();
        let attempt = |_, _| {
            at.push(started.elapsed().as_secs_f64());
            let ending = *endings.next().unwrap();
            async move {
                sleep(Duration::from_millis(100)).await;
                Ok::<_, ()>(ending)
            }
        };
        let end = retry(plan, first, &CancellationToken::new(), attempt, |ending| *ending, |step, _| steps.push(step))
            .await
            .unwrap();
        (end, at, steps)
    }

    const FAILED: Ending = Ending::Responded(500);

    #[tokio::test(start_paused = true)]
    async fn each_wait_begins_when_the_previous_attempt_has_failed() {
        let (end, at, steps) = run(plan("engine", 1), 1, &[FAILED; 8]).await;
        assert_eq!(end, RetryEnd::GaveUp);
        let expected = [0.0, 5.1, 305.2, 2105.3, 9305.4, 27_305.5, 63_305.6, 99_305.7];
        assert!(at.iter().zip(expected).all(|(at, expected)| (at - expected).abs() < 0.01), "{at:?}");
        assert_eq!(at.len(), 8);
        assert_eq!(steps[0], RetryStep { attempt: 1, of: 8, ending: FAILED, next_in: Some(Duration::from_secs(5)) });
        assert_eq!(steps[7], RetryStep { attempt: 8, of: 8, ending: FAILED, next_in: None });
    }

    #[tokio::test(start_paused = true)]
    async fn it_stops_at_2xx() {
        let endings = [Ending::Failed(FailureKind::Refused), FAILED, Ending::Responded(204)];
        let (end, at, steps) = run(plan("reference", 10), 1, &endings).await;
        assert_eq!((end, at.len()), (RetryEnd::Delivered(3), 3));
        assert_eq!(steps.iter().map(|step| step.ending).collect::<Vec<_>>(), endings);
        assert_eq!(steps[1].next_in, Some(Duration::from_secs(3)));
        assert_eq!(steps[2].next_in, None);
    }

    #[tokio::test(start_paused = true)]
    async fn it_can_start_with_a_later_attempt() {
        let (end, at, steps) = run(plan("minutes", 60), 2, &[FAILED; 3]).await;
        assert_eq!((end, steps[0].attempt, steps.len()), (RetryEnd::GaveUp, 2, 3));
        assert!((at[0] - 1.0).abs() < 0.01 && (at[2] - 21.2).abs() < 0.01, "{at:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_stop_ends_the_wait_and_makes_no_further_attempt() {
        let stop = CancellationToken::new();
        let mut attempts = 0;
        let attempt = async |_, _| Ok::<_, ()>(FAILED);
        let plan = RetryPlan { schedule: &SCHEDULES[0], speed: 1 };
        let retrying = retry(plan, 1, &stop, attempt, |ending| *ending, |_, _| attempts += 1);
        let started = Instant::now();
        let stopping = async {
            sleep(Duration::from_secs(60)).await;
            stop.cancel();
        };
        let (end, ()) = tokio::join!(retrying, stopping);
        assert_eq!((end, attempts, started.elapsed().as_secs()), (Ok(RetryEnd::Stopped(3)), 2, 60));

        let end = retry(plan, 1, &stop, attempt, |ending| *ending, |_, _| panic!("an attempt")).await;
        assert_eq!(end, Ok(RetryEnd::Stopped(1)));
    }

    #[tokio::test(start_paused = true)]
    async fn an_event_that_cannot_be_sent_is_not_retried() {
        let (plan, stop) = (RetryPlan::default(), CancellationToken::new());
        let attempt = async |_, _| Err::<Ending, _>("no secret");
        let end = retry(plan, 1, &stop, attempt, |ending| *ending, |_, _| panic!("an attempt")).await;
        assert_eq!(end, Err("no secret"));
    }

    #[test]
    fn its_future_is_send() {
        fn is_send<F: Future + Send>(_: impl FnOnce(Retrying, CancellationToken) -> F) {}
        is_send(|retrying, stop| retrying.run(RetryPlan::default(), 1, stop, |_, _| {}));
    }
}
