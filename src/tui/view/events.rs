//! The list of events, oldest first.
//!
//! ```text
//! ▌   7 14:03:21 ✗ user.login another secret ←503 jane@example.com ×2  !200
//!     #   time  verdict type, reason, response   who, size, attempts   app
//! ```

use super::line::{LineBuilder, grouped};
use super::rule;
use crate::core::delivery::Ending;
use crate::core::event::Seq;
use crate::core::index::{NO_TYPE, Row};
use crate::core::numbers::counted;
use crate::core::provider::is_trigger_point;
use crate::core::response::ResponseState;
use crate::core::signature::{Reason, Verdict};
use crate::tui::layout;
use crate::tui::list::{self, ListLine};
use crate::tui::model::{Model, Overlay, Pane};
use crate::tui::outcome::{OUTCOME, outcome};
use crate::tui::theme::{Role, Theme, glyph};
use jiff::civil::Date;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Text};

/// The mark, beside the number.
const MARK: &str = "◆";
const PIN: &str = "*";
/// From this size in bytes on, the size of an event is shown.
const LARGE: u64 = 64 * 1024;
/// The fewest columns of a type beside a reason.
const MIN_TYPE: usize = 8;
/// Lists narrower than this have no seconds, and shorter outcomes.
const NARROW: usize = 50;

/// The widths of the columns. They depend on the pane, not on the rows, so that the columns stand still.
struct Grid {
    number: usize,
    /// The type with its reason and the response to the sender.
    cell: usize,
    /// 0 when there is no room.
    who: usize,
    outcome: usize,
    has_seconds: bool,
}

impl Grid {
    fn new(width: usize, last: Seq, longest_type: usize) -> Self {
        let number = grouped_digits(last).max(3);
        let has_seconds = width >= NARROW;
        let outcome = if width < NARROW { OUTCOME - 2 } else { OUTCOME };
        // Marker, mark, number, time, verdict; a space before the outcome.
        let fixed = 2 + number + 1 + if has_seconds { 8 } else { 5 } + 3 + 1 + outcome;
        let rest = width.saturating_sub(fixed);
        // A reason and a response fit behind the longest type.
        let cell = (rest * 3 / 5).min(longest_type.max(24) + 22);
        let who = rest.saturating_sub(cell + 1);
        let (cell, who) = if who < 9 { (rest, 0) } else { (cell, who) };
        Self { number, cell, who, outcome, has_seconds }
    }
}

fn grouped_digits(last: Seq) -> usize {
    last.checked_ilog10().map_or(1, |digits| digits as usize + 1)
}

pub fn draw(model: &Model, theme: &Theme, area: Rect, frame: &mut Frame) {
    let place = place(model, theme, area);
    let title_room = usize::from(area.width).saturating_sub(place.width() + 3);
    let is_focused = rule::is_focused(model, Pane::Events);
    rule::rule(theme, area, is_focused, title(model, theme, title_room), place, frame);
    let inner = layout::inner(area);
    let width = usize::from(inner.width);
    let index = &model.events.index;
    let grid = Grid::new(width, index.last_seq(), index.longest_type());
    let selected_line = model.events.selected_line();
    let lines: Vec<Line> = list::lines(model, model.events.top, inner.height.into())
        .into_iter()
        .map(|line| match line {
            ListLine::Day(day) => day_line(theme, day, width),
            ListLine::Event(line) => {
                row_line(model, theme, &model.events.row(line), selected_line == Some(line), width, &grid)
            }
        })
        .collect();
    if lines.is_empty() {
        let hint = if index.is_empty() { " loading the history".to_owned() } else { nothing(model) };
        frame.render_widget(Line::styled(hint, theme.style(Role::Dim)), inner);
    } else {
        frame.render_widget(Text::from(lines), inner);
    }
}

/// Why the list is empty.
fn nothing(model: &Model) -> String {
    let events = &model.events;
    let count = events.index.count() as u64;
    let all = counted(count, "event");
    match events.search.progress() {
        Some((read, all)) => {
            format!(" no match yet; {} of {} requests searched", grouped(read as u64), grouped(all as u64))
        }
        None if matches!(model.overlay, Some(Overlay::Filter(_))) => format!(" none of {all} matches the filter"),
        None => format!(" none of {all} matches the filter; Esc clears it"),
    }
}

