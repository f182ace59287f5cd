//! The shells that commands are for, each in a home and a working folder of its own.

use super::requests::Request;
use crate::support::recorder::{Recorded, Recorder};
use hookglass::core::export::{Destination, curl};
use std::process::{Command, Stdio};
use tempfile::TempDir;

pub struct Shell {
    /// For people.
    pub name: &'static str,
    /// The program and its arguments, without configuration of the machine's.
    pub words: &'static [&'static str],
}

pub const DASH: Shell = Shell { name: "dash", words: &["dash"] };
pub const BUSYBOX: Shell = Shell { name: "busybox", words: &["busybox", "sh"] };
pub const BASH: Shell = Shell { name: "bash", words: &["bash", "--norc", "--noprofile"] };
pub const ZSH: Shell = Shell { name: "zsh", words: &["zsh", "-f"] };
/// With options that give quotes and names other meanings.
pub const ZSH_WITH_OPTIONS: Shell = Shell {
    name: "zsh with options",
    words: &["zsh", "-f", "-o", "rcquotes", "-o", "extendedglob", "-o", "magicequalsubst"],
};
pub const FISH: Shell = Shell { name: "fish", words: &["fish"] };

/// A folder with `home`, and `work`, in which nothing may appear.
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

    /// Asserts that nothing that a request brought has been run.
    #[track_caller]
    pub fn assert_untouched(&self, shell: &Shell) {
        let files: Vec<_> = std::fs::read_dir(self.work()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert!(files.is_empty(), "{} ran a part of a request: {files:?}", shell.name);
    }
}

/// Whether a program is there; says so on stderr if not.
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

/// Asserts that `arrived` is what `request` was, but for what curl decides (`Host`, `Content-Length`).
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
