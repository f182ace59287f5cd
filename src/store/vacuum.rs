//! Makes the file smaller: gives free pages back, or rewrites the whole file.

use super::files::{beside, size_of};
use super::interrupt::Interrupt;
use super::{Store, StoreError};
use rusqlite::Connection;
use std::ops::ControlFlow;
use std::path::Path;

/// Pages that are given back in one transaction. Commits of new events wait for it.
const STEP: u32 = 256;
/// While hookglass listens, so many free pages stay for new events: 16 MiB.
const SPARE: u32 = 1024;
/// Pages that are given back between two commits of the listener.
const SMALL_STEP: u32 = 32;

impl Store {
    /// Gives free pages of a file with incremental vacuum back, in small steps. Calls `each` between them, which may end it. Does nothing
    /// to other files.
    ///
    /// # Errors
    /// When the history cannot be written.
    pub fn give_back(&self, mut each: impl FnMut() -> ControlFlow<()>) -> Result<(), StoreError> {
        let free = || free_pages(&self.connection).map_err(StoreError::Vacuum);
        let mut left = free()?;
        while left > 0 && each().is_continue() {
            give_pages_back(&self.connection, STEP).map_err(StoreError::Vacuum)?;
            let before = std::mem::replace(&mut left, free()?);
            if left >= before {
                break;
            }
        }
        self.empty_log()
    }

    /// Rewrites the file without free pages, with incremental vacuum from now on. Until it is done, that takes up to twice the size of the
    /// file beside it. An interrupted run leaves the file as it was.
    ///
    /// # Errors
    /// When there is no room for it, and when the history cannot be written.
    pub fn vacuum(&self) -> Result<(), StoreError> {
        let rewritten = self.connection.execute_batch("PRAGMA auto_vacuum = INCREMENTAL; VACUUM");
        rewritten.map_err(StoreError::Vacuum)?;
        self.empty_log()
    }

    /// Interrupts [`Store::vacuum`] from another thread.
    pub fn interrupt(&self) -> Interrupt {
        Interrupt::of(&self.connection)
    }

    /// Moves the log into the database, which gets its new size. Another program that reads delays it.
    fn empty_log(&self) -> Result<(), StoreError> {
        let emptied = self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
        emptied.map_err(StoreError::Vacuum)
    }
}

/// The pages that could be given back; 0 for a file without incremental vacuum.
fn free_pages(connection: &Connection) -> rusqlite::Result<u32> {
    let mode: u32 = connection.pragma_query_value(None, "auto_vacuum", |row| row.get(0))?;
    if mode == 2 { connection.pragma_query_value(None, "freelist_count", |row| row.get(0)) } else { Ok(0) }
}

fn give_pages_back(connection: &Connection, count: u32) -> rusqlite::Result<()> {
    let mut statement = connection.prepare_cached(&format!("PRAGMA incremental_vacuum({count})"))?;
    let mut rows = statement.query([])?;
    // Each row stands for a page.
    while rows.next()?.is_some() {}
    Ok(())
}

/// Gives a few free pages back, as long as enough are left for new events. Returns whether it did.
pub(super) fn give_some_back(connection: &Connection) -> rusqlite::Result<bool> {
    let before = free_pages(connection)?;
    if before <= SPARE {
        return Ok(false);
    }
    give_pages_back(connection, SMALL_STEP)?;
    Ok(free_pages(connection)? < before)
}

/// The bytes in the log of the database at `path`, which a rewrite fills first.
pub(crate) fn log_size(path: &Path) -> u64 {
    size_of(&beside(path, "-wal"))
}
