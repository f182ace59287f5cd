//! What the diff tab compares the selected event with.

use crate::core::event::Seq;

/// The choice of the user. It stays while other events are selected.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Base {
    /// The event before it of the same type.
    #[default]
    Previous,
    /// The attempt before it of the same message.
    EarlierAttempt,
    /// An event that was chosen.
    Event(Seq),
    /// A file with a fixture or a body.
    File(String),
    /// Not the event, but the last two responses of apps to it.
    Responses,
}

/// What to read for a comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Against {
    /// `what` names it: "the previous `user.signup`".
    Event {
        seq: Seq,
        what: String,
    },
    File(String),
    Responses,
}
