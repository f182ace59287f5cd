//! Runs rehearsals against an app, one after the other, and tells how far they are.

use crate::app::outbound::prepare::Prepared;
use crate::app::outbound::send::{NotStored, Sender};
use crate::core::delivery::{Ending, FailureKind, Origin, SigningPolicy, Target};
use crate::core::event::Event;
use crate::core::rehearsal::{Matrix, Original, Outcome, Rehearsal, Row, Sequence, Signer, Staged, Step, Terms, stage};
use crate::core::signature::{Reason, no_secret};
use crate::entropy::SystemRandom;
use futures_util::future::try_join_all;
use jiff::Timestamp;
use std::time::Instant;

/// Why rehearsals cannot be run, or not be gone on with.
#[derive(Debug, thiserror::Error)]
pub enum RehearseError {
    #[error("{}", no_secret("the rehearsals cannot be signed"))]
    NoSecret,
    #[error("the event was never verified, so hookglass does not sign requests made from it")]
    NotVerified,
    #[error("the event's body was over the size limit, so hookglass did not store it")]
    NoBody,
    #[error("none of these rehearsals works with an interceptor's event")]
    NoneFits,
    #[error(transparent)]
    NotStored(#[from] NotStored),
}

/// What rehearsals are made of and where they go.
pub struct Rehearsing {
    original: Original,
    /// Its deliveries are those of the requests.
    event: Event,
    signer: Signer,
    sender: Sender,
    target: Target,
}

/// What rehearsals of `event` are made of.
///
/// # Errors
/// When `policy` does not allow that they are signed, or the event's body is not kept.
pub fn original_of(event: &Event, policy: SigningPolicy) -> Result<Original, RehearseError> {
    if event.verification.reason == Some(Reason::BodyTooLarge) {
        return Err(RehearseError::NoBody);
    }
    match policy {
        SigningPolicy::Verified => Original::of_event(event).ok_or(RehearseError::NotVerified),
        SigningPolicy::Any => Ok(Original::of_request(event.head.method(), &event.head.headers(), event.body.clone())),
    }
}

impl Rehearsing {
    /// Of an event, as [`Rehearsing::new`].
    ///
    /// # Errors
    /// Those of [`original_of`], and when no secret is known that signs.
    pub fn of_event(
        event: Event,
        policy: SigningPolicy,
        sender: Sender,
        target: Target,
    ) -> Result<Self, RehearseError> {
        Self::new(original_of(&event, policy)?, event, sender, target)
    }

    /// Of `original`, which was made of `event`; signed with the secret that verified that, or the first known one. Each request is
    /// sent as one of its deliveries.
    ///
    /// # Errors
    /// When no secret is known that signs.
    pub fn new(original: Original, event: Event, sender: Sender, target: Target) -> Result<Self, RehearseError> {
        let signer = Signer::of(&sender.keyring.get(), Some(&event)).ok_or(RehearseError::NoSecret)?;
        Ok(Self { original, event, signer, sender, target })
    }

    /// The label of the secret that signs.
    pub fn signed_with(&self) -> &str {
        self.signer.label()
    }

    /// What is run where `asked` is asked for: see [`Original::plan`].
    ///
    /// # Errors
    /// When none of them can be made of the event.
    pub fn plan(&self, asked: &[Rehearsal]) -> Result<Vec<Rehearsal>, RehearseError> {
        self.original.plan(asked).ok_or(RehearseError::NoneFits)
    }

    /// Runs `rehearsals`, which fit the event, in their order, and tells `on_step` of each that begins and ends. What comes after a
    /// control is judged by its answer; without one, as if the app had taken it.
    ///
    /// Each request has the client's 10 s. Nothing more is sent after a request without an answer: the rest of its rehearsal is left
    /// out and, if it was the control, every other rehearsal is a row that was not tried. `is_cancelled` is asked before each
    /// request that follows another: then the requests on their way end, and the matrix is what there is so far. It must be so by
    /// the time at which the deliveries are called off: a rehearsal of which one was is no row. Dropping the future closes the
    /// connections.
    ///
    /// # Errors
    /// When something was sent and is not kept.
    pub async fn run(
        &self,
        rehearsals: &[Rehearsal],
        is_cancelled: impl Fn() -> bool,
        mut on_step: impl FnMut(Step),
    ) -> Result<Matrix, RehearseError> {
        let count = rehearsals.len();
        let mut matrix = Matrix { rows: Vec::with_capacity(count), planned: count };
        let mut terms = Terms { family: self.original.family(), is_control_accepted: true };
        let mut is_down = false;
        for (place, rehearsal) in (1..).zip(rehearsals.iter().copied()) {
            let row = if is_down {
                Row::new(rehearsal, terms, Vec::new(), 0)
            } else {
                if is_cancelled() {
                    break;
                }
                on_step(Step::Began { rehearsal, place, count });
                let Some(row) = self.rehearse(rehearsal, terms, &is_cancelled).await? else { break };
                row
            };
            if rehearsal == Rehearsal::Control {
                terms.is_control_accepted = row.is_accepted();
                is_down = row.has_no_response();
            }
            on_step(Step::Ended(row.clone()));
            matrix.rows.push(row);
        }
        Ok(matrix)
    }

    /// `None` if it was called off before its last request had ended.
    async fn rehearse(
        &self,
        rehearsal: Rehearsal,
        terms: Terms,
        is_cancelled: &impl Fn() -> bool,
    ) -> Result<Option<Row>, NotStored> {
        let staged = stage(rehearsal, &self.original, &self.signer, Timestamp::now(), &mut SystemRandom);
        let started = Instant::now();
        let answers = match rehearsal.sequence() {
            Sequence::Together => {
                try_join_all(staged.into_iter().map(|staged| self.answered(rehearsal, staged))).await?
            }
            Sequence::InTurn => {
                let mut answers = Vec::with_capacity(staged.len());
                for staged in staged {
                    if !answers.is_empty() && is_cancelled() {
                        return Ok(None);
                    }
                    let answered = self.answered(rehearsal, staged).await?;
                    let is_end = matches!(answered.ending, Ending::Failed(_));
                    answers.push(answered);
                    if is_end {
                        break;
                    }
                }
                answers
            }
        };
        if answers.iter().any(|answered| answered.ending == Ending::Failed(FailureKind::Cancelled)) {
            return Ok(None);
        }
        let took_us = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
        Ok(Some(Row::new(rehearsal, terms, answers, took_us)))
    }

    async fn answered(&self, rehearsal: Rehearsal, Staged { what, outgoing }: Staged) -> Result<Outcome, NotStored> {
        let prepared = Prepared::fixed(&self.event, outgoing);
        let origin = Origin::Rehearsed(Some(rehearsal));
        let delivery = self.sender.send(&prepared, Timestamp::now(), &self.target, origin).await.stored()?;
        Ok(Outcome::of(what, &delivery.outcome, delivery.timing))
    }
}
