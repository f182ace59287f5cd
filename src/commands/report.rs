//! `hookglass report`: what a bug report needs, as one text without secrets, events or the values of settings.

use super::output::{Output, checked};
use super::{Failure, tell};
use crate::cli::{Cli, ReportArgs};
use crate::clipboard::{self, Route};
use crate::config::{self, ConfigError, EmptySecret, Environment, SECRET_VARIABLE};
use crate::core::errors::with_causes;
use crate::core::numbers::grouped;
use crate::core::printable::Printable;
use crate::core::signature::{Keyring, Secret, TRIGGER_SECRET_VARIABLE, odd_secrets};
use crate::log::{self, LEVELS, told};
use crate::store::{Overview, Reader, StoreError};
use std::fmt::Display;
use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;

/// Lines of the log that the report ends with.
const LAST_LINES: usize = 50;
/// Variables whose values describe the terminal and the language.
const VALUES: [&str; 7] =
    ["TERM", "TERM_PROGRAM", "TERM_PROGRAM_VERSION", "COLORTERM", "LANG", "LC_ALL", "XDG_SESSION_TYPE"];
/// Variables that are only reported as set.
const PRESENCE: [&str; 10] =
    ["TMUX", "STY", "SSH_CONNECTION", "SSH_TTY", "WAYLAND_DISPLAY", "DISPLAY", "NO_COLOR", "EDITOR", "VISUAL", LEVELS];

type Lines = Vec<(&'static str, String)>;

/// A mistake in the settings is a part of the report.
pub(super) fn run(
    cli: &Cli,
    args: &ReportArgs,
    environment: Result<Environment, ConfigError>,
) -> Result<ExitCode, Failure> {
    let variable = |name: &str| std::env::var_os(name).map(|value| value.to_string_lossy().into_owned());
    let mut sections = vec![("hookglass", program()), ("Terminal", terminal(variable))];
    let log = match &environment {
        Ok(environment) => {
            sections.push(("Settings", settings(cli, environment)));
            sections.push(("Secrets", secrets(args, environment)));
            sections.push(("History", history(args, environment)));
            cli.log.clone().or_else(|| environment.file.log.clone())
        }
        Err(error) => {
            sections.push(("Settings", vec![("error", told(&with_causes(error)))]));
            cli.log.clone()
        }
    };
    let mut out = Output::stdout();
    let written = sections.iter().try_for_each(|(title, lines)| section(&mut out, title, lines));
    let written = written.and_then(|()| {
        writeln!(out, "Log")?;
        last_lines(log.as_deref()).iter().try_for_each(|line| writeln!(out, "  {line}"))
    });
    checked(written.and_then(|()| out.finish()))?;
    tell("the report has no secrets, events or paths; read it before you post it");
    Ok(ExitCode::SUCCESS)
}

fn section(out: &mut impl Write, title: &str, lines: &[(&str, String)]) -> io::Result<()> {
    writeln!(out, "{title}")?;
    for (name, value) in lines {
        writeln!(out, "  {name:<20} {}", Printable::from_text(value))?;
    }
    writeln!(out)
}

fn program() -> Lines {
    let build = if cfg!(debug_assertions) { "debug" } else { "release" };
    let mut lines = vec![
        ("version", format!("{} ({build} build)", env!("CARGO_PKG_VERSION"))),
        ("platform", format!("{} {}", std::env::consts::OS, std::env::consts::ARCH)),
    ];
    #[cfg(unix)]
    {
        let system = rustix::system::uname();
        let text = |text: &std::ffi::CStr| text.to_string_lossy().into_owned();
        lines.push(("kernel", format!("{} {}", text(system.sysname()), text(system.release()))));
    }
    lines
}

fn terminal(variable: impl Fn(&str) -> Option<String>) -> Lines {
    let is_set = |name: &str| variable(name).is_some_and(|value| !value.is_empty());
    let size = crossterm::terminal::size()
        .map_or_else(|_| "unknown".to_owned(), |(width, height)| format!("{width} columns, {height} lines"));
    let terminals = [
        ("stdin", io::stdin().is_terminal()),
        ("stdout", io::stdout().is_terminal()),
        ("stderr", io::stderr().is_terminal()),
    ];
    let routes = clipboard::plan(&clipboard::Environment::from_variables(&variable, true));
    let values = VALUES.iter().filter_map(|name| Some((*name, told(&variable(name)?))));
    values
        .chain([
            ("also set", listed(PRESENCE.iter().filter(|name| is_set(name)))),
            ("size", size),
            ("are terminals", listed(terminals.iter().filter(|(_, is)| *is).map(|(name, _)| name))),
            ("copies go to", routes.into_iter().map(name_of).collect::<Vec<_>>().join(", then ")),
        ])
        .collect()
}

fn name_of(route: Route) -> &'static str {
    match route {
        Route::System => "the system clipboard",
        Route::Tmux => "tmux",
        Route::Terminal => "the terminal (OSC 52)",
        Route::File => "a file",
    }
}

