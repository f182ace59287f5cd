//! Splits bytes into units that are shown as one: a grapheme cluster, or one escape.
//!
//! A unit is at least one column wide and at most [`MAX_UNIT_BYTES`] long, so a number of columns bounds the work.

use crate::core::printable::hidden::is_hidden;
use std::fmt::Write;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// Most combining marks shown in a row.
const MAX_MARKS: usize = 4;

/// Most characters in a cluster. Conjuncts of Indic scripts have up to nine.
const MAX_CLUSTER: usize = 12;

/// Most bytes in a unit.
pub(super) const MAX_UNIT_BYTES: usize = MAX_CLUSTER * 4;

const TAB: &str = "    ";

/// What is shown as one.
#[derive(Clone, Copy, Debug)]
pub(super) enum Unit<'a> {
    Cluster { text: &'a str, width: usize },
    Tab,
    Picture(char),
    Code(char),
    Byte(u8),
}

impl Unit<'_> {
    /// The width in columns, at least one.
    pub(super) fn width(&self) -> usize {
        match self {
            Self::Cluster { width, .. } => *width,
            Self::Tab => TAB.len(),
            Self::Picture(_) => 1,
            // `<U+` and `>`.
            Self::Code(character) => 4 + hex_digits(*character),
            Self::Byte(_) => 4,
        }
    }

    pub(super) fn write(&self, text: &mut String) {
        match self {
            Self::Cluster { text: cluster, .. } => text.push_str(cluster),
            Self::Tab => text.push_str(TAB),
            Self::Picture(picture) => text.push(*picture),
            Self::Code(character) => code(*character, text),
            Self::Byte(byte) => write!(text, "<{byte:02X}>").expect("a string takes all that is written"),
        }
    }

    /// Writes the columns `from..to` of this unit. A part of a cluster becomes spaces.
    pub(super) fn write_columns(&self, from: usize, to: usize, text: &mut String) {
        if from == 0 && to >= self.width() {
            self.write(text);
        } else if let Self::Cluster { .. } = self {
            text.extend(std::iter::repeat_n(' ', to - from));
        } else {
            let mut whole = String::new();
            self.write(&mut whole);
            text.push_str(whole.get(from..to).expect("escapes wider than one column are ASCII"));
        }
    }
}

/// Writes the name of a character that is not shown as itself.
pub(super) fn code(character: char, text: &mut String) {
    write!(text, "<U+{:04X}>", u32::from(character)).expect("a string takes all that is written");
}

fn hex_digits(character: char) -> usize {
    match u32::from(character) {
        0..=0xFFFF => 4,
        0x1_0000..=0xF_FFFF => 5,
        _ => 6,
    }
}

/// The units of a sequence of bytes, in order.
pub(super) struct Units<'a> {
    rest: &'a [u8],
    /// Whether the last cluster was truncated. The next character would join it, so it must be escaped.
    is_truncated: bool,
}

impl<'a> Units<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes, is_truncated: false }
    }

    /// The bytes not yet taken.
    pub(super) fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// Takes up to `max_columns` of printable ASCII, in which every character is a unit of one column. Empty if the
    /// next unit is of another kind.
    pub(super) fn take_plain(&mut self, max_columns: usize) -> &'a str {
        if self.is_truncated {
            return "";
        }
        let rest = self.rest;
        let mut length = plain_prefix(&rest[..max_columns.min(rest.len())]);
        // A combining mark after the last character would belong to its cluster.
        if length > 0 && rest.get(length).is_some_and(|next| *next >= 0x80) {
            length -= 1;
        }
        let (run, rest) = rest.split_at(length);
        self.rest = rest;
        std::str::from_utf8(run).expect("printable ASCII is UTF-8")
    }

    /// The width of the first cluster if it is certainly `character` alone, as in most text.
    fn simple_width(&self, character: char) -> Option<usize> {
        let width = simple_width(character)?;
        match self.rest.get(character.len_utf8()) {
            None => Some(width),
            Some(next) if next.is_ascii() => Some(width),
            Some(_) => decode(&self.rest[character.len_utf8()..]).and_then(simple_width).map(|_| width),
        }
    }

    fn take(&mut self, length: usize) {
        self.rest = &self.rest[length..];
    }
}

impl<'a> Iterator for Units<'a> {
    type Item = Unit<'a>;

    fn next(&mut self) -> Option<Unit<'a>> {
        let first = *self.rest.first()?;
        let must_escape = std::mem::take(&mut self.is_truncated);
        let Some(character) = decode(self.rest) else {
            self.take(1);
            return Some(Unit::Byte(first));
        };
        if let Some(unit) = escaped(character).or(must_escape.then_some(Unit::Code(character))) {
            self.take(character.len_utf8());
            return Some(unit);
        }
        if let Some(width) = self.simple_width(character) {
            let (text, rest) = self.rest.split_at(character.len_utf8());
            self.rest = rest;
            return Some(Unit::Cluster { text: std::str::from_utf8(text).expect("the character was decoded"), width });
        }
        let (text, is_truncated) = if is_joining(character) { ("", false) } else { cluster(self.rest) };
        let width = text.width();
        if width == 0 {
            self.take(character.len_utf8());
            return Some(Unit::Code(character));
        }
        self.take(text.len());
        self.is_truncated = is_truncated;
        Some(Unit::Cluster { text, width })
    }
}

