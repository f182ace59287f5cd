//! The file of the log. Only its owner can read it. It is never a link or a file of another program, and its size is limited. When it
//! cannot be written, the log ends, and nothing else does.

use super::tail::{NOT_A_LOG, is_log, old};
use super::{LEVELS, TARGETS};
use std::fs::{File, Metadata, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Most bytes of one file. When it is full, it becomes `FILE.old`, and a new one begins: together they hold 50 MB.
pub const MAX_BYTES: u64 = 25_000_000;

#[derive(Debug, thiserror::Error)]
pub enum LogError {
    #[error("cannot write the log `{path}`")]
    Open { path: PathBuf, source: io::Error },
    #[error("cannot write the log `{path}`: it is {what}")]
    NotUsable { path: PathBuf, what: &'static str },
    #[error("`{LEVELS}`: `{text}` is not a level")]
    Levels { text: String },
}

impl LogError {
    /// What to do now.
    pub fn hint(&self) -> String {
        match self {
            Self::Open { .. } => "check the folder and its permissions, or name another file with `--log`".to_owned(),
            Self::NotUsable { .. } => "name a new file with `--log`".to_owned(),
            Self::Levels { .. } => format!(
                "use `error`, `warn`, `info`, `debug` or `trace`, for all or for one of {}, such as `info,store=debug`",
                TARGETS.map(|target| format!("`{target}`")).join(", ")
            ),
        }
    }
}

/// The open file. Several processes may write to it.
pub struct LogFile {
    path: PathBuf,
    /// `None` after it could not be written or replaced.
    file: Option<File>,
    limit: u64,
}

impl LogFile {
    /// Opens the file, to write at its end.
    ///
    /// # Errors
    /// When it cannot be opened, is a link or no regular file, belongs to someone else, or holds something other than a log.
    pub fn open(path: &Path) -> Result<Self, LogError> {
        Self::open_limited(path, MAX_BYTES)
    }

    fn open_limited(path: &Path, limit: u64) -> Result<Self, LogError> {
        let failed = |source| LogError::Open { path: path.to_owned(), source };
        // Opening refuses it too, but does not say what it is.
        if path.is_symlink() {
            return Err(LogError::NotUsable { path: path.to_owned(), what: "a symbolic link" });
        }
        let file = options().create(true).open(path).map_err(failed)?;
        let metadata = file.metadata().map_err(failed)?;
        if let Some(what) = objection(&metadata) {
            return Err(LogError::NotUsable { path: path.to_owned(), what });
        }
        if !is_log(&file).map_err(failed)? {
            return Err(LogError::NotUsable { path: path.to_owned(), what: NOT_A_LOG });
        }
        tighten(&file, &metadata).map_err(failed)?;
        Ok(Self { path: path.to_owned(), file: Some(file), limit })
    }

    /// Writes `line`, to a new file if this one has no room for it.
    fn append(&self, mut file: File, line: &[u8]) -> io::Result<File> {
        while self.is_full(&file, line.len())? {
            // Another process may have the same file open. The first one to lock it replaces it.
            if matches!(file.try_lock(), Err(TryLockError::WouldBlock)) {
                break;
            }
            if self.is_current(&file)? {
                // A link in the place of the old file is replaced, not followed.
                std::fs::rename(&self.path, old(&self.path))?;
            }
            file = options().create(true).open(&self.path)?;
        }
        file.write_all(line)?;
        Ok(file)
    }

    /// Whether `more` bytes do not fit. An empty file takes a line of any length.
    fn is_full(&self, file: &File, more: usize) -> io::Result<bool> {
        let length = file.metadata()?.len();
        Ok(length > 0 && length + more as u64 > self.limit)
    }

    /// Whether `file` still has the name of the log.
    fn is_current(&self, file: &File) -> io::Result<bool> {
        match self.path.symlink_metadata() {
            Ok(named) => Ok(is_same(&named, &file.metadata()?)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }
}

impl Write for LogFile {
    /// Takes everything. After an error the log has ended: another line would join the part that was written.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.file = self.file.take().and_then(|file| self.append(file, line).ok());
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// To read a file of 0600 and to append to it, without following a link or waiting for a pipe.
fn options() -> OpenOptions {
    let mut options = File::options();
    options.read(true).append(true);
    #[cfg(unix)]
    {
        use rustix::fs::OFlags;
        use std::os::unix::fs::OpenOptionsExt;
        let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY;
        options.mode(0o600).custom_flags(flags.bits().cast_signed());
    }
    options
}

/// Why a file is no place for the log.
fn objection(metadata: &Metadata) -> Option<&'static str> {
    if !metadata.is_file() {
        return Some("not a regular file");
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        if metadata.nlink() > 1 {
            return Some("a hard link");
        }
        if metadata.uid() != rustix::process::geteuid().as_raw() {
            return Some("a file of another user");
        }
    }
    None
}

#[cfg(unix)]
fn is_same(one: &Metadata, other: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    (one.dev(), one.ino()) == (other.dev(), other.ino())
}

/// A file that is open cannot be renamed here.
#[cfg(not(unix))]
fn is_same(_: &Metadata, _: &Metadata) -> bool {
    true
}

/// Takes the rights of everyone else from an existing file.
#[cfg(unix)]
fn tighten(file: &File, metadata: &Metadata) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    if metadata.mode() & 0o077 == 0 { Ok(()) } else { file.set_permissions(std::fs::Permissions::from_mode(0o600)) }
}

#[cfg(not(unix))]
fn tighten(_: &File, _: &Metadata) -> io::Result<()> {
    Ok(())
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

    const FIRST: &[u8] = b"2026-11-30T20:03:21.123456Z  INFO process: started\n";

    fn refused(path: &Path) -> String {
        LogFile::open(path).map(|_| ()).unwrap_err().to_string()
    }

    #[test]
    fn the_file_is_private_and_grows_at_its_end() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        LogFile::open(&path).unwrap().write_all(FIRST).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        LogFile::open(&path).unwrap().write_all(b"two\n").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), [FIRST, b"two\n"].concat());
        assert_eq!(path.metadata().unwrap().mode() & 0o777, 0o600);
    }

    #[test]
    fn links_and_everything_but_a_file_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let [real, soft, hard, dangling] = ["real", "soft", "hard", "dangling"].map(|name| folder.path().join(name));
        std::fs::write(&real, "").unwrap();
        symlink(&real, &soft).unwrap();
        symlink(folder.path().join("nowhere"), &dangling).unwrap();
        std::fs::hard_link(&real, &hard).unwrap();
        assert!(refused(&soft).ends_with("it is a symbolic link"));
        assert!(refused(&dangling).ends_with("it is a symbolic link"));
        assert!(refused(&hard).ends_with("it is a hard link"));
        assert!(refused(Path::new("/dev/null")).ends_with("it is not a regular file"));
        assert!(!folder.path().join("nowhere").exists());
        assert!(matches!(LogFile::open(folder.path()), Err(LogError::Open { .. })));
    }

    #[test]
    fn a_file_that_is_not_a_log_is_refused_and_stays_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        for contents in [&b"SQLite format 3\0"[..], b"notes\n", b"\n", b"2026-11-30T20:03:21.123456Z  INFO other: x\n"]
        {
            let path = folder.path().join("file");
            std::fs::write(&path, contents).unwrap();
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
            assert!(refused(&path).ends_with("it is not a log of hookglass"), "{}", refused(&path));
            assert_eq!(std::fs::read(&path).unwrap(), contents);
            assert_eq!(path.metadata().unwrap().mode() & 0o777, 0o644);
        }
    }

    #[test]
    fn two_writers_replace_a_full_file_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        let [mut one, mut two] = [(); 2].map(|()| LogFile::open_limited(&path, 14).unwrap());
        one.write_all(b"first\n").unwrap();
        two.write_all(b"other\n").unwrap();
        one.write_all(b"second\n").unwrap();
        two.write_all(b"third\n").unwrap();
        two.write_all(b"fourth\n").unwrap();
        let read = |name| std::fs::read_to_string(folder.path().join(name)).unwrap();
        assert_eq!((read("log").as_str(), read("log.old").as_str()), ("fourth\n", "second\nthird\n"));
    }

    #[test]
    fn a_full_file_makes_room_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        let mut file = LogFile::open_limited(&path, 10).unwrap();
        for line in ["first\n", "second\n", "third\n"] {
            file.write_all(line.as_bytes()).unwrap();
        }
        let read = |name| std::fs::read_to_string(folder.path().join(name)).unwrap();
        assert_eq!((read("log").as_str(), read("log.old").as_str()), ("third\n", "second\n"));
        assert_eq!(path.metadata().unwrap().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_folder_that_has_gone_ends_the_log_alone() {
        let folder = tempfile::tempdir().unwrap();
        let mut file = LogFile::open_limited(&folder.path().join("log"), 10).unwrap();
        folder.close().unwrap();
        for _ in 0..3 {
            assert!(file.write_all(b"a line\n").is_ok());
        }
        assert!(file.file.is_none());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_ends_the_log_alone() {
        let full = File::options().write(true).open("/dev/full").unwrap();
        let mut file = LogFile { path: "/dev/full".into(), file: Some(full), limit: 100 };
        assert!(file.write_all(b"a line\n").is_ok());
        assert!(file.file.is_none());
    }
}
