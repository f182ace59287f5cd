//! The command line: types, and how they are read.
//!
//! None of them is `Debug`: an argument may be a secret that was typed in the wrong place.

mod history;
mod refused;
mod sending;

pub use history::{BackupArgs, HistoryArgs, HistoryCommand};
pub use refused::Refused;
pub use sending::{ReplayArgs, SendArgs, SendingArgs};

use crate::config::{Layer, SecretFiles, unix_milliseconds};
use crate::core::delivery::{ForwardMode, Forwarded, MAX_PARALLEL};
use crate::core::overrides::Override;
use crate::core::rehearsal::Rehearsal;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand};
use std::ffi::OsString;
use std::net::IpAddr;
use std::num::NonZeroUsize;
use std::path::PathBuf;

/// See each Scalekit webhook arrive, why it verifies or not, copy it, send it again.
///
/// The signing secret is read from SCALEKIT_WEBHOOK_SECRET (the environment, else `.env` in this folder), from `--secret-file`, or
/// typed into the screen; never from the command line, where other users of the machine could read it.
#[derive(Parser)]
#[command(version, bin_name = "hookglass", args_conflicts_with_subcommands = true)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Option<Command>,
    /// Configuration file [default: hookglass/config.toml in the user's configuration folder]
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    #[command(flatten)]
    pub listen: ListenArgs,
}

#[derive(Subcommand)]
pub enum Command {
    /// Listen for webhooks and show them (what `hookglass` alone does)
    Listen(ListenArgs),
    /// Send samples, kept events or fixtures as new events: a new id, a fresh time, signed
    ///
    /// `hookglass replay` sends the same event once more instead: with its id. Deliveries of kept events go into the history, also while a hookglass listens. Exit code 0 when all were answered with
    /// 2xx, 1 when some were not, 2 when it could not run or nothing of what was named could be made ready to be sent.
    Send(SendArgs),
    /// Send kept events or fixtures again as the provider's retry does: the same id, a fresh time, a new signature
    ///
    /// With `--as-received` byte for byte. `hookglass send` makes a new event of it instead: with a new id. Deliveries of kept events go into the history, also while a hookglass listens. Exit code 0 when all were answered with
    /// 2xx, 1 when some were not, 2 when it could not run or nothing of what was named could be made ready to be sent.
    Replay(ReplayArgs),
    /// List the kept events, or show one; also while the screen runs
    Events(EventsArgs),
    /// Look after the history as a whole
    History(HistoryArgs),
    /// Say whether a request verifies and, if not, why: a kept event, a saved fixture, or headers and body in files
    Verify(VerifyArgs),
    /// Send an app what it must accept and what it must refuse, and say whether it does
    Rehearse(RehearseArgs),
}

#[derive(Args)]
pub struct ListenArgs {
    /// Port to listen on; 0 takes a free one [default: 3000]
    #[arg(long)]
    pub port: Option<u16>,
    /// Address to listen on [default: 127.0.0.1]
    #[arg(long, value_name = "ADDRESS")]
    pub bind: Option<IpAddr>,
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
    #[command(flatten)]
    pub forward: ForwardArgs,
    /// What senders are answered instead of what the rules say: `503`, `"503 delay:3s next:2 type:user.*"`, `"drop next:1"`,
    /// `"201 slow:8s"`; for interceptors `allow` or `'deny:"why"'`, also beside another
    ///
    /// A status from 200 to 599; `drop` closes the connection without an answer; `allow` and `deny:"why"` decide for interceptors
    /// alone; `default` is what the rules say. `delay:` holds the answer and `slow:` stretches its body, each up to 60s;
    /// `next:` is for so many events; `type:` for those whose type matches. It may be given twice: for interceptors' decisions and
    /// for everything else.
    #[arg(long, value_name = "ANSWER")]
    pub answer: Vec<Override>,
    /// Print a line for each event instead of opening the screen
    #[arg(long)]
    pub headless: bool,
    /// With no screen: print one JSON object a line
    #[arg(long)]
    pub json: bool,
}

impl ListenArgs {
    /// What the flags say, for [`Settings::merge`](crate::config::Settings::merge).
    pub fn layer(&self) -> Layer {
        let forward = &self.forward;
        Layer {
            port: self.port,
            bind: self.bind,
            db: self.store.db.clone(),
            // Secrets are read by all commands alike.
            secret_files: None,
            known_secret_files: None,
            target: self.target.clone(),
            forward_to: (!forward.forward_to.is_empty()).then(|| forward.forward_to.clone()),
            forward_mode: forward.forward_mode,
            forward: forward.forward,
            forward_parallel: forward.forward_parallel,
            keep_path: forward.keep_path.then_some(true),
            answer: (!self.answer.is_empty()).then(|| self.answer.clone()),
        }
    }
}

