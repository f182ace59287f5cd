//! A request as a command for a POSIX shell that sends the same bytes again.
//!
//! ```text
//! curl --path-as-is --globoff -X POST 'http://localhost:4000/webhooks' \
//!   -H 'webhook-id: msg_1' \
//!   -H 'User-Agent:' \              removes what curl would add
//!   --data-raw '{"a":1}'
//! ```
//!
//! Foreign bytes stand in single quotes or, where a shell, a terminal or a clipboard could change them, as octal or base64.
//! Nothing is ever in a place where curl would take it for an option or a file.

use crate::core::delivery::is_dropped;
use crate::core::printable::pasteable;
use crate::core::request::Header;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::fmt::Write;

/// Longest body, in bytes, that is an argument; Linux takes 128 KiB in one.
const MAX_ARGUMENT: usize = 100_000;

/// Longest base64 on one line: what a terminal takes where no line editor reads.
const MAX_LINE: usize = 2048;

/// Line length of base64 in a here-document (RFC 2045 section 6.8).
const WRAP: usize = 76;

/// Older curls ask before sending a body longer than this (`Expect: 100-continue`).
const MAX_UNASKED_BODY: usize = 1024;

/// The command that sends `method`, `headers` and `body` to `url` (an absolute `http` or `https` URL).
///
/// Headers that belong to one connection are left out as in a delivery, and `Host` and `Content-Length` are curl's own.
pub fn curl(url: &str, method: &[u8], headers: &[Header<'_>], body: &[u8]) -> String {
    let body = Body::of(method, body);
    let mut command = match &body {
        Body::Piped(base64) if base64.len() <= MAX_LINE => format!("printf %s '{base64}' | base64 -d | "),
        Body::Piped(_) => "base64 -d <<'END' | ".to_owned(),
        Body::None | Body::Argument { .. } => String::new(),
    };
    command.push_str("curl --path-as-is --globoff ");
    match (method, &body) {
        // With `-X HEAD` curl would wait for a body.
        (b"HEAD", Body::None) => command.push_str("--head "),
        _ => push_all(&mut command, &["-X ", &shell_word(method), " "]),
    }
    // A word that does not begin like a URL could be an option to curl.
    let flag = if url.starts_with("http") { "" } else { "--url " };
    push_all(&mut command, &[flag, &shell_word(sendable_url(url).as_bytes())]);
    for argument in header_arguments(headers, &body) {
        push_all(&mut command, &[" \\\n  -H ", &argument]);
    }
    match &body {
        Body::None => {}
        Body::Argument(text) => push_all(&mut command, &[" \\\n  --data-raw ", &quoted(text)]),
        Body::Piped(_) => command.push_str(" \\\n  --data-binary @-"),
    }
    if let Body::Piped(base64) = &body
        && base64.len() > MAX_LINE
    {
        let mut rest = base64.as_str();
        while !rest.is_empty() {
            let (line, after) = rest.split_at(rest.len().min(WRAP));
            push_all(&mut command, &["\n", line]);
            rest = after;
        }
        // No line of base64 is three characters long.
        command.push_str("\nEND");
    }
    command
}

/// How the body gets to curl.
enum Body<'a> {
    None,
    Argument(&'a str),
    /// In base64, through standard input.
    Piped(String),
}

impl<'a> Body<'a> {
    fn of(method: &[u8], body: &'a [u8]) -> Self {
        if body.is_empty() && matches!(method, b"GET" | b"HEAD" | b"DELETE" | b"OPTIONS") {
            return Self::None;
        }
        match pasteable(body) {
            // A terminal takes a pasted tab for a request to complete the line.
            Ok(text) if text.len() <= MAX_ARGUMENT && !text.contains('\t') => Self::Argument(text),
            _ => Self::Piped(STANDARD.encode(body)),
        }
    }
}

/// The words after each `-H`: the headers in order, then those that take away what curl adds by itself.
fn header_arguments(headers: &[Header<'_>], body: &Body<'_>) -> Vec<String> {
    let is_stored = |header: &&Header<'_>| is_header(header) && !is_dropped(header, headers);
    let kept: Vec<_> = headers.iter().filter(is_stored).collect();
    let has = |name| kept.iter().any(|header| header.is(name));
    let has_body = !matches!(body, Body::None);
    let may_ask = match body {
        Body::None => false,
        Body::Argument(text) => text.len() > MAX_UNASKED_BODY,
        Body::Piped(base64) => base64.len() > MAX_UNASKED_BODY,
    };
    let removed = [("User-Agent", true), ("Accept", true), ("Content-Type", has_body), ("Expect", may_ask)];
    let removed = removed.into_iter().filter(|(name, is_added)| *is_added && !has(name));
    kept.iter().map(|header| header_word(header)).chain(removed.map(|(name, _)| format!("'{name}:'"))).collect()
}

fn header_word(header: &Header<'_>) -> String {
    if header.value.is_empty() {
        // To curl `name:` means to leave the header out, and `name;` to send it empty.
        return shell_word(&[header.name, b";"].concat());
    }
    shell_word(&[header.name, b": ", header.value].concat())
}

/// Whether it can be sent: a name of token characters (RFC 9110 section 5.6.2), a value without line ends and NUL.
fn is_header(header: &Header<'_>) -> bool {
    let is_token = |byte: &u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte);
    !header.name.is_empty()
        && header.name.iter().all(is_token)
        && !header.value.iter().any(|byte| b"\r\n\0".contains(byte))
}

/// A URL has graphic ASCII characters only; others are written as `%` and two digits.
fn sendable_url(url: &str) -> String {
    let mut sendable = String::with_capacity(url.len());
    for byte in url.bytes() {
        if byte.is_ascii_graphic() {
            sendable.push(char::from(byte));
        } else {
            write!(sendable, "%{byte:02X}").expect("a string takes any text");
        }
    }
    sendable
}

/// One word of the shell that is exactly `bytes`, which have no NUL and no line end: printable ASCII in single quotes, the
/// rest through `printf` in octal.
fn shell_word(bytes: &[u8]) -> String {
    let is_bare = |byte: &u8| byte.is_ascii_alphanumeric();
    if !bytes.is_empty() && bytes.iter().all(is_bare) {
        return bytes.iter().map(|byte| char::from(*byte)).collect();
    }
    let is_printable = |byte: u8| matches!(byte, b' '..=b'~');
    let runs = bytes.chunk_by(|one, other| is_printable(*one) == is_printable(*other));
    let mut word = String::with_capacity(bytes.len() + 2);
    for run in runs {
        match std::str::from_utf8(run) {
            Ok(text) if is_printable(run[0]) => word.push_str(&quoted(text)),
            _ => {
                word.push_str("\"$(printf '");
                for byte in run {
                    write!(word, "\\{byte:03o}").expect("a string takes any text");
                }
                word.push_str("')\"");
            }
        }
    }
    word
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

fn push_all(text: &mut String, parts: &[&str]) {
    text.extend(parts.iter().copied());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ordinary_event_is_a_command_that_people_can_read() {
        let headers = [
            Header::new("Host", "example.com"),
            Header::new("Content-Length", "13"),
            Header::new("Connection", "x-hop"),
            Header::new("X-Hop", "1"),
            Header::new("Content-Type", "application/json"),
            Header::new("webhook-id", "it's"),
            Header::new("X-Empty", ""),
        ];
        let command = curl("http://localhost:4000/a?b='", b"POST", &headers, "{\"a\":'\u{e9}'}\n".as_bytes());
        let expected = r#"curl --path-as-is --globoff -X POST 'http://localhost:4000/a?b='\''' \
  -H 'Content-Type: application/json' \
  -H 'webhook-id: it'\''s' \
  -H 'X-Empty;' \
  -H 'User-Agent:' \
  -H 'Accept:' \
  --data-raw '{"a":'\''é'\''}
'"#;
        assert_eq!(command, expected);
    }

    #[test]
    fn bytes_that_a_terminal_could_change_are_never_in_the_command() {
        for body in [
            &b"\0"[..],
            b"a\tb",
            b"a\r\n",
            b"\x1b[201~",
            b"\xff",
            "\u{9b}".as_bytes(),
            "a\u{202e}b".as_bytes(),
            "\u{115f}".as_bytes(),
        ] {
            let header = Header::new("a", &b"\x1b[201~\t\xe9"[..]);
            let command = curl("http://h/\u{202e}\x1b", b"POST", &[header], body);
            assert!(command.bytes().all(|byte| byte == b'\n' || (b' '..=b'~').contains(&byte)), "{command}");
            assert!(command.starts_with("printf %s '") && command.ends_with("--data-binary @-"), "{command}");
            assert!(command.contains(r#"-H 'a: '"$(printf '\033')"'[201~'"$(printf '\011\351')""#), "{command}");
        }
    }

    #[test]
    fn a_header_that_cannot_be_sent_is_left_out() {
        let headers = [Header::new("@/etc/passwd", "1"), Header::new("a", "1\r\nb: 2"), Header::new("c d", "1")];
        let command = curl("http://h/", b"GET", &headers, b"");
        assert_eq!(command, "curl --path-as-is --globoff -X GET 'http://h/' \\\n  -H 'User-Agent:' \\\n  -H 'Accept:'");
    }

    #[test]
    fn a_long_body_is_a_here_document() {
        let command = curl("http://h/", b"POST", &[], &vec![b'x'; MAX_ARGUMENT + 1]);
        assert!(command.starts_with("base64 -d <<'END' | curl ") && command.ends_with("\nEND"));
        assert!(command.contains("-H 'Expect:'") && command.lines().all(|line| line.len() <= 100));
    }
}
