//! A row of the tables of signs.

use crate::core::delivery::explain::page::Page;

/// The reason of a request in which the SDK finds no signature headers.
pub(super) const NO_HEADERS: &str = "no-headers";

/// One row of a table.
pub(in crate::core::delivery::explain) struct Sign {
    pub kind: Kind,
    /// As `Cause::reason`.
    pub reason: &'static str,
    /// The statuses it counts for; empty for every error.
    pub statuses: &'static [u16],
    pub marks: &'static [Mark],
    pub why: &'static str,
    pub next: Next,
}

/// What the sign is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::core::delivery::explain) enum Kind {
    /// Something else than the app responded: a tunnel, a proxy, a platform.
    Elsewhere,
    /// A check in front of the handler.
    Guard,
    /// The handler, or what reads the body for it.
    Handler,
    /// What the SDK says. The causes in the handler follow.
    Signature,
}

/// Texts are in lower case.
pub(in crate::core::delivery::explain) enum Mark {
    Body(&'static str),
    /// Two texts in the body. The line of the first one is shown.
    Both(&'static str, &'static str),
    /// A header and a text in its value; an empty text is in every value.
    Header(&'static str, &'static str),
}

pub(in crate::core::delivery::explain) enum Next {
    Say(&'static str),
    /// As `Stack::exemption` says.
    Exempt,
    /// As `Stack::raw_body` says.
    RawBody,
}

/// What the SDK complains about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::core::delivery::explain) enum Topic {
    Headers,
    Signature,
}

impl Mark {
    pub(super) fn line_in(&self, page: &Page<'_>) -> Option<String> {
        match self {
            Self::Body(text) => page.line_with(text),
            Self::Both(shown, other) => page.line_with(shown).filter(|_| page.has(other)),
            Self::Header(name, text) => page.header_line_with(name, text),
        }
    }
}

impl Sign {
    pub fn topic(&self) -> Topic {
        if self.reason == NO_HEADERS { Topic::Headers } else { Topic::Signature }
    }
}
