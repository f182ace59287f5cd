//! Reads a file that the user named. Nothing behind the name can hang hookglass or fill its memory: not a folder, a pipe without a
//! writer, a device, or an endless file.

use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::path::Path;
use std::time::Duration;

/// Largest file with settings or a secret, in bytes.
pub(crate) const MAX_TEXT: u64 = 1 << 20;

/// What kind of file to accept.
#[derive(Clone, Copy)]
pub enum Source<'a> {
    /// Only a regular file: reading a file that the user did not name must never wait.
    File,
    /// A regular file, a pipe or a terminal, for `--secret-file <(pass show webhook)` and `/dev/stdin`. hookglass waits for a pipe, and calls the
    /// function when that takes long.
    FileOrStream(&'a dyn Fn(&str)),
}

/// How long to wait for a silent pipe: long enough to type a passphrase.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(not(unix), expect(dead_code, reason = "only Unix can wait for a pipe for a time"))]
struct Patience {
    /// Before the user is told.
    silent: Duration,
    /// After that, before hookglass gives up.
    told: Duration,
}

const PATIENCE: Patience = Patience { silent: Duration::from_secs(1), told: Duration::from_secs(60) };

/// The contents of a file, and its metadata.
#[derive(Debug)]
pub struct Contents {
    pub bytes: Vec<u8>,
    /// Of the opened file; its name may lead elsewhere by now.
    pub metadata: Metadata,
}

#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    #[error("it is a {0}, not a file")]
    NotAFile(&'static str),
    #[error("it is larger than {}", size(*.0))]
    TooLarge(u64),
    #[error("the pipe stayed silent for {} s", .0.as_secs())]
    Silent(Duration),
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// `1 MiB`, or the bytes of another size.
fn size(bytes: u64) -> String {
    const MEBIBYTE: u64 = 1 << 20;
    if bytes > 0 && bytes.is_multiple_of(MEBIBYTE) {
        format!("{} MiB", bytes / MEBIBYTE)
    } else {
        format!("{bytes} bytes")
    }
}

/// Reads the file at `path`, of at most `limit` bytes.
///
/// # Errors
/// When it cannot be read, is larger, is of a kind that `source` excludes, or is a pipe that stays silent for a minute.
pub fn read(path: &Path, source: Source<'_>, limit: u64) -> Result<Contents, ReadError> {
    read_patiently(path, source, limit, PATIENCE)
}

fn read_patiently(path: &Path, source: Source<'_>, limit: u64, patience: Patience) -> Result<Contents, ReadError> {
    let file = open(path)?;
    // Of the opened file, because the name may lead elsewhere a moment later.
    let metadata = file.metadata()?;
    let bytes = match (kind(&metadata), source) {
        (Kind::File, _) if metadata.len() > limit => return Err(ReadError::TooLarge(limit)),
        (Kind::File, _) => bounded(&file, limit)?,
        (Kind::Pipe, Source::FileOrStream(told)) => {
            let waiting =
                || told(&format!("waiting for data from the pipe `{}`; press Ctrl-C to stop", path.display()));
            pipe(&file, limit, patience, waiting)?
        }
        (Kind::Device, Source::FileOrStream(_)) => {
            wait_when_reading(&file)?;
            bounded(&file, limit)?
        }
        (Kind::Folder, _) => return Err(ReadError::NotAFile("folder")),
        (Kind::Pipe, Source::File) => return Err(ReadError::NotAFile("pipe")),
        (Kind::Device, Source::File) => return Err(ReadError::NotAFile("device")),
        (Kind::Other, _) => return Err(ReadError::NotAFile("device or socket")),
    };
    Ok(Contents { bytes, metadata })
}

#[cfg_attr(not(unix), expect(dead_code, reason = "only Unix tells these apart"))]
enum Kind {
    File,
    Folder,
    Pipe,
    /// A character device, such as a terminal.
    Device,
    Other,
}

/// Reads `input` to its end.
///
/// # Errors
/// [`ReadError::TooLarge`] when there are more than `limit` bytes.
pub fn bounded(input: impl Read, limit: u64) -> Result<Vec<u8>, ReadError> {
    let mut bytes = Vec::new();
    input.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit { Err(ReadError::TooLarge(limit)) } else { Ok(bytes) }
}

/// Opens without waiting for the writer of a pipe, and without making a terminal the controlling one.
#[cfg(unix)]
fn open(path: &Path) -> io::Result<File> {
    use rustix::fs::OFlags;
    use std::os::unix::fs::OpenOptionsExt;
    let flags = OFlags::NONBLOCK | OFlags::NOCTTY;
    File::options().read(true).custom_flags(flags.bits().cast_signed()).open(path)
}

#[cfg(unix)]
fn kind(metadata: &Metadata) -> Kind {
    use std::os::unix::fs::FileTypeExt;
    match metadata.file_type() {
        kind if kind.is_file() => Kind::File,
        kind if kind.is_dir() => Kind::Folder,
        kind if kind.is_fifo() => Kind::Pipe,
        kind if kind.is_char_device() => Kind::Device,
        _ => Kind::Other,
    }
}

/// Makes reads wait again, which [`open`] turned off: the user may type slowly.
#[cfg(unix)]
fn wait_when_reading(file: &File) -> io::Result<()> {
    use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
    Ok(fcntl_setfl(file, fcntl_getfl(file)? - OFlags::NONBLOCK)?)
}

#[cfg(unix)]
fn pipe(mut file: &File, limit: u64, patience: Patience, waiting: impl Fn()) -> Result<Vec<u8>, ReadError> {
    let (mut bytes, mut chunk, mut is_told) = (Vec::new(), [0; 8192], false);
    loop {
        if !has_data(file, if is_told { patience.told } else { patience.silent })? {
            if is_told {
                return Err(ReadError::Silent(patience.told));
            }
            waiting();
            is_told = true;
            continue;
        }
        match file.read(&mut chunk) {
            Ok(0) => return Ok(bytes),
            Ok(count) => bytes.extend_from_slice(&chunk[..count]),
            Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted) => {}
            Err(error) => return Err(error.into()),
        }
        if bytes.len() as u64 > limit {
            return Err(ReadError::TooLarge(limit));
        }
    }
}

