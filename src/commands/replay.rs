//! `hookglass replay`: kept events and fixtures once more, as the provider's retry sends them or byte for byte.

use super::sending::{self, Asked, Intent};
use crate::cli::ReplayArgs;
use crate::commands::Failure;
use crate::config::Environment;
use std::process::ExitCode;

pub(super) fn run(args: &ReplayArgs, environment: &Environment) -> Result<ExitCode, Failure> {
    let intent = if args.as_received { Intent::AsReceived } else { Intent::Again };
    sending::run(&Asked { intent, sources: &args.sources, args: &args.sending }, environment)
}
