//! The list of events, oldest first.
//!
//! ```text
//! ▌14:03:21 ✗ user.login   wrong secret  jane@example.com        ×2      →201
//!   time    verdict type   reason        subject                 attempts last delivery
//! ```

use super::line::{LineBuilder, grouped};
use super::pane_block;
use crate::core::index::Row;
use crate::core::signature::Verdict;
use crate::tui::model::{Model, Overlay, Pane};
use crate::tui::theme::{Role, Theme, glyph};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Text};

/// Columns for everything but the type: marker, time, verdict, and some of the subject.
const OTHER_COLUMNS: usize = 30;
/// The mark, between the time and the verdict.
const MARK: &str = "◆";
/// Subjects align in a column only if there is room for this many of their columns.
const READABLE_SUBJECT: usize = 16;
/// The fewest columns in which a subject is shown.
const MIN_SUBJECT: usize = 4;

pub fn draw(model: &Model, theme: &Theme, area: Rect, frame: &mut Frame) {
    let count = count(model, theme);
    let title_room = usize::from(area.width).saturating_sub(count.width() + 2);
    let block =
        pane_block(model, theme, Pane::Events, title(model, theme, title_room)).title_top(count.right_aligned());
    let inner = block.inner(area);
    frame.render_widget(block, area);
    let events = &model.events;
    let width = usize::from(inner.width);
    let type_width = type_column(model, width);
    let selected_line = events.selected_line();
    let last = events.len().min(events.top + usize::from(inner.height));
    let lines: Vec<Line> = (events.top..last)
        .map(|line| {
            let row = events.row(line);
            row_line(model, theme, &row, selected_line == Some(line), width, type_width)
        })
        .collect();
    if lines.is_empty() {
        let hint = if events.index.is_empty() {
            " loading the history"
        } else {
            " no event matches the filter; Esc clears it"
        };
        frame.render_widget(Line::styled(hint, theme.style(Role::Dim)), inner);
    } else {
        frame.render_widget(Text::from(lines), inner);
    }
}

fn title(model: &Model, theme: &Theme, room: usize) -> Line<'static> {
    let mut line = LineBuilder::new(theme, room);
    line.put(Role::Title, " Events ");
    if let Some(Overlay::Filter { .. }) = &model.overlay {
        // The filter field is drawn here.
    } else if !model.events.filter_text.is_empty() {
        let role = if model.events.filter_error.is_some() { Role::Bad } else { Role::Warning };
        line.put(Role::Border, "── ").put_foreign(role, &format!("{} ", model.events.filter_text), usize::MAX);
    }
    let used = line.build();
    // A title must not be wider than its text.
    Line::from(used.spans.into_iter().filter(|span| !span.content.trim().is_empty()).collect::<Vec<_>>())
}

pub(super) fn count(model: &Model, theme: &Theme) -> Line<'static> {
    let (rows, all) = (grouped(model.events.len() as u64), grouped(model.events.index.len() as u64));
    let text = match (model.events.listing.is_partial(), model.events.filter_text.is_empty()) {
        (false, _) => format!(" {all} "),
        // Without a filter, there are fewer rows than events because attempts share a row.
        (true, true) if model.events.len() == 1 => " 1 message ".to_owned(),
        (true, true) => format!(" {rows} messages "),
        (true, false) => format!(" {rows} of {all} "),
    };
    Line::styled(text, theme.style(Role::Dim))
}

/// The width of the type column: that of the longest type, unless too little is left for the rest.
fn type_column(model: &Model, width: usize) -> usize {
    model.events.index.longest_type().min(width.saturating_sub(OTHER_COLUMNS).max(width / 3))
}

/// The number of attempts, and whether their bodies differ.
fn attempts(model: &Model, row: &Row<'_>) -> Vec<(Role, String)> {
    let index = &model.events.index;
    let Some(position) = index.position_of(row.seq).filter(|position| index.is_repeated(*position)) else {
        return Vec::new();
    };
    let first = index.row(index.first_attempt(position)).seq;
    let differ = if model.events.differing.contains(&first) { "≠" } else { "" };
    vec![(Role::Warning, format!(" {differ}×{}", index.attempt_count(position)))]
}

/// The fewest columns to which a type is truncated to make room for a reason.
const MIN_TYPE: usize = 12;

fn row_line(
    model: &Model,
    theme: &Theme,
    row: &Row<'_>,
    is_selected: bool,
    width: usize,
    type_width: usize,
) -> Line<'static> {
    let mut right = attempts(model, row);
    if let Some(ending) = row.ending {
        right.push((if ending.is_delivered() { Role::Good } else { Role::Bad }, format!(" →{ending}")));
    }
    let right_width = right.iter().map(|(_, text)| text.chars().count()).sum::<usize>().max(1);
    let mut line = LineBuilder::new(theme, width.saturating_sub(right_width));
    line.put(Role::Key, if is_selected { "▌" } else { " " });
    line.put(Role::Dim, &time_of(row.received_at, model.now, &model.setup.zone));
    line.put(Role::Warning, if row.is_marked { MARK } else { " " });
    line.put(Role::Verdict(row.verdict), glyph(row.verdict)).put(Role::Text, " ");
    // For unchecked events the problem line gives the reason.
    let (role, reason) = match row.verdict {
        Verdict::Verified | Verdict::Unchecked => (Role::Text, String::new()),
        Verdict::Invalid => (Role::Verdict(row.verdict), row.reason.replace(['-', ':'], " ")),
        Verdict::Unsigned => (Role::Verdict(row.verdict), row.verdict.to_string()),
    };
    let reason_width = reason.chars().count();
    let end = line.used() + line.room();
    let column = line.used() + type_width + 2;
    // Showing the reason matters more than the full type.
    let type_width = type_width.min(line.room().saturating_sub(reason_width + 2).max(MIN_TYPE));
    line.put_both_ends(Role::Text, row.event_type, type_width);
    // Showing the subject matters more than alignment: without room for a column it goes to the right edge.
    if end >= column + reason_width.max(READABLE_SUBJECT) {
        line.pad_to(column).append(facts(theme, end - column, (role, &reason), row.subject));
    } else {
        let start = line.used() + 2;
        let facts = facts(theme, end.saturating_sub(start), (role, &reason), row.subject);
        line.pad_to(end - facts.used()).append(facts);
    }
    line.widen(width).put_right(&right);
    if !is_selected {
        return line.build();
    }
    line.build_selected(if model.focus == Pane::Events { Role::Selection } else { Role::PassiveSelection })
}

/// The reason and the subject, truncated to `width` columns.
fn facts<'t>(theme: &'t Theme, width: usize, (role, reason): (Role, &str), subject: &str) -> LineBuilder<'t> {
    let mut line = LineBuilder::new(theme, width);
    line.put_foreign(role, reason, usize::MAX);
    let gap = if reason.is_empty() { 0 } else { 2 };
    if line.room() >= gap + MIN_SUBJECT && !subject.is_empty() {
        line.pad_to(line.used() + gap).put_foreign(Role::Dim, subject, usize::MAX);
    }
    line
}

/// The time for today's events, the date for older ones. Eight columns.
fn time_of(at: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
    let (at, now) = (at.to_zoned(zone.clone()), now.to_zoned(zone.clone()));
    let format = if at.date() == now.date() { "%H:%M:%S" } else { "%b %d  " };
    at.strftime(format).to_string()
}
