//! What hookglass makes of random bytes: numbers, event ids and throwaway secrets. The bytes come from the caller.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

const ALPHANUMERIC: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// Characters of an event id after its prefix `msg_`, as in the provider's.
const ID_LENGTH: usize = 27;
/// Bytes of a signing key, as in the provider's.
const KEY_LENGTH: usize = 24;

/// A source of random bytes.
pub trait Random {
    fn fill(&mut self, bytes: &mut [u8]);

    fn number(&mut self) -> u64 {
        let mut bytes = [0; 8];
        self.fill(&mut bytes);
        u64::from_le_bytes(bytes)
    }

    /// An event id that looks like one of the provider's.
    fn event_id(&mut self) -> String {
        let mut id = String::from("msg_");
        let length = id.len() + ID_LENGTH;
        while id.len() < length {
            let mut bytes = [0; 32];
            self.fill(&mut bytes);
            // 248 is the largest multiple of 62 in a byte: the rest would make some characters likelier than others.
            let usable = bytes.into_iter().filter(|byte| *byte < 248);
            id.extend(usable.map(|byte| char::from(ALPHANUMERIC[usize::from(byte % 62)])));
        }
        id.truncate(length);
        id
    }

    /// A signing secret that looks like one of the provider's.
    fn signing_secret(&mut self) -> String {
        let mut key = [0; KEY_LENGTH];
        self.fill(&mut key);
        format!("whsec_{}", STANDARD.encode(key))
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;

    /// The same bytes for the same seed.
    pub struct Seeded(fastrand::Rng);

    impl Seeded {
        pub fn new(seed: u64) -> Self {
            Self(fastrand::Rng::with_seed(seed))
        }
    }

    impl Random for Seeded {
        fn fill(&mut self, bytes: &mut [u8]) {
            self.0.fill(bytes);
        }
    }

    /// Counts up.
    struct Counter(u8);

    impl Random for Counter {
        fn fill(&mut self, bytes: &mut [u8]) {
            for byte in bytes {
                *byte = self.0;
                self.0 = self.0.wrapping_add(1);
            }
        }
    }

    #[test]
    fn an_id_has_the_providers_form_and_skips_bytes_that_favour_a_character() {
        assert_eq!(Counter(0).event_id(), "msg_0123456789ABCDEFGHIJKLMNOPQ");
        assert_eq!(Counter(247).event_id(), "msg_z0123456789ABCDEFGHIJKLMNOP");
        assert_eq!(Counter(248).event_id(), "msg_0123456789ABCDEFGHIJKLMNOPQ");
    }

    #[test]
    fn a_secret_has_the_providers_form() {
        let secret = Counter(0).signing_secret();
        assert_eq!(secret, "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX");
    }
}
