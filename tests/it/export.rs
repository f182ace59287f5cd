//! Runs exported commands in every shell that they are for, against a server that records what arrives.
//!
//! Each shell runs 200 hostile requests as scripts, and the tricks among them, several at once, are pasted into it.
//! `HOOKGLASS_HOSTILE_REQUESTS=5000` makes it as many as that, half of them pasted. A shell that is not installed is skipped, which
//! stderr says.
#![cfg(unix)]

mod pasted;
mod requests;
mod shells;

use crate::support::recorder::Recorder;
use hookglass::core::export::{Destination, curl};
use requests::{Request, requests};
use shells::{BASH, BUSYBOX, DASH, FISH, Folder, Shell, ZSH, ZSH_WITH_OPTIONS, assert_same, command, has};
use std::process::{Command, Stdio};

/// Requests for each shell, if a number was asked for.
fn asked() -> Option<usize> {
    let asked = std::env::var("HOOKGLASS_HOSTILE_REQUESTS").ok();
    asked.map(|count| count.parse().expect("HOOKGLASS_HOSTILE_REQUESTS is a number"))
}

/// Runs `script` in `shell`, with an empty folder as its working folder; gives what it said on stderr.
fn run(shell: &Shell, script: &str, folder: &Folder) -> String {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), script).unwrap();
    let mut command = Command::new(shell.words[0]);
    command.args(&shell.words[1..]).arg(file.path()).current_dir(folder.work()).env_clear().envs(folder.variables());
    let output = command.stdin(Stdio::null()).stdout(Stdio::null()).output().unwrap();
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Requests in one script.
const BATCH: usize = 50;

fn run_all(shell: &Shell, requests: &[Request]) {
    if !has("curl") || !has(shell.words[0]) {
        return;
    }
    let (folder, recorder) = (Folder::new(), Recorder::start(200, ""));
    for batch in requests.chunks(BATCH) {
        let commands: Vec<_> = batch.iter().map(|request| command(request, &recorder)).collect();
        let said = run(shell, &(commands.join("\n") + "\n"), &folder);
        let arrived = recorder.all();
        for (request, arrived) in batch.iter().zip(&arrived) {
            assert_same(shell, request, arrived);
        }
        assert_eq!(arrived.len(), batch.len(), "{} said {said}", shell.name);
        folder.assert_untouched(shell);
    }
    eprintln!("{} sent {} hostile requests as they were", shell.name, requests.len());
}

fn run_hostile(shell: &Shell) {
    run_all(shell, &requests(asked().unwrap_or(200), 20_000));
}

#[test]
fn dash_sends_the_same_bytes_and_runs_nothing_else() {
    run_hostile(&DASH);
}

#[test]
fn busybox_sends_the_same_bytes_and_runs_nothing_else() {
    run_hostile(&BUSYBOX);
}

#[test]
fn bash_sends_the_same_bytes_and_runs_nothing_else() {
    run_hostile(&BASH);
}

#[test]
fn zsh_sends_the_same_bytes_and_runs_nothing_else() {
    run_hostile(&ZSH);
}

#[test]
fn zsh_with_other_options_sends_the_same_bytes_and_runs_nothing_else() {
    run_hostile(&ZSH_WITH_OPTIONS);
}

#[test]
fn fish_sends_the_same_bytes_and_runs_nothing_else() {
    run_hostile(&FISH);
}

#[test]
fn a_body_of_a_megabyte_arrives_from_every_shell() {
    let bytes: Vec<u8> = (0_u32..1 << 20).map(|index| index.to_le_bytes()[index as usize % 3]).collect();
    let text = "text \u{e9} '".repeat(1 << 17).into_bytes();
    let longest_argument = "'\\'x".repeat(25_000).into_bytes();
    let request = |body| Request { method: b"POST".to_vec(), target: b"/".to_vec(), headers: Vec::new(), body };
    let requests = [bytes, text, longest_argument].map(request);
    for shell in [DASH, BUSYBOX, BASH, ZSH, FISH] {
        run_all(&shell, &requests);
    }
}

#[test]
fn a_url_of_the_user_is_taken_as_it_is() {
    for shell in [DASH, BASH, ZSH, FISH] {
        if !has("curl") || !has(shell.words[0]) {
            continue;
        }
        let (folder, recorder) = (Folder::new(), Recorder::start(200, ""));
        let target = "/a/../b//[1-3]{x,y}?q='$(exit%203)'&r=@x\\";
        let url = Destination::Url(format!("http://{}{target}", recorder.address));
        let said = run(&shell, &curl(&url, b"POST", b"/other", &[], b"{}"), &folder);
        let arrived = recorder.all();
        assert_eq!(arrived.len(), 1, "{} said {said}", shell.name);
        assert_eq!(arrived[0].head.target(), target.as_bytes());
    }
}
