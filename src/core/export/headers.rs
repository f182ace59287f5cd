//! Headers as lines of text, without credentials.

use crate::core::redact::shown_value;
use crate::core::request::Header;

/// One line `name: value` per header, in order, with credentials masked. Bytes that are not UTF-8 become U+FFFD, so this text is for reading. To send the
/// headers again, use [`curl`](super::curl()).
pub(crate) fn headers_text(headers: &[Header<'_>]) -> String {
    let line = |header: &Header<'_>| {
        format!("{}: {}\n", String::from_utf8_lossy(header.name), String::from_utf8_lossy(&shown_value(header)))
    };
    headers.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_become_lines_in_order() {
        let headers = [Header::new("X-B", "1"), Header::new("x-a", ""), Header::new("X-b", &b"\xff\xc3\xa9"[..])];
        assert_eq!(headers_text(&headers), "X-B: 1\nx-a: \nX-b: \u{fffd}\u{e9}\n");
    }
}
