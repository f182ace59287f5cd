//! Bytes in JSON: a string if they are UTF-8, else an object with the bytes in `base64`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

#[derive(Deserialize, Serialize)]
#[serde(untagged)]
pub(super) enum Spelling<T> {
    Text(T),
    Bytes { base64: T },
}

impl<'b> Spelling<Cow<'b, str>> {
    pub(super) fn of(bytes: &'b [u8]) -> Self {
        match std::str::from_utf8(bytes) {
            Ok(text) => Self::Text(text.into()),
            Err(_) => Self::Bytes { base64: STANDARD.encode(bytes).into() },
        }
    }
}
