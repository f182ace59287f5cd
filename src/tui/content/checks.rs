//! The list of differences between a payload and the catalog.

use crate::core::check::{Check, Checked};
use crate::core::diagnosis::broken;
use crate::core::numbers::grouped;
use crate::tui::help::Pieces;
use crate::tui::theme::Role;

/// A line with the counts; then for each difference its path, and below it the check and what it found. Also returns the line of the
/// selected one.
pub(crate) fn check_lines(checked: &Checked, selected: usize, columns: usize) -> (Vec<Pieces>, usize) {
    if checked.described.is_empty() {
        return (vec![vec![(Role::Text, "the payload is as documented".to_owned())]], 0);
    }
    let mut lines = vec![vec![(Role::Text, checked.headline())]];
    let (mut line, last) = (0, checked.described.len() - 1);
    for (place, it) in checked.described.iter().enumerate() {
        let is_selected = place == selected.min(last);
        if is_selected {
            line = lines.len();
        }
        let mark = (Role::Key, if is_selected { "▌ " } else { "  " }.to_owned());
        lines.push(vec![mark, (if it.accepted { Role::Dim } else { Role::Strong }, it.path.clone())]);
        let label = if it.accepted { format!("    {}, accepted  ", it.check) } else { format!("    {}  ", it.check) };
        let (label_role, text_role) = if it.accepted { (Role::Dim, Role::Dim) } else { (role(it.check), Role::Text) };
        let rows = broken(&label, &it.message, columns);
        lines.extend(rows.into_iter().map(|(label, text)| vec![(label_role, label), (text_role, text)]));
    }
    if checked.omitted() > 0 {
        lines.push(vec![(Role::Dim, format!("… {} more", grouped(checked.omitted() as u64)))]);
    }
    (lines, line)
}

fn role(check: Check) -> Role {
    if check.is_note() { Role::Dim } else { Role::Warning }
}
