//! The arguments of `types`, `completions`, `man`, `config` and `report`.

use super::values::number_from_1;
use super::{SecretArgs, StoreArgs};
use clap::{Args, ValueEnum};
use clap_complete::Shell;
use std::path::PathBuf;

/// How to install the completions.
pub(super) const COMPLETIONS: &str = "Install:
  bash         hookglass completions bash > ~/.local/share/bash-completion/completions/hookglass
  zsh          hookglass completions zsh > FOLDER/_hookglass    (a folder of your $fpath)
  fish         hookglass completions fish > ~/.config/fish/completions/hookglass.fish
  powershell   hookglass completions powershell >> $PROFILE
  elvish       hookglass completions elvish >> ~/.config/elvish/rc.elv

Exit codes: 0 printed, 2 could not run";

/// How to read and install the pages.
pub(super) const MAN: &str = "Read one with `hookglass man | man -l -`. Install all with
`hookglass man --dir ~/.local/share/man/man1`.

Exit codes: 0 done, 2 could not run";

/// The file of requirements.
pub(super) const COVERAGE: &str = "The file for --require has one type or pattern a line, and how far it must get:
  user.signup accepted
  organization.*           verified, which is the default
  user.logout seen         # a comment

Exit codes: 0 printed, 1 a required type is missing, 2 could not run";

#[derive(Args)]
pub struct CoverageArgs {
    /// File with the types that are required; `-` reads stdin
    #[arg(long, value_name = "FILE")]
    pub require: Option<PathBuf>,
    /// Print one JSON object per type and one for the total
    #[arg(long, help_heading = "Output")]
    pub json: bool,
    #[command(flatten)]
    pub store: StoreArgs,
}

#[derive(Args)]
pub struct TypesArgs {
    /// Event type or trigger point, e.g. `user.signup` [default: all]
    #[arg(value_name = "TYPE")]
    pub event_type: Option<String>,
    /// Show the fields that arrived, with counts, compared with the documentation
    #[arg(long, help_heading = "Seen")]
    pub seen: bool,
    /// Write types of verified events: `json-schema`, `typescript` or `pydantic`
    #[arg(long, value_name = "FORMAT", requires = "seen", conflicts_with = "json", help_heading = "Seen")]
    #[arg(hide_possible_values = true)]
    pub export: Option<Export>,
    /// Read at most the newest N events
    #[arg(long, value_name = "N", requires = "seen", default_value_t = 10_000, help_heading = "Seen")]
    #[arg(value_parser = number_from_1::<u64>)]
    pub limit: u64,
    /// Print one JSON object per type
    #[arg(long, help_heading = "Output")]
    pub json: bool,
    #[command(flatten)]
    pub store: StoreArgs,
}

/// The forms of types that are made of events.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Export {
    JsonSchema,
    Typescript,
    Pydantic,
}

#[derive(Args)]
pub struct CompletionsArgs {
    /// `bash`, `zsh`, `fish`, `powershell` or `elvish`
    #[arg(value_name = "SHELL", hide_possible_values = true)]
    pub shell: Shell,
}

#[derive(Args)]
pub struct ConfigArgs {
    /// Print a JSON schema of the file, for editors
    #[arg(long, conflicts_with = "path")]
    pub schema: bool,
    /// Print the path of the file that hookglass reads
    #[arg(long)]
    pub path: bool,
}

#[derive(Args)]
pub struct ReportArgs {
    #[command(flatten)]
    pub secrets: SecretArgs,
    #[command(flatten)]
    pub store: StoreArgs,
}

#[derive(Args)]
pub struct ManArgs {
    /// Command, e.g. `send` or `events show` [default: hookglass itself]
    pub command: Vec<String>,
    /// Write the pages of all commands to this folder
    #[arg(long, value_name = "FOLDER", conflicts_with = "command")]
    pub dir: Option<PathBuf>,
}
