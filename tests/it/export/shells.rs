//! The supported shells, each with its own home and working folder.

use super::requests::Request;
use crate::support::recorder::{Recorded, Recorder};
use hookglass::core::export::{Destination, curl};
use std::process::{Command, Stdio};
use tempfile::TempDir;

pub struct Shell {
    /// The name in messages.
    pub name: &'static str,
    /// The program and its arguments. They keep it from reading the machine's configuration.
    pub words: &'static [&'static str],
}

pub const DASH: Shell = Shell { name: "dash", words: &["dash"] };
pub const BUSYBOX: Shell = Shell { name: "busybox", words: &["busybox", "sh"] };
pub const BASH: Shell = Shell { name: "bash", words: &["bash", "--norc", "--noprofile"] };
pub const ZSH: Shell = Shell { name: "zsh", words: &["zsh", "-f"] };
/// Options that change the meaning of quotes and names.
pub const ZSH_WITH_OPTIONS: Shell = Shell {
    name: "zsh with options",
    words: &["zsh", "-f", "-o", "rcquotes", "-o", "extendedglob", "-o", "magicequalsubst"],
};
pub const FISH: Shell = Shell { name: "fish", words: &["fish"] };

/// A folder with `home` and `work`. Nothing may appear in `work`.
pub struct Folder(TempDir);

impl Folder {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for name in ["home", "work"] {
            std::fs::create_dir(folder.path().join(name)).unwrap();
        }
        Self(folder)
    }

    pub fn work(&self) -> std::path::PathBuf {
        self.0.path().join("work")
    }

    pub fn variables(&self) -> Vec<(&'static str, String)> {
        let home = self.0.path().join("home").to_str().unwrap().to_owned();
        let path = std::env::var("PATH").unwrap();
        [
            ("PATH", path),
            ("HOME", home),
            ("NO_PROXY", "*".to_owned()),
            ("LANG", "C.UTF-8".to_owned()),
            ("TERM", "xterm".to_owned()),
        ]
        .to_vec()
    }

    /// Asserts that no part of a request was run.
    #[track_caller]
    pub fn assert_untouched(&self, shell: &Shell) {
        let files: Vec<_> = std::fs::read_dir(self.work()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert!(files.is_empty(), "{} ran a part of a request: {files:?}", shell.name);
    }
}

/// Whether the program is installed. If not, says so on stderr.
pub fn has(program: &str) -> bool {
    let mut command = Command::new(program);
    command.arg("--help").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let is_there = command.status().is_ok();
    if !is_there {
        eprintln!("skipped: `{program}` is not installed");
    }
    is_there
}

/// The command that sends `request` to `recorder`.
pub fn command(request: &Request, recorder: &Recorder) -> String {
    let server = Destination::Server(recorder.address.to_string());
    curl(&server, &request.method, &request.target, &request.headers(), &request.body)
}

/// Asserts that `arrived` equals `request`, except for what curl sets (`Host`, `Content-Length`).
#[track_caller]
pub fn assert_same(shell: &Shell, request: &Request, arrived: &Recorded) {
    let headers = arrived.headers_without(&["host", "content-length"]);
    let is_same = arrived.head.method() == request.method
        && arrived.head.target() == request.target
        && headers == request.headers
        && arrived.body == request.body;
    assert!(
        is_same,
        "{} sent {:?} {headers:?} {:?} for {request:?}",
        shell.name,
        arrived.head.bytes().escape_ascii(),
        arrived.body
    );
}
