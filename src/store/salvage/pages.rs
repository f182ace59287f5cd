//! Finds rows in the pages of the file without following the tree of pages. SQLite cannot reach rows behind a damaged inner page, or in a
//! file whose first page is damaged.
//!
//! The layout is that of <https://www.sqlite.org/fileformat2.html>. The bytes may be damaged, so every length and offset is checked.

use super::log::Log;
use super::rows::{Ascending, Row};
use crate::store::files::{beside, read_at};
use crate::store::format::{LEAF, PAGE};
use rusqlite::types::Value;
use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Arc;

/// The other kinds of pages that hold rows. The rows of a table without row ids are in an index, whose inner pages hold rows too.
const INDEX_LEAF: u8 = 10;
const INDEX_INNER: u8 = 2;
const LEAF_HEADER: usize = 8;
const INNER_HEADER: usize = 12;
/// Most bytes of a row in its own page. If the row has overflow pages, its own page holds at least [`FEWEST_LOCAL`] bytes.
const MOST_LOCAL: usize = PAGE - 35;
const MOST_LOCAL_IN_INDEX: usize = (PAGE - 12) * 64 / 255 - 23;
const FEWEST_LOCAL: usize = (PAGE - 12) * 32 / 255 - 23;
/// Bytes of the row in an overflow page.
const OVERFLOW: usize = PAGE - 4;

/// The newest version of each page: from the log, or else from the database.
pub(super) struct Pages {
    file: Arc<File>,
    log: Option<File>,
    /// The offsets of pages in the log.
    frames: HashMap<u32, u64>,
    count: u32,
}

impl Pages {
    /// The pages of the database at `path`. `file` is a shared handle of it. A handle of its own would drop SQLite's locks in this process
    /// when it is closed.
    ///
    /// # Errors
    /// When the size of the database cannot be read.
    pub(super) fn new(file: Arc<File>, path: &Path, log: Log) -> io::Result<Self> {
        let count = file.metadata()?.len() / PAGE as u64;
        let newest = log.frames.keys().max().copied().unwrap_or(0);
        let count = u32::try_from(count).unwrap_or(u32::MAX).max(newest);
        Ok(Self { file, log: File::open(beside(path, "-wal")).ok(), frames: log.frames, count })
    }

