//! A job: many deliveries that run in the background. One job runs at a time. Its kind, progress and results.

use super::effect::Order;
use super::theme::Role;
use crate::core::delivery::{Ending, RetryPlan, RetryStep, Tally, TallyKind, Target};
use crate::core::diagnosis::broken;
use crate::core::event::Seq;
use crate::core::numbers::grouped;
use crate::core::rehearsal::{Folds, Matrix, Rest, Step, matrix_lines};
use crate::core::times::in_words;

pub struct Job {
    pub target: Target,
    pub work: Work,
    pub phase: Phase,
    /// Which groups of rehearsals show one line.
    pub folds: Folds,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Phase {
    Running,
    /// No new delivery starts; those in flight finish.
    Stopping,
    Ended,
    /// The job could not continue, with the reason.
    Failed(String),
}

pub enum Work {
    Sending(Tally),
    Retrying { plan: RetryPlan, steps: Vec<RetryStep> },
    Rehearsing(Matrix),
}

/// A finished delivery of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended {
    pub seq: Seq,
    pub ending: Ending,
    /// Microseconds.
    pub total_us: u64,
    /// Whether the app got the request byte for byte.
    pub is_as_received: bool,
}

/// Progress of a job.
#[derive(Clone, Debug)]
pub enum News {
    /// The deliveries that finished since the last news, and the counts including them.
    Sent {
        endings: Vec<Ended>,
        tally: Tally,
    },
    Retried(RetryStep),
    Rehearsed(Step),
}

impl Job {
    /// The job for `order`; `None` when the order is a single delivery.
    pub fn new(order: &Order, target: &Target) -> Option<Self> {
        let work = match order {
            Order::Event { .. } => return None,
            Order::Many { seqs, pace, .. } => Work::Sending(Tally::new(seqs.len() as u64 * u64::from(pace.times))),
            Order::Retries { plan, .. } => Work::Retrying { plan: *plan, steps: Vec::new() },
            Order::Rehearsals { rehearsals, .. } => Work::Rehearsing(Matrix::new(rehearsals.len())),
        };
        Some(Self { target: target.clone(), work, phase: Phase::Running, folds: Folds::default() })
    }

    pub(crate) fn is_running(&self) -> bool {
        matches!(self.phase, Phase::Running | Phase::Stopping)
    }

    pub fn apply(&mut self, news: News) {
        match (&mut self.work, news) {
            (Work::Sending(tally), News::Sent { tally: newest, .. }) => *tally = newest,
            (Work::Retrying { steps, .. }, News::Retried(step)) => steps.push(step),
            (Work::Rehearsing(matrix), News::Rehearsed(step)) => matrix.apply(step),
            _ => {}
        }
    }

    /// Steps done, and steps planned.
    pub fn progress(&self) -> (u64, u64) {
        match &self.work {
            Work::Sending(tally) => (tally.done(), tally.all()),
            Work::Retrying { plan, steps } => (steps.len() as u64, plan.schedule.attempts().into()),
            Work::Rehearsing(matrix) => (matrix.rows.len() as u64, matrix.planned as u64),
        }
    }

    /// The results so far, wrapped at `width` columns.
    pub fn lines(&self, width: usize) -> Vec<Vec<(Role, String)>> {
        let mut lines = match &self.work {
            Work::Sending(tally) => tally_lines(tally),
            Work::Retrying { plan, steps } => retry_lines(*plan, steps, width),
            Work::Rehearsing(matrix) => {
                let lines = matrix_lines(matrix, self.rest(), Some(&self.folds), width);
                lines
                    .into_iter()
                    .map(|line| line.into_iter().map(|(tone, text)| (tone.into(), text)).collect())
                    .collect()
            }
        };
        if let Phase::Failed(why) = &self.phase {
            lines.push(Vec::new());
            lines.extend(prose(Role::Bad, why, width));
        }
        lines
    }

    /// What happens to the rehearsals without a result yet.
    fn rest(&self) -> Rest {
        if self.is_running() { Rest::ToGo } else { Rest::Cancelled }
    }