#[derive(Args)]
pub struct ForwardArgs {
    /// Send each verified event on to this URL as it comes, or those of a type: `user.*=http://localhost:4000`; may be given several times
    #[arg(long, value_name = "[TYPE=]URL")]
    pub forward_to: Vec<String>,
    /// Who answers the sender: hookglass, with the app behind it, or the app itself, within 10 s [default: after]
    #[arg(long, value_name = "MODE", value_parser = words(&ForwardMode::ALL, ForwardMode::as_str))]
    pub forward_mode: Option<ForwardMode>,
    /// What is sent on: `all` lets requests that nobody signed reach the app [default: verified]
    #[arg(long, value_name = "WHICH", value_parser = words(&Forwarded::ALL, Forwarded::as_str))]
    pub forward: Option<Forwarded>,
    /// Events on their way to one URL at once, up to 64; more than one may arrive out of order [default: 1]
    #[arg(long, value_name = "N", value_parser = parallel)]
    pub forward_parallel: Option<NonZeroUsize>,
    /// Send events on to the path that they came to, instead of the URL's own
    #[arg(long)]
    pub keep_path: bool,
}

/// Takes one of `all` by its word.
fn words<T: Copy + Send + Sync + 'static>(
    all: &'static [T],
    word: fn(T) -> &'static str,
) -> impl TypedValueParser<Value = T> {
    let is_named = move |text: &String, value: T| word(value) == text;
    PossibleValuesParser::new(all.iter().map(|value| word(*value))).map(move |text| {
        *all.iter().find(|value| is_named(&text, **value)).expect("the parser takes these words alone")
    })
}

fn parallel(text: &str) -> Result<NonZeroUsize, String> {
    let number = text.parse().ok().filter(|number: &NonZeroUsize| number.get() <= MAX_PARALLEL);
    number.ok_or_else(|| format!("expected a number from 1 to {MAX_PARALLEL}"))
}

#[derive(Args)]
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

#[derive(Args)]
pub struct StoreArgs {
    /// Database file [default: hookglass/events.db in the user's data folder]
    #[arg(long, value_name = "FILE")]
    pub db: Option<PathBuf>,
}

#[derive(Args)]
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

#[derive(Args)]
pub struct RehearseArgs {
    /// The app's handler: a URL, host:port, or a bare port
    #[arg(long, value_name = "URL", required_unless_present = "list")]
    pub to: Option<String>,
    /// Only these rehearsals, after the control, which is always run: `expired,unsigned`; may be given several times
    #[arg(long, value_name = "NAME", value_delimiter = ',', value_parser = rehearsal_names(), hide_possible_values = true)]
    pub only: Vec<Rehearsal>,
    /// What the rehearsals are made of: the number of an event in the history, which then keeps each request as a delivery, a
    /// fixture file, or the type of a sample [default: a sample]
    #[arg(long, value_name = "SEQ|FIXTURE|TYPE")]
    pub event: Option<OsString>,
    /// Sign rehearsals of an event that was never verified; without it there are none
    #[arg(long)]
    pub sign: bool,
    /// Print one JSON object for each rehearsal and one for the end
    #[arg(long)]
    pub json: bool,
    /// List the rehearsals and what each simulates
    #[arg(long, conflicts_with_all = ["to", "only", "event", "sign", "json"])]
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

#[derive(Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct EventsArgs {
    #[command(subcommand)]
    pub command: Option<EventsCommand>,
    /// Print one JSON object a line
    #[arg(long)]
    pub json: bool,
    /// Only those that this filter chooses, such as 'finding:timestamp* type:user.*'
    #[arg(long, allow_hyphen_values = true)]
    pub filter: Option<String>,
    /// The newest N events
    #[arg(long, value_name = "N", default_value_t = 50)]
    pub limit: u64,
    #[command(flatten)]
    pub store: StoreArgs,
}

#[derive(Subcommand)]
pub enum EventsCommand {
    /// Print one event: request line, headers and body
    Show {
        /// The number in the first column of the list
        seq: u64,
        /// Write the body alone: exactly the bytes received
        #[arg(long)]
        body: bool,
        /// Print its deliveries instead, the oldest first, one JSON object a line with everything that is kept
        #[arg(long, conflicts_with = "body")]
        deliveries: bool,
        /// Write it as a fixture: a JSON file that gives back every byte to `send`, `replay`, `rehearse` and `verify`
        #[arg(long, conflicts_with_all = ["body", "deliveries"])]
        fixture: bool,
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
