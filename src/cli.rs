//! The command line: its types and its parser.
//!
//! Help texts are written in short lines, because clap breaks none: at most 100 columns, including the name of the flag. `tests/it/help.rs` checks
//! that.
//!
//! No type here is `Debug`: an argument may be a secret that was typed in the wrong place.

mod access;
mod compare;
mod deleting;
mod diff;
mod doctor;
mod documents;
mod events;
mod explain;
mod filters;
mod history;
mod misplaced;
mod refused;
mod rehearse;
mod sending;
mod transfer;
mod values;
mod verify;

pub use access::AccessArgs;
pub use compare::CompareArgs;
pub use deleting::DeleteArgs;
pub use diff::DiffArgs;
pub use doctor::DoctorArgs;
pub use documents::{CompletionsArgs, ConfigArgs, CoverageArgs, Export, ManArgs, ReportArgs, TypesArgs};
pub use events::{AcceptArgs, EventsArgs, EventsCommand, ShowArgs};
pub use explain::ExplainArgs;
pub use history::{BackupArgs, HistoryArgs, HistoryCommand, PruneArgs, VacuumArgs};
pub use refused::Refused;
pub use rehearse::RehearseArgs;
pub use sending::{Families, ReplayArgs, SampleArgs, SendArgs, SendingArgs};
pub use transfer::{ExportArgs, ImportArgs, ImportSource, NgrokArgs};
pub use verify::VerifyArgs;

use crate::config::{Layer, SecretFiles};
use crate::core::delivery::{ForwardMode, Forwarded};
use crate::core::overrides::Override;
use crate::core::retention::Keep;
use clap::{Args, Parser, Subcommand};
use std::net::IpAddr;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use values::{MOST_PARALLEL, address, number, words};

/// Exit codes of the commands that listen.
const LISTEN_CODES: &str = "Exit codes: 0 stopped normally, 1 did not stop within 5 s, 2 could not run";

/// Inspect Scalekit webhooks: receive, verify, copy, forward and re-deliver them
///
/// The signing secret comes from SCALEKIT_WEBHOOK_SECRET (the environment, else `.env` in this
/// folder), from --secret-file, or from the screen (press K). It never comes from the command line,
/// where other users of this machine could read it.
#[derive(Parser)]
#[command(version, bin_name = "hookglass", args_conflicts_with_subcommands = true)]
#[command(verbatim_doc_comment, after_help = LISTEN_CODES)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Option<Command>,
    /// Configuration file [default: hookglass/config.toml in your config folder]
    #[arg(long, global = true, value_name = "FILE", display_order = 900, hide_short_help = true)]
    pub config: Option<PathBuf>,
    /// Log for bug reports, without secrets and contents of events
    ///
    /// HOOKGLASS_LOG sets the levels, such as `info,store=debug`. At 25 MB, the log is
    /// renamed to FILE.old, and a new one begins.
    #[arg(long, global = true, value_name = "FILE", display_order = 901, hide_short_help = true, verbatim_doc_comment)]
    pub log: Option<PathBuf>,
    #[command(flatten)]
    pub listen: ListenArgs,
}