    /// Calls `each` with every readable row of every table. Leaves out numbers above `highest`. A row without a number gets 0. A row may
    /// come more than once, even in an older version. Entries of indexes count as rows.
    ///
    /// # Errors
    /// The first error of `each`.
    pub(super) fn for_each_row<E>(&self, highest: i64, mut each: impl FnMut(Row) -> Result<(), E>) -> Result<(), E> {
        for number in 2..=self.count {
            let Some(page) = self.read(number) else { continue };
            let cells = 0..usize::from(u16::from_be_bytes([page[3], page[4]]));
            match page[0] {
                LEAF => {
                    let mut order = Ascending::new(highest);
                    for (number, values) in cells.filter_map(|cell| self.row(&page, cell)) {
                        if let Some(row) = order.next(number, values) {
                            each(row)?;
                        }
                    }
                    if let Some(row) = order.end() {
                        each(row)?;
                    }
                }
                INDEX_LEAF | INDEX_INNER => {
                    cells.filter_map(|cell| self.entry(&page, cell)).try_for_each(|values| each((0, values)))?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn read(&self, number: u32) -> Option<Vec<u8>> {
        let (from, place) = match self.frames.get(&number) {
            Some(place) => (self.log.as_ref()?, *place),
            None => (&*self.file, u64::from(number.checked_sub(1)?) * PAGE as u64),
        };
        let mut page = vec![0; PAGE];
        read_at(from, &mut page, place).then_some(page)
    }

    /// The row in a cell of a leaf page: its number, and its columns if they can be read.
    fn row(&self, page: &[u8], cell: usize) -> Option<(i64, Option<Vec<Value>>)> {
        let mut rest = cell_at(page, LEAF_HEADER, cell)?;
        let size = usize::try_from(varint(&mut rest)?).ok()?;
        let number = varint(&mut rest)?.cast_signed();
        let mut values = self.payload(rest, size, MOST_LOCAL).and_then(|payload| record(&payload));
        // The first column is NULL and stands for the number. Not so in `sqlite_sequence`.
        if let Some(first @ Value::Null) = values.as_mut().and_then(|values| values.first_mut()) {
            *first = Value::Integer(number);
        }
        Some((number, values))
    }

    /// The columns in a cell of an index.
    fn entry(&self, page: &[u8], cell: usize) -> Option<Vec<Value>> {
        let mut rest = if page[0] == INDEX_INNER {
            // The first four bytes are the number of a child page.
            cell_at(page, INNER_HEADER, cell)?.get(4..)?
        } else {
            cell_at(page, LEAF_HEADER, cell)?
        };
        let size = usize::try_from(varint(&mut rest)?).ok()?;
        record(&self.payload(rest, size, MOST_LOCAL_IN_INDEX)?)
    }

    /// The `size` bytes of a row. Its own page has `local`, which may hold up to `most_local` of them.
    fn payload(&self, local: &[u8], size: usize, most_local: usize) -> Option<Vec<u8>> {
        if size <= most_local {
            return local.get(..size).map(<[u8]>::to_vec);
        }
        if size.div_ceil(OVERFLOW) > self.count as usize {
            return None;
        }
        let preferred = FEWEST_LOCAL + (size - FEWEST_LOCAL) % OVERFLOW;
        let (mut payload, rest) = local
            .split_at_checked(if preferred <= most_local { preferred } else { FEWEST_LOCAL })
            .map(|(a, b)| (a.to_vec(), b))?;
        let mut next = u32::from_be_bytes(*rest.first_chunk()?);
        while payload.len() < size {
            let page = self.read(next)?;
            next = u32::from_be_bytes(*page.first_chunk()?);
            payload.extend_from_slice(&page[4..4 + OVERFLOW.min(size - payload.len())]);
        }
        // The chain of overflow pages must end with the row. Otherwise it belongs to another row.
        (next == 0).then_some(payload)
    }
}

/// The bytes of the page from the start of a cell on.
fn cell_at(page: &[u8], header: usize, cell: usize) -> Option<&[u8]> {
    let pointer = page.get(header + 2 * cell..)?.first_chunk()?;
    page.get(usize::from(u16::from_be_bytes(*pointer))..)
}

/// The columns of a row.
fn record(payload: &[u8]) -> Option<Vec<Value>> {
    let mut rest = payload;
    let header = usize::try_from(varint(&mut rest)?).ok()?;
    let mut types = payload.get(payload.len() - rest.len()..header)?;
    let mut body = &payload[header..];
    let mut take = |length: usize| {
        let (taken, rest) = body.split_at_checked(length)?;
        body = rest;
        Some(taken)
    };
    let mut values = Vec::new();
    while !types.is_empty() {
        let kind = varint(&mut types)?;
        values.push(match kind {
            0 => Value::Null,
            1..=6 => Value::Integer(integer(take([1, 2, 3, 4, 6, 8][kind as usize - 1])?)),
            7 => Value::Real(f64::from_be_bytes(*take(8)?.first_chunk()?)),
            8 | 9 => Value::Integer(kind.cast_signed() - 8),
            10 | 11 => return None,
            _ => {
                let bytes = take(usize::try_from((kind - 12) / 2).ok()?)?.to_vec();
                if kind % 2 == 0 { Value::Blob(bytes) } else { Value::Text(String::from_utf8(bytes).ok()?) }
            }
        });
    }
    body.is_empty().then_some(values)
}

/// A signed big-endian number of up to eight bytes.
fn integer(bytes: &[u8]) -> i64 {
    let sign = if bytes[0] & 0x80 == 0 { 0 } else { -1 };
    bytes.iter().fold(sign, |number, byte| number << 8 | i64::from(*byte))
}

/// A number of up to nine bytes: seven bits in each, but eight in the ninth.
fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for place in 0..9 {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        if place == 8 {
            return Some(number << 8 | u64::from(*byte));
        }
        number = number << 7 | u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            break;
        }
    }
    Some(number)
}
