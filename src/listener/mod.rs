//! The HTTP listener: takes requests in, with limits on everything, and answers only after they are kept.
//!
//! It faces the internet through a tunnel, so it has its own accept loop and timeouts, and speaks HTTP/1 only. What a
//! request means and where it is kept are the caller's: [`Judge`] and [`Keep`].

mod body;
mod budget;
mod capture;
mod connection;
mod delayed;
mod recorder;
mod serve;
mod settings;

pub use serve::{Bound, ListenError, bind, serve};
pub use settings::{Parts, Settings};

use crate::core::event::{Arrival, Judged, Seq};
use crate::core::overrides::{AppendError, Delays, Reply};
use crate::core::response::ResponseState;
use std::pin::Pin;
use std::sync::Arc;

/// Verifies a request, reads what it says of itself and decides what it is answered. Runs on the listener's thread.
pub type Judge = Arc<dyn Fn(Arrival) -> (Judged, Responding) + Send + Sync>;

/// What the sender of a kept event is answered.
pub enum Responding {
    With(Reply),
    /// What comes of this; the event's [`Judged::response`] is [`ResponseState::Pending`] until then.
    By(Relay),
    /// Nothing: the connection is closed, as by an app that crashed.
    Dropped,
    /// As the answering in it says, but later or more slowly.
    Delayed(Box<Delayed>),
}

/// An answer that does not come at once.
pub struct Delayed {
    pub answering: Responding,
    pub delays: Delays,
    /// Told when the sender goes away before its answer comes. Must not block.
    pub on_left: OnLeft,
}

/// Told of an event whose sender did not wait for its answer.
pub type OnLeft = Arc<dyn Fn(Seq) + Send + Sync>;

impl Responding {
    /// What the sender gets, as far as that is known.
    pub fn response(&self) -> ResponseState {
        match self {
            Self::With(reply) => ResponseState::Sent(reply.status),
            Self::By(_) => ResponseState::Pending,
            Self::Dropped => ResponseState::None,
            Self::Delayed(delayed) => delayed.answering.response(),
        }
    }
}

/// Asks somebody else, once the event is kept. Must end in bounded time.
pub type Relay = Box<dyn FnOnce(Seq) -> Relaying + Send>;

/// The end of a [`Relay`].
pub type Relaying = Pin<Box<dyn Future<Output = Reply> + Send>>;

/// Puts an event where it survives; the sender is answered when this is done.
pub type Keep = Arc<dyn Fn(Judged) -> Keeping + Send + Sync>;

/// The end of a [`Keep`].
pub type Keeping = Pin<Box<dyn Future<Output = Result<Seq, AppendError>> + Send>>;

/// Told of each request that was not kept. Must not block.
pub type OnRefused = Arc<dyn Fn(Refusal) + Send + Sync>;

/// A request that came but is not in the history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What the sender was answered, if it could still be answered.
    pub status: u16,
    /// What happened, in words.
    pub why: String,
}
