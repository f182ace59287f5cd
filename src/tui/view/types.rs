//! The types pane: all types, most frequent first, with their counts by verdict.

use super::line::{LineBuilder, grouped};
use super::rule;
use crate::core::signature::Verdict;
use crate::core::times::{Percentiles, Times, in_words};
use crate::tui::layout;
use crate::tui::model::{Model, Pane};
use crate::tui::theme::{Role, Theme, glyph};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span, Text};
use std::time::Duration;

/// The fewest columns to which a name is truncated to make room for response times.
const MIN_NAME: usize = 24;
/// The columns of one response time.
const TIME: usize = 8;

/// Picks a percentile, in microseconds.
type Percentile = fn(&Percentiles) -> u64;

/// The percentiles of the app's response times, with their legend. The first set that fits is shown.
const PERCENTILES: [(&[Percentile], &str); 2] = [
    (&[|times| times.p50_us, |times| times.p95_us], "· p50 and p95 response times "),
    (&[|times| times.p95_us], "· p95 response times "),
];

pub fn draw(model: &Model, theme: &Theme, area: Rect, frame: &mut Frame) {
    let types = model.events.index.types();
    let width = usize::from(area.width);
    let selected = model.events.selected_type_line(&model.types);
    let totals = model.events.index.totals();
    let shown: Vec<Verdict> = Verdict::ALL.into_iter().filter(|verdict| totals.of(*verdict) > 0).collect();
    let digits = |count| grouped(count).len();
    let count_columns = digits(totals.all()) + 3 + shown.iter().map(|it| digits(totals.of(*it)) + 4).sum::<usize>();
    let has_times = model.events.index.types().any(|seen| seen.times.is_some());
    let (percentiles, legend) = PERCENTILES
        .into_iter()
        .find(|(percentiles, _)| has_times && count_columns + TIME * percentiles.len() + MIN_NAME <= width)
        .unwrap_or_default();

    let title =
        [(Role::Title, " Types "), (Role::Dim, legend)].map(|(role, text)| Span::styled(text, theme.style(role)));
    let count = Line::styled(format!(" {} ", types.len()), theme.style(Role::Dim));
    rule::rule(theme, area, rule::is_focused(model, Pane::Types), Line::from_iter(title), count, frame);
    let inner = layout::inner(area);
    let lines: Vec<Line> = types
        .enumerate()
        .skip(model.types.top)
        .take(inner.height.into())
        .map(|(place, seen)| {
            let is_selected = place == selected && model.focus == Pane::Types;
            let mut line = LineBuilder::new(theme, width);
            line.put(Role::Key, if is_selected { "▌" } else { " " });
            let times = seen.times.and_then(Times::percentiles);
            let mut parts: Vec<_> = percentiles
                .iter()
                .map(|of| {
                    let text =
                        times.as_ref().map(|times| in_words(Duration::from_micros(of(times)))).unwrap_or_default();
                    (Role::Dim, format!("{text:>TIME$}"))
                })
                .collect();
            let width_of_all = digits(totals.all());
            parts.push((Role::Strong, format!("  {:>width_of_all$}", grouped(seen.counts.all()))));
            parts.extend(shown.iter().map(|verdict| {
                let count = seen.counts.of(*verdict);
                let width = digits(totals.of(*verdict)) + 4;
                let text = if count == 0 { String::new() } else { format!("{} {}", grouped(count), glyph(*verdict)) };
                (Role::Verdict(*verdict), format!("{text:>width$}"))
            }));
            parts.push((Role::Text, " ".to_owned()));
            let columns: usize = parts.iter().map(|(_, text)| text.chars().count()).sum();
            line.put_name(Role::Text, seen.name, width.saturating_sub(columns + 2).max(12));
            line.put_right(&parts);
            if is_selected { line.build_selected(Role::Selection) } else { line.build() }
        })
        .collect();
    frame.render_widget(Text::from(lines), inner);
}
