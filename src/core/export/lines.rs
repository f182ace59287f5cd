//! One event as one line, as text for people and as JSON for scripts.

use crate::core::annotation::Annotation;
use crate::core::check::{Checked, Difference};
use crate::core::event::{Event, Summary};
use crate::core::printable::Printable;
use crate::core::response::ResponseState;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;
use std::fmt::Write;

/// The fields of a JSON line, in their order.
#[derive(Serialize)]
pub(super) struct JsonLine<'a> {
    seq: u64,
    received_at: String,
    method: &'a str,
    path: &'a str,
    webhook_id: Option<&'a str>,
    event_id: Option<&'a str>,
    #[serde(rename = "type")]
    event_type: Option<&'a str>,
    verdict: &'static str,
    reason: Option<String>,
    size: u64,
    /// `null` if the sender got no response, or none yet; `response` says which.
    status: Option<u16>,
    response: &'static str,
}

/// The fields of `events show --json`.
#[derive(Serialize)]
struct JsonEvent<'a> {
    #[serde(flatten)]
    line: JsonLine<'a>,
    pinned: bool,
    imported: bool,
    note: Option<&'a str>,
    checks: &'a [Difference],
    /// How many more there are than `checks` has.
    checks_omitted: usize,
}

/// The event as a JSON object on one line. Characters that act on a terminal are escaped, so the line is safe to print.
pub(crate) fn json_line(summary: &Summary) -> String {
    json_text(&JsonLine::of(summary))
}

/// Like [`json_line`], with how the payload compares with the catalog.
pub(crate) fn json_event(event: &Event, checked: &Checked) -> String {
    let line = JsonLine::of(&event.summary);
    let Annotation { is_pinned: pinned, is_imported: imported, note } = &event.annotation;
    json_text(&JsonEvent {
        line,
        pinned: *pinned,
        imported: *imported,
        note: Some(note.as_str()).filter(|note| !note.is_empty()),
        checks: &checked.described,
        checks_omitted: checked.omitted(),
    })
}

impl<'a> JsonLine<'a> {
    pub(super) fn of(summary: &'a Summary) -> Self {
        Self {
            seq: summary.seq,
            received_at: utc_text(summary.received_at),
            method: &summary.method,
            path: &summary.path,
            webhook_id: summary.webhook_id.as_deref(),
            event_id: summary.event_id.as_deref(),
            event_type: summary.event_type.as_deref(),
            verdict: summary.verdict.as_str(),
            reason: summary.reason.as_ref().map(ToString::to_string),
            size: summary.size,
            status: summary.response.status(),
            response: summary.response.as_str(),
        }
    }
}

/// A time in UTC (RFC 3339) with six decimals, as precise as the history. The texts sort like the times.
pub(crate) fn utc_text(time: Timestamp) -> String {
    format!("{time:.6}")
}

/// `value` as JSON on one line that is safe to print. Its keys must be strings.
pub(crate) fn json_text(value: &impl Serialize) -> String {
    escape_unshowable(&serde_json::to_string(value).expect("strings and numbers are always JSON"))
}

/// The same JSON with every character escaped that a terminal would not show as it is. `json` must be on one line.
pub(super) fn escape_unshowable(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    let mut scratch = [0; 4];
    for character in json.chars() {
        let text: &str = character.encode_utf8(&mut scratch);
        if character.is_ascii() && !character.is_ascii_control() || &*Printable::from_text(text) == text {
            out.push(character);
        } else {
            for unit in character.encode_utf16(&mut [0; 2]) {
                write!(out, "\\u{unit:04x}").expect("a String takes all text");
            }
        }
    }
    out
}

/// ` (override `503 delay:3s`)`; empty for a default response or the app's.
pub fn override_text(event: &Event) -> String {
    event.override_text.as_ref().map(|directive| format!(" (override `{directive}`)")).unwrap_or_default()
}

/// Lays out events as lines whose columns line up. A column is as wide as its widest cell so far.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Columns([usize; 4]);

impl Columns {
    /// Makes room for an event whose line comes later.
    pub(crate) fn fit(&mut self, summary: &Summary) {
        for (width, cell) in self.0.iter_mut().zip(cells(summary)) {
            *width = (*width).max(cell.width());
        }
    }

