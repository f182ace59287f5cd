//! `hookglass export` and `hookglass import`: events as files of other tools, and what ngrok captured.

mod export;
mod import;
mod ngrok;

use crate::cli::{ImportArgs, ImportSource};
use crate::commands::Failure;
use crate::config::Environment;
pub(super) use export::run as export;
use std::process::ExitCode;

pub(super) fn import(args: &ImportArgs, environment: &Environment) -> Result<ExitCode, Failure> {
    match &args.source {
        None => import::run(args, environment),
        Some(ImportSource::Ngrok(args)) => ngrok::run(args, environment),
    }
}
