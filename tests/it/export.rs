//! Runs exported commands in every supported shell, against a server that records the requests.
//!
//! Each shell runs the commands of 200 hostile requests as scripts. The known tricks are also pasted into it, several per request.
//! `HOOKGLASS_HOSTILE_REQUESTS=5000` sets another number; half of the requests are then pasted. A shell that is not installed is skipped,
//! with a note on stderr.
#![cfg(unix)]

mod pasted;
mod requests;
mod shells;

use crate::support::recorder::Recorder;
use hookglass::core::export::{Destination, curl};
use requests::{Request, requests};
use shells::{BASH, BUSYBOX, DASH, FISH, Folder, Shell, ZSH, ZSH_WITH_OPTIONS, assert_same, command, has};
use std::process::{Command, Stdio};

/// The number of requests for each shell, if it was set.
fn asked() -> Option<usize> {
    let asked = std::env::var("HOOKGLASS_HOSTILE_REQUESTS").ok();
    asked.map(|count| count.parse().expect("HOOKGLASS_HOSTILE_REQUESTS is a number"))
}

/// Runs `script` in `shell` in an empty working folder, and returns its stderr.
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
fn commands_run_in_dash_send_the_same_bytes_and_run_nothing_else() {
    run_hostile(&DASH);
}

#[test]
fn commands_run_in_busybox_send_the_same_bytes_and_run_nothing_else() {
    run_hostile(&BUSYBOX);
}

#[test]
fn commands_run_in_bash_send_the_same_bytes_and_run_nothing_else() {
    run_hostile(&BASH);
}

#[test]
fn commands_run_in_zsh_send_the_same_bytes_and_run_nothing_else() {
    run_hostile(&ZSH);
}

#[test]
fn commands_run_in_zsh_with_other_options_send_the_same_bytes_and_run_nothing_else() {
    run_hostile(&ZSH_WITH_OPTIONS);
}

#[test]
fn commands_run_in_fish_send_the_same_bytes_and_run_nothing_else() {
    run_hostile(&FISH);
}

#[test]
fn every_shell_sends_a_body_of_one_megabyte() {
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
fn a_url_given_by_the_user_is_used_unchanged() {
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
