//! How a run's bytes become a request: parts separated by a byte that is in no header.

use hookglass::core::request::Header;
use hookglass::core::signature::{Keyring, SIGNATURE_HEADERS, Secret};

/// Separates the parts.
const MARK: u8 = 0;

/// The clock of every run, Unix milliseconds.
pub const NOW_MS: i64 = 1_700_000_000_500;

/// Secrets, headers and a body.
pub struct Input<'a> {
    pub keyring: Keyring,
    pub headers: Vec<Header<'a>>,
    pub body: &'a [u8],
}

impl<'a> Input<'a> {
    /// The verifying secret, another known one, up to 16 values, each with the number of its name before it, and the body.
    pub fn read(bytes: &'a [u8]) -> Self {
        let mut parts = bytes.splitn(19, |byte| *byte == MARK);
        let mut secret = |label: &str| {
            parts.next().map(|part| Secret::new(label, String::from_utf8_lossy(part))).into_iter().collect::<Vec<_>>()
        };
        let keyring = Keyring { verifying: secret("main"), known_only: secret("other") };
        let mut rest: Vec<&[u8]> = parts.collect();
        let body = rest.pop().unwrap_or_default();
        let header = |part: &'a [u8]| {
            let (number, value) = part.split_first()?;
            // One more than there are: a name in other letters is the same header.
            let name =
                SIGNATURE_HEADERS.get(usize::from(*number) % (SIGNATURE_HEADERS.len() + 1)).unwrap_or(&"Webhook-Id");
            Some(Header::new(name, value))
        };
        Self { keyring, headers: rest.into_iter().filter_map(header).collect(), body }
    }
}
