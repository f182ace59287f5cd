//! The palette.
//!
//! ```text
//! ╭ Actions ──────────────────────────────────────────╮
//! │ : curl                                            │
//! │ ▌       y c  copy: curl command that sends the …  │
//! ╰ why the selected action cannot act now ───────────╯
//! ```

use super::line::LineBuilder;
use super::panel::{framed, search_field};
use crate::tui::layout;
use crate::tui::palette::{Entry, Palette};
use crate::tui::theme::{Role, Theme};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Text};

/// The columns of the keys.
const KEYS: usize = 10;
/// The fewest columns of a name beside the reason why it cannot act.
const MIN_NAME: usize = 24;

pub(super) fn draw(palette: &Palette, theme: &Theme, frame: &mut Frame) {
    let (screen, size) = (frame.area(), frame.area().as_size());
    let (area, entries) = (layout::palette(size).intersection(screen), layout::palette_entries(size));
    let entries = entries.intersection(screen);
    let selected = palette.entries.get(palette.at.selected);
    let foot = selected.and_then(|entry| entry.why_not.as_ref()).map(|why| {
        let mut line = LineBuilder::new(theme, usize::from(area.width.saturating_sub(2)).min(why.chars().count() + 2));
        line.put(Role::Warning, " ").put(Role::Warning, why).put(Role::Warning, " ");
        line.build()
    });
    framed(" Actions ", foot, area, theme, frame);
    let field = Rect { y: entries.y.saturating_sub(1), height: 1, ..entries }.intersection(area);
    search_field(&palette.input, ": ", "type the name of an action", field, theme, frame);
    let height = usize::from(entries.height);
    let first = palette.at.first_visible(palette.entries.len(), height);
    let line = |(place, entry)| entry_line(entry, place == palette.at.selected, entries.width.into(), theme);
    let mut lines: Vec<_> = palette.entries.iter().enumerate().skip(first).take(height).map(line).collect();
    if lines.is_empty() {
        lines.push(Line::styled("no action matches", theme.style(Role::Dim)));
    }
    frame.render_widget(Text::from(lines), entries);
}

fn entry_line(entry: &Entry, is_selected: bool, width: usize, theme: &Theme) -> Line<'static> {
    let mut line = LineBuilder::new(theme, width);
    let (key, text) = if entry.why_not.is_some() { (Role::Dim, Role::Dim) } else { (Role::Key, Role::Text) };
    line.put(Role::Key, if is_selected { "▌" } else { " " });
    line.put(key, &format!("{:>KEYS$}  ", entry.keys));
    let why = entry.why_not.as_ref().map(|why| format!("  {why}")).unwrap_or_default();
    // The border shows the whole reason of the selected action.
    let room = line.room();
    let name = room.saturating_sub(why.chars().count()).max(MIN_NAME).min(room);
    let mut letters = LineBuilder::new(theme, name);
    put_matched(&mut letters, &entry.name, &entry.places, text);
    line.append(letters).put(Role::Warning, &why);
    if is_selected { line.build_selected(Role::Selection) } else { line.build() }
}

/// A name with its matched letters.
pub(super) fn put_matched(line: &mut LineBuilder<'_>, name: &str, places: &[usize], role: Role) {
    let columns = line.room();
    let count = name.chars().count();
    let shown = if count > columns { columns.saturating_sub(1) } else { count };
    for (place, letter) in name.chars().enumerate().take(shown) {
        let role = if places.contains(&place) { Role::Strong } else { role };
        line.put(role, letter.encode_utf8(&mut [0; 4]));
    }
    if shown < count {
        line.put(role, "…");
    }
}
