//! The target's answer as the answer to the sender whose event was passed through to it.

use crate::core::delivery::{Failure, FailureKind, Response, is_dropped};
use crate::core::overrides::{Reply, text};
use crate::core::request::Header;

/// What the sender is answered for the `outcome` of its event's delivery: the status, the end-to-end headers and the body of the
/// answer, or 502, 503 or 504 with a line that says what happened, and `remark` behind it.
///
/// An answer that is too long is passed on as far as it is kept; one that broke off or did not end in time is none.
pub fn reply_of(outcome: &Result<Response, Failure>, remark: &str) -> Reply {
    let told = |failure: &Failure| line(status_for(failure.kind), &format!("{}{remark}", failure.text));
    match outcome {
        Ok(answer) if answer.status < 200 => {
            line(502, &format!("the app answered {}, which ends nothing", answer.status))
        }
        Ok(answer) => answer.failure().map_or_else(|| passed_on(answer), |failure| told(&failure)),
        Err(failure) => told(failure),
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

fn passed_on(answer: &Response) -> Reply {
    let headers: Vec<Header> = answer.headers.iter().map(|(name, value)| Header::new(name, value)).collect();
    let end_to_end = headers.iter().filter(|header| !is_dropped(header, &headers));
    let headers = end_to_end.map(|header| (header.name.to_vec().into(), header.value.to_vec().into())).collect();
    Reply { status: answer.status, headers, body: answer.body.clone() }
}

/// An answer of one line of plain text.
pub fn line(status: u16, line: &str) -> Reply {
    text(status, format!("{line}\n"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::delivery::Completeness::{self, BrokenOff, TimedOut, TooLong, Whole};
    use bytes::Bytes;

    fn answer(status: u16, completeness: Completeness) -> Result<Response, Failure> {
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
        let reply = reply_of(&answer(422, Whole), "");
        let headers: Vec<_> = reply.headers.iter().map(|(name, value)| (&name[..], &value[..])).collect();
        assert_eq!(
            headers,
            [(&b"Content-Type"[..], &b"a/b"[..]), (b"Set-Cookie", b"a"), (b"set-cookie", b"b")],
            "a hop's own headers stay behind"
        );
        assert_eq!((reply.status, &reply.body[..]), (422, &b"xxx"[..]));
    }

    #[test]
    fn a_long_answer_is_passed_on_as_far_as_it_is_kept_and_a_broken_one_is_none() {
        for (status, completeness, expected, body) in [
            (200, TooLong, 200, "xxx"),
            (200, BrokenOff, 502, "the app's answer broke off after 3 bytes of its body\n"),
            (200, TimedOut, 504, "the app's answer did not end in time after 3 bytes of its body\n"),
            (101, Whole, 502, "the app answered 101, which ends nothing\n"),
        ] {
            let reply = reply_of(&answer(status, completeness), "");
            assert_eq!((reply.status, &reply.body[..]), (expected, body.as_bytes()), "{completeness:?}");
        }
    }

    #[test]
    fn a_failure_is_told_in_a_line() {
        for (kind, status) in [
            (FailureKind::Refused, 502),
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
