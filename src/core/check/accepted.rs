//! Differences that the developer accepts, as a text in TOML:
//!
//! ```toml
//! [[accepted]]
//! type = "user.signup"
//! check = "unknown-value"
//! path = "data.groups[].kind"
//! value = "GUEST"
//! ```
//!
//! People edit this text too, so adding and removing entries leaves the rest of it as it is.

use crate::core::json::without_indexes;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use std::fmt::Write as _;

/// The version of the form. A newer hookglass may write another one.
const VERSION: u32 = 1;
/// The most entries.
const MAX_ENTRIES: usize = 10_000;
const HEADER: &str = "[[accepted]]";
const INTRODUCTION: &str =
    "# Differences from the documentation that you accept: hookglass counts them no more.\nversion = 1\n";

/// A difference that is accepted in every event of a type.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize, Serialize)]
pub struct Acceptance {
    /// Empty if the event has none.
    #[serde(rename = "type", default)]
    pub event_type: String,
    /// See [`super::Check::slug`]. An unknown one accepts nothing.
    pub check: String,
    /// With `[]` for each index.
    pub path: String,
    /// The unknown value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}

impl Acceptance {
    /// What accepts the difference at `path` in all events of the type.
    pub(super) fn of(event_type: &str, check: &str, path: &str, value: Option<&str>) -> Self {
        Self {
            event_type: event_type.to_owned(),
            check: check.to_owned(),
            path: without_indexes(path),
            value: value.map(str::to_owned),
        }
    }
}

/// All that is accepted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Accepted(HashSet<Acceptance>);

/// Why the text cannot be read or changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AcceptError {
    #[error("line {line}: {why}")]
    Unreadable { line: usize, why: String },
    #[error("its entries are not written as `[[accepted]]`, so hookglass cannot change them")]
    OtherForm,
    #[error("it has {MAX_ENTRIES} entries already")]
    Full,
}

#[derive(Deserialize)]
struct File {
    version: Option<toml::Spanned<u32>>,
    #[serde(default)]
    accepted: Vec<Acceptance>,
}

