//! Tells a history, sound or damaged, from a user's other file. hookglass must not touch the latter, however it was named.

use super::StoreError;
use super::files::read_at;
use super::format::DatabaseHeader;
use super::salvage::has_traces;
use super::schema::APPLICATION_ID;
use std::fs::File;
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
/// A page that holds rows, and not only references to other pages.
const LEAF: u8 = 13;

/// Refuses the file at `path` unless it is missing, empty, a history, or what is left of one.
///
/// Opens and closes the file, so this process must have no connection to it.
pub(super) fn refuse_at(path: &Path) -> Result<(), StoreError> {
    // A pipe would block. What cannot be opened is reported by the next step.
    let is_file = path.metadata().is_ok_and(|metadata| metadata.is_file());
    match File::open(path) {
        Ok(file) if is_file => refuse(path, &Arc::new(file)),
        _ => Ok(()),
    }
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
    if DatabaseHeader::read(file).is_some() && is_whole {
        // A history has its mark before its tables, and without tables the database is nobody's.
        let is_empty = first[KIND] == LEAF && first[CELLS..].starts_with(&[0, 0]);
        return if is_empty { Ok(()) } else { Err(StoreError::Foreign { path: path.to_owned() }) };
    }
    if has_traces(path, file) { Ok(()) } else { Err(StoreError::NotHistory { path: path.to_owned() }) }
}
