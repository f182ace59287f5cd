//! The real `hookglass` program, listening without a screen.

use crate::http;
use crate::process::Process;
use std::net::SocketAddr;
use std::process::Command;
use tempfile::TempDir;

pub struct Inspector {
    address: SocketAddr,
    process: Process,
    _folder: TempDir,
}

/// What of a JSON line is compared.
#[derive(Debug, serde::Deserialize)]
pub struct Line {
    pub verdict: String,
    pub reason: Option<String>,
    path: String,
}

#[derive(serde::Deserialize)]
struct FirstLine {
    listening: String,
}

impl Inspector {
    /// Starts it with one secret, taken verbatim, and `arguments` besides.
    pub fn start(secret: &str, arguments: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let secret_file = folder.path().join("secret");
        std::fs::write(&secret_file, format!("{secret}\n")).unwrap();
        let mut command = program();
        command.args(["--port", "0", "--json", "--db", "events.db", "--secret-file"]).arg(&secret_file);
        let process = Process::start(command.args(arguments).current_dir(folder.path()));
        let first = process.line().unwrap_or_else(|| panic!("hookglass does not start: {}", process.errors()));
        let first: FirstLine = serde_json::from_str(&first).unwrap();
        let address = first.listening.trim_start_matches("http://").parse().unwrap();
        Self { address, process, _folder: folder }
    }

    /// Sends the bytes of a request to it and gives what it prints of it.
    pub fn ask(&self, path: &str, wire: &[u8]) -> Line {
        let answer = http::ask(self.address, wire);
        let line = matches!(answer.status, 200 | 201 | 400 | 401).then(|| self.process.line()).flatten();
        let line = line.unwrap_or_else(|| panic!("hookglass kept nothing: {answer:?} {}", self.process.errors()));
        let line: Line = serde_json::from_str(&line).unwrap();
        assert!(line.path.starts_with(&path[..path.len().min(200)]), "this is of another request: {line:?}");
        line
    }

    /// What it says of the next event that it forwarded; what it says of its secret is passed over.
    pub fn forwarded(&self) -> String {
        let mut lines = std::iter::from_fn(|| self.process.error_line());
        lines.find(|line| line.starts_with("hookglass: event ")).expect("it tells of every event that it forwards")
    }
}

/// The program, which knows no secret but those it is given.
pub fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hookglass"));
    command.env_remove(hookglass::config::SECRET_VARIABLE);
    command
}
