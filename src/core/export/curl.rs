//! A curl command that sends the bytes of a request again, for every shell that [`shell`](super::shell) supports.
//!
//! ```text
//! curl --path-as-is --globoff -X POST 'http://localhost:4000/webhooks' \
//!   -H 'webhook-id: msg_1' \
//!   -H 'User-Agent:' \              removes the header that curl adds
//!   --data-raw '{"a":1}'
//! ```
//!
//! A body that is not readable, or that a shell, a terminal or a clipboard could change, is piped to curl from base64. Nothing from
//! the request is in a place where curl would read it as an option or a file.

use super::shell::{is_readable_text, push_output, push_word};
use crate::core::delivery::is_dropped;
use crate::core::request::Header;
use std::fmt::Write;

/// The longest body that is written as an argument, in bytes. Linux takes 128 KiB in one.
const MAX_ARGUMENT: usize = 100_000;

/// Older versions of curl send `Expect: 100-continue` with a body longer than this, in bytes.
const MAX_BODY_WITHOUT_EXPECT: usize = 1024;

/// Methods that need no quotes.
const ORDINARY: [&[u8]; 7] = [b"GET", b"POST", b"PUT", b"PATCH", b"DELETE", b"OPTIONS", b"HEAD"];

/// Where the command sends the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    /// An absolute `http` or `https` URL.
    Url(String),
    /// A host and port, followed by the request target as received.
    Server(String),
}

