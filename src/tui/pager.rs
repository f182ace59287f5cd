//! The user's own pager, with a text on its standard input and nowhere else.

use super::message::Message;
use super::paged::Paged;
use crate::child;
use std::io;
use std::process::{ExitStatus, Stdio};
use tokio::io::AsyncWriteExt;
use tokio::process::{Child, Command};

/// An open pager.
pub(crate) struct Pager {
    child: Child,
    name: String,
}

impl Pager {
    /// Opens the pager `name`, a shell command.
    ///
    /// # Errors
    /// A message for `update` when it cannot be started.
    pub fn open(name: &str, paged: Paged) -> Result<Self, Box<Message>> {
        let mut command = child::command("sh");
        command.arg("-c").arg(name).stdin(Stdio::piped());
        let started = Command::from(command).kill_on_drop(true).spawn();
        let mut child =
            started.map_err(|error| Box::new(failed(format!("cannot open the pager `{name}`: {error}"))))?;
        if let Some(mut stdin) = child.stdin.take() {
            tokio::spawn(async move {
                // A panic in it is reported elsewhere. A pager that is closed early reads no more.
                let Ok(text) = tokio::task::spawn_blocking(move || paged.text()).await else { return };
                let _ = stdin.write_all(&text).await;
            });
        }
        Ok(Self { child, name: name.to_owned() })
    }

    pub fn child(&mut self) -> &mut Child {
        &mut self.child
    }

    /// What is wrong, if anything is. Ctrl-C ends some pagers, so a signal is not wrong.
    pub fn close(self, ended: io::Result<ExitStatus>) -> Option<Message> {
        let name = self.name;
        match ended {
            Ok(status) if status.code().is_none_or(|code| code == 0) => None,
            Ok(status) => Some(failed(format!("the pager `{name}` failed ({status}); set `PAGER` to another one"))),
            Err(error) => Some(failed(format!("cannot wait for the pager `{name}`: {error}"))),
        }
    }
}

fn failed(why: String) -> Message {
    Message::PagerFailed(why)
}
