//! Parses the arguments, runs the command, and exits. Only this file prints a failure and turns it into an exit code.

use hookglass::{cli::Cli, commands};
use std::process::ExitCode;

fn main() -> ExitCode {
    let cli = match Cli::read(std::env::args_os()) {
        Ok(cli) => cli,
        Err(refused) => return refused.print(),
    };
    match commands::run(&cli) {
        Ok(code) => code,
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::from(2)
        }
    }
}
