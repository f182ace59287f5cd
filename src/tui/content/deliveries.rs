//! The deliveries tab: every sending of the event, the newest first, with what came back.

use super::headers::header_lines;
use super::{TextLine, code_of, code_role, prose, segment, words};
use crate::core::answer::is_interceptor;
use crate::core::delivery::{Answer, Delivery, Ending, Manner, Origin};
use crate::core::diagnosis::{Refusal, is_refusal, likely_causes};
use crate::core::envelope;
use crate::core::event::Event;
use crate::core::json::Document;
use crate::core::request::{Header, values};
use crate::core::signature::Verdict;
use crate::tui::action::Action;
use crate::tui::keymap::key_name;
use crate::tui::theme::Role;
use crate::tui::view::duration;
use bytes::Bytes;
use jiff::tz::TimeZone;

/// Lines of a body that are shown.
const MAX_BODY_LINES: usize = 2000;
/// How long the provider waits for an answer, in microseconds: to an event, and to an interceptor at the least.
const PATIENCE_US: u64 = 10_000_000;
const INTERCEPTOR_PATIENCE_US: u64 = 3_000_000;
/// Columns of the bar that shows how much of it was used.
const BAR: u64 = 20;

pub(super) fn lines(event: &Event, deliveries: &[Delivery], zone: &TimeZone) -> Vec<TextLine> {
    if deliveries.is_empty() {
        let key = key_name(Action::Redeliver(Manner::Resigned));
        return vec![words(Role::Dim, format!("not sent to any app yet; `{key}` sends it"))];
    }
    let envelope = envelope::read(&event.body).unwrap_or_default();
    let is_interceptor = is_interceptor(event.judgement.scheme, &envelope);
    let patience_us = if is_interceptor { INTERCEPTOR_PATIENCE_US } else { PATIENCE_US };
    deliveries.iter().rev().flat_map(|delivery| delivery_lines(event, delivery, patience_us, zone)).collect()
}

fn delivery_lines(event: &Event, delivery: &Delivery, patience_us: u64, zone: &TimeZone) -> Vec<TextLine> {
    let ending = delivery.ending();
    let role = if ending.is_delivered() { Role::Good } else { Role::Bad };
    let at = delivery.started_at.to_zoned(zone.clone()).strftime("%b %d %H:%M:%S").to_string();
    let manner = match delivery.manner {
        Manner::Resigned => "signed again",
        Manner::AsReceived => "byte for byte",
        Manner::Edited => "edited and signed",
        Manner::Rehearsed => "made for the rehearsal",
    };
    let origin = match delivery.origin {
        Origin::Asked => "re-delivered",
        Origin::Forwarded => "forwarded",
        Origin::Retried => "retried",
        Origin::Rehearsed => "rehearsed",
    };
    let mut lines = vec![
        vec![
            segment(role, ending.to_string()),
            segment(Role::Strong, format!("  {}  ", duration(delivery.timing.total_us))),
            segment(Role::Text, delivery.target.as_str()),
        ],
        words(Role::Dim, format!("  {at}  {origin}, {manner}{}{}", peer(delivery), timing(delivery))),
    ];
    lines.push(patience_line(delivery, patience_us));
    lines.extend(refusal_lines(event, delivery));
    match &delivery.outcome {
        Ok(answer) => lines.extend(answer_lines(answer)),
        Err(failure) => lines.push(vec![segment(Role::Text, "  "), segment(Role::Bad, failure.text.as_str())]),
    }
    lines.push(Vec::new());
    lines.push(words(Role::Dim, "  sent"));
    lines.extend(header_lines(pairs(&delivery.sent_headers), "    "));
    if let Some(body) = &delivery.sent_body {
        lines.push(Vec::new());
        lines.extend(body_lines(body.clone(), None));
    }
    lines.push(Vec::new());
    lines
}

