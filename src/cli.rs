//! The command line: types only.

mod sending;

pub use sending::{ReplayArgs, SendArgs, SendingArgs};

use crate::config::{SecretFiles, unix_milliseconds};
use crate::core::rehearsal::Rehearsal;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand};
use std::ffi::OsString;
use std::net::IpAddr;
use std::path::PathBuf;

/// See each Scalekit webhook arrive, why it verifies or not, copy it, send it again.
///
/// The signing secret is read from SCALEKIT_WEBHOOK_SECRET (the environment, else `.env` in this folder), from `--secret-file`, or
/// typed into the screen; never from the command line, where other users of the machine could read it.
#[derive(Debug, Parser)]
#[command(version, args_conflicts_with_subcommands = true)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Option<Command>,
    #[command(flatten)]
    pub listen: ListenArgs,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Listen for webhooks and show them (what `hookglass` alone does)
    Listen(ListenArgs),
    /// Send samples, kept events or fixtures as new events: a new id, a fresh time, signed
    ///
    /// `hookglass replay` sends the same event once more instead: with its id. Deliveries of kept events are in the history, unless another hookglass has it open. Exit code 0 when all were answered with
    /// 2xx, 1 when some were not.
    Send(SendArgs),
    /// Send kept events or fixtures again as the provider's retry does: the same id, a fresh time, a new signature
    ///
    /// With `--as-received` byte for byte. `hookglass send` makes a new event of it instead: with a new id. Deliveries of kept events are in the history, unless another hookglass has it open. Exit code 0 when all were answered with
    /// 2xx, 1 when some were not.
    Replay(ReplayArgs),
    /// List the kept events, or show one; also while the screen runs
    Events(EventsArgs),
    /// Say whether a request verifies and, if not, why: a kept event, a saved fixture, or headers and body in files
    Verify(VerifyArgs),
    /// Send an app what it must accept and what it must refuse, and say whether it does
    Rehearse(RehearseArgs),
}

#[derive(Args, Debug)]
pub struct ListenArgs {
    /// Port to listen on; 0 takes a free one
    #[arg(long, default_value_t = 3000)]
    pub port: u16,
    /// Address to listen on
    #[arg(long, default_value = "127.0.0.1", value_name = "ADDRESS")]
    pub bind: IpAddr,
    #[command(flatten)]
    pub secrets: SecretArgs,
    #[command(flatten)]
    pub store: StoreArgs,
    /// Keep the events only until the program ends
    #[arg(long, conflicts_with = "db")]
    pub ephemeral: bool,
    /// Where `r` sends an event: a URL, host:port, or a bare port
    #[arg(long, value_name = "URL")]
    pub target: Option<String>,
    /// Send each verified event on to this URL as it comes
    #[arg(long, value_name = "URL")]
    pub forward_to: Option<String>,
    /// Answer every captured request with this status code
    #[arg(long, value_name = "CODE", value_parser = clap::value_parser!(u16).range(200..=599))]
    pub answer: Option<u16>,
    /// Print a line for each event instead of opening the screen
    #[arg(long)]
    pub headless: bool,
    /// With no screen: print one JSON object a line
    #[arg(long)]
    pub json: bool,
}

#[derive(Args, Debug)]
pub struct SecretArgs {
    /// File that holds a signing secret, less one final newline; may be given several times
    #[arg(long = "secret-file", value_name = "FILE")]
    pub secret_files: Vec<PathBuf>,
    /// File that holds another endpoint's secret, or an old one: it verifies nothing, but is named when it is the one that was used
    #[arg(long = "known-secret-file", value_name = "FILE")]
    pub known_secret_files: Vec<PathBuf>,
}

impl SecretArgs {
    pub fn files(&self) -> SecretFiles<'_> {
        SecretFiles { verifying: &self.secret_files, known_only: &self.known_secret_files }
    }
}

#[derive(Args, Debug)]
pub struct StoreArgs {
    /// Database file [default: hookglass/events.db in the user's data folder]
    #[arg(long, value_name = "FILE")]
    pub db: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub struct VerifyArgs {
    /// The number of a kept event, or a fixture file
    #[arg(value_name = "SEQ|FIXTURE", required_unless_present = "headers", conflicts_with_all = ["headers", "body"])]
    pub source: Option<OsString>,
    /// File with a header a line, `name: value`; `-` reads stdin
    #[arg(long, value_name = "FILE", requires = "body")]
    pub headers: Option<PathBuf>,
    /// File with exactly the bytes of the body; `-` reads stdin
    #[arg(long, value_name = "FILE", requires = "headers")]
    pub body: Option<PathBuf>,
    /// The receiver's clock in Unix seconds, such as 1700000000 or 1700000000.250 [default: the arrival; for files now]
    #[arg(long, value_name = "UNIX_SECONDS", value_parser = unix_milliseconds, allow_negative_numbers = true)]
    pub at: Option<i64>,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub secrets: SecretArgs,
    #[command(flatten)]
    pub store: StoreArgs,
}

#[derive(Args, Debug)]
pub struct RehearseArgs {
    /// The app's handler: a URL, host:port, or a bare port
    #[arg(long, value_name = "URL", required_unless_present = "list")]
    pub to: Option<String>,
    /// Only this rehearsal; may be given several times
    #[arg(long, value_name = "NAME", value_parser = rehearsal_names(), hide_possible_values = true)]
    pub only: Vec<Rehearsal>,
    /// What the rehearsals are made of: the number of a verified event in the history, a fixture file, or the type of a sample
    /// [default: a sample]
    #[arg(long, value_name = "SEQ|FIXTURE|TYPE")]
    pub event: Option<OsString>,
    /// Print one JSON object for each rehearsal and one for the end
    #[arg(long)]
    pub json: bool,
    /// List the rehearsals and what each simulates
    #[arg(long, conflicts_with_all = ["to", "only", "event", "json"])]
    pub list: bool,
    #[command(flatten)]
    pub secrets: SecretArgs,
    #[command(flatten)]
    pub store: StoreArgs,
}

fn rehearsal_names() -> impl TypedValueParser<Value = Rehearsal> {
    PossibleValuesParser::new(Rehearsal::ALL.map(Rehearsal::name))
        .map(|name| Rehearsal::parse(&name).expect("possible values are names"))
}

#[derive(Args, Debug)]
#[command(args_conflicts_with_subcommands = true)]
pub struct EventsArgs {
    #[command(subcommand)]
    pub command: Option<EventsCommand>,
    /// Print one JSON object a line
    #[arg(long)]
    pub json: bool,
    /// The newest N events
    #[arg(long, value_name = "N", default_value_t = 50)]
    pub limit: u64,
    #[command(flatten)]
    pub store: StoreArgs,
}

#[derive(Debug, Subcommand)]
pub enum EventsCommand {
    /// Print one event: request line, headers and body
    Show {
        /// The number in the first column of the list
        seq: u64,
        /// Write the body alone: exactly the bytes received
        #[arg(long)]
        body: bool,
        #[command(flatten)]
        store: StoreArgs,
    },
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn no_flag_takes_a_secret() {
        let all = Cli::command();
        for command in std::iter::once(&all).chain(all.get_subcommands()) {
            assert!(command.get_arguments().all(|argument| argument.get_id() != "secret"));
        }
    }
}
