//! Commands pasted into an interactive shell, in terminals with and without bracketed paste.

use super::requests::{packed, requests};
use super::shells::{BASH, BUSYBOX, DASH, FISH, Folder, Shell, ZSH, assert_same, command, has};
use crate::support::recorder::Recorder;
use crate::support::terminal::Terminal;
use portable_pty::CommandBuilder;

const PROMPT: &str = "READY> ";

/// The longest part of a request, in bytes: more than any terminal takes in one line.
const LONG: usize = 6000;
/// The same for fish, which calls a function for every quote in a bracketed paste.
const SHORT: usize = 40;

/// Pastes the commands of hostile requests. `is_marked` tells whether the terminal brackets the paste.
fn paste(shell: &Shell, interactive: &[&str], longest: usize, is_marked: bool) {
    if !has("curl") || !has(shell.words[0]) {
        return;
    }
    let (folder, recorder) = (Folder::new(), Recorder::start(200, ""));
    let mut builder = CommandBuilder::new(shell.words[0]);
    builder.args(&shell.words[1..]);
    builder.args(interactive);
    builder.cwd(folder.work());
    builder.env_clear();
    for (name, value) in folder.variables() {
        builder.env(name, value);
    }
    builder.env("PS1", PROMPT);
    let mut terminal = Terminal::start(builder, 50, 200);
    wait_for_prompt(&terminal, "");
    let requests = super::asked().map_or_else(|| packed(longest), |count| requests(count / 2, longest));
    for (place, request) in requests.iter().enumerate() {
        // Terminals send a newline as CR. Some send LF in a bracketed paste.
        let end = if is_marked && place % 2 == 1 { "\n" } else { "\r" };
        let text = command(request, &recorder).replace('\n', end);
        if is_marked {
            terminal.wait_until("marked pastes", |seen| seen.screen().bracketed_paste());
            terminal.paste(&text);
            terminal.type_keys("\r");
        } else {
            terminal.type_keys(&format!("{text}\r"));
        }
        assert_same(shell, request, &recorder.next());
        // A shell with an open quote would not run this.
        terminal.type_keys(&format!("echo 'NEXT''{place};'\r"));
        wait_for_prompt(&terminal, &format!("NEXT{place};"));
    }
    assert!(recorder.all().is_empty());
    folder.assert_untouched(shell);
    terminal.type_keys("exit\r");
    terminal.wait_for_end();
}

/// Waits for a prompt after the only occurrence of `text`.
#[track_caller]
fn wait_for_prompt(terminal: &Terminal, text: &str) {
    terminal.wait_until(&format!("a prompt after `{text}`"), |seen| {
        let tail = &seen.output[seen.output.len().saturating_sub(4000)..];
        memchr::memmem::find(tail, text.as_bytes())
            .is_some_and(|start| memchr::memmem::find(&tail[start..], PROMPT.as_bytes()).is_some())
    });
}

#[test]
fn commands_pasted_into_dash_send_the_same_bytes() {
    paste(&DASH, &["-i"], LONG, false);
}

#[test]
fn commands_pasted_into_busybox_send_the_same_bytes() {
    paste(&BUSYBOX, &["-i"], LONG, false);
}

#[test]
fn commands_pasted_into_bash_send_the_same_bytes() {
    paste(&BASH, &["-i"], LONG, true);
}

#[test]
fn commands_pasted_into_bash_without_bracketed_paste_send_the_same_bytes() {
    paste(&BASH, &["-i"], LONG, false);
}

#[test]
fn commands_pasted_into_zsh_send_the_same_bytes() {
    paste(&ZSH, &["-i"], LONG, true);
}

#[test]
fn commands_pasted_into_zsh_without_bracketed_paste_send_the_same_bytes() {
    paste(&ZSH, &["-i"], LONG, false);
}

const FISH_PROMPT: &str = "function fish_prompt; echo -n 'READY> '; end; set -g fish_greeting";

#[test]
fn commands_pasted_into_fish_send_the_same_bytes() {
    paste(&FISH, &["-i", "-C", FISH_PROMPT], SHORT, true);
}

#[test]
fn commands_pasted_into_fish_without_bracketed_paste_send_the_same_bytes() {
    paste(&FISH, &["-i", "-C", FISH_PROMPT], SHORT, false);
}
