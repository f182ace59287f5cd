//! The signature tab: the verdict, its reason with the next step, and every check in order.

use super::{TextLine, prose, segment};
use crate::core::diagnosis::{Diagnosis, Examined, History, Line, Report, diagnose, lines, report};
use crate::core::event::Event;
use crate::core::signature::Reason;
use crate::core::signature::{Keyring, Verdict};
use crate::tui::action::Action;
use crate::tui::keymap;
use crate::tui::theme::{Role, glyph};
use jiff::tz::TimeZone;

pub(super) fn tab(report: &Report) -> Vec<TextLine> {
    [verdict_line(report), Vec::new()].into_iter().chain(lines(report).into_iter().map(text_line)).collect()
}

fn text_line(line: Line) -> TextLine {
    match line {
        Line::Whole(pieces) => pieces.into_iter().map(|(tone, bytes)| segment(tone.into(), bytes)).collect(),
        Line::Prose { label, text } => prose((label.0.into(), label.1), (text.0.into(), text.1)),
    }
}

/// The report as of the time of arrival, with the current secrets; or from the stored verification where that says
/// more, or if there is no `history`, because the search for the reason would take long.
pub(super) fn report_of(event: &Event, history: Option<&History>, keyring: &Keyring, zone: &TimeZone) -> Report {
    let verification = &event.verification;
    let headers = event.head.headers();
    let now_ms = event.summary.received_at.as_millisecond();
    let is_stored_better = verification.reason.as_ref().is_some_and(Reason::lacks_body)
        || keyring.is_empty() && verification.verdict != Verdict::Unchecked;
    let mut note = None;
    let mut diagnosis = if is_stored_better {
        Diagnosis::from(verification)
    } else if let Some(history) = history {
        diagnose(&headers, &event.body, now_ms, keyring).of_stored(verification).amid(history, &event.body)
    } else {
        note = Some("hookglass is still checking this event, because its body is large".to_owned());
        Diagnosis::from(verification)
    };
    if verification.verdict == Verdict::Verified && (keyring.is_empty() || diagnosis.verdict != Verdict::Verified) {
        diagnosis = Diagnosis::from(verification);
        note = Some("verified with a secret that hookglass no longer has".to_owned());
    }
    let examined = Examined { headers: &headers, body: &event.body, now_ms, keyring };
    let mut report = report(&examined, &diagnosis, zone);
    report.warnings.extend(note);
    if let Some(explanation) = &mut report.explanation {
        let key = keymap::key_name(Action::ExplainReason);
        explanation.more = format!("press `{key}`, or run {}", explanation.more);
    }
    report.of_event(event.summary.seq)
}

fn verdict_line(report: &Report) -> TextLine {
    let verdict = report.verdict;
    let mut line = vec![segment(Role::Verdict(verdict), format!("{} {verdict}", glyph(verdict)))];
    if let Some(secret) = &report.secret {
        line.push(segment(Role::Dim, " with "));
        line.push(segment(Role::Text, secret.as_ref()));
    }
    if let Some(reason) = report.reason() {
        line.push(segment(Role::Dim, format!("  {reason}")));
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::signature::Secret;

    #[test]
    fn the_verdict_line_shows_a_reason_only_if_it_adds_something() {
        let keyring = Keyring { verifying: vec![Secret::new("main", "whsec_QUJD")], known_only: Vec::new() };
        for (keyring, expected) in [(&keyring, "○ unsigned"), (&Keyring::default(), "· unchecked  no-secret")] {
            let diagnosis = diagnose(&[], b"{}", 0, keyring);
            let examined = Examined { headers: &[], body: b"{}", now_ms: 0, keyring };
            let line = verdict_line(&report(&examined, &diagnosis, &TimeZone::UTC));
            let text: Vec<u8> = line.into_iter().flat_map(|segment| segment.bytes).collect();
            assert_eq!(String::from_utf8(text).unwrap(), expected);
        }
    }
}
