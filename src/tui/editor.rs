//! The user's own editor. It owns the terminal while it is open.

use super::message::Message;
use crate::child;
use crate::core::edit;
use crate::core::event::Seq;
use bytes::Bytes;
use std::io::{self, Write};
use std::process::ExitStatus;
use std::time::Duration;
use tempfile::NamedTempFile;
use tokio::process::{Child, Command};

/// How long after the editor has closed an interrupt still counts as the editor's.
const LATE_INTERRUPT: Duration = Duration::from_secs(3);

/// Whether SIGINT or SIGQUIT belongs to the editor. `closed_for`: the time since the last editor closed, if there was
/// one.
///
/// The terminal sends both signals to the editor and to hookglass. On a busy machine hookglass can see the editor's
/// exit before its own copy of the signal that caused it. No key of ours can send one then: in raw mode Ctrl-C and
/// Ctrl-\ are ordinary keys.
pub(crate) fn owns_interrupt(is_open: bool, closed_for: Option<Duration>) -> bool {
    is_open || closed_for.is_some_and(|time| time < LATE_INTERRUPT)
}

/// An open editor, with the body of an event in a temporary file.
pub(crate) struct Editor {
    child: Child,
    file: NamedTempFile,
    name: String,
    seq: Seq,
    body: Bytes,
}

impl Editor {
    /// Opens `body` in the editor `name`, a shell command. Only the user can read the file.
    ///
    /// # Errors
    /// A message for `update` when the file cannot be written or the editor cannot be started.
    pub fn open(name: &str, seq: Seq, body: Bytes) -> Result<Self, Box<Message>> {
        match start(name, &edit::text(&body)) {
            Ok((child, file)) => Ok(Self { child, file, name: name.to_owned(), seq, body }),
            Err(error) => {
                let why = format!("cannot open the editor `{name}`: {error}; set `EDITOR` to another one");
                Err(Box::new(Message::EditorEnded { seq, body, saved: Err(why) }))
            }
        }
    }

    pub fn child(&mut self) -> &mut Child {
        &mut self.child
    }

    /// The saved text as a message. An editor that exits with an error saves nothing: that is how users cancel (`:cq`
    /// in vi).
    pub fn close(self, ended: io::Result<ExitStatus>) -> Message {
        let Self { file, name, seq, body, .. } = self;
        let saved = match ended {
            // Opened by path: an editor may replace the file.
            Ok(status) if status.success() => {
                std::fs::read(file.path()).map_err(|error| format!("cannot read the file that `{name}` saved: {error}"))
            }
            Ok(status) => Err(format!("the editor `{name}` failed ({status}); nothing was sent")),
            Err(error) => Err(format!("cannot wait for the editor `{name}`: {error}")),
        };
        Message::EditorEnded { seq, body, saved }
    }
}

fn start(name: &str, text: &[u8]) -> io::Result<(Child, NamedTempFile)> {
    let mut file = tempfile::Builder::new().prefix("hookglass-").suffix(".json").tempfile()?;
    file.write_all(text)?;
    file.flush()?;
    let child = command(name).arg(file.path()).kill_on_drop(true).spawn()?;
    Ok((child, file))
}

/// Like git: the shell splits the command, and the file is a separate argument.
#[cfg(unix)]
fn command(name: &str) -> Command {
    let mut command = Command::from(child::command("sh"));
    command.arg("-c").arg(format!("{name} \"$@\"")).arg(name);
    command
}

#[cfg(not(unix))]
fn command(name: &str) -> Command {
    let mut words = name.split_whitespace();
    let mut command = Command::from(child::command(words.next().unwrap_or("notepad")));
    command.args(words);
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interrupt_belongs_to_an_open_editor() {
        assert!(owns_interrupt(true, None));
        assert!(owns_interrupt(true, Some(Duration::from_secs(60))), "an earlier editor closed long ago");
    }

    #[test]
    fn a_late_interrupt_belongs_to_the_editor_that_just_closed() {
        assert!(owns_interrupt(false, Some(Duration::ZERO)));
        assert!(owns_interrupt(false, Some(LATE_INTERRUPT - Duration::from_millis(1))));
    }

    #[test]
    fn an_interrupt_without_an_editor_ends_the_program() {
        assert!(!owns_interrupt(false, None));
        assert!(!owns_interrupt(false, Some(LATE_INTERRUPT)));
    }
}