fn title(model: &Model, theme: &Theme, room: usize) -> Line<'static> {
    let mut line = LineBuilder::new(theme, room);
    line.put(Role::Title, " Events ");
    if let Some(Overlay::Filter(_)) = &model.overlay {
        // The filter field is drawn here.
    } else if model.events.filter_text.is_empty() {
        line.put(Role::Border, "─").put(Role::Dim, " all ");
    } else {
        let role = if model.events.filter_error.is_some() { Role::Bad } else { Role::Warning };
        line.put(Role::Border, "─ ").put_foreign(role, &format!("{} ", model.events.filter_text), usize::MAX);
    }
    let used = line.used();
    let mut line = line.build();
    // A title must not be wider than its text.
    line.spans.truncate(line.spans.len() - usize::from(used < room));
    line
}

/// Which of the listed events are in view, as `46–65 of 65`, and how many there are in all.
pub(super) fn place(model: &Model, theme: &Theme, area: Rect) -> Line<'static> {
    let events = &model.events;
    let (count, all) = (events.len(), grouped(events.index.count() as u64));
    let height = layout::inner(area).height.into();
    let shown = list::lines(model, events.top, height);
    let event = |line: &ListLine| if let ListLine::Event(line) = line { Some(*line) } else { None };
    let (first, last) = (shown.iter().find_map(event), shown.iter().rev().find_map(event));
    let view = match (first, last) {
        (Some(first), Some(last)) => format!("{}–{} of ", grouped(first as u64 + 1), grouped(last as u64 + 1)),
        _ => String::new(),
    };
    let rows = grouped(count as u64);
    let is_partial = events.listing.is_partial() && !(events.filter_text.is_empty() && count == events.index.count());
    let text = match (is_partial, events.filter_text.is_empty()) {
        (false, _) => format!(" {view}{rows} "),
        // Without a filter, there are fewer rows than events because attempts share a row.
        (true, true) if count == 1 => " 1 message ".to_owned(),
        (true, true) => format!(" {view}{rows} messages "),
        (true, false) => match events.search.progress() {
            Some((read, all)) => format!(" {view}{rows} · {} % searched ", read * 100 / all.max(1)),
            None => format!(" {view}{rows} · {all} in all "),
        },
    };
    Line::styled(text, theme.style(Role::Dim))
}

/// `── Sun 29 Nov ─────`
fn day_line(theme: &Theme, day: Date, width: usize) -> Line<'static> {
    let mut line = LineBuilder::new(theme, width);
    line.put(Role::Border, "── ").put(Role::Dim, &day.strftime("%a %-d %b %Y").to_string()).put(Role::Border, " ");
    let rest = line.room();
    line.put(Role::Border, &"─".repeat(rest));
    line.build()
}

/// The number of attempts, and whether their bodies differ.
fn attempts(model: &Model, row: &Row<'_>) -> Option<String> {
    let index = &model.events.index;
    let position = index.position_of(row.seq).filter(|position| index.is_repeated(*position))?;
    let first = index.seq(index.first_attempt(position));
    let differ = if model.events.differing.contains(&first) { "≠" } else { "" };
    Some(format!(" {differ}×{}", index.attempt_count(position)))
}

fn row_line(
    model: &Model,
    theme: &Theme,
    row: &Row<'_>,
    is_selected: bool,
    width: usize,
    grid: &Grid,
) -> Line<'static> {
    let mut line = LineBuilder::new(theme, width);
    line.put(Role::Key, if is_selected { "▌" } else { " " });
    line.put(
        Role::Warning,
        match (row.is_marked, row.is_pinned) {
            (true, _) => MARK,
            (false, true) => PIN,
            (false, false) => " ",
        },
    );
    line.put(Role::Dim, &format!("{:>1$} ", row.seq, grid.number));
    let format = if grid.has_seconds { "%H:%M:%S " } else { "%H:%M " };
    line.put(Role::Dim, &row.received_at.to_zoned(model.setup.zone.clone()).strftime(format).to_string());
    line.put(Role::Verdict(row.verdict), glyph(row.verdict)).put(Role::Text, " ");
    let extras = extras(model, row);
    let cell_extras = if grid.who == 0 { extras.as_slice() } else { &[] };
    line.append(cell(theme, row, grid.cell, cell_extras)).put(Role::Text, " ");
    if grid.who > 0 {
        line.append(who(theme, row, grid.who, &extras)).put(Role::Text, " ");
    }
    let (role, outcome) = outcome(model, row);
    line.put_foreign(role, &outcome, grid.outcome);
    if !is_selected {
        return line.build();
    }
    line.build_selected(if model.focus == Pane::Events { Role::Selection } else { Role::PassiveSelection })
}

/// The size of a large event, and its attempts.
fn extras(model: &Model, row: &Row<'_>) -> Vec<(Role, String)> {
    let size = (row.size >= LARGE).then(|| (Role::Text, format!(" {}", size(row.size))));
    let attempts = attempts(model, row).map(|text| (Role::Warning, text));
    size.into_iter().chain(attempts).collect()
}