    /// `12  2026-01-31 14:03:22+00:00  verified  …`: number, local time, verdict, type, subject, size and response. `note` follows the
    /// response.
    pub(crate) fn line(&mut self, summary: &Summary, note: &str, zone: &TimeZone) -> String {
        self.fit(summary);
        let at = summary.received_at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M:%S%:z");
        let mut line = format!("{:>6}  {at}", summary.seq);
        for (width, cell) in self.0.into_iter().zip(cells(summary)) {
            line += &format!("  {}{}", &*cell, " ".repeat(width - cell.width()));
        }
        let response = match summary.response {
            ResponseState::Sent(status) => format!("→ {status}"),
            other => other.in_short().into_owned(),
        };
        format!("{line}  {response}{note}")
    }
}

/// The cells of a line that differ in width.
fn cells(summary: &Summary) -> [Printable; 4] {
    let verdict = match summary.verdict.explained_by(summary.reason.as_ref()) {
        Some(reason) => format!("{} ({reason})", summary.verdict),
        None => summary.verdict.to_string(),
    };
    let shown = |text: Option<&str>| Printable::first_columns(text.unwrap_or("-").as_bytes(), 60);
    [
        Printable::from_text(&verdict),
        shown(summary.event_type.as_deref()),
        shown(summary.subject.as_deref()),
        Printable::from_text(&format!("{} bytes", summary.size)),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::index::tests::summary;
    use crate::core::signature::Verdict;

    #[test]
    fn a_json_line_has_its_fields_in_order() {
        let line = json_line(&summary(3, "user.login", Verdict::Invalid));
        assert_eq!(
            line,
            "{\"seq\":3,\"received_at\":\"2030-03-17T17:46:43.000000Z\",\"method\":\"POST\",\"path\":\"/webhooks/scalekit\",\
             \"webhook_id\":\"msg_3\",\"event_id\":\"evt_3\",\"type\":\"user.login\",\"verdict\":\"invalid\",\
             \"reason\":\"wrong-secret\",\"size\":100,\"status\":201,\"response\":\"sent\"}"
        );
    }

    #[test]
    fn time_texts_sort_like_times() {
        let texts = [0, 1, 50, 999_999, 1_000_000, 1_100_000, 1_100_001]
            .map(|microseconds| utc_text(Timestamp::from_microsecond(microseconds).unwrap()));
        assert!(texts.is_sorted(), "{texts:?}");
        assert_eq!(texts[2], "1970-01-01T00:00:00.000050Z");
        let finer: Timestamp = "2026-01-31T10:00:00.1234567Z".parse().unwrap();
        assert_eq!(utc_text(finer), "2026-01-31T10:00:00.123456Z", "the precision of the history");
    }

    #[test]
    fn hostile_text_is_escaped_and_reads_back_the_same() {
        let hostile = "a\u{202e}b\u{9b}31m\u{1b}[2J\u{e0041}é\u{200d}";
        let line = json_line(&Summary { event_type: Some(hostile.into()), ..summary(1, "", Verdict::Verified) });
        assert!(line.chars().all(|c| c.is_ascii() || c == 'é'), "{line}");
        let read: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert_eq!(read["type"], hostile);
    }

    #[test]
    fn a_text_line_is_one_line() {
        let hostile = Summary { event_type: Some("a\nb\u{1b}".into()), ..summary(1, "", Verdict::Unsigned) };
        let line = Columns::default().line(&hostile, "", &TimeZone::UTC);
        assert!(!line.contains(['\n', '\u{1b}']), "{line}");
    }

    #[test]
    fn the_columns_line_up() {
        let short = summary(1, "a", Verdict::Verified);
        let long =
            Summary { subject: Some("日本".into()), size: 12_345, ..summary(12, "user.login", Verdict::Invalid) };
        let mut columns = Columns::default();
        columns.fit(&long);
        let zone = TimeZone::fixed(jiff::tz::offset(2));
        let lines = [columns.line(&short, "", &zone), columns.line(&long, " (why)", &zone)];
        assert!(lines[0].contains(" 19:46:41+02:00  verified                a  "), "{lines:?}");
        assert!(lines[1].contains("  invalid (wrong-secret)  user.login  日本  "), "{lines:?}");
        assert!(lines[1].ends_with("  12345 bytes  → 201 (why)"), "{lines:?}");
        let place = |line: &str| Printable::from_text(line.split('→').next().unwrap()).width();
        assert_eq!(place(&lines[0]), place(&lines[1]), "{lines:?}");
    }
}
