//! What can be rehearsed, in the order in which it is: the control first, for without it the others mean little.

use crate::core::signature::Scheme;

/// One thing that can happen to a webhook.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Rehearsal {
    Control,
    Expired,
    Future,
    Tampered,
    WrongKey,
    MissingHeader,
    Unsigned,
    TwiceAtOnce,
    TenTimes,
    OutOfOrder,
}

/// What a correct handler answers to each request of a rehearsal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expectation {
    /// Any 2xx.
    Accepted,
    /// 200 with the decision that an interceptor's request waits for.
    Decided,
    /// 401, or 400 or 403.
    Refused,
}

impl Expectation {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "2xx",
            Self::Decided => "200, a decision",
            Self::Refused => "401, 400 or 403",
        }
    }
}

/// When the requests of a rehearsal go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sequence {
    /// All together, each on a connection of its own.
    Together,
    /// Each after the answer to the one before; the first that gets none is the last.
    InTurn,
}

impl Rehearsal {
    pub const ALL: [Self; 10] = [
        Self::Control,
        Self::Expired,
        Self::Future,
        Self::Tampered,
        Self::WrongKey,
        Self::MissingHeader,
        Self::Unsigned,
        Self::TwiceAtOnce,
        Self::TenTimes,
        Self::OutOfOrder,
    ];

    /// Its name on the command line and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Control => "control",
            Self::Expired => "expired",
            Self::Future => "future",
            Self::Tampered => "tampered",
            Self::WrongKey => "wrong-key",
            Self::MissingHeader => "missing-header",
            Self::Unsigned => "unsigned",
            Self::TwiceAtOnce => "twice-at-once",
            Self::TenTimes => "ten-times",
            Self::OutOfOrder => "out-of-order",
        }
    }

    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rehearsal| rehearsal.name() == name)
    }

    /// Its name for people.
    pub fn title(self) -> &'static str {
        match self {
            Self::Control => "a valid event",
            Self::Expired => "expired timestamp",
            Self::Future => "future timestamp",
            Self::Tampered => "tampered body",
            Self::WrongKey => "wrong key",
            Self::MissingHeader => "missing header",
            Self::Unsigned => "unsigned",
            Self::TwiceAtOnce => "twice at once",
            Self::TenTimes => "ten times",
            Self::OutOfOrder => "create, update, delete out of order",
        }
    }

    /// What its requests are.
    pub fn simulates(self) -> &'static str {
        match self {
            Self::Control => "an event as the provider sends it, signed now",
            Self::Expired => "an event signed correctly 6 minutes ago, as a captured request that is sent again",
            Self::Future => "an event signed correctly for 6 minutes from now",
            Self::Tampered => "an event of which one byte of a value was changed after signing; it is still JSON",
            Self::WrongKey => "an event signed with another secret",
            Self::MissingHeader => {
                "a signed event without its id, then without its timestamp, then without its signature"
            }
            Self::Unsigned => "an event without any signature header, as anyone who knows the URL can send it",
            Self::TwiceAtOnce => "two deliveries of one event, with the same id, at the same time",
            Self::TenTimes => "ten deliveries of one event, with the same id, one after the other, as retries are",
            Self::OutOfOrder => {
                "three valid events of one directory user in the wrong order: its update, its deletion, its creation"
            }
        }
    }

    /// Why a correct handler answers as it is expected to; `family` is that of [`Rehearsal::expectation`].
    pub fn why(self, family: Scheme) -> &'static str {
        match self {
            _ if self.expectation(family) == Expectation::Decided => {
                "what waits for an interceptor, as a log-in, goes on with its decision only, answered 200 within 3 s: also where the \
                 same request comes again"
            }
            Self::Control => {
                "the provider counts any 2xx within 10 s as delivered. While the app does not take a valid event, its refusals of \
                 others prove nothing"
            }
            Self::Expired => {
                "a request that was captured once can be sent again for ever, unless what is older than 300 s is refused: the SDKs \
                 do so"
            }
            Self::Future => {
                "the SDKs refuse what is more than 300 s ahead: taken, it could be kept and sent again until that time has passed"
            }
            Self::Tampered => {
                "the signature covers every byte of the body: who accepts a changed one acts on what anyone wrote"
            }
            Self::WrongKey => "only the provider has the secret: who accepts another's signature accepts everybody's",
            Self::MissingHeader => {
                "id, timestamp and signature are verified together. A request without one of them is to be refused, and must not \
                 crash the handler"
            }
            Self::Unsigned => "the URL is no secret: without a signature nothing says who sent the request",
            Self::TwiceAtOnce => {
                "the provider delivers at least once, and a retry can overtake an answer that is late: the second delivery is \
                 answered 2xx and changes nothing"
            }
            Self::TenTimes => {
                "retries have the same id. One that was dealt with is answered 2xx, since the provider retries everything else"
            }
            Self::OutOfOrder => {
                "retries change the order in which events arrive. An update or a deletion of what is not known yet is answered 2xx \
                 as well, or the provider sends it again and again"
            }
        }
    }

    pub fn is_to_be_refused(self) -> bool {
        match self {
            Self::Control | Self::TwiceAtOnce | Self::TenTimes | Self::OutOfOrder => false,
            Self::Expired | Self::Future | Self::Tampered | Self::WrongKey | Self::MissingHeader | Self::Unsigned => {
                true
            }
        }
    }

    /// For an app that verifies this family of headers.
    pub fn expectation(self, family: Scheme) -> Expectation {
        match family {
            _ if self.is_to_be_refused() => Expectation::Refused,
            Scheme::Interceptor => Expectation::Decided,
            _ => Expectation::Accepted,
        }
    }

    pub fn sequence(self) -> Sequence {
        match self {
            Self::TwiceAtOnce => Sequence::Together,
            _ => Sequence::InTurn,
        }
    }

    /// Whether it can be made for an app that verifies this family of headers: no interceptor gets directory events.
    pub fn fits(self, family: Scheme) -> bool {
        self != Self::OutOfOrder || family != Scheme::Interceptor
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back_and_fit_their_column() {
        for rehearsal in Rehearsal::ALL {
            assert_eq!(Rehearsal::parse(rehearsal.name()), Some(rehearsal));
        }
        assert_eq!(Rehearsal::parse("Control"), None);
    }

    #[test]
    fn the_control_comes_first() {
        assert_eq!(Rehearsal::ALL[0], Rehearsal::Control);
    }

    #[test]
    fn only_directory_events_are_not_for_interceptors() {
        let unfit: Vec<_> = Rehearsal::ALL.into_iter().filter(|each| !each.fits(Scheme::Interceptor)).collect();
        assert_eq!(unfit, [Rehearsal::OutOfOrder]);
        assert!(Rehearsal::ALL.into_iter().all(|each| each.fits(Scheme::Webhook)));
    }
}
