//! The fields of a form, `application/x-www-form-urlencoded`.

use percent_encoding::percent_decode;

/// The most bytes of a field that are decoded.
const MOST: usize = 64 * 1024;

/// The name of a field, and from its `=` on the rest, without the `&` that ends the field.
pub fn parts(field: &[u8]) -> (&[u8], &[u8]) {
    let field = field.strip_suffix(b"&").unwrap_or(field);
    field.split_at(memchr::memchr(b'=', field).unwrap_or(field.len()))
}

/// What the value of a field is decoded. `None` if it is spelled the same, or very long. The text is foreign: show it only through
/// [`printable`](super::printable).
pub fn decoded_value(field: &[u8]) -> Option<String> {
    let (_, value) = parts(field);
    let value = value.strip_prefix(b"=").filter(|value| value.len() <= MOST)?;
    let spaced: Vec<u8> = value.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
    let decoded: Vec<u8> = percent_decode(&spaced).collect();
    (decoded != value).then(|| String::from_utf8_lossy(&decoded).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_split_at_the_first_equals_sign_and_decoded() {
        for (field, expected, decoded) in [
            ("a=1&", ("a", "=1"), None),
            ("a=b=c", ("a", "=b=c"), None),
            ("mail=jane%40acme.com&", ("mail", "=jane%40acme.com"), Some("jane@acme.com")),
            ("q=a+b", ("q", "=a+b"), Some("a b")),
            ("q=%zz%", ("q", "=%zz%"), None),
            ("q=%1b%ff", ("q", "=%1b%ff"), Some("\u{1b}\u{fffd}")),
            ("flag&", ("flag", ""), None),
            ("", ("", ""), None),
        ] {
            let (name, value) = parts(field.as_bytes());
            assert_eq!((name, value), (expected.0.as_bytes(), expected.1.as_bytes()), "{field}");
            assert_eq!(decoded_value(field.as_bytes()).as_deref(), decoded, "{field}");
        }
    }
}