    /// Whether the job was stopped before it was done.
    pub(crate) fn is_stopped_early(&self) -> bool {
        let (done, all) = self.progress();
        let is_delivered = |steps: &[RetryStep]| steps.last().is_some_and(|last| last.ending.is_delivered());
        !self.is_running() && done < all && !matches!(&self.work, Work::Retrying { steps, .. } if is_delivered(steps))
    }

    /// The word for the header: "sending 2 of 6".
    pub fn word(&self) -> &'static str {
        match self.work {
            Work::Sending(_) => "sending",
            Work::Retrying { .. } => "attempt",
            Work::Rehearsing(_) => "rehearsing",
        }
    }

    /// The result in one line, and whether it is good.
    pub fn summary(&self) -> (String, bool) {
        if let Phase::Failed(why) = &self.phase {
            return (why.clone(), false);
        }
        match &self.work {
            Work::Sending(tally) => {
                let rows = tally.rows();
                let counts: Vec<_> = rows.iter().map(|row| format!("{} {}", grouped(row.count), row.text)).collect();
                (format!("{}: {}", deliveries(tally.all()), counts.join(", ")), tally.is_all_delivered())
            }
            Work::Retrying { steps, .. } => match steps.last() {
                Some(last) if last.ending.is_delivered() => (format!("delivered on attempt {}", last.attempt), true),
                Some(last) if last.next_in.is_none() => {
                    (format!("the provider would give up after {} attempts", last.attempt), false)
                }
                Some(last) => (format!("stopped after attempt {} of {}", last.attempt, last.of), false),
                None => ("stopped before the first attempt".to_owned(), false),
            },
            Work::Rehearsing(matrix) => (matrix.summary(self.rest()), matrix.is_passed()),
        }
    }
}

/// `1 delivery`, `1,284 deliveries`.
fn deliveries(count: u64) -> String {
    if count == 1 { "1 delivery".to_owned() } else { format!("{} deliveries", grouped(count)) }
}

fn tally_lines(tally: &Tally) -> Vec<Vec<(Role, String)>> {
    let mut lines: Vec<_> = tally
        .rows()
        .into_iter()
        .map(|row| {
            let role = match row.kind {
                TallyKind::Delivered => Role::Good,
                TallyKind::Left => Role::Dim,
                _ => Role::Bad,
            };
            vec![(Role::Strong, format!("{:>8}  ", grouped(row.count))), (role, row.text)]
        })
        .collect();
    if let Some(times) = tally.times() {
        lines.push(vec![(Role::Dim, format!("          {times}"))]);
    }
    lines
}

fn retry_lines(plan: RetryPlan, steps: &[RetryStep], width: usize) -> Vec<Vec<(Role, String)>> {
    let mut lines = prose(Role::Dim, &plan.sentence(), width);
    lines.push(Vec::new());
    // The wait at the provider's pace, not at the sped-up one.
    let gap = |attempt| match plan.schedule.wait_before(attempt, 1) {
        Some(wait) if !wait.is_zero() => format!("after {}", in_words(wait)),
        _ => "at once".to_owned(),
    };
    for step in steps {
        let role = if step.ending.is_delivered() { Role::Good } else { Role::Bad };
        lines.push(vec![
            (Role::Text, format!("attempt {} of {}  ", step.attempt, step.of)),
            (Role::Dim, format!("{:>12}  ", gap(step.attempt))),
            (role, step.ending.to_string()),
        ]);
    }
    if let Some((step, wait)) = steps.last().and_then(|step| Some((step, step.next_in?))) {
        let attempt = step.attempt + 1;
        lines.push(vec![
            (Role::Text, format!("attempt {attempt} of {}  ", step.of)),
            (Role::Dim, format!("{:>12}  ({} here)", gap(attempt), in_words(wait))),
        ]);
    }
    lines
}

fn prose(role: Role, text: &str, width: usize) -> Vec<Vec<(Role, String)>> {
    broken("", text, width).into_iter().map(|(_, row)| vec![(role, row)]).collect()
}
