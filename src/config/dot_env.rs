//! `.env.local` and `.env` in the current folder. They often belong to the app, so a broken one never stops hookglass.

use super::reading::{self, Contents, MAX_TEXT, ReadError, Source};
use super::trust;
use super::{Notice, SECRET_VARIABLE};
use std::io;
use std::path::Path;

/// Longest value, in bytes. A value may repeat earlier ones, so a small file could otherwise expand without limit.
const MAX_VALUE: usize = 64 * 1024;

/// The names of the files, the one that wins first, as in Next.js.
pub(crate) const FILES: [&str; 2] = [".env.local", ".env"];

/// The variables of one file, in order.
pub(crate) struct DotEnv {
    pub file: &'static str,
    pub variables: Vec<(String, String)>,
}

/// The files in `folder`, the one that wins first, and warnings about them. A file that does not exist has no variables.
pub(super) fn read(folder: &Path) -> (Vec<DotEnv>, Vec<Notice>) {
    let mut notices = Vec::new();
    let read = FILES.map(|file| {
        let (variables, about) = read_file(&folder.join(file));
        notices.extend(about);
        DotEnv { file, variables }
    });
    (read.into(), notices)
}

fn read_file(path: &Path) -> (Vec<(String, String)>, Vec<Notice>) {
    match reading::read(path, Source::File, MAX_TEXT) {
        Ok(Contents { bytes, metadata }) => {
            let (variables, skipped) = parse(&bytes);
            let skipped = skipped.map(|skipped| Notice {
                text: format!("cannot read {}", skipped.in_file(path)),
                hint: skipped.hint().to_owned(),
            });
            (variables, skipped.into_iter().chain(trust::notice(path, &metadata)).collect())
        }
        Err(ReadError::Io(error)) if error.kind() == io::ErrorKind::NotFound && !path.is_symlink() => {
            Default::default()
        }
        Err(error) => {
            let text = format!("cannot read `{}`: {error}", path.display());
            let hint = format!("fix or remove it, or set `{SECRET_VARIABLE}` in the environment");
            (Vec::new(), vec![Notice { text, hint }])
        }
    }
}

/// What was skipped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Skipped {
    Utf16,
    LongValue,
    /// The number of the line, from 1.
    Line(usize),
}

impl Skipped {
    fn in_file(self, path: &Path) -> String {
        let path = path.display();
        match self {
            Self::Utf16 => format!("`{path}`: it is UTF-16 text"),
            Self::LongValue => format!("all of `{path}`: a value is too long; it and everything after it was skipped"),
            Self::Line(line) => format!("line {line} of `{path}`: expected `NAME=value`, so the line was skipped"),
        }
    }

    fn hint(self) -> &'static str {
        match self {
            Self::Utf16 => "save it as UTF-8",
            Self::LongValue => "shorten the value",
            Self::Line(_) => "correct the line",
        }
    }
}

/// The number of the first line of `bytes` that is not UTF-8, or that has the text `entry`.
fn line_of(bytes: &[u8], entry: Option<&str>) -> usize {
    let first = entry.map(|entry| entry.lines().next().unwrap_or_default().trim());
    let is_it = |line: &[u8]| match (std::str::from_utf8(line), first) {
        (Err(_), None) => true,
        (Ok(line), Some(first)) => line.trim() == first,
        _ => false,
    };
    bytes.split(|byte| *byte == b'\n').position(is_it).unwrap_or_default() + 1
}

/// The variables in `bytes`, the contents of such a file.
pub(crate) fn variables(bytes: &[u8]) -> Vec<(String, String)> {
    parse(bytes).0
}

/// The variables in `bytes`, and what was skipped first. dotenvy's own messages would show the line, which may hold a secret.
fn parse(bytes: &[u8]) -> (Vec<(String, String)>, Option<Skipped>) {
    // Windows PowerShell writes UTF-16.
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        return (Vec::new(), Some(Skipped::Utf16));
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let (mut variables, mut skipped) = (Vec::new(), None);
    for entry in dotenvy::from_read_iter(bytes) {
        match entry {
            Ok((_, value)) if value.len() > MAX_VALUE => {
                return (variables, Some(Skipped::LongValue));
            }
            Ok(pair) => variables.push(pair),
            Err(error) => {
                let entry = if let dotenvy::Error::LineParse(entry, _) = &error { Some(entry.as_str()) } else { None };
                skipped = skipped.or(Some(Skipped::Line(line_of(bytes, entry))));
            }
        }
    }
    (variables, skipped)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn valid_lines_are_used_and_the_rest_is_reported() {
        let long = [b"A=".as_slice(), &[b'x'; 1 << 20]].concat();
        let utf_16: Vec<u8> = "\u{feff}A=b\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let doubling: String =
            (1..40).map(|place| format!("V{place}=${{V{}}}${{V{}}}\n", place - 1, place - 1)).collect();
        for (bytes, count, expected) in [
            (&b"\xef\xbb\xbfA=b\nC=d\r\n"[..], 2, None),
            (b"A=b\n\xff\nC=d\n", 2, Some(Skipped::Line(2))),
            (b"A=b\n\0\0\0\nC=d\n", 2, Some(Skipped::Line(2))),
            (b"A=\"b\nC=d\n", 0, Some(Skipped::Line(1))),
            (b"hello\nA=b\n= c\n", 1, Some(Skipped::Line(1))),
            (&utf_16, 0, Some(Skipped::Utf16)),
            (&long, 0, Some(Skipped::LongValue)),
            (format!("V0=0123456789\n{doubling}").as_bytes(), 13, Some(Skipped::LongValue)),
            (b"", 0, None),
        ] {
            let (variables, skipped) = parse(bytes);
            assert_eq!(
                (variables.len(), skipped),
                (count, expected),
                "{:?}",
                String::from_utf8_lossy(&bytes[..bytes.len().min(40)])
            );
        }
    }
}
