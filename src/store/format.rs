//! The parts of SQLite's file format (<https://www.sqlite.org/fileformat2.html>) that hookglass reads itself.

use super::files::read_at;
use std::fs::File;

/// Bytes in a page of every history.
pub(super) const PAGE: usize = PAGE_SIZE as usize;
pub(super) const PAGE_SIZE: u32 = 16_384;
/// The first bytes of every database (section 1.2).
const DATABASE_MAGIC: &[u8] = b"SQLite format 3\0";
/// The first bytes of every log, except for the lowest bit, which is the byte order of its checksums (section 4.1).
const LOG_MAGIC: u32 = 0x377f_0682;
/// Bytes in the header of a log, and in the header of each of its frames (section 4.1).
pub(super) const LOG_HEADER: usize = 32;
pub(super) const FRAME_HEADER: usize = 24;

/// The kind of a page that holds the rows of a table, and not only references to other pages (section 1.6).
pub(super) const LEAF: u8 = 13;

/// Whether a log may begin with `bytes`.
pub(super) fn is_log_magic(bytes: [u8; 4]) -> bool {
    u32::from_be_bytes(bytes) & !1 == LOG_MAGIC
}

/// The size of a database according to its first page.
pub(super) struct DatabaseHeader {
    pages: u32,
    page_size: u32,
}

impl DatabaseHeader {
    /// `None` if the file does not begin like a database.
    pub(super) fn read(file: &File) -> Option<Self> {
        let mut header = [0; 32];
        if !read_at(file, &mut header, 0) || !header.starts_with(DATABASE_MAGIC) {
            return None;
        }
        // 65,536 does not fit, and is written as 1 (section 1.3.2).
        let page_size = match u16::from_be_bytes([header[16], header[17]]) {
            1 => 65_536,
            bytes => bytes.into(),
        };
        let pages = u32::from_be_bytes([header[28], header[29], header[30], header[31]]);
        Some(Self { pages, page_size })
    }

    /// In bytes.
    /// In bytes.
    pub(super) fn page_size(&self) -> u32 {
        self.page_size
    }

    /// In bytes.
    pub(super) fn database_size(&self) -> u64 {
        u64::from(self.pages) * u64::from(self.page_size)
    }
}
