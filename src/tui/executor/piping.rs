//! Runs a command that the user typed, with the bytes of a body on its standard input and nowhere else.

use super::Executor;
use crate::child;
use crate::tui::message::Message;
use crate::tui::shown_text::{ShownText, TextWanted};
use bytes::Bytes;
use std::io;
use std::process::{ExitStatus, Stdio};
use std::sync::PoisonError;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, Command};
use tokio_util::sync::CancellationToken;

/// The most bytes that are shown of each output. A command that writes more is ended.
const MOST: u64 = 1024 * 1024;

/// A command and what it started. Dropping it ends them.
struct Group(Child);

impl Drop for Group {
    fn drop(&mut self) {
        child::end_group(self.0.id());
    }
}

struct Output {
    stdout: Vec<u8>,
    stderr: Vec<u8>,
    /// `None` if it was ended because it wrote too much.
    status: Option<ExitStatus>,
}

impl Executor {
    pub(super) fn stop_pipe(&self) {
        self.piping.lock().unwrap_or_else(PoisonError::into_inner).cancel();
    }

    pub(super) fn pipe(&self, command: String, body: Bytes, columns: usize) {
        let stop = CancellationToken::new();
        *self.piping.lock().unwrap_or_else(PoisonError::into_inner) = stop.clone();
        let messages = self.messages.clone();
        tokio::spawn(async move {
            let ran = tokio::select! {
                () = stop.cancelled() => return,
                ran = run(&command, &body) => ran,
            };
            let shown = match ran {
                Ok(output) => {
                    let laid_out =
                        tokio::task::spawn_blocking(move || ShownText::new(wanted(command, output, columns)));
                    // A panic in it is reported elsewhere.
                    let Ok(shown) = laid_out.await else { return };
                    Ok(Box::new(shown))
                }
                Err(error) => Err(format!("cannot run `{command}`: {error}")),
            };
            // The screen may be gone.
            let _ = messages.send(Message::Piped(shown)).await;
        });
    }
}

async fn run(command: &str, body: &[u8]) -> io::Result<Output> {
    let mut command = Command::from(child::shell(command));
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut group = Group(command.spawn()?);
    let (id, stdin) = (group.0.id(), group.0.stdin.take());
    let (stdout, stderr) = (group.0.stdout.take(), group.0.stderr.take());
    let writing = async {
        if let Some(mut stdin) = stdin {
            // A command need not read everything.
            let _ = stdin.write_all(body).await;
        }
    };
    let ((), stdout, stderr) = tokio::join!(writing, read(stdout, id), read(stderr, id));
    let (stdout, stderr) = (stdout?, stderr?);
    let is_too_long = [&stdout, &stderr].into_iter().any(|bytes| bytes.len() as u64 > MOST);
    let status = group.0.wait().await?;
    Ok(Output { stdout, stderr, status: (!is_too_long).then_some(status) })
}

/// Reads up to one byte more than the most, and then ends the group `id`.
async fn read(from: Option<impl AsyncRead + Unpin>, id: Option<u32>) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if let Some(from) = from {
        from.take(MOST + 1).read_to_end(&mut bytes).await?;
    }
    if bytes.len() as u64 > MOST {
        child::end_group(id);
    }
    Ok(bytes)
}

/// The output, then what the command wrote to stderr.
fn wanted(command: String, output: Output, columns: usize) -> TextWanted {
    let Output { mut stdout, stderr, status } = output;
    stdout.truncate(MOST as usize);
    if !stderr.is_empty() && !stdout.is_empty() && !stdout.ends_with(b"\n") {
        stdout.push(b'\n');
    }
    stdout.extend_from_slice(&stderr[..stderr.len().min(MOST as usize)]);
    let note = match status {
        None => Some("ended: it wrote more than 1 MiB".to_owned()),
        Some(status) if status.success() => None,
        Some(status) => Some(status.to_string()),
    };
    TextWanted { title: command, bytes: stdout.into(), is_value: false, note, columns }
}
