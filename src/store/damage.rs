//! Reports damage to the writer, and the steps of its repair to everyone else.

use super::files::FileId;
use super::salvage::Salvaged;
use std::sync::Arc;
use tokio::sync::mpsc;

/// A step of the repair of a history that is open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Repair {
    /// hookglass copies the readable events and stores nothing. `events` of about `of` are copied.
    Copying { events: u64, of: u64, damage: String },
    /// The readable events are in a new file, and hookglass stores events again.
    Done(Salvaged),
    /// hookglass stores nothing until it tries again.
    Failed { why: String, hint: &'static str, is_full: bool },
}

/// Called with each step of a repair. Must not block.
pub(super) type OnRepair = Arc<dyn Fn(Repair) + Send + Sync>;

/// Damage that a read of `file` found.
#[derive(Debug)]
pub(super) struct Damage {
    pub(super) file: FileId,
    pub(super) text: String,
}

/// Reports damage to the writer.
#[derive(Clone, Debug)]
pub(super) struct Alarm(mpsc::Sender<Damage>);

impl Alarm {
    pub(super) fn new() -> (Self, mpsc::Receiver<Damage>) {
        let (sender, receiver) = mpsc::channel(1);
        (Self(sender), receiver)
    }

    /// Never waits. If another report is still waiting, this one is dropped: one is enough.
    pub(super) fn raise(&self, file: FileId, text: String) {
        let _ = self.0.try_send(Damage { file, text });
    }
}
