//! One file for each subcommand that is not the screen.

mod ending;
mod events;
mod failure;
mod files;
mod filtered;
mod history;
mod keeping;
mod listen;
mod output;
mod rehearse;
mod replay;
mod send;
mod sending;
mod talk;
mod verify;

use crate::cli::{Cli, Command, SecretArgs, StoreArgs};
use crate::config::{self, EmptySecret, Environment};
use crate::core::signature::{Keyring, odd_secrets};
use crate::store::Reader;
pub use failure::Failure;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
pub use talk::tell;

/// Columns at which prose is broken.
const WIDTH: usize = 100;

/// Runs what the command line asks for. The code is 0, or 1 for a command's own negative answer, or 2 where it has said of each thing
/// why it could not do it.
///
/// # Errors
/// When it could not run: exit code 2.
pub fn run(cli: &Cli) -> Result<ExitCode, Failure> {
    let environment = Environment::read(Path::new("."), cli.config.as_deref(), tell)?;
    if !matches!(cli.command, None | Some(Command::Listen(_))) {
        // The listener tells them itself, where they stay to be seen.
        environment.notices.iter().for_each(|notice| tell(&notice.to_string()));
    }
    match &cli.command {
        None => listen::run(&cli.listen, &environment).map(|()| ExitCode::SUCCESS),
        Some(Command::Listen(args)) => listen::run(args, &environment).map(|()| ExitCode::SUCCESS),
        Some(Command::Send(args)) => send::run(args, &environment),
        Some(Command::Replay(args)) => replay::run(args, &environment),
        Some(Command::Events(args)) => events::run(args, &environment),
        Some(Command::History(args)) => history::run(args, &environment),
        Some(Command::Verify(args)) => verify::run(args, &environment),
        Some(Command::Rehearse(args)) => rehearse::run(args, &environment),
    }
}

/// The file of the history.
fn database(args: &StoreArgs, environment: &Environment) -> Result<PathBuf, Failure> {
    Ok(config::database(args.db.as_deref(), &environment.file)?)
}

/// The kept events, to be read.
fn open_history(args: &StoreArgs, environment: &Environment) -> Result<Reader, Failure> {
    Ok(Reader::open_alone(&database(args, environment)?)?)
}

/// The secrets of a command; tells what is wrong with their files.
fn keyring(environment: &Environment, args: &SecretArgs, empty: EmptySecret) -> Result<Keyring, Failure> {
    let (keyring, notices) = config::keyring(environment, args.files(), empty)?;
    notices.iter().for_each(|notice| tell(&notice.to_string()));
    Ok(keyring)
}

/// Says on stderr which secrets are odd.
fn tell_odd_secrets(keyring: &Keyring) {
    odd_secrets(keyring).for_each(|line| tell(&line));
}
