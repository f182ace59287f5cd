//! The arguments of `export` and `import`.

use super::values::words;
use super::{SecretArgs, StoreArgs};
use crate::core::export::ExportFormat;
use clap::Args;
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
pub struct ImportArgs {
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
