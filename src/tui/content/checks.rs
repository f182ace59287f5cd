//! The list of differences between a payload and the catalog.

use crate::core::check::{Check, Checked};
use crate::core::diagnosis::broken;
use crate::core::numbers::grouped;
use crate::tui::help::Pieces;
use crate::tui::theme::Role;

/// A line with the counts; then for each difference its path, and below it the check and what it found.
pub(crate) fn check_lines(checked: &Checked, columns: usize) -> Vec<Pieces> {
    if checked.is_empty() {
        return vec![vec![(Role::Text, "the payload is as documented".to_owned())]];
    }
    let mut lines = vec![vec![(Role::Text, checked.headline())]];
    for it in &checked.described {
        lines.push(vec![(Role::Strong, it.path.clone())]);
        let rows = broken(&format!("  {}  ", it.check), &it.message, columns);
        lines.extend(rows.into_iter().map(|(label, text)| vec![(role(it.check), label), (Role::Text, text)]));
    }
    if checked.omitted() > 0 {
        lines.push(vec![(Role::Dim, format!("… {} more", grouped(checked.omitted() as u64)))]);
    }
    lines
}

fn role(check: Check) -> Role {
    if check.is_note() { Role::Dim } else { Role::Warning }
}
