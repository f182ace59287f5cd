//! Where deliveries go: an address that the user fixes, read from the short forms that people type.

use crate::core::redact::masked;
use ::core::net::{Ipv4Addr, Ipv6Addr};
use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

/// The host of a bare port.
const DEFAULT_HOST: &str = "localhost";

/// The longest host name, in bytes (RFC 1035 section 2.3.4).
const MAX_HOST: usize = 253;

/// The address, path and query that a delivery is sent to. Nothing in a received request can change it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Target {
    is_https: bool,
    /// Lower case; an IPv6 address without its brackets.
    host: String,
    port: u16,
    /// Path and query; begins with `/`.
    path: String,
}

impl fmt::Debug for Target {
    /// The URL, without a token in its query.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&masked(&self.to_string(), |_| false).text)
    }
}

/// Why a text is not a target. Each message says what is expected.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    #[error("the target has no host")]
    NoHost,
    #[error("`{missing}` is missing after `{after}`")]
    Separator { missing: &'static str, after: &'static str },
    #[error("a target cannot use `{0}`: expected `http` or `https`")]
    Scheme(String),
    #[error("the target contains a user name or password: remove everything up to the `@`")]
    UserInfo,
    #[error("the target contains a fragment, which is never sent: remove `#` and what follows it")]
    Fragment,
    #[error("the target is two URLs in one: keep one of them")]
    Two,
    #[error("the target's host is not valid: expected a name, an IPv4 address or an IPv6 address such as `[::1]:4000`")]
    Host,
    #[error("the target's port is not valid: expected a number from 1 to 65535, such as `localhost:4000`")]
    Port,
    #[error(
        "the target's path or query contains a character that is not allowed in a URL: percent-encode it, such as `%20`"
    )]
    Path,
}

impl Target {
    /// Reads a URL, `host:port`, `:port` or a port. The default scheme is `http`, the default path `/`.
    pub fn parse(text: &str) -> Result<Self, TargetError> {
        let text = text.trim();
        let (scheme, rest) = match text.split_once("://") {
            Some((scheme, rest)) if is_scheme(scheme) => (Some(scheme), rest),
            _ => (None, text),
        };
        if let Some(error) = slip_after_scheme(text) {
            return Err(error);
        }
        let is_https = match scheme {
            None => false,
            Some(scheme) if scheme.eq_ignore_ascii_case("http") => false,
            Some(scheme) if scheme.eq_ignore_ascii_case("https") => true,
            Some(scheme) => return Err(TargetError::Scheme(scheme.to_ascii_lowercase())),
        };
        if rest.split('?').next().unwrap_or_default().contains("://") {
            return Err(TargetError::Two);
        }
        if rest.contains('#') {
            return Err(TargetError::Fragment);
        }
        let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
        if authority.contains('@') {
            return Err(TargetError::UserInfo);
        }
        let (host, port) = if scheme.is_none() && is_digits(authority) {
            (DEFAULT_HOST.to_owned(), Some(authority))
        } else {
            split_authority(authority)?
        };
        let port = match port {
            Some(port) => parse_port(port)?,
            None if is_https => 443,
            None => 80,
        };
        Ok(Self { is_https, host, port, path: parse_path(path)? })
    }

    /// The same scheme and authority with the path and query of `received`, a request target as sent (RFC 9112 section 3.2).
    /// The authority of an absolute form and a fragment are ignored.
    ///
    /// # Errors
    /// [`TargetError::Path`] when a request line cannot carry it.
    pub fn with_path(&self, received: &[u8]) -> Result<Self, TargetError> {
        let received = std::str::from_utf8(received).map_err(|_| TargetError::Path)?;
        if received.bytes().any(|byte| byte.is_ascii_control() || byte == b' ') {
            return Err(TargetError::Path);
        }
        let received = received.split('#').next().unwrap_or_default();
        let path = match received.split_once("://") {
            Some((scheme, rest)) if is_scheme(scheme) => &rest[rest.find(['/', '?']).unwrap_or(rest.len())..],
            _ => received,
        };
        let path = match path {
            // `*` stands for the whole server (RFC 9112 section 3.2.4) and has no path.
            "*" => "/".to_owned(),
            path if path.starts_with('/') => path.to_owned(),
            path => format!("/{path}"),
        };
        Ok(Self { path, ..self.clone() })
    }

