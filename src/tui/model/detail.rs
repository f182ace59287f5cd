//! The state of the detail pane.

use super::{Reading, Tab, TextSearch};
use crate::core::event::Seq;
use crate::core::printable::Window;
use crate::tui::action::Action;
use crate::tui::content::Loaded;
use crate::tui::diff_base::Base;
use crate::tui::keymap::key_name;
use crate::tui::theme::Role;
use jiff::tz::TimeZone;

/// The detail pane.
#[derive(Default)]
pub struct Detail {
    pub tab: Tab,
    pub loaded: Option<Box<Loaded>>,
    /// The event that is being loaded.
    pub loading: Option<Seq>,
    /// The first visible line and column of each tab.
    pub offsets: [Offset; Tab::ALL.len()],
    /// The place in the payload. The payload's offset counts its rows.
    pub reading: Reading,
    pub search: Option<TextSearch>,
    /// What the diff tab compares the event with.
    pub base: Base,
    /// Whether long lines wrap. Otherwise the pane scrolls sideways.
    pub is_wrapped: bool,
    /// The number of searches so far.
    pub searches: u64,
}

/// Where the reader is in the detail pane.
#[derive(Clone, Debug)]
pub struct Place {
    pub offsets: [Offset; Tab::ALL.len()],
    pub reading: Reading,
    pub search: Option<TextSearch>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Offset {
    pub line: usize,
    pub column: usize,
}

impl Detail {
    pub fn offset(&self) -> Offset {
        self.offsets[self.tab as usize]
    }

    pub fn offset_mut(&mut self) -> &mut Offset {
        &mut self.offsets[self.tab as usize]
    }

    /// The lines of the open tab that are not folded.
    pub fn line_count(&self) -> usize {
        match (&self.loaded, self.tab) {
            (None, _) => 0,
            (Some(_), Tab::Payload) => self.reading.folds.row_count(),
            (Some(loaded), tab) => loaded.line_count(tab),
        }
    }

    /// The visible part of a line of the open tab. `part` counts the rows that a wrapped line takes, from 0.
    ///
    /// # Panics
    /// When `row` is not less than [`Detail::line_count`].
    pub fn window(&self, row: usize, part: usize, columns: usize) -> Window<Role> {
        let Some(loaded) = &self.loaded else { return Window::default() };
        let skip_columns = if self.is_wrapped { part * columns } else { self.offset().column };
        let highlight = self.shown_search().map(TextSearch::highlight);
        if self.tab != Tab::Payload {
            return loaded.window(self.tab, row, highlight, skip_columns, columns);
        }
        let line = self.reading.folds.line(row);
        loaded.payload.window(line, self.reading.folds.is_folded(line), highlight, skip_columns, columns)
    }

    /// The visible rows from row `top` on, and which part of its line each shows, in `height` rows of `columns`. A line
    /// takes no more than all of them.
    pub fn visible(&self, top: usize, height: usize, columns: usize) -> Vec<(usize, usize)> {
        let mut visible = Vec::with_capacity(height);
        for row in top..self.line_count() {
            let parts = self.parts(row, height, columns);
            visible.extend((0..parts).map(|part| (row, part)));
            if visible.len() >= height {
                break;
            }
        }
        visible.truncate(height);
        visible
    }

    /// How many rows the line in `row` takes, at least one and at most `height`.
    fn parts(&self, row: usize, height: usize, columns: usize) -> usize {
        if !self.is_wrapped || columns == 0 {
            return 1;
        }
        let is_more = |part: &usize| self.window(row, *part, columns).is_cut_right;
        1 + (0..height.saturating_sub(1)).take_while(is_more).count()
    }

    /// The first row of the page of `height` rows that ends with `last`.
    pub fn top_of(&self, last: usize, height: usize, columns: usize) -> usize {
        if !self.is_wrapped {
            return (last + 1).saturating_sub(height);
        }
        let mut room = height;
        let mut top = last + 1;
        while top > 0 {
            let parts = self.parts(top - 1, height, columns);
            if parts > room {
                break;
            }
            room -= parts;
            top -= 1;
        }
        top.min(last)
    }

