//! Marks samples by their `webhook-id`, so that hookglass knows its own even when it cannot verify them. The id carries a proof: without the
//! key of the history nobody can make one.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// How the ids of samples begin.
pub const PREFIX: &str = "msg_sample_";
/// The hexadecimal digits of the random part, and of the proof after it.
const DIGITS: usize = 16;

/// The key of one history.
#[derive(Clone, PartialEq, Eq)]
pub struct SampleKey([u8; 32]);

impl SampleKey {
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Reads what [`SampleKey::to_hex`] wrote.
    pub fn from_hex(text: &str) -> Option<Self> {
        let digits = text.as_bytes();
        if digits.len() != 64 || !digits.iter().all(u8::is_ascii_hexdigit) {
            return None;
        }
        let mut bytes = [0; 32];
        for (place, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(text.get(2 * place..2 * place + 2)?, 16).ok()?;
        }
        Some(Self(bytes))
    }

    pub fn to_hex(&self) -> String {
        self.0.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The id of a sample. `random` makes it unique.
    pub fn id(&self, random: u64) -> String {
        let random = format!("{random:016x}");
        let proof = self.proof(&random);
        format!("{PREFIX}{random}{proof}")
    }

    /// Whether a holder of the key made `id`.
    pub fn has_made(&self, id: &[u8]) -> bool {
        let Some(rest) = id.strip_prefix(PREFIX.as_bytes()).and_then(|rest| std::str::from_utf8(rest).ok()) else {
            return false;
        };
        rest.len() == 2 * DIGITS && rest.is_char_boundary(DIGITS) && self.proof(&rest[..DIGITS]) == rest[DIGITS..]
    }

    /// It protects no secret, so comparing it needs no constant time.
    fn proof(&self, random: &str) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes keys of any length");
        mac.update(random.as_bytes());
        mac.finalize().into_bytes().iter().take(DIGITS / 2).map(|byte| format!("{byte:02x}")).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_key_makes_ids_that_it_knows() {
        let key = SampleKey::new([7; 32]);
        let id = key.id(42);
        assert!(id.starts_with("msg_sample_000000000000002a") && id.len() == PREFIX.len() + 32, "{id}");
        assert!(key.has_made(id.as_bytes()) && !SampleKey::new([8; 32]).has_made(id.as_bytes()));
        for forged in
            ["", "msg_sample_", "msg_1", &id[..id.len() - 1], &id.replace('a', "b"), "msg_sample_ééééééééßßßßßßßß"]
        {
            assert!(!key.has_made(forged.as_bytes()), "{forged}");
        }
        assert!(SampleKey::from_hex(&key.to_hex()) == Some(key) && SampleKey::from_hex("é").is_none());
    }
}
