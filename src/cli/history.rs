//! The command line of `hookglass history`: types only.

use super::StoreArgs;
use crate::core::retention::{KEEP_FORM, Keep, SIZE_FORM, parse_size};
use clap::{ArgGroup, Args, Subcommand};
use std::path::PathBuf;

#[derive(Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct HistoryArgs {
    #[command(subcommand)]
    pub command: Option<HistoryCommand>,
    /// Print the result as one JSON object
    #[arg(long, help_heading = "Output")]
    pub json: bool,
    #[command(flatten)]
    pub store: StoreArgs,
}

#[derive(Subcommand)]
pub enum HistoryCommand {
    /// Copy the history to a new file, even while hookglass runs
    ///
    /// Only you can read the copy. `hookglass events --db FILE` lists its events, and
    /// `hookglass --db FILE` continues with it.
    #[command(verbatim_doc_comment, after_help = "Exit codes: 0 backed up, 2 could not run")]
    Backup(BackupArgs),
    /// Delete the oldest events for good, even while hookglass runs
    ///
    /// Pinned events stay, and those with a pending delivery or response.
    #[command(verbatim_doc_comment, after_help = "Exit codes: 0 done, 1 not confirmed or stopped, 2 could not run")]
    Prune(PruneArgs),
    /// Rewrite the file without unused space, while no hookglass listens
    ///
    /// Needs as much free space beside the file as the events take, and as much in the folder for
    /// temporary files. An interrupted run changes nothing.
    #[command(verbatim_doc_comment, after_help = "Exit codes: 0 done, 1 stopped, 2 could not run")]
    Vacuum(VacuumArgs),
}

#[derive(Args)]
#[command(group = ArgGroup::new("limits").args(["keep", "max_size"]).required(true).multiple(true))]
pub struct PruneArgs {
    /// Keep the events of so long, or so many: 30d, 12h, 100000
    #[arg(long, value_name = "TIME|NUMBER", value_parser = keep)]
    pub keep: Option<Keep>,
    /// Delete until the history takes at most about this: 500MB, 2GB
    #[arg(long, value_name = "SIZE", value_parser = size)]
    pub max_size: Option<u64>,
    /// Only say what would be deleted
    #[arg(long, conflicts_with = "yes")]
    pub dry_run: bool,
    /// Delete without asking; required without a terminal
    #[arg(long)]
    pub yes: bool,
    #[command(flatten)]
    pub store: StoreArgs,
}

#[derive(Args)]
pub struct VacuumArgs {
    /// Only say how much space it needs and gives back
    #[arg(long)]
    pub dry_run: bool,
    #[command(flatten)]
    pub store: StoreArgs,
}

/// Parses a limit such as `30d`.
pub(super) fn keep(text: &str) -> Result<Keep, String> {
    Keep::parse(text).ok_or_else(|| KEEP_FORM.to_owned())
}

/// Parses a size such as `2GB`.
pub(super) fn size(text: &str) -> Result<u64, String> {
    parse_size(text).ok_or_else(|| SIZE_FORM.to_owned())
}

#[derive(Args)]
pub struct BackupArgs {
    /// New file for the copy; hookglass never overwrites a file
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    #[command(flatten)]
    pub store: StoreArgs,
}
