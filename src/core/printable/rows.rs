//! Wraps text into rows of a width.

use super::unit::Units;
use std::ops::Range;

/// Where the rows of `bytes` are when lines wrap at `columns`, without the line ends, LF or CR LF. A final newline starts
/// no further row. A unit that is wider than the row has one of its own.
pub fn rows(bytes: &[u8], columns: usize) -> Vec<Range<usize>> {
    let columns = columns.max(1);
    let mut rows = Vec::new();
    let mut start = 0;
    while start < bytes.len() {
        let end = memchr::memchr(b'\n', &bytes[start..]).map_or(bytes.len(), |end| start + end);
        let line = &bytes[start..end];
        let line = if end < bytes.len() { line.strip_suffix(b"\r").unwrap_or(line) } else { line };
        wrap(line, start, columns, &mut rows);
        start = end + 1;
    }
    rows
}

fn wrap(line: &[u8], start: usize, columns: usize, rows: &mut Vec<Range<usize>>) {
    let mut first = 0;
    while first < line.len() {
        let last = first + row(&line[first..], columns);
        rows.push(start + first..start + last);
        first = last;
    }
    if line.is_empty() {
        rows.push(start..start);
    }
}

/// The bytes that fit in one row, at least one unit.
fn row(text: &[u8], columns: usize) -> usize {
    let mut units = Units::new(text);
    let mut used = 0;
    loop {
        used += units.take_plain(columns - used).len();
        let before = text.len() - units.rest().len();
        match units.next() {
            Some(unit) if used + unit.width() <= columns => used += unit.width(),
            Some(_) if before == 0 => return text.len() - units.rest().len(),
            _ => return before,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Printable;
    use super::*;
    use proptest::prelude::*;

    fn shown(text: &str, columns: usize) -> Vec<String> {
        rows(text.as_bytes(), columns).into_iter().map(|row| Printable::from_text(&text[row]).into_string()).collect()
    }

    #[test]
    fn lines_wrap_at_the_width() {
        for (text, columns, expected) in [
            ("abcdef", 3, &["abc", "def"][..]),
            ("ab\r\ncdef\n", 3, &["ab", "cde", "f"]),
            ("\n\na", 3, &["", "", "a"]),
            ("語語語", 5, &["語語", "語"]),
            ("語a", 1, &["語", "a"]),
            ("a\u{1b}b\tc", 4, &["a␛b", "    ", "c"]),
            ("e\u{301}e\u{301}", 1, &["e\u{301}", "e\u{301}"]),
            ("a\r", 9, &["a␍"]),
            ("", 3, &[]),
        ] {
            assert_eq!(shown(text, columns), expected, "{text:?}");
        }
    }

    #[test]
    fn megabytes_of_combining_marks_and_of_one_line_wrap() {
        for text in [format!("e{}", "\u{301}".repeat(200_000)), "a".repeat(1_000_000)] {
            let rows = rows(text.as_bytes(), 80);
            assert!(rows.len() > 10_000 / 2 && rows.windows(2).all(|pair| pair[0].end == pair[1].start));
        }
    }

    proptest! {
        #[test]
        fn rows_fit_and_lose_no_byte(bytes in prop::collection::vec(any::<u8>(), 0..200), columns in 8_usize..30) {
            let rows = rows(&bytes, columns);
            let mut at = 0;
            for row in &rows {
                let between = &bytes[at..row.start];
                prop_assert!(matches!(between, b"" | b"\n" | b"\r\n"), "{:?}", between);
                // What stands for one character, such as `<U+100000>`, is not broken.
                let is_one = std::str::from_utf8(&bytes[row.clone()]).is_ok_and(|text| text.chars().count() == 1);
                prop_assert!(is_one || Printable::from_bytes(&bytes[row.clone()]).width() <= columns);
                at = row.end;
            }
            prop_assert!(matches!(&bytes[at..], b"" | b"\n" | b"\r\n"));
        }
    }
}
