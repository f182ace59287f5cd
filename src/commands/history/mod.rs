//! `hookglass history`: commands for the history as a whole.

mod backup;

use crate::cli::{HistoryArgs, HistoryCommand};
use crate::commands::Failure;
use crate::config::Environment;
use std::process::ExitCode;

pub(super) fn run(args: &HistoryArgs, environment: &Environment) -> Result<ExitCode, Failure> {
    match &args.command {
        HistoryCommand::Backup(args) => backup::run(args, environment),
    }
}
