//! Sets one variable in the text of a `.env` file. Every other byte stays as it is.
//!
//! The text is divided into entries as dotenvy does it: a quoted value may have several lines. Apps read the file with other parsers, so
//! hookglass writes only values that mean the same to all of them, and changes nothing where it cannot be sure.

use std::ops::Range;

const BOM: &[u8] = b"\xef\xbb\xbf";

/// What becomes of the file. `Debug` does not print the value.
#[derive(Clone, PartialEq, Eq)]
pub struct Change {
    /// What the file says of the variable now.
    pub before: Before,
    range: Range<usize>,
    text: Vec<u8>,
}

/// What a file says of a variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Before {
    Missing,
    /// It has the same value on this line, counted from 1.
    Same(usize),
    Other(usize),
    Empty(usize),
}

/// Why hookglass does not change the file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error("the value has a character that `.env` files cannot hold as it is")]
    Value,
    #[error("it is UTF-16 text")]
    Utf16,
    #[error("it sets the variable twice, on lines {0} and {1}")]
    Twice(usize, usize),
    #[error("a quote on line {0} is never closed")]
    OpenQuote(usize),
}

impl std::fmt::Debug for Change {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Change").field("before", &self.before).field("range", &self.range).finish_non_exhaustive()
    }
}

impl Change {
    /// The change of `file` that sets `name` to `value`.
    ///
    /// # Errors
    /// When the value cannot be written, or the file cannot be changed with certainty.
    pub fn new(file: &[u8], name: &str, value: &str) -> Result<Self, Refused> {
        if value.is_empty() || !value.bytes().all(is_plain) {
            return Err(Refused::Value);
        }
        if file.starts_with(b"\xff\xfe") || file.starts_with(b"\xfe\xff") {
            return Err(Refused::Utf16);
        }
        let mut found: Option<(usize, Range<usize>)> = None;
        for Entry { line, range } in entries(file)? {
            let Some(place) = value_place(file, range, name) else { continue };
            if let Some((first, _)) = found {
                return Err(Refused::Twice(first, line));
            }
            found = Some((line, place));
        }
        let Some((line, range)) = found else {
            return Ok(Self { before: Before::Missing, range: file.len()..file.len(), text: added(file, name, value) });
        };
        let before = match &file[range.clone()] {
            b"" => Before::Empty(line),
            old if old == value.as_bytes() => Before::Same(line),
            _ => Before::Other(line),
        };
        // Without a blank, the comment would be a part of the value.
        let blank = if file[range.end..].starts_with(b"#") { " " } else { "" };
        Ok(Self { before, range, text: format!("{value}{blank}").into_bytes() })
    }

    /// The whole file after the change.
    pub fn apply(&self, file: &[u8]) -> Vec<u8> {
        [&file[..self.range.start], &self.text, &file[self.range.end..]].concat()
    }
}

/// The text after which `file` also has `line` as its last line, in its own kind of line ends.
pub fn with_line(file: &[u8], line: &str) -> Vec<u8> {
    [file, &last_line(file, line)].concat()
}

/// Needs no quotes in any kind of `.env` file, nor in a shell that sources it.
fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"_+/=.:-".contains(&byte)
}

fn added(file: &[u8], name: &str, value: &str) -> Vec<u8> {
    last_line(file, &format!("{name}={value}"))
}

fn last_line(file: &[u8], line: &str) -> Vec<u8> {
    let end: &[u8] = if last_end_is_crlf(file) { b"\r\n" } else { b"\n" };
    let is_open = !file.is_empty() && file != BOM && !file.ends_with(b"\n");
    let before = if is_open { end } else { b"" };
    [before, line.as_bytes(), end].concat()
}

fn last_end_is_crlf(file: &[u8]) -> bool {
    let end = file.iter().rposition(|byte| *byte == b'\n');
    end.is_some_and(|end| file[..end].ends_with(b"\r"))
}

/// The bytes of an assignment, a comment or a blank line, and the number of its first line.
struct Entry {
    line: usize,
    range: Range<usize>,
}

/// Where the end of a line would leave the reader.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Plain,
    Space,
    Escape,
    Strong,
    StrongEscape,
    Weak,
    WeakEscape,
}

fn entries(file: &[u8]) -> Result<Vec<Entry>, Refused> {
    let mut entries = Vec::new();
    let mut start = if file.starts_with(BOM) { BOM.len() } else { 0 };
    let mut line = 1;
    while start < file.len() {
        let first_line = line;
        let (mut at, mut state) = (start, State::Plain);
        let end = loop {
            let end = memchr::memchr(b'\n', &file[at..]).map_or(file.len(), |length| at + length + 1);
            line += 1;
            match ended(&file[at..end], state, file[start..end].trim_ascii_start().starts_with(b"#")) {
                None | Some(State::Plain | State::Space) => break end,
                Some(_) if end == file.len() => return Err(Refused::OpenQuote(first_line)),
                Some(open) => (at, state) = (end, open),
            }
        };
        entries.push(Entry { line: first_line, range: start..end });
        start = end;
    }
    Ok(entries)
}

