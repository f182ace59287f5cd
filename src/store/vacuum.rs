//! Makes the file smaller: gives free pages back, or rewrites the whole file.

use super::backup::Interrupt;
use super::files::{beside, size_of};
use super::{Store, StoreError};
use std::ops::ControlFlow;
use std::path::Path;

/// Pages that are given back in one transaction. Commits of new events wait for it.
const STEP: u32 = 256;

impl Store {
    /// Gives free pages of a file with incremental vacuum back, in small steps. Calls `each` between them, which may end it. Does nothing
    /// to other files.
    ///
    /// # Errors
    /// When the history cannot be written.
    pub fn give_back(&self, mut each: impl FnMut() -> ControlFlow<()>) -> Result<(), StoreError> {
        let free = || -> rusqlite::Result<u32> {
            let mode: u32 = self.connection.pragma_query_value(None, "auto_vacuum", |row| row.get(0))?;
            if mode == 2 { self.connection.pragma_query_value(None, "freelist_count", |row| row.get(0)) } else { Ok(0) }
        };
        let mut left = free().map_err(StoreError::Vacuum)?;
        while left > 0 && each().is_continue() {
            let step = || -> rusqlite::Result<()> {
                let mut statement = self.connection.prepare_cached(&format!("PRAGMA incremental_vacuum({STEP})"))?;
                let mut rows = statement.query([])?;
                // Each row stands for a page.
                while rows.next()?.is_some() {}
                Ok(())
            };
            step().map_err(StoreError::Vacuum)?;
            let before = std::mem::replace(&mut left, free().map_err(StoreError::Vacuum)?);
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

/// The bytes in the log of the database at `path`, which a rewrite fills first.
pub(crate) fn log_size(path: &Path) -> u64 {
    size_of(&beside(path, "-wal"))
}
