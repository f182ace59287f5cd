//! Whether a request's signature is good, by the rules of the real SDKs, and its inverse: signing.
//!
//! ```text
//! headers ── Views ── Scheme
//!               └── Claim ─┐
//! secret ── Keyed ─────────┼─ verify (one routine, a Dialect for each SDK) ── judge ── Verification
//! body, now ───────────────┘
//! ```

pub(crate) mod base64_reading;
pub(crate) mod content;
pub(crate) mod dialect;
pub(crate) mod documented;
pub(crate) mod headers;
pub(crate) mod judge;
mod reason;
mod scheme;
pub(crate) mod secret;
mod secret_check;
mod sign;
pub(crate) mod timestamp;
mod verdict;
pub(crate) mod verify;

pub use dialect::Sdk;
pub use headers::SIGNATURE_HEADERS;
pub use judge::judge;
pub use reason::{Alteration, Reason};
pub use scheme::Scheme;
pub use secret::{Keyring, Secret};
pub use secret_check::{KeyReading, Oddity, SecretCheck, odd_secrets};
pub use sign::sign;
pub(crate) use sign::sign_stamped;
pub use verdict::{Verdict, Verification};

use crate::core::request::Header;
use headers::{Family, Views};

/// What each of the four SDKs would answer with this secret: its interceptor method for an interceptor request, its webhook
/// method for any other.
pub fn sdk_verdicts(headers: &[Header<'_>], body: &[u8], now_ms: i64, secret: &Secret) -> [(Sdk, bool); 4] {
    let views = Views::gather(headers);
    let family = if views.scheme() == Scheme::Interceptor { Family::Interceptor } else { Family::Webhook };
    Sdk::ALL.map(|sdk| {
        let claim = sdk.dialect().claim(&views, family);
        let answer = verify::verify(sdk.dialect(), &claim, body, now_ms, verify::Window::Checked, secret);
        (sdk, answer.is_ok())
    })
}
