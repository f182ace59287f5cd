//! Tells the one who writes that the history is damaged, and everybody else what comes of it.

use super::files::FileId;
use super::salvage::Salvaged;
use std::sync::Arc;
use tokio::sync::mpsc;

/// What comes of damage that was found while the history is open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Repair {
    /// Nothing is stored while the readable events are copied: so many by now, of about so many.
    Copying { events: u64, of: u64, damage: String },
    /// A new file has them, and events are stored again.
    Done(Salvaged),
    /// Nothing is stored until it is tried again, `why` in words.
    Failed { why: String, hint: &'static str, is_full: bool },
}

/// Is told of each step of a repair. Must not block.
pub type OnRepair = Arc<dyn Fn(Repair) + Send + Sync>;

/// Damage in a file that was found in reading it.
#[derive(Debug)]
pub(super) struct Damage {
    pub(super) file: FileId,
    pub(super) text: String,
}

/// The way to the one who writes.
#[derive(Clone, Debug)]
pub(super) struct Alarm(mpsc::Sender<Damage>);

impl Alarm {
    pub(super) fn new() -> (Self, mpsc::Receiver<Damage>) {
        let (sender, receiver) = mpsc::channel(1);
        (Self(sender), receiver)
    }

    /// Never waits: one alarm is enough.
    pub(super) fn raise(&self, file: FileId, text: String) {
        let _ = self.0.try_send(Damage { file, text });
    }
}
