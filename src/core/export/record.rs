//! An event on one line of NDJSON: a fixture with what the list of events shows.

use super::fixture::VERSION;
use super::lines::{JsonLine, json_text};
use super::spelling::Spelling;
use crate::core::event::{Event, Summary};
use serde::Serialize;
use std::borrow::Cow;

type Text<'a> = Spelling<Cow<'a, str>>;

/// The members, in order.
#[derive(Serialize)]
struct Record<'a> {
    hookglass_fixture: u32,
    #[serde(flatten)]
    line: JsonLine<'a>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pinned: bool,
    #[serde(skip_serializing_if = "str::is_empty")]
    note: &'a str,
    headers: Vec<(Text<'a>, Text<'a>)>,
    body: Text<'a>,
}

/// The line, without its end. It can be read as a fixture. Characters that act on a terminal are escaped.
pub(crate) fn record_line(event: &Event) -> String {
    // A summary may hold a shortened path.
    let path = String::from_utf8_lossy(event.head.target()).into_owned();
    let summary = Summary { path, ..event.summary.clone() };
    let headers = event.head.headers();
    json_text(&Record {
        hookglass_fixture: VERSION,
        line: JsonLine::of(&summary),
        pinned: event.annotation.is_pinned,
        note: &event.annotation.note,
        headers: headers.iter().map(|header| (Spelling::of(header.name), Spelling::of(header.value))).collect(),
        body: Spelling::of(&event.body),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::event::Arrival;
    use crate::core::export::Fixture;
    use crate::core::request::Head;
    use crate::core::signature::{Keyring, verify_request};

    #[test]
    fn a_line_is_a_fixture_of_the_same_bytes() {
        let path = format!("/{}", "x".repeat(400));
        let head = [b"POST ", path.as_bytes(), b" HTTP/1.1\r\nX-Odd: \xe9\r\nx-odd: 2\r\n\r\n"].concat();
        let head = Head::parse(&head).unwrap();
        let arrival = Arrival {
            received_at: "2026-01-31T10:00:00.123456Z".parse().unwrap(),
            head,
            body: b"{\"type\":\"a\"}\n\xff"[..].into(),
        };
        let verification = verify_request(&arrival.head.headers(), &arrival.body, 0, &Keyring::default());
        let event = Event::unstored(arrival, verification);
        let line = record_line(&event);
        assert!(!line.contains('\n') && line.contains("\"verdict\":\"unchecked\""), "{line}");
        assert_eq!(Fixture::read(&line).unwrap(), Fixture::of(&event));
    }
}
