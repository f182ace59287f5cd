//! Distinguishes a history, even a damaged one, from any other file, which hookglass must not touch.

use super::StoreError;
use super::error::opening_failed;
use super::files::{beside, read_at, size_of};
use super::format::{DatabaseHeader, LEAF, PAGE_SIZE};
use super::salvage::has_traces;
use super::schema::APPLICATION_ID;
use rusqlite::Connection;
use std::fs::{File, FileType};
use std::io;
use std::path::Path;
use std::sync::Arc;

/// Bytes of the first page up to the number of its cells, which is the number of tables if they fit into the page.
const FIRST_BYTES: usize = 105;
/// Where the first page says what program the database belongs to (section 1.3 of SQLite's file format).
const ID: usize = 68;
/// Where the first page says what kind of page it is (section 1.6), and how many cells it has.
const KIND: usize = 100;
const CELLS: usize = 103;
/// The tables of the first format.
const TABLES: [&str; 3] = ["event", "request", "delivery"];

/// Refuses the file at `path` unless it is missing, empty, a history, or what is left of one.
///
/// Opens and closes the file, so this process must have no connection to it.
pub(super) fn refuse_at(path: &Path) -> Result<(), StoreError> {
    refuse_unless_file(path)?;
    // If it cannot be opened, the next step says why.
    File::open(path).map_or(Ok(()), |file| refuse(path, &Arc::new(file)))
}

/// Refuses a folder, and a pipe, which would block whoever opens it. Does not open the file. A missing one is not refused.
pub(super) fn refuse_unless_file(path: &Path) -> Result<(), StoreError> {
    match path.metadata() {
        Ok(metadata) if !metadata.is_file() => {
            Err(StoreError::NotFile { path: path.to_owned(), what: kind(metadata.file_type()) })
        }
        _ => Ok(()),
    }
}

fn kind(kind: FileType) -> &'static str {
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        if kind.is_fifo() {
            return "a named pipe";
        }
        if kind.is_socket() {
            return "a socket";
        }
    }
    if kind.is_dir() { "a folder" } else { "a device" }
}

/// As [`refuse_at`], with an open handle of the file.
pub(super) fn refuse(path: &Path, file: &Arc<File>) -> Result<(), StoreError> {
    let failed = |source: io::Error| StoreError::Create { path: path.to_owned(), source };
    if file.metadata().map_err(failed)?.len() == 0 {
        return Ok(());
    }
    let mut first = [0; FIRST_BYTES];
    let is_whole = read_at(file, &mut first, 0);
    if is_whole && first[ID..].starts_with(&APPLICATION_ID.to_be_bytes()) {
        return Ok(());
    }
    let header = DatabaseHeader::read(file).filter(|_| is_whole);
    if let Some(header) = header {
        let is_page_size_ours = header.page_size() == PAGE_SIZE;
        // A history has its mark before its tables, and without tables the database is nobody's. They may be in the log only.
        let is_empty = first[KIND] == LEAF && first[CELLS..].starts_with(&[0, 0]);
        let may_be_ours = if is_empty {
            is_page_size_ours || size_of(&beside(path, "-wal")) == 0
        } else {
            // The mark may be damaged.
            is_page_size_ours && has_traces(path, file)
        };
        return if may_be_ours { Ok(()) } else { Err(StoreError::Foreign { path: path.to_owned() }) };
    }
    if has_traces(path, file) { Ok(()) } else { Err(StoreError::NotHistory { path: path.to_owned() }) }
}

/// Why a database with tables, but without the mark of a history, cannot be opened. With our tables, it is a history whose mark is damaged.
pub(super) fn without_mark(connection: &Connection, path: &Path) -> StoreError {
    let ours = "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name IN (?1, ?2, ?3)";
    let path = path.to_owned();
    match connection.query_row(ours, TABLES, |row| row.get(0)) {
        Ok(3) => StoreError::Damaged { path, cause: rusqlite::Error::InvalidQuery },
        Ok(_) => StoreError::Foreign { path },
        Err(source) => opening_failed(&path, source),
    }
}
