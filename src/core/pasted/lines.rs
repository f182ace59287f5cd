//! Header lines, with or without a request line before and a body behind them, and the output of `curl -v`.

use super::{PasteError, Pasted, PastedBody};

/// Where curl marks the lines of the request.
const SENT: &[u8] = b"> ";
/// What curl says of itself, before anything else.
const NOTE: &[u8] = b"Note: ";

pub(super) fn read(text: &[u8], wants_body: bool) -> Result<Pasted, PasteError> {
    if is_verbose(text) { verbose(text) } else { plain(text, wants_body) }
}

/// Whether there are lines as `curl -v` marks them, and the first line is no part of a request without marks, whose body may hold anything.
fn is_verbose(text: &[u8]) -> bool {
    let mut lines = numbered(text).map(|(_, line, _)| line).filter(|line| !line.is_empty() && !line.starts_with(NOTE));
    let is_token = |byte: &u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte);
    let is_header = |line: &[u8]| memchr::memchr(b':', line).is_some_and(|colon| line[..colon].iter().all(is_token));
    match lines.next() {
        Some(first) if is_request_line(first) || is_header(first) => false,
        Some(first) => first.starts_with(SENT) || lines.any(|line| line.starts_with(SENT)),
        None => false,
    }
}

/// The request in the output of `curl -v`. It has no body, since curl does not print the one that it sends.
fn verbose(text: &[u8]) -> Result<Pasted, PasteError> {
    let mut pasted = Pasted::default();
    let mut has_begun = false;
    for (number, line, _) in numbered(text) {
        let Some(line) = line.strip_prefix(SENT) else { continue };
        match (is_request_line(line), has_begun) {
            (true, true) => return Err(PasteError::at(number, "begins a second request; keep one of them")),
            (true, false) => has_begun = true,
            (false, _) if line.is_empty() => {}
            (false, _) => pasted.headers.push(header(line, number)?),
        }
    }
    Ok(pasted)
}

/// Header lines, which end with LF or CR LF. The value is everything after the first `:`.
fn plain(text: &[u8], wants_body: bool) -> Result<Pasted, PasteError> {
    let mut pasted = Pasted::default();
    let mut is_whole = wants_body;
    for (number, line, end) in numbered(text) {
        if number == 1 && is_request_line(line) {
            is_whole = true;
        } else if !line.is_empty() {
            pasted.headers.push(header(line, number)?);
        } else if is_whole && !pasted.headers.is_empty() {
            pasted.body = body(&pasted.headers, &text[end..]);
            break;
        }
    }
    Ok(pasted)
}

/// The body of a whole request whose head ends before `rest`. An editor may have added a newline behind it.
fn body(headers: &[(Vec<u8>, Vec<u8>)], rest: &[u8]) -> PastedBody {
    let length = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(b"content-length"));
    let length = length.and_then(|(_, value)| str::from_utf8(value).ok()?.trim().parse::<usize>().ok());
    match length {
        Some(length) => PastedBody::Bytes(rest[..length.min(rest.len())].to_vec()),
        None if rest.is_empty() => PastedBody::Missing,
        None => PastedBody::Bytes(rest.to_vec()),
    }
}

fn is_request_line(line: &[u8]) -> bool {
    let is_version = [&b" HTTP/1.0"[..], b" HTTP/1.1", b" HTTP/2"].iter().any(|version| line.ends_with(version));
    let name = line.split(|byte| *byte == b':').next().unwrap_or_default();
    is_version && name.contains(&b' ')
}

pub(super) fn header(line: &[u8], number: usize) -> Result<(Vec<u8>, Vec<u8>), PasteError> {
    let colon = memchr::memchr(b':', line).ok_or(PasteError::at(number, "is not a header: it has no `:`"))?;
    Ok((line[..colon].to_vec(), line[colon + 1..].to_vec()))
}

/// The lines without their ends, each with its number from 1 and where the next one begins.
fn numbered(text: &[u8]) -> impl Iterator<Item = (usize, &[u8], usize)> {
    let mut end = 0;
    text.split_inclusive(|byte| *byte == b'\n').enumerate().map(move |(place, line)| {
        end += line.len();
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        (place + 1, line.strip_suffix(b"\r").unwrap_or(line), end)
    })
}
