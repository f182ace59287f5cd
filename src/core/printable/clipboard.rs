//! Text for the clipboard. It may be pasted into a shell, where control characters would act.

use crate::core::printable::hidden::is_hidden;
use crate::core::printable::unit::code;
use std::fmt::{self, Write};

/// Why bytes must not be pasted as they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unpasteable {
    NotText,
    /// A control besides LF and TAB: CR is Enter to a shell, ESC may end a bracketed paste.
    Control,
    /// A character that reorders or hides text, such as a bidirectional override.
    Hidden,
}

impl fmt::Display for Unpasteable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotText => "is not UTF-8 text",
            Self::Control => "contains control characters",
            Self::Hidden => "contains invisible characters",
        })
    }
}

/// `bytes` as text, if pasting them only inserts what a person sees.
///
/// # Errors
/// The worst problem in them: see [`Unpasteable`].
pub fn pasteable(bytes: &[u8]) -> Result<&str, Unpasteable> {
    let text = std::str::from_utf8(bytes).map_err(|_| Unpasteable::NotText)?;
    if text.chars().any(is_acting) {
        return Err(Unpasteable::Control);
    }
    if text.chars().any(is_hidden) {
        return Err(Unpasteable::Hidden);
    }
    Ok(text)
}

/// `bytes` without control characters other than LF and TAB. CR LF becomes LF, and a final LF is dropped. Invalid UTF-8 becomes U+FFFD,
/// and a hidden character its name, `<U+202E>`. Newlines stay, so the caller can warn of several lines.
pub fn clipboard_text(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars().filter(|character| !is_acting(*character)) {
            if is_hidden(character) {
                code(character, &mut text);
            } else {
                text.push(character);
            }
        }
        if !chunk.invalid().is_empty() {
            text.push(char::REPLACEMENT_CHARACTER);
        }
    }
    text.truncate(text.trim_end_matches('\n').len());
    text
}

/// JSON with the same value as `json`, which must be valid. Control and hidden characters become `\uXXXX`. CR between tokens and a final
/// LF are dropped.
pub(crate) fn clipboard_json(json: &[u8]) -> String {
    let mut text = String::with_capacity(json.len());
    // JSON strings have no unescaped CR, LF or TAB.
    for character in String::from_utf8_lossy(json).chars().filter(|character| *character != '\r') {
        if is_acting(character) || is_hidden(character) {
            for unit in character.encode_utf16(&mut [0; 2]) {
                write!(text, "\\u{unit:04x}").expect("a string takes all that is written");
            }
        } else {
            text.push(character);
        }
    }
    text.truncate(text.trim_end_matches('\n').len());
    text
}

fn is_acting(character: char) -> bool {
    character.is_control() && !matches!(character, '\n' | '\t')
}
