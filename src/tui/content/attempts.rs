//! The attempts of a message: when each arrived, its verdict and response, and whether the bodies are the same.

use super::{Attempt, TextLine, at, prose, segment};
use crate::core::event::Event;
use crate::core::export::override_text;
use crate::core::signature::Verdict;
use crate::core::times::in_words;
use crate::tui::action::Action;
use crate::tui::keymap::key_name;
use crate::tui::theme::{Role, glyph};
use jiff::SignedDuration;
use jiff::tz::TimeZone;
use std::time::Duration;

/// The lines above the deliveries. `attempts`: all attempts of the message of `shown`; empty if there is only one.
pub(super) fn lines(shown: &Event, attempts: &[Attempt], zone: &TimeZone) -> Vec<TextLine> {
    let Some(first) = attempts.first() else { return single_attempt(shown, zone) };
    let keys = format!("  {} {} to switch", key_name(Action::EarlierAttempt), key_name(Action::LaterAttempt));
    let mut lines = vec![vec![
        segment(Role::Strong, format!("{} attempts of this message", attempts.len())),
        segment(Role::Dim, keys),
    ]];
    let mut before = first.summary.received_at;
    for attempt in attempts {
        let summary = &attempt.summary;
        let gap = summary.received_at.duration_since(before);
        before = summary.received_at;
        let reason = match (&summary.verdict, &summary.reason) {
            (Verdict::Invalid, Some(reason)) => format!(" {reason}"),
            _ => String::new(),
        };
        lines.push(vec![
            segment(Role::Key, if summary.seq == shown.summary.seq { "  ▸ " } else { "    " }),
            segment(Role::Text, at(summary.received_at, zone)),
            segment(Role::Dim, format!("  {:>7}  ", gap_text(gap))),
            segment(Role::Verdict(summary.verdict), format!("{} {}{reason}", glyph(summary.verdict), summary.verdict)),
            segment(Role::Dim, format!(" · {}", summary.response.in_short())),
            segment(Role::Warning, attempt.differs_at.map_or_else(String::new, |at| format!("  ≠ byte {at}"))),
        ]);
    }
    if attempts.iter().any(|attempt| attempt.differs_at.is_some()) {
        let text = "the body differs from that of the first attempt, starting at this byte. The provider's retries repeat \
                    the same bytes, so another sender sent one of them, or a proxy changed it";
        lines.push(prose((Role::Warning, "  ≠ "), (Role::Text, text.to_owned())));
    }
    lines.push(Vec::new());
    lines
}

fn single_attempt(event: &Event, zone: &TimeZone) -> Vec<TextLine> {
    let received = format!("received {}, {}", at(event.summary.received_at, zone), event.summary.response);
    vec![vec![segment(Role::Dim, received), segment(Role::Warning, override_text(event))], Vec::new()]
}

fn gap_text(gap: SignedDuration) -> String {
    // The gap is negative when the clock was set back between two attempts.
    let gap = Duration::try_from(gap).unwrap_or_default();
    if gap.is_zero() { String::new() } else { format!("+{}", in_words(gap)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_are_rounded_to_a_readable_unit() {
        let text = |milliseconds| gap_text(SignedDuration::from_millis(milliseconds));
        assert_eq!([0, -3, 40, 5_040, 300_000, 9_000_000].map(text), ["", "", "+40 ms", "+5 s", "+5 min", "+2.5 h"]);
    }
}
