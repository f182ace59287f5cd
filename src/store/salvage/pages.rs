//! Finds rows in the pages of the file without following the tree that leads to them: what lies behind a damaged inner page, or in a file
//! whose first page is gone, SQLite cannot reach.
//!
//! The layout is that of <https://www.sqlite.org/fileformat2.html>. Every length and place is taken for wrong until it is checked: the
//! bytes are damaged.

use super::log::Log;
use super::rows::{Ascending, Row};
use crate::store::files::{beside, read_at};
use crate::store::format::PAGE;
use rusqlite::types::Value;
use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Arc;

/// The kinds of pages that hold rows. Those of a table without numbers are in an index, which has some in its inner pages too.
const LEAF: u8 = 13;
const INDEX_LEAF: u8 = 10;
const INDEX_INNER: u8 = 2;
const LEAF_HEADER: usize = 8;
const INNER_HEADER: usize = 12;
/// Most bytes of a row that stay in its page, and fewest where the rest is in pages of its own.
const MOST_LOCAL: usize = PAGE - 35;
const MOST_LOCAL_IN_INDEX: usize = (PAGE - 12) * 64 / 255 - 23;
const FEWEST_LOCAL: usize = (PAGE - 12) * 32 / 255 - 23;
/// Bytes that a page of overflow has of the row.
const OVERFLOW: usize = PAGE - 4;

/// The pages of a database, each as the log has it last or else the file.
pub(super) struct Pages {
    file: Arc<File>,
    log: Option<File>,
    /// Where in the log a page is.
    frames: HashMap<u32, u64>,
    count: u32,
}

impl Pages {
    /// The pages of the database at `path`, whose log was read. It is open as `file`, which others go on using: to close a handle of its
    /// own would take SQLite's locks from every connection of this process.
    ///
    /// # Errors
    /// When the size of the database is not known.
    pub(super) fn new(file: Arc<File>, path: &Path, log: Log) -> io::Result<Self> {
        let count = file.metadata()?.len() / PAGE as u64;
        let newest = log.frames.keys().max().copied().unwrap_or(0);
        let count = u32::try_from(count).unwrap_or(u32::MAX).max(newest);
        Ok(Self { file, log: File::open(beside(path, "-wal")).ok(), frames: log.frames, count })
    }

    /// Gives every row of every table that can be read, whichever table it is of; no number is above `highest`, and that of a row without
    /// one is 0. A row may come more than once, also as it was before a change. Entries of indexes come as rows as well.
    ///
    /// # Errors
    /// Those of `each`, which end the reading.
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

    /// The row in a cell of a leaf: its number, and its columns if they can be read.
    fn row(&self, page: &[u8], cell: usize) -> Option<(i64, Option<Vec<Value>>)> {
        let mut rest = cell_at(page, LEAF_HEADER, cell)?;
        let size = usize::try_from(varint(&mut rest)?).ok()?;
        let number = varint(&mut rest)?.cast_signed();
        let mut values = self.payload(rest, size, MOST_LOCAL).and_then(|payload| record(&payload));
        // The number stands for the first column, except in the table of the numbers to come.
        if let Some(first @ Value::Null) = values.as_mut().and_then(|values| values.first_mut()) {
            *first = Value::Integer(number);
        }
        Some((number, values))
    }

    /// The columns in a cell of an index.
    fn entry(&self, page: &[u8], cell: usize) -> Option<Vec<Value>> {
        let mut rest = if page[0] == INDEX_INNER {
            // Before it is the page below.
            cell_at(page, INNER_HEADER, cell)?.get(4..)?
        } else {
            cell_at(page, LEAF_HEADER, cell)?
        };
        let size = usize::try_from(varint(&mut rest)?).ok()?;
        record(&self.payload(rest, size, MOST_LOCAL_IN_INDEX)?)
    }

    /// The `size` bytes of a row that begins in its page with `local`, where up to `most_local` have room.
    fn payload(&self, local: &[u8], size: usize, most_local: usize) -> Option<Vec<u8>> {
        if size <= most_local {
            return local.get(..size).map(<[u8]>::to_vec);
        }
        if size.div_ceil(OVERFLOW) > self.count as usize {
            return None;
        }
        let wanted = FEWEST_LOCAL + (size - FEWEST_LOCAL) % OVERFLOW;
        let (mut payload, rest) = local
            .split_at_checked(if wanted <= most_local { wanted } else { FEWEST_LOCAL })
            .map(|(a, b)| (a.to_vec(), b))?;
        let mut next = u32::from_be_bytes(*rest.first_chunk()?);
        while payload.len() < size {
            let page = self.read(next)?;
            next = u32::from_be_bytes(*page.first_chunk()?);
            payload.extend_from_slice(&page[4..4 + OVERFLOW.min(size - payload.len())]);
        }
        // The chain ends with the row, and one that goes on is another's.
        (next == 0).then_some(payload)
    }
}

/// What begins where the pointer to a cell leads.
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

/// A signed number of up to eight bytes, the great end first.
fn integer(bytes: &[u8]) -> i64 {
    let sign = if bytes[0] & 0x80 == 0 { 0 } else { -1 };
    bytes.iter().fold(sign, |number, byte| number << 8 | i64::from(*byte))
}

/// Up to nine bytes, seven bits in each but the ninth, which has eight.
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
