//! Fills the tmux buffer with the `tmux` command.

use std::ffi::OsString;
use std::io::{Read, Write};
use std::process::{Child, Stdio};
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

/// `-w` also passes the text to the clipboard of tmux's terminal. tmux before 3.2 does not support it.
const ARGUMENTS: [&[&str]; 2] = [&["load-buffer", "-w", "-"], &["load-buffer", "-"]];

/// Whether tmux accepted `text` within `timeout`. `command`: the program and its leading arguments.
pub fn load(command: &[OsString], text: &str, timeout: Duration) -> bool {
    ARGUMENTS.iter().any(|arguments| run(command, arguments, text, timeout / 2))
}

fn run(command: &[OsString], arguments: &[&str], text: &str, timeout: Duration) -> bool {
    let Some((program, prefix)) = command.split_first() else {
        return false;
    };
    let started = crate::child::command(program)
        .args(prefix)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn();
    started.is_ok_and(|mut child| {
        let has_ended = feed(&mut child, text, timeout);
        if !has_ended {
            // An error means that it has just exited, which is fine.
            let _ = child.kill();
        }
        child.wait().is_ok_and(|status| has_ended && status.success())
    })
}

/// Writes the text and waits for the end of the output, on a thread, because both can block for ever.
fn feed(child: &mut Child, text: &str, timeout: Duration) -> bool {
    let (Some(mut input), Some(mut output)) = (child.stdin.take(), child.stdout.take()) else {
        return false;
    };
    let (ended, end) = channel();
    let text = text.to_owned();
    let talk = move || {
        // A child that rejects its input reports that in its exit status.
        let _ = input.write_all(text.as_bytes());
        drop(input);
        let _ = output.read_to_end(&mut Vec::new());
        let _ = ended.send(());
    };
    thread::Builder::new().name("tmux".into()).spawn(talk).is_ok() && end.recv_timeout(timeout).is_ok()
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    /// The longest that the test waits for anything.
    const LONG: Duration = Duration::from_secs(30);

    /// A script in place of tmux: `$1` to `$3` are the arguments, `$0` is a path of the test.
    fn script(text: &str, path: &std::path::Path) -> Vec<OsString> {
        vec!["sh".into(), "-c".into(), text.into(), path.into()]
    }

    #[test]
    fn tmux_gets_the_whole_text_and_the_arguments() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("buffer");
        let text = "a\n\u{e9}'\"$(x)".repeat(50_000);
        assert!(load(&script(r#"echo "$*" > "$0"; cat >> "$0""#, &path), &text, LONG));
        let arrived = std::fs::read_to_string(path).unwrap();
        assert_eq!(arrived.strip_prefix("load-buffer -w -\n"), Some(text.as_str()));
    }

    #[test]
    fn a_tmux_without_w_is_called_again_without_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("buffer");
        assert!(load(&script(r#"[ "$2" = - ] && cat > "$0""#, &path), "text", LONG));
        assert_eq!(std::fs::read(path).unwrap(), b"text");
    }

    #[test]
    fn a_tmux_that_fails_hangs_or_is_missing_is_skipped() {
        let nowhere = std::path::Path::new("/");
        assert!(!load(&script("exit 1", nowhere), &"x".repeat(1 << 20), LONG));
        assert!(!load(&["no-such-command-for-tmux".into()], "text", LONG));
        let hangs = script("exec tail -f /dev/null", nowhere);
        let (ended, end) = channel();
        thread::spawn(move || ended.send(load(&hangs, "text", Duration::from_millis(200))));
        assert_eq!(end.recv_timeout(LONG), Ok(false), "it is waited for, for ever");
    }
}
