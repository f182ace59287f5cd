//! Notices what other programs do to the files of an open history: *harm*.
//!
//! SQLite still reports commits as done after its files were removed or truncated. A file that was removed or replaced shows in device and
//! inode. A file that became shorter is compared with what SQLite itself believes to be in it, because a checkpoint by any program may
//! shorten the log. Both files begin with fixed bytes. They are missing if the file was overwritten, or truncated and then written to.
//! What is overwritten further on is found only by reading it. It is damage then: see `damage`.

use super::files::{FileId, beside, read_at};
use super::format::{DatabaseHeader, FRAME_HEADER, LOG_HEADER, is_log_magic};
use rusqlite::Connection;
use std::fmt;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// The database and its log as they were at the last check.
#[derive(Debug)]
pub(super) struct Identity {
    database: Seen,
    log: Seen,
    log_file: File,
    page_size: u64,
    /// What is lost stays lost, whatever is written after it.
    overwritten: Option<Harm>,
}

#[derive(Debug)]
struct Seen {
    path: PathBuf,
    id: FileId,
    size: u64,
}

/// What another program did to an open file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Harm {
    /// Removed, renamed or replaced.
    Removed(PathBuf),
    /// Truncated or overwritten.
    Overwritten(PathBuf),
}

impl fmt::Display for Harm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (path, what) = match self {
            Self::Removed(path) => (path, "removed or replaced"),
            Self::Overwritten(path) => (path, "truncated or overwritten"),
        };
        write!(f, "another program has {what} `{}` while hookglass had it open", path.display())
    }
}

impl Identity {
    /// Takes the identity of the database at `path`, which `connection` has open, and of its log. Both must exist.
    pub(super) fn of(path: &Path, connection: &Connection) -> io::Result<Self> {
        let log_path = beside(path, "-wal");
        // Unlike a handle of the database, one of the log may be closed at any time: SQLite sets no locks on the log.
        let log_file = File::open(&log_path)?;
        let page_size = connection.pragma_query_value(None, "page_size", |row| row.get::<_, u32>(0));
        let page_size = page_size.map_err(io::Error::other)?.into();
        Ok(Self {
            database: Seen::new(path.to_owned())?,
            log: Seen::new(log_path)?,
            log_file,
            page_size,
            overwritten: None,
        })
    }

    /// Checks that both files are still where they were and hold what they held. Costs two `stat`s and two short reads.
    /// `database` is an open handle of the database. `connection` must not be in a transaction.
    pub(super) fn check(&mut self, database: &File, connection: &Connection) -> Result<(), Harm> {
        if let Some(harm) = &self.overwritten {
            return Err(harm.clone());
        }
        let (log, page_size) = (&self.log_file, self.page_size);
        let checked =
            self.database.check(|size, has_shrunk| is_database_sound(database, size, has_shrunk)).and_then(|()| {
                self.log.check(|size, has_shrunk| is_log_sound(log, size, has_shrunk, page_size, connection))
            });
        if let Err(harm @ Harm::Overwritten(_)) = &checked {
            self.overwritten = Some(harm.clone());
        }
        checked
    }
}

impl Seen {
    fn new(path: PathBuf) -> io::Result<Self> {
        let metadata = fs::metadata(&path)?;
        Ok(Self { path, id: FileId::from(&metadata), size: metadata.len() })
    }

    /// `is_sound` gets the size of the file, and whether it became smaller.
    fn check(&mut self, is_sound: impl FnOnce(u64, bool) -> bool) -> Result<(), Harm> {
        let removed = || Harm::Removed(self.path.clone());
        let metadata = fs::metadata(&self.path).map_err(|_| removed())?;
        if FileId::from(&metadata) != self.id {
            return Err(removed());
        }
        let size = metadata.len();
        if !is_sound(size, size < self.size) {
            return Err(Harm::Overwritten(self.path.clone()));
        }
        self.size = size;
        Ok(())
    }
}

/// Whether the database begins as one. If it became smaller, it must still have as many pages as it says.
fn is_database_sound(file: &File, size: u64, has_shrunk: bool) -> bool {
    // Only then: a checkpoint writes the first page, with the new number of pages, before it writes the last one.
    DatabaseHeader::read(file).is_some_and(|header| !has_shrunk || header.database_size() <= size)
}

/// Whether the log begins as one. If it became smaller, it must still have all frames that SQLite reads from it.
fn is_log_sound(file: &File, size: u64, has_shrunk: bool, page_size: u64, connection: &Connection) -> bool {
    let mut magic = [0; 4];
    let has_begun = read_at(file, &mut magic, 0) && is_log_magic(magic);
    if has_begun && !has_shrunk {
        return true;
    }
    // Copies nothing, but returns the number of frames in the log.
    let frames = connection.query_row("PRAGMA wal_checkpoint(NOOP)", [], |row| row.get::<_, u32>(1));
    match frames {
        Ok(0) => true,
        Ok(frames) => has_begun && LOG_HEADER as u64 + u64::from(frames) * (FRAME_HEADER as u64 + page_size) <= size,
        // The commit fails as well, and says why.
        Err(_) => true,
    }
}
