//! The choice of a sample.
//!
//! ```text
//! ╭ Send a sample ────────────────────────────────────╮
//! │ : signup                                          │
//! │ ▌ user.signup                     User Signed Up  │
//! ╰ Enter sends it to hookglass, Ctrl-t to :4000 ─────╯
//! ```

use super::line::LineBuilder;
use super::palette::put_matched;
use super::panel::{framed, search_field};
use crate::tui::action::Action;
use crate::tui::keymap::key_name;
use crate::tui::layout;
use crate::tui::model::Model;
use crate::tui::samples::{SampleEntry, Samples};
use crate::tui::theme::{Role, Theme};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Text};

/// The columns of the type, if the title is to stand beside it.
const TYPE: usize = 46;

pub(super) fn draw(model: &Model, samples: &Samples, theme: &Theme, frame: &mut Frame) {
    let (screen, size) = (frame.area(), frame.area().as_size());
    let (area, entries) = (layout::palette(size).intersection(screen), layout::palette_entries(size));
    let entries = entries.intersection(screen);
    framed(" Send a sample ", Some(foot(model, theme, area.width.saturating_sub(2).into())), area, theme, frame);
    let field = Rect { y: entries.y.saturating_sub(1), height: 1, ..entries }.intersection(area);
    search_field(&samples.input, ": ", "type to find an event type", field, theme, frame);
    let height = usize::from(entries.height);
    let first = samples.at.first_visible(samples.entries.len(), height);
    let line = |(place, entry)| entry_line(entry, place == samples.at.selected, entries.width.into(), theme);
    let mut lines: Vec<_> = samples.entries.iter().enumerate().skip(first).take(height).map(line).collect();
    if lines.is_empty() {
        lines.push(Line::styled("no type matches", theme.style(Role::Dim)));
    }
    frame.render_widget(Text::from(lines), entries);
}

fn foot(model: &Model, theme: &Theme, width: usize) -> Line<'static> {
    let target = model.setup.first_target();
    let other = target.map_or_else(
        || format!("`{}` sets a target", key_name(Action::EnterTarget)),
        |target| format!("Ctrl-t to {}", target.address()),
    );
    let text = format!(" Enter sends it to hookglass, {other} ");
    let mut line = LineBuilder::new(theme, width.min(text.chars().count()));
    line.put_foreign(Role::Text, &text, width);
    line.build()
}

fn entry_line(entry: &SampleEntry, is_selected: bool, width: usize, theme: &Theme) -> Line<'static> {
    let mut line = LineBuilder::new(theme, width);
    line.put(Role::Key, if is_selected { "▌ " } else { "  " });
    let has_title = width > TYPE + 20;
    let mut name = LineBuilder::new(theme, if has_title { TYPE.min(line.room()) } else { line.room() });
    put_matched(&mut name, &entry.event.name, &entry.places, Role::Text);
    line.append(name);
    if has_title {
        line.pad_to(TYPE + 2).put(Role::Text, " ").put(Role::Dim, &entry.event.title);
    }
    if is_selected { line.build_selected(Role::Selection) } else { line.build() }
}
