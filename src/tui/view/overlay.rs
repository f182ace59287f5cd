//! What lies over the panes: help, the copy menu, and the fields that take text.

use super::events;
use super::line::LineBuilder;
use crate::core::edit::Change;
use crate::core::shown::Shown;
use crate::core::signature::Verdict;
use crate::tui::keymap::{self, BINDINGS, Binding, HelpLine, Scope};
use crate::tui::layout;
use crate::tui::model::{Edit, Model, Overlay};
use crate::tui::theme::{Role, Theme};
use ratatui::Frame;
use ratatui::layout::{Constraint, Flex, Layout, Position, Rect};
use ratatui::text::{Line, Span, Text};
use ratatui::widgets::{Block, BorderType, Clear};
use tui_input::Input;

/// Columns of a changed line that are shown.
const MAX_CHANGE: usize = 160;

pub fn draw(model: &Model, theme: &Theme, frame: &mut Frame) {
    match &model.overlay {
        None => {}
        Some(Overlay::Help { top }) => help(*top, theme, frame),
        Some(Overlay::Copy { .. }) => copy_menu(theme, frame),
        Some(Overlay::ConfirmQuit) => {
            let text =
                format!("{} running: quit anyway?  y quits, any other key stays", deliveries(model.running_deliveries));
            panel(" Quit ", vec![Line::raw(text)], theme, frame);
        }
        Some(Overlay::Filter { input, .. }) => filter(model, input, theme, frame),
        Some(Overlay::Secret { input }) => {
            let count = input.value().chars().count();
            let masked = "•".repeat(count.min(48));
            let lines = vec![
                Line::raw(format!("{masked}▏")),
                Line::styled(
                    format!("{count} characters · Enter adds it for this run, Esc leaves"),
                    theme.style(Role::Dim),
                ),
            ];
            panel(" Signing secret (whsec_…) ", lines, theme, frame);
        }
        Some(Overlay::Target { input, error, .. }) => {
            let help = Line::styled("for example http://localhost:4000/webhooks/scalekit", theme.style(Role::Dim));
            let second = error.as_ref().map_or(help, |error| Line::styled(error.clone(), theme.style(Role::Bad)));
            let area = panel(" Send to ", vec![Line::raw(" ".repeat(64)), second], theme, frame);
            field(input, Rect { height: 1, ..area }, frame);
        }
        Some(Overlay::Edited { edit, top }) => edited(model, edit, *top, theme, frame),
    }
}

/// What an edit changed, and what sending it means.
fn edited(model: &Model, edit: &Edit, top: usize, theme: &Theme, frame: &mut Frame) {
    let index = &model.events.index;
    let verdict = index.position_of(edit.seq).map(|position| index.row(position).verdict);
    let mut lines: Vec<Line> = edit
        .changes
        .iter()
        .skip(top)
        .take(layout::over_height(frame.area().as_size()))
        .map(|it| change(it, theme))
        .collect();
    let note = |role, text: &str| Line::styled(text.to_owned(), theme.style(role));
    lines.insert(0, note(Role::Dim, "Enter signs and sends it as a new event, Esc leaves"));
    if !edit.is_json {
        lines.insert(1, note(Role::Warning, "it is not JSON: apps may answer 400"));
    }
    if verdict != Some(Verdict::Verified) {
        lines.insert(1, note(Role::Warning, "it was never verified: your signature would vouch for a stranger's text"));
    }
    panel(" What changed ", lines, theme, frame);
}

fn change(change: &Change, theme: &Theme) -> Line<'static> {
    let line = |role, sign: &str, bytes: &[u8]| {
        let text = Shown::first_columns(bytes, MAX_CHANGE).into_string();
        Line::styled(format!("{sign} {text}"), theme.style(role))
    };
    match change {
        Change::Same(bytes) => line(Role::Dim, " ", bytes),
        Change::Removed(bytes) => line(Role::Bad, "-", bytes),
        Change::Added(bytes) => line(Role::Good, "+", bytes),
        Change::Skipped(1) => line(Role::Dim, "…", b"one line"),
        Change::Skipped(count) => line(Role::Dim, "…", format!("{count} lines").as_bytes()),
        Change::TooLong => line(Role::Dim, "…", b"too many lines to compare; the body as saved is what is sent"),
    }
}

fn deliveries(count: usize) -> String {
    if count == 1 { "one delivery is".to_owned() } else { format!("{count} deliveries are") }
}

