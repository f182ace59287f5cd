//! Which containers are around a line, and its place in the innermost one. Found in the spans: the time depends on the
//! depth, not on the length of the document.

use super::build::Layout;

impl Layout {
    /// The index of the innermost span that opens before `line`, and closes on it or after it.
    pub(super) fn around(&self, line: usize) -> Option<usize> {
        let mut index = self.opened_before(line)?;
        while (self.spans[index].last as usize) < line {
            index = self.parent(index)?;
        }
        Some(index)
    }

    /// The index of the span around the span `index`.
    pub(super) fn parent(&self, index: usize) -> Option<usize> {
        let around = self.spans[index].around;
        (around != u32::MAX).then_some(around as usize)
    }

    /// The children of the span `container` before the one on `line`, a line of that container.
    pub(super) fn place(&self, container: usize, line: usize) -> usize {
        if let Ok(own) = self.spans.binary_search_by_key(&line, |span| span.first as usize) {
            return self.spans[own].place as usize;
        }
        let Some(mut before) = self.opened_before(line) else { return 0 };
        if before == container {
            // No child before it has lines of its own.
            return line - self.spans[container].first as usize - 1;
        }
        while let Some(parent) = self.parent(before).filter(|parent| *parent != container) {
            before = parent;
        }
        let before = self.spans[before];
        before.place as usize + line - before.last as usize
    }

    /// The index of the last span that opens before `line`.
    fn opened_before(&self, line: usize) -> Option<usize> {
        self.spans.partition_point(|span| (span.first as usize) < line).checked_sub(1)
    }
}
