//! The detail pane: the tabs, and the open tab of the selected event. Builds only the visible lines.

use super::line::LineBuilder;
use super::rule;
use crate::core::printable::Printable;
use crate::tui::action::Action;
use crate::tui::content::Loaded;
use crate::tui::keymap;
use crate::tui::layout::Regions;
use crate::tui::model::{Model, Overlay, Pane, Tab};
use crate::tui::tabs::{self, ShownTab};
use crate::tui::theme::{Role, Theme, glyph};
use crate::tui::title;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Text};

pub fn draw(model: &Model, theme: &Theme, regions: &Regions, frame: &mut Frame) {
    let (Some(area), Some(text)) = (regions.detail, regions.detail_text()) else { return };
    let is_focused = rule::is_focused(model, Pane::Detail);
    if model.detail.loaded.is_none() {
        rule::rule(theme, area, is_focused, Line::default(), Line::default(), frame);
        let hint = if model.detail.loading.is_some() { " loading" } else { " no event selected" };
        frame.render_widget(Line::styled(hint, theme.style(Role::Dim)), text);
        return;
    }
    let shown = tabs::area(model, regions, title::columns(model));
    let room = match &shown {
        Some((tabs, _)) if !regions.has_tab_line() => usize::from(tabs.x.saturating_sub(area.x + 2)),
        _ => usize::from(area.width).saturating_sub(2),
    };
    let right = if regions.has_tab_line() { verdict(model, theme) } else { Line::default() };
    let title = heading(model, theme, room.saturating_sub(right.width()), regions.has_tab_line());
    rule::rule(theme, area, is_focused, title, right, frame);
    if let Some((line, shown)) = shown {
        frame.render_widget(tab_line(&shown, theme, !regions.has_tab_line()), on_rule(line, regions, frame.area()));
    }
    if let (Some(area), Some(loaded)) = (regions.note(), &model.detail.loaded) {
        frame.render_widget(Text::from(notes(loaded, theme, area.width.into())), area);
    }
    let detail = &model.detail;
    let is_read = is_focused || matches!(model.overlay, Some(Overlay::Search { .. }));
    let cursor = (is_read && detail.tab == Tab::Payload).then(|| detail.reading.row());
    let columns = usize::from(text.width.saturating_sub(2));
    let rows = detail.visible(detail.offset().line, text.height.into(), columns);
    let lines: Vec<Line> = (rows.iter().enumerate())
        .map(|(place, (row, part))| {
            // The last part of a line that goes on is marked, and no other.
            let is_last = rows.get(place + 1).is_none_or(|(next, _)| next != row);
            text_line(model, theme, (*row, *part, is_last), cursor == Some(*row), text.width)
        })
        .collect();
    frame.render_widget(Text::from(lines), text);
}

/// What the payload is, and whether it differs from the documentation.
fn notes(loaded: &Loaded, theme: &Theme, width: usize) -> Vec<Line<'static>> {
    let mut notes = Vec::new();
    if let Some(note) = &loaded.payload.note {
        let mut line = LineBuilder::new(theme, width);
        line.put(Role::Dim, " ").put(Role::Dim, note);
        notes.push(line.build());
    }
    if loaded.checked.differences > 0 {
        let mut line = LineBuilder::new(theme, width);
        line.put(Role::Key, &format!(" {} ", keymap::key_name(Action::ShowChecks)));
        line.put(Role::Warning, &loaded.checked.headline());
        notes.push(line.build());
    }
    notes
}

/// A line of the open tab, between the marks of what is cut off.
fn text_line(
    model: &Model,
    theme: &Theme,
    (row, part, is_last): (usize, usize, bool),
    is_cursor: bool,
    width: u16,
) -> Line<'static> {
    let columns = usize::from(width.saturating_sub(2));
    let window = model.detail.window(row, part, columns);
    let mut line = LineBuilder::new(theme, width.into());
    // A hit stands out on the line of the cursor too.
    let role = |role| if is_cursor && !matches!(role, Role::Hit | Role::CurrentHit) { Role::Selection } else { role };
    match (window.is_cut_left, is_cursor) {
        (true, _) if part == 0 => line.put(role(Role::Dim), "‹"),
        (_, true) => line.put(Role::Selection, "▌"),
        (_, false) => line.put(Role::Text, " "),
    };
    for (piece, text) in window.pieces {
        line.push(theme.style(role(piece)), text);
    }
    if window.is_cut_right && is_last {
        line.put(role(Role::Dim), "›");
    }
    let room = line.room();
    line.put(role(Role::Text), &" ".repeat(room));
    line.build()
}

/// The title with who, if there is room.
fn heading(model: &Model, theme: &Theme, room: usize, has_who: bool) -> Line<'static> {
    let mut pieces = title::pieces(model);
    if let ([.., verdict], true) = (pieces.as_mut_slice(), has_who) {
        // The verdict stands at the right, as a word.
        verdict.1 = " ".to_owned();
    }
    let width = pieces.iter().map(|(_, text)| Printable::from_text(text).width()).sum::<usize>();
    let mut line = LineBuilder::new(theme, room.min(width));
    if width <= room {
        for (role, text) in &pieces {
            line.put(*role, text);
        }
    } else if let [(number_role, number), (name_role, name), (verdict_role, verdict)] = pieces.as_slice() {
        let left = room.saturating_sub(number.len() + verdict.chars().count());
        line.put(*number_role, number).put_name(*name_role, name, left).put(*verdict_role, verdict);
    }
    let who = title::who(model).filter(|who| has_who && line.used() + who.chars().count() + 4 <= room);
    if let Some(who) = who {
        line.widen(room).put(Role::Border, "─ ").put(Role::Text, &who).put(Role::Text, " ");
    }
    let used = line.used();
    let mut narrow = LineBuilder::new(theme, used);
    narrow.append(line);
    narrow.build()
}

fn verdict(model: &Model, theme: &Theme) -> Line<'static> {
    let Some(loaded) = &model.detail.loaded else { return Line::default() };
    let verdict = loaded.event.summary.verdict;
    Line::styled(format!(" {} {verdict} ", glyph(verdict)), theme.style(Role::Verdict(verdict)))
}

/// The area of the tabs, with a space on each side when they stand on the rule.
fn on_rule(line: Rect, regions: &Regions, screen: Rect) -> Rect {
    if regions.has_tab_line() {
        return line.intersection(screen);
    }
    Rect { x: line.x.saturating_sub(1), width: line.width + 2, ..line }.intersection(screen)
}

/// `1 Payload  2 Headers  …`.
fn tab_line(shown: &[ShownTab], theme: &Theme, is_on_rule: bool) -> Line<'static> {
    let around = usize::from(is_on_rule);
    let mut line = LineBuilder::new(theme, tabs::width(shown) + 2 * around);
    line.put(Role::Text, &" ".repeat(around));
    for tab in shown {
        line.pad_to(around + tab.column);
        for (role, text) in &tab.pieces {
            line.put(*role, text);
        }
    }
    line.build()
}
