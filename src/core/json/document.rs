//! A body laid out in lines: JSON pretty-printed by white space only, other text in its own lines, the rest in
//! hexadecimal.
//!
//! The body is neither changed nor copied. A line costs eight bytes of index. It is assembled on request, in a time
//! that does not depend on the length of the body or of the line.

use super::build::{LONG, Layout, Span, lay_out};
use super::line::{HEX_ROW_BYTES, INDENT_COLUMNS, Line, Role};
use super::scan::{Error, skip_plain, skip_white};
use bytes::Bytes;
use std::ops::Range;

/// What kind of content a body has, which determines its lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Form {
    /// One JSON value, pretty-printed.
    Json,
    /// Text in its own lines. `error` says where it stops being JSON, if it starts like JSON.
    Text {
        error: Option<Error>,
    },
    /// The fields of a form, a line each. See [`Document::fields`].
    Fields,
    /// Rows of 16 bytes: not text, or longer than 4 GiB.
    Binary,
    Empty,
}

/// The lines of a non-empty container.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fold {
    /// The line of the opening bracket.
    pub first: usize,
    /// The line of the closing bracket.
    pub last: usize,
    /// The number of members or elements.
    pub children: usize,
    pub is_object: bool,
}

/// See the module. Creating one reads the whole body: do it off the screen's thread.
#[derive(Clone, Debug)]
pub struct Document {
    body: Bytes,
    form: Form,
    index: Index,
}

#[derive(Clone, Debug)]
enum Index {
    Json(Layout),
    /// Where each line starts.
    Text(Vec<u32>),
    Rows,
}

/// Where the parts of a pretty-printed line are in the body.
struct Parts {
    key: Option<Range<usize>>,
    /// Only the opening bracket of a non-empty container.
    value: Range<usize>,
}

impl Document {
    pub fn new(body: Bytes) -> Self {
        let (form, index) = if body.is_empty() {
            (Form::Empty, Index::Rows)
        } else if u32::try_from(body.len()).is_err() {
            (Form::Binary, Index::Rows)
        } else {
            match lay_out(&body) {
                Ok(layout) => (Form::Json, Index::Json(layout)),
                Err(_) if !is_text(&body) => (Form::Binary, Index::Rows),
                Err(error) => {
                    (Form::Text { error: begins_as_json(&body).then_some(error) }, Index::Text(parts(&body, b'\n')))
                }
            }
        };
        Self { body, form, index }
    }

    /// The fields of a form, a line each, when `body` is text. Otherwise as [`Document::new`].
    pub fn fields(body: Bytes) -> Self {
        if body.is_empty() || u32::try_from(body.len()).is_err() || !is_text(&body) {
            return Self::new(body);
        }
        let starts = parts(&body, b'&');
        Self { body, form: Form::Fields, index: Index::Text(starts) }
    }

    pub fn form(&self) -> &Form {
        &self.form
    }

    /// The bytes as received.
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    pub fn line_count(&self) -> usize {
        match &self.index {
            Index::Json(layout) => layout.lines.len(),
            Index::Text(starts) => starts.len(),
            Index::Rows => self.body.len().div_ceil(HEX_ROW_BYTES),
        }
    }

