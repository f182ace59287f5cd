//! The arguments of `send` and `replay`.

use super::values::{number, number_from_1};
use super::{AccessArgs, SecretArgs, StoreArgs};
use crate::core::catalog::{Family, catalog};
use crate::core::delivery::{DEFAULT_SPEED, MAX_PARALLEL, MAX_SPEED, Pace, RetryPlan, SCHEDULES, Schedule, spacing_of};
use crate::core::json::Setting;
use crate::core::times::in_words;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser, ValueParser};
use clap::{Args, ValueEnum};
use std::ffi::OsString;
use std::time::Duration;

/// Exit codes of both commands.
pub(super) const CODES: &str =
    "Exit codes: 0 all delivered (2xx), 1 some were not, 2 could not run or could send nothing";

#[derive(Args)]
pub struct SendArgs {
    /// Event numbers (7 or 3-9), fixture files, or sample types (user.signup)
    #[arg(value_name = "SOURCE")]
    pub sources: Vec<OsString>,
    #[command(flatten)]
    pub samples: SampleArgs,
    #[command(flatten)]
    pub sending: SendingArgs,
}

/// Which samples to send besides those that are named, and what is in them.
#[derive(Args)]
pub struct SampleArgs {
    /// Send a sample of every webhook type, or of `interceptors` or `triggers`
    #[arg(long, value_name = "FAMILY", num_args = 0..=1, default_missing_value = "webhooks")]
    #[arg(hide_possible_values = true, conflicts_with_all = ["sources", "story", "filter"])]
    pub all: Option<Families>,
    /// Send a story: `directory-sync`, `offboarding`, `signup` or `sso`
    ///
    /// Its events are sent in order. They are about the same user, organization and directory.
    #[arg(long, value_name = "NAME", value_parser = stories(), hide_possible_values = true)]
    #[arg(conflicts_with_all = ["sources", "filter"])]
    pub story: Option<String>,
    /// Make the same bodies for the same N
    ///
    /// Without it, every run makes other ids. Headers are always new.
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
}

/// What `--all` sends.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Families {
    /// Also those with legacy names.
    Webhooks,
    Interceptors,
    Triggers,
}

impl Families {
    pub fn family(self) -> Family {
        match self {
            Self::Webhooks => Family::Webhook,
            Self::Interceptors => Family::Interceptor,
            Self::Triggers => Family::Trigger,
        }
    }
}

#[derive(Args)]
pub struct ReplayArgs {
    /// Event numbers (7 or 3-9), or fixture files
    #[arg(value_name = "SOURCE")]
    pub sources: Vec<OsString>,
    /// Send byte for byte, with the original timestamp and signature
    #[arg(long, conflicts_with_all = ["sign", "set", "retry"])]
    pub as_received: bool,
    #[command(flatten)]
    pub sending: SendingArgs,
}

#[derive(Args)]
pub struct SendingArgs {
    /// Where to send: a URL, host:port or port
    #[arg(long, value_name = "URL")]
    pub to: String,
    /// Only stored events that match, e.g. 'type:user.* is:verified'
    ///
    /// Applies to the given event numbers, or to the whole history if none are given.
    #[arg(long, allow_hyphen_values = true)]
    pub filter: Option<String>,
    /// Change a value of the body and sign it as a new event (repeatable)
    ///
    /// For example `data.user.email=a@example.com` or `data.groups[0].name=x`. VALUE is JSON if
    /// it parses as JSON, else text. If only the last key is missing, it is added. Every other
    /// byte of the body stays the same.
    #[arg(long, value_name = "PATH=VALUE", verbatim_doc_comment)]
    pub set: Vec<Setting>,
    /// Sign every event, even if it was never verified
    ///
    /// By default, events that were never verified are sent as received.
    #[arg(long)]
    pub sign: bool,
    /// Send the whole list N times
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = number_from_1::<u32>)]
    pub times: u32,
    /// Start at most N requests per second, e.g. 10/s or 0.5/s
    #[arg(long, value_name = "N/s", value_parser = spacing_of)]
    pub rate: Option<Duration>,
    /// Maximum requests in flight, 1 to 64; 1 preserves the order
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = number(1, MAX_PARALLEL as u64))]
    pub parallel: u64,
    /// Open a new connection for each request
    ///
    /// By default, a connection stays open for the next request.
    #[arg(long)]
    pub no_keep_alive: bool,
    /// Retry failures: `engine`, `reference`, `minutes` or `three`
    #[arg(long, value_name = "SCHEDULE", value_parser = schedules(), hide_possible_values = true)]
    #[arg(long_help = retry_help())]
    pub retry: Option<&'static Schedule>,
    /// Run the retry schedule this many times as fast
    #[arg(long, value_name = "FACTOR", default_value_t = DEFAULT_SPEED, requires = "retry", value_parser = number(1, MAX_SPEED))]
    pub speed: u32,
    /// Print one JSON object per delivery and one for the total
    #[arg(long, help_heading = "Output")]
    pub json: bool,
    #[command(flatten)]
    pub access: AccessArgs,
    #[command(flatten)]
    pub secrets: SecretArgs,
    #[command(flatten)]
    pub store: StoreArgs,
}

impl SendingArgs {
    pub fn pace(&self) -> Pace {
        Pace {
            parallel: usize::try_from(self.parallel).unwrap_or(MAX_PARALLEL),
            spacing: self.rate.unwrap_or_default(),
            times: self.times,
        }
    }

    pub(crate) fn retry_plan(&self) -> Option<RetryPlan> {
        Some(RetryPlan { schedule: self.retry?, speed: self.speed })
    }
}

fn retry_help() -> String {
    let mut text = "Retry failures on one of the schedules in Scalekit's documentation:\n".to_owned();
    for schedule in &SCHEDULES {
        let (attempts, length) = (schedule.attempts(), in_words(schedule.length(1)));
        text += &format!("  {:<11}{attempts} attempts in {length}\n", schedule.name);
    }
    text + "\nEach attempt keeps the id and gets a fresh timestamp and a new signature. An event that\n\
            was never verified is sent as received instead, unless --sign is given. With --parallel 1\n\
            the next event waits until the retries of this one end."
}

fn schedules() -> ValueParser {
    let names = SCHEDULES.iter().map(|schedule| PossibleValue::new(schedule.name).help(schedule.source));
    let parser = PossibleValuesParser::new(names);
    ValueParser::new(parser.map(|name| Schedule::find(&name).expect("every possible value is a schedule")))
}

fn stories() -> PossibleValuesParser {
    PossibleValuesParser::new(catalog().stories())
}
