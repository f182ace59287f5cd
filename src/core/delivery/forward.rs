//! The decision to forward one event to one target. It is made once, when the event is stored, and stored with it.

/// One target of an event. Later changes of the secrets change the verdict, not this.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forward {
    /// The place of its route among those of the run that decided it, from 0. Another run may have other routes.
    pub place: usize,
    /// The target of that route, as [`Target`](super::Target) displays it.
    pub target: String,
    /// Whether the sender waits for this target's response.
    pub is_awaited: bool,
}

/// The state of a [`Forward`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ForwardState {
    /// Queued or in flight. The next start turns it into one of the next two.
    Pending,
    /// hookglass ended before it was sent.
    Queued,
    /// hookglass ended while it was in flight or being stored, so the target may have it.
    Unknown,
    /// A delivery ended, whatever the target responded.
    Ended,
    /// hookglass refused to send it.
    GivenUp,
}

impl ForwardState {
    pub const ALL: [Self; 5] = [Self::Pending, Self::Queued, Self::Unknown, Self::Ended, Self::GivenUp];

    /// The word in the history.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Queued => "queued",
            Self::Unknown => "unknown",
            Self::Ended => "ended",
            Self::GivenUp => "given-up",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }
}
