//! Whether the files that are open are still the ones at their paths, and still hold what was written to them.
//!
//! SQLite goes on answering "committed" after its files were removed or truncated. Removal shows in device and inode. A file that has
//! shrunk is compared with what SQLite itself believes to be in it, because a checkpoint by any program may shorten the log. Both begin
//! with fixed bytes, which a file that was truncated and then written to, or overwritten, lacks. What is overwritten further on is found
//! only by reading it, and then it is damage like any other: see `damage`.

use rusqlite::Connection;
use std::fmt;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// The first bytes of every database (SQLite file format, section 1.2).
const DATABASE_MAGIC: &[u8] = b"SQLite format 3\0";
/// Those of a log, but for the lowest bit, which tells the byte order of its checksums (section 4.1).
const LOG_MAGIC: u32 = 0x377f_0682;
/// Bytes in the header of the log and in that of each of its frames (section 4.1).
const LOG_HEADER: u64 = 32;
const FRAME_HEADER: u64 = 24;

/// The database and its log as they were when they were last looked at.
#[derive(Debug)]
pub(super) struct Identity {
    database: Seen,
    log: Seen,
    log_file: File,
    page_size: u64,
    /// What is lost stays lost, whatever is written after it.
    damaged: Option<Harm>,
}

#[derive(Debug)]
struct Seen {
    path: PathBuf,
    id: FileId,
    size: u64,
}

/// What another program did to a file that is open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Harm {
    /// Removed, renamed or replaced.
    Gone(PathBuf),
    /// Truncated or overwritten.
    Damaged(PathBuf),
}

impl fmt::Display for Harm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (path, what) = match self {
            Self::Gone(path) => (path, "removed or replaced"),
            Self::Damaged(path) => (path, "truncated or overwritten"),
        };
        write!(f, "another program has {what} `{}` while hookglass had it open", path.display())
    }
}

impl Identity {
    /// Takes the identity of the database at `path`, which `connection` has open, and of its write-ahead log. Both must exist.
    pub(super) fn of(path: &Path, connection: &Connection) -> io::Result<Self> {
        let log_path = beside(path, "-wal");
        // Unlike one of the database, a handle of the log may be closed at any time: SQLite sets no locks on it.
        let log_file = File::open(&log_path)?;
        let page_size = connection.pragma_query_value(None, "page_size", |row| row.get::<_, u32>(0));
        let page_size = page_size.map_err(io::Error::other)?.into();
        Ok(Self {
            database: Seen::new(path.to_owned())?,
            log: Seen::new(log_path)?,
            log_file,
            page_size,
            damaged: None,
        })
    }

    /// Whether both files are still where they were and hold what they held. `database` is an open handle of the database;
    /// `connection` must not be in a transaction.
    pub(super) fn check(&mut self, database: &File, connection: &Connection) -> Result<(), Harm> {
        if let Some(harm) = &self.damaged {
            return Err(harm.clone());
        }
        let page_size = self.page_size;
        let checked =
            self.database.check(|size, has_shrunk| is_database_sound(database, size, has_shrunk)).and_then(|()| {
                let log = &self.log_file;
                self.log.check(|size, has_shrunk| is_log_sound(log, size, has_shrunk, page_size, connection))
            });
        if let Err(harm @ Harm::Damaged(_)) = &checked {
            self.damaged = Some(harm.clone());
        }
        checked
    }
}

impl Seen {
    fn new(path: PathBuf) -> io::Result<Self> {
        let (id, size) = FileId::with_size(&path)?;
        Ok(Self { path, id, size })
    }

    /// `is_sound` is given the size and whether that has become smaller.
    fn check(&mut self, is_sound: impl FnOnce(u64, bool) -> bool) -> Result<(), Harm> {
        let gone = || Harm::Gone(self.path.clone());
        let (id, size) = FileId::with_size(&self.path).map_err(|_| gone())?;
        if id != self.id {
            return Err(gone());
        }
        if !is_sound(size, size < self.size) {
            return Err(Harm::Damaged(self.path.clone()));
        }
        self.size = size;
        Ok(())
    }
}

/// Whether the database begins as one and, if it has become shorter, still has all the pages that it says.
fn is_database_sound(file: &File, size: u64, has_shrunk: bool) -> bool {
    let mut header = [0; 32];
    if !is_read(file, &mut header, 0) || !header.starts_with(DATABASE_MAGIC) {
        return false;
    }
    // Only then, because a checkpoint writes the first page, with the new number of pages, before it writes the last one.
    let page_size = match u16::from_be_bytes([header[16], header[17]]) {
        1 => 65_536,
        bytes => u64::from(bytes),
    };
    let pages = u32::from_be_bytes([header[28], header[29], header[30], header[31]]);
    !has_shrunk || u64::from(pages) * page_size <= size
}

/// Whether the log begins as one and, if it has become shorter, still has all frames that SQLite reads from it.
fn is_log_sound(file: &File, size: u64, has_shrunk: bool, page_size: u64, connection: &Connection) -> bool {
    let mut magic = [0; 4];
    let has_begun = is_read(file, &mut magic, 0) && u32::from_be_bytes(magic) & !1 == LOG_MAGIC;
    if has_begun && !has_shrunk {
        return true;
    }
    // Does no work, but tells how many frames the log has.
    let frames = connection.query_row("PRAGMA wal_checkpoint(NOOP)", [], |row| row.get::<_, u32>(1));
    match frames {
        Ok(0) => true,
        Ok(frames) => has_begun && LOG_HEADER + u64::from(frames) * (FRAME_HEADER + page_size) <= size,
        // The commit fails as well, and says why.
        Err(_) => true,
    }
}

/// Whether the file begins as every database does.
pub(super) fn is_database(file: &File) -> bool {
    let mut magic = [0; DATABASE_MAGIC.len()];
    is_read(file, &mut magic, 0) && magic == DATABASE_MAGIC
}

/// Fills `bytes` from `place` on; whether there are as many.
#[cfg(unix)]
pub(super) fn is_read(file: &File, bytes: &mut [u8], place: u64) -> bool {
    use std::os::unix::fs::FileExt;
    file.read_exact_at(bytes, place).is_ok()
}

/// Elsewhere an open database cannot be truncated by another program.
#[cfg(not(unix))]
pub(super) fn is_read(file: &File, bytes: &mut [u8], place: u64) -> bool {
    use std::os::windows::fs::FileExt;
    file.seek_read(bytes, place).is_ok_and(|read| read == bytes.len())
}

/// `path` with `suffix` added to its last name.
pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// Which file it is, whatever its path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FileId {
    device: u64,
    inode: u64,
}

impl FileId {
    pub(super) fn of(path: &Path) -> io::Result<Self> {
        Self::with_size(path).map(|(id, _)| id)
    }

    #[cfg(unix)]
    fn with_size(path: &Path) -> io::Result<(Self, u64)> {
        use std::os::unix::fs::MetadataExt;
        let metadata = fs::metadata(path)?;
        Ok((Self { device: metadata.dev(), inode: metadata.ino() }, metadata.len()))
    }

    /// Elsewhere an open file cannot be removed, so that it exists is enough.
    #[cfg(not(unix))]
    fn with_size(path: &Path) -> io::Result<(Self, u64)> {
        fs::metadata(path).map(|metadata| (Self { device: 0, inode: 0 }, metadata.len()))
    }
}
