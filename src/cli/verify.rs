//! The arguments of `verify`.

use super::{SecretArgs, StoreArgs};
use crate::config::unix_milliseconds;
use clap::Args;
use std::ffi::OsString;
use std::path::PathBuf;

/// The two forms of `verify`.
pub(super) const USAGE: &str = "\
hookglass verify [OPTIONS] <NUMBER|FIXTURE>
       hookglass verify [OPTIONS] --headers <FILE> [--body <FILE>]";

#[derive(Args)]
pub struct VerifyArgs {
    /// Number of a stored event, or a fixture file
    #[arg(value_name = "NUMBER|FIXTURE", required_unless_present_any = ["headers", "body"])]
    #[arg(conflicts_with_all = ["headers", "body"])]
    pub source: Option<OsString>,
    /// File with the headers, or with the whole request, as copied; `-` reads stdin
    ///
    /// hookglass reads
    ///   lines          `name: value`, with or without a request line and the body
    ///   curl           the output of `curl -v`, a copied command, or its -H flags
    ///   objects        of JSON, Python or JavaScript, from names to values
    ///   exports        a HAR file, an event of AWS Lambda or API Gateway
    /// Where these have the body as it was sent, --body can be left out.
    #[arg(long, value_name = "FILE", verbatim_doc_comment)]
    pub headers: Option<PathBuf>,
    /// File with the exact body; `-` reads stdin [default: the one in --headers]
    #[arg(long, value_name = "FILE", requires = "headers")]
    pub body: Option<PathBuf>,
    /// Receiver's clock in Unix seconds [default: the arrival; for --headers, now]
    #[arg(long, value_name = "SECONDS", value_parser = unix_milliseconds, allow_negative_numbers = true)]
    pub at: Option<i64>,
    /// Print one JSON object
    #[arg(long, help_heading = "Output")]
    pub json: bool,
    /// Print handlers that pass the raw body to the SDK
    #[arg(long, conflicts_with = "json", help_heading = "Output")]
    pub code: bool,
    #[command(flatten)]
    pub secrets: SecretArgs,
    #[command(flatten)]
    pub store: StoreArgs,
}
