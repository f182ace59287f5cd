//! `hookglass completions`: a script that completes the command line in a shell.
//!
//! clap writes the script. It completes flags, commands and listed values, so the values that an argument does not list for the parser are
//! listed here: event types, reasons and states in filters, samples, commands. What clap cannot express for a shell is added to the script.

use super::Failure;
use super::output::checked;
use crate::cli::{Cli, CompletionsArgs};
use crate::core::catalog::catalog;
use crate::core::filter::{Field, State};
use crate::core::signature::Reason;
use clap::builder::PossibleValuesParser;
use clap::{Arg, Command, CommandFactory, ValueHint};
use clap_complete::Shell;
use std::io::{self, Write};
use std::process::ExitCode;

const NAME: &str = "hookglass";
/// Bash splits words at colons, which filters have.
const BASH: &str = include_str!("../../assets/completions/colons.bash");
/// The arguments that take samples and files. clap offers either listed values or files. The hint, which no other argument has, marks them in
/// the script for zsh.
const SOURCES: [&str; 2] = ["sources", "event"];
const MARK: (ValueHint, &str) = (ValueHint::Username, "_users");

pub(super) fn run(args: &CompletionsArgs) -> Result<ExitCode, Failure> {
    let script = script(args.shell);
    checked(io::stdout().write_all(script.as_bytes()).and_then(|()| io::stdout().flush()))?;
    Ok(ExitCode::SUCCESS)
}

fn script(shell: Shell) -> String {
    let mut command = with_values(Cli::command(), shell);
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut command, NAME, &mut script);
    let script = String::from_utf8(script).expect("clap writes UTF-8");
    match shell {
        Shell::Bash => for_bash(&script),
        Shell::Fish => for_fish(&script, &command),
        Shell::Zsh => for_zsh(&script),
        _ => script,
    }
}

/// `command`, where every argument lists the values that are known.
fn with_values(command: Command, shell: Shell) -> Command {
    let names = command.get_subcommands().map(|command| command.get_name().to_owned()).collect::<Vec<_>>();
    let below = command.mut_subcommands(|command| with_values(command, shell));
    // `replay` accepts no samples.
    let has_samples = below.get_name() != "replay";
    let is_root = below.get_name() == NAME;
    let below = below.mut_args(move |arg| match arg.get_id().as_str() {
        "filter" => listing(arg, terms()),
        "event_type" => listing(arg, event_types()),
        "reason" => listing(arg, reasons()),
        id if SOURCES.contains(&id) && has_samples => match shell {
            Shell::Zsh => arg.value_hint(MARK.0),
            _ => listing(arg, event_types()),
        },
        _ => arg,
    });
    if is_root { below.mut_subcommand("man", |man| man.mut_arg("command", |arg| listing(arg, names))) } else { below }
}

fn listing(arg: Arg, values: Vec<String>) -> Arg {
    arg.value_parser(PossibleValuesParser::new(values))
}

fn event_types() -> Vec<String> {
    catalog().events().iter().map(|event| event.name.clone()).collect()
}

fn reasons() -> Vec<String> {
    Reason::all().map(|reason| reason.to_string()).collect()
}

/// Every term of a filter that names one type, state or reason, and an example of each other field.
fn terms() -> Vec<String> {
    let of = |field: Field| -> Vec<String> {
        match field {
            Field::Type => event_types(),
            Field::Is => State::ALL.map(|state| state.word().to_owned()).to_vec(),
            Field::Reason => reasons(),
            _ => Vec::new(),
        }
    };
    let terms = |field: Field| match &of(field)[..] {
        // Only the history knows its values. A shell would take some signs for its own.
        [] => Some(field.example())
            .filter(|term| !term.contains(['*', '>']))
            .map(str::to_owned)
            .into_iter()
            .collect::<Vec<_>>(),
        values => values.iter().map(|value| format!("{}:{value}", field.name())).collect(),
    };
    Field::ALL.into_iter().flat_map(terms).collect()
}

fn for_bash(script: &str) -> String {
    let (functions, registration) = script.split_once("\nif [[ \"${BASH_VERSINFO[0]}\" -eq 4 ").unwrap_or((script, ""));
    let registration = registration.replace(" -F _hookglass ", " -F _hookglass_with_colons ");
    format!("{functions}{BASH}\nif [[ \"${{BASH_VERSINFO[0]}}\" -eq 4 {registration}")
}

fn for_zsh(script: &str) -> String {
    // `_arguments` takes a list of words or a function.
    let function = format!(
        "_hookglass_sources() {{\n    _alternative 'samples:sample:({})' 'files:fixture:_files'\n}}\n\n",
        event_types().join(" ")
    );
    let script = script.replace(&format!(":{}' \\", MARK.1), ":_hookglass_sources' \\");
    // After `*::`, zsh completes no more flags once it has seen a source.
    let script = script.replace("\n'*::", "\n'*:");
    script.replacen("_hookglass() {", &format!("{function}_hookglass() {{"), 1)
}

/// clap completes no positional arguments for fish.
fn for_fish(script: &str, command: &Command) -> String {
    // `-f` turns files off.
    let mut script: String = script
        .lines()
        .map(|line| {
            let takes_files = line.contains(" -l event ");
            let line = if takes_files { line.replace(" -r -f -a ", " -r -F -a ") } else { line.to_owned() };
            line + "\n"
        })
        .collect();
    for command in command.get_subcommands() {
        for argument in command.get_positionals() {
            let values = argument.get_possible_values();
            if values.is_empty() {
                continue;
            }
            let words = values.iter().map(|value| value.get_name()).collect::<Vec<_>>().join(" ");
            let files = if SOURCES.contains(&argument.get_id().as_str()) { "" } else { " -f" };
            let name = command.get_name();
            script +=
                &format!("complete -c {NAME} -n \"__fish_{NAME}_using_subcommand {name}\"{files} -a \"{words}\"\n");
        }
    }
    script
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_script_has_what_is_added_to_it() {
        for (shell, parts) in [
            (Shell::Bash, &["-F _hookglass_with_colons -o nosort", "reason:body-altered:bom"][..]),
            (Shell::Zsh, &["_hookglass_sources() {", "EVENT:_hookglass_sources' \\", "type\\:user.signup"]),
            (Shell::Fish, &["subcommand send\" -a \"", "-l event -d", " -r -F -a ", "subcommand completions\" -f -a"]),
            (Shell::PowerShell, &["Register-ArgumentCompleter"]),
            (Shell::Elvish, &["edit:completion:arg-completer"]),
        ] {
            let script = script(shell);
            for part in parts {
                assert!(script.contains(part), "{shell}: no {part} in\n{script}");
            }
            assert!(!script.contains(MARK.1), "{shell}");
        }
    }
}
