//! What hookglass says when it has no signing secret: what follows from that, and what to do about it.

/// The variable that Scalekit's documents and samples use.
pub const SECRET_VARIABLE: &str = "SCALEKIT_WEBHOOK_SECRET";

/// What to do about it on the command line.
pub(crate) const GIVE_SECRET: &str = "set `SCALEKIT_WEBHOOK_SECRET` or pass `--secret-file FILE`";

/// Says that there is no signing secret, and what follows from that.
pub(crate) fn no_secret(consequence: &str) -> String {
    format!("no signing secret, so {consequence}")
}
