//! Builds the index of pretty-printed lines from tokens: where each line starts, how deep it is, and which lines a
//! container spans.

use super::scan::{Error, Token, TokenKind, scan};

/// Keys and gaps longer than this, in bytes, get an entry in [`Layout::landmarks`], so showing a line never scans more
/// than this.
pub(super) const LONG: u32 = 256;

/// Where a pretty-printed line starts in the body, and how many containers are around it.
#[derive(Clone, Copy, Debug)]
pub(super) struct LineStart {
    pub at: u32,
    pub depth: u32,
}

/// The lines of a non-empty container.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    pub first: u32,
    /// The line of the closing bracket.
    pub last: u32,
    pub children: u32,
    /// The index of the span around this one. [`u32::MAX`] if there is none.
    pub around: u32,
    /// The children of the span around it that come before this one.
    pub place: u32,
}

/// Offsets within a line that would take long to find again.
#[derive(Clone, Copy, Debug)]
pub(super) struct Landmarks {
    pub line: u32,
    /// The start of the line if it has no key.
    pub key_end: u32,
    pub value_start: u32,
    /// The end of the opening bracket if the value is a non-empty container.
    pub value_end: u32,
}

/// The index of a JSON body's lines.
#[derive(Clone, Debug, Default)]
pub(super) struct Layout {
    pub lines: Vec<LineStart>,
    /// In order of the first line.
    pub spans: Vec<Span>,
    /// The greatest number of containers around a span.
    pub deepest: Option<u32>,
    /// In order of the line. Few lines have an entry.
    pub landmarks: Vec<Landmarks>,
}

/// Lays out `body`, which must be shorter than 4 GiB.
pub(super) fn lay_out(body: &[u8]) -> Result<Layout, Error> {
    let mut builder = Builder::default();
    for token in scan(body) {
        builder.add(&token?);
    }
    builder.finish_line(offset(body.len()));
    builder.layout.lines.shrink_to_fit();
    builder.layout.spans.shrink_to_fit();
    Ok(builder.layout)
}

fn offset(at: usize) -> u32 {
    u32::try_from(at).expect("the body is shorter than 4 GiB")
}

#[derive(Default)]
struct Builder {
    layout: Layout,
    depth: u32,
    /// The innermost open span.
    open_span: Option<u32>,
    /// Whether the last token was a key or its colon, so the value continues the line.
    is_after_key: bool,
    is_after_open: bool,
    key_end: u32,
    value_start: u32,
    value_end: u32,
}

impl Builder {
    #[inline]
    fn add(&mut self, token: &Token) {
        let (start, end) = (offset(token.range.start), offset(token.range.end));
        match token.kind {
            TokenKind::Comma | TokenKind::Colon => {}
            TokenKind::Key => {
                self.begin_child(start);
                self.key_end = end;
                self.is_after_key = true;
                self.is_after_open = false;
            }
            TokenKind::OpenObject | TokenKind::OpenArray => {
                self.begin_value(start, end);
                let spans = &mut self.layout.spans;
                let around = self.open_span.replace(offset(spans.len())).unwrap_or(u32::MAX);
                let place = spans.get(around as usize).map_or(0, |around| around.children - 1);
                let first = offset(self.layout.lines.len() - 1);
                spans.push(Span { first, last: first, children: 0, around, place });
                self.depth += 1;
                self.is_after_open = true;
            }
            TokenKind::CloseObject | TokenKind::CloseArray => self.close(start, end),
            _ => {
                self.begin_value(start, end);
                self.is_after_open = false;
            }
        }
    }

    #[inline]
    fn begin_value(&mut self, start: u32, end: u32) {
        if !self.is_after_key {
            self.begin_child(start);
            self.key_end = start;
        }
        self.is_after_key = false;
        self.value_start = start;
        self.value_end = end;
    }

    fn close(&mut self, start: u32, end: u32) {
        self.depth -= 1;
        let open = self.open_span.expect("every closing bracket has an open one") as usize;
        let around = self.layout.spans[open].around;
        self.open_span = (around != u32::MAX).then_some(around);
        if self.is_after_open {
            // An empty container stays on its line, with nothing to fold.
            self.layout.spans.pop();
            self.value_end = end;
        } else {
            self.begin_line(start);
            self.layout.spans[open].last = offset(self.layout.lines.len() - 1);
            self.layout.deepest = self.layout.deepest.max(Some(self.depth));
            (self.key_end, self.value_start, self.value_end) = (start, start, end);
        }
        self.is_after_open = false;
    }

    #[inline]
    fn begin_child(&mut self, start: u32) {
        if let Some(open) = self.open_span {
            self.layout.spans[open as usize].children += 1;
        }
        self.begin_line(start);
    }

    #[inline]
    fn begin_line(&mut self, at: u32) {
        self.finish_line(at);
        self.layout.lines.push(LineStart { at, depth: self.depth });
    }

    /// Stores the landmarks of the last line, if it needs any. `next` is the start of the next line.
    #[inline]
    fn finish_line(&mut self, next: u32) {
        if let Some(line) = self.layout.lines.last()
            && (next - self.value_end > LONG || self.value_start - line.at > LONG)
        {
            self.layout.landmarks.push(Landmarks {
                line: offset(self.layout.lines.len() - 1),
                key_end: self.key_end,
                value_start: self.value_start,
                value_end: self.value_end,
            });
        }
    }
}