/// Whether data or the end arrives within `patience`.
#[cfg(unix)]
fn has_data(file: &File, patience: Duration) -> io::Result<bool> {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    let patience = Timespec::try_from(patience).map_err(io::Error::other)?;
    match poll(&mut [PollFd::new(file, PollFlags::IN)], Some(&patience)) {
        Ok(count) => Ok(count > 0),
        // A signal came, for example because the terminal was resized.
        Err(rustix::io::Errno::INTR) => Ok(true),
        Err(error) => Err(error.into()),
    }
}

#[cfg(not(unix))]
fn open(path: &Path) -> io::Result<File> {
    File::open(path)
}

#[cfg(not(unix))]
fn kind(metadata: &Metadata) -> Kind {
    match metadata.file_type() {
        kind if kind.is_file() => Kind::File,
        kind if kind.is_dir() => Kind::Folder,
        _ => Kind::Device,
    }
}

#[cfg(not(unix))]
fn wait_when_reading(_: &File) -> io::Result<()> {
    Ok(())
}

#[cfg(not(unix))]
fn pipe(file: &File, limit: u64, _: Patience, _: impl Fn()) -> Result<Vec<u8>, ReadError> {
    bounded(file, limit)
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;
    use std::path::PathBuf;

    const SHORT: Patience = Patience { silent: Duration::from_millis(1), told: Duration::from_millis(1) };

    fn in_folder(make: impl FnOnce(&Path)) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("thing");
        make(&path);
        (folder, path)
    }

    fn make_pipe(path: &Path) {
        let made = std::process::Command::new("mkfifo").arg(path).status().unwrap();
        assert!(made.success(), "{made}");
    }

    fn why(path: &Path, source: Source<'_>) -> String {
        read_patiently(path, source, 8, SHORT).unwrap_err().to_string()
    }

    #[test]
    fn anything_but_a_file_is_rejected_without_waiting() {
        let (_folder, pipe) = in_folder(make_pipe);
        let (_folder, folder) = in_folder(|path| std::fs::create_dir(path).unwrap());
        let (_folder, device) = in_folder(|path| std::os::unix::fs::symlink("/dev/zero", path).unwrap());
        for (path, said) in [(pipe, "it is a pipe"), (folder, "it is a folder"), (device, "it is a device")] {
            assert!(why(&path, Source::File).starts_with(said));
        }
        let (_folder, socket) = in_folder(|path| drop(std::os::unix::net::UnixListener::bind(path).unwrap()));
        assert!(matches!(read(&socket, Source::FileOrStream(&|_| ()), 8), Err(ReadError::Io(_))));
    }

    #[test]
    fn reading_stops_at_the_limit() {
        let (_folder, sparse) = in_folder(|path| File::create(path).unwrap().set_len(10 << 30).unwrap());
        let (_folder, exact) = in_folder(|path| std::fs::write(path, "8 bytes!").unwrap());
        assert_eq!(why(&sparse, Source::File), "it is larger than 8 bytes");
        assert_eq!(why(Path::new("/dev/zero"), Source::FileOrStream(&|_| ())), "it is larger than 8 bytes");
        assert_eq!(read(&exact, Source::File, 8).unwrap().bytes, b"8 bytes!");
    }

    #[test]
    fn hookglass_reports_a_silent_pipe_and_then_gives_up() {
        let (_folder, path) = in_folder(make_pipe);
        let told = RefCell::new(Vec::new());
        let said = why(&path, Source::FileOrStream(&|text| told.borrow_mut().push(text.to_owned())));
        assert_eq!(said, "the pipe stayed silent for 0 s");
        assert_eq!(
            *told.borrow(),
            [format!("waiting for data from the pipe `{}`; press Ctrl-C to stop", path.display())]
        );
    }

    #[test]
    fn a_pipe_is_read_to_its_end() {
        let (reader, mut writer) = std::io::pipe().unwrap();
        let path = PathBuf::from(format!("/dev/fd/{}", std::os::fd::AsRawFd::as_raw_fd(&reader)));
        let writing = std::thread::spawn(move || {
            for piece in ["a", "b", "c"] {
                std::io::Write::write_all(&mut writer, piece.as_bytes()).unwrap();
            }
        });
        let read = read(&path, Source::FileOrStream(&|_| ()), 8).unwrap();
        assert_eq!(read.bytes, b"abc");
        writing.join().unwrap();
    }
}