/// The filter is typed into the top border of the list.
fn filter(model: &Model, input: &Input, theme: &Theme, frame: &mut Frame) {
    let regions = layout::regions(model).within(frame.area());
    let area = regions.events.unwrap_or(regions.footer);
    let count = events::count(model, theme);
    let width = area.width.saturating_sub(2 + u16::try_from(count.width()).unwrap_or(u16::MAX));
    let line = Rect { x: area.x + 1, width, height: 1.min(area.height), ..area };
    let [label, text] = Layout::horizontal([Constraint::Length(2), Constraint::Fill(1)]).areas(line);
    frame.render_widget(Clear, line);
    frame.render_widget(Line::styled("/ ", theme.style(Role::Key)), label);
    field(input, text, frame);
    if let Some(error) = &model.events.filter_error {
        let mut message = LineBuilder::new(theme, regions.footer.width.into());
        message.put(Role::Bad, " ").put(Role::Bad, &error.to_string());
        frame.render_widget(Clear, regions.footer);
        frame.render_widget(message.build(), regions.footer);
    }
}

/// A text field with the terminal's own cursor in it.
fn field(input: &Input, area: Rect, frame: &mut Frame) {
    let width = usize::from(area.width.saturating_sub(1));
    let skip = input.visual_scroll(width);
    let text: String = input.value().chars().collect();
    let window = crate::core::shown::window(std::iter::once(((), text.as_bytes())), skip, width);
    frame.render_widget(
        Line::from_iter(window.pieces.into_iter().map(|(_, shown)| Span::raw(shown.into_string()))),
        area,
    );
    let column = input.visual_cursor().saturating_sub(skip).min(width);
    frame.set_cursor_position(Position::new(area.x + u16::try_from(column).unwrap_or(u16::MAX), area.y));
}

fn copy_menu(theme: &Theme, frame: &mut Frame) {
    let lines = BINDINGS
        .iter()
        .filter(|binding| binding.scope == Scope::Copying)
        .map(|binding| binding_line(binding, 2, theme))
        .collect();
    panel(" Copy ", lines, theme, frame);
}

fn help(top: usize, theme: &Theme, frame: &mut Frame) {
    let lines: Vec<Line> = keymap::help_lines()
        .map(|line| match line {
            HelpLine::Title(title) => Line::styled(title, theme.style(Role::Title)),
            HelpLine::Binding(binding) => binding_line(binding, 12, theme),
            HelpLine::Blank => Line::default(),
        })
        .collect();
    let height = layout::over_height(frame.area().as_size());
    let title = if lines.len() > height { " Keys · j k scroll, Esc closes " } else { " Keys · Esc closes " };
    panel(title, lines.into_iter().skip(top).take(height).collect(), theme, frame);
}

/// The keys of `binding`, right-aligned in `key_columns`, and what it does.
fn binding_line(binding: &Binding, key_columns: usize, theme: &Theme) -> Line<'static> {
    let keys: Vec<String> = binding.keys.iter().map(|key| key.name()).collect();
    Line::from(vec![
        Span::styled(format!("{:>key_columns$}", keys.join(" ")), theme.style(Role::Key)),
        Span::raw("  "),
        Span::styled(binding.help, theme.style(Role::Text)),
    ])
}

/// A bordered panel in the middle, as large as its lines ask for; gives the area inside.
fn panel(title: &str, lines: Vec<Line<'static>>, theme: &Theme, frame: &mut Frame) -> Rect {
    let area = frame.area();
    let widest = lines.iter().map(Line::width).max().unwrap_or(0).max(title.len());
    let width = u16::try_from(widest + 4).unwrap_or(u16::MAX).min(area.width);
    let height = u16::try_from(lines.len() + 2).unwrap_or(u16::MAX).min(area.height);
    let [column] = Layout::horizontal([Constraint::Length(width)]).flex(Flex::Center).areas(area);
    let [panel] = Layout::vertical([Constraint::Length(height)]).flex(Flex::Center).areas(column);
    let block = Block::bordered()
        .border_type(BorderType::Rounded)
        .border_style(theme.style(Role::FocusedBorder))
        .title_top(Line::styled(Shown::from_text(title).into_string(), theme.style(Role::Title)));
    let inner = block.inner(panel);
    let inner = Rect { x: inner.x + 1.min(inner.width), width: inner.width.saturating_sub(2), ..inner };
    frame.render_widget(Clear, panel);
    frame.render_widget(block, panel);
    frame.render_widget(Text::from(lines), inner);
    inner
}
