//! The detail pane: the tabs, and the open tab of the selected event. Builds only the visible lines.

use super::line::{LineBuilder, grouped};
use super::pane_block;
use crate::core::printable::Printable;
use crate::tui::model::{Model, Pane, Tab};
use crate::tui::theme::{Role, Theme, glyph};
use jiff::tz::TimeZone;
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span, Text};

pub fn draw(model: &Model, theme: &Theme, area: Rect, frame: &mut Frame) {
    let Some(loaded) = &model.detail.loaded else {
        let block = pane_block(model, theme, Pane::Detail, Line::default());
        let inner = block.inner(area);
        frame.render_widget(block, area);
        let hint = if model.detail.loading.is_some() { " loading" } else { " no event selected" };
        frame.render_widget(Line::styled(hint, theme.style(Role::Dim)), inner);
        return;
    };
    let summary = &loaded.event.summary;
    let name = summary.event_type.as_deref().unwrap_or(crate::core::index::NO_TYPE);
    let title_room = usize::from(area.width).saturating_sub(20);
    let title = Line::from(vec![
        Span::raw(" "),
        Span::styled(Printable::first_columns(name.as_bytes(), title_room).into_string(), theme.style(Role::Title)),
        Span::raw(" "),
    ]);
    let verdict = summary.verdict;
    let verdict_title =
        Line::styled(format!(" {} {verdict} ", glyph(verdict)), theme.style(Role::Verdict(verdict))).right_aligned();
    let count = model.detail.line_count();
    let offset = model.detail.offset();
    let place = format!(" {}/{} ", grouped((offset.line + 1).min(count) as u64), grouped(count as u64));
    let at = received(summary.received_at, &model.setup.zone);
    let feet = [format!(" {at} · {} bytes ", grouped(summary.size)), format!(" {at} ")];
    let foot_room = usize::from(area.width).saturating_sub(place.len() + 2);
    let foot = feet.into_iter().find(|foot| foot.chars().count() <= foot_room).unwrap_or_default();
    let block = pane_block(model, theme, Pane::Detail, title)
        .title_top(verdict_title)
        .title_bottom(Line::styled(foot, theme.style(Role::Dim)))
        .title_bottom(Line::styled(place, theme.style(Role::Dim)).right_aligned());
    let inner = block.inner(area);
    frame.render_widget(block, area);

    let [tabs, body] = Layout::vertical([Constraint::Length(1), Constraint::Fill(1)]).areas(inner);
    frame.render_widget(tab_line(model, theme, tabs.width.into()), tabs);
    let lines: Vec<Line> = (offset.line..count)
        .take(body.height.into())
        .map(|line| {
            let columns = usize::from(body.width.saturating_sub(2));
            let window = loaded.window(model.detail.tab, line, offset.column, columns);
            let mut spans = vec![Span::styled(if window.is_cut_left { "‹" } else { " " }, theme.style(Role::Dim))];
            spans.extend(
                window.pieces.into_iter().map(|(role, text)| Span::styled(text.into_string(), theme.style(role))),
            );
            if window.is_cut_right {
                spans.push(Span::styled("›", theme.style(Role::Dim)));
            }
            Line::from(spans)
        })
        .collect();
    frame.render_widget(Text::from(lines), body);
}

/// `1 Payload  2 Headers  …`. Each tab is four columns wider than its title; clicks rely on this.
fn tab_line(model: &Model, theme: &Theme, width: usize) -> Line<'static> {
    let mut line = LineBuilder::new(theme, width);
    for (place, tab) in Tab::ALL.into_iter().enumerate() {
        let role = if tab == model.detail.tab { Role::ActiveTab } else { Role::Dim };
        line.put(Role::Dim, &format!(" {}", place + 1))
            .put(Role::Text, " ")
            .put(role, tab.title())
            .put(Role::Text, " ");
    }
    line.build()
}

fn received(at: jiff::Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M:%S%.3f %Z").to_string()
}