/// Which settings are set and where, without their values.
fn settings(cli: &Cli, environment: &Environment) -> Lines {
    let file = match (&cli.config, config::usual_path()) {
        (Some(_), _) => "named by `--config`",
        (None, Some(path)) if path.exists() => "in the usual place",
        (None, _) => "none",
    };
    vec![
        ("file", file.to_owned()),
        ("set in the file", listed(environment.file.set_keys().iter())),
        ("warnings", environment.notices.len().to_string()),
    ]
}

fn secrets(args: &ReportArgs, environment: &Environment) -> Lines {
    match config::keyring(environment, args.secrets.files(), EmptySecret::IsNone) {
        Ok((keyring, _)) => {
            let Keyring { verifying, known_only } = &keyring;
            let of = |source| verifying.iter().filter(|secret| source_of(secret) == source).count().to_string();
            vec![
                ("in the environment", of(SecretSource::Variable)),
                ("in .env", of(SecretSource::DotEnv)),
                ("in files", of(SecretSource::File)),
                ("known, not verifying", known_only.len().to_string()),
                ("oddities", odd_secrets(&keyring).count().to_string()),
            ]
        }
        Err(error) => vec![("error", told(&with_causes(&error)))],
    }
}

#[derive(PartialEq, Eq)]
enum SecretSource {
    Variable,
    DotEnv,
    File,
}

/// Where a secret comes from, by the label that [`config::keyring`] gives it.
fn source_of(secret: &Secret) -> SecretSource {
    match secret.label() {
        SECRET_VARIABLE | TRIGGER_SECRET_VARIABLE => SecretSource::Variable,
        label
            if [SECRET_VARIABLE, TRIGGER_SECRET_VARIABLE].iter().any(|name| label.starts_with(name))
                && [" in .env", " in .env.local"].iter().any(|place| label.ends_with(place)) =>
        {
            SecretSource::DotEnv
        }
        _ => SecretSource::File,
    }
}

fn history(args: &ReportArgs, environment: &Environment) -> Lines {
    let error = |error: &(dyn std::error::Error + 'static)| vec![("error", told(&with_causes(error)))];
    let path = match config::database(args.store.db.as_deref(), &environment.file) {
        Ok(path) => path,
        Err(why) => return error(&why),
    };
    match Reader::open_alone(&path).and_then(|reader| reader.overview()) {
        Ok(Overview { format, events, deliveries, bytes }) => vec![
            ("format", format.to_string()),
            ("events", grouped(events)),
            ("deliveries", grouped(deliveries)),
            ("size", format!("{} bytes", grouped(bytes))),
        ],
        Err(StoreError::Missing { .. }) => vec![("file", "none".to_owned())],
        Err(why) => error(&why),
    }
}

/// The end of the log.
fn last_lines(path: Option<&Path>) -> Vec<String> {
    let Some(path) = path else { return vec!["none; `--log FILE` writes one".to_owned()] };
    match log::last_lines(path, LAST_LINES) {
        Ok(lines) => lines.iter().map(|line| told(line)).collect(),
        Err(error) => vec![format!("cannot be read: {}", told(&error.to_string()))],
    }
}

fn listed<T: Display>(things: impl Iterator<Item = T>) -> String {
    let things: Vec<_> = things.map(|thing| thing.to_string()).collect();
    if things.is_empty() { "none".to_owned() } else { things.join(", ") }
}
