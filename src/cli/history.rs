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
    /// Copy the history into one new file, also while hookglass runs
    ///
    /// Only you can read the copy. `hookglass events --db FILE` lists what it holds, and `hookglass --db FILE` goes on with it.
    Backup(BackupArgs),
}

#[derive(Args)]
pub struct BackupArgs {
    /// New file for the copy; an existing file is never overwritten
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    #[command(flatten)]
    pub store: StoreArgs,
}
