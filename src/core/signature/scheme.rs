//! The ways in which a request can carry a signature.

use crate::core::envelope;
use std::fmt;

/// How a request claims to be signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Scheme {
    /// `webhook-id`, `webhook-timestamp`, `webhook-signature`.
    Webhook,
    /// The same three with `interceptor-`.
    Interceptor,
    /// The same three with `svix-`. No Scalekit SDK reads them.
    Svix,
    /// `scalekit-signature: t=…,v1=…` from Scalekit's documentation. No SDK reads it.
    ScalekitSignature,
    /// `x-scalekit-signature: <hex>` from Scalekit's documentation. No SDK reads it.
    XScalekitSignature,
    /// No signature header at all.
    None,
}

impl Scheme {
    pub const ALL: [Self; 6] =
        [Self::Webhook, Self::Interceptor, Self::Svix, Self::ScalekitSignature, Self::XScalekitSignature, Self::None];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Webhook => "webhook",
            Self::Interceptor => "interceptor",
            Self::Svix => "svix",
            Self::ScalekitSignature => "scalekit-signature",
            Self::XScalekitSignature => "x-scalekit-signature",
            Self::None => "none",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scheme| scheme.as_str() == text)
    }
}

impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The headers to sign a request like this one with: [`Scheme::Webhook`] or [`Scheme::Interceptor`]. `scheme` is that
/// of the received request; if no SDK reads it, the body decides.
pub(crate) fn family_of(scheme: Scheme, body: &[u8]) -> Scheme {
    match scheme {
        Scheme::Webhook | Scheme::Interceptor => scheme,
        _ if envelope::read(body).is_some_and(|envelope| envelope.is_interceptor) => Scheme::Interceptor,
        _ => Scheme::Webhook,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_body_decides_on_the_headers_if_no_sdk_reads_the_received_ones() {
        for (scheme, body, family) in [
            (Scheme::Interceptor, "{}", Scheme::Interceptor),
            (Scheme::Webhook, r#"{"trigger_point":"PRE_SIGNUP"}"#, Scheme::Webhook),
            (Scheme::None, r#"{"trigger_point":"PRE_SIGNUP"}"#, Scheme::Interceptor),
            (Scheme::Svix, r#"{"type":"user.login"}"#, Scheme::Webhook),
            (Scheme::None, "no JSON", Scheme::Webhook),
        ] {
            assert_eq!(family_of(scheme, body.as_bytes()), family, "{scheme} {body}");
        }
    }
}
