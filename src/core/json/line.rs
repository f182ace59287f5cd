//! One line to show: segments, each with its role, borrowed from the body where possible.

/// Bytes per row of a hexadecimal dump.
pub(crate) const HEX_ROW_BYTES: usize = 16;

/// Levels of indentation that are shown. Deeper lines have a `⋯` after their indentation.
pub(super) const MAX_SHOWN_DEPTH: u32 = 40;

/// Columns of indentation per level.
pub(super) const INDENT_COLUMNS: usize = 2;

const SPACES: &[u8] = &[b' '; MAX_SHOWN_DEPTH as usize * INDENT_COLUMNS];
const DEEPER: &[u8] = "⋯".as_bytes();
const MAX_SEGMENTS: usize = 6;
const HEX_OFFSET_WIDTH: usize = 8;
const HEX_TEXT_AT: usize = HEX_OFFSET_WIDTH + 2 + 3 * HEX_ROW_BYTES + 2;

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
    Hex([u8; HEX_TEXT_AT + HEX_ROW_BYTES], usize),
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

    /// Row `row`, counted from 0, of a hexadecimal dump of `body`: offset, bytes, text. The offset has eight digits; of
    /// a larger one, the lowest eight.
    pub fn hex(body: &[u8], row: usize) -> Line<'static> {
        let offset = row.saturating_mul(HEX_ROW_BYTES).min(body.len());
        let bytes = &body[offset..body.len().min(offset + HEX_ROW_BYTES)];
        let mut buffer = [b' '; HEX_TEXT_AT + HEX_ROW_BYTES];
        for (place, digit) in buffer[..HEX_OFFSET_WIDTH].iter_mut().rev().enumerate() {
            *digit = hex_digit(offset >> (4 * place));
        }
        for (index, byte) in bytes.iter().enumerate() {
            // One more column separates the two halves of a row.
            let at = HEX_OFFSET_WIDTH + 2 + 3 * index + usize::from(index >= HEX_ROW_BYTES / 2);
            buffer[at] = hex_digit(usize::from(byte >> 4));
            buffer[at + 1] = hex_digit(usize::from(*byte));
            buffer[HEX_TEXT_AT + index] = if matches!(byte, b' '..=b'~') { *byte } else { b'.' };
        }
        Line { depth: 0, content: Content::Hex(buffer, HEX_TEXT_AT + bytes.len()) }
    }

    /// The segments from left to right; none is empty.
    pub fn segments(&self) -> impl Iterator<Item = (Role, &[u8])> {
        (0..).map_while(|index| match &self.content {
            Content::Borrowed { segments, count } => segments[..*count].get(index).copied(),
            Content::Hex(buffer, end) => match index {
                0 => Some((Role::Offset, &buffer[..HEX_OFFSET_WIDTH])),
                1 => Some((Role::Plain, &buffer[HEX_OFFSET_WIDTH..HEX_TEXT_AT])),
                2 if *end > HEX_TEXT_AT => Some((Role::String, &buffer[HEX_TEXT_AT..*end])),
                _ => None,
            },
        })
    }
}

fn hex_digit(number: usize) -> u8 {
    b"0123456789abcdef"[number & 0xF]
}