impl Accepted {
    /// # Errors
    /// [`AcceptError::Unreadable`] for a text that is not of this form, or of a later version.
    pub(crate) fn parse(text: &str) -> Result<Self, AcceptError> {
        let line = |at: usize| 1 + memchr::memchr_iter(b'\n', &text.as_bytes()[..at.min(text.len())]).count();
        let file: File = toml::from_str(text).map_err(|error| AcceptError::Unreadable {
            line: line(error.span().map_or(0, |span| span.start)),
            why: error.message().lines().next().unwrap_or_default().to_owned(),
        })?;
        if let Some(version) = file.version.filter(|version| *version.get_ref() > VERSION) {
            let why =
                format!("version {} is of a newer hookglass; this one reads version {VERSION}", version.get_ref());
            return Err(AcceptError::Unreadable { line: line(version.span().start), why });
        }
        Ok(Self(file.accepted.into_iter().collect()))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn has(&self, acceptance: &Acceptance) -> bool {
        self.0.contains(acceptance)
    }

    /// In order of type, check and path.
    pub(crate) fn sorted(&self) -> Vec<&Acceptance> {
        let mut all: Vec<_> = self.0.iter().collect();
        all.sort_unstable();
        all
    }
}

/// `text` with these entries added at its end, as far as it does not have them.
///
/// # Errors
/// When `text` cannot be read, or cannot take entries at its end.
pub(crate) fn with(text: &str, added: &[Acceptance]) -> Result<String, AcceptError> {
    let known = Accepted::parse(text)?;
    let mut wanted = known.clone();
    let mut changed = if text.trim().is_empty() { INTRODUCTION.to_owned() } else { text.to_owned() };
    for acceptance in added {
        if !wanted.0.insert(acceptance.clone()) {
            continue;
        }
        if !changed.ends_with('\n') {
            changed.push('\n');
        }
        changed.push('\n');
        changed.push_str(&entry(acceptance));
    }
    if wanted.0.len() > MAX_ENTRIES {
        return Err(AcceptError::Full);
    }
    checked(changed, &wanted)
}

/// `text` without these entries, and without the lines up to the next table.
///
/// # Errors
/// When `text` cannot be read, or has the entries in another form than one table each.
pub(crate) fn without(text: &str, removed: &[Acceptance]) -> Result<String, AcceptError> {
    let mut wanted = Accepted::parse(text)?;
    wanted.0.retain(|acceptance| !removed.contains(acceptance));
    let mut changed = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = next_table(rest, 0) {
        let end = next_table(rest, start + 1).unwrap_or(rest.len());
        changed.push_str(&rest[..start]);
        let table = &rest[start..end];
        let entry = Accepted::parse(table).ok().filter(|_| table.starts_with(HEADER));
        let is_removed = entry.is_some_and(|entry| entry.0.iter().any(|acceptance| removed.contains(acceptance)));
        changed.push_str(if is_removed { "" } else { table });
        rest = &rest[end..];
    }
    changed.push_str(rest);
    checked(changed, &wanted)
}

/// Where the first line from `from` on begins that is the header of a table.
fn next_table(text: &str, from: usize) -> Option<usize> {
    let mut at = 0;
    text.split_inclusive('\n').find_map(|line| {
        let start = at;
        at += line.len();
        (start >= from && line.starts_with('[')).then_some(start)
    })
}

/// `text`, if it accepts exactly what is wanted.
fn checked(text: String, wanted: &Accepted) -> Result<String, AcceptError> {
    if Accepted::parse(&text).as_ref() == Ok(wanted) { Ok(text) } else { Err(AcceptError::OtherForm) }
}

fn entry(acceptance: &Acceptance) -> String {
    let Acceptance { event_type, check, path, value } = acceptance;
    let members = [("type", Some(event_type)), ("check", Some(check)), ("path", Some(path)), ("value", value.as_ref())];
    let mut text = format!("{HEADER}\n");
    for (name, value) in members {
        if let Some(value) = value {
            writeln!(text, "{name} = {}", toml_string(value)).expect("a String takes all text");
        }
    }
    text
}

/// `text` as a basic string. Only printable ASCII stands for itself, so the file is safe to print.
fn toml_string(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            ' '..='~' => quoted.push(character),
            _ => write!(quoted, "\\U{:08X}", u32::from(character)).expect("a String takes all text"),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn acceptance(path: &str, value: Option<&str>) -> Acceptance {
        Acceptance {
            event_type: "user.signup".to_owned(),
            check: "unknown-value".to_owned(),
            path: path.to_owned(),
            value: value.map(str::to_owned),
        }
    }

    #[test]
    fn entries_are_added_and_removed_and_the_rest_stays() {
        let (one, other) = (acceptance("data.a", None), acceptance("data.b[]", Some("new \"x\"\n\u{202e}")));
        let mine = "# mine\nversion = 1\n\n[[accepted]] # kept\ntype = \"a.b\"\ncheck = \"of-a-later-version\"\npath = \"c\"\nwhy = 7\n";
        let both = with(mine, &[one.clone(), other.clone(), one.clone()]).unwrap();
        assert!(both.starts_with(mine) && both.is_ascii() && both.matches(HEADER).count() == 3, "{both}");
        assert_eq!(with(&both, std::slice::from_ref(&other)).unwrap(), both);
        let without_one = without(&both, std::slice::from_ref(&one)).unwrap();
        assert!(Accepted::parse(&without_one).unwrap().has(&other) && without_one.starts_with(mine), "{without_one}");
        assert_eq!(without(&without_one, &[other]).unwrap().trim_end(), mine.trim_end());
        let first = with("", std::slice::from_ref(&one)).unwrap();
        assert!(first.starts_with(INTRODUCTION) && Accepted::parse(&first).unwrap().has(&one), "{first}");
    }

    #[test]
    fn what_cannot_be_read_is_named_by_line_and_not_changed() {
        for (text, line, why) in [
            ("# a\nversion = 2\n", 2, "newer hookglass"),
            ("# a\n\n[[accepted]]\ntype = 1\n", 4, "invalid type"),
            ("accepted = [\n", 1, ""),
        ] {
            let error = with(text, &[acceptance("a", None)]).unwrap_err();
            assert!(
                matches!(&error, AcceptError::Unreadable { line: at, why: said } if *at == line && said.contains(why)),
                "{error}"
            );
            assert_eq!(without(text, &[]).unwrap_err(), error);
        }
        let inline = "accepted = [{ type = \"user.signup\", check = \"unknown-value\", path = \"a\" }]\n";
        assert!(Accepted::parse(inline).unwrap().has(&acceptance("a", None)));
        assert_eq!(with(inline, &[acceptance("b", None)]), Err(AcceptError::OtherForm));
        assert_eq!(without(inline, &[acceptance("a", None)]), Err(AcceptError::OtherForm));
    }

    proptest! {
        #[test]
        fn any_text_is_read_back_and_no_text_panics(path in ".{0,20}", value in proptest::option::of(".{0,20}"), before in "\\PC{0,60}") {
            let it = acceptance(&path, value.as_deref());
            let text = with("", std::slice::from_ref(&it)).unwrap();
            prop_assert!(Accepted::parse(&text).unwrap().has(&it));
            prop_assert!(Accepted::parse(&without(&text, std::slice::from_ref(&it)).unwrap()).unwrap().is_empty());
            let _ = with(&before, std::slice::from_ref(&it));
            let _ = without(&before, std::slice::from_ref(&it));
        }
    }
}
