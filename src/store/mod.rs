//! The history on disk: one SQLite file; one process that receives events, with group commit; any number beside it that keep what
//! they deliver, and any number of readers.
//!
//! Nothing is acknowledged before it is committed and synced. This module knows nothing of HTTP or the screen.

mod backup;
mod batch;
mod checkpoint;
mod closing;
mod convert;
mod ephemeral;
mod error;
mod identity;
mod lock;
mod open;
mod private;
mod reader;
mod resolve;
mod schema;
mod writer;

pub use crate::core::overrides::AppendError;
pub use backup::{BackedUp, Backup, BackupError, Interrupt, Progress};
pub use batch::Forwarded;
pub use closing::Closing;
pub use ephemeral::remove_leftovers;
pub use error::StoreError;
pub use open::{Check, OnHarmed, Opening, Store};
pub use reader::Reader;
pub use writer::{OnStored, Queue, WeakWriter, Writer, WriterTask};
