//! Text for the log without what it may quote.

use crate::core::redact::masked;

/// `text` where everything in backticks, which may be a path, a URL or what was typed, is `…`, and so is every word that looks like an
/// address or a secret.
pub fn told(text: &str) -> String {
    let mut told = String::new();
    for (place, part) in text.split('`').enumerate() {
        let is_quoted = place % 2 == 1;
        told += if is_quoted { "`…`" } else { part };
    }
    let words = told.split(' ').map(|word| if word.contains(['@', '/', '\\']) { "…" } else { word });
    let told: Vec<_> = words.collect();
    masked(&told.join(" "), |_| false).text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_quoted_is_told() {
        for (text, expected) in [
            ("cannot listen on `127.0.0.1:3000`: address in use", "cannot listen on `…`: address in use"),
            ("cannot read `/home/jane/x`: no jane@example.com", "cannot read `…`: no …"),
            ("an open `quote whsec_c2VjcmV0LWtleS1mb3ItdGhlLXRlc3Rz", "an open `…`"),
            ("two\nlines", "two lines"),
        ] {
            assert_eq!(told(text), expected);
        }
    }
}
