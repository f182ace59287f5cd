//! Checks the whole file in a thread of its own, after the start. The end of the program interrupts the check.

use super::damage::Alarm;
use super::{Reader, StoreError};
use rusqlite::InterruptHandle;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// How long the reads may take to notice that they are interrupted.
const PATIENCE: Duration = Duration::from_secs(1);
/// How often a read is interrupted: one that was about to begin does not notice the first time.
const PAUSE: Duration = Duration::from_millis(20);

/// A check of the whole history. It reports damage to the writer.
pub struct Check {
    path: PathBuf,
    alarm: Alarm,
    long_reads: Arc<LongReads>,
}

impl Check {
    pub(super) fn new(path: PathBuf, alarm: Alarm, long_reads: Arc<LongReads>) -> Self {
        Self { path, alarm, long_reads }
    }

    /// Starts the check and calls `on_end` with the damage that it found, if any. The end of the program interrupts the check, which then
    /// finds nothing.
    pub fn start(self, on_end: impl FnOnce(Option<String>) + Send + 'static) {
        // If no thread can be started there is no check. Nothing else depends on it.
        let _ = thread::Builder::new().name("store-check".to_owned()).spawn(move || {
            // A file that could not be checked is not known to be damaged.
            on_end(self.run().unwrap_or_default());
        });
    }

    fn run(self) -> Result<Option<String>, StoreError> {
        let Some((reader, reading)) = self.long_reads.begin(|| Reader::open(&self.path))? else { return Ok(None) };
        let (file, found) = reader.check();
        drop(reader);
        // Not before the reader is closed: the end of the program waits for this.
        drop(reading);
        let found = found?.filter(|_| !self.long_reads.is_over());
        if let Some(text) = &found {
            self.alarm.raise(file, text.clone());
        }
        Ok(found)
    }
}

/// The long reads of this process.
#[derive(Default)]
pub(super) struct LongReads(Mutex<Reads>);

#[derive(Default)]
struct Reads {
    is_over: bool,
    /// A read ends when it drops the other end of its channel.
    running: Vec<(InterruptHandle, Receiver<()>)>,
}

impl LongReads {
    /// Opens a reader for a read that lasts until the returned sender is dropped. `None` if the program is already ending.
    ///
    /// The lock is held while the reader opens. Otherwise [`LongReads::end`] could miss it.
    pub(super) fn begin(
        &self,
        open: impl FnOnce() -> Result<Reader, StoreError>,
    ) -> Result<Option<(Reader, Sender<()>)>, StoreError> {
        let mut reads = self.lock();
        if reads.is_over {
            return Ok(None);
        }
        let reader = open()?;
        let (reading, read) = channel();
        reads.running.push((reader.interrupt_handle(), read));
        Ok(Some((reader, reading)))
    }

    pub(super) fn is_over(&self) -> bool {
        self.lock().is_over
    }

    /// Interrupts all reads and waits until they have ended, for at most a second.
    pub(super) fn end(&self) {
        let running = {
            let mut reads = self.lock();
            reads.is_over = true;
            std::mem::take(&mut reads.running)
        };
        let deadline = Instant::now() + PATIENCE;
        for (handle, read) in running {
            while Instant::now() < deadline {
                handle.interrupt();
                if read.recv_timeout(PAUSE) == Err(RecvTimeoutError::Disconnected) {
                    break;
                }
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Reads> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
