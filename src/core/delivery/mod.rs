//! Deliveries of an event to the app: types and pure rules.

mod compose;
mod custom_headers;
mod doubt;
mod explain;
mod form;
mod forward;
mod forwarding;
mod leftovers;
mod pace;
mod relay;
mod response;
mod route;
mod schedule;
mod tally;
mod target;

pub(crate) use compose::compose;
pub(in crate::core) use compose::is_dropped;
pub use compose::{DELIVERY_HEADER, Fresh, RUN_HEADER, is_own};
pub use custom_headers::{CustomHeader, CustomHeaderError, CustomHeaders};
pub use doubt::{Doubt, Doubts};
pub(crate) use explain::{APP_SECRET, GUARD, Received, cause_lines, causes};
pub use explain::{Cause, Learned};
pub(in crate::core) use explain::{exemption, is_login, says_failed};
pub use form::{Form, SigningPolicy};
pub use forward::{Forward, ForwardState};
pub use forwarding::{ForwardMode, Forwarded, Forwarding};
pub(crate) use leftovers::OFFERED;
pub use leftovers::{LeftForward, Leftovers};
pub use pace::{MAX_PARALLEL, Pace, spacing_of};
pub use relay::line;
pub(crate) use relay::reply_of;
pub use response::{Completeness, MAX_RESPONSE_BODY, Response};
pub use route::{Route, RouteError};
pub(crate) use schedule::SCHEDULES;
pub use schedule::{DEFAULT_SPEED, MAX_SPEED, RetryPlan, RetryStep, Schedule};
pub use tally::{Sending, Tally, TallyKind, TallyRow};
pub(crate) use target::without_user_info;
pub use target::{Target, TargetError};

use super::event::Seq;
use super::rehearsal::Rehearsal;
use bytes::Bytes;
use jiff::Timestamp;
use std::fmt;
use std::time::Duration;

/// The longest body, in bytes, that [`Delivery::without_contents`] keeps.
const MAX_DECISION: usize = 4 * 1024;

/// How a delivery relates to the bytes of the event: the [`Form`] that was asked for, as far as it was allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Manner {
    /// Like the provider's retry: the same id, a fresh timestamp and a new signature.
    Resigned,
    /// Byte for byte as received.
    AsReceived,
    /// A new event: a new id, a fresh timestamp and a signature.
    New,
    /// A new event whose body the user edited before it was signed.
    Edited,
    /// Made for a rehearsal: to be rejected, or to arrive twice or out of order.
    Rehearsed,
}

impl Manner {
    pub const ALL: [Self; 5] = [Self::Resigned, Self::AsReceived, Self::New, Self::Edited, Self::Rehearsed];

    /// The word in the history and in the `hookglass-delivery` header.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Resigned => "resigned",
            Self::AsReceived => "as-received",
            Self::New => "new",
            Self::Edited => "edited",
            Self::Rehearsed => "rehearsed",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|manner| manner.as_str() == text)
    }
}

/// Who asked for a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Origin {
    /// A key or a command.
    Asked,
    /// `--forward-to`.
    Forwarded,
    /// The retry simulator.
    Retried,
    /// A rehearsal; `None` for those that an older version stored without its name.
    Rehearsed(Option<Rehearsal>),
}

impl Origin {
    /// Every origin; a rehearsal without its name.
    pub const ALL: [Self; 4] = [Self::Asked, Self::Forwarded, Self::Retried, Self::Rehearsed(None)];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Forwarded => "forwarded",
            Self::Retried => "retried",
            Self::Rehearsed(_) => "rehearsed",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|origin| origin.as_str() == text)
    }

    pub fn rehearsal(self) -> Option<Rehearsal> {
        match self {
            Self::Rehearsed(rehearsal) => rehearsal,
            _ => None,
        }
    }
}

/// A request to send, without the headers that the client adds: `Host` and `Content-Length`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    pub method: String,
    /// Names and values in the order they are sent.
    pub headers: Vec<(Vec<u8>, Vec<u8>)>,
    pub body: Bytes,
    pub manner: Manner,
}

/// The times of a delivery in microseconds from its start; `None` for a stage that it did not reach.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Timing {
    /// Next to nothing on a connection that an earlier delivery left open.
    pub connected_us: Option<u64>,
    pub first_byte_us: Option<u64>,
    pub total_us: u64,
}

impl Timing {
    pub fn total(&self) -> Duration {
        Duration::from_micros(self.total_us)
    }
}

