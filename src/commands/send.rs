//! `hookglass send`: signs a sample and posts it.

use crate::app::{Failure, samples};
use crate::cli::SendArgs;
use crate::config::{self, EmptySecret, Environment};
use crate::core::catalog::{SAMPLES, Sample};
use crate::core::shown::{self, Shown};
use std::process::ExitCode;

/// Lines of an answer that are printed.
const ANSWER_LINES: usize = 20;

pub(super) fn run(args: &SendArgs, environment: &Environment) -> Result<ExitCode, Failure> {
    let target = config::target("--to", &args.to)?;
    let keyring = config::keyring(environment, args.secrets.files(), EmptySecret::IsNone)?;
    super::tell_odd_secrets(&keyring);
    let Some(sample) = Sample::find(&args.event_type) else {
        let known = SAMPLES.map(|sample| sample.event_type).join("`, `");
        return Err(Failure::with_hint(
            format!("there is no sample of the type `{}`", args.event_type),
            format!("the samples are `{known}`"),
        ));
    };
    if keyring.is_empty() {
        eprintln!(
            "hookglass: no signing secret is known, so the sample is signed with a throwaway one\n\
             hint: set SCALEKIT_WEBHOOK_SECRET to what the receiver has"
        );
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new("cannot start the runtime", error))?;
    let exchange = runtime.block_on(samples::send(sample, &target, &keyring));
    runtime.shutdown_background();
    match exchange.outcome {
        Ok(answer) => {
            let milliseconds = exchange.timing.total_us / 1000;
            println!("{} answered {} in {milliseconds} ms", Shown::from_text(&target.to_string()), answer.status);
            for line in shown::lines(&answer.body).take(ANSWER_LINES).filter(|line| !line.is_empty()) {
                println!("{line}");
            }
            let is_delivered = (200..300).contains(&answer.status);
            Ok(if is_delivered { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        }
        Err(failure) => {
            eprintln!("hookglass: {}", Shown::from_text(&failure.text));
            Ok(ExitCode::FAILURE)
        }
    }
}