/// The unit of a character that is always escaped.
fn escaped(character: char) -> Option<Unit<'static>> {
    match character {
        '\t' => Some(Unit::Tab),
        '\0'..='\x1f' => char::from_u32(0x2400 + u32::from(character)).map(Unit::Picture),
        '\x7f' => Some(Unit::Picture('\u{2421}')),
        '\u{80}'..='\u{9f}' => Some(Unit::Code(character)),
        _ => is_hidden(character).then_some(Unit::Code(character)),
    }
}

/// The cluster at the start of `bytes`, and whether it was truncated before a character that belongs to it. The first
/// character must not be one that is escaped.
fn cluster(bytes: &[u8]) -> (&str, bool) {
    if let [first, next, ..] = bytes
        && first.is_ascii()
        && next.is_ascii()
    {
        return (ascii(bytes), false);
    }
    let mut length = 0;
    // Decodes one character more than it returns, to see whether the cluster continues.
    for _ in 0..=MAX_CLUSTER {
        match decode(&bytes[length..]) {
            Some(character) if escaped(character).is_none() => length += character.len_utf8(),
            _ => break,
        }
    }
    let text = std::str::from_utf8(&bytes[..length]).expect("each character was decoded");
    let whole = text.graphemes(true).next().unwrap_or_default();
    let mut marks = 0;
    for (count, (at, character)) in whole.char_indices().enumerate() {
        marks = if count > 0 && is_joining(character) { marks + 1 } else { 0 };
        if marks > MAX_MARKS || count == MAX_CLUSTER {
            return (&whole[..at], true);
        }
    }
    (whole, false)
}

fn ascii(bytes: &[u8]) -> &str {
    std::str::from_utf8(&bytes[..1]).expect("ASCII is UTF-8")
}

/// The width of characters that never join each other: ASCII, Latin, Greek, Cyrillic, kana, Han, Hangul syllables.
fn simple_width(character: char) -> Option<usize> {
    match character {
        ' '..='~' | '\u{C0}'..='\u{2FF}' | '\u{370}'..='\u{482}' | '\u{48A}'..='\u{52F}' => Some(1),
        '\u{3041}'..='\u{3096}' | '\u{30A1}'..='\u{30FA}' | '\u{4E00}'..='\u{9FFF}' | '\u{AC00}'..='\u{D7A3}' => {
            Some(2)
        }
        _ => None,
    }
}

/// Whether `character` joins any cluster before it: combining marks, vowel signs, trailing jamo.
fn is_joining(character: char) -> bool {
    if character.is_ascii() {
        return false;
    }
    let mut buffer = [0; 4];
    let text: &str = character.encode_utf8(&mut buffer);
    if text.width() == 0 {
        return true;
    }
    let mut pair = [b'a'; 5];
    pair[1..=text.len()].copy_from_slice(text.as_bytes());
    let pair = std::str::from_utf8(&pair[..=text.len()]).expect("a letter and a character are UTF-8");
    pair.graphemes(true).nth(1).is_none()
}

/// The character at the start of `bytes`. `None` if they do not start with valid UTF-8.
fn decode(bytes: &[u8]) -> Option<char> {
    let length = match bytes.first()? {
        0x00..=0x7F => 1,
        0xC2..=0xDF => 2,
        0xE0..=0xEF => 3,
        0xF0..=0xF4 => 4,
        _ => return None,
    };
    std::str::from_utf8(bytes.get(..length)?).ok()?.chars().next()
}

/// The number of bytes at the start that are printable ASCII.
fn plain_prefix(bytes: &[u8]) -> usize {
    let is_plain = |byte: &u8| matches!(byte, b' '..=b'~');
    let chunks = bytes.chunks_exact(32).take_while(|chunk| chunk.iter().fold(true, |all, byte| all & is_plain(byte)));
    let whole = chunks.count() * 32;
    whole + bytes[whole..].iter().take_while(|byte| is_plain(byte)).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn simple_characters_are_clusters_of_their_own() {
        for character in ('\0'..=char::MAX).filter(|character| simple_width(*character).is_some()) {
            assert_eq!(Some(character.to_string().width()), simple_width(character), "{character:?}");
            assert!(escaped(character).is_none() && !is_joining(character), "{character:?}");
            for neighbour in ['a', 'é', '語', '가', character] {
                for pair in [[character, neighbour], [neighbour, character]] {
                    let pair: String = pair.iter().collect();
                    assert_eq!(pair.graphemes(true).count(), 2, "{pair:?}");
                }
            }
        }
    }
}