    /// Line `line`, counted from 0. An empty line if there is no such line.
    pub fn line(&self, line: usize) -> Line<'_> {
        if line >= self.line_count() {
            return Line::plain(&[]);
        }
        match &self.index {
            Index::Json(layout) => self.pretty_line(layout, line),
            Index::Text(starts) => Line::plain(&self.body[text_line(&self.body, starts, line)]),
            Index::Rows => Line::hex(&self.body, line),
        }
    }

    /// The offset at which `line` starts. The length of the body if there is no such line.
    pub fn start(&self, line: usize) -> usize {
        let start = match &self.index {
            Index::Json(layout) => layout.lines.get(line).map(|start| start.at as usize),
            Index::Text(starts) => starts.get(line).map(|start| *start as usize),
            Index::Rows => Some(line.saturating_mul(HEX_ROW_BYTES)),
        };
        start.unwrap_or(self.body.len())
    }

    /// The line that contains the byte at `offset`; for white space, the line before it. `None` if there are no lines.
    pub fn line_at(&self, offset: usize) -> Option<usize> {
        let last = self.line_count().checked_sub(1)?;
        let line = match &self.index {
            Index::Json(layout) => layout.lines.partition_point(|start| start.at as usize <= offset).saturating_sub(1),
            Index::Text(starts) => starts.partition_point(|start| *start as usize <= offset).saturating_sub(1),
            Index::Rows => offset / HEX_ROW_BYTES,
        };
        Some(line.min(last))
    }

    /// The container that opens on `line`.
    pub fn fold(&self, line: usize) -> Option<Fold> {
        let layout = self.layout()?;
        let index = layout.spans.binary_search_by_key(&line, |span| span.first as usize).ok()?;
        Some(self.fold_of(layout, layout.spans[index]))
    }

    /// The innermost container that contains `line`. For a bracket's line, the container around that one.
    pub fn fold_around(&self, line: usize) -> Option<Fold> {
        let layout = self.layout()?;
        let mut around = layout.around(line)?;
        if layout.spans[around].last as usize == line {
            around = layout.parent(around)?;
        }
        Some(self.fold_of(layout, layout.spans[around]))
    }

    /// The containers around `line`; 0 outside JSON.
    pub fn depth(&self, line: usize) -> u32 {
        self.layout().and_then(|layout| layout.lines.get(line)).map_or(0, |start| start.depth)
    }

    /// The line that opens the container closed on `line`. `line` itself if it closes none.
    pub fn opening(&self, line: usize) -> usize {
        self.layout().filter(|layout| line < layout.lines.len()).map_or(line, |layout| self.opening_line(layout, line))
    }

    /// The greatest number of containers around a line that opens a non-empty container. `None` if there is none.
    pub fn deepest_fold(&self) -> Option<u32> {
        self.layout()?.deepest
    }

    pub(super) fn spans(&self) -> &[Span] {
        self.layout().map_or(&[], |layout| &layout.spans)
    }

    /// Where `bytes`, a part of a line's segments, stand in the body. `None` if they were not taken from it.
    pub fn offset_of(&self, bytes: &[u8]) -> Option<usize> {
        let offset = bytes.as_ptr().addr().checked_sub(self.body.as_ptr().addr())?;
        (offset + bytes.len() <= self.body.len()).then_some(offset)
    }

    /// Like [`Document::value`], without copying.
    pub fn shared_value(&self, line: usize) -> Bytes {
        self.body.slice_ref(self.value(line))
    }

    /// The bytes of the value on `line`; for a bracket, of its whole container. Empty if there is no such line.
    pub fn value(&self, line: usize) -> &[u8] {
        if line >= self.line_count() {
            return &[];
        }
        match &self.index {
            Index::Json(layout) => {
                let first = self.opening_line(layout, line);
                let value = self.parts(layout, first).value;
                let end = self.fold(first).map_or(value.end, |fold| self.parts(layout, fold.last).value.end);
                &self.body[value.start..end]
            }
            Index::Text(starts) => &self.body[text_line(&self.body, starts, line)],
            Index::Rows => {
                let start = line * HEX_ROW_BYTES;
                &self.body[start..self.body.len().min(start + HEX_ROW_BYTES)]
            }
        }
    }

    /// The key on `line`, with its quotes. `None` if there is none.
    pub(crate) fn key(&self, line: usize) -> Option<&[u8]> {
        let layout = self.layout().filter(|layout| line < layout.lines.len())?;
        self.parts(layout, line).key.map(|range| &self.body[range])
    }

    pub(super) fn layout(&self) -> Option<&Layout> {
        match &self.index {
            Index::Json(layout) => Some(layout),
            _ => None,
        }
    }

    /// The line that opens the container closed on `line`. `line` itself if it closes none.
    pub(super) fn opening_line(&self, layout: &Layout, line: usize) -> usize {
        if !self.is_closing(layout, line) {
            return line;
        }
        layout.around(line).map_or(line, |around| layout.spans[around].first as usize)
    }

    pub(super) fn is_closing(&self, layout: &Layout, line: usize) -> bool {
        matches!(self.body[layout.lines[line].at as usize], b'}' | b']')
    }

    /// The JSON indented with two spaces per level, token for token as received, without a final newline. The body
    /// unchanged if it is not JSON, or if its depth would make it longer than four times its length plus 1 MiB.
    pub fn pretty(&self) -> Vec<u8> {
        let Some(layout) = self.layout() else {
            return self.body.to_vec();
        };
        let limit = self.body.len().saturating_mul(4).saturating_add(1 << 20);
        // Besides the indentation, a line has a newline and a space after the colon that the body may lack.
        let indentation: usize =
            layout.lines.iter().map(|start| start.depth as usize * INDENT_COLUMNS + 2).fold(0, usize::saturating_add);
        if indentation.saturating_add(self.body.len()) > limit {
            return self.body.to_vec();
        }
        let mut text = Vec::with_capacity(indentation + self.body.len());
        for (line, start) in layout.lines.iter().enumerate() {
            if line > 0 {
                text.push(b'\n');
            }
            text.resize(text.len() + start.depth as usize * INDENT_COLUMNS, b' ');
            let line = self.pretty_line(layout, line);
            for (_, bytes) in line.segments().filter(|(role, _)| *role != Role::Indent) {
                text.extend_from_slice(bytes);
            }
        }
        text
    }

    fn fold_of(&self, layout: &Layout, span: Span) -> Fold {
        let first = span.first as usize;
        let bracket = self.parts(layout, first).value.start;
        Fold {
            first,
            last: span.last as usize,
            children: span.children as usize,
            is_object: self.body[bracket] == b'{',
        }
    }

    fn pretty_line<'a>(&'a self, layout: &Layout, line: usize) -> Line<'a> {
        let Parts { key, value } = self.parts(layout, line);
        let mut pretty = Line::indented(layout.lines[line].depth);
        if let Some(key) = key {
            pretty.push(Role::Key, &self.body[key]);
            pretty.push(Role::Punctuation, b": ");
        }
        let mut is_opening = false;
        match self.body[value.start] {
            b'{' if value.len() > 1 => pretty.push(Role::Punctuation, b"{}"),
            b'[' if value.len() > 1 => pretty.push(Role::Punctuation, b"[]"),
            bracket @ (b'{' | b'[' | b'}' | b']') => {
                is_opening = matches!(bracket, b'{' | b'[');
                pretty.push(Role::Punctuation, &self.body[value]);
            }
            b'"' => pretty.push(Role::String, &self.body[value]),
            b't' | b'f' | b'n' => pretty.push(Role::Literal, &self.body[value]),
            _ => pretty.push(Role::Number, &self.body[value]),
        }
        let is_last = line + 1 == layout.lines.len() || self.is_closing(layout, line + 1);
        if !is_opening && !is_last {
            pretty.push(Role::Punctuation, b",");
        }
        pretty
    }

    /// Finds the parts of a line again. Distant ones are among the landmarks.
    fn parts(&self, layout: &Layout, line: usize) -> Parts {
        let start = layout.lines[line].at as usize;
        if let Ok(index) = layout.landmarks.binary_search_by_key(&line, |landmarks| landmarks.line as usize) {
            let landmarks = layout.landmarks[index];
            let key_end = landmarks.key_end as usize;
            let value = landmarks.value_start as usize..landmarks.value_end as usize;
            return Parts { key: (key_end > start).then_some(start..key_end), value };
        }
        let next = layout.lines.get(line + 1).map_or(self.body.len(), |start| start.at as usize);
        let (key, value_start) = match key_end(&self.body[..next.min(start + LONG as usize)], start) {
            Some((key_end, colon)) => (Some(start..key_end), skip_white(&self.body, colon + 1)),
            None => (None, start),
        };
        let before = self.body[..next].trim_ascii_end();
        let value_end = before.strip_suffix(b",").unwrap_or(before).trim_ascii_end().len();
        Parts { key, value: value_start..value_end }
    }
}

