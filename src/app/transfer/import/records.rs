//! Reads the requests in a file one by one. Whatever the file says, at most [`MAX_RECORD`] bytes of it are in memory at once.

use super::ImportError;
use crate::core::import::{HarEntry, Record, RecordError, requests};
use crate::core::json::{TokenKind, scan, unescape};
use serde::Deserializer;
use serde::de::{DeserializeSeed, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::cell::Cell;
use std::fmt;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

/// The longest entry: a body of 10 MiB whose characters are all escaped, and the headers.
const MAX_RECORD: u64 = 64 << 20;
/// How much of a file shows what it is.
const LOOKED_AT: usize = 4096;
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// What is called with each record; `None` for an entry that can be no webhook.
pub(super) type Each<'e> = &'e mut dyn FnMut(Option<Record>) -> Result<(), ImportError>;

/// The files that `path` names: itself, or the JSON files of a folder, sorted.
///
/// # Errors
/// When the folder cannot be read.
pub fn files_of(path: &Path) -> io::Result<Vec<PathBuf>> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut files: Vec<_> = fs::read_dir(path)?.map(|file| file.map(|file| file.path())).collect::<Result<_, _>>()?;
    files.retain(|file| file.extension().is_some_and(|extension| extension == "json"));
    files.sort();
    Ok(files)
}

enum Form {
    /// Fixtures, one after the other: also a file of NDJSON.
    Fixtures,
    Har,
    Other,
}

/// Calls `each` with the requests in the file, until it fails.
pub(super) fn each_record(path: &Path, each: Each<'_>) -> Result<(), ImportError> {
    let file = File::open(path).map_err(ImportError::Open)?;
    if !file.metadata().map_err(ImportError::Open)?.is_file() {
        return Err(ImportError::NoFile);
    }
    let mut reader = BufReader::with_capacity(1 << 16, file);
    let start = reader.fill_buf().map_err(ImportError::Open)?;
    if start.is_empty() {
        return Err(ImportError::Empty);
    }
    let mark = if start.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len() } else { 0 };
    let form = form_of(&start[mark..]);
    let left = Cell::new(MAX_RECORD);
    match form {
        Form::Other => others(reader, each),
        Form::Fixtures => {
            reader.consume(mark);
            fixtures(Budget { reader, left: &left }, &left, each)
        }
        Form::Har => {
            reader.consume(mark);
            har(Budget { reader, left: &left }, &left, each)
        }
    }
}

fn form_of(start: &[u8]) -> Form {
    let start = &start[..start.len().min(LOOKED_AT)];
    let mut tokens = scan(start).map_while(Result::ok);
    let (first, key) = (tokens.next(), tokens.next());
    match (first.map(|token| token.kind), key) {
        (Some(TokenKind::OpenObject), Some(key)) if key.kind == TokenKind::Key => match &*unescape(&start[key.range]) {
            "hookglass_fixture" => Form::Fixtures,
            "log" => Form::Har,
            _ => Form::Other,
        },
        _ => Form::Other,
    }
}

/// Fails once so many bytes were read since the budget was set.
struct Budget<'b, R> {
    reader: R,
    left: &'b Cell<u64>,
}

impl<R: Read> Read for Budget<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.left.get()).unwrap_or(usize::MAX).min(buffer.len());
        if most == 0 && !buffer.is_empty() {
            return Err(io::Error::other(format!("it is longer than {} MiB", MAX_RECORD >> 20)));
        }
        let read = self.reader.read(&mut buffer[..most])?;
        self.left.set(self.left.get() - read as u64);
        Ok(read)
    }
}

fn broken(entry: u64, why: impl ToString) -> ImportError {
    ImportError::Broken { entry, why: why.to_string() }
}

fn of_json(entry: u64, error: &serde_json::Error) -> ImportError {
    match error.classify() {
        serde_json::error::Category::Eof => broken(entry, "the file ends before its JSON does"),
        _ => broken(entry, error),
    }
}

