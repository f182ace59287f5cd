//! In `through` mode: turns the app's response into the response to the sender.

use crate::core::delivery::{Failure, FailureKind, Response, is_dropped};
use crate::core::reply::{Reply, text};
use crate::core::request::Header;

/// The response to the sender for the `outcome` of its event's delivery: the status, the end-to-end headers and the body of the
/// app's response. Without one it is 502, 503, 504 or 508 with a line that says what happened, followed by `remark`.
///
/// A body over the limit is passed on truncated. An incomplete response counts as none.
pub(crate) fn reply_of(outcome: &Result<Response, Failure>, remark: &str) -> Reply {
    let failed = |failure: &Failure| line(status_for(failure.kind), &format!("{}{remark}", failure.text));
    match outcome {
        Ok(response) if response.status < 200 => {
            line(502, &format!("the app responded {}, which is not a final response", response.status))
        }
        Ok(response) => response.failure().map_or_else(|| passed_on(response), |failure| failed(&failure)),
        Err(failure) => failed(failure),
    }
}

fn status_for(kind: FailureKind) -> u16 {
    match kind {
        FailureKind::TimedOut => 504,
        FailureKind::Cancelled => 503,
        FailureKind::Loop => 508,
        _ => 502,
    }
}

fn passed_on(response: &Response) -> Reply {
    let headers: Vec<Header> = response.headers.iter().map(|(name, value)| Header::new(name, value)).collect();
    let end_to_end = headers.iter().filter(|header| !is_dropped(header, &headers));
    let headers = end_to_end.map(|header| (header.name.to_vec().into(), header.value.to_vec().into())).collect();
    Reply { status: response.status, headers, body: response.body.clone() }
}

/// A response with one line of plain text.
pub fn line(status: u16, line: &str) -> Reply {
    text(status, format!("{line}\n"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::delivery::Completeness::{self, BrokenOff, TimedOut, TooLong, Whole};
    use bytes::Bytes;

    fn response(status: u16, completeness: Completeness) -> Result<Response, Failure> {
        let headers = [
            ("Content-Type", "a/b"),
            ("Connection", "x-hop"),
            ("X-Hop", "1"),
            ("Content-Length", "9"),
            ("Transfer-Encoding", "chunked"),
            ("Keep-Alive", "timeout=5"),
            ("Proxy-Authenticate", "x"),
            ("Set-Cookie", "a"),
            ("set-cookie", "b"),
        ];
        let headers = headers.map(|(name, value)| (name.into(), value.into())).to_vec();
        Ok(Response { status, headers, body: Bytes::from_static(b"xxx"), completeness })
    }

    #[test]
    fn status_end_to_end_headers_and_body_are_passed_on() {
        let reply = reply_of(&response(422, Whole), "");
        let headers: Vec<_> = reply.headers.iter().map(|(name, value)| (&name[..], &value[..])).collect();
        assert_eq!(
            headers,
            [(&b"Content-Type"[..], &b"a/b"[..]), (b"Set-Cookie", b"a"), (b"set-cookie", b"b")],
            "hop-by-hop headers are dropped"
        );
        assert_eq!((reply.status, &reply.body[..]), (422, &b"xxx"[..]));
    }

    #[test]
    fn a_long_response_is_passed_on_truncated_and_an_incomplete_one_becomes_an_error() {
        for (status, completeness, expected, body) in [
            (200, TooLong, 200, "xxx"),
            (200, BrokenOff, 502, "the app's response was cut off after 3 bytes of its body\n"),
            (200, TimedOut, 504, "the app's response timed out after 3 bytes of its body\n"),
            (101, Whole, 502, "the app responded 101, which is not a final response\n"),
        ] {
            let reply = reply_of(&response(status, completeness), "");
            assert_eq!((reply.status, &reply.body[..]), (expected, body.as_bytes()), "{completeness:?}");
        }
    }

    #[test]
    fn a_failure_becomes_an_error_status_with_one_line() {
        for (kind, status) in [
            (FailureKind::Refused, 502),
            (FailureKind::NoPort, 502),
            (FailureKind::Reset, 502),
            (FailureKind::Garbled, 502),
            (FailureKind::Tls, 502),
            (FailureKind::Resolve, 502),
            (FailureKind::TimedOut, 504),
            (FailureKind::Cancelled, 503),
            (FailureKind::Loop, 508),
        ] {
            let reply = reply_of(&Err(Failure { kind, text: "what happened".into() }), ", and why");
            assert_eq!((reply.status, &reply.body[..]), (status, &b"what happened, and why\n"[..]), "{kind}");
        }
    }
}
