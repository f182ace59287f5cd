//! The question what becomes of the forwards that earlier runs left.

use super::theme::Role;
use crate::core::delivery::Leftovers;
use crate::core::diagnosis::broken;
use crate::core::numbers::counted;
use jiff::Timestamp;

/// The forwards of `left`: how many were queued, and how many may have arrived.
pub fn counts(left: &[Leftovers]) -> (usize, usize) {
    left.iter().fold((0, 0), |(queued, unknown), left| (queued + left.queued.len(), unknown + left.unknown.len()))
}

/// The question as wrapped lines of at most `width` columns: what is left, and the keys that decide.
pub fn lines(left: &[Leftovers], now: Timestamp, width: usize) -> Vec<Vec<(Role, String)>> {
    let mut lines = Vec::new();
    let mut add = |role: Role, label: &str, text: &str| {
        lines.extend(broken(label, text, width).into_iter().map(|(label, row)| vec![(role, label + &row)]));
    };
    for left in left {
        for sentence in [left.queued_sentence(now), left.unknown_sentence()].into_iter().flatten() {
            add(Role::Text, "", &sentence);
        }
    }
    add(Role::Text, "", "");
    for (key, meaning) in choices(left) {
        add(Role::Dim, &format!("{key:<4}"), &meaning);
    }
    lines
}

/// The keys of the question, each with what it does.
fn choices(left: &[Leftovers]) -> Vec<(&'static str, String)> {
    let (queued, unknown) = counts(left);
    let mut choices = Vec::new();
    if queued > 0 {
        choices.push(("s", format!("send the {} that certainly did not arrive", counted(queued as u64, "event"))));
    }
    if unknown > 0 {
        let what = if queued > 0 { "all" } else { "them" };
        choices
            .push(("a", format!("send {what}: your app may get {} a second time", counted(unknown as u64, "event"))));
    }
    choices.push(("x", "never send them; they stay in the history".to_owned()));
    choices.push(("Esc", "decide later".to_owned()));
    choices
}
