//! Builds one line of cells from the left, with own and foreign text, up to a width.

pub use crate::core::numbers::grouped;

use crate::core::printable::Printable;
use crate::tui::theme::{Role, Theme};
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

pub(crate) struct LineBuilder<'t> {
    theme: &'t Theme,
    spans: Vec<Span<'static>>,
    used: usize,
    width: usize,
}

impl<'t> LineBuilder<'t> {
    pub fn new(theme: &'t Theme, width: usize) -> Self {
        Self { theme, spans: Vec::new(), used: 0, width }
    }

    pub fn used(&self) -> usize {
        self.used
    }

    /// Widens the line to `width`, to use reserved columns at its end.
    pub(crate) fn widen(&mut self, width: usize) -> &mut Self {
        self.width = self.width.max(width);
        self
    }

    pub fn room(&self) -> usize {
        self.width - self.used
    }

    /// Adds hookglass's own text, truncated to the room that is left.
    pub fn put(&mut self, role: Role, text: &str) -> &mut Self {
        self.put_foreign(role, text, usize::MAX)
    }

    /// Adds text from outside, truncated to `columns` with an ellipsis.
    pub(crate) fn put_foreign(&mut self, role: Role, text: &str, columns: usize) -> &mut Self {
        let shown = Printable::first_columns(text.as_bytes(), columns.min(self.room()));
        self.push(self.theme.style(role), shown)
    }

    /// Adds a dotted name from outside in `columns`: the last part in `role`, what stands before it dim. What does not fit
    /// is cut from the left.
    pub(crate) fn put_name(&mut self, role: Role, name: &str, columns: usize) -> &mut Self {
        let shown = Printable::last_columns(name.as_bytes(), columns.min(self.room())).into_string();
        let start = shown.rfind(['.', ' ']).map_or(0, |place| place + 1);
        // A name that ends with a dot has no last part.
        let start = if start < shown.len() { start } else { 0 };
        let (namespace, last) = shown.split_at(start);
        self.put(Role::Dim, namespace).put(role, last)
    }

    pub fn push(&mut self, style: Style, shown: Printable) -> &mut Self {
        self.used += shown.width().min(self.room());
        self.spans.push(Span::styled(shown.into_string(), style));
        self
    }

    /// Adds the content of `other`, which must fit.
    pub fn append(&mut self, other: LineBuilder<'_>) -> &mut Self {
        debug_assert!(other.used <= self.room(), "{} columns in {}", other.used, self.room());
        self.used += other.used;
        self.spans.extend(other.spans);
        self
    }

    /// Adds spaces up to `column`.
    pub(crate) fn pad_to(&mut self, column: usize) -> &mut Self {
        let count = column.min(self.width).saturating_sub(self.used);
        self.spans.push(Span::raw(" ".repeat(count)));
        self.used += count;
        self
    }

    /// Whether `parts` and a space before them fit.
    pub(crate) fn has_room_for(&self, parts: &[(Role, String)]) -> bool {
        width_of(parts) < self.room()
    }

    /// Puts `parts` at the right edge, if they fit.
    pub(crate) fn put_right(&mut self, parts: &[(Role, String)]) -> &mut Self {
        let width = width_of(parts);
        if width > 0 && width <= self.room() {
            self.pad_to(self.width - width);
            for (role, text) in parts {
                self.put(*role, text);
            }
        }
        self
    }

    /// The line, padded to its width.
    pub fn build(mut self) -> Line<'static> {
        self.pad_to(self.width);
        Line::from(self.spans)
    }

    /// The line as a selected one, in the style of `role`. A reversed line has no colours: they would become backgrounds.
    pub(crate) fn build_selected(self, role: Role) -> Line<'static> {
        let style = self.theme.style(role);
        let is_reversed = style.add_modifier.contains(Modifier::REVERSED);
        let mut line = self.build();
        for span in &mut line.spans {
            span.style = if is_reversed { style } else { span.style.patch(style) };
        }
        line
    }
}

fn width_of(parts: &[(Role, String)]) -> usize {
    parts.iter().map(|(_, text)| text.width()).sum()
}
