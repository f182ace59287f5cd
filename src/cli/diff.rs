//! The arguments of `events diff`.

use super::StoreArgs;
use clap::Args;
use std::ffi::OsString;

#[derive(Args)]
pub struct DiffArgs {
    /// Number of an event, or a file: a fixture or a body
    #[arg(value_name = "A")]
    pub before: OsString,
    /// What to compare it with
    #[arg(value_name = "B")]
    pub after: OsString,
    /// Print the differences as one JSON object
    #[arg(long, help_heading = "Output")]
    pub json: bool,
    #[command(flatten)]
    pub store: StoreArgs,
}
