//! The payload tab: the body in lines, with folded containers.

use super::highlight::{self, Highlight, Part, in_a_row};
use super::{TextLine, code_of, code_role};
use crate::core::json::{Document, Fold, Line};
use crate::core::numbers::grouped;
use crate::core::printable::{self, Window};
use crate::tui::theme::{Code, Role};
use std::ops::Range;

/// The body of the loaded event.
pub struct Payload {
    pub document: Document,
    /// The first lines of the body in colours, when it is not JSON but in a known language.
    code: Option<Vec<TextLine>>,
}

impl Payload {
    pub(super) fn new(document: Document, content_type: Option<&[u8]>) -> Self {
        Self { code: code_of(&document, content_type), document }
    }

    /// The visible part of a line. Of a folded container, both brackets and how much is in it.
    pub fn window(
        &self,
        line: usize,
        is_folded: bool,
        highlight: Option<Highlight<'_>>,
        skip_columns: usize,
        columns: usize,
    ) -> Window<Role> {
        let fold = self.document.fold(line).filter(|_| is_folded);
        let notes = fold.map_or_else(Vec::new, |fold| self.contents(&fold, highlight));
        let text = self.document.line(line);
        let mut parts = self.parts(line, &text);
        parts.extend(notes.iter().map(|(role, bytes)| (*role, bytes.as_slice(), None)));
        printable::window(highlight::pieces(parts.into_iter(), highlight), skip_columns, columns)
    }

    /// The columns of the `length` bytes at `offset` of the body, on `line`.
    pub fn columns(&self, line: usize, offset: usize, length: usize) -> Option<Range<usize>> {
        let text = self.document.line(line);
        highlight::columns(self.parts(line, &text).into_iter(), offset, length)
    }

    /// The parts of a line, in colours if there are any. `text` is the line of the document.
    fn parts<'a>(&'a self, line: usize, text: &'a Line<'_>) -> Vec<Part<'a>> {
        if let Some(code) = self.code.as_ref().and_then(|code| code.get(line)) {
            let segments = code.iter().map(|segment| (segment.role, segment.bytes.as_slice()));
            return in_a_row(segments, self.document.start(line)).collect();
        }
        text.segments().map(|(role, bytes)| (code_role(role), bytes, self.document.offset_of(bytes))).collect()
    }

    /// What follows the opening bracket of a folded container: `…} 4 members`, and the hits in it.
    fn contents(&self, fold: &Fold, highlight: Option<Highlight<'_>>) -> Vec<(Role, Vec<u8>)> {
        let (rest, one, many) = if fold.is_object { ("…}", "member", "members") } else { ("…]", "item", "items") };
        let mut notes =
            vec![(Role::Code(Code::Punctuation), rest.into()), (Role::Dim, counted(fold.children, one, many).into())];
        let inside = self.document.start(fold.first + 1)..self.document.start(fold.last);
        let hits = highlight.map_or(0, |highlight| {
            let place = |at: usize| highlight.offsets.partition_point(|offset| *offset < at);
            place(inside.end) - place(inside.start)
        });
        if hits > 0 {
            notes.push((Role::Warning, counted(hits, "hit", "hits").into()));
        }
        notes
    }
}

/// ` 4 members`
fn counted(count: usize, one: &str, many: &str) -> String {
    format!(" {} {}", grouped(count as u64), if count == 1 { one } else { many })
}
