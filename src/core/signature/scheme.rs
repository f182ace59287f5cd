//! The ways in which a request can carry a signature.

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
