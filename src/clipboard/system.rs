//! The system's clipboard, on a thread of its own: a display server that hangs must hold up neither a copy nor the end.

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, TryRecvError, channel};
use std::thread;
use std::time::Duration;

/// Puts a text in the clipboard. Owns what has to live for the text to stay there.
pub type Writer = Box<dyn FnMut(&str) -> Result<(), String>>;

/// Opens the clipboard; runs on the thread that then uses it.
pub type Open = fn() -> Result<Writer, String>;

/// How long the end waits for the text to be handed over to a clipboard manager.
const FAREWELL: Duration = Duration::from_millis(500);

/// The clipboard of the desktop.
pub fn arboard() -> Result<Writer, String> {
    let mut clipboard = ::arboard::Clipboard::new().map_err(|error| error.to_string())?;
    Ok(Box::new(move |text| clipboard.set_text(text).map_err(|error| error.to_string())))
}

/// A clipboard that is opened when first used and kept until the end.
pub struct SystemClipboard {
    open: Open,
    worker: Option<Worker>,
}

struct Worker {
    /// Taken at the end, which tells the thread to finish.
    texts: Option<Sender<String>>,
    /// One result for each text, whether it was taken.
    results: Receiver<bool>,
    /// Whether a text is still without its result.
    is_busy: bool,
}

impl SystemClipboard {
    pub fn new(open: Open) -> Self {
        Self { open, worker: None }
    }

    /// Whether the clipboard took `text` within `patience`. While it still hangs over an earlier text it is not waited for.
    pub fn set(&mut self, text: &str, patience: Duration) -> bool {
        let open = self.open;
        let worker = self.worker.get_or_insert_with(|| Worker::start(open));
        let is_taken = worker.set(text, patience);
        if worker.is_ended() {
            self.worker = None;
        }
        is_taken
    }
}

impl Worker {
    fn start(open: Open) -> Self {
        let (texts, orders) = channel::<String>();
        let (answers, results) = channel();
        let run = move || {
            // A clipboard that does not open ends the thread; the next copy tries again.
            let Ok(mut write) = open() else { return };
            for text in orders {
                if answers.send(write(&text).is_ok()).is_err() {
                    return;
                }
            }
            // Dropped before `answers`, whose end is what the farewell waits for.
            drop(write);
        };
        let started = thread::Builder::new().name("clipboard".into()).spawn(run);
        Self { texts: started.is_ok().then_some(texts), results, is_busy: false }
    }

    fn set(&mut self, text: &str, patience: Duration) -> bool {
        if self.is_busy && self.results.try_recv() == Err(TryRecvError::Empty) {
            return false;
        }
        let is_sent = self.texts.as_ref().is_some_and(|texts| texts.send(text.to_owned()).is_ok());
        if !is_sent {
            self.texts = None;
            return false;
        }
        let result = self.results.recv_timeout(patience);
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
            let _ = self.results.recv_timeout(FAREWELL);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;

    #[test]
    fn a_clipboard_that_does_not_open_is_tried_again() {
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
    fn the_end_waits_until_the_clipboard_is_closed() {
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
