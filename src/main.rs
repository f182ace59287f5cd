//! Parse, run, exit. The one place that prints an error and chooses the exit code.

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
