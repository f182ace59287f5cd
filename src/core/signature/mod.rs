//! Verifies the signature of a request by the rules of the real SDKs, and signs requests.
//!
//! ```text
//! headers ── Views ── Scheme
//!               └── Claim ─┐
//! secret ── Keyed ─────────┼─ verify (one routine, a Dialect per SDK) ── verify_request ── Verification
//! body, now ───────────────┘
//! ```

mod alteration;
pub(crate) mod base64_reading;
pub(crate) mod content;
pub(crate) mod dialect;
pub(crate) mod documented;
pub(crate) mod headers;
mod no_secret;
mod reason;
mod scheme;
pub(crate) mod secret;
mod secret_check;
mod secret_form;
mod sender;
mod sign;
pub(crate) mod timestamp;
mod trigger;
mod verdict;
pub(crate) mod verify;
pub(crate) mod verify_request;

pub use alteration::Alteration;
pub use dialect::Sdk;
pub use headers::SIGNATURE_HEADERS;
pub(crate) use headers::{Part, message_id};
pub(crate) use no_secret::{COPY_SECRET, GIVE_SECRET, give_secret, no_secret, no_secret_in, no_usable_secret};
pub use no_secret::{HIDDEN_SECRET, LOCAL_SECRET, SECRET_VARIABLE, TRIGGER_SECRET_VARIABLE};
pub use reason::Reason;
pub use scheme::Scheme;
pub(crate) use scheme::family_of;
pub use secret::{Keyring, Secret};
pub(crate) use secret_check::odd_secrets;
pub use secret_check::{KeyReading, Oddity, SecretCheck};
pub use secret_form::SecretForm;
pub use sender::Sender;
pub use sign::sign;
pub(crate) use sign::sign_stamped;
pub use trigger::verifies_as_trigger;
pub use verdict::{Verdict, Verification};
pub use verify_request::verify_request;

use crate::core::request::Header;
use headers::{Family, Views};

/// Whether each of the four SDKs accepts the request with this secret: by its interceptor method if the request is an
/// interceptor's, by its webhook method otherwise.
pub fn sdk_verdicts(headers: &[Header<'_>], body: &[u8], now_ms: i64, secret: &Secret) -> [(Sdk, bool); 4] {
    let views = Views::gather(headers);
    let family = if views.scheme() == Scheme::Interceptor { Family::Interceptor } else { Family::Webhook };
    Sdk::ALL.map(|sdk| {
        let claim = sdk.dialect().claim(&views, family);
        let result = verify::verify(sdk.dialect(), &claim, body, now_ms, verify::Window::Checked, secret);
        (sdk, result.is_ok())
    })
}
