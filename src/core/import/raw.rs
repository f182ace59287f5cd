//! Requests in a file that is no JSON of ours: raw HTTP, the output of `curl -v`, and what [`pasted`] reads.

use super::{Record, RecordError, imported};
use crate::core::pasted::{self, Pasted, PastedBody};
use crate::core::request::{Head, Header, values};

/// The requests in `bytes`, in order. Several raw requests may follow one another if each has a `content-length`. The first error ends
/// them.
pub(crate) fn requests(bytes: &[u8]) -> Vec<Result<Record, RecordError>> {
    if !begins_raw(bytes) {
        return vec![copied(bytes)];
    }
    let mut found = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        match raw(rest) {
            Ok((record, behind)) => {
                found.push(Ok(record));
                rest = behind;
            }
            Err(error) => {
                found.push(Err(error));
                break;
            }
        }
    }
    found
}

/// Method, target and version on a line.
fn request_line(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut words = line.trim_ascii_end().split(|byte| *byte == b' ');
    let (method, target, version) = (words.next()?, words.next()?, words.next()?);
    let is_method = !method.is_empty() && method.iter().all(u8::is_ascii_uppercase);
    let is_line = is_method && !target.is_empty() && version.starts_with(b"HTTP/") && words.next().is_none();
    is_line.then_some((method, target))
}

fn begins_raw(bytes: &[u8]) -> bool {
    let line = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    request_line(line)
        .is_some_and(|_| line.trim_ascii_end().ends_with(b" HTTP/1.1") || line.trim_ascii_end().ends_with(b" HTTP/1.0"))
}

/// The first raw request, and what follows it.
fn raw(bytes: &[u8]) -> Result<(Record, &[u8]), RecordError> {
    let head = Head::parse(bytes)?;
    let rest = &bytes[head.bytes().len()..];
    let headers = head.headers();
    if values(&headers, "transfer-encoding").next().is_some() {
        return Err(RecordError::Chunked);
    }
    let declared = values(&headers, "content-length").next();
    let (body, behind) = match declared {
        None => (rest, &[][..]),
        Some(declared) => {
            let declared = str::from_utf8(declared).ok().and_then(|text| text.parse::<usize>().ok());
            let declared = declared.ok_or(RecordError::Length)?;
            let found = rest.len();
            let (body, behind) = rest.split_at_checked(declared).ok_or(RecordError::Truncated { found, declared })?;
            // An editor may have added a newline.
            let behind = behind.trim_ascii_start();
            if !behind.is_empty() && !begins_raw(behind) {
                return Err(RecordError::Behind(behind.len()));
            }
            (body, behind)
        }
    };
    let body = body.to_vec().into();
    Ok((Record { head, body, received_at: None, annotation: imported(false, "") }, behind))
}

/// A request in another form.
fn copied(bytes: &[u8]) -> Result<Record, RecordError> {
    let Pasted { headers, body } = pasted::read(bytes, true)?;
    let lines = bytes.split(|byte| *byte == b'\n').filter_map(|line| line.strip_prefix(b"> "));
    let (method, target) = lines.filter_map(request_line).next().unwrap_or((b"POST", b"/"));
    let headers: Vec<_> = headers.iter().map(|(name, value)| Header { name, value: value.trim_ascii() }).collect();
    let body = match body {
        PastedBody::Bytes(body) => body,
        PastedBody::Parsed => return Err(RecordError::Parsed),
        PastedBody::Missing if values(&headers, "content-length").eq([b"0"]) => Vec::new(),
        PastedBody::Missing => return Err(RecordError::NoBody),
    };
    let head = Head::of(method, target, &headers)?;
    Ok(Record { head, body: body.into(), received_at: None, annotation: imported(false, "") })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bodies(text: &str) -> Vec<Result<String, String>> {
        let body = |record: Record| String::from_utf8(record.body.to_vec()).unwrap();
        requests(text.as_bytes()).into_iter().map(|found| found.map(body).map_err(|error| error.to_string())).collect()
    }

    #[test]
    fn raw_requests_are_taken_by_their_lengths() {
        let one = "POST /a HTTP/1.1\r\nContent-Length: 2\r\nX-A: 1\r\n\r\n{}";
        let ok = |text: &str| Ok(text.to_owned());
        assert_eq!(bodies(one), [ok("{}")]);
        assert_eq!(bodies(&format!("{one}\n")), [ok("{}")]);
        assert_eq!(bodies(&format!("{one}\r\n{one}\n")), [ok("{}"), ok("{}")]);
        assert_eq!(bodies("POST / HTTP/1.1\nA: b\n\n{}\n"), [ok("{}\n")]);
        let error = |text: &str| bodies(text).pop().unwrap().unwrap_err();
        assert_eq!(error(&one.replace(": 2", ": 9")), "it ends in the middle: 2 of 9 bytes of the body");
        assert_eq!(
            error(&one.replace(": 2", ": 1")),
            "1 bytes follow the body, which is as long as `content-length` says"
        );
        assert_eq!(error(&one.replace(": 2", ": -1")), "its `content-length` is not a number");
        assert_eq!(error("POST / HTTP/1.1\r\nA: b\r\n"), "the request head is truncated");
        assert!(error("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na").contains("chunked"));
        assert_eq!(bodies(&format!("{one}\n{}", one.replace(": 2", ": 9"))).len(), 2);
    }

    #[test]
    fn copied_requests_are_read_with_their_path() {
        let curl = "* Trying\n> POST /hooks?x=1 HTTP/1.1\n> Host: x\n> webhook-id: msg_1\n> Content-Length: 0\n> \n< HTTP/1.1 200 OK\n";
        let record = requests(curl.as_bytes()).pop().unwrap().unwrap();
        assert_eq!(record.head.target(), b"/hooks?x=1");
        assert_eq!(values(&record.head.headers(), "webhook-id").next(), Some(&b"msg_1"[..]));
        assert_eq!(bodies(&curl.replace(": 0", ": 5")), [Err("its body is not in the file".to_owned())]);
        assert_eq!(bodies("curl http://x/ -H 'webhook-id: msg_1' --data-raw '{}'"), [Ok("{}".to_owned())]);
        assert!(bodies("nothing")[0].is_err());
    }
}
