//! The rules between the panes: one at the top of each pane, one divider, and one above the footer, on which notices
//! and the place in the detail stand.

use super::line::{LineBuilder, grouped};
use crate::core::printable::Printable;
use crate::tui::layout::{self, Regions};
use crate::tui::model::{Model, Notice, Pane, Tab, Tone};
use crate::tui::theme::{Role, Theme};
use jiff::tz::TimeZone;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Clear;

/// A rule along `area`, with `left` and `right` on it. The rule of the focused pane is brighter.
pub(super) fn rule(theme: &Theme, area: Rect, is_focused: bool, left: Line<'_>, right: Line<'_>, frame: &mut Frame) {
    let area = Rect { height: area.height.min(1), ..area };
    let role = if is_focused { Role::FocusedBorder } else { Role::Border };
    frame.render_widget(Line::styled("─".repeat(area.width.into()), theme.style(role)), area);
    let width = |line: &Line<'_>| u16::try_from(line.width()).unwrap_or(u16::MAX);
    let left_width = width(&left).min(area.width.saturating_sub(1));
    put(left, Rect { x: area.x + 1.min(area.width), width: left_width, ..area }, frame);
    let room = area.width.saturating_sub(left_width + 2);
    let right_width = width(&right);
    if right_width > 0 && right_width < room {
        put(right, Rect { x: area.right() - 1 - right_width, width: right_width, ..area }, frame);
    }
}

/// Text in place of a part of the rule, whose colour it would otherwise take.
fn put(text: Line<'_>, area: Rect, frame: &mut Frame) {
    frame.render_widget(Clear, area);
    frame.render_widget(text, area);
}

/// Whether the rule of `pane` shows that it has the focus.
pub(super) fn is_focused(model: &Model, pane: Pane) -> bool {
    model.focus == pane && model.overlay.is_none()
}

/// The divider with its joints, and the rule above the footer.
pub fn draw(model: &Model, theme: &Theme, regions: &Regions, frame: &mut Frame) {
    let style = theme.style(Role::Border);
    let is_noticed = model.notice.is_some();
    let (left, right) = if is_noticed { Default::default() } else { foot(model, theme, regions.rule.width.into()) };
    rule(theme, regions.rule, false, left, right, frame);
    if let Some(divider) = regions.divider.filter(|_| !is_start(model)) {
        for row in divider.rows() {
            let is_types = regions.types.is_some_and(|types| types.y == row.y);
            let joint = match row.y {
                y if y == divider.y => "┬",
                _ if is_types => "┤",
                _ => "│",
            };
            frame.render_widget(Span::styled(joint, style), row);
        }
        let end = Rect { y: regions.rule.y, height: regions.rule.height, ..divider }.intersection(regions.rule);
        frame.render_widget(Span::styled("┴", style), end);
    }
    if let Some(notice) = &model.notice {
        toast(notice, theme, regions.rule, frame);
    }
}

/// Whether the start page is shown.
pub(super) fn is_start(model: &Model) -> bool {
    model.events.index.is_empty() && !model.events.is_history_loading
}

/// The fewest columns for a hint.
const FEWEST_HINT: usize = 16;
/// The most columns of a search on the rule.
const SEARCH_COLUMNS: usize = 16;

/// When the loaded event arrived with its size, the search, the path at the cursor of the payload, and the place in the detail.
fn foot(model: &Model, theme: &Theme, width: usize) -> (Line<'static>, Line<'static>) {
    let detail = &model.detail;
    let Some(loaded) = &detail.loaded else { return Default::default() };
    let summary = &loaded.event.summary;
    let count = detail.line_count();
    let is_reading = detail.tab == Tab::Payload && model.focus == Pane::Detail;
    let line = if is_reading { detail.reading.row() } else { detail.offset().line };
    let search = detail.shown_search().filter(|_| model.overlay.is_none());
    let search = search.map(|search| {
        let text = Printable::first_columns(search.text.as_bytes(), SEARCH_COLUMNS);
        format!(" /{text} {} ", search.count())
    });
    let search = search.unwrap_or_default();
    let place = format!(" {}/{} ", grouped((line + 1).min(count) as u64), grouped(count as u64));
    let room = width.saturating_sub(place.len() + 4 + Printable::from_text(&search).width());
    let offset = format!("0x{:08x}", loaded.start(Tab::Raw, line));
    let path = match detail.tab {
        Tab::Raw => offset.as_str(),
        _ if is_reading => detail.reading.path(&loaded.payload.document),
        _ => "",
    };
    let path = Printable::last_columns(path.as_bytes(), room.saturating_sub(2));
    let path = if path.is_empty() { String::new() } else { format!(" {path} ") };
    let at = received(summary.received_at, &model.setup.zone);
    let feet = [format!(" {at} · {} bytes ", grouped(summary.size)), format!(" {at} ")];
    let room = room.saturating_sub(Printable::from_text(&path).width());
    let hint = if is_reading {
        let columns = layout::text_columns(layout::regions(model).detail);
        detail.hint(&model.setup.zone, layout::detail_height(model), columns)
    } else {
        None
    };
    let hint = hint.filter(|_| room >= FEWEST_HINT).map(|hint| {
        let hint = Printable::first_columns(hint.as_bytes(), room - 4);
        format!(" {hint} ")
    });
    let foot = match &hint {
        Some(_) => String::new(),
        None => feet.into_iter().find(|foot| foot.chars().count() <= room).unwrap_or_default(),
    };
    let mut right = Vec::new();
    let hint = hint.unwrap_or_default();
    for (role, text) in [(Role::Text, hint), (Role::Warning, search), (Role::Text, path)]
        .into_iter()
        .filter(|(_, text)| !text.is_empty())
    {
        right.push(Span::styled(text, theme.style(role)));
        right.push(Span::styled("─", theme.style(Role::Border)));
    }
    right.push(Span::styled(place, theme.style(Role::Dim)));
    (Line::styled(foot, theme.style(Role::Dim)), Line::from(right))
}

fn received(at: jiff::Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M:%S%.3f %Z").to_string()
}

/// A notice at the right end of the rule.
fn toast(notice: &Notice, theme: &Theme, area: Rect, frame: &mut Frame) {
    let (role, mark) = match notice.tone {
        Tone::Good => (Role::Good, "✓ "),
        Tone::Plain => (Role::Text, ""),
        Tone::Warning => (Role::Warning, "! "),
        Tone::Bad => (Role::Bad, "✗ "),
    };
    ended(theme, role, &format!("{mark}{}", notice.text), area, frame);
}

/// `text` at the right end of the rule in `area`, between ends of the rule: `┤ text ├`.
pub(super) fn ended(theme: &Theme, role: Role, text: &str, area: Rect, frame: &mut Frame) {
    let room = usize::from(area.width).saturating_sub(6);
    let text = Printable::first_columns(text.as_bytes(), room);
    let mut line = LineBuilder::new(theme, text.width() + 4);
    line.put(Role::Border, "┤ ").push(theme.style(role), text).put(Role::Border, " ├");
    let line = line.build();
    let width = u16::try_from(line.width()).unwrap_or(u16::MAX).min(area.width);
    let x = area.right().saturating_sub(width + 1).max(area.x);
    put(line, Rect { x, width, height: area.height.min(1), ..area }.intersection(area), frame);
}
