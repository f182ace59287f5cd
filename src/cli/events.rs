//! The arguments of `events` and `events show`.

use super::StoreArgs;
use super::compare::{COMPARE, CompareArgs};
use super::deleting::DeleteArgs;
use super::diff::DiffArgs;
use super::values::{event_number, number_from_1, words};
use crate::core::export::TestRunner;
use clap::builder::NonEmptyStringValueParser;
use clap::{Args, Subcommand};

#[derive(Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct EventsArgs {
    #[command(subcommand)]
    pub command: Option<EventsCommand>,
    /// Only events that match, e.g. 'reason:timestamp* type:user.*'
    #[arg(long, allow_hyphen_values = true, long_help = super::filters::help())]
    pub filter: Option<String>,
    /// The story of one id: its events in the order in which they happened
    ///
    /// The id of an organization, user, directory, connection or other object. Marks late
    /// arrivals, events out of order, and gaps.
    #[arg(long, value_name = "ID", conflicts_with = "filter", value_parser = NonEmptyStringValueParser::new(), verbatim_doc_comment)]
    pub about: Option<String>,
    /// Only the newest N events
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = number_from_1::<u64>)]
    pub limit: u64,
    /// Print one JSON object per line
    #[arg(long, help_heading = "Output")]
    pub json: bool,
    #[command(flatten)]
    pub store: StoreArgs,
}

#[derive(Subcommand)]
pub enum EventsCommand {
    /// Accept differences between the payloads of events and the documentation
    ///
    /// Such differences count no more, in all events of the type. Without a number, lists what is
    /// accepted. The list is the file `accepted.toml` beside the history.
    #[command(verbatim_doc_comment, after_help = "Exit codes: 0 done, 1 no such event or difference, 2 could not run")]
    Accept(AcceptArgs),
    /// Compare what happened, from the provider's Events API, with what arrived
    ///
    /// Lists the events that never arrived, that your app refused or that it handled late.
    #[command(verbatim_doc_comment, after_help = COMPARE)]
    Compare(CompareArgs),
    /// Delete events for good, even while hookglass runs
    ///
    /// Shows how many and asks first. Events with a pending delivery stay. To be able to undo it,
    /// delete on the screen instead: `x`, then `Z`.
    #[command(verbatim_doc_comment, after_help = "Exit codes: 0 deleted, 1 not all or none deleted, 2 could not run")]
    Delete(DeleteArgs),
    /// Show what differs between the bodies of two events, by JSON path and by bytes
    #[command(after_help = "Exit codes: 0 the same byte for byte, 1 different, 2 could not run")]
    Diff(DiffArgs),
    /// Show one event: request line, headers and body
    #[command(after_help = "Exit codes: 0 shown, 1 no such event, 2 could not run")]
    Show(ShowArgs),
}

#[derive(Args)]
pub struct AcceptArgs {
    /// Numbers of events, the first column of the list
    #[arg(value_name = "NUMBER", value_parser = event_number)]
    pub seqs: Vec<u64>,
    /// Only the difference at this path, such as data.user.email
    #[arg(long, requires = "seqs")]
    pub path: Option<String>,
    /// Accept them no longer
    #[arg(long, requires = "seqs")]
    pub remove: bool,
    /// Print what is accepted as one JSON object per line
    #[arg(long, conflicts_with = "seqs", help_heading = "Output")]
    pub json: bool,
    #[command(flatten)]
    pub store: StoreArgs,
}

#[derive(Args)]
pub struct ShowArgs {
    /// Number of the event, the first column of the list
    #[arg(value_name = "NUMBER", value_parser = event_number)]
    pub seq: u64,
    /// Write only the body, byte for byte as received
    #[arg(long, help_heading = "Output")]
    pub body: bool,
    /// Print its deliveries, oldest first, one JSON object per line
    #[arg(long, conflicts_with = "body", help_heading = "Output")]
    pub deliveries: bool,
    /// Write a fixture, a JSON file that preserves every byte
    ///
    /// `send`, `replay`, `rehearse` and `verify` read fixtures.
    #[arg(long, conflicts_with_all = ["body", "deliveries"], help_heading = "Output")]
    pub fixture: bool,
    /// Write a test of your handler: vitest, pytest, go or junit
    ///
    /// It posts the event, signed with a public test secret. Your own is not in it.
    #[arg(long, value_name = "RUNNER", value_parser = words(&TestRunner::ALL, TestRunner::as_str))]
    #[arg(hide_possible_values = true, conflicts_with_all = ["body", "deliveries", "fixture"], help_heading = "Output")]
    pub test: Option<TestRunner>,
    /// Print one JSON object; `checks` lists differences from the documentation
    #[arg(long, conflicts_with_all = ["body", "deliveries", "fixture", "test"], help_heading = "Output")]
    pub json: bool,
    /// Print headers with API keys, tokens and cookies in full, not masked
    #[arg(long, conflicts_with_all = ["body", "deliveries", "fixture", "test", "json"], help_heading = "Output")]
    pub with_credentials: bool,
    #[command(flatten)]
    pub store: StoreArgs,
}
