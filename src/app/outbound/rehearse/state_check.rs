//! The user's command that shows the state of the app, such as a count from its database.

use crate::child;
use crate::core::rehearsal::Snapshot;
use std::io;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::AsyncReadExt;
use tokio::process::{Child, Command};
use tokio::time::timeout;

/// How long the command may take.
const LIMIT: Duration = Duration::from_secs(10);
/// The most bytes that it may print.
const MOST: u64 = 1024 * 1024;

/// A command of the shell, run as it is: nothing of an event is added to it.
#[derive(Clone, Debug)]
pub struct StateCheck {
    pub command: String,
    /// How long to wait before it is run after requests, for an app that puts events into a queue.
    pub settle: Duration,
}

/// Why the command cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    #[error("cannot run the check `{command}`")]
    Start { command: String, source: io::Error },
    #[error("the check `{0}` did not end within 10 s")]
    TimedOut(String),
    #[error("the check `{0}` prints more than 1 MiB")]
    TooLong(String),
    #[error("the check `{0}` prints something else each time, before any request")]
    Unsteady(String),
}

impl StateCheck {
    /// Runs it twice, before any request.
    ///
    /// # Errors
    /// When it cannot be run, or does not give the same twice.
    pub(super) async fn try_out(&self) -> Result<(), CheckError> {
        let (first, second) = (self.run().await?, self.run().await?);
        if first == second { Ok(()) } else { Err(CheckError::Unsteady(self.command.clone())) }
    }

    /// What it prints and how it exits.
    ///
    /// # Errors
    /// When it cannot be started or waited for, takes too long or prints too much.
    pub(super) async fn run(&self) -> Result<Snapshot, CheckError> {
        let failed = |source| CheckError::Start { command: self.command.clone(), source };
        let mut child = self.start().map_err(failed)?;
        let ended = timeout(LIMIT, read(&mut child)).await;
        child::end_group(child.id());
        match ended {
            Err(_) => Err(CheckError::TimedOut(self.command.clone())),
            Ok(Err(error)) => Err(failed(error)),
            Ok(Ok(snapshot)) if snapshot.stdout.len() as u64 > MOST => Err(CheckError::TooLong(self.command.clone())),
            Ok(Ok(snapshot)) => Ok(snapshot),
        }
    }

    fn start(&self) -> io::Result<Child> {
        let mut command = Command::from(child::shell(&self.command));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).kill_on_drop(true).spawn()
    }
}

/// Reads up to one byte more than the most, and waits for the end.
async fn read(child: &mut Child) -> io::Result<Snapshot> {
    let mut stdout = Vec::new();
    if let Some(output) = child.stdout.take() {
        output.take(MOST + 1).read_to_end(&mut stdout).await?;
    }
    let exit_code = if stdout.len() as u64 > MOST { None } else { child.wait().await?.code() };
    Ok(Snapshot { stdout, exit_code })
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    async fn run(command: &str) -> Result<Snapshot, CheckError> {
        StateCheck { command: command.to_owned(), settle: Duration::ZERO }.run().await
    }

    #[tokio::test]
    async fn stdout_and_the_exit_code_are_taken_as_they_are() {
        let snapshot = run("printf 'a\\n\\377'; exit 3").await.unwrap();
        assert_eq!(snapshot, Snapshot { stdout: b"a\n\xff".to_vec(), exit_code: Some(3) });
        let snapshot = run("cat; kill -9 $$").await.unwrap();
        assert_eq!(snapshot, Snapshot { stdout: Vec::new(), exit_code: None });
    }

    #[tokio::test]
    async fn too_much_output_ends_the_command() {
        assert!(matches!(run("yes").await, Err(CheckError::TooLong(_))));
    }

    #[tokio::test]
    async fn a_command_that_gives_something_else_each_time_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("count");
        let command = format!("echo x >> '{0}'; wc -c < '{0}'", path.display());
        let check = StateCheck { command, settle: Duration::ZERO };
        assert!(matches!(check.try_out().await, Err(CheckError::Unsteady(_))));
    }

    #[tokio::test(start_paused = true)]
    async fn a_command_that_hangs_is_ended() {
        let error = run("sleep 1000").await.unwrap_err();
        assert!(matches!(error, CheckError::TimedOut(_)), "{error}");
    }
}
