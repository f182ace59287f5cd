//! The system clipboard, on a separate thread: a display server that hangs must not block a copy or the exit.

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, TryRecvError, channel};
use std::thread;
use std::time::Duration;

/// Puts text in the clipboard. It owns whatever must stay alive for the text to remain there.
pub type Writer = Box<dyn FnMut(&str) -> Result<(), String>>;

/// Opens the clipboard. Runs on the thread that uses it.
pub(crate) type Open = fn() -> Result<Writer, String>;

/// How long the exit waits for the text to reach a clipboard manager.
const EXIT_TIMEOUT: Duration = Duration::from_millis(500);

/// The clipboard of the desktop.
pub fn arboard() -> Result<Writer, String> {
    let mut clipboard = ::arboard::Clipboard::new().map_err(|error| error.to_string())?;
    Ok(Box::new(move |text| clipboard.set_text(text).map_err(|error| error.to_string())))
}

/// A clipboard that is opened on first use and stays open until the exit.
pub(crate) struct SystemClipboard {
    open: Open,
    worker: Option<Worker>,
}

struct Worker {
    /// Taken on exit, which tells the thread to finish.
    texts: Option<Sender<String>>,
    /// For each text, whether the clipboard accepted it.
    results: Receiver<bool>,
    /// Whether a result is still outstanding.
    is_busy: bool,
}

impl SystemClipboard {
    pub fn new(open: Open) -> Self {
        Self { open, worker: None }
    }

    /// Whether the clipboard accepted `text` within `timeout`. Returns `false` at once while it still hangs on an
    /// earlier text.
    pub fn set(&mut self, text: &str, timeout: Duration) -> bool {
        let open = self.open;
        let worker = self.worker.get_or_insert_with(|| Worker::start(open));
        let is_taken = worker.set(text, timeout);
        if worker.is_ended() {
            self.worker = None;
        }
        is_taken
    }
}

impl Worker {
    fn start(open: Open) -> Self {
        let (texts, orders) = channel::<String>();
        let (done, results) = channel();
        let run = move || {
            // If the clipboard does not open, the thread ends. The next copy tries again.
            let Ok(mut write) = open() else { return };
            for text in orders {
                if done.send(write(&text).is_ok()).is_err() {
                    return;
                }
            }
            // Dropped before `done`, whose disconnection the exit waits for.
            drop(write);
        };
        let started = thread::Builder::new().name("clipboard".into()).spawn(run);
        Self { texts: started.is_ok().then_some(texts), results, is_busy: false }
    }

    fn set(&mut self, text: &str, timeout: Duration) -> bool {
        if self.is_busy && self.results.try_recv() == Err(TryRecvError::Empty) {
            return false;
        }
        let is_sent = self.texts.as_ref().is_some_and(|texts| texts.send(text.to_owned()).is_ok());
        if !is_sent {
            self.texts = None;
            return false;
        }
        let result = self.results.recv_timeout(timeout);
        self.is_busy = result == Err(RecvTimeoutError::Timeout);
        if result == Err(RecvTimeoutError::Disconnected) {
            self.texts = None;
        }
        result == Ok(true)
    }

    fn is_ended(&self) -> bool {
        self.texts.is_none()
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.texts = None;
        if !self.is_busy {
            let _ = self.results.recv_timeout(EXIT_TIMEOUT);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;

    #[test]
    fn a_clipboard_that_failed_to_open_is_opened_again() {
        static OPENED: Mutex<u32> = Mutex::new(0);
        let mut clipboard = SystemClipboard::new(|| {
            let mut opened = OPENED.lock().unwrap();
            *opened += 1;
            if *opened == 1 { Err("not yet".into()) } else { Ok(Box::new(|_| Ok(()))) }
        });
        assert!(!clipboard.set("a", Duration::from_secs(5)));
        assert!(clipboard.set("b", Duration::from_secs(5)));
        assert!(clipboard.set("c", Duration::from_secs(5)));
        assert_eq!(*OPENED.lock().unwrap(), 2);
    }

    #[test]
    fn the_exit_waits_until_the_clipboard_is_closed() {
        static STEPS: Mutex<Vec<String>> = Mutex::new(Vec::new());
        struct Closing;
        impl Drop for Closing {
            fn drop(&mut self) {
                STEPS.lock().unwrap().push("closed".into());
            }
        }
        let mut clipboard = SystemClipboard::new(|| {
            let closing = Closing;
            Ok(Box::new(move |text| {
                let _ = &closing;
                STEPS.lock().unwrap().push(text.to_owned());
                Ok(())
            }))
        });
        assert!(clipboard.set("a", Duration::from_secs(5)));
        drop(clipboard);
        assert_eq!(*STEPS.lock().unwrap(), ["a", "closed"]);
    }
}
