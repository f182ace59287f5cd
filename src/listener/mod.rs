//! The HTTP listener: receives requests, limits everything, and responds only after a request is stored.
//!
//! A tunnel exposes it to the internet, so it has its own accept loop and timeouts, and speaks HTTP/1 only. The caller
//! decides what a request means and where it is stored: see [`Intake`].

mod body;
mod budget;
mod capture;
mod connection;
mod delayed;
mod logged;
mod malformed;
mod recorder;
mod serve;
mod settings;
mod shared;

pub use serve::{Bound, ListenError, bind, serve};
pub use settings::Settings;

use crate::core::event::{Arrival, NewEvent, Seq};
use crate::core::overrides::Delays;
use crate::core::reply::{AppendError, Reply};
use crate::core::response::ResponseState;
use futures_util::future::BoxFuture;
use tokio::time::Instant;

/// What the listener serves. It runs on the listener's thread, so its methods must not block.
pub trait Intake: Send + Sync {
    /// Verifies a request, reads its envelope and decides what its sender gets.
    fn decide(&self, arrival: Arrival) -> (NewEvent, Responding);

    /// Stores an event. Its sender gets a response only once this is done.
    fn store(&self, event: NewEvent) -> BoxFuture<'_, Result<Seq, AppendError>>;

    /// The app's response to a stored event that was decided as [`Responding::Relayed`]. Ends in bounded time.
    fn relay(&self, seq: Seq, until: Instant) -> BoxFuture<'_, Reply>;

    /// The sender of an event closed the connection before its delayed response was sent.
    fn sender_left(&self, seq: Seq);

    /// Whether responses to stored events need [`Intake::run`], because a target may lead back here. Relayed responses stay as they are.
    fn is_forwarding(&self) -> bool;

    /// What [`RUN_HEADER`](crate::core::delivery::RUN_HEADER) says: the mark of this run.
    fn run(&self) -> &str;
}

/// Called for each request that is not stored. Must not block.
pub trait OnRefused: Send + Sync {
    fn refused(&self, refusal: Refusal);
}

impl<F: Fn(Refusal) + Send + Sync> OnRefused for F {
    fn refused(&self, refusal: Refusal) {
        self(refusal);
    }
}

/// What the sender of a stored event gets.
pub enum Responding {
    With(Reply),
    /// The response of the app, asked for once the event is stored: see [`Intake::relay`]. Until then the event's
    /// [`NewEvent::response`] is [`ResponseState::Pending`].
    Relayed {
        /// When to stop waiting for it.
        until: Instant,
    },
    /// None: the connection is closed, as if the app had crashed.
    Dropped,
    /// Another response, sent later or more slowly.
    Delayed {
        responding: Box<Responding>,
        delays: Delays,
    },
}

impl Responding {
    /// What the sender gets, as far as that is known.
    pub fn response(&self) -> ResponseState {
        match self {
            Self::With(reply) => ResponseState::Sent(reply.status),
            Self::Relayed { .. } => ResponseState::Pending,
            Self::Dropped => ResponseState::None,
            Self::Delayed { responding, .. } => responding.response(),
        }
    }
}

/// A request that arrived but is not in the history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The status of the response, if there could be one.
    pub status: u16,
    /// What happened, in words.
    pub why: String,
}
