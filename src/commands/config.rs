//! `hookglass config`: the configuration file with all keys and defaults, its JSON schema, and its path.

use super::output::{Output, checked};
use super::{Failure, tell};
use crate::cli::ConfigArgs;
use crate::config;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

/// `file` is the one that `--config` names.
pub(super) fn run(args: &ConfigArgs, file: Option<&Path>) -> Result<ExitCode, Failure> {
    let text = if args.schema {
        config::document::schema()
    } else if args.path {
        path(file)?
    } else {
        config::document::commented()
    };
    let mut out = Output::stdout();
    checked(out.write_all(text.as_bytes()).and_then(|()| out.finish()))?;
    Ok(ExitCode::SUCCESS)
}

fn path(file: Option<&Path>) -> Result<String, Failure> {
    let usual = config::usual_path();
    let path = file.or(usual.as_deref()).ok_or_else(|| {
        Failure::with_hint(
            "there is no configuration folder: neither `XDG_CONFIG_HOME` nor `HOME` is set",
            "name a file with `--config FILE`",
        )
    })?;
    if !path.exists() {
        tell("this file does not exist; `hookglass config` prints its contents with all defaults");
    }
    Ok(format!("{}\n", path.display()))
}
