//! A request as the agent of a tunnel captured it: raw, in base64. Only a whole one is taken.

use super::{Record, RecordError, imported, microseconds};
use crate::core::request::{Head, Header, values};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;

/// The POST request `raw`, which came at the time `at`.
///
/// # Errors
/// When these are not certainly all of its bytes: an agent captures only the beginning of a large body.
pub(crate) fn captured(at: Timestamp, raw: &str) -> Result<Record, RecordError> {
    let bytes = STANDARD.decode(raw).map_err(|_| RecordError::Base64)?;
    if bytes.is_empty() {
        return Err(RecordError::Missing);
    }
    let head = Head::parse(&bytes)?;
    if head.method() != b"POST" {
        return Err(RecordError::NotPost);
    }
    let body = &bytes[head.bytes().len()..];
    let length = declared_length(&head.headers(), body)?;
    let found = body.len();
    if found < length {
        return Err(RecordError::Truncated { found, declared: length });
    }
    if found > length {
        return Err(RecordError::Behind(found - length));
    }
    let body = body.to_vec().into();
    Ok(Record { head, body, received_at: Some(microseconds(at)), annotation: imported(false, "") })
}

/// How long the body must be.
fn declared_length(headers: &[Header<'_>], body: &[u8]) -> Result<usize, RecordError> {
    if values(headers, "transfer-encoding").next().is_some() {
        return Err(RecordError::NoLength);
    }
    let mut declared = values(headers, "content-length");
    match (declared.next(), declared.next()) {
        (None, _) if body.is_empty() => Ok(0),
        (None, _) => Err(RecordError::NoLength),
        (Some(_), Some(_)) => Err(RecordError::Length),
        (Some(length), None) => {
            let is_number = !length.is_empty() && length.iter().all(u8::is_ascii_digit);
            let length = str::from_utf8(length).ok().filter(|_| is_number).and_then(|text| text.parse().ok());
            length.ok_or(RecordError::Length)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(raw: &[u8]) -> Result<Record, String> {
        captured(Timestamp::UNIX_EPOCH, &STANDARD.encode(raw)).map_err(|error| error.to_string())
    }

    #[test]
    fn a_whole_request_is_taken_byte_for_byte() {
        let raw = b"POST /hooks?a=1 HTTP/1.1\r\nHost: x\r\nX-Odd:  \xff\r\nContent-Length: 3\r\n\r\n\x00\xff\n";
        let record = read(raw).unwrap();
        assert_eq!([record.head.bytes(), &record.body].concat(), raw);
        assert_eq!(record.received_at, Some(Timestamp::UNIX_EPOCH));
        assert!(record.annotation.is_imported);
        assert_eq!(read(b"POST / HTTP/1.1\r\n\r\n").unwrap().body, b""[..]);
    }

    #[test]
    fn a_request_that_may_not_be_whole_is_refused_with_the_cause() {
        for (raw, why) in [
            ("", "its bytes are missing"),
            ("POST / HTTP/1.1\r\nA: b\r\n", "the request head is truncated"),
            ("GET / HTTP/1.1\r\n\r\n", "its bytes are not those of a POST request"),
            ("POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\n{}", "it ends in the middle: 2 of 9 bytes of the body"),
            (
                "POST / HTTP/1.1\r\nContent-Length: 1\r\n\r\n{}",
                "1 bytes follow the body, which is as long as `content-length` says",
            ),
            ("POST / HTTP/1.1\r\nContent-Length: +2\r\n\r\n{}", "its `content-length` is not a number"),
            (
                "POST / HTTP/1.1\r\nContent-Length: 2\r\ncontent-length: 3\r\n\r\n{}",
                "its `content-length` is not a number",
            ),
            (
                "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
                "its body may be incomplete: no `content-length` says how long it is",
            ),
            ("POST / HTTP/1.1\r\n\r\n{}", "its body may be incomplete: no `content-length` says how long it is"),
        ] {
            assert_eq!(read(raw.as_bytes()).map(|record| record.body).unwrap_err(), why, "{raw:?}");
        }
        let error = captured(Timestamp::UNIX_EPOCH, "!").unwrap_err();
        assert_eq!(error.to_string(), "its base64 is invalid");
        assert!(read(b"\x16\x03\x01 not HTTP\r\n\r\n").is_err());
    }
}
