//! The program that has the terminal instead of hookglass: an editor or a pager.

use super::editor::Editor;
use super::message::Message;
use super::pager::Pager;
use std::io;
use std::process::ExitStatus;

pub(crate) enum Guest {
    Editor(Editor),
    Pager(Pager),
}

impl Guest {
    /// What `update` is told once the guest has ended.
    pub fn close(self, ended: io::Result<ExitStatus>) -> Option<Message> {
        match self {
            Self::Editor(editor) => Some(editor.close(ended)),
            Self::Pager(pager) => pager.close(ended),
        }
    }
}

/// Waits until the guest ends; never returns when there is none. Safe to cancel.
pub(crate) async fn exited(guest: &mut Option<Guest>) -> io::Result<ExitStatus> {
    match guest {
        Some(Guest::Editor(editor)) => editor.child().wait().await,
        Some(Guest::Pager(pager)) => pager.child().wait().await,
        None => std::future::pending().await,
    }
}