    /// The same server with a path that no app has; `number` makes it unlike any other.
    pub(crate) fn elsewhere(&self, number: u64) -> Self {
        Self { path: format!("/hookglass-no-such-path-{number:016x}"), ..self.clone() }
    }

    pub fn is_https(&self) -> bool {
        self.is_https
    }

    /// A name or an address; an IPv6 address without its brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// Path and query as given; begins with `/`.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Whether both name the same server. Compares the spelling only. `localhost`, `127.0.0.1` and `::1` count as the same.
    pub(crate) fn is_same_server(&self, other: &Self) -> bool {
        known_host(&self.host) == known_host(&other.host) && (self.is_https, self.port) == (other.is_https, other.port)
    }

    /// `host:port`, for messages.
    pub fn address(&self) -> String {
        let Self { host, port, .. } = self;
        if self.host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
    }

    /// The value of the `Host` header, without the port if it is the default one of the scheme (RFC 9110 section 7.2).
    pub(crate) fn authority(&self) -> String {
        let mut address = self.address();
        let own_port = if self.is_https { ":443" } else { ":80" };
        if let Some(host) = address.strip_suffix(own_port) {
            address.truncate(host.len());
        }
        address
    }
}

impl fmt::Display for Target {
    /// The whole URL.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.is_https { "https" } else { "http" };
        write!(f, "{scheme}://{}{}", self.authority(), self.path)
    }
}

impl FromStr for Target {
    type Err = TargetError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

/// The host without a trailing dot; `localhost` for the addresses that it stands for.
fn known_host(host: &str) -> &str {
    match host.trim_end_matches('.') {
        "127.0.0.1" | "::1" => DEFAULT_HOST,
        host => host,
    }
}

/// The text of a target or a route, with `***` in place of what may be a user name and a password. They may contain any
/// character, so everything up to the last `@` is replaced.
pub(crate) fn without_user_info(text: &str) -> Cow<'_, str> {
    let Some((before, rest)) = text.rsplit_once('@') else { return Cow::Borrowed(text) };
    let scheme = before.split_once("://").map(|(scheme, _)| scheme).filter(|scheme| !scheme.contains([':', '/', '?']));
    let scheme = scheme.map(|scheme| format!("{scheme}://")).unwrap_or_default();
    Cow::Owned(format!("{scheme}***@{rest}"))
}

