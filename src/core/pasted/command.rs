//! A `curl` command, or its `-H` flags alone.

use super::lines::header;
use super::{PasteError, Pasted, PastedBody, line_at};
use shlex::bytes::Shlex;

/// What a command begins with. None of it can be in the name of a header.
const STARTS: [&[u8]; 8] = [b"curl ", b"curl\t", b"$ curl ", b"-H ", b"-H'", b"-H\"", b"--header ", b"--header="];
/// Quotes of some shells that have escapes of their own, and what to do about them.
const OTHER_QUOTES: [(&[u8], &str); 2] = [
    (b"$'", "has `$'…'`; write the value in plain quotes"),
    (b"^\"", "is for `cmd`; copy the command for bash instead"),
];
const HEADER: [&[u8]; 2] = [b"-H", b"--header"];
/// The flags that carry the body as it is sent.
const DATA: [&[u8]; 5] = [b"-d", b"--data", b"--data-raw", b"--data-binary", b"--data-ascii"];
/// The flags that make a body of what they carry.
const MADE: [&[u8]; 5] = [b"--data-urlencode", b"--json", b"-F", b"--form", b"-T"];

pub(super) fn is_command(text: &[u8]) -> bool {
    STARTS.iter().any(|known| text.trim_ascii_start().starts_with(known))
}

pub(super) fn read(text: &[u8]) -> Result<Pasted, PasteError> {
    for (quote, why) in OTHER_QUOTES {
        if let Some(place) = memchr::memmem::find(text, quote) {
            return Err(PasteError::at(line_at(text, place), why));
        }
    }
    let text = text.trim_ascii_start();
    let text = text.strip_prefix(b"$ ").unwrap_or(text);
    let mut words = Words(Shlex::new(text));
    let mut pasted = Pasted::default();
    let mut is_body_known = true;
    while let Some((line, word)) = words.next()? {
        if let Some(value) = words.value_of(&word, &HEADER)? {
            pasted.headers.push(one_header(&value, line)?);
        } else if let Some(value) = words.value_of(&word, &DATA)? {
            // curl reads a file that begins with `@`, and joins several values with `&`.
            is_body_known &= pasted.body == PastedBody::Missing && !value.starts_with(b"@");
            pasted.body = PastedBody::Bytes(value);
        } else if words.value_of(&word, &MADE)?.is_some() {
            is_body_known = false;
        }
    }
    if !is_body_known {
        pasted.body = PastedBody::Missing;
    }
    Ok(pasted)
}

fn one_header(value: &[u8], line: usize) -> Result<(Vec<u8>, Vec<u8>), PasteError> {
    match value {
        [b'@', ..] => Err(PasteError::at(line, "names a file of headers; paste its lines instead")),
        // So curl sends a header without a value.
        [name @ .., b';'] if !value.contains(&b':') => Ok((name.to_vec(), Vec::new())),
        value => header(value, line),
    }
}

/// The words of a command line.
struct Words<'t>(Shlex<'t>);

impl Words<'_> {
    /// The next word, and the number of its last line.
    fn next(&mut self) -> Result<Option<(usize, Vec<u8>)>, PasteError> {
        let word = self.0.next();
        if self.0.had_error {
            return Err(PasteError::at(self.0.line_no, "has a quote that is not closed"));
        }
        Ok(word.map(|word| (self.0.line_no, word)))
    }

    /// The value that `word` gives to one of `flags`, in the same word or the next one.
    fn value_of(&mut self, word: &[u8], flags: &[&[u8]]) -> Result<Option<Vec<u8>>, PasteError> {
        for flag in flags {
            let Some(rest) = word.strip_prefix(*flag) else { continue };
            let is_long = flag.starts_with(b"--");
            match rest {
                [] => return Ok(Some(self.next()?.map(|(_, value)| value).unwrap_or_default())),
                [b'=', value @ ..] if is_long => return Ok(Some(value.to_vec())),
                value if !is_long => return Ok(Some(value.to_vec())),
                _ => {}
            }
        }
        Ok(None)
    }
}