fn fixtures(reader: impl Read, left: &Cell<u64>, each: Each<'_>) -> Result<(), ImportError> {
    let values = serde_json::Deserializer::from_reader(reader).into_iter::<Box<RawValue>>();
    for (entry, value) in (1..).zip(values) {
        let value = value.map_err(|error| of_json(entry, &error))?;
        let record = Record::of_fixture(value.get()).map_err(|error| broken(entry, error))?;
        each(Some(record))?;
        left.set(MAX_RECORD);
    }
    Ok(())
}

fn others(reader: impl Read, each: Each<'_>) -> Result<(), ImportError> {
    let mut bytes = Vec::new();
    reader.take(MAX_RECORD + 1).read_to_end(&mut bytes).map_err(ImportError::Open)?;
    if bytes.len() as u64 > MAX_RECORD {
        return Err(broken(1, format!("it is longer than {} MiB", MAX_RECORD >> 20)));
    }
    for (entry, record) in (1..).zip(requests(&bytes)) {
        each(Some(record.map_err(|error| broken(entry, error))?))?;
    }
    Ok(())
}

fn har(reader: impl Read, left: &Cell<u64>, each: Each<'_>) -> Result<(), ImportError> {
    let mut state = Archive { each, left, entry: 0, failed: None };
    let mut deserializer = serde_json::Deserializer::from_reader(reader);
    let read = Object { name: "log", within: Within::Archive(&mut state) }
        .deserialize(&mut deserializer)
        .and_then(|()| deserializer.end());
    match (state.failed, read) {
        (Some(failed), _) => Err(failed),
        (None, Err(error)) => Err(of_json(state.entry + 1, &error)),
        (None, Ok(())) => Ok(()),
    }
}

/// A HAR file that is being read.
struct Archive<'a> {
    each: Each<'a>,
    left: &'a Cell<u64>,
    /// How many entries were read.
    entry: u64,
    failed: Option<ImportError>,
}

impl Archive<'_> {
    fn add(&mut self, entry: HarEntry) -> Result<(), ImportError> {
        let record = entry.record().map_err(|error: RecordError| broken(self.entry + 1, error))?;
        (self.each)(record)?;
        self.entry += 1;
        self.left.set(MAX_RECORD);
        Ok(())
    }
}

/// An object of which the member `name` is read.
struct Object<'s, 'a> {
    name: &'static str,
    within: Within<'s, 'a>,
}

enum Within<'s, 'a> {
    Archive(&'s mut Archive<'a>),
    Log(&'s mut Archive<'a>),
}

impl<'de> DeserializeSeed<'de> for Object<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Object<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an object with `{}`", self.name)
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            match &mut self.within {
                Within::Archive(archive) if key == self.name => {
                    map.next_value_seed(Object { name: "entries", within: Within::Log(archive) })?;
                }
                Within::Log(archive) if key == self.name => map.next_value_seed(Entries(archive))?,
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(())
    }
}

struct Entries<'s, 'a>(&'s mut Archive<'a>);

impl<'de> DeserializeSeed<'de> for Entries<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Entries<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of entries")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        while let Some(entry) = entries.next_element::<HarEntry>()? {
            if let Err(failed) = self.0.add(entry) {
                self.0.failed = Some(failed);
                return Err(A::Error::custom("stopped"));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_that_is_too_long_is_refused_and_the_ones_before_it_are_read() {
        let fixture = |body: &str| {
            format!(
                r#"{{"hookglass_fixture":1,"method":"POST","path":"/","received_at":"2026-01-31T10:00:00Z","headers":[],"body":"{body}"}}"#
            )
        };
        // More than what may be left of the budget, less than the whole.
        let long = fixture(&"x".repeat(500));
        let text = [fixture("a"), long.clone(), fixture("b")].join("\n");
        let left = Cell::new(MAX_RECORD);
        let mut read = 0;
        let ended = fixtures(Budget { reader: text.as_bytes(), left: &left }, &left, &mut |_| {
            read += 1;
            Ok(())
        });
        assert!(ended.is_ok() && read == 3);
        let left = Cell::new(300);
        let ended = fixtures(Budget { reader: long.as_bytes(), left: &left }, &left, &mut |_| panic!("it is too long"));
        assert_eq!(ended.unwrap_err().to_string(), "entry 1: it is longer than 64 MiB");
    }
}
