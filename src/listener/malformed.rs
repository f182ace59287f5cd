//! What bytes are that hyper did not read as a request, and what to change so that requests arrive.

/// How the bytes of other protocols begin.
const OTHERS: [(&[u8], &str); 6] = [
    (
        b"\x16\x03",
        "TLS, and this port speaks plain HTTP: point the tunnel, proxy or sender at `http://`, not `https://`",
    ),
    (
        b"PRI * HTTP/2.0",
        "HTTP/2, and hookglass speaks HTTP/1.1: turn HTTP/2 off between the tunnel or proxy and this port (ngrok: no \
         `--upstream-protocol=http2`; cloudflared: no `http2Origin`; curl: no `--http2-prior-knowledge`)",
    ),
    (b"PROXY ", PROXY),
    (b"\r\n\r\n\0\r\nQUIT\n", PROXY),
    (b"SSH-", "SSH: make the tunnel forward HTTP to this port"),
    (b"\x05", "SOCKS: hookglass is no proxy; send requests to its URL"),
];

const PROXY: &str = "the PROXY protocol, which hookglass does not read: turn it off in the tunnel or proxy (ngrok: no \
                     `--proxy-proto`, HAProxy: no `send-proxy`)";

/// Why `bytes`, the first of a connection or the first after a request, are not a request that hookglass reads. `cause` is what hyper says.
pub(super) fn why(bytes: &[u8], cause: &str) -> String {
    if let Some((_, what)) = OTHERS.iter().find(|(start, _)| bytes.starts_with(start)) {
        return format!("not an HTTP/1 request but {what}");
    }
    match defect(bytes) {
        Some((line, what)) => format!("not an HTTP/1 request: line {line} of its head {what}; correct what sends it"),
        None => format!("not an HTTP/1 request: {cause}; correct what sends it"),
    }
}

/// The first line of the head that is wrong, from 1, and how. The line itself is not told: it may hold a secret.
fn defect(bytes: &[u8]) -> Option<(usize, &'static str)> {
    // Empty lines before a request are skipped (RFC 9112 section 2.2).
    let start = bytes.iter().position(|byte| !matches!(byte, b'\r' | b'\n'))?;
    let mut lines = bytes[start..].split_inclusive(|byte| *byte == b'\n').enumerate();
    let (_, first) = lines.next()?;
    if let Some(what) = request_line(first.trim_ascii_end()) {
        return Some((1, what));
    }
    let mut length = None;
    for (place, line) in lines {
        // The last line may have been cut off.
        let Some(line) = line.strip_suffix(b"\n") else { break };
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.is_empty() {
            break;
        }
        if let Some(what) = header_line(line, &mut length) {
            return Some((place + 1, what));
        }
    }
    None
}

fn request_line(line: &[u8]) -> Option<&'static str> {
    let words: Vec<_> = line.split(|byte| *byte == b' ').collect();
    match words[..] {
        [_, _, version] if !matches!(version, b"HTTP/1.1" | b"HTTP/1.0") => {
            Some("does not end with `HTTP/1.1` or `HTTP/1.0`")
        }
        [method, ..] if method.is_empty() || !method.iter().copied().all(is_token) => {
            Some("does not begin with a method such as `POST`")
        }
        [_, target, _] if target.iter().any(|byte| !byte.is_ascii_graphic()) => {
            Some("has a target with characters that must be percent-encoded")
        }
        [_, _, _] => None,
        _ => Some("is not `METHOD TARGET HTTP/1.1`, with one space between each"),
    }
}

