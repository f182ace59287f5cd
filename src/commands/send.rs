//! `hookglass send`: sends samples, stored events and fixtures as new events.

use super::sending::{self, Asked};
use crate::cli::SendArgs;
use crate::commands::Failure;
use crate::config::Environment;
use crate::core::delivery::Form;
use std::process::ExitCode;

pub(super) fn run(args: &SendArgs, environment: &Environment) -> Result<ExitCode, Failure> {
    let asked = Asked { form: Form::New, sources: &args.sources, samples: Some(&args.samples), args: &args.sending };
    sending::run(&asked, environment)
}
