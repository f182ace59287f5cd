//! The selection in a list that scrolls: the palette and the samples.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Chooser {
    pub selected: usize,
    top: usize,
}

impl Chooser {
    pub fn at(selected: usize) -> Self {
        Self { selected, top: 0 }
    }

    /// By how many entries a key moves the selection in a list that shows `height` of them.
    pub(crate) fn step(key: KeyEvent, height: usize) -> Option<isize> {
        let page = height.max(1).cast_signed();
        let is_control = key.modifiers.contains(KeyModifiers::CONTROL);
        Some(match key.code {
            KeyCode::Char('n') if is_control => 1,
            KeyCode::Char('p') if is_control => -1,
            KeyCode::Down => 1,
            KeyCode::Up => -1,
            KeyCode::PageDown => page,
            KeyCode::PageUp => -page,
            _ => return None,
        })
    }

    /// Moves the selection by so many of `count` entries, of which `height` are visible.
    pub(crate) fn go(&mut self, by: isize, count: usize, height: usize) {
        self.selected = self.selected.saturating_add_signed(by).min(count.saturating_sub(1));
        self.top = self.first_visible(count, height);
    }

    /// The first of the `height` visible entries.
    pub(crate) fn first_visible(&self, count: usize, height: usize) -> usize {
        let top = self.top.min(self.selected).max((self.selected + 1).saturating_sub(height));
        top.min(count.saturating_sub(height))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_selection_stays_visible_and_the_last_page_full() {
        let mut chooser = Chooser::default();
        for (by, selected, first) in [(4, 4, 2), (-2, 2, 2), (-1, 1, 1), (9, 9, 7), (5, 9, 7), (-20, 0, 0)] {
            chooser.go(by, 10, 3);
            assert_eq!((chooser.selected, chooser.first_visible(10, 3)), (selected, first), "{by}");
        }
        chooser.go(9, 10, 3);
        assert_eq!(chooser.first_visible(10, 20), 0, "a higher terminal shows all");
        let mut empty = Chooser::default();
        empty.go(1, 0, 3);
        assert_eq!(empty, Chooser::default());
    }
}
