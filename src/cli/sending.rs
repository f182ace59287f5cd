//! The arguments of `send` and `replay`.

use super::{SecretArgs, StoreArgs};
use crate::core::delivery::{DEFAULT_SPEED, MAX_PARALLEL, MAX_SPEED, Pace, RetryPlan, SCHEDULES, Schedule, spacing_of};
use crate::core::json::Setting;
use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser, ValueParser};
use std::ffi::OsString;
use std::time::Duration;

#[derive(Args)]
pub struct SendArgs {
    /// What to send: numbers of kept events (7 or 3-9), fixture files, or types of samples such as user.signup
    #[arg(value_name = "SOURCE")]
    pub sources: Vec<OsString>,
    #[command(flatten)]
    pub sending: SendingArgs,
}

#[derive(Args)]
pub struct ReplayArgs {
    /// What to replay: numbers of kept events (7 or 3-9), or fixture files
    #[arg(value_name = "SEQ|SEQ-SEQ|FIXTURE")]
    pub sources: Vec<OsString>,
    /// Send byte for byte as received, with the old timestamp and signature
    #[arg(long, conflicts_with_all = ["sign", "set", "retry"])]
    pub as_received: bool,
    #[command(flatten)]
    pub sending: SendingArgs,
}

#[derive(Args)]
pub struct SendingArgs {
    /// Where to: a URL, host:port, or a bare port
    #[arg(long, value_name = "URL")]
    pub to: String,
    /// Only the kept events that this filter chooses, such as 'type:user.* is:verified'; of all, or of those given by number
    #[arg(long, allow_hyphen_values = true)]
    pub filter: Option<String>,
    /// Change a value of the body; it is then a new event, signed after the change. May be given several times
    ///
    /// As in `data.email=a@example.com` or `data.groups[0].name=x`. The value is JSON if it can be read as that, else text. A last key
    /// that is not there is added, unless it begins or ends with white space. Every other byte of the body stays as it was.
    #[arg(long, value_name = "PATH=VALUE")]
    pub set: Vec<Setting>,
    /// Sign events that were never verified too; without it they go byte for byte
    #[arg(long)]
    pub sign: bool,
    /// Send the whole list N times, one time after the other
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    pub times: u32,
    /// Begin at most so many a second: 10/s, 0.5/s
    #[arg(long, value_name = "N/s", value_parser = spacing_of)]
    pub rate: Option<Duration>,
    /// Have up to N on their way at once; with 1 the order is kept
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = parallel())]
    pub parallel: u64,
    /// After a failure try again on one of the provider's schedules
    ///
    /// Each attempt has the same id, a fresh time and a new signature; that of an event which was never verified goes byte for byte
    /// unless `--sign` is given. The next event waits for the last of them, unless there is
    /// room for it by `--parallel`.
    #[arg(long, value_name = "SCHEDULE", value_parser = schedules())]
    pub retry: Option<&'static Schedule>,
    /// How much faster than the clock the schedule passes
    #[arg(long, value_name = "FACTOR", default_value_t = DEFAULT_SPEED, requires = "retry", value_parser = speed())]
    pub speed: u32,
    /// Print one JSON object for each delivery and one at the end
    #[arg(long)]
    pub json: bool,
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

    pub fn retry_plan(&self) -> Option<RetryPlan> {
        Some(RetryPlan { schedule: self.retry?, speed: self.speed })
    }
}

fn parallel() -> impl TypedValueParser<Value = u64> {
    clap::value_parser!(u64).range(1..=MAX_PARALLEL as u64)
}

fn speed() -> impl TypedValueParser<Value = u32> {
    clap::value_parser!(u32).range(1..=i64::from(MAX_SPEED))
}

fn schedules() -> ValueParser {
    let names = SCHEDULES.iter().map(|schedule| PossibleValue::new(schedule.name).help(schedule.source));
    let parser = PossibleValuesParser::new(names);
    ValueParser::new(parser.map(|name| Schedule::find(&name).expect("only the names of schedules are possible")))
}
