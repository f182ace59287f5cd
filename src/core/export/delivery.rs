//! One delivery as a JSON object on one line, with everything that is stored of it.

use super::lines::{json_text, utc_text};
use super::spelling::Spelling;
use crate::core::delivery::{Completeness, Delivery};
use crate::core::rehearsal::Rehearsal;
use serde::Serialize;
use std::borrow::Cow;

type Text<'a> = Spelling<Cow<'a, str>>;

/// The members, in order.
#[derive(Serialize)]
struct DeliveryLine<'a> {
    event: u64,
    origin: &'static str,
    /// The name of the rehearsal, if it was one.
    rehearsal: Option<&'static str>,
    manner: &'static str,
    target: &'a str,
    /// The address that hookglass connected to.
    peer: Option<&'a str>,
    started_at: String,
    connected_us: Option<u64>,
    first_byte_us: Option<u64>,
    total_us: u64,
    sent_headers: Vec<(Text<'a>, Text<'a>)>,
    /// `null` if it is the event's body.
    sent_body: Option<Text<'a>>,
    delivered: bool,
    status: Option<u16>,
    headers: Option<Vec<(Text<'a>, Text<'a>)>>,
    body: Option<Text<'a>>,
    /// Whether the response body is incomplete: it was longer than hookglass stores, or it failed as `failure` says.
    truncated: bool,
    /// The old name of `truncated`.
    cut: bool,
    /// Why there is no complete response: a keyword, and a sentence in `why`.
    failure: Option<&'static str>,
    why: Option<&'a str>,
}

/// The delivery in JSON. Bytes that are not UTF-8 become an object with `base64`. Characters that act on a terminal are escaped.
pub(crate) fn delivery_line(delivery: &Delivery) -> String {
    let response = delivery.outcome.as_ref().ok();
    let failure = delivery.failure();
    let truncated = response.is_some_and(|response| response.completeness != Completeness::Whole);
    json_text(&DeliveryLine {
        event: delivery.event,
        origin: delivery.origin.as_str(),
        rehearsal: delivery.origin.rehearsal().map(Rehearsal::name),
        manner: delivery.manner.as_str(),
        target: &delivery.target,
        peer: delivery.peer.as_deref(),
        started_at: utc_text(delivery.started_at),
        connected_us: delivery.timing.connected_us,
        first_byte_us: delivery.timing.first_byte_us,
        total_us: delivery.timing.total_us,
        sent_headers: spelled(&delivery.sent_headers),
        sent_body: delivery.sent_body.as_deref().map(Spelling::of),
        delivered: delivery.ending().is_delivered(),
        status: delivery.status(),
        headers: response.map(|response| spelled(&response.headers)),
        body: response.map(|response| Spelling::of(&response.body)),
        truncated,
        cut: truncated,
        failure: failure.as_ref().map(|failure| failure.kind.as_str()),
        why: failure.as_ref().map(|failure| failure.text.as_str()),
    })
}

fn spelled(headers: &[(Vec<u8>, Vec<u8>)]) -> Vec<(Text<'_>, Text<'_>)> {
    headers.iter().map(|(name, value)| (Spelling::of(name), Spelling::of(value))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::delivery::{Failure, FailureKind, Manner, Origin, Response, Timing};
    use bytes::Bytes;
    use jiff::Timestamp;

    #[test]
    fn a_line_has_every_field_and_escapes_terminal_controls() {
        let answered = Delivery {
            event: 7,
            origin: Origin::Asked,
            manner: Manner::Edited,
            target: "http://localhost:4000/".into(),
            peer: Some("[::1]:4000".into()),
            started_at: Timestamp::UNIX_EPOCH,
            timing: Timing { connected_us: Some(5), first_byte_us: Some(70), total_us: 77 },
            sent_headers: vec![(b"x-odd".to_vec(), b"\xff".to_vec())],
            sent_body: Some(Bytes::from_static(b"{}")),
            outcome: Ok(Response {
                status: 201,
                headers: Vec::new(),
                body: Bytes::from_static(b"\x1b[2J"),
                completeness: Completeness::TooLong,
            }),
        };
        assert_eq!(
            delivery_line(&answered),
            "{\"event\":7,\"origin\":\"asked\",\"rehearsal\":null,\"manner\":\"edited\",\"target\":\"http://localhost:4000/\",\
             \"peer\":\"[::1]:4000\",\"started_at\":\"1970-01-01T00:00:00.000000Z\",\"connected_us\":5,\"first_byte_us\":70,\"total_us\":77,\
             \"sent_headers\":[[\"x-odd\",{\"base64\":\"/w==\"}]],\"sent_body\":\"{}\",\"delivered\":true,\"status\":201,\
             \"headers\":[],\"body\":\"\\u001b[2J\",\"truncated\":true,\"cut\":true,\"failure\":null,\"why\":null}"
        );
        let why = Failure { kind: FailureKind::Refused, text: "nothing listens".into() };
        let origin = Origin::Rehearsed(Some(Rehearsal::TenTimes));
        let line = delivery_line(&Delivery { origin, sent_body: None, outcome: Err(why), ..answered });
        assert!(line.contains("\"origin\":\"rehearsed\",\"rehearsal\":\"ten-times\""), "{line}");
        assert!(line.contains("\"status\":null,\"headers\":null,\"body\":null"), "{line}");
        assert!(line.ends_with("\"failure\":\"refused\",\"why\":\"nothing listens\"}"), "{line}");
    }
}
