//! The subcommands, a file or a folder each. `listen` also opens the screen.

mod about;
mod accept;
mod compare;
mod completions;
mod config;
mod coverage;
mod deleting;
mod diff;
mod doctor;
mod ending;
mod events;
mod explain;
mod failure;
mod files;
mod filtered;
mod history;
mod keeping;
mod listen;
mod man;
mod output;
mod rehearse;
mod replay;
mod report;
mod seen;
mod send;
mod sending;
mod talk;
mod transfer;
mod types;
mod verify;
mod watched;

use crate::cli::{Cli, Command, SecretArgs, StoreArgs};
use crate::config::{ConfigError, EmptySecret, Environment};
use crate::core::event::Summary;
use crate::core::signature::{Keyring, odd_secrets};
use crate::log::{self, LogError, PROCESS, told};
use crate::store::Reader;
use crate::tui::keymap::{self, RebindError};
pub use failure::Failure;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
pub use talk::tell;

/// The columns at which prose is wrapped.
const WIDTH: usize = 100;

/// Runs the command. The exit code is 0, 1 for a negative result, or 2 if the command could do nothing and has printed why.
///
/// # Errors
/// When the command could not run: exit code 2.
pub fn run(cli: &Cli) -> Result<ExitCode, Failure> {
    let ended = run_command(cli);
    match &ended {
        Ok(code) => tracing::info!(target: PROCESS, is_success = *code == ExitCode::SUCCESS, "ended"),
        Err(failure) => tracing::error!(target: PROCESS, why = told(failure.text()), "failed"),
    }
    ended
}

fn run_command(cli: &Cli) -> Result<ExitCode, Failure> {
    // Commands that need no settings work while the configuration file has a mistake.
    let read = || {
        let environment = Environment::read(Path::new("."), cli.config.as_deref(), tell)?;
        use_keys(cli, &environment)?;
        Ok::<_, ConfigError>(environment)
    };
    let settings = || {
        let environment = read()?;
        start_log(cli, &environment)?;
        Ok::<_, Failure>(environment)
    };
    let settings_and_notices = || {
        let environment = settings()?;
        environment.notices.iter().for_each(|notice| tell(&notice.to_string()));
        Ok::<_, Failure>(environment)
    };
    let listen =
        |args, environment: &_| listen::run(args, cli.config.is_some(), environment).map(|()| ExitCode::SUCCESS);
    match &cli.command {
        // `listen` shows the notices itself, so that they stay visible.
        None => listen(&cli.listen, &settings()?),
        Some(Command::Listen(args)) => listen(args, &settings()?),
        Some(Command::Send(args)) => send::run(args, &settings_and_notices()?),
        Some(Command::Replay(args)) => replay::run(args, &settings_and_notices()?),
        Some(Command::Events(args)) => events::run(args, &settings_and_notices()?),
        Some(Command::Export(args)) => transfer::export(args, &settings_and_notices()?),
        Some(Command::Import(args)) => transfer::import(args, &settings_and_notices()?),
        Some(Command::History(args)) => history::run(args, &settings_and_notices()?),
        Some(Command::Verify(args)) => verify::run(args, &settings_and_notices()?),
        Some(Command::Doctor(args)) => doctor::run(args, &settings_and_notices()?),
        Some(Command::Rehearse(args)) => rehearse::run(args, &settings_and_notices()?),
        Some(Command::Report(args)) => report::run(cli, args, read()),
        Some(Command::Explain(args)) => explain::run(args),
        Some(Command::Config(args)) => config::run(args, cli.config.as_deref()),
        Some(Command::Types(args)) if args.seen => seen::run(args, &settings_and_notices()?),
        Some(Command::Types(args)) => types::run(args),
        Some(Command::Coverage(args)) => coverage::run(args, &settings_and_notices()?),
        Some(Command::Completions(args)) => completions::run(args),
        Some(Command::Man(args)) => man::run(args),
    }
}

/// Gives the screen the keys of the configuration file.
fn use_keys(cli: &Cli, environment: &Environment) -> Result<(), ConfigError> {
    let Some(changes) = &environment.file.rebindings else { return Ok(()) };
    let table = keymap::rebound(changes).map_err(|RebindError { line, why }| {
        let path = cli.config.clone().or_else(crate::config::usual_path).unwrap_or_default();
        ConfigError::Key { path, line, why }
    })?;
    keymap::install(table);
    Ok(())
}

/// Starts the log, if there is to be one.
fn start_log(cli: &Cli, environment: &Environment) -> Result<(), LogError> {
    let Some(path) = cli.log.as_deref().or(environment.file.log.as_deref()) else { return Ok(()) };
    log::start(path, environment.text(log::LEVELS))?;
    tracing::info!(
        target: PROCESS,
        version = env!("CARGO_PKG_VERSION"),
        system = std::env::consts::OS,
        processor = std::env::consts::ARCH,
        id = std::process::id(),
        set_in_file = environment.file.set_keys().join(","),
        "started"
    );
    Ok(())
}

/// The path of the history.
fn database(args: &StoreArgs, environment: &Environment) -> Result<PathBuf, Failure> {
    Ok(crate::config::database(args.db.as_deref(), &environment.file)?)
}

/// Opens the history for reading.
fn open_history(args: &StoreArgs, environment: &Environment) -> Result<Reader, Failure> {
    Ok(Reader::open_alone(&database(args, environment)?)?)
}

/// What to add to the response of an event in a list. Nothing for an event that cannot be read: the list must not end because of one.
fn response_note(reader: &Reader, summary: &Summary) -> String {
    if !summary.may_be_malformed() && !summary.is_incomplete() {
        return String::new();
    }
    reader.event(summary.seq).ok().flatten().map(|event| event.response_note()).unwrap_or_default()
}

/// Reads the secrets of a command, and says what is wrong with their files.
fn keyring(environment: &Environment, args: &SecretArgs, empty: EmptySecret) -> Result<Keyring, Failure> {
    let (keyring, notices) = crate::config::keyring(environment, args.files(), empty)?;
    notices.iter().for_each(|notice| tell(&notice.to_string()));
    Ok(keyring)
}

/// Says on stderr which secrets look wrong.
fn tell_odd_secrets(keyring: &Keyring) {
    odd_secrets(keyring).for_each(|line| tell(&line));
}
