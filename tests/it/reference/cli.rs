//! `cli.md`: every command, flag and exit code.

use super::table;
use clap::{Command, CommandFactory};
use hookglass::cli::Cli;
use std::fmt::Write;

/// Every command with its name in full, in the order of the help.
pub fn commands() -> Vec<(String, Command)> {
    let mut command = Cli::command();
    // Gives the commands their full names, and the global flags.
    command.build();
    let mut commands = Vec::new();
    add("", command, &mut commands);
    commands
}

fn add(parent: &str, command: Command, commands: &mut Vec<(String, Command)>) {
    let name = format!("{parent} {}", command.get_name()).trim_start().to_owned();
    let below: Vec<_> = command.get_subcommands().filter(|below| below.get_name() != "help").cloned().collect();
    commands.push((name.clone(), command));
    below.into_iter().for_each(|command| add(&name, command, commands));
}

pub fn page() -> String {
    let commands = commands();
    let rows = commands.iter().map(|(name, command)| {
        let about = command.get_about().map(ToString::to_string).unwrap_or_default();
        [format!("[`{name}`](#{})", name.replace(' ', "-")), about, exit_codes(command)]
    });
    let overview = table(["Command", "", "Exit codes"], rows);
    let mut page = format!(
        "# Command line\n\n{overview}\nEvery command exits with code 2 when an argument is wrong. `-h` prints a short help, and `--help` \
         the texts below.\n"
    );
    for (name, mut command) in commands {
        let help: String =
            command.render_long_help().to_string().lines().map(|line| line.trim_end().to_owned() + "\n").collect();
        write!(page, "\n## {name}\n\n```text\n{help}```\n").unwrap();
    }
    page
}

/// What the help says about the exit codes.
fn exit_codes(command: &Command) -> String {
    let text = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    text.split_once("Exit codes: ").map(|(_, codes)| codes.to_owned()).unwrap_or_default()
}

#[test]
fn every_command_says_its_exit_codes() {
    for (name, command) in commands() {
        assert!(exit_codes(&command).starts_with("0 "), "{name}");
    }
}
