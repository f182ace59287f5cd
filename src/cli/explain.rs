//! The arguments of `explain`.

use clap::Args;

#[derive(Args)]
pub struct ExplainArgs {
    /// Reason, e.g. `body-altered:base64` [default: lists all reasons]
    #[arg(value_name = "REASON")]
    pub reason: Option<String>,
}
