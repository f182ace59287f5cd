//! All rehearsals, in the order they run. The control comes first, because without it the others mean little.

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

/// How a correct handler responds to each request of a rehearsal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expectation {
    /// Any 2xx.
    Accepted,
    /// 200 with a decision, for an interceptor.
    Decided,
    /// 401, 400 or 403.
    Rejected,
}

impl Expectation {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "2xx",
            Self::Decided => "200 + decision",
            Self::Rejected => "401, 400 or 403",
        }
    }
}

/// When the requests of a rehearsal are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sequence {
    /// All at once, each on its own connection.
    Together,
    /// Each after the response to the one before. The first one without a response is the last.
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

    /// The name on the command line and in JSON.
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

    /// The name in text.
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
    pub(crate) fn simulates(self) -> &'static str {
        match self {
            Self::Control => "an event as the provider sends it, signed now",
            Self::Expired => "an event signed correctly 6 minutes ago, like a captured request that is replayed",
            Self::Future => "an event signed correctly, with a timestamp 6 minutes ahead",
            Self::Tampered => "an event with one byte of a value changed after signing; it is still JSON",
            Self::WrongKey => "an event signed with another secret",
            Self::MissingHeader => {
                "a signed event without its id, then without its timestamp, then without its signature"
            }
            Self::Unsigned => "an event without signature headers, as anyone who knows the URL can send it",
            Self::TwiceAtOnce => "two simultaneous deliveries of one event, with the same id",
            Self::TenTimes => "ten deliveries of one event with the same id, one after another, like retries",
            Self::OutOfOrder => {
                "three valid events of one directory user in the wrong order: update, deletion, creation"
            }
        }
    }

    /// Why a correct handler responds as expected; `family` is that of [`Rehearsal::expectation`].
    pub fn why(self, family: Scheme) -> &'static str {
        match self {
            _ if self.expectation(family) == Expectation::Decided => {
                "the flow that waits for an interceptor, such as a login, continues only after a decision sent with 200 within 3 s. A \
                 repeated request needs a decision too"
            }
            Self::Control => {
                "the provider counts any 2xx within 10 s as delivered. Until the app accepts a valid event, its rejections of other \
                 requests prove nothing"
            }
            Self::Expired => {
                "anyone who captured a request could send it again for ever, so the SDKs reject requests that are older than 300 s"
            }
            Self::Future => {
                "the SDKs reject timestamps more than 300 s ahead: an accepted request could be captured and sent again until that \
                 time has passed"
            }
            Self::Tampered => {
                "the signature covers every byte of the body: an app that accepts a changed body acts on what anyone wrote"
            }
            Self::WrongKey => {
                "only the provider has this secret: an app that accepts a signature made with another one accepts anyone's"
            }
            Self::MissingHeader => {
                "id, timestamp and signature are verified together. The handler must reject a request without one of them, and must \
                 not crash"
            }
            Self::Unsigned => "the URL is not a secret: without a signature, nothing proves who sent the request",
            Self::TwiceAtOnce => {
                "the provider delivers at least once, and a retry can arrive before a slow response. The second delivery must get a \
                 2xx and change nothing"
            }
            Self::TenTimes => {
                "retries have the same id. One that was already processed must get a 2xx, because the provider retries everything \
                 else"
            }
            Self::OutOfOrder => {
                "retries change the order in which events arrive. An update or a deletion of an unknown object must get a 2xx too, or \
                 the provider keeps retrying"
            }
        }
    }

    /// Whether a correct handler rejects its requests.
    pub fn must_be_rejected(self) -> bool {
        match self {
            Self::Control | Self::TwiceAtOnce | Self::TenTimes | Self::OutOfOrder => false,
            Self::Expired | Self::Future | Self::Tampered | Self::WrongKey | Self::MissingHeader | Self::Unsigned => {
                true
            }
        }
    }

    /// The expectation for an app that verifies this family of headers.
    pub fn expectation(self, family: Scheme) -> Expectation {
        match family {
            _ if self.must_be_rejected() => Expectation::Rejected,
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

    /// Whether it suits an app that verifies this family of headers. Interceptors get no directory events.
    pub(crate) fn fits(self, family: Scheme) -> bool {
        self != Self::OutOfOrder || family != Scheme::Interceptor
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_reads_back() {
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
    fn only_out_of_order_does_not_fit_interceptors() {
        let unfit: Vec<_> = Rehearsal::ALL.into_iter().filter(|each| !each.fits(Scheme::Interceptor)).collect();
        assert_eq!(unfit, [Rehearsal::OutOfOrder]);
        assert!(Rehearsal::ALL.into_iter().all(|each| each.fits(Scheme::Webhook)));
    }
}
