//! A request as people paste it into a file: header lines, a raw HTTP request, the output of `curl -v`, a `curl` command or its `-H`
//! flags, and what a program prints or exports as an object: JSON, Python, JavaScript, HAR, an event of AWS Lambda.
//!
//! The form is recognised by what no header line can begin with, so a file of header lines is always read as such. Nothing is guessed: a
//! value is taken byte for byte, and what is not understood is an error with its line. Time and memory are bounded by the length of the file.

mod command;
mod lines;
mod object;
mod value;

use std::borrow::Cow;

/// Most headers of a pasted request.
const MAX_HEADERS: usize = 10_000;

/// Names and values.
type Headers = Vec<(Vec<u8>, Vec<u8>)>;

/// A request that was read from a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pasted {
    /// Names and values, with duplicates, in the order of the file.
    pub headers: Headers,
    pub body: PastedBody,
}

/// The body in a pasted request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum PastedBody {
    /// This form has none, or it was left out.
    #[default]
    Missing,
    /// It is an object: somebody parsed it, so the bytes that were signed are gone.
    Parsed,
    Bytes(Vec<u8>),
}

/// Why a text is no request.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
pub enum PasteError {
    #[error("line {line} {why}")]
    Line {
        /// Counted from 1.
        line: usize,
        why: &'static str,
    },
    #[error("{0}")]
    Whole(&'static str),
}

impl PasteError {
    fn at(line: usize, why: &'static str) -> Self {
        Self::Line { line, why }
    }
}

/// Reads the request in `bytes`. `wants_body`: text after the headers is the body. Otherwise empty lines between header lines are skipped.
///
/// # Errors
/// When it has none of the known forms.
pub fn read(bytes: &[u8], wants_body: bool) -> Result<Pasted, PasteError> {
    let text = without_mark(bytes)?;
    let pasted = match object::start(&text) {
        Some(start) => object::read(&text, start),
        None if command::is_command(&text) => command::read(&text),
        None => lines::read(&text, wants_body),
    }?;
    if pasted.headers.len() > MAX_HEADERS {
        return Err(PasteError::Whole("it has more than 10,000 headers"));
    }
    Ok(pasted)
}

/// `bytes` without a byte order mark, and as UTF-8 if the mark says that they are UTF-16, as PowerShell writes it.
fn without_mark(bytes: &[u8]) -> Result<Cow<'_, [u8]>, PasteError> {
    let wide = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
        let text: Result<String, _> = char::decode_utf16(units).collect();
        match text {
            Ok(text) if bytes.len().is_multiple_of(2) => Ok(Cow::Owned(text.into_bytes())),
            _ => Err(PasteError::Whole("it is not valid UTF-16, although it begins as such")),
        }
    };
    match bytes {
        [0xef, 0xbb, 0xbf, rest @ ..] => Ok(Cow::Borrowed(rest)),
        [0xff, 0xfe, rest @ ..] => wide(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => wide(rest, u16::from_be_bytes),
        _ => Ok(Cow::Borrowed(bytes)),
    }
}

/// The number of the line that has `place`, from 1.
fn line_at(text: &[u8], place: usize) -> usize {
    1 + memchr::memchr_iter(b'\n', &text[..place.min(text.len())]).count()
}

#[cfg(test)]
mod tests;
