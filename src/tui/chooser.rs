//! The selection in a list that scrolls: the palette, the samples and the menus.

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Chooser {
    pub selected: usize,
    top: usize,
}

impl Chooser {
    pub fn at(selected: usize) -> Self {
        Self { selected, top: 0 }
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
