//! Masks the headers that grant access. Signatures stay: without them, an exported event could not be verified.

use crate::core::delivery::{Delivery, Response};
use crate::core::event::Event;
use crate::core::redact::begins_with_credential;
use crate::core::request::{Head, Header};

/// What stands in the place of a credential.
pub(crate) const CREDENTIAL_MASK: &[u8] = b"***";

/// Headers that always grant access.
const NAMES: [&str; 5] = ["authorization", "proxy-authorization", "cookie", "set-cookie", "x-goog-iap-jwt-assertion"];
/// Parts of the names of others.
const PARTS: [&[u8]; 8] =
    [b"token", b"secret", b"password", b"passwd", b"api-key", b"apikey", b"api_key", b"credential"];
/// How an authorization begins, whatever the name of its header.
const STARTS: [&[u8]; 2] = [b"bearer ", b"basic "];

/// Whether the header grants access.
pub(crate) fn is_credential(header: &Header<'_>) -> bool {
    let has = |part: &&[u8]| header.name.windows(part.len()).any(|found| found.eq_ignore_ascii_case(part));
    let starts = |start: &&[u8]| header.value.get(..start.len()).is_some_and(|found| found.eq_ignore_ascii_case(start));
    NAMES.iter().any(|name| header.is(name))
        || PARTS.iter().any(has)
        || STARTS.iter().any(starts)
        || str::from_utf8(header.value).is_ok_and(begins_with_credential)
}

/// The event with its credentials masked.
pub(crate) fn mask_credentials(event: &Event) -> Event {
    let mut headers = event.head.headers();
    if !headers.iter().any(is_credential) {
        return event.clone();
    }
    for header in &mut headers {
        if is_credential(header) {
            header.value = CREDENTIAL_MASK;
        }
    }
    let head = Head::of(event.head.method(), event.head.target(), &headers).expect("the mask can be in a header");
    Event { head, ..event.clone() }
}

/// Masks the credentials in the response of an app.
pub(crate) fn mask_credentials_of_response(delivery: &mut Delivery) {
    if let Ok(Response { headers, .. }) = &mut delivery.outcome {
        for (name, value) in headers {
            if is_credential(&Header::new(name, value)) {
                *value = CREDENTIAL_MASK.to_vec();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_that_grant_access_are_told_from_others() {
        for (name, value, expected) in [
            ("Authorization", "Bearer abc", true),
            ("COOKIE", "a=b", true),
            ("X-Api-Key", "1", true),
            ("X-Auth-Token", "1", true),
            ("X-Odd", "Basic dXNlcjpwYXNz", true),
            ("X-Odd", "sk_live_51HxYz12", true),
            ("X-Odd", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.dBjftJeZ4CVP", true),
            ("webhook-signature", "v1,C5HTKtiWE0r5SMVEBvi/Gl0Y+O4rJcZTlFEnvbqaQ5M=", false),
            ("webhook-id", "msg_1", false),
            ("Content-Type", "application/json", false),
        ] {
            assert_eq!(is_credential(&Header::new(name, value)), expected, "{name}: {value}");
        }
    }
}