/// How much of the time that the provider gives was used.
fn patience_line(delivery: &Delivery, patience_us: u64) -> TextLine {
    let used_us = delivery.timing.total_us;
    // Eighths of a column, so that a quick answer is seen as one.
    let eighths = (used_us.min(patience_us) * BAR * 8 / patience_us).max(1);
    let full = usize::try_from(eighths / 8).expect("a bar is short");
    let part = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"][usize::try_from(eighths % 8).expect("it is below eight")];
    let columns = usize::try_from(BAR).expect("a bar is short");
    let rest = columns - full - usize::from(!part.is_empty());
    let role = match used_us {
        used if used >= patience_us => Role::Bad,
        used if used * 2 >= patience_us => Role::Warning,
        _ => Role::Good,
    };
    let of = format!("  {} of the {} s that the provider waits", duration(used_us), patience_us / 1_000_000);
    vec![
        segment(Role::Text, "  "),
        segment(role, format!("{}{part}", "█".repeat(full))),
        segment(Role::Dim, "░".repeat(rest)),
        segment(Role::Dim, of),
    ]
}

/// Which of the target's addresses the connection stood with, where its name has several.
fn peer(delivery: &Delivery) -> String {
    let named = delivery.peer.as_deref().filter(|peer| !delivery.target.contains(peer));
    named.map(|peer| format!(" to {peer}")).unwrap_or_default()
}

/// Why the app may have refused a signature that was verified here.
fn refusal_lines(event: &Event, delivery: &Delivery) -> Vec<TextLine> {
    let is_refused = matches!(delivery.ending(), Ending::Answered(status) if is_refusal(status));
    if !is_refused || event.judgement.verdict != Verdict::Verified {
        return Vec::new();
    }
    let sent: Vec<Header> = delivery.sent_headers.iter().map(|(name, value)| Header::new(name, value)).collect();
    let timestamp = values(&sent, &format!("{}-timestamp", event.judgement.scheme)).next();
    let sent_at: Option<i64> = timestamp.and_then(|value| std::str::from_utf8(value).ok()?.trim().parse().ok());
    let age_s = sent_at.map(|sent_at| delivery.started_at.as_second().saturating_sub(sent_at));
    let causes = likely_causes(Refusal { sent_headers: &sent, body: &event.body, age_s });
    let heading = words(Role::Warning, "  verified here, refused by the app; the likely causes:");
    let causes = causes.into_iter().map(|cause| prose((Role::Strong, "  - "), (Role::Text, cause)));
    std::iter::once(heading).chain(causes).collect()
}

fn timing(delivery: &Delivery) -> String {
    let part =
        |name: &str, time: Option<u64>| time.map(|time| format!("  {name} {}", duration(time))).unwrap_or_default();
    part("connected", delivery.timing.connected_us) + &part("first byte", delivery.timing.first_byte_us)
}

fn answer_lines(answer: &Answer) -> Vec<TextLine> {
    let mut lines = vec![words(Role::Dim, "  answered")];
    lines.extend(header_lines(pairs(&answer.headers), "    "));
    if !answer.body.is_empty() {
        lines.push(Vec::new());
        let content_type = answer.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(b"content-type"));
        lines.extend(body_lines(answer.body.clone(), content_type.map(|(_, value)| value.as_slice())));
    }
    if answer.is_cut {
        lines.push(words(Role::Warning, "    … cut here: it was longer than is kept, or broke off"));
    }
    lines
}

fn body_lines(body: Bytes, content_type: Option<&[u8]>) -> Vec<TextLine> {
    let document = Document::new(body);
    let count = document.line_count();
    let code = code_of(&document, content_type).unwrap_or_default();
    let mut lines: Vec<_> = (0..count.min(MAX_BODY_LINES))
        .map(|line| {
            let mut segments = vec![segment(Role::Text, "    ")];
            match code.get(line) {
                Some(coloured) => segments.extend(coloured.iter().cloned()),
                None => {
                    segments
                        .extend(document.line(line).segments().map(|(role, bytes)| segment(code_role(role), bytes)));
                }
            }
            segments
        })
        .collect();
    if count > MAX_BODY_LINES {
        lines.push(words(Role::Warning, "    … the rest is not shown"));
    }
    lines
}

fn pairs(headers: &[(Vec<u8>, Vec<u8>)]) -> impl Iterator<Item = (&[u8], &[u8])> {
    headers.iter().map(|(name, value)| (name.as_slice(), value.as_slice()))
}
