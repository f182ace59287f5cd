//! Headers with credentials: an interceptor may send an API key or a token in one.

use super::{MASK, SECRET_NAMES, begins_with_credential};
use crate::core::request::Header;
use std::borrow::Cow;

/// Parts of the names of headers with credentials, besides [`SECRET_NAMES`].
const NAMES: [&str; 5] = ["authorization", "cookie", "access-key", "auth-key", "jwt-assertion"];

/// Whether the header has a credential: its name says so, or its value begins like one.
pub(crate) fn is_credential(header: &Header<'_>) -> bool {
    let name = String::from_utf8_lossy(header.name).to_ascii_lowercase();
    let value = String::from_utf8_lossy(header.value);
    let is_named = NAMES.iter().chain(&SECRET_NAMES).any(|part| name.contains(part));
    !header.value.is_empty() && (is_named || begins_with_credential(&value) || scheme(&value).is_some())
}

/// The value to show of a header: without its credential, if it has one.
pub(crate) fn shown_value<'h>(header: &Header<'h>) -> Cow<'h, [u8]> {
    if !is_credential(header) {
        return Cow::Borrowed(header.value);
    }
    let value = String::from_utf8_lossy(header.value);
    let scheme = scheme(&value).map_or_else(String::new, |scheme| format!("{scheme} "));
    Cow::Owned(format!("{scheme}{MASK}").into_bytes())
}

/// `Bearer` or `Basic`, if a word follows.
fn scheme(value: &str) -> Option<&str> {
    let (scheme, rest) = value.split_once(' ')?;
    let is_known = ["bearer", "basic"].iter().any(|known| scheme.eq_ignore_ascii_case(known));
    (is_known && !rest.trim().is_empty()).then_some(scheme)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_masked_and_other_headers_are_not() {
        for (name, value, shown) in [
            ("Authorization", "Bearer abc.def", "Bearer ***"),
            ("authorization", "abc", "***"),
            ("X-API-Key", "k", "***"),
            ("x-access-token", "t", "***"),
            ("Cookie", "a=b", "***"),
            ("x-goog-iap-jwt-assertion", "a.b", "***"),
            ("x-odd", "sk_live_51HxYz12", "***"),
            ("x-anything", "whsec_c2VjcmV0", "***"),
            ("x-anything", "basic dXNlcjpwYXNz", "basic ***"),
            ("authorization", "", ""),
            ("webhook-signature", "v1,abc", "v1,abc"),
            ("webhook-id", "msg_1", "msg_1"),
            ("content-type", "application/json", "application/json"),
        ] {
            let shown_now = shown_value(&Header::new(name, value));
            assert_eq!(String::from_utf8_lossy(&shown_now), shown, "{name}: {value}");
        }
    }
}
