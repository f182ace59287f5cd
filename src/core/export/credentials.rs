//! Masks the headers that grant access. Signatures stay: without them, an exported event could not be verified.

use crate::core::delivery::{Delivery, Response};
use crate::core::event::Event;
use crate::core::redact::{is_credential, shown_value};
use crate::core::request::{Head, Header};
use std::borrow::Cow;

/// The event with its credentials masked.
pub(crate) fn mask_credentials(event: &Event) -> Event {
    let headers = event.head.headers();
    if !headers.iter().any(is_credential) {
        return event.clone();
    }
    let shown: Vec<_> = headers.iter().map(shown_value).collect();
    let masked: Vec<_> = headers.iter().zip(&shown).map(|(header, value)| Header { value, ..*header }).collect();
    let head = Head::of(event.head.method(), event.head.target(), &masked).expect("the mask can be in a header");
    Event { head, ..event.clone() }
}

/// Masks the credentials in the response of an app.
pub(crate) fn mask_credentials_of_response(delivery: &mut Delivery) {
    if let Ok(Response { headers, .. }) = &mut delivery.outcome {
        for (name, value) in headers {
            let masked = match shown_value(&Header::new(name, value)) {
                Cow::Owned(masked) => masked,
                Cow::Borrowed(_) => continue,
            };
            *value = masked;
        }
    }
}
