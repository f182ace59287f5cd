//! Signs requests so that the Node SDK verifies them.

use super::dialect::Sdk;
use super::secret::Secret;
use super::timestamp::Stamp;
use super::verify;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// The value of `webhook-signature`, `v1,<base64>`, for this id, this timestamp in Unix seconds and this body. `None`
/// if the secret has no underscore and therefore no key.
///
/// `id` is the header's bytes as sent. Non-ASCII bytes are signed as Latin-1 characters, as the SDKs read them.
pub fn sign(secret: &Secret, id: &[u8], timestamp_s: i64, body: &[u8]) -> Option<String> {
    sign_stamped(secret, id, &Stamp::of_seconds(timestamp_s), body)
}

pub(crate) fn sign_stamped(secret: &Secret, id: &[u8], stamp: &Stamp<'_>, body: &[u8]) -> Option<String> {
    let dialect = Sdk::Node.dialect();
    let digest = verify::sign(dialect, &*dialect.keyed(secret)?, id, stamp, body)?;
    Some(format!("v1,{}", STANDARD.encode(digest.as_bytes())))
}
