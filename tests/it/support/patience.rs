//! How tests wait.
//!
//! A test waits for an event: a line, a byte, the end of a connection or a process, a value on a channel. [`PATIENCE`] bounds each
//! wait, only so that a hang fails instead of lasting for ever. No test asserts that something is fast, and none passes only if a
//! machine is quick enough. Where time itself is tested, the test moves the clock: `tokio`'s paused clock, or [`HeldClock`] beside real
//! sockets. Where only real time will do, a limit that is meant to be reached may be short; one that is not is longer than `PATIENCE`.

use std::sync::mpsc;
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// The longest that a test waits for anything.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// The time that passes on a [`HeldClock`] at once. Between two steps the runtime looks at its sockets.
const STEP: Duration = Duration::from_millis(500);

/// Moves the paused clock of a runtime.
pub struct HeldClock(UnboundedSender<mpsc::Sender<()>>);

/// The end of a [`HeldClock`] on the runtime, which has to be paused.
pub struct Steps(UnboundedReceiver<mpsc::Sender<()>>);

pub fn held_clock() -> (HeldClock, Steps) {
    let (sender, receiver) = unbounded_channel();
    (HeldClock(sender), Steps(receiver))
}

impl HeldClock {
    /// Lets time pass for as long as `wait` takes.
    pub fn pass_while<T: Send>(&self, wait: impl FnOnce() -> T + Send) -> T {
        std::thread::scope(|scope| {
            let waiting = scope.spawn(wait);
            while !waiting.is_finished() {
                self.step();
            }
            waiting.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        })
    }

    /// Lets [`STEP`] pass.
    pub fn step(&self) {
        let (done, is_done) = mpsc::channel();
        self.0.send(done).expect("the runtime goes on");
        is_done.recv_timeout(PATIENCE).expect("the runtime goes on");
    }
}

impl Steps {
    /// Holds the clock and moves it as the test says, until `work` is done.
    pub async fn drive_while<T>(mut self, work: impl Future<Output = T>) -> T {
        // A paused clock jumps ahead as soon as nothing is left to do, but not beside a thread that is busy.
        let (release, released) = mpsc::channel::<()>();
        let holding = tokio::task::spawn_blocking(move || released.recv().is_err());
        let stepping = async {
            while let Some(done) = self.0.recv().await {
                tokio::time::advance(STEP).await;
                // The test may have failed.
                let _ = done.send(());
            }
            std::future::pending().await
        };
        let result = tokio::select! {
            result = work => result,
            () = stepping => unreachable!("it never ends"),
        };
        drop(release);
        assert!(holding.await.unwrap());
        result
    }
}
