//! The place in the payload: the cursor, and what is folded.

use crate::core::json::{Document, Folds};
use std::sync::OnceLock;

/// See the module. All methods must be given the same document.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    pub folds: Folds,
    /// The line of the cursor. It always has a row of its own.
    line: usize,
    /// The containers with at least so many around them were folded last, by level. `None` if everything was unfolded.
    level: Option<u32>,
    /// The path of the cursor's value, once it was asked for. Finding it takes milliseconds in 10 MB.
    path: OnceLock<String>,
}

impl Reading {
    /// At the start of `document`, with nothing folded.
    pub fn new(document: &Document) -> Self {
        Self { folds: Folds::new(document), ..Self::default() }
    }

    /// The line of the cursor.
    pub fn line(&self) -> usize {
        self.line
    }

    /// The row of the cursor.
    pub fn row(&self) -> usize {
        self.folds.row(self.line)
    }

    pub fn path(&self, document: &Document) -> &str {
        self.path.get_or_init(|| document.path(self.line))
    }

    /// Moves the cursor to `row`, or to the last one.
    pub fn go_to_row(&mut self, row: usize) {
        let line = self.folds.line(row.min(self.folds.row_count().saturating_sub(1)));
        self.put(line);
    }

    /// Moves the cursor to `line` and unfolds what hides it.
    pub fn go_to(&mut self, document: &Document, line: usize) {
        self.folds.reveal(document, line);
        self.put(line);
    }

    /// Whether the container that opens at the cursor is folded. `None` if none opens there.
    pub fn is_folded(&self, document: &Document) -> Option<bool> {
        document.fold(self.line).map(|fold| self.folds.is_folded(fold.first))
    }

    /// Folds or unfolds the container that opens or closes at the cursor.
    pub fn fold(&mut self, document: &Document, is_folded: bool) {
        let opening = document.opening(self.line);
        self.folds.set(document, opening, is_folded);
        self.put(opening);
    }

    /// Folds all containers that have at least `level` around them, or none.
    pub fn fold_to(&mut self, document: &Document, level: Option<u32>) {
        self.level = level;
        match level {
            Some(level) => self.folds.fold_from(document, level),
            None => self.folds.unfold_all(),
        }
        self.put(self.folds.line(self.row()));
    }

    /// The level after the present one in the direction of `is_more` folded: `None` is everything unfolded. The root
    /// stays unfolded. `deepest`: see [`Document::deepest_fold`].
    pub fn next_level(&self, deepest: u32, is_more: bool) -> Option<u32> {
        match self.level {
            None if is_more => Some(deepest.max(1)),
            Some(level) if is_more => Some(level.saturating_sub(1).max(1)),
            level => level.map(|level| level + 1).filter(|level| *level <= deepest),
        }
    }

    fn put(&mut self, line: usize) {
        if line != self.line {
            self.path.take();
        }
        self.line = line;
    }
}
