//! Help, the version, and errors about the command line, without anything that must not reach the terminal.

use super::Cli;
use super::misplaced::{explained, with_globals_last};
use crate::core::printable::Printable;
use crate::core::redact::{WHERE_A_SECRET_BELONGS, masked};
use clap::Parser;
use std::ffi::{OsStr, OsString};
use std::io::{self, Write};
use std::process::ExitCode;

/// What to print instead of running: help, the version, or an error about the arguments.
pub struct Refused {
    text: Text,
    code: i32,
    has_signing_secret: bool,
}

enum Text {
    /// With clap's colours if the output is a terminal.
    Styled(clap::Error),
    Plain(String),
}

impl Cli {
    /// Parses `arguments`, which begin with the program's name.
    ///
    /// # Errors
    /// When they ask for help or the version, or are wrong.
    pub fn read(arguments: impl IntoIterator<Item = OsString>) -> Result<Self, Refused> {
        let arguments: Vec<_> = arguments.into_iter().collect();
        parse(&arguments).map_err(|error| Refused::new(error, &arguments))
    }
}

impl Refused {
    /// clap repeats arguments in many parts of its messages. So this parses them a second time, with secrets masked and control
    /// characters replaced, and prints the message about those.
    fn new(error: clap::Error, arguments: &[OsString]) -> Self {
        let code = error.exit_code();
        if !error.use_stderr() {
            return Self { text: Text::Styled(error), code, has_signing_secret: false };
        }
        let secrets = arguments.iter().map(|argument| masked(&argument.to_string_lossy(), |_| false));
        let has_signing_secret = secrets.into_iter().any(|masked| masked.has_signing_secret);
        let showable_arguments: Vec<_> = arguments.iter().map(|argument| showable(argument).into()).collect();
        let text = match parse(&showable_arguments) {
            Err(showable) if showable.kind() == error.kind() => Text::Styled(showable),
            // The masked arguments fail in another way, for example because one was not UTF-8.
            _ => Text::Plain(error.to_string().lines().map(|line| showable(line.as_ref()) + "\n").collect()),
        };
        Self { text, code, has_signing_secret }
    }

    /// Prints help to stdout and errors to stderr. Returns the exit code.
    pub fn print(self) -> ExitCode {
        // Nobody reads the output any more.
        let _ = match self.text {
            Text::Styled(error) => error.print(),
            Text::Plain(text) => io::stderr().write_all(text.as_bytes()),
        };
        if self.has_signing_secret {
            let _ = writeln!(io::stderr(), "\nhint: {WHERE_A_SECRET_BELONGS}");
        }
        ExitCode::from(u8::try_from(self.code).unwrap_or(u8::MAX))
    }
}

/// Parses `arguments`. Flags of the whole program may also come before the command.
fn parse(arguments: &[OsString]) -> Result<Cli, clap::Error> {
    Cli::try_parse_from(with_globals_last(arguments)).map_err(explained)
}

fn showable(text: &OsStr) -> String {
    Printable::from_text(&masked(&text.to_string_lossy(), |_| false).text).into_string()
}
