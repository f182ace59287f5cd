//! The head of an HTTP/1 request, in the exact bytes received.
//!
//! Names keep their case, values their bytes, and repeated headers their order. Nothing here decodes text; `printable`
//! does that.

use super::printable::Printable;
use std::mem::MaybeUninit;
use std::ops::Range;

/// Most headers in one request. hookglass refuses a request with more.
pub(crate) const MAX_HEADERS: usize = 256;

/// One header as received: the name in its original case, the value without the white space around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header<'a> {
    pub name: &'a [u8],
    pub value: &'a [u8],
}

impl<'a> Header<'a> {
    pub fn new(name: &'a (impl AsRef<[u8]> + ?Sized), value: &'a (impl AsRef<[u8]> + ?Sized)) -> Self {
        Self { name: name.as_ref(), value: value.as_ref() }
    }

    /// Whether this header is called `name`. Header names are case-insensitive (RFC 9110 section 5.1).
    pub fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name.as_bytes())
    }
}

/// The values of every header called `name`, in arrival order.
pub fn values<'h, 'n>(headers: &'h [Header<'h>], name: &'n str) -> impl Iterator<Item = &'h [u8]> + use<'h, 'n> {
    headers.iter().filter(move |header| header.is(name)).map(|header| header.value)
}

/// How much of a body that ended early came: `267 of 999 bytes`.
pub(crate) fn part_received(headers: &[Header<'_>], body: &[u8]) -> String {
    let length = body.len();
    match values(headers, "content-length").next() {
        Some(declared) => format!("{length} of {} bytes", Printable::from_bytes(declared)),
        None => format!("{length} bytes, with no length declared"),
    }
}

/// Why a text is not the head of an HTTP/1 request.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum HeadError {
    #[error("the request head is truncated")]
    Incomplete,
    #[error("the request head is not HTTP/1: {0}")]
    Malformed(#[from] httparse::Error),
    #[error("HTTP/1 cannot carry the request as it is")]
    Changed,
}

/// A request head: the request line and the headers up to and including the empty line.
#[derive(Clone, PartialEq, Eq)]
pub struct Head {
    bytes: Box<[u8]>,
    method: Range<u32>,
    target: Range<u32>,
    headers: Box<[(Range<u32>, Range<u32>)]>,
}

impl Head {
    /// Parses the head at the start of `bytes`. Bytes after the empty line are ignored.
    pub fn parse(bytes: &[u8]) -> Result<Self, HeadError> {
        let mut slots = [const { MaybeUninit::uninit() }; MAX_HEADERS];
        let mut request = httparse::Request::new(&mut []);
        let httparse::Status::Complete(length) = request.parse_with_uninit_headers(bytes, &mut slots)? else {
            return Err(HeadError::Incomplete);
        };
        let base = bytes.as_ptr() as usize;
        let range = |part: &[u8]| {
            let start = part.as_ptr() as usize - base;
            start as u32..(start + part.len()) as u32
        };
        Ok(Self {
            method: range(request.method.unwrap_or_default().as_bytes()),
            target: range(request.path.unwrap_or_default().as_bytes()),
            headers: request
                .headers
                .iter()
                .map(|header| (range(header.name.as_bytes()), range(header.value)))
                .collect(),
            bytes: bytes[..length].into(),
        })
    }

    /// The head with these parts.
    ///
    /// # Errors
    /// When HTTP/1 cannot carry it, for example because of a line end in a header.
    pub fn of(method: &[u8], target: &[u8], headers: &[Header<'_>]) -> Result<Self, HeadError> {
        let mut bytes = [method, b" ", target, b" HTTP/1.1\r\n"].concat();
        for Header { name, value } in headers {
            bytes.extend([name, &b": "[..], value, b"\r\n"].concat());
        }
        bytes.extend(b"\r\n");
        let head = Self::parse(&bytes)?;
        let is_same = head.method() == method && head.target() == target && head.headers() == headers;
        if is_same { Ok(head) } else { Err(HeadError::Changed) }
    }

    /// The exact bytes, from the request line to the empty line.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub fn method(&self) -> &[u8] {
        self.part(&self.method)
    }

    /// The request target as received: path and query.
    pub fn target(&self) -> &[u8] {
        self.part(&self.target)
    }

    /// The headers in arrival order.
    pub fn headers(&self) -> Vec<Header<'_>> {
        self.headers.iter().map(|(name, value)| Header { name: self.part(name), value: self.part(value) }).collect()
    }

    /// The number of headers.
    pub(crate) fn header_count(&self) -> usize {
        self.headers.len()
    }

    fn part(&self, range: &Range<u32>) -> &[u8] {
        &self.bytes[range.start as usize..range.end as usize]
    }
}

impl std::fmt::Debug for Head {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Head({} bytes)", self.bytes.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_keeps_case_order_duplicates_and_bytes() {
        let raw = b"POST /a?b HTTP/1.1\r\nX-A: 1\r\nx-b:  \xff \r\nX-a:2\r\n\r\nbody";
        let head = Head::parse(raw).unwrap();
        assert_eq!(head.bytes(), &raw[..raw.len() - 4]);
        assert_eq!((head.method(), head.target()), (&b"POST"[..], &b"/a?b"[..]));
        assert_eq!(
            head.headers(),
            [Header::new("X-A", "1"), Header::new("x-b", &b"\xff"[..]), Header::new("X-a", "2")]
        );
        assert_eq!(values(&head.headers(), "x-a").collect::<Vec<_>>(), [b"1", b"2"]);
    }

    #[test]
    fn a_head_without_its_empty_line_is_incomplete() {
        assert_eq!(Head::parse(b"POST / HTTP/1.1\r\nA: 1\r\n"), Err(HeadError::Incomplete));
    }
}