/// The state at the end of `line`; `None` if it ends in a comment.
fn ended(line: &[u8], mut state: State, is_comment: bool) -> Option<State> {
    if is_comment {
        return None;
    }
    for byte in line {
        state = match (state, byte) {
            (State::Space, b'#') => return None,
            (State::Plain | State::Space, b'\\') => State::Escape,
            (State::Plain | State::Space, b'"') => State::Weak,
            (State::Plain | State::Space, b'\'') => State::Strong,
            (State::Plain, b' ' | b'\t') => State::Space,
            (State::Weak, b'\\') => State::WeakEscape,
            (State::Strong, b'\\') => State::StrongEscape,
            (State::Weak, b'"') | (State::Strong, b'\'') => State::Plain,
            (State::Weak | State::WeakEscape, _) => State::Weak,
            (State::Strong | State::StrongEscape, _) => State::Strong,
            _ => State::Plain,
        };
    }
    Some(state)
}

/// The bytes of the value, without its quotes, if the entry assigns `name`.
fn value_place(file: &[u8], entry: Range<usize>, name: &str) -> Option<Range<usize>> {
    let text = &file[entry.clone()];
    let mut rest = text.trim_ascii_start();
    if let Some(after) =
        rest.strip_prefix(b"export").filter(|after| after.starts_with(b" ") || after.starts_with(b"\t"))
    {
        rest = after.trim_ascii_start();
    }
    rest = rest.strip_prefix(name.as_bytes())?.trim_ascii_start().strip_prefix(b"=")?;
    let blank = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    let value = without_comment(&rest[blank..]);
    // Before the blanks, if only a comment follows.
    let start = entry.end - rest.len() + if value.is_empty() { 0 } else { blank };
    let is_quoted =
        |quote: u8| value.len() > 1 && value[0] == quote && memchr::memchr(quote, &value[1..]) == Some(value.len() - 2);
    let quotes = usize::from(is_quoted(b'"') || is_quoted(b'\''));
    Some(start + quotes..start + value.len() - quotes)
}