/// A `:` or `/` that is missing after `http` or `https`. Without it, the scheme would be taken for a host.
fn slip_after_scheme(text: &str) -> Option<TargetError> {
    let begins = |start: &str| text.get(..start.len()).is_some_and(|text| text.eq_ignore_ascii_case(start));
    [("http//", ":", "http"), ("https//", ":", "https"), ("http:/", "/", "http:/"), ("https:/", "/", "https:/")]
        .into_iter()
        .find(|(start, missing, _)| begins(start) && (*missing == ":" || !begins(&format!("{start}/"))))
        .map(|(_, missing, after)| TargetError::Separator { missing, after })
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'))
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn split_authority(authority: &str) -> Result<(String, Option<&str>), TargetError> {
    if let Some(rest) = authority.strip_prefix('[') {
        let (host, rest) = rest.split_once(']').ok_or(TargetError::Host)?;
        let host: Ipv6Addr = host.parse().map_err(|_| TargetError::Host)?;
        return match rest.strip_prefix(':') {
            Some(port) => Ok((host.to_string(), Some(port))),
            None if rest.is_empty() => Ok((host.to_string(), None)),
            None => Err(TargetError::Port),
        };
    }
    let (host, port) = match authority.split_once(':') {
        Some((_, port)) if port.contains(':') => return Err(TargetError::Host),
        Some((host, port)) => (host, Some(port)),
        None => (authority, None),
    };
    match (host.is_empty(), port) {
        (true, None) => Err(TargetError::NoHost),
        (true, Some(_)) => Ok((DEFAULT_HOST.to_owned(), port)),
        (false, _) if is_host(host) => Ok((host.to_ascii_lowercase(), port)),
        (false, _) => Err(TargetError::Host),
    }
}

/// Resolvers read a name whose last label is a number as an address, even in obscure forms. Only `a.b.c.d` is accepted.
fn is_host(host: &str) -> bool {
    let last_label = host.trim_end_matches('.').rsplit('.').next().unwrap_or_default();
    let is_numeric = last_label.starts_with(|first: char| first.is_ascii_digit())
        && (is_digits(last_label) || last_label.starts_with("0x") || last_label.starts_with("0X"));
    if is_numeric {
        return host.parse::<Ipv4Addr>().is_ok();
    }
    host.len() <= MAX_HOST
        && host.starts_with(|first: char| first.is_ascii_alphanumeric() || first == '_')
        && !host.contains("..")
        && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_'))
}

fn parse_port(text: &str) -> Result<u16, TargetError> {
    let port = if is_digits(text) { text.parse().ok() } else { None };
    port.filter(|port| *port != 0).ok_or(TargetError::Port)
}

fn parse_path(path: &str) -> Result<String, TargetError> {
    let is_sendable = |byte: u8| byte.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&byte);
    if !path.bytes().all(is_sendable) {
        return Err(TargetError::Path);
    }
    Ok(if path.starts_with('/') { path.to_owned() } else { format!("/{path}") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_short_form_becomes_a_url() {
        for (text, url) in [
            ("http://localhost:4000/webhooks", "http://localhost:4000/webhooks"),
            ("HTTPS://Example.com/a?b=c:d@e", "https://example.com/a?b=c:d@e"),
            ("localhost:4000", "http://localhost:4000/"),
            (" :4000 ", "http://localhost:4000/"),
            ("4000", "http://localhost:4000/"),
            ("4000/webhooks?x=http://y", "http://localhost:4000/webhooks?x=http://y"),
            ("app", "http://app/"),
            ("http://app:80", "http://app/"),
            ("https://app:443/", "https://app/"),
            ("https://app:80", "https://app:80/"),
            ("http://app?x", "http://app/?x"),
            ("[::1]:4000/a/../b//c", "http://[::1]:4000/a/../b//c"),
            ("[0:0::1]", "http://[::1]/"),
            ("127.0.0.1:8080", "http://127.0.0.1:8080/"),
            ("host.docker.internal:9/%C3%A9", "http://host.docker.internal:9/%C3%A9"),
        ] {
            let target = Target::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!(target.to_string(), url, "{text}");
            assert_eq!(Target::parse(url), Ok(target), "{url}");
        }
    }

    #[test]
    fn an_invalid_target_says_what_is_expected() {
        for (text, error) in [
            ("", TargetError::NoHost),
            ("http://", TargetError::NoHost),
            ("http//localhost:4000", TargetError::Separator { missing: ":", after: "http" }),
            ("HTTPS//app", TargetError::Separator { missing: ":", after: "https" }),
            ("http:/localhost:4000", TargetError::Separator { missing: "/", after: "http:/" }),
            ("/webhooks", TargetError::NoHost),
            ("ftp://localhost", TargetError::Scheme("ftp".into())),
            ("file:///etc/passwd", TargetError::Scheme("file".into())),
            ("http://user:word@localhost", TargetError::UserInfo),
            ("http://localhost:4000#a", TargetError::Fragment),
            ("http://localhost\\@example.com", TargetError::UserInfo),
            ("localhost:0", TargetError::Port),
            ("localhost:65536", TargetError::Port),
            ("localhost:+80", TargetError::Port),
            ("localhost:", TargetError::Port),
            ("70000", TargetError::Port),
            ("mailto:someone", TargetError::Port),
            ("::1", TargetError::Host),
            ("[::1", TargetError::Host),
            ("[localhost]:1", TargetError::Host),
            ("[::1]4000", TargetError::Port),
            ("http://4000", TargetError::Host),
            ("0x7f.0x1", TargetError::Host),
            ("127.1", TargetError::Host),
            ("a b", TargetError::Host),
            ("-x", TargetError::Host),
            ("b\u{fc}cher.example", TargetError::Host),
            ("http://localhost:4000/ahttp://localhost:4001/b", TargetError::Two),
            ("4000http://localhost:4001", TargetError::Two),
            ("localhost:1/a b", TargetError::Path),
            ("localhost:1/a\r\nX: y", TargetError::Path),
            ("localhost:1/\u{e9}", TargetError::Path),
        ] {
            assert_eq!(Target::parse(text), Err(error), "{text:?}");
        }
    }

    #[test]
    fn a_user_name_and_password_are_never_shown() {
        for (text, shown) in [
            ("http://user:word@localhost:1/a", "http://***@localhost:1/a"),
            (" user:word@localhost", "***@localhost"),
            ("user.*=ftp://user:word@localhost", "user.*=ftp://***@localhost"),
            ("http://user:wo/rd?#@x@localhost", "http://***@localhost"),
            ("user:word://word@localhost", "***@localhost"),
            ("http://localhost:0/a", "http://localhost:0/a"),
        ] {
            assert_eq!(without_user_info(text), shown, "{text}");
        }
    }

    #[test]
    fn a_received_path_changes_only_the_path() {
        let target = Target::parse("https://app:4000/own?x").unwrap();
        for (received, url) in [
            (&b"/hooks/../a//b?c=d&e"[..], "https://app:4000/hooks/../a//b?c=d&e"),
            (b"/", "https://app:4000/"),
            (b"//evil/x", "https://app:4000//evil/x"),
            (b"http://evil/x?y", "https://app:4000/x?y"),
            (b"http://user@evil:1?y", "https://app:4000/?y"),
            (b"http://evil", "https://app:4000/"),
            (b"/a#b?c", "https://app:4000/a"),
            (b"/a?u=http://evil/x", "https://app:4000/a?u=http://evil/x"),
            (b"@evil/x", "https://app:4000/@evil/x"),
            (b"*", "https://app:4000/"),
            (b"", "https://app:4000/"),
            (b"/\"{}|^`\\\xc3\xa9", "https://app:4000/\"{}|^`\\\u{e9}"),
        ] {
            let changed = target.with_path(received).unwrap();
            assert_eq!(changed.to_string(), url, "{}", received.escape_ascii());
            assert_eq!((changed.is_https(), changed.address()), (true, target.address()));
        }
        for received in [&b"/a b"[..], b"/a\r\nX: y", b"/\xff", b"/\x7f"] {
            assert_eq!(target.with_path(received), Err(TargetError::Path), "{}", received.escape_ascii());
        }
    }

    #[test]
    fn parts_of_an_ipv6_target_come_without_brackets_and_addresses_with_them() {
        let target = Target::parse("https://[::1]:4000/a?b").unwrap();
        assert!(target.is_https());
        assert_eq!((target.host(), target.port(), target.path()), ("::1", 4000, "/a?b"));
        assert_eq!((target.address(), target.authority()), ("[::1]:4000".to_owned(), "[::1]:4000".to_owned()));
        assert_eq!(Target::parse("http://[::1]:80").unwrap().authority(), "[::1]");
        assert_eq!(Target::parse("app").unwrap().address(), "app:80");
    }
}
