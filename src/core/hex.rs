//! Rows of bytes as hexadecimal digits and text side by side:
//!
//! ```text
//! 00000010  10 11 7e 41 ff 00 00 00  00 00 00 00 00 00 00 00  ..~A............
//! ```

/// The digits of an offset. Of a larger one, the lowest eight.
pub(crate) const OFFSET_DIGITS: usize = 8;
/// The column at which the digits of the first byte start.
const DIGITS_AT: usize = OFFSET_DIGITS + 2;

/// How many bytes stand in a row. One more column separates the two halves of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row(usize);

impl Row {
    pub const WIDEST: Self = Self(16);

    /// The widest row that fits in `columns`: 16 bytes, 8 or 4.
    pub fn fitting(columns: usize) -> Self {
        [16, 8].map(Self).into_iter().find(|row| row.columns() <= columns).unwrap_or(Self(4))
    }

    pub const fn bytes(self) -> usize {
        self.0
    }

    /// The column at which the digits of the byte at `place` of the row start.
    pub(crate) const fn digits_at(self, place: usize) -> usize {
        DIGITS_AT + 3 * place + (place >= self.0 / 2) as usize
    }

    /// The column at which the text starts.
    pub(crate) const fn text_at(self) -> usize {
        DIGITS_AT + 3 * self.0 + 2
    }

    pub(crate) const fn columns(self) -> usize {
        self.text_at() + self.0
    }
}

/// The digits of an offset.
pub(crate) fn offset(offset: usize) -> [u8; OFFSET_DIGITS] {
    let mut digits = [0; OFFSET_DIGITS];
    for (place, found) in digits.iter_mut().rev().enumerate() {
        *found = digit(offset >> (4 * place));
    }
    digits
}

pub(crate) fn digits(byte: u8) -> [u8; 2] {
    [digit(usize::from(byte >> 4)), digit(usize::from(byte))]
}

/// The character that stands for a byte in the text: itself if it is printable ASCII.
pub(crate) fn text(byte: u8) -> u8 {
    if matches!(byte, b' '..=b'~') { byte } else { b'.' }
}

fn digit(number: usize) -> u8 {
    b"0123456789abcdef"[number & 0xF]
}

/// All of `bytes` in rows, each with a newline.
pub(crate) fn dump(bytes: &[u8]) -> Vec<u8> {
    let row = Row::WIDEST;
    let mut dump = Vec::with_capacity((row.columns() + 1) * bytes.len().div_ceil(row.bytes()));
    for (place, part) in bytes.chunks(row.bytes()).enumerate() {
        let start = dump.len();
        dump.extend_from_slice(&offset(place * row.bytes()));
        for (place, byte) in part.iter().enumerate() {
            dump.resize(start + row.digits_at(place), b' ');
            dump.extend_from_slice(&digits(*byte));
        }
        dump.resize(start + row.text_at(), b' ');
        dump.extend(part.iter().map(|byte| text(*byte)));
        dump.push(b'\n');
    }
    dump
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dump_shows_offset_digits_and_text_of_every_byte() {
        let bytes: Vec<u8> = (0..=17).chain(*b"~A\xff").collect();
        assert_eq!(
            String::from_utf8(dump(&bytes)).unwrap(),
            "00000000  00 01 02 03 04 05 06 07  08 09 0a 0b 0c 0d 0e 0f  ................\n\
             00000010  10 11 7e 41 ff                                    ..~A.\n"
        );
        assert_eq!(dump(b""), b"");
    }

    #[test]
    fn narrow_panes_get_shorter_rows() {
        let bytes = [0, 40, 41, 42, 75, 76, 200].map(|columns| Row::fitting(columns).bytes());
        assert_eq!(bytes, [4, 4, 4, 4, 8, 16, 16]);
        assert!(
            [4, 8, 16].map(Row).iter().all(|row| row.columns() == row.digits_at(row.bytes() - 1) + 4 + row.bytes())
        );
    }
}
