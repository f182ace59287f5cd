//! The history on disk: one SQLite file; one process that receives events, with group commit; any number beside it that keep what
//! they deliver, and any number of readers.
//!
//! Nothing is acknowledged before it is committed and synced. This module knows nothing of HTTP or the screen.
//!
//! Two things can go wrong with the files of an open history:
//! - *Harm* (`identity`): another program removed, replaced, truncated or overwrote a file. The history's state on disk is no longer ours
//!   to change, so nothing more is written or acknowledged until the next start.
//! - *Damage* (`damage`, `check`): a page or a row cannot be read, as after a disk fault. The one who writes copies what can be read to a
//!   new file (`salvage`) and goes on with that (`repair`). The same happens at the next start after harm.

mod backup;
mod batch;
mod check;
mod checkpoint;
mod commits;
mod connection;
mod convert;
mod damage;
mod ephemeral;
mod error;
mod files;
mod format;
mod guards;
mod identity;
mod integrity;
mod lock;
mod one_file;
mod open;
mod prepare;
mod private;
mod reader;
mod repair;
mod resolve;
mod salvage;
mod schema;
mod shortage;
mod writer;

pub use crate::core::reply::AppendError;
pub use backup::{BackedUp, Backup, BackupError, Interrupt, Progress};
pub use batch::Forwarded;
pub use check::Check;
pub use commits::OnStored;
pub use convert::Opening;
pub use damage::{OnRepair, Repair};
pub use ephemeral::remove_leftovers;
pub use error::{SalvageError, StoreError};
pub use guards::Closing;
pub use open::{OnHarmed, Store};
pub use reader::{Reader, Version};
pub use salvage::{Copied, Salvaged};
pub use writer::{Queue, WeakWriter, Writer, WriterTask};
