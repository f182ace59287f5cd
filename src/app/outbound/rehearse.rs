//! Rehearsals against an app: what they are made from, and where they are sent.

mod run;
mod state_check;

pub use state_check::{CheckError, StateCheck};

use crate::app::outbound::prepare::Prepared;
use crate::app::outbound::send::{NotStored, Sender};
use crate::core::delivery::{Cause, Delivery, Ending, Learned, Origin, Received, SigningPolicy, Target, causes};
use crate::core::event::Event;
use crate::core::random::Random;
use crate::core::rehearsal::{Matrix, Original, Outcome, Rehearsal, Signer, Staged, Step, stage};
use crate::core::signature::{Reason, no_secret, no_usable_secret};
use crate::entropy::SystemRandom;
use jiff::Timestamp;
use run::Run;
use std::time::Duration;

/// How long a run waits by default for an app that died.
pub const WAIT_FOR_APP: Duration = Duration::from_secs(30);

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
    #[error("hookglass does not have the whole body of the event")]
    NoBody,
    #[error("none of these rehearsals works with an interceptor's event")]
    NoneFits,
    #[error(transparent)]
    NotStored(#[from] NotStored),
    #[error(transparent)]
    Check(#[from] CheckError),
}

/// How a run goes on.
#[derive(Clone, Debug)]
pub struct Options {
    /// How long to wait for an app that died. A development server or a person starts it again.
    pub wait_for_app: Duration,
    pub check: Option<StateCheck>,
}

impl Default for Options {
    fn default() -> Self {
        Self { wait_for_app: WAIT_FOR_APP, check: None }
    }
}

/// What rehearsals are made from and where they are sent.
pub struct Rehearsing {
    original: Original,
    /// The requests are stored as deliveries of this event.
    event: Event,
    signer: Signer,
    sender: Sender,
    target: Target,
    options: Options,
}

/// What rehearsals of `event` are made from.
///
/// # Errors
/// When `policy` does not allow signing them, or the body of the event is not stored.
pub(crate) fn original_of(event: &Event, policy: SigningPolicy) -> Result<Original, RehearseError> {
    if event.verification.reason.as_ref().is_some_and(Reason::lacks_body) {
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
        let policy = sender.policy_for(&event, policy);
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
        // Each rehearsal meets the app as the provider does, on a connection that carries nothing else.
        let sender = Sender { client: sender.client.keep_alive(false), ..sender };
        Ok(Self { original, event, signer, sender, target, options: Options::default() })
    }

    /// The label of the secret that signs.
    pub(crate) fn signed_with(&self) -> &str {
        self.signer.label()
    }

    /// The same, run with `options`.
    #[must_use]
    pub fn with(self, options: Options) -> Self {
        Self { options, ..self }
    }

    /// The rehearsals to run if the user asks for `asked`: see [`Original::plan`].
    ///
    /// # Errors
    /// When none of them works with the event.
    pub fn plan(&self, asked: &[Rehearsal]) -> Result<Vec<Rehearsal>, RehearseError> {
        self.original.plan(asked, &self.signer).ok_or(RehearseError::NoneFits)
    }

    /// Runs `rehearsals` in order and calls `on_step` when one begins and when it ends. They must come from [`Rehearsing::plan`]. The
    /// response to the control decides how the later ones are assessed. Without a control, they are assessed as if it had passed.
    ///
    /// Each request has its own connection and the client's time limit. After a request without a response, the rest of its rehearsal is
    /// skipped. If that was the control, the other rehearsals become rows that were not tried. If the app died, the run waits for it.
    ///
    /// `is_cancelled` is checked before each further request. When it returns `true`, the requests in flight finish, and the matrix
    /// holds the rows so far. It must return `true` before the deliveries are cancelled. A rehearsal with a cancelled delivery gives no
    /// row. Dropping the future closes the connections.
    ///
    /// # Errors
    /// When a delivery cannot be stored, or the check of the state cannot be used.
    pub async fn run(
        &self,
        rehearsals: &[Rehearsal],
        is_cancelled: impl Fn() -> bool,
        on_step: impl FnMut(Step),
    ) -> Result<Matrix, RehearseError> {
        if let Some(check) = &self.options.check {
            check.try_out().await?;
        }
        Run::new(self, rehearsals.len(), is_cancelled, on_step).all(rehearsals).await
    }

    async fn outcome(&self, rehearsal: Rehearsal, Staged { what, outgoing }: Staged) -> Result<Outcome, NotStored> {
        let prepared = Prepared::fixed(&self.event, outgoing);
        let origin = Origin::Rehearsed(Some(rehearsal));
        let delivery = self.sender.send(&prepared, Timestamp::now(), &self.target, origin).await.stored()?;
        let mut outcome = Outcome::of(what, &delivery.outcome, delivery.timing);
        if rehearsal == Rehearsal::Control && !outcome.ending.is_delivered() {
            outcome.explained = self.explained(&delivery);
        }
        Ok(outcome)
    }

    fn explained(&self, delivery: &Delivery) -> Vec<Cause> {
        // A sample was never received.
        let target = self.event.stored_seq().map(|_| self.event.head.target());
        let received = Received { body: &self.event.body, target, verification: None, learned: Learned::Nothing };
        causes(delivery, received, &self.sender.keyring.get())
    }

    fn staged(&self, rehearsal: Rehearsal) -> Vec<Staged> {
        stage(rehearsal, &self.original, &self.signer, Timestamp::now(), &mut SystemRandom)
    }

    /// Sends a valid event to a path that cannot exist; how that ended. It is not stored: it tells of the server, not of the event.
    async fn ask_elsewhere(&self) -> Option<Ending> {
        let staged = self.staged(Rehearsal::Control).pop()?;
        let target = self.target.elsewhere(SystemRandom.number());
        Some(Ending::of(&self.sender.client.deliver(&target, &staged.outgoing).await.outcome))
    }
}
