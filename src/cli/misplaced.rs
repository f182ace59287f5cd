//! Arguments that are missing or in the wrong place: flags before the command, and the number of an event where a command is expected.

use super::Cli;
use crate::core::nearest::nearest;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Command, CommandFactory};
use std::ffi::OsString;

/// Flags of the whole program. Each takes a value.
const GLOBALS: [&str; 2] = ["--config", "--log"];

/// `arguments` with the flags of the whole program behind the command, where clap accepts them.
pub(super) fn with_globals_last(arguments: &[OsString]) -> Vec<OsString> {
    let [program, rest @ ..] = arguments else { return Vec::new() };
    let mut globals = 0;
    while let Some(text) = rest.get(globals).and_then(|argument| argument.to_str()) {
        let is_joined = GLOBALS.iter().any(|flag| text.strip_prefix(flag).is_some_and(|rest| rest.starts_with('=')));
        globals += match text {
            _ if is_joined => 1,
            text if GLOBALS.contains(&text) && rest.len() > globals + 1 => 2,
            _ => break,
        };
    }
    let (globals, rest) = rest.split_at(globals);
    let first = rest.first().and_then(|first| first.to_str());
    let is_command = first.is_some_and(|first| !first.starts_with('-'));
    // `help` takes the name of a command, and no flags.
    let globals = if first == Some("help") { &[] } else { globals };
    // Directly behind the command: a `--` may follow.
    let (command, rest) = rest.split_at(usize::from(is_command));
    [std::slice::from_ref(program), command, globals, rest].concat()
}

/// What `verify` needs, as clap calls it.
const TO_VERIFY: &str = "<NUMBER|FIXTURE>";

/// `error` in better words, if it is about an argument that is missing or in the wrong place.
pub(super) fn explained(error: clap::Error) -> clap::Error {
    if error.kind() == ErrorKind::MissingRequiredArgument {
        return nothing_to_verify(&error).unwrap_or(error);
    }
    let Some(ContextValue::String(named)) = error.get(ContextKind::InvalidSubcommand) else { return error };
    let mut program = Cli::command();
    let text = match error.kind() {
        ErrorKind::ArgumentConflict => match first_flag(&error) {
            Some(flag) => misplaced(&program, named, &flag),
            None => return error,
        },
        ErrorKind::InvalidSubcommand if named.parse::<u64>().is_ok() => {
            format!("`{named}` is not a command: to show an event, use `hookglass events show {named}`")
        }
        ErrorKind::InvalidSubcommand if named == "show" => {
            "`show` is not a command: to show an event, use `hookglass events show NUMBER`".to_owned()
        }
        _ => return error,
    };
    program.error(error.kind(), text)
}

/// What to say to `verify` without anything to verify.
fn nothing_to_verify(error: &clap::Error) -> Option<clap::Error> {
    let Some(ContextValue::Strings(missing)) = error.get(ContextKind::InvalidArg) else { return None };
    let is_all = missing.iter().all(|name| name == TO_VERIFY);
    let mut program = Cli::command();
    let verify = program.find_subcommand_mut("verify").filter(|_| is_all)?;
    let text = "name what to verify: the number of a stored event, a fixture file, or a file with a copied request \
                behind `--headers`";
    Some(verify.error(error.kind(), text))
}

/// The name of the first flag that the error is about, such as `--db`.
fn first_flag(error: &clap::Error) -> Option<String> {
    let flag = match error.get(ContextKind::PriorArg)? {
        ContextValue::String(flag) => flag,
        ContextValue::Strings(flags) => flags.first()?,
        _ => return None,
    };
    flag.split(' ').next().filter(|name| name.starts_with("--")).map(str::to_owned)
}

/// What to say about `flag`, which came before the command `named`, or about a command that does not exist.
fn misplaced(program: &Command, named: &str, flag: &str) -> String {
    let nested = program.get_subcommands().find_map(|outer| Some((outer, outer.find_subcommand(named)?)));
    let (path, command) = match (program.find_subcommand(named), nested) {
        (Some(command), _) => (named.to_owned(), command),
        (None, Some((outer, command))) => (format!("{} {named}", outer.get_name()), command),
        (None, None) => return unknown(program, named),
    };
    let argument =
        command.get_arguments().find(|argument| argument.get_long().is_some_and(|long| flag == format!("--{long}")));
    match argument {
        Some(argument) => {
            let is_valued = argument.get_action().takes_values();
            let value = argument.get_value_names().and_then(|names| names.first()).filter(|_| is_valued);
            let value = value.map(|value| format!(" {value}")).unwrap_or_default();
            format!("`{flag}` belongs after the command: `hookglass {path} {flag}{value}`")
        }
        None => format!("`{path}` has no `{flag}`"),
    }
}

/// Says that there is no command `named`, and which one the user may mean.
fn unknown(program: &Command, named: &str) -> String {
    match nearest(named, program.get_subcommands().map(|command| (command.get_name(), command.get_name()))) {
        Some(name) => format!("`{named}` is not a command: did you mean `hookglass {name}`?"),
        None => format!("`{named}` is not a command: `hookglass --help` lists them"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moved(arguments: &str) -> String {
        let arguments: Vec<OsString> = arguments.split(' ').map(OsString::from).collect();
        with_globals_last(&arguments).join(" ".as_ref()).into_string().unwrap()
    }

    #[test]
    fn flags_of_the_whole_program_may_come_first() {
        for (given, expected) in [
            ("h --config f events", "h events --config f"),
            ("h --config=f --log l events --json", "h events --config=f --log l --json"),
            ("h --config events events -- x", "h events --config events -- x"),
            ("h --config f --port 3", "h --config f --port 3"),
            ("h --port 3 --config f", "h --port 3 --config f"),
            ("h events --config f", "h events --config f"),
            ("h --config", "h --config"),
            ("h --config f help send", "h help send"),
        ] {
            assert_eq!(moved(given), expected);
        }
    }
}