#[derive(Subcommand)]
pub enum Command {
    /// Receive webhooks and show them (the default command)
    #[command(after_help = LISTEN_CODES)]
    Listen(ListenArgs),
    /// Send samples, stored events or fixtures as new, signed events
    ///
    /// Every event gets a new id, a fresh timestamp and a signature. To send the same event again, with
    /// its id, use `hookglass replay`. Deliveries of stored events are recorded in the history, even
    /// while another hookglass listens.
    #[command(verbatim_doc_comment, after_help = sending::CODES)]
    Send(SendArgs),
    /// Re-deliver stored events or fixtures, as a retry or byte for byte
    ///
    /// By default every event keeps its id and gets a fresh timestamp and a new signature, as in the
    /// provider's retries. To send it as a new event, use `hookglass send`. Deliveries of stored events
    /// are recorded in the history, even while another hookglass listens.
    #[command(verbatim_doc_comment, after_help = sending::CODES)]
    Replay(ReplayArgs),
    /// List the stored events, or show one
    #[command(after_help = "Exit codes: 0 done, 1 no such event, 2 could not run")]
    Events(EventsArgs),
    /// Write stored events to a file for other tools: NDJSON, HAR or fixtures
    ///
    /// A file gets its name once it is complete, and no file is overwritten. The values of headers that
    /// grant access are masked.
    #[command(verbatim_doc_comment, after_help = "Exit codes: 0 exported, 1 not all or none exported, 2 could not run")]
    Export(ExportArgs),
    /// Add requests to the history: exports, HAR, raw HTTP, or what ngrok captured
    ///
    /// They are verified as of the time of their arrival if the file has it, and never forwarded.
    /// Requests that are already in the history are skipped. `is:imported` lists the imported ones.
    /// A file with the name of a command is imported as `./ngrok`.
    #[command(verbatim_doc_comment, after_help = "Exit codes: 0 imported, 1 not all imported, 2 could not run")]
    Import(ImportArgs),
    /// Manage the history, the database of events
    #[command(after_help = "Exit codes: 0 done, 2 could not run")]
    History(HistoryArgs),
    /// Check the signature of a request and explain why it fails
    ///
    /// Works offline, on a stored event, a fixture, or headers and body in files.
    #[command(after_help = "Exit codes: 0 verified, 1 not verified, 2 could not run")]
    #[command(override_usage = verify::USAGE)]
    Verify(VerifyArgs),
    /// Explain a reason: what it means, how to fix it, how to check the fix
    ///
    /// The reason is the word that `verify`, `events` and the screen show, such as
    /// `timestamp-too-old`. Without one, lists all reasons.
    #[command(verbatim_doc_comment, after_help = "Exit codes: 0 printed, 2 no such reason")]
    Explain(ExplainArgs),
    /// Find out why no event arrives: listener, tunnel, secret, clock
    ///
    /// Checks each link of the way from Scalekit to the history, and says what to do about the first
    /// one that is broken. Asks programs on this machine only, unless you pass --reach.
    #[command(verbatim_doc_comment)]
    #[command(after_help = "Exit codes: 0 nothing is wrong, 1 a check failed, 2 could not run")]
    Doctor(DoctorArgs),
    /// Test an app with requests that it must accept or reject
    ///
    /// The requests act on the app like real events. Use a test environment.
    #[command(after_help = "Exit codes: 0 nothing failed, 1 a rehearsal failed or was inconclusive, 2 could not run")]
    Rehearse(RehearseArgs),
    /// List the event types that Scalekit sends, or show the fields of one
    ///
    /// --seen shows the fields of the stored events instead. With --export, it writes types for your
    /// handler, made from verified events only. Text from payloads is escaped, so it cannot add code.
    #[command(verbatim_doc_comment)]
    #[command(after_help = "Exit codes: 0 printed, 1 no such event has arrived, 2 could not run")]
    Types(TypesArgs),
    /// Show which event types arrived, verified and were accepted by the app
    ///
    /// An event counts as accepted if it verified and the app responded with a 2xx that hides no fault.
    /// With --require, fails if a type did not get as far as the file says.
    #[command(verbatim_doc_comment, after_help = documents::COVERAGE)]
    Coverage(CoverageArgs),
    /// Print the configuration file with every key and its default
    ///
    /// Save it where `hookglass config --path` says, and change what you need.
    #[command(after_help = "Exit codes: 0 printed, 2 could not run")]
    Config(ConfigArgs),
    /// Print what a bug report needs, without secrets and events
    ///
    /// With --log, the report ends with the last lines of that log.
    #[command(after_help = "Exit codes: 0 printed, 2 could not run")]
    Report(ReportArgs),
    /// Print a script that completes the command line in a shell
    ///
    /// It completes commands and flags and, in bash, zsh and fish, event types, reasons and the terms
    /// of filters.
    #[command(verbatim_doc_comment, after_help = documents::COMPLETIONS)]
    Completions(CompletionsArgs),
    /// Print a manual page, or write those of all commands
    #[command(after_help = documents::MAN)]
    Man(ManArgs),
}