/// `value` without the comment and the blanks after it.
fn without_comment(value: &[u8]) -> &[u8] {
    let (mut quote, mut is_escaped, mut is_blank_before) = (None, false, true);
    for (place, byte) in value.iter().enumerate() {
        match (quote, byte) {
            _ if is_escaped => is_escaped = false,
            (_, b'\\') => is_escaped = true,
            (None, b'#') if is_blank_before => return value[..place].trim_ascii_end(),
            (None, b'"' | b'\'') => quote = Some(*byte),
            (Some(open), _) if open == *byte => quote = None,
            _ => {}
        }
        is_blank_before = matches!(byte, b' ' | b'\t');
    }
    value.trim_ascii_end()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NAME: &str = "SCALEKIT_WEBHOOK_SECRET";
    const SECRET: &str = "whsec_b2xk+/=";

    fn set(file: &str) -> Result<(Before, String), Refused> {
        let change = Change::new(file.as_bytes(), NAME, SECRET)?;
        Ok((change.before, String::from_utf8(change.apply(file.as_bytes())).unwrap()))
    }

    /// As hookglass reads it.
    fn read(file: &[u8]) -> Vec<Result<(String, String), ()>> {
        let file = file.strip_prefix(BOM).unwrap_or(file);
        dotenvy::from_read_iter(file).map(|entry| entry.map_err(|_| ())).collect()
    }

    #[test]
    fn only_the_value_of_the_variable_changes() {
        for (file, before, expected) in [
            ("", Before::Missing, "N=V\n"),
            ("A=1", Before::Missing, "A=1\nN=V\n"),
            ("A=1\r\n", Before::Missing, "A=1\r\nN=V\r\n"),
            ("A=1\r\nB=2", Before::Missing, "A=1\r\nB=2\r\nN=V\r\n"),
            ("\u{feff}", Before::Missing, "\u{feff}N=V\n"),
            ("# N=old\n", Before::Missing, "# N=old\nN=V\n"),
            ("N_2=old\nMY_N=x\n", Before::Missing, "N_2=old\nMY_N=x\nN=V\n"),
            ("A=\"\nN=inside\n\"\n", Before::Missing, "A=\"\nN=inside\n\"\nN=V\n"),
            ("N=old\nB=2\n", Before::Other(1), "N=V\nB=2\n"),
            ("A=1\r\n  N = old  # mine\r\n\r\nB=2", Before::Other(2), "A=1\r\n  N = V  # mine\r\n\r\nB=2"),
            ("export N=\"old one\" # mine", Before::Other(1), "export N=\"V\" # mine"),
            ("\u{feff}N='a\nb'\nB=2\n", Before::Other(1), "\u{feff}N='V'\nB=2\n"),
            ("N=a\"b\"#c\n", Before::Other(1), "N=V\n"),
            ("N=\n", Before::Empty(1), "N=V\n"),
            ("\n\nN= # later\n", Before::Empty(3), "\n\nN=V # later\n"),
            ("N=# later\n", Before::Empty(1), "N=V # later\n"),
            ("N=''\n", Before::Empty(1), "N='V'\n"),
            ("N='V'\n", Before::Same(1), "N='V'\n"),
        ] {
            let long = |text: &str| text.replace('N', NAME).replace('V', SECRET);
            assert_eq!(set(&long(file)), Ok((before, long(expected))), "{file}");
        }
    }

    #[test]
    fn a_file_that_cannot_be_changed_with_certainty_stays() {
        let twice = format!("{NAME}=a\nB=1\nexport {NAME}=b\n");
        assert_eq!(set(&twice), Err(Refused::Twice(1, 3)));
        assert_eq!(set("A=1\nB=\"open\nC=2\n"), Err(Refused::OpenQuote(2)));
        assert_eq!(Change::new(b"\xff\xfeA\0", NAME, SECRET).unwrap_err(), Refused::Utf16);
        for value in ["", "a b", "a\n", "$A", "a#b", "'a'", "a\\", "é"] {
            assert_eq!(Change::new(b"", NAME, value).unwrap_err(), Refused::Value, "{value}");
        }
    }

    #[test]
    fn bytes_that_are_not_text_stay() {
        let file = [b"A=\xff\xfe\x00\n".as_slice(), NAME.as_bytes(), b"=old\n\xff"].concat();
        let after = Change::new(&file, NAME, SECRET).unwrap().apply(&file);
        assert_eq!(
            after,
            [b"A=\xff\xfe\x00\n".as_slice(), NAME.as_bytes(), b"=", SECRET.as_bytes(), b"\n\xff"].concat()
        );
    }

    fn piece() -> impl Strategy<Value = String> {
        let value = prop_oneof!["[a-z0-9/+=.#]{0,6}", "\"[a-z #'\n]{0,6}\"", "'[a-z #\"\n]{0,6}'", "[ \t]{0,2}"];
        let name = prop_oneof![Just(NAME.to_owned()), "[A-C]", Just(format!("{NAME}_2"))];
        let assignment = (
            prop_oneof!["", "[ \t]", "export "],
            name,
            prop_oneof!["=", " = "],
            value,
            prop_oneof!["", " # it's", "\t#"],
        );
        let assignment =
            assignment.prop_map(|(lead, name, equals, value, rest)| format!("{lead}{name}{equals}{value}{rest}"));
        prop_oneof![4 => assignment, 1 => "# [a-zA-Z=' ]{0,6}", 1 => "[ ]{0,2}"]
    }

    proptest! {
        #[test]
        fn the_file_reads_as_before_except_for_the_variable(
            pieces in prop::collection::vec(piece(), 0..6),
            is_crlf: bool,
            has_bom: bool,
            has_end: bool,
        ) {
            let end = if is_crlf { "\r\n" } else { "\n" };
            let mut file = if has_bom { "\u{feff}".to_owned() } else { String::new() };
            file += &pieces.join(end);
            file += if has_end { end } else { "" };
            let Ok(change) = Change::new(file.as_bytes(), NAME, SECRET) else { return Ok(()) };
            let after = change.apply(file.as_bytes());
            prop_assert!(after.starts_with(&file.as_bytes()[..change.range.start]));
            prop_assert!(after.ends_with(&file.as_bytes()[change.range.end..]));
            let others = |file: &[u8]| read(file).into_iter().filter(|entry| !matches!(entry, Ok((name, _)) if name == NAME)).collect::<Vec<_>>();
            let before = read(file.as_bytes());
            if before.iter().all(Result::is_ok) {
                prop_assert_eq!(others(file.as_bytes()), others(&after));
                let set: Vec<_> = read(&after).into_iter().flatten().filter(|(name, _)| name == NAME).map(|(_, value)| value).collect();
                prop_assert_eq!(set, [SECRET]);
            }
            let again = Change::new(&after, NAME, SECRET);
            prop_assert!(matches!(again.unwrap().before, Before::Same(_)));
        }

        #[test]
        fn any_bytes_are_changed_in_one_place_or_refused(file in prop::collection::vec(any::<u8>(), 0..64)) {
            if let Ok(change) = Change::new(&file, NAME, SECRET) {
                let after = change.apply(&file);
                prop_assert!(after.starts_with(&file[..change.range.start]) && after.ends_with(&file[change.range.end..]));
            }
        }
    }
}
