//! `hookglass replay`: re-delivers stored events and fixtures, as the provider's retry does or byte for byte.

use super::sending::{self, Asked};
use crate::cli::ReplayArgs;
use crate::commands::Failure;
use crate::config::Environment;
use crate::core::delivery::Form;
use std::process::ExitCode;

pub(super) fn run(args: &ReplayArgs, environment: &Environment) -> Result<ExitCode, Failure> {
    let form = if args.as_received { Form::AsReceived } else { Form::Resigned };
    sending::run(&Asked { form, sources: &args.sources, samples: None, args: &args.sending }, environment)
}