/// `length` is the `Content-Length` of an earlier line.
fn header_line<'a>(line: &'a [u8], length: &mut Option<&'a [u8]>) -> Option<&'static str> {
    let Some(colon) = line.iter().position(|byte| *byte == b':') else { return Some("is not `name: value`: no colon") };
    let (name, value) = (&line[..colon], line[colon + 1..].trim_ascii());
    if name.first().is_some_and(u8::is_ascii_whitespace) {
        return Some("begins with a space: a header must not go on in a second line");
    }
    if name.is_empty() || !name.iter().copied().all(is_token) {
        return Some("has a header name with a space or another character that names must not have");
    }
    if value.iter().any(|byte| (*byte < b' ' && *byte != b'\t') || *byte == 0x7f) {
        return Some("has a control character in its value");
    }
    if name.eq_ignore_ascii_case(b"content-length") {
        if value.is_empty() || !value.iter().all(u8::is_ascii_digit) {
            return Some("has a `Content-Length` that is not a number");
        }
        if length.replace(value).is_some_and(|earlier| earlier != value) {
            return Some("has another `Content-Length` than a line before");
        }
    }
    None
}

/// Whether a method or a header name may have the byte (RFC 9110 section 5.6.2).
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn other_protocols_are_named_with_what_to_change() {
        for (bytes, words) in [
            (
                &b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03"[..],
                ["but TLS", "point the tunnel, proxy or sender at `http://`"],
            ),
            (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", ["but HTTP/2", "speaks HTTP/1.1"]),
            (b"PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\nPOST / HTTP/1.1\r\n", ["the PROXY protocol", "`--proxy-proto`"]),
            (b"\r\n\r\n\0\r\nQUIT\n\x21", ["the PROXY protocol", "`send-proxy`"]),
            (b"SSH-2.0-OpenSSH_9.6\r\n", ["but SSH", "forward HTTP"]),
            (b"\x05\x01\0", ["but SOCKS", "no proxy"]),
        ] {
            let why = why(bytes, "cause");
            assert!(words.iter().all(|word| why.contains(word)), "{why}");
        }
    }

    #[test]
    fn the_malformed_line_of_a_head_is_named_without_its_text() {
        let head = |lines: &str| format!("POST /a HTTP/1.1\r\n{lines}\r\n\r\n");
        for (bytes, line, what) in [
            (head("webhook-signature v1,secret"), 2, "no colon"),
            (head("Host: x\r\nwebhook id: secret"), 3, "a space"),
            (head("Host: x\r\n secret"), 3, "no colon"),
            (head("Host: x\r\n secret: y"), 3, "begins with a space"),
            (head(": secret"), 2, "header name"),
            (head("a: secret\0"), 2, "control character"),
            (head("Content-Length: -1"), 2, "not a number"),
            (head("Content-Length: 1\nContent-Length: 2"), 3, "another `Content-Length`"),
            ("POST /a b HTTP/1.1\r\n\r\n".to_owned(), 1, "one space"),
            ("POST /secret HTTP/3.0\r\n\r\n".to_owned(), 1, "`HTTP/1.1`"),
            ("P\u{e9}ST /secret HTTP/1.1\r\n\r\n".to_owned(), 1, "a method"),
            ("POST /\u{e9} HTTP/1.1\r\n\r\n".to_owned(), 1, "percent-encoded"),
            ("{\"secret\":1}".to_owned(), 1, "a method such as `POST`"),
            ("POST /secret".to_owned(), 1, "is not `METHOD"),
        ] {
            let why = why(bytes.as_bytes(), "cause");
            assert!(why.contains(&format!(": line {line} of its head ")) && why.contains(what), "{bytes:?}: {why}");
            assert!(!why.contains("secret") && !why.contains("cause"), "{why}");
        }
        assert_eq!(why(head("a: b").as_bytes(), "cause"), "not an HTTP/1 request: cause; correct what sends it");
        assert!(why(b"", "cause").contains(": cause;"));
    }

    proptest! {
        #[test]
        fn any_bytes_get_a_line_of_printable_text(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let why = why(&bytes, "cause");
            prop_assert!(why.starts_with("not an HTTP/1 request") && why.bytes().all(|byte| (b' '..=b'~').contains(&byte)));
        }
    }
}
