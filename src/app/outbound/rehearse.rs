//! Runs rehearsals against an app, one after the other, and reports the progress.

use crate::app::outbound::prepare::Prepared;
use crate::app::outbound::send::{NotStored, Sender};
use crate::core::delivery::{Ending, FailureKind, Origin, SigningPolicy, Target};
use crate::core::event::Event;
use crate::core::rehearsal::{Matrix, Original, Outcome, Rehearsal, Row, Sequence, Signer, Staged, Step, Terms, stage};
use crate::core::signature::{Reason, no_secret, no_usable_secret};
use crate::entropy::SystemRandom;
use futures_util::future::try_join_all;
use jiff::Timestamp;
use std::time::Instant;

/// Why rehearsals cannot be run or continued.
#[derive(Debug, thiserror::Error)]
pub enum RehearseError {
    #[error("{}", no_secret("the rehearsals cannot be signed"))]
    NoSecret,
    #[error("{}", no_usable_secret("the rehearsals cannot be signed"))]
    UnusableSecret,
    #[error("{event} was never verified{reason}, so hookglass does not sign requests made from it")]
    NotVerified {
        /// `event 3`, or `the event` if it has no number.
        event: String,
        /// ` (signature-mismatch)`, or empty.
        reason: String,
    },
    #[error("the event's body was over the size limit, so hookglass did not store it")]
    NoBody,
    #[error("none of these rehearsals works with an interceptor's event")]
    NoneFits,
    #[error(transparent)]
    NotStored(#[from] NotStored),
}

/// What rehearsals are made from and where they are sent.
pub struct Rehearsing {
    original: Original,
    /// The requests are stored as deliveries of this event.
    event: Event,
    signer: Signer,
    sender: Sender,
    target: Target,
}

/// What rehearsals of `event` are made from.
///
/// # Errors
/// When `policy` does not allow signing them, or the body of the event is not stored.
pub(crate) fn original_of(event: &Event, policy: SigningPolicy) -> Result<Original, RehearseError> {
    if event.verification.reason == Some(Reason::BodyTooLarge) {
        return Err(RehearseError::NoBody);
    }
    match policy {
        SigningPolicy::Verified => Original::of_event(event).ok_or_else(|| RehearseError::NotVerified {
            event: event.stored_seq().map_or_else(|| "the event".to_owned(), |seq| format!("event {seq}")),
            reason: event.verification.reason.as_ref().map(|reason| format!(" ({reason})")).unwrap_or_default(),
        }),
        SigningPolicy::Any => Ok(Original::of_request(event.head.method(), &event.head.headers(), event.body.clone())),
    }
}

impl Rehearsing {
    /// As [`Rehearsing::new`], from a stored event.
    ///
    /// # Errors
    /// As `original_of`, and when no secret can sign.
    pub fn of_event(
        event: Event,
        policy: SigningPolicy,
        sender: Sender,
        target: Target,
    ) -> Result<Self, RehearseError> {
        Self::new(original_of(&event, policy)?, event, sender, target)
    }

    /// Rehearsals of `original`, which was made from `event`. They are signed with the secret that verified the event, or else with the
    /// first one that can sign.
    ///
    /// # Errors
    /// When no secret can sign.
    pub fn new(original: Original, event: Event, sender: Sender, target: Target) -> Result<Self, RehearseError> {
        let keyring = sender.keyring.get();
        let signer = Signer::of(&keyring, Some(&event)).ok_or(match keyring.is_empty() {
            true => RehearseError::NoSecret,
            false => RehearseError::UnusableSecret,
        })?;
        Ok(Self { original, event, signer, sender, target })
    }

    /// The label of the secret that signs.
    pub(crate) fn signed_with(&self) -> &str {
        self.signer.label()
    }

    /// The rehearsals to run if the user asks for `asked`: see [`Original::plan`].
    ///
    /// # Errors
    /// When none of them works with the event.
    pub fn plan(&self, asked: &[Rehearsal]) -> Result<Vec<Rehearsal>, RehearseError> {
        self.original.plan(asked).ok_or(RehearseError::NoneFits)
    }

    /// Runs `rehearsals` in order and calls `on_step` when one begins and when it ends. They must come from [`Rehearsing::plan`]. The
    /// response to the control decides how the later ones are assessed. Without a control, they are assessed as if it had passed.
    ///
    /// Each request has the client's time limit. After a request without a response, the rest of its rehearsal is skipped. If that was
    /// the control, the other rehearsals become rows that were not tried.
    ///
    /// `is_cancelled` is checked before each further request. When it returns `true`, the requests in flight finish, and the matrix
    /// holds the rows so far. It must return `true` before the deliveries are cancelled. A rehearsal with a cancelled delivery gives no
    /// row. Dropping the future closes the connections.
    ///
    /// # Errors
    /// When a delivery cannot be stored.
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

    /// `None` if it was cancelled before its last request ended.
    async fn rehearse(
        &self,
        rehearsal: Rehearsal,
        terms: Terms,
        is_cancelled: &impl Fn() -> bool,
    ) -> Result<Option<Row>, NotStored> {
        let staged = stage(rehearsal, &self.original, &self.signer, Timestamp::now(), &mut SystemRandom);
        let started = Instant::now();
        let outcomes = match rehearsal.sequence() {
            Sequence::Together => {
                try_join_all(staged.into_iter().map(|staged| self.outcome(rehearsal, staged))).await?
            }
            Sequence::InTurn => {
                let mut outcomes = Vec::with_capacity(staged.len());
                for staged in staged {
                    if !outcomes.is_empty() && is_cancelled() {
                        return Ok(None);
                    }
                    let outcome = self.outcome(rehearsal, staged).await?;
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
        let took_us = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
        Ok(Some(Row::new(rehearsal, terms, outcomes, took_us)))
    }

    async fn outcome(&self, rehearsal: Rehearsal, Staged { what, outgoing }: Staged) -> Result<Outcome, NotStored> {
        let prepared = Prepared::fixed(&self.event, outgoing);
        let origin = Origin::Rehearsed(Some(rehearsal));
        let delivery = self.sender.send(&prepared, Timestamp::now(), &self.target, origin).await.stored()?;
        Ok(Outcome::of(what, &delivery.outcome, delivery.timing))
    }
}
