//! `hookglass man`: the manual pages, made from the help of the commands.

use super::Failure;
use super::output::checked;
use crate::cli::{Cli, ManArgs};
use clap::{Command, CommandFactory};
use clap_mangen::Man;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

const PROGRAM: &str = concat!("hookglass ", env!("CARGO_PKG_VERSION"));

pub(super) fn run(args: &ManArgs) -> Result<ExitCode, Failure> {
    let mut command = without_help(Cli::command());
    // Gives the commands below it their full names.
    command.build();
    match &args.dir {
        Some(folder) => write_all(&command, folder)?,
        None => {
            let command = find(&command, &args.command)?;
            let mut stdout = io::stdout();
            checked(page(command).and_then(|page| stdout.write_all(&page)).and_then(|()| stdout.flush()))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// clap's own `help` needs no page.
fn without_help(command: Command) -> Command {
    command.disable_help_subcommand(true).mut_subcommands(without_help)
}

fn find<'a>(root: &'a Command, names: &[String]) -> Result<&'a Command, Failure> {
    names.iter().try_fold(root, |command, name| {
        command.find_subcommand(name).ok_or_else(|| {
            Failure::with_hint(
                format!("there is no command `{}`", names.join(" ")),
                format!("`{} --help` lists the commands", command.get_bin_name().unwrap_or("hookglass")),
            )
        })
    })
}

fn page(command: &Command) -> io::Result<Vec<u8>> {
    let mut page = Vec::new();
    Man::new(command.clone()).source(PROGRAM).manual("hookglass").render(&mut page)?;
    Ok(tidied(&String::from_utf8_lossy(&page)).into_bytes())
}

/// A page in which a line after a list stays a line, and the exit codes have the usual heading.
fn tidied(page: &str) -> String {
    let mut tidied = String::new();
    let mut lines = page.lines().peekable();
    let mut is_in_list = false;
    while let Some(line) = lines.next() {
        let is_text = !line.starts_with([' ', '.']) && !line.is_empty();
        if is_in_list && is_text {
            tidied += ".br\n";
        }
        is_in_list = line.starts_with(' ');
        let heading = match lines.peek() {
            Some(next) if line == ".SH EXTRA" && next.starts_with("Exit codes:") => ".SH \"EXIT STATUS\"",
            Some(_) if line == ".SH EXTRA" => ".SH NOTES",
            _ => line,
        };
        tidied += heading;
        tidied.push('\n');
    }
    tidied
}

/// Writes a page for `command` and each one below it, such as `hookglass-events-show.1`.
fn write_all(command: &Command, folder: &Path) -> Result<(), Failure> {
    let failed = |path: &Path, error| Failure::new(&format!("cannot write `{}`", path.display()), error);
    std::fs::create_dir_all(folder).map_err(|error| failed(folder, error))?;
    let name = command.get_display_name().unwrap_or_else(|| command.get_name());
    let path = folder.join(format!("{name}.1"));
    page(command).and_then(|page| std::fs::write(&path, page)).map_err(|error| failed(&path, error))?;
    command.get_subcommands().try_for_each(|command| write_all(command, folder))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_after_a_list_stays_a_line() {
        let page = ".SH OPTIONS\nOne of\n  a  b\n  c  d\nThe end.\n.SH EXTRA\nExit codes: 0\n";
        let expected = ".SH OPTIONS\nOne of\n  a  b\n  c  d\n.br\nThe end.\n.SH \"EXIT STATUS\"\nExit codes: 0\n";
        assert_eq!(tidied(page), expected);
    }

    #[test]
    fn every_command_has_a_page_with_its_exit_codes() {
        let folder = tempfile::tempdir().unwrap();
        let mut command = without_help(Cli::command());
        command.build();
        write_all(&command, folder.path()).unwrap();
        let pages: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
        assert!(pages.iter().any(|page| page.ends_with("hookglass-events-show.1")), "{pages:?}");
        for page in pages {
            let text = std::fs::read_to_string(&page).unwrap();
            assert!(text.contains("Exit codes: 0") && !text.contains("EXTRA"), "{}: {text}", page.display());
        }
    }
}