/// The end of the key that starts at `start`, and the offset of its colon. `None` if no key starts there.
fn key_end(bytes: &[u8], start: usize) -> Option<(usize, usize)> {
    let mut at = start + 1;
    if bytes.get(start) != Some(&b'"') {
        return None;
    }
    loop {
        at = skip_plain(bytes, at);
        match bytes.get(at)? {
            b'\\' => at += 2,
            _ => break,
        }
    }
    let colon = skip_white(bytes, at + 1);
    (bytes.get(colon) == Some(&b':')).then_some((at + 1, colon))
}

/// Whether `body` is text: no NUL, and at least three quarters of it UTF-8 without unusual control characters.
fn is_text(body: &[u8]) -> bool {
    if memchr::memchr(0, body).is_some() {
        return false;
    }
    let is_odd = |byte: &&u8| matches!(byte, 0x01..=0x08 | 0x0E..=0x1A | 0x1C..=0x1F | 0x7F);
    let invalid: usize = body.utf8_chunks().map(|chunk| chunk.invalid().len()).sum();
    let odd = body.iter().filter(is_odd).count();
    invalid + odd <= body.len() / 4
}

/// Whether the text is meant to be JSON, so that an error about it helps.
fn begins_as_json(body: &[u8]) -> bool {
    let text = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body);
    matches!(text.trim_ascii_start().first(), Some(b'{' | b'[' | b'"'))
}

/// Where the parts of text start that `end` ends. An `end` at the end of the text starts no further part.
fn parts(body: &[u8], end: u8) -> Vec<u32> {
    let ends = memchr::memchr_iter(end, body).map(|end| end + 1).filter(|start| *start < body.len());
    std::iter::once(0).chain(ends).map(|start| u32::try_from(start).expect("the body is shorter than 4 GiB")).collect()
}

/// The range of a line of text without its LF or CR LF.
fn text_line(body: &[u8], starts: &[u32], line: usize) -> Range<usize> {
    let start = starts[line] as usize;
    let next = starts.get(line + 1).map_or(body.len(), |next| *next as usize);
    let text = &body[start..next];
    let text = text.strip_suffix(b"\n").map_or(text, |text| text.strip_suffix(b"\r").unwrap_or(text));
    start..start + text.len()
}
