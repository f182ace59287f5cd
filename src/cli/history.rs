//! The command line of `hookglass history`: types only.

use super::StoreArgs;
use clap::{Args, Subcommand};
use std::path::PathBuf;

#[derive(Args)]
pub struct HistoryArgs {
    #[command(subcommand)]
    pub command: HistoryCommand,
}

#[derive(Subcommand)]
pub enum HistoryCommand {
    /// Copy the history to a new file, even while hookglass runs
    ///
    /// Only you can read the copy. `hookglass events --db FILE` lists its events, and
    /// `hookglass --db FILE` continues with it.
    #[command(verbatim_doc_comment, after_help = "Exit codes: 0 backed up, 2 could not run")]
    Backup(BackupArgs),
}

#[derive(Args)]
pub struct BackupArgs {
    /// New file for the copy; hookglass never overwrites a file
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    #[command(flatten)]
    pub store: StoreArgs,
}
