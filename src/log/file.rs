//! The file of the log. Only its owner can read it, it never lies behind a link, its size is limited, and a disk that takes no more ends
//! the log but nothing else.

use super::{LEVELS, TARGETS};
use std::ffi::OsString;
use std::fs::{File, OpenOptions};
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

/// The open file.
pub struct LogFile {
    path: PathBuf,
    /// `None` after it could not be replaced.
    file: Option<File>,
    bytes: u64,
    limit: u64,
}

impl LogFile {
    /// Opens the file, to write at its end.
    ///
    /// # Errors
    /// When it cannot be opened, is a link or no regular file, or belongs to someone else.
    pub fn open(path: &Path) -> Result<Self, LogError> {
        Self::open_limited(path, MAX_BYTES)
    }

    fn open_limited(path: &Path, limit: u64) -> Result<Self, LogError> {
        let failed = |source| LogError::Open { path: path.to_owned(), source };
        // Says what it is; opening refuses it as well.
        if path.is_symlink() {
            return Err(LogError::NotUsable { path: path.to_owned(), what: "a symbolic link" });
        }
        let file = options().create(true).open(path).map_err(failed)?;
        let metadata = file.metadata().map_err(failed)?;
        if let Some(what) = objection(&metadata) {
            return Err(LogError::NotUsable { path: path.to_owned(), what });
        }
        tighten(&file, &metadata).map_err(failed)?;
        Ok(Self { path: path.to_owned(), file: Some(file), bytes: metadata.len(), limit })
    }

    /// Makes the full file the old one, and begins a new one.
    fn replace(&mut self) {
        self.file = None;
        self.bytes = 0;
        let mut old = OsString::from(&self.path);
        old.push(".old");
        // A link of that name is replaced, not followed.
        if std::fs::rename(&self.path, old).is_ok() {
            self.file = options().create_new(true).open(&self.path).ok();
        }
    }
}

impl Write for LogFile {
    /// Takes everything: what the disk does not take is lost.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if self.bytes + line.len() as u64 > self.limit {
            self.replace();
        }
        if let Some(file) = &mut self.file {
            // Half a line would join the next one.
            let _ = file.write_all(line);
            self.bytes += line.len() as u64;
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// To append to a file of 0600 that is no link, without waiting for the reader of a pipe.
fn options() -> OpenOptions {
    let mut options = File::options();
    options.append(true);
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
fn objection(metadata: &std::fs::Metadata) -> Option<&'static str> {
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

/// Takes the rights of everyone else from a file that was there.
#[cfg(unix)]
fn tighten(file: &File, metadata: &std::fs::Metadata) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    if metadata.mode() & 0o077 == 0 { Ok(()) } else { file.set_permissions(std::fs::Permissions::from_mode(0o600)) }
}

#[cfg(not(unix))]
fn tighten(_: &File, _: &std::fs::Metadata) -> io::Result<()> {
    Ok(())
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

    fn refused(path: &Path) -> String {
        LogFile::open(path).map(|_| ()).unwrap_err().to_string()
    }

    #[test]
    fn the_file_is_private_and_grows_at_its_end() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        LogFile::open(&path).unwrap().write_all(b"one\n").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        LogFile::open(&path).unwrap().write_all(b"two\n").unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "one\ntwo\n");
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
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_ends_the_log_alone() {
        let full = File::options().write(true).open("/dev/full").unwrap();
        let mut file = LogFile { path: "/dev/full".into(), file: Some(full), bytes: 0, limit: 100 };
        assert!(file.write_all(b"a line\n").is_ok());
    }
}