/// `315 kB`, `2.4 MB`
fn size(bytes: u64) -> String {
    match bytes {
        0..1_000_000 => format!("{} kB", bytes / 1_000),
        _ => format!("{}.{} MB", grouped(bytes / 1_000_000), bytes % 1_000_000 / 100_000),
    }
}

/// The type, the reason and what the sender got, in exactly `width` columns.
fn cell<'t>(theme: &'t Theme, row: &Row<'_>, width: usize, extras: &[(Role, String)]) -> LineBuilder<'t> {
    let mut line = LineBuilder::new(theme, width);
    let mut right: Vec<_> = response(row).map(|text| (Role::Warning, format!(" {text}"))).into_iter().collect();
    right.extend_from_slice(extras);
    let right_width = right.iter().map(|(_, text)| text.chars().count()).sum::<usize>();
    let reason = reason(row);
    let room = width.saturating_sub(right_width);
    let needed = if reason.is_empty() { 0 } else { reason.chars().count() + 1 };
    // Showing the reason matters more than the full type.
    put_type(&mut line, row, room.saturating_sub(needed).max(MIN_TYPE.min(room)));
    if !reason.is_empty() {
        let room = room.saturating_sub(line.used() + 1);
        let role = if row.is_sample() { Role::Dim } else { Role::Verdict(row.verdict) };
        line.put(Role::Text, " ").put_foreign(role, reason, room);
    }
    line.pad_to(width.saturating_sub(right_width)).put_right(&right);
    line.pad_to(width);
    line
}

fn put_type(line: &mut LineBuilder<'_>, row: &Row<'_>, columns: usize) {
    if let Some(flaw) = flaw_of_body(row) {
        line.put_foreign(Role::Text, flaw, columns);
    } else if is_trigger_point(row.event_type) && columns > row.event_type.len() + "interceptor".len() {
        line.put_name(Role::Text, &format!("interceptor {}", row.event_type), columns);
    } else {
        line.put_name(Role::Text, row.event_type, columns);
    }
}

/// The reason in a few words. For unchecked events the problem line gives it.
fn reason(row: &Row<'_>) -> &'static str {
    match row.verdict {
        Verdict::Verified | Verdict::Unchecked if row.is_sample() => "sample",
        Verdict::Verified | Verdict::Unchecked => "",
        Verdict::Unsigned => "unsigned",
        Verdict::Invalid => Reason::parse(row.reason).map_or("", |reason| reason.short_name()),
    }
}

/// What is wrong with the body, if hookglass found no type in it for that.
fn flaw_of_body(row: &Row<'_>) -> Option<&'static str> {
    if row.event_type != NO_TYPE || !matches!(row.verdict, Verdict::Verified | Verdict::Unchecked) {
        return None;
    }
    let is_refused = row.response == ResponseState::Sent(400)
        // Then it may be the app's response.
        && row.ending != Some(Ending::Responded(400));
    match Reason::parse(row.reason).filter(Reason::lacks_body) {
        Some(reason) => Some(reason.short_name()),
        None => is_refused.then_some("not JSON"),
    }
}

/// What the sender got, if it is not what hookglass responds by itself, nor the app's own response.
fn response(row: &Row<'_>) -> Option<String> {
    let status = match row.response {
        ResponseState::Sent(status) => status,
        ResponseState::SenderLeft => return Some("←left".to_owned()),
        ResponseState::Pending | ResponseState::Unknown | ResponseState::None => return None,
    };
    let is_default = match row.verdict {
        Verdict::Verified | Verdict::Unchecked => matches!(status, 200 | 201),
        // It may have been unchecked on arrival.
        Verdict::Unsigned | Verdict::Invalid => matches!(status, 200 | 201 | 401 | 413),
    };
    let is_the_apps = row.ending == Some(Ending::Responded(status));
    (!is_default && !is_the_apps).then(|| format!("←{status}"))
}

/// Whom the event is about, with its size and attempts, in exactly `width` columns.
fn who<'t>(theme: &'t Theme, row: &Row<'_>, width: usize, extras: &[(Role, String)]) -> LineBuilder<'t> {
    let mut line = LineBuilder::new(theme, width);
    let extras_width: usize = extras.iter().map(|(_, text)| text.chars().count()).sum();
    let room = width.saturating_sub(extras_width);
    line.put_foreign(Role::Text, &row.subject, if row.note.is_empty() { room } else { room / 2 });
    if !row.note.is_empty() {
        line.put(Role::Dim, " · ");
        let left = room.saturating_sub(line.used());
        line.put_foreign(Role::Warning, row.note, left);
    }
    line.put_right(extras).pad_to(width);
    line
}
