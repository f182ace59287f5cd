//! One line to show: segments, each with its role, borrowed from the body where possible.

use crate::core::hex::{self, OFFSET_DIGITS, Row};

/// A row of a hexadecimal dump.
const ROW: Row = Row::WIDEST;
/// Bytes per row of a hexadecimal dump.
pub(crate) const HEX_ROW_BYTES: usize = ROW.bytes();

/// Levels of indentation that are shown. Deeper lines have a `⋯` after their indentation.
pub(super) const MAX_SHOWN_DEPTH: u32 = 40;

/// Columns of indentation per level.
pub(super) const INDENT_COLUMNS: usize = 2;

const SPACES: &[u8] = &[b' '; MAX_SHOWN_DEPTH as usize * INDENT_COLUMNS];
const DEEPER: &[u8] = "⋯".as_bytes();
const MAX_SEGMENTS: usize = 6;

/// What a segment of a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    Punctuation,
    Key,
    /// A JSON string with its quotes, or the text beside the hexadecimal digits.
    String,
    Number,
    /// `true`, `false`, `null`.
    Literal,
    /// Text that is not JSON, or hexadecimal digits.
    Plain,
    /// The offset in front of hexadecimal digits.
    Offset,
    Indent,
}

/// One line. The bytes of its segments are foreign: show them only through [`printable`](crate::core::printable).
#[derive(Clone, Debug)]
pub struct Line<'a> {
    /// Containers around this line; 0 outside JSON.
    pub depth: u32,
    content: Content<'a>,
}

#[derive(Clone, Debug)]
enum Content<'a> {
    Borrowed { segments: [(Role, &'a [u8]); MAX_SEGMENTS], count: usize },
    Hex([u8; ROW.columns()], usize),
}

impl<'a> Line<'a> {
    /// A line of text.
    pub(super) fn plain(text: &'a [u8]) -> Self {
        let mut line = Self::indented(0);
        line.push(Role::Plain, text);
        line
    }

    /// A line with only the indentation of `depth`.
    pub(super) fn indented(depth: u32) -> Self {
        let content = Content::Borrowed { segments: [(Role::Plain, &[]); MAX_SEGMENTS], count: 0 };
        let mut line = Self { depth, content };
        line.push(Role::Indent, &SPACES[..depth.min(MAX_SHOWN_DEPTH) as usize * INDENT_COLUMNS]);
        if depth > MAX_SHOWN_DEPTH {
            line.push(Role::Indent, DEEPER);
        }
        line
    }

    /// Adds a segment, unless it is empty.
    pub(super) fn push(&mut self, role: Role, bytes: &'a [u8]) {
        if let Content::Borrowed { segments, count } = &mut self.content
            && !bytes.is_empty()
        {
            segments[*count] = (role, bytes);
            *count += 1;
        }
    }

    /// Row `row`, counted from 0, of a hexadecimal dump of `body`: offset, bytes, text.
    pub fn hex(body: &[u8], row: usize) -> Line<'static> {
        let offset = row.saturating_mul(HEX_ROW_BYTES).min(body.len());
        let bytes = &body[offset..body.len().min(offset + HEX_ROW_BYTES)];
        let mut buffer = [b' '; ROW.columns()];
        buffer[..OFFSET_DIGITS].copy_from_slice(&hex::offset(offset));
        for (index, byte) in bytes.iter().enumerate() {
            let at = ROW.digits_at(index);
            buffer[at..at + 2].copy_from_slice(&hex::digits(*byte));
            buffer[ROW.text_at() + index] = hex::text(*byte);
        }
        Line { depth: 0, content: Content::Hex(buffer, ROW.text_at() + bytes.len()) }
    }

    /// The segments from left to right; none is empty.
    pub fn segments(&self) -> impl Iterator<Item = (Role, &[u8])> {
        (0..).map_while(|index| match &self.content {
            Content::Borrowed { segments, count } => segments[..*count].get(index).copied(),
            Content::Hex(buffer, end) => match index {
                0 => Some((Role::Offset, &buffer[..OFFSET_DIGITS])),
                1 => Some((Role::Plain, &buffer[OFFSET_DIGITS..ROW.text_at()])),
                2 if *end > ROW.text_at() => Some((Role::String, &buffer[ROW.text_at()..*end])),
                _ => None,
            },
        })
    }
}
