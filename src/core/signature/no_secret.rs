//! What hookglass says when it has no signing secret: what follows from that, and what to do about it.

use super::Keyring;

/// The variable that Scalekit's documentation and samples use.
pub const SECRET_VARIABLE: &str = "SCALEKIT_WEBHOOK_SECRET";

/// The variable with the secret of the endpoint for AgentKit's trigger events.
pub const TRIGGER_SECRET_VARIABLE: &str = "SCALEKIT_TRIGGER_SECRET";

/// How the label of a secret in `.env` begins that an exported variable hides.
pub const HIDDEN_SECRET: &str = "SCALEKIT_WEBHOOK_SECRET in .env";

/// The label of the secret in `.env.local`.
pub const LOCAL_SECRET: &str = "SCALEKIT_WEBHOOK_SECRET in .env.local";

/// What to do about it on the command line.
pub(crate) const GIVE_SECRET: &str = "set `SCALEKIT_WEBHOOK_SECRET` or pass `--secret-file FILE`";

/// What to do on the command line when none of the secrets can sign.
pub(crate) const COPY_SECRET: &str = "copy the signing secret from the Scalekit dashboard, `whsec_` included";

/// Says that there is no signing secret, and what follows from that.
pub(crate) fn no_secret(consequence: &str) -> String {
    format!("no signing secret, so {consequence}")
}

/// As [`no_secret`], or that none of the secrets in `keyring` can sign.
pub(crate) fn no_secret_in(keyring: &Keyring, consequence: &str) -> String {
    if keyring.is_empty() { no_secret(consequence) } else { no_usable_secret(consequence) }
}

/// Says that none of the secrets can sign, and what follows from that.
pub(crate) fn no_usable_secret(consequence: &str) -> String {
    format!("no usable signing secret, so {consequence}")
}

/// What to do when no secret in `keyring` can sign.
pub(crate) fn give_secret(keyring: &Keyring) -> &'static str {
    if keyring.is_empty() { GIVE_SECRET } else { COPY_SECRET }
}