#[derive(Args)]
pub struct ListenArgs {
    /// Port to listen on; 0 picks a free one [default: 3000]
    #[arg(long, value_parser = number(0, u16::MAX), help_heading = "Listening")]
    pub port: Option<u16>,
    /// Address to listen on [default: 127.0.0.1]
    #[arg(long, value_name = "ADDRESS", value_parser = address, help_heading = "Listening", hide_short_help = true)]
    pub bind: Option<IpAddr>,
    /// Public URL of the listener, to show and copy [default: ask ngrok or cloudflared]
    #[arg(long, value_name = "URL", help_heading = "Listening", hide_short_help = true)]
    pub public_url: Option<String>,
    /// Override the response, e.g. 503 or "drop next:2" (repeatable)
    ///
    /// The response is one of
    ///   200 to 599     respond with this status
    ///   drop           close the connection without a response
    ///   allow          the decision ALLOW, for interceptors only
    ///   deny:"why"     the decision DENY with this message, for interceptors only
    ///   claims:{"plan":"pro"}     ALLOW with claims, where a token is made
    ///   membership:org_1,admin    ALLOW with a membership, at a sign-up
    ///   default        the response that hookglass or the app would give
    /// and may have, in any order,
    ///   delay:3s       wait before the response, 1ms to 60s
    ///   slow:8s        spread the body over this time, 1ms to 60s
    ///   next:2         only for the next 2 events
    ///   type:user.*    only for events of matching types
    /// Give it twice to override interceptors (`allow` or `deny:`) and other events.
    #[arg(long = "override", alias = "answer", value_name = "RESPONSE", help_heading = "Listening")]
    #[arg(verbatim_doc_comment, hide_short_help = true)]
    pub overrides: Vec<Override>,
    #[command(flatten)]
    pub forward: ForwardArgs,
    #[command(flatten)]
    pub access: AccessArgs,
    #[command(flatten)]
    pub secrets: SecretArgs,
    #[command(flatten)]
    pub store: StoreArgs,
    /// Keep the history only until hookglass exits
    #[arg(long, conflicts_with = "db", help_heading = "History", hide_short_help = true)]
    pub ephemeral: bool,
    /// Delete older events for good: 30d, 12h, 100000 (a number of events) [default: keep all]
    ///
    /// hookglass looks about every 10 s. Pinned events stay, and those with a pending delivery.
    #[arg(long, value_name = "TIME|NUMBER", value_parser = history::keep, help_heading = "History")]
    #[arg(hide_short_help = true)]
    pub keep: Option<Keep>,
    /// Delete the oldest events for good above about this size: 500MB, 2GB [default: keep all]
    #[arg(long, value_name = "SIZE", value_parser = history::size, help_heading = "History", hide_short_help = true)]
    pub max_size: Option<u64>,
    /// Folder that the key `s` saves fixtures to [default: fixtures]
    #[arg(long, value_name = "FOLDER", help_heading = "Fixtures", hide_short_help = true)]
    pub fixtures: Option<PathBuf>,
    /// Save events as fixtures to this folder as they arrive
    ///
    /// Only verified events are saved, unless --save names another state, such as `is:invalid`.
    /// hookglass saves nothing more once the folder has 10,000 files or 1 GiB.
    #[arg(long, value_name = "FOLDER", help_heading = "Fixtures", hide_short_help = true, verbatim_doc_comment)]
    pub save_dir: Option<PathBuf>,
    /// Save only the events that match when they arrive, e.g. 'type:user.*'
    #[arg(long, value_name = "FILTER", requires = "save_dir", allow_hyphen_values = true, help_heading = "Fixtures")]
    #[arg(hide_short_help = true)]
    pub save: Option<String>,
    /// Print one line per event instead of opening the screen
    #[arg(long, help_heading = "Listening")]
    pub headless: bool,
    /// Print one JSON object per line instead of opening the screen
    #[arg(long, help_heading = "Listening")]
    pub json: bool,
}

