//! What is to be done outside: orders for the executor, as data that a test can compare.

use super::action::Copied;
use crate::core::delivery::{Form, Pace, RetryPlan, SigningPolicy, Target};
use crate::core::event::Seq;
use crate::core::export::Destination;
use crate::core::overrides::Override;
use crate::core::rehearsal::Rehearsal;
use bytes::Bytes;
use std::fmt;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Read an event with its body, deliveries and attempts.
    Load(Wanted),
    /// Read the deliveries of an event that is loaded already: nothing else of it has changed.
    LoadDeliveries(Wanted),
    /// Read the events after `after` that the feed could not hold.
    CatchUp {
        after: Seq,
    },
    /// Compare the bodies of attempts, each with the one before it, which comes first.
    CompareAttempts(Vec<(Seq, Seq)>),
    Copy {
        seq: Seq,
        what: Copied,
        /// Where a copied curl command sends to.
        destination: Destination,
    },
    Send {
        order: Order,
        target: Target,
    },
    /// Give the body of an event to the user's editor.
    OpenEditor {
        seq: Seq,
        body: Bytes,
    },
    /// See what the user made of `body`.
    ReadEdit {
        seq: Seq,
        body: Bytes,
        text: Vec<u8>,
    },
    /// Let no further delivery of the job begin.
    StopJob,
    SendSample,
    AddSecret(SecretText),
    /// Forget the signing secret that was added last since the start.
    ForgetSecret,
    /// Response so from the next event on.
    SetOverride(Override),
    /// A sequence that is not part of a frame.
    WriteToTerminal(Vec<u8>),
    CaptureMouse(bool),
    Suspend,
    /// See how many events are yet to be forwarded, before quitting.
    CountForwards,
    Quit,
}

/// What is to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Order {
    Event {
        seq: Seq,
        form: Form,
        policy: SigningPolicy,
    },
    /// Events in the order received.
    Many {
        seqs: Vec<Seq>,
        form: Form,
        pace: Pace,
    },
    /// What the provider does while the app does not answer with 2xx.
    Retries {
        seq: Seq,
        plan: RetryPlan,
    },
    /// Requests made of an event, to see what the app does with them.
    Rehearsals {
        seq: Seq,
        /// Those that are asked for; they come after the control.
        rehearsals: Vec<Rehearsal>,
    },
}

/// An event for the detail pane.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    pub seq: Seq,
    /// The attempts of its message, oldest first; empty when there is no other.
    pub attempts: Vec<Seq>,
}

/// A secret on its way from the keys to the keyring; never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretText(pub String);

impl fmt::Debug for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretText(…)")
    }
}
