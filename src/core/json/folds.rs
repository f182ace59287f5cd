//! Which containers of a document are folded, and which lines that leaves: rows.
//!
//! A row is a visible line, counted from 0. A folded container is one row, that of its opening bracket. A container
//! inside a folded one keeps its own state, so unfolding shows it as it was.

use super::build::Span;
use super::document::Document;

/// See the module. All methods must be given the same document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Folds {
    line_count: usize,
    /// By the index of the container's span. Empty while nothing was ever folded.
    is_folded: Vec<bool>,
    /// The outermost folded containers, in order.
    hidden: Vec<Hidden>,
}

/// A folded container that no other one hides. The lines `first + 1..=last` have no row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Hidden {
    first: u32,
    last: u32,
    /// The lines that the containers before this one hide.
    before: u32,
}

impl Hidden {
    fn row(self) -> usize {
        (self.first - self.before) as usize
    }

    /// The lines that this container and those before it hide.
    fn hidden(self) -> usize {
        (self.before + (self.last - self.first)) as usize
    }
}

impl Folds {
    /// Every line has a row.
    pub fn new(document: &Document) -> Self {
        Self { line_count: document.line_count(), ..Self::default() }
    }

    pub fn row_count(&self) -> usize {
        self.line_count - self.hidden.last().map_or(0, |last| last.hidden())
    }

    /// The line that is shown in `row`.
    pub fn line(&self, row: usize) -> usize {
        let before = self.hidden.partition_point(|hidden| hidden.row() < row);
        row + self.hidden[..before].last().map_or(0, |hidden| hidden.hidden())
    }

    /// The row that shows `line`, or the folded container around it.
    pub fn row(&self, line: usize) -> usize {
        let before = self.hidden.partition_point(|hidden| hidden.first as usize <= line);
        match self.hidden[..before].last() {
            Some(hidden) if line <= hidden.last as usize => hidden.row(),
            Some(hidden) => line - hidden.hidden(),
            None => line,
        }
    }

    /// Whether `line` opens a container that is folded.
    pub fn is_folded(&self, line: usize) -> bool {
        self.hidden.binary_search_by_key(&line, |hidden| hidden.first as usize).is_ok()
    }

    /// Folds or unfolds the container that opens on `line`. Does nothing if there is none.
    pub fn set(&mut self, document: &Document, line: usize, is_folded: bool) {
        let spans = document.spans();
        if let Ok(index) = spans.binary_search_by_key(&line, |span| span.first as usize) {
            self.states(spans)[index] = is_folded;
            self.hide(spans);
        }
    }

    /// Folds exactly the containers that have at least `depth` containers around them.
    pub fn fold_from(&mut self, document: &Document, depth: u32) {
        let spans = document.spans();
        let states = spans.iter().map(|span| document.depth(span.first as usize) >= depth);
        self.is_folded = states.collect();
        self.hide(spans);
    }

    pub fn unfold_all(&mut self) {
        self.is_folded.clear();
        self.hidden.clear();
    }

    /// Unfolds what hides `line`.
    pub fn reveal(&mut self, document: &Document, line: usize) {
        let Some(layout) = document.layout().filter(|_| !self.hidden.is_empty()) else { return };
        let mut has_changed = false;
        let mut around = layout.around(line);
        while let Some(index) = around {
            has_changed |= std::mem::take(&mut self.states(&layout.spans)[index]);
            around = layout.parent(index);
        }
        if has_changed {
            self.hide(&layout.spans);
        }
    }

    fn states(&mut self, spans: &[Span]) -> &mut [bool] {
        self.is_folded.resize(spans.len(), false);
        &mut self.is_folded
    }

    /// Finds the outermost folded containers again.
    fn hide(&mut self, spans: &[Span]) {
        self.hidden.clear();
        let mut before = 0;
        let mut end = None;
        for (span, _) in spans.iter().zip(&self.is_folded).filter(|(_, is_folded)| **is_folded) {
            if end.is_none_or(|end| span.first > end) {
                self.hidden.push(Hidden { first: span.first, last: span.last, before });
                before += span.last - span.first;
                end = Some(span.last);
            }
        }
    }
}