impl ListenArgs {
    /// The values of the flags, for `Settings::merge`.
    pub fn layer(&self) -> Layer {
        let forward = &self.forward;
        Layer {
            port: self.port,
            bind: self.bind,
            db: self.store.db.clone(),
            // Every command reads secrets, so `config::keyring` takes these flags.
            secret_files: None,
            known_secret_files: None,
            // Every command can log.
            log: None,
            fixtures: self.fixtures.clone(),
            keep: self.keep,
            max_size: self.max_size,
            public_url: self.public_url.clone(),
            filters: None,
            theme: None,
            colors: None,
            rebindings: None,
            target: forward.target.clone(),
            forward_to: (!forward.forward_to.is_empty()).then(|| forward.forward_to.clone()),
            forward_mode: forward.forward_mode,
            forward: forward.forward,
            forward_parallel: forward.forward_parallel,
            keep_path: forward.keep_path.then_some(true),
            // Every command that sends has these flags, so `Access::merge` takes them.
            headers: None,
            insecure: None,
            ca: None,
            keep_alive: forward.no_keep_alive.then_some(false),
            resume_forwarding: forward.resume_forwarding.then_some(true),
            overrides: (!self.overrides.is_empty()).then(|| self.overrides.clone()),
        }
    }
}

#[derive(Args)]
#[command(next_help_heading = "Forwarding")]
pub struct ForwardArgs {
    /// Where the key `r` re-delivers events: a URL, host:port or port
    #[arg(long, value_name = "URL", hide_short_help = true)]
    pub target: Option<String>,
    /// Forward to this URL, e.g. 4000 or 'user.*=4000' (repeatable)
    ///
    /// A URL, host:port or port. A type in front limits it to events of matching types.
    /// An event goes to every target that matches.
    #[arg(long, value_name = "[TYPE=]URL", verbatim_doc_comment)]
    pub forward_to: Vec<String>,
    /// Who responds to senders: `after` or `through` [default: after]
    ///
    ///   after      hookglass responds at once, then forwards
    ///   through    the sender gets the response of your app, within 10 s
    #[arg(long, value_name = "MODE", value_parser = words(&ForwardMode::ALL, ForwardMode::as_str))]
    #[arg(hide_possible_values = true, hide_short_help = true, verbatim_doc_comment)]
    pub forward_mode: Option<ForwardMode>,
    /// Which events to forward: `verified` or `all` [default: verified]
    ///
    /// With `all`, anyone who knows your public URL can send requests to your app.
    #[arg(long, value_name = "WHICH", value_parser = words(&Forwarded::ALL, Forwarded::as_str))]
    #[arg(hide_possible_values = true, hide_short_help = true)]
    pub forward: Option<Forwarded>,
    /// Concurrent deliveries per target, 1 to 64 [default: 1]
    ///
    /// Above 1, events may arrive out of order.
    #[arg(long, value_name = "N", value_parser = number(NonZeroUsize::MIN, MOST_PARALLEL), hide_short_help = true)]
    pub forward_parallel: Option<NonZeroUsize>,
    /// Keep the request's path instead of the path in the target URL
    #[arg(long, hide_short_help = true)]
    pub keep_path: bool,
    /// Open a new connection for each request to your app
    ///
    /// By default, a connection stays open for the next request.
    #[arg(long, hide_short_help = true)]
    pub no_keep_alive: bool,
    /// Forward at startup, unasked, what was still queued when hookglass ended
    ///
    /// Events that may already have reached your app are listed, but not sent again.
    #[arg(long, hide_short_help = true)]
    pub resume_forwarding: bool,
}

#[derive(Args)]
#[command(next_help_heading = "Secrets")]
pub struct SecretArgs {
    /// File with a signing secret (repeatable)
    ///
    /// One newline at the end of the file is ignored.
    #[arg(long = "secret-file", value_name = "FILE")]
    pub secret_files: Vec<PathBuf>,
    /// File with an old secret or another endpoint's (repeatable)
    ///
    /// hookglass never verifies with it, but reports it if it signed a request.
    #[arg(long = "known-secret-file", value_name = "FILE", hide_short_help = true)]
    pub known_secret_files: Vec<PathBuf>,
}

impl SecretArgs {
    pub fn files(&self) -> SecretFiles<'_> {
        SecretFiles { verifying: &self.secret_files, known_only: &self.known_secret_files }
    }
}

#[derive(Args)]
#[command(next_help_heading = "History")]
pub struct StoreArgs {
    /// Database file [default: hookglass/events.db in your data folder]
    #[arg(long, value_name = "FILE")]
    pub db: Option<PathBuf>,
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
