//! The types seen, most frequent first, with how many there are of each verdict.

use super::line::{LineBuilder, duration, grouped};
use super::pane_block;
use crate::core::index::Times;
use crate::core::signature::Verdict;
use crate::tui::model::{Model, Pane};
use crate::tui::theme::{Role, Theme, glyph};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Text};

/// A name is not cut below this many columns for how long the app takes.
const MIN_NAME: usize = 24;

/// How long the app takes: half of its answers, and all but a twentieth of them.
fn percentiles(times: &Times) -> Option<String> {
    let of = |percent| times.percentile(percent).map(duration);
    Some(format!("  p50 {:>6}  p95 {:>6}", of(50)?, of(95)?))
}

/// Whether enough is left for the type's name.
fn has_room_for(times: &str, parts: &[(Role, String)], width: usize) -> bool {
    let used: usize = parts.iter().map(|(_, text)| text.chars().count()).sum();
    used + times.chars().count() + MIN_NAME <= width
}

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
            if let Some(times) = seen.times.and_then(percentiles).filter(|times| has_room_for(times, &parts, width)) {
                parts.insert(0, (Role::Dim, times));
            }
            let columns: usize = parts.iter().map(|(_, text)| text.chars().count()).sum();
            line.put_both_ends(Role::Text, seen.name, width.saturating_sub(columns + 2).max(12));
            line.put_right(&parts);
            if is_selected { line.build_selected(Role::Selection) } else { line.build() }
        })
        .collect();
    frame.render_widget(Text::from(lines), inner);
}
