//! The types seen, most frequent first, with how many there are of each verdict.

use super::line::{LineBuilder, grouped};
use super::pane_block;
use crate::core::signature::Verdict;
use crate::tui::model::{Model, Pane};
use crate::tui::theme::{Role, Theme, glyph};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Text};

pub fn draw(model: &Model, theme: &Theme, area: Rect, frame: &mut Frame) {
    let types = model.events.index.types();
    let block = pane_block(model, theme, Pane::Types, Line::styled(" Types ", theme.style(Role::Title)))
        .title_top(Line::styled(format!(" {} ", types.len()), theme.style(Role::Dim)).right_aligned());
    let inner = block.inner(area);
    frame.render_widget(block, area);
    let width = usize::from(inner.width);
    let selected = model.events.selected_type_line(&model.types);
    let totals = model.events.index.totals();
    let shown: Vec<Verdict> = Verdict::ALL.into_iter().filter(|verdict| totals.of(*verdict) > 0).collect();
    let digits = |count| grouped(count).len();
    let lines: Vec<Line> = types
        .enumerate()
        .skip(model.types.top)
        .take(inner.height.into())
        .map(|(place, seen)| {
            let is_selected = place == selected && model.focus == Pane::Types;
            let mut line = LineBuilder::new(theme, width);
            line.put(Role::Key, if is_selected { "▌" } else { " " });
            let mut parts =
                vec![(Role::Strong, format!("  {:>width$}", grouped(seen.counts.all()), width = digits(totals.all())))];
            parts.extend(shown.iter().map(|verdict| {
                let count = seen.counts.of(*verdict);
                let width = digits(totals.of(*verdict)) + 4;
                let text = if count == 0 { String::new() } else { format!("{} {}", grouped(count), glyph(*verdict)) };
                (Role::Verdict(*verdict), format!("{text:>width$}"))
            }));
            parts.push((Role::Text, " ".to_owned()));
            let columns: usize = parts.iter().map(|(_, text)| text.chars().count()).sum();
            line.put_both_ends(Role::Text, seen.name, width.saturating_sub(columns + 2).max(12));
            line.put_right(&parts);
            if is_selected { line.build_selected(Role::Selection) } else { line.build() }
        })
        .collect();
    frame.render_widget(Text::from(lines), inner);
}
