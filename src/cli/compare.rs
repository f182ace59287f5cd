//! The arguments of `events compare`.

use super::StoreArgs;
use clap::Args;
use std::path::PathBuf;

/// What the files are, and what the exit codes mean.
pub(super) const COMPARE: &str = "A file has pages of the provider's Events API as JSON, or one page or event a line.
Late: it reached your app over 5 min after it happened, or your app took over the
provider's time limit (10 s) to respond.

Exit codes: 0 all arrived and none was refused, 1 some did not or were, 2 could not run or could
not read all of the files";

#[derive(Args)]
pub struct CompareArgs {
    /// Pages of the Events API; `-` reads stdin
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,
    /// Only events of these types, e.g. 'user.*' (repeatable)
    #[arg(long = "type", value_name = "TYPE")]
    pub types: Vec<String>,
    /// Write the missing events as fixtures to this folder
    ///
    /// They have no signature: `hookglass send --sign` adds one.
    #[arg(long, value_name = "FOLDER", help_heading = "Output")]
    pub save_dir: Option<PathBuf>,
    /// Print one JSON object per event and one for the total
    #[arg(long, help_heading = "Output")]
    pub json: bool,
    #[command(flatten)]
    pub store: StoreArgs,
}
