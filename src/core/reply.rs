//! The responses that hookglass sends: the default ones, and those to requests that could not be stored.

use crate::core::envelope::Envelope;
use crate::core::signature::{Scheme, Verdict, Verification};
use bytes::Bytes;
use std::borrow::Cow;

/// The decision that lets an interceptor's flow continue. A bare 201 would block logins.
pub(super) const ALLOW: &str = "{\"decision\":\"ALLOW\"}";

/// The response to a GET request, which is no event.
pub(crate) const PAGE: &str = "hookglass listens here for webhooks. Send them with POST.\n";

/// An HTTP response to a sender.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    pub status: u16,
    /// Names and values. The listener adds the headers that frame the message.
    pub headers: Vec<(HeaderText, HeaderText)>,
    pub body: Bytes,
}

/// The name or value of a header: static text of hookglass, or bytes that the app sent.
pub type HeaderText = Cow<'static, [u8]>;

impl Reply {
    /// Without headers and body.
    pub fn bare(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Bytes::new() }
    }

    fn with(status: u16, content_type: &'static str, body: impl Into<Bytes>) -> Self {
        let header = (Cow::Borrowed(&b"content-type"[..]), Cow::Borrowed(content_type.as_bytes()));
        Self { status, headers: vec![header], body: body.into() }
    }

    pub(super) fn json(status: u16, body: impl Into<Bytes>) -> Self {
        Self::with(status, "application/json", body)
    }
}

/// Whether a response with `status` never has a body (RFC 9110 sections 15.3.5, 15.3.6 and 15.4.5).
pub(crate) const fn is_bodyless(status: u16) -> bool {
    matches!(status, 204 | 205 | 304)
}

/// Whether the sender waits for a decision: the signature headers or the body of the request say so.
pub fn is_interceptor(scheme: Scheme, envelope: &Envelope) -> bool {
    scheme == Scheme::Interceptor || envelope.is_interceptor
}

/// The default status for a complete request.
fn status_for(verification: &Verification, envelope: &Envelope, is_json: bool) -> u16 {
    match verification.verdict {
        _ if envelope.is_logout && verification.scheme == Scheme::None => 200,
        Verdict::Invalid | Verdict::Unsigned => 401,
        Verdict::Verified | Verdict::Unchecked if !is_json => 400,
        Verdict::Verified | Verdict::Unchecked if is_interceptor(verification.scheme, envelope) => 200,
        Verdict::Verified | Verdict::Unchecked => 201,
    }
}

/// The response to a complete request that was stored. `is_json` tells whether its body is JSON.
///
/// `fixed` is a status that the user chose. It replaces the default status, and the body then gives no cause.
pub fn reply_for(verification: &Verification, envelope: &Envelope, is_json: bool, fixed: Option<u16>) -> Reply {
    let status = fixed.unwrap_or_else(|| status_for(verification, envelope, is_json));
    match status {
        status if is_bodyless(status) => Reply::bare(status),
        200..300 if is_interceptor(verification.scheme, envelope) => Reply::json(status, ALLOW),
        status if fixed.is_some() => Reply::bare(status),
        400 => text(status, "the body is not JSON\n"),
        401 if verification.verdict == Verdict::Unsigned => text(status, "the request is not signed\n"),
        401 => text(status, "the signature is not valid\n"),
        _ => Reply::bare(status),
    }
}

/// The response to a request whose body exceeds the size limit.
pub(crate) fn over_limit() -> Reply {
    text(413, "the body exceeds the size limit\n")
}

/// The content type of plain-text responses.
pub(crate) const TEXT_TYPE: &str = "text/plain; charset=utf-8";

/// A plain-text response.
pub fn text(status: u16, body: impl Into<Bytes>) -> Reply {
    Reply::with(status, TEXT_TYPE, body)
}

/// Why something could not be written to the history. It is not stored, so it must not be acknowledged.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum AppendError {
    #[error("the disk is full")]
    DiskFull,
    #[error("the history file was removed or replaced while open")]
    FileGone,
    #[error("the history file was truncated or overwritten while open")]
    FileDamaged,
    #[error("the disk quota is exceeded")]
    QuotaExceeded,
    #[error("the history file has reached the file size limit")]
    FileSizeLimit,
    #[error("the write queue of the history stayed full")]
    Busy,
    #[error("cannot write to the history: {0}")]
    Failed(String),
}

impl AppendError {
    /// The response to a request that could not be stored. Its status tells the sender to try again later.
    pub fn reply(&self) -> Reply {
        match self {
            Self::DiskFull => text(507, "the disk is full\n"),
            Self::QuotaExceeded => text(507, "the disk quota is exceeded\n"),
            Self::FileSizeLimit => text(507, "the history file has reached the file size limit\n"),
            Self::FileGone => text(503, "the history file was removed or replaced\n"),
            Self::FileDamaged => text(503, "the history file is damaged\n"),
            Self::Busy => text(503, "too busy: try again later\n"),
            Self::Failed(_) => text(503, "the event could not be stored\n"),
        }
    }

    /// The response to a sender that waited for the app, whose response could not be stored: the app may have the event.
    pub(crate) fn reply_to_waiting(&self) -> Reply {
        text(self.reply().status, "the app's response could not be stored\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verification(verdict: Verdict, scheme: Scheme) -> Verification {
        Verification { verdict, scheme, reason: None, secret: None }
    }

    #[test]
    fn each_verdict_has_its_default_status() {
        let plain = Envelope::default();
        let waiting = Envelope { is_interceptor: true, ..Envelope::default() };
        let logout = Envelope { is_logout: true, ..Envelope::default() };
        for (verdict, scheme, envelope, is_json, expected) in [
            (Verdict::Verified, Scheme::Webhook, &plain, true, 201),
            (Verdict::Unchecked, Scheme::None, &plain, true, 201),
            (Verdict::Invalid, Scheme::Webhook, &plain, true, 401),
            (Verdict::Unsigned, Scheme::None, &plain, true, 401),
            (Verdict::Invalid, Scheme::Webhook, &plain, false, 401),
            (Verdict::Verified, Scheme::Webhook, &plain, false, 400),
            (Verdict::Unchecked, Scheme::None, &plain, false, 400),
            (Verdict::Verified, Scheme::Interceptor, &plain, true, 200),
            (Verdict::Unchecked, Scheme::None, &waiting, true, 200),
            (Verdict::Invalid, Scheme::Interceptor, &waiting, true, 401),
            (Verdict::Unchecked, Scheme::None, &logout, true, 200),
            (Verdict::Invalid, Scheme::Webhook, &logout, true, 401),
        ] {
            assert_eq!(
                status_for(&verification(verdict, scheme), envelope, is_json),
                expected,
                "{verdict} {scheme} {is_json}"
            );
        }
    }

    #[test]
    fn a_response_with_a_fixed_status_gives_no_cause() {
        for verdict in [Verdict::Verified, Verdict::Unchecked, Verdict::Invalid, Verdict::Unsigned] {
            for (status, is_json) in [(400, true), (400, false), (401, true), (401, false)] {
                let verification = verification(verdict, Scheme::Webhook);
                let reply = reply_for(&verification, &Envelope::default(), is_json, Some(status));
                assert_eq!(reply, Reply::bare(status), "{verdict} {is_json}");
            }
        }
    }
}
