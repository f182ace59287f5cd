//! The arguments of `rehearse`.

use super::values::time;
use super::{AccessArgs, SecretArgs, StoreArgs};
use crate::core::rehearsal::Rehearsal;
use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use std::ffi::OsString;
use std::time::Duration;

#[derive(Args)]
pub struct RehearseArgs {
    /// Endpoint of your app: a URL, host:port or port
    #[arg(long, value_name = "URL", required_unless_present = "list")]
    pub to: Option<String>,
    /// Run only these rehearsals, e.g. expired,unsigned (repeatable)
    ///
    /// The control, a valid event, always runs first. --list prints the names.
    #[arg(long, value_name = "NAME", value_delimiter = ',', value_parser = rehearsal_names(), hide_possible_values = true)]
    pub only: Vec<Rehearsal>,
    /// Event number, fixture or sample type to use [default: a sample]
    ///
    /// The requests made from a stored event are recorded in the history as its deliveries.
    #[arg(long, value_name = "EVENT", verbatim_doc_comment)]
    pub event: Option<OsString>,
    /// Allow an event that was never verified; the requests are signed
    #[arg(long)]
    pub sign: bool,
    /// Command that prints your app's state, e.g. a count of its users
    ///
    /// hookglass runs it with `sh -c` before and after what must change nothing:
    /// forgeries, repeats and late updates. Its output and exit code must stay the
    /// same. It may take 10 s, and gets no data of the events.
    #[arg(long, value_name = "CMD", verbatim_doc_comment)]
    pub check: Option<String>,
    /// Time to wait before --check runs, for an app with a queue
    #[arg(long, value_name = "TIME", value_parser = time, default_value = "0s", requires = "check")]
    pub settle: Duration,
    /// Time to wait for an app that died
    #[arg(long, value_name = "TIME", value_parser = time, default_value = "30s")]
    pub wait_app: Duration,
    /// List the rehearsals and what each simulates
    #[arg(long, conflicts_with_all = ["to", "only", "event", "sign", "check", "json"])]
    pub list: bool,
    /// Print one JSON object per rehearsal and one for the total
    #[arg(long, help_heading = "Output")]
    pub json: bool,
    #[command(flatten)]
    pub access: AccessArgs,
    #[command(flatten)]
    pub secrets: SecretArgs,
    #[command(flatten)]
    pub store: StoreArgs,
}

fn rehearsal_names() -> impl TypedValueParser<Value = Rehearsal> {
    PossibleValuesParser::new(Rehearsal::ALL.map(Rehearsal::name))
        .map(|name| Rehearsal::parse(&name).expect("every possible value is a name"))
}
