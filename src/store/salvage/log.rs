//! Reads the write-ahead log beyond a damaged frame, where SQLite assumes its end.
//!
//! The layout (<https://www.sqlite.org/fileformat2.html#walformat>) is a header and then frames. A frame is a header and a page. The
//! header of a frame holds the page's number, the size of the database in pages if a transaction ends with this frame (otherwise 0), two
//! salts that change whenever the log starts again, and a checksum over everything from the beginning of the log.

use crate::store::files::beside;
use crate::store::format::{DatabaseHeader, FRAME_HEADER, LOG_HEADER, PAGE, is_log_magic};
use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

/// The contents of a log.
#[derive(Default)]
pub(super) struct Log {
    /// The offset of the newest version of each page, including pages behind a damaged frame.
    pub(super) frames: HashMap<u32, u64>,
    /// Whether synced transactions, which may have been acknowledged, lie behind a damaged frame.
    pub(super) is_broken: bool,
}

impl Log {
    /// Reads the log of the database at `path`.
    ///
    /// # Errors
    /// When the log cannot be read. A missing log is an empty one.
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
        let mut sum = Checksum { is_big_endian: word(&header, 0) & 1 == 1, sums: (0, 0) };
        sum.add(&header[..24]);
        let mut is_intact = is_log_magic([header[0], header[1], header[2], header[3]])
            && sum.sums == (word(&header, 24), word(&header, 28));
        let mut salts = is_intact.then(|| [word(&header, 16), word(&header, 20)]);
        let mut has_later_commit = false;
        let mut frame = [0; FRAME_HEADER + PAGE];
        for place in 0..count {
            bytes.read_exact(&mut frame)?;
            let frame_salts = [word(&frame, 8), word(&frame, 12)];
            // If the header of the log is damaged, the first frame has the newest salts.
            if *salts.get_or_insert(frame_salts) != frame_salts {
                is_intact = false;
                continue;
            }
            // This frame follows a commit behind the damage. That commit was synced before this frame was written.
            log.is_broken |= has_later_commit;
            if is_intact {
                sum.add(&frame[..8]);
                sum.add(&frame[FRAME_HEADER..]);
                is_intact = sum.sums == (word(&frame, 16), word(&frame, 20));
            } else {
                has_later_commit |= word(&frame, 4) != 0;
            }
            let start = LOG_HEADER as u64 + place * (FRAME_HEADER + PAGE) as u64;
            log.frames.insert(word(&frame, 0), start + FRAME_HEADER as u64);
        }
        // Another process may have restarted the log meanwhile.
        let mut now = [0; LOG_HEADER];
        File::open(&log_path)?.read_exact(&mut now)?;
        log.is_broken &= now == header;
        Ok(log)
    }
}

/// Whether SQLite would open the history at `path` and silently lose something. `database` is an open handle of it. SQLite takes a damaged
/// frame for the end of the log. It removes the log of an empty database, and replaces a damaged first page with the one in the log.
pub(in crate::store) fn is_damage_hidden(path: &Path, database: &File) -> bool {
    // SQLite itself reports a log that cannot be read.
    Log::read(path).is_ok_and(|log| log.is_broken || !log.frames.is_empty() && DatabaseHeader::read(database).is_none())
}

struct Checksum {
    is_big_endian: bool,
    sums: (u32, u32),
}

impl Checksum {
    fn add(&mut self, bytes: &[u8]) {
        let (mut first, mut second) = self.sums;
        let read = if self.is_big_endian { u32::from_be_bytes } else { u32::from_le_bytes };
        for pair in bytes.as_chunks::<8>().0 {
            let [a, b, c, d, e, f, g, h] = *pair;
            first = first.wrapping_add(read([a, b, c, d])).wrapping_add(second);
            second = second.wrapping_add(read([e, f, g, h])).wrapping_add(first);
        }
        self.sums = (first, second);
    }
}

/// The big-endian number at `place`.
fn word(bytes: &[u8], place: usize) -> u32 {
    let bytes = bytes[place..].first_chunk().expect("`place` is within a header");
    u32::from_be_bytes(*bytes)
}