    /// What the value at the cursor of the payload is, besides a string or a number; and the key that shows it in full, if
    /// `height` rows of `columns` do not.
    pub fn hint(&self, zone: &TimeZone, height: usize, columns: usize) -> Option<String> {
        let loaded = self.loaded.as_ref()?;
        let line = self.reading.line();
        let hint = loaded.payload.hint(line, loaded.event.summary.received_at, zone);
        let is_container = loaded.payload.document.fold(line).is_some();
        let row = self.reading.row();
        let last = self.parts(row, height, columns).saturating_sub(1);
        let is_cut = !is_container && columns > 0 && self.window(row, last, columns).is_cut_right;
        let whole = is_cut.then(|| format!("{} shows all", key_name(Action::Open)));
        let hint: Vec<_> = whole.into_iter().chain(hint).collect();
        (!hint.is_empty()).then(|| hint.join(" · "))
    }

    /// The search whose hits the open tab shows.
    pub fn shown_search(&self) -> Option<&TextSearch> {
        self.search.as_ref().filter(|search| search.tab == self.tab)
    }

    /// Fits the text of all tabs to a pane of `columns`. Ends a search whose hits are now elsewhere.
    pub fn fit(&mut self, columns: usize) {
        let Some(loaded) = &mut self.loaded else { return };
        let raw = &mut self.offsets[Tab::Raw as usize].line;
        let first = loaded.start(Tab::Raw, *raw);
        let has_changed = loaded.fit(columns);
        *raw = loaded.line_at(Tab::Raw, first);
        if has_changed {
            self.forget_search_of_text();
        }
    }

    /// Ends a search of a tab whose text was laid out again.
    pub fn forget_search_of_text(&mut self) {
        self.search.take_if(|search| !matches!(search.tab, Tab::Payload | Tab::Raw));
    }

    pub fn place(&self) -> Place {
        Place { offsets: self.offsets, reading: self.reading.clone(), search: self.search.clone() }
    }

    pub fn restore(&mut self, place: Place) {
        (self.offsets, self.reading, self.search) = (place.offsets, place.reading, place.search);
    }

    /// The offset, in the text that is searched, of the line of the cursor; in a tab without a cursor, of the first line.
    pub fn offset_of_cursor(&self) -> usize {
        match (&self.loaded, self.tab) {
            (None, _) => 0,
            (Some(loaded), Tab::Payload) => loaded.payload.document.start(self.reading.line()),
            (Some(loaded), tab) => loaded.start(tab, self.offset().line),
        }
    }

    /// Whether the byte at `offset` of the searched text is on the line of the cursor.
    pub fn is_on_cursor_line(&self, offset: usize) -> bool {
        match (&self.loaded, self.tab) {
            (None, _) => false,
            (Some(loaded), Tab::Payload) => loaded.payload.document.line_at(offset) == Some(self.reading.line()),
            // There is no cursor to move.
            (Some(_), _) => true,
        }
    }

    /// Scrolls to the `length` bytes at `offset` of the searched text, and unfolds what hides them. The pane shows
    /// `height` lines of `columns`.
    pub fn show(&mut self, offset: usize, length: usize, columns: usize, height: usize) {
        let Some(loaded) = &self.loaded else { return };
        let (row, place) = if self.tab == Tab::Payload {
            let document = &loaded.payload.document;
            let line = document.line_at(offset).unwrap_or(0);
            self.reading.go_to(document, line);
            (self.reading.row(), loaded.payload.columns(line, offset, length))
        } else {
            let line = loaded.line_at(self.tab, offset);
            (line, loaded.columns(self.tab, line, offset, length))
        };
        let Offset { line: top, column } = self.offset_mut();
        if row < *top || row >= *top + height.max(1) {
            // Some lines around the hit are worth seeing.
            *top = row.saturating_sub(height / 3);
        }
        if let Some(place) = place
            && (place.start < *column || place.end > *column + columns)
        {
            *column = if place.end <= columns { 0 } else { place.start.saturating_sub(columns / 3) };
        }
    }
}
