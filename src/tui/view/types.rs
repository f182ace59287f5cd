//! The types pane: a tree of types by namespace, with the events of the last ten minutes, the total and the bad ones.
//!
//! ```text
//! ▾ user                        ▁▁▂▁▁▃▇▂▁▁    21  6 ✗  1 ○
//!     login                     ▁▁▁▁▁▂▇▁▁▁     6  4 ✗  1 ○
//! ▸ organization.directory      ▁▁▁▁▁▃▅▁▁▁    14  1 ✗
//! ```

use super::line::{LineBuilder, grouped};
use super::rule;
use crate::core::index::{MINUTES, VerdictCounts};
use crate::core::signature::Verdict;
use crate::core::times::{Percentiles, Times, in_words};
use crate::tui::layout;
use crate::tui::model::{Model, Pane};
use crate::tui::theme::{Role, Theme, glyph};
use crate::tui::tree::{self, TreeRow};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Text};
use std::time::Duration;

/// The verdicts that are counted as bad.
const BAD: [Verdict; 2] = [Verdict::Invalid, Verdict::Unsigned];
/// The fewest columns of a name beside response times.
const MIN_NAME: usize = 30;
/// The columns of one response time.
const TIME: usize = 8;
/// The bars of a sparkline, from no event to the most.
const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// Picks a percentile, in microseconds.
type Percentile = fn(&Percentiles) -> u64;

/// The columns at the right, by their widths.
struct Columns {
    has_bars: bool,
    times: &'static [(Percentile, &'static str)],
    events: usize,
    bad: [usize; BAD.len()],
}

impl Columns {
    fn new(model: &Model, width: usize) -> Self {
        const TIMES: &[(Percentile, &str)] = &[(|times| times.p50_us, "p50"), (|times| times.p95_us, "p95")];
        let totals = model.events.index.totals();
        let digits = |count| grouped(count).len();
        let events = digits(totals.all()).max("events".len()) + 2;
        let bad = BAD.map(|verdict| if totals.of(verdict) == 0 { 0 } else { digits(totals.of(verdict)) + 4 });
        let columns = Self { has_bars: true, times: &[], events, bad };
        let has_times = model.events.index.types().any(|seen| seen.times.is_some());
        if has_times && width >= columns.width() + TIME * TIMES.len() + MIN_NAME {
            return Self { times: TIMES, ..columns };
        }
        if width < columns.width() + 18 { Self { has_bars: false, ..columns } } else { columns }
    }

    fn width(&self) -> usize {
        let bars = if self.has_bars { MINUTES } else { 0 };
        bars + TIME * self.times.len() + self.events + self.bad.iter().sum::<usize>() + 1
    }
}

pub fn draw(model: &Model, theme: &Theme, area: Rect, frame: &mut Frame) {
    let rows = tree::rows(model);
    let width = usize::from(area.width);
    let columns = Columns::new(model, width);
    let title = Line::styled(" Types ", theme.style(Role::Title));
    rule::rule(theme, area, rule::is_focused(model, Pane::Types), title, headings(&columns, theme), frame);
    let selected = tree::selected_line(model, &rows);
    let most = rows.iter().flat_map(|row| row.recent).max().unwrap_or(0);
    let inner = layout::inner(area);
    let lines: Vec<Line> = rows
        .iter()
        .enumerate()
        .skip(model.types.top)
        .take(inner.height.into())
        .map(|(line, row)| {
            let is_selected = line == selected && model.focus == Pane::Types;
            row_line(row, is_selected, &columns, most, width, theme)
        })
        .collect();
    frame.render_widget(Text::from(lines), inner);
}

/// The headings, each at the right end of its column. The rule shows between them.
fn headings(columns: &Columns, theme: &Theme) -> Line<'static> {
    let bad: usize = columns.bad.iter().sum();
    // One column stays free at the right, for the corner of the rule.
    let mut line = LineBuilder::new(theme, columns.width() - 1);
    let mut heading = |text: &str, width: usize| {
        let rule = width.saturating_sub(text.chars().count() + 2);
        line.put(Role::Border, &"─".repeat(rule)).put(Role::Dim, &format!(" {text} "));
    };
    if columns.has_bars {
        heading("10 min", MINUTES);
    }
    for (_, name) in columns.times {
        heading(name, TIME);
    }
    heading("events", columns.events);
    if bad > 0 {
        heading("bad", bad);
    }
    let used = line.used();
    let mut narrow = LineBuilder::new(theme, used);
    narrow.append(line);
    narrow.build()
}

fn row_line(
    row: &TreeRow<'_>,
    is_selected: bool,
    columns: &Columns,
    most: u32,
    width: usize,
    theme: &Theme,
) -> Line<'static> {
    let mut line = LineBuilder::new(theme, width);
    line.put(Role::Key, if is_selected { "▌" } else { " " });
    line.put(
        Role::Dim,
        match row.is_folded {
            Some(true) => "▸ ",
            Some(false) => "▾ ",
            None if row.is_child => "    ",
            None => "  ",
        },
    );
    let name = line.room().saturating_sub(columns.width() + 1);
    if row.is_folded.is_some() {
        line.put_foreign(Role::Text, row.label, name);
    } else {
        line.put_name(Role::Text, row.label, name);
    }
    let mut right = Vec::new();
    if columns.has_bars {
        right.extend(row.recent.iter().map(|count| bar(*count, most)));
    }
    let times = row.seen.and_then(|seen| seen.times).and_then(Times::percentiles);
    for (of, _) in columns.times {
        let text = times.as_ref().map(|times| in_words(Duration::from_micros(of(times)))).unwrap_or_default();
        right.push((Role::Dim, format!("{text:>TIME$}")));
    }
    right.push((Role::Strong, format!("{:>1$}", grouped(row.counts.all()), columns.events)));
    right.extend(bad(&row.counts, columns));
    right.push((Role::Text, " ".to_owned()));
    line.put_right(&right);
    if is_selected { line.build_selected(Role::Selection) } else { line.build() }
}

fn bad<'a>(counts: &'a VerdictCounts, columns: &'a Columns) -> impl Iterator<Item = (Role, String)> + 'a {
    BAD.into_iter().zip(columns.bad).map(|(verdict, width)| {
        let count = counts.of(verdict);
        let text = if count == 0 { String::new() } else { format!("{} {}", grouped(count), glyph(verdict)) };
        (Role::Verdict(verdict), format!("{text:>width$}"))
    })
}

/// A bar as high as `count` is of `most`. No event has the lowest bar, and one event never has it.
fn bar(count: u32, most: u32) -> (Role, String) {
    let highest = BARS.len() - 1;
    let height = match count {
        0 => 0,
        _ => (u64::from(count) * highest as u64).div_ceil(u64::from(most.max(1))),
    };
    let bar = BARS[usize::try_from(height).unwrap_or(highest).min(highest)];
    (if count == 0 { Role::Dim } else { Role::Text }, bar.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sparkline_tells_one_event_from_none() {
        let line = |counts: &[u32]| counts.iter().map(|count| bar(*count, 1_000).1).collect::<String>();
        assert_eq!(line(&[0, 1, 500, 1_000]), "▁▂▅█");
        assert_eq!(bar(0, 0).1, "▁");
    }
}
