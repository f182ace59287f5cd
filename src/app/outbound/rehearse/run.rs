//! One run of rehearsals: one after the other, with the progress, the check of the app's state, and what happens when the app dies.

use super::state_check::StateCheck;
use super::{RehearseError, Rehearsing};
use crate::app::outbound::send::NotStored;
use crate::core::delivery::{Ending, FailureKind};
use crate::core::rehearsal::{
    Death, Matrix, Outcome, Rehearsal, Row, Sequence, Snapshot, Staged, State, Step, Terms, refused_alike,
};
use crate::core::times::in_words;
use futures_util::future::try_join_all;
use std::time::{Duration, Instant};

/// How often an app that died is tried again.
const AGAIN_AFTER: Duration = Duration::from_millis(200);

pub(super) struct Run<'a, C, F> {
    rehearsing: &'a Rehearsing,
    terms: Terms,
    matrix: Matrix,
    is_cancelled: C,
    on_step: F,
    /// The last request that the app may have died at.
    last: Option<(Rehearsal, String)>,
    /// Why nothing more is sent.
    is_down: Option<String>,
    /// What the check said last, if nothing was sent since.
    snapshot: Option<Snapshot>,
}

/// What became of the requests of one rehearsal.
struct Attempt {
    outcomes: Vec<Outcome>,
    state: Option<State>,
    took: Duration,
}

/// Where the app died.
enum Culprit {
    /// At this request of the rehearsal.
    Here(usize),
    /// At the last request before it.
    Before(Rehearsal, String),
}

impl<'a, C: Fn() -> bool, F: FnMut(Step)> Run<'a, C, F> {
    pub(super) fn new(rehearsing: &'a Rehearsing, count: usize, is_cancelled: C, on_step: F) -> Self {
        let original = &rehearsing.original;
        let terms = Terms { trigger_point: original.trigger_point(), ..Terms::new(original.scheme()) };
        let matrix = Matrix::new(count);
        Self { rehearsing, terms, matrix, is_cancelled, on_step, last: None, is_down: None, snapshot: None }
    }

    pub(super) async fn all(mut self, rehearsals: &[Rehearsal]) -> Result<Matrix, RehearseError> {
        let count = rehearsals.len();
        for (place, rehearsal) in (1..).zip(rehearsals.iter().copied()) {
            let row = if let Some(why) = &self.is_down {
                Row::not_tried(rehearsal, self.terms, why)
            } else {
                if (self.is_cancelled)() {
                    break;
                }
                self.tell(Step::Began { rehearsal, place, count });
                let Some(row) = self.row(rehearsal).await? else { break };
                row
            };
            if rehearsal == Rehearsal::Control {
                self.terms.control = row.baseline();
                if row.has_no_response() && self.is_down.is_none() {
                    self.is_down = Some("the valid event got no response".to_owned());
                }
            }
            self.tell(Step::Ended(row));
        }
        self.look_for_a_guard().await;
        Ok(self.matrix)
    }

    fn tell(&mut self, step: Step) {
        self.matrix.apply(step.clone());
        (self.on_step)(step);
    }

    /// `None` if it was cancelled before its last request ended. If the app died before it, it is run again once the app is back.
    async fn row(&mut self, rehearsal: Rehearsal) -> Result<Option<Row>, NotStored> {
        let mut is_again = false;
        loop {
            let Some(Attempt { mut outcomes, state, took }) = self.attempt(rehearsal).await? else { return Ok(None) };
            match self.culprit(rehearsal, &outcomes).await {
                Some(Culprit::Before(..)) if is_again => {}
                Some(Culprit::Before(earlier, what)) => {
                    if self.wait_for_app(earlier, what).await {
                        is_again = true;
                        continue;
                    }
                    return Ok(self.is_down.as_ref().map(|why| Row::not_tried(rehearsal, self.terms, why)));
                }
                Some(Culprit::Here(place)) => {
                    outcomes.truncate(place + 1);
                    outcomes[place].has_killed = true;
                    let what = outcomes[place].what.clone();
                    self.wait_for_app(rehearsal, what).await;
                    // What killed it is named; what comes next did not.
                    self.last = None;
                }
                None => self.note_last(rehearsal, &outcomes),
            }
            let row = Row::new(rehearsal, self.terms, outcomes, u64::try_from(took.as_micros()).unwrap_or(u64::MAX));
            return Ok(Some(match state {
                Some(state) => row.with_state(state),
                None => row,
            }));
        }
    }

    fn note_last(&mut self, rehearsal: Rehearsal, outcomes: &[Outcome]) {
        if let Some(last) = outcomes.iter().rfind(|outcome| is_connected(outcome)) {
            self.last = Some((rehearsal, last.what.clone()));
        }
    }

    /// `None` if it was cancelled.
    async fn attempt(&mut self, rehearsal: Rehearsal) -> Result<Option<Attempt>, NotStored> {
        let staged = self.rehearsing.staged(rehearsal);
        let check = self.rehearsing.options.check.clone();
        let Some((check, settled)) = check.zip(rehearsal.settled_after()) else {
            let attempt = self.send(rehearsal, staged).await?;
            return Ok(attempt.map(|(outcomes, took)| Attempt { outcomes, state: None, took }));
        };
        // Simultaneous deliveries are repeated as a whole.
        let (first, rest) = match rehearsal.sequence() {
            Sequence::Together => (staged.clone(), staged),
            Sequence::InTurn => {
                let mut first = staged;
                let rest = first.split_off(settled.min(first.len()));
                (first, rest)
            }
        };
        let Some((mut outcomes, mut took)) = self.send(rehearsal, first).await? else { return Ok(None) };
        if outcomes.iter().any(|outcome| matches!(outcome.ending, Ending::Failed(_))) {
            return Ok(Some(Attempt { outcomes, state: None, took }));
        }
        let before = self.check(&check).await;
        let Some((further, further_took)) = self.send(rehearsal, rest).await? else { return Ok(None) };
        outcomes.extend(further);
        took += further_took;
        let state = match (before, self.check(&check).await) {
            (Ok(before), Ok(after)) => State::between(&before, &after),
            (Err(why), _) | (_, Err(why)) => State::Unknown(why),
        };
        Ok(Some(Attempt { outcomes, state: Some(state), took }))
    }

