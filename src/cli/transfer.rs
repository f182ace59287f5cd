//! The arguments of `export` and `import`.

use super::values::{number, words};
use super::{SecretArgs, StoreArgs};
use crate::core::export::ExportFormat;
use clap::{Args, Subcommand};
use std::path::PathBuf;

#[derive(Args)]
pub struct ExportArgs {
    /// New file, or the folder of the fixtures [default: stdout]
    #[arg(value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// `har`, `ndjson` or `fixtures` [default: by the name of FILE, else ndjson]
    #[arg(long, value_name = "FORMAT", value_parser = words(&ExportFormat::ALL, ExportFormat::as_str))]
    #[arg(hide_possible_values = true)]
    pub format: Option<ExportFormat>,
    /// Only events that match, e.g. 'is:verified type:user.*'
    #[arg(long, allow_hyphen_values = true)]
    pub filter: Option<String>,
    /// Include the headers that grant access, such as `authorization`
    #[arg(long)]
    pub with_credentials: bool,
    #[command(flatten)]
    pub store: StoreArgs,
}

#[derive(Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct ImportArgs {
    #[command(subcommand)]
    pub source: Option<ImportSource>,
    /// Files, or folders of fixtures
    ///
    /// hookglass reads
    ///   exports      NDJSON, HAR and fixtures of `hookglass export`, and HAR of other programs
    ///   raw HTTP     one or more requests with their bodies
    ///   copies       what `hookglass verify --headers` reads, with the body
    #[arg(value_name = "FILE", required = true, verbatim_doc_comment)]
    pub files: Vec<PathBuf>,
    #[command(flatten)]
    pub secrets: SecretArgs,
    #[command(flatten)]
    pub store: StoreArgs,
}

#[derive(Subcommand)]
pub enum ImportSource {
    /// Add the POST requests that ngrok's agent captured for the listener
    ///
    /// The agent holds the last requests that came through its tunnels, also while nothing listened.
    /// Only those through the tunnel to the port of hookglass are added, and only if the agent has all
    /// of their bytes. NGROK_WEB_ADDR says where the agent listens [default: 127.0.0.1:4040].
    #[command(verbatim_doc_comment)]
    #[command(after_help = "Exit codes: 0 imported, 1 not all imported, 2 could not run")]
    Ngrok(NgrokArgs),
}

#[derive(Args)]
pub struct NgrokArgs {
    /// Port that the tunnel leads to [default: 3000]
    #[arg(long, value_parser = number(1, u16::MAX))]
    pub port: Option<u16>,
    /// Only say what would be imported
    #[arg(long)]
    pub dry_run: bool,
    #[command(flatten)]
    pub secrets: SecretArgs,
    #[command(flatten)]
    pub store: StoreArgs,
}