/// The command that sends a request to `destination` with this method, request target, headers and body.
///
/// As in a delivery, hop-by-hop headers are left out. curl sets `Host` and `Content-Length` itself.
pub fn curl(
    destination: &Destination,
    method: &[u8],
    request_target: &[u8],
    headers: &[Header<'_>],
    body: &[u8],
) -> String {
    let body = Body::of(method, body);
    let mut command = String::new();
    if let Body::Piped(bytes) = body {
        push_output(&mut command, bytes);
        command.push_str(" | ");
    }
    command.push_str("curl --path-as-is --globoff ");
    match (method, &body) {
        // With `-X HEAD`, curl waits for a body.
        (b"HEAD", Body::None) => command.push_str("--head "),
        _ if ORDINARY.contains(&method) => {
            command.push_str("-X ");
            command.extend(method.iter().map(|byte| char::from(*byte)));
            command.push(' ');
        }
        _ => push_option(&mut command, "-X ", method, " "),
    }
    match destination {
        Destination::Url(url) => push_url(&mut command, url),
        Destination::Server(address) if is_path(request_target) => {
            push_url(&mut command, &format!("http://{address}{}", String::from_utf8_lossy(request_target)));
        }
        // In a URL it could lead to another server (`@example.com`), or curl could drop part of it (`#`).
        Destination::Server(address) => {
            push_option(&mut command, "--request-target ", request_target, " ");
            push_url(&mut command, &format!("http://{address}"));
        }
    }
    for argument in header_arguments(headers, &body) {
        push_option(&mut command, " \\\n  -H ", &argument, "");
    }
    match body {
        Body::None => {}
        Body::Argument(text) => push_option(&mut command, " \\\n  --data-raw ", text.as_bytes(), ""),
        Body::Piped(_) => command.push_str(" \\\n  --data-binary @-"),
    }
    command
}

/// Whether a request target is a path, with or without a query, that curl does not change in a URL.
fn is_path(request_target: &[u8]) -> bool {
    let is_left_as_is = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~/?:@!$&'()*+,;=%[]{}".contains(byte);
    request_target.starts_with(b"/") && request_target.iter().all(is_left_as_is)
}

fn push_option(command: &mut String, option: &str, value: &[u8], after: &str) {
    command.push_str(option);
    push_word(command, value);
    command.push_str(after);
}

fn push_url(command: &mut String, url: &str) {
    // curl could read a word that does not start like a URL as an option.
    command.push_str(if url.starts_with("http") { "" } else { "--url " });
    push_word(command, sendable_url(url).as_bytes());
}

/// How curl gets the body.
enum Body<'a> {
    None,
    Argument(&'a str),
    /// Through standard input.
    Piped(&'a [u8]),
}

impl<'a> Body<'a> {
    fn of(method: &[u8], body: &'a [u8]) -> Self {
        if body.is_empty() && matches!(method, b"GET" | b"HEAD" | b"DELETE" | b"OPTIONS") {
            return Self::None;
        }
        match std::str::from_utf8(body) {
            Ok(text) if text.len() <= MAX_ARGUMENT && is_readable_text(text) => Self::Argument(text),
            _ => Self::Piped(body),
        }
    }
}

/// The values of the `-H` options: the headers in order, then those that remove the headers that curl adds.
fn header_arguments(headers: &[Header<'_>], body: &Body<'_>) -> Vec<Vec<u8>> {
    let is_kept = |header: &&Header<'_>| is_header(header) && !is_dropped(header, headers);
    let kept: Vec<_> = headers.iter().filter(is_kept).collect();
    let has = |name| kept.iter().any(|header| header.is(name));
    let has_body = !matches!(body, Body::None);
    let may_expect = match body {
        Body::None => false,
        Body::Argument(text) => text.len() > MAX_BODY_WITHOUT_EXPECT,
        Body::Piped(bytes) => bytes.len() > MAX_BODY_WITHOUT_EXPECT,
    };
    let removed = [("User-Agent", true), ("Accept", true), ("Content-Type", has_body), ("Expect", may_expect)];
    let removed = removed.into_iter().filter(|(name, is_added)| *is_added && !has(name));
    let removed = removed.map(|(name, _)| format!("{name}:").into_bytes());
    kept.iter().map(|header| header_argument(header)).chain(removed).collect()
}

fn header_argument(header: &Header<'_>) -> Vec<u8> {
    // For curl, `name:` removes the header and `name;` sends it empty.
    if header.value.is_empty() { [header.name, b";"].concat() } else { [header.name, b": ", header.value].concat() }
}

/// Whether it can be sent: the name is a token (RFC 9110 section 5.6.2), and the value has no CR, LF or NUL.
fn is_header(header: &Header<'_>) -> bool {
    let is_token = |byte: &u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte);
    !header.name.is_empty()
        && header.name.iter().all(is_token)
        && !header.value.iter().any(|byte| b"\r\n\0".contains(byte))
}

/// The URL with every byte percent-encoded that is not a graphic ASCII character.
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

#[cfg(test)]
mod tests {
    use super::*;

    /// The command for a `POST` to `/`.
    fn post(url: &str, headers: &[Header<'_>], body: &[u8]) -> String {
        curl(&Destination::Url(url.to_owned()), b"POST", b"/", headers, body)
    }

    #[test]
    fn the_command_of_an_ordinary_event_is_readable() {
        let headers = [
            Header::new("Host", "example.com"),
            Header::new("Content-Length", "13"),
            Header::new("Connection", "x-hop"),
            Header::new("X-Hop", "1"),
            Header::new("Content-Type", "application/json"),
            Header::new("webhook-id", "it's"),
            Header::new("X-Empty", ""),
        ];
        let body = "{\"a\":'\u{e9}', \"b\": \"\\u00e9 \\\" \\\\\"}\n";
        let expected = r##"curl --path-as-is --globoff -X POST 'http://localhost:4000/a?b='"'" \
  -H 'Content-Type: application/json' \
  -H 'webhook-id: it'"'"'s' \
  -H 'X-Empty;' \
  -H 'User-Agent:' \
  -H 'Accept:' \
  --data-raw '{"a":'"'"'é'"'"', "b": "\u00e9 \" '\\\\'"}
'"##;
        assert_eq!(post("http://localhost:4000/a?b='", &headers, body.as_bytes()), expected);
    }

    #[test]
    fn the_command_contains_no_bytes_that_a_terminal_could_change() {
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
            let command = post("http://h/\u{202e}\x1b", &[header], body);
            assert!(command.bytes().all(|byte| byte == b'\n' || (b' '..=b'~').contains(&byte)), "{command}");
            assert!(command.starts_with("printf '%s' '") && command.ends_with("--data-binary @-"), "{command}");
            assert!(command.contains(r#"-H "$(printf 'a: \033\133201\176\011\351')""#), "{command}");
        }
    }

    #[test]
    fn a_header_that_cannot_be_sent_is_left_out() {
        let headers = [Header::new("@/etc/passwd", "1"), Header::new("a", "1\r\nb: 2"), Header::new("c d", "1")];
        let command = curl(&Destination::Url("http://h/".to_owned()), b"GET", b"/", &headers, b"");
        assert_eq!(command, "curl --path-as-is --globoff -X GET 'http://h/' \\\n  -H 'User-Agent:' \\\n  -H 'Accept:'");
    }

    #[test]
    fn a_long_body_is_piped() {
        let command = post("http://h/", &[], &vec![b'x'; MAX_ARGUMENT + 1]);
        assert!(command.starts_with("printf '%s' 'eHh4") && command.contains(" | base64 -d | curl "));
        assert!(command.contains("-H 'Expect:'") && command.ends_with("--data-binary @-"));
    }

    #[test]
    fn every_line_fits_the_input_line_of_a_terminal() {
        for length in (0..2500).step_by(7) {
            let value = "x".repeat(length);
            let headers = [Header::new("a", &value), Header::new("b", "\\'")];
            for body in [value.clone(), format!("\t{value}")] {
                let command = post(&format!("http://h/{value}"), &headers, body.as_bytes());
                assert!(command.lines().all(|line| line.len() <= 1000), "{command}");
            }
        }
    }

    #[test]
    fn an_unusual_method_is_quoted() {
        let command = curl(&Destination::Url("http://h/".to_owned()), b"H", b"/", &[], b"");
        assert!(command.starts_with("curl --path-as-is --globoff -X 'H' 'http://h/'"), "{command}");
    }

    #[test]
    fn a_request_target_never_leads_to_another_server() {
        let server = Destination::Server("127.0.0.1:3000".to_owned());
        for (target, expected) in [
            ("/a/../b?c=@d", "'http://127.0.0.1:3000/a/../b?c=@d'"),
            ("//example.com/", "'http://127.0.0.1:3000//example.com/'"),
            ("@example.com", "--request-target '@example.com' 'http://127.0.0.1:3000'"),
            (".example.com", "--request-target '.example.com' 'http://127.0.0.1:3000'"),
            ("http://example.com/", "--request-target 'http://example.com/' 'http://127.0.0.1:3000'"),
            ("*", "--request-target '*' 'http://127.0.0.1:3000'"),
            ("/a#b", "--request-target '/a#b' 'http://127.0.0.1:3000'"),
            ("/\u{e9}", "--request-target '/\u{e9}' 'http://127.0.0.1:3000'"),
        ] {
            let command = curl(&server, b"POST", target.as_bytes(), &[], b"{}");
            let start = format!("curl --path-as-is --globoff -X POST {expected} \\\n");
            assert!(command.starts_with(&start), "{command}");
        }
    }
}
