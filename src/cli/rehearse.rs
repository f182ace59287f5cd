//! The arguments of `rehearse`.

use super::{AccessArgs, SecretArgs, StoreArgs};
use crate::core::rehearsal::Rehearsal;
use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use std::ffi::OsString;

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
    /// List the rehearsals and what each simulates
    #[arg(long, conflicts_with_all = ["to", "only", "event", "sign", "json"])]
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
