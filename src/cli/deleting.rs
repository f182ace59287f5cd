//! The arguments of `events delete`.

use super::StoreArgs;
use super::values::event_number;
use clap::Args;

#[derive(Args)]
pub struct DeleteArgs {
    /// Numbers of the events, the first column of the list
    #[arg(value_name = "NUMBER", required_unless_present = "filter", value_parser = event_number)]
    pub seqs: Vec<u64>,
    /// Every event that matches, e.g. 'is:invalid type:user.*'
    #[arg(long, allow_hyphen_values = true, conflicts_with = "seqs")]
    pub filter: Option<String>,
    /// Delete without asking; required without a terminal
    #[arg(long)]
    pub yes: bool,
    /// Print the result as one JSON object
    #[arg(long, help_heading = "Output")]
    pub json: bool,
    #[command(flatten)]
    pub store: StoreArgs,
}