    /// What the check says now.
    async fn check(&mut self, check: &StateCheck) -> Result<Snapshot, String> {
        if let Some(snapshot) = &self.snapshot {
            return Ok(snapshot.clone());
        }
        tokio::time::sleep(check.settle).await;
        let snapshot = check.run().await.map_err(|error| error.to_string())?;
        self.snapshot = Some(snapshot.clone());
        Ok(snapshot)
    }

    /// `None` if it was cancelled before the last request ended.
    async fn send(
        &mut self,
        rehearsal: Rehearsal,
        staged: Vec<Staged>,
    ) -> Result<Option<(Vec<Outcome>, Duration)>, NotStored> {
        if staged.is_empty() {
            return Ok(Some((Vec::new(), Duration::ZERO)));
        }
        self.snapshot = None;
        let started = Instant::now();
        let outcomes = match rehearsal.sequence() {
            Sequence::Together => {
                try_join_all(staged.into_iter().map(|staged| self.rehearsing.outcome(rehearsal, staged))).await?
            }
            Sequence::InTurn => {
                let mut outcomes = Vec::with_capacity(staged.len());
                for staged in staged {
                    if !outcomes.is_empty() && (self.is_cancelled)() {
                        return Ok(None);
                    }
                    let outcome = self.rehearsing.outcome(rehearsal, staged).await?;
                    let is_end = matches!(outcome.ending, Ending::Failed(_));
                    outcomes.push(outcome);
                    if is_end {
                        break;
                    }
                }
                outcomes
            }
        };
        if outcomes.iter().any(|outcome| outcome.ending == Ending::Failed(FailureKind::Cancelled)) {
            return Ok(None);
        }
        Ok(Some((outcomes, started.elapsed())))
    }

    /// Where the app died, if it did: a connection is refused or was cut off, and the app had accepted one before.
    async fn culprit(&self, rehearsal: Rehearsal, outcomes: &[Outcome]) -> Option<Culprit> {
        let failed = outcomes.iter().position(|outcome| matches!(outcome.ending, Ending::Failed(_)))?;
        let is_lost = |outcome: &Outcome| {
            let is_reset = matches!(outcome.ending, Ending::Failed(FailureKind::Reset | FailureKind::Garbled));
            is_reset && is_connected(outcome)
        };
        let is_refused = |outcome: &Outcome| {
            matches!(outcome.ending, Ending::Failed(FailureKind::Refused | FailureKind::Reset))
                && !is_connected(outcome)
        };
        let refused = outcomes.iter().any(is_refused);
        if let Some(lost) = outcomes.iter().position(is_lost) {
            let is_dead = refused || !self.rehearsing.sender.client.reaches(&self.rehearsing.target).await;
            return is_dead.then_some(Culprit::Here(lost));
        }
        if !refused {
            return None;
        }
        match (rehearsal.sequence(), failed.checked_sub(1), &self.last) {
            (Sequence::InTurn, Some(before), _) => Some(Culprit::Here(before)),
            (_, _, Some((rehearsal, what))) => Some(Culprit::Before(*rehearsal, what.clone())),
            _ => None,
        }
    }

    /// Waits for the app, which died at a request. Whether it is back.
    async fn wait_for_app(&mut self, rehearsal: Rehearsal, what: String) -> bool {
        let limit = self.rehearsing.options.wait_for_app;
        self.tell(Step::Died { what: what.clone(), wait_s: limit.as_secs() });
        let until = Instant::now() + limit;
        let is_back = loop {
            if self.rehearsing.sender.client.reaches(&self.rehearsing.target).await {
                break true;
            }
            if Instant::now() >= until || (self.is_cancelled)() {
                break false;
            }
            tokio::time::sleep(AGAIN_AFTER.min(until.saturating_duration_since(Instant::now()))).await;
        };
        if !is_back {
            self.is_down = Some(match limit.is_zero() {
                true => "the app died".to_owned(),
                false => format!("the app died, and did not come back within {}", in_words(limit)),
            });
        }
        self.tell(Step::Waited(Death { rehearsal, what, is_back }));
        is_back
    }

    /// If every telling request got the same refusal, sends one to a path that cannot exist. If that gets it as well, the handler did not
    /// run.
    async fn look_for_a_guard(&mut self) {
        let Some(Ending::Responded(status)) = refused_alike(&self.matrix) else { return };
        if matches!(status, 404 | 405 | 429) || (self.is_cancelled)() {
            return;
        }
        if let Some(ending) = self.rehearsing.ask_elsewhere().await {
            self.tell(Step::Elsewhere(ending));
        }
    }
}

/// Whether the app accepted its connection.
fn is_connected(outcome: &Outcome) -> bool {
    outcome.timing.connected_us.is_some()
}
