//! Reads the write-ahead log past a damaged frame, where SQLite takes it to end.
//!
//! The layout is that of <https://www.sqlite.org/fileformat2.html#walformat>: a header, then frames, each of them a page behind a header
//! with the page's number, the size of the database in pages if a transaction ends with it (otherwise 0), two salts that change whenever
//! the log starts again, and a checksum over everything since the log's header.

use crate::store::files::beside;
use crate::store::format::{DatabaseHeader, FRAME_HEADER, LOG_HEADER, PAGE, is_log_magic};
use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

/// What is in the log.
#[derive(Default)]
pub(super) struct Log {
    /// Where each page is last. What is behind a damaged frame counts as well: all but the last transaction were synced.
    pub(super) frames: HashMap<u32, u64>,
    /// Whether transactions that were synced, and so acknowledged, are behind a damaged frame.
    pub(super) is_broken: bool,
}

impl Log {
    /// Reads the log of the database at `path`.
    ///
    /// # Errors
    /// When it cannot be read; that it is not there is none.
    pub(super) fn read(path: &Path) -> io::Result<Self> {
        let log_path = beside(path, "-wal");
        let file = match File::open(&log_path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            other => other?,
        };
        let count = file.metadata()?.len().saturating_sub(LOG_HEADER as u64) / (FRAME_HEADER + PAGE) as u64;
        if count == 0 {
            return Ok(Self::default());
        }
        let mut bytes = BufReader::with_capacity(1 << 20, file);
        let mut header = [0; LOG_HEADER];
        bytes.read_exact(&mut header)?;
        let mut log = Self::default();
        let mut sum = Checksum { is_big_end: word(&header, 0) & 1 == 1, sums: (0, 0) };
        sum.add(&header[..24]);
        let mut is_whole = is_log_magic([header[0], header[1], header[2], header[3]])
            && sum.sums == (word(&header, 24), word(&header, 28));
        let mut salts = is_whole.then(|| [word(&header, 16), word(&header, 20)]);
        let mut is_end_behind_damage = false;
        let mut frame = [0; FRAME_HEADER + PAGE];
        for place in 0..count {
            bytes.read_exact(&mut frame)?;
            let of_frame = [word(&frame, 8), word(&frame, 12)];
            // A damaged header does not say which round it is; the first frame is of the newest.
            if *salts.get_or_insert(of_frame) != of_frame {
                is_whole = false;
                continue;
            }
            // Frames of this round behind the end of a transaction were written after that was synced.
            log.is_broken |= is_end_behind_damage;
            if is_whole {
                sum.add(&frame[..8]);
                sum.add(&frame[FRAME_HEADER..]);
                is_whole = sum.sums == (word(&frame, 16), word(&frame, 20));
            } else {
                is_end_behind_damage |= word(&frame, 4) != 0;
            }
            let start = LOG_HEADER as u64 + place * (FRAME_HEADER + PAGE) as u64;
            log.frames.insert(word(&frame, 0), start + FRAME_HEADER as u64);
        }
        // One who writes beside may have let it start again meanwhile.
        let mut now = [0; LOG_HEADER];
        File::open(&log_path)?.read_exact(&mut now)?;
        log.is_broken &= now == header;
        Ok(log)
    }
}

/// Whether SQLite opens the history at `path`, which is open as `database`, without a word of what it has lost. At damage the log ends for
/// it, as it would after a power cut. The log of an empty database it removes, and a first page that is damaged it takes from the log.
pub(in crate::store) fn is_damage_hidden(path: &Path, database: &File) -> bool {
    // What cannot be read shows when SQLite reads it.
    Log::read(path).is_ok_and(|log| log.is_broken || !log.frames.is_empty() && DatabaseHeader::read(database).is_none())
}

struct Checksum {
    is_big_end: bool,
    sums: (u32, u32),
}

impl Checksum {
    fn add(&mut self, bytes: &[u8]) {
        let (mut first, mut second) = self.sums;
        let read = if self.is_big_end { u32::from_be_bytes } else { u32::from_le_bytes };
        for pair in bytes.as_chunks::<8>().0 {
            let [a, b, c, d, e, f, g, h] = *pair;
            first = first.wrapping_add(read([a, b, c, d])).wrapping_add(second);
            second = second.wrapping_add(read([e, f, g, h])).wrapping_add(first);
        }
        self.sums = (first, second);
    }
}

/// The number at `place`, the great end first.
fn word(bytes: &[u8], place: usize) -> u32 {
    let bytes = bytes[place..].first_chunk().expect("places are within headers");
    u32::from_be_bytes(*bytes)
}