/// Why there is no response. The text says what happened and names the address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    pub kind: FailureKind,
    pub text: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FailureKind {
    Resolve,
    Refused,
    /// The system has no local port left for another connection.
    NoPort,
    TimedOut,
    Reset,
    Tls,
    /// The response is not HTTP.
    Garbled,
    /// The target is hookglass itself.
    Loop,
    /// hookglass exited while it was in flight.
    Cancelled,
    Other,
}

impl FailureKind {
    pub const ALL: [Self; 10] = [
        Self::Resolve,
        Self::Refused,
        Self::NoPort,
        Self::TimedOut,
        Self::Reset,
        Self::Tls,
        Self::Garbled,
        Self::Loop,
        Self::Cancelled,
        Self::Other,
    ];

    /// The word in the history and in JSON. It never changes; `Display` gives the word for people.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Resolve => "unknown host",
            Self::Refused => "refused",
            Self::NoPort => "no local port",
            Self::TimedOut => "timed out",
            Self::Reset => "reset",
            Self::Tls => "tls",
            Self::Garbled => "not http",
            Self::Loop => "loop",
            Self::Cancelled => "called off",
            Self::Other => "failed",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

impl fmt::Display for FailureKind {
    /// The words on screen. They differ from those of the history where those read oddly and cannot change.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Cancelled => "cancelled",
            _ => self.as_str(),
        })
    }
}

/// One finished delivery of an event to a target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    pub event: Seq,
    pub origin: Origin,
    pub manner: Manner,
    /// The target's URL.
    pub target: String,
    /// The address that hookglass connected to, one of those that the target's host name resolves to.
    pub peer: Option<String>,
    pub started_at: Timestamp,
    pub timing: Timing,
    /// The headers as sent, with those that the client added.
    pub sent_headers: Vec<(Vec<u8>, Vec<u8>)>,
    /// The body as sent; `None` if it is the event's.
    pub sent_body: Option<Bytes>,
    pub outcome: Result<Response, Failure>,
}

impl Delivery {
    pub fn ending(&self) -> Ending {
        Ending::of(&self.outcome)
    }

    /// Whether the app responded as if the signature were not valid.
    pub(crate) fn is_denied(&self) -> bool {
        matches!(self.status(), Some(400 | 401 | 403))
    }

    /// The status of the response, even if the response is incomplete.
    pub fn status(&self) -> Option<u16> {
        self.outcome.as_ref().ok().map(|response| response.status)
    }

    /// Why there is no complete response. `None` does not mean delivered: the status may be an error.
    pub fn failure(&self) -> Option<Failure> {
        self.outcome.as_ref().map_or_else(|failure| Some(failure.clone()), Response::failure)
    }

    /// The same delivery without headers and bodies, for places that do not show them. A short response body stays, because an
    /// interceptor's decision is in it; a response that loses its body is no longer [`Completeness::Whole`].
    pub(crate) fn without_contents(&self) -> Self {
        let status = |response: &Response| {
            let is_short = response.body.len() <= MAX_DECISION;
            let is_coding = |(name, _): &&(Vec<u8>, Vec<u8>)| name.eq_ignore_ascii_case(b"content-encoding");
            Response {
                status: response.status,
                headers: response.headers.iter().filter(is_coding).cloned().collect(),
                body: if is_short { response.body.clone() } else { Bytes::new() },
                completeness: match response.completeness {
                    Completeness::Whole if !is_short => Completeness::TooLong,
                    completeness => completeness,
                },
            }
        };
        Self {
            event: self.event,
            origin: self.origin,
            manner: self.manner,
            target: self.target.clone(),
            peer: self.peer.clone(),
            started_at: self.started_at,
            timing: self.timing,
            sent_headers: Vec::new(),
            sent_body: None,
            outcome: self.outcome.as_ref().map(status).map_err(Clone::clone),
        }
    }
}

/// How a delivery ended: a status, or why there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Ending {
    Responded(u16),
    Failed(FailureKind),
}

impl Ending {
    /// An incomplete response counts as a failure, whatever its status.
    pub fn of(outcome: &Result<Response, Failure>) -> Self {
        match outcome {
            Ok(response) => Self::responded(response.status, response.completeness),
            Err(failure) => Self::Failed(failure.kind),
        }
    }

    /// As [`Ending::of`] a response with this status.
    pub fn responded(status: u16, completeness: Completeness) -> Self {
        completeness.failure().map_or(Self::Responded(status), Self::Failed)
    }

    /// Whether the response is a 2xx, which the provider counts as delivered.
    pub fn is_delivered(self) -> bool {
        matches!(self, Self::Responded(200..300))
    }
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Responded(status) => status.fmt(f),
            Self::Failed(kind) => kind.fmt(f),
        }
    }
}
