//! The history on disk: one SQLite file.
//!
//! One process receives events and stores them, several in one commit. Any number of other processes may add deliveries or read.
//! hookglass acknowledges an event only after it is committed and synced. This module must not know HTTP or the screen.
//!
//! Two things can go wrong with the files of an open history:
//! - *Harm* (`identity`): another program removed, replaced, truncated or overwrote a file. hookglass can no longer trust the files,
//!   so it writes and acknowledges nothing more until the next start.
//! - *Damage* (`damage`, `check`): a page or a row cannot be read, as after a disk fault. The writer copies everything readable to a new
//!   file (`salvage`) and continues with that file (`repair`). The next start does the same if a file was harmed.

mod annotations;
mod backup;
mod batch;
mod check;
mod checkpoint;
mod commits;
mod connection;
mod convert;
mod damage;
mod delete_for_good;
mod deletion;
mod ephemeral;
mod error;
mod files;
mod format;
mod guards;
mod identity;
mod integrity;
mod interrupt;
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
mod stranger;
mod vacuum;
mod writer;

pub use crate::core::reply::AppendError;
pub(crate) use backup::Progress;
pub use backup::{BackedUp, Backup, BackupError};
pub use batch::Forwarded;
pub use check::Check;
pub use commits::OnStored;
pub use convert::Opening;
pub use damage::Repair;
pub use delete_for_good::Deleted;
pub(crate) use ephemeral::remove_leftovers;
pub use error::{SalvageError, StoreError};
pub use guards::Closing;
pub use interrupt::Interrupt;
pub use open::Store;
pub(crate) use reader::Version;
pub use reader::{Extent, Overview, Reader};
pub use salvage::{Copied, Salvaged};
pub(crate) use vacuum::log_size;
pub(crate) use writer::Settlement;
pub use writer::{Queue, WeakWriter, Writer, WriterTask};
