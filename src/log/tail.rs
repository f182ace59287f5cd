//! Reads the end of a log, without the rest of a file that may have 25 MB.

use super::TARGETS;
use jiff::Timestamp;
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use tracing_subscriber::filter::LevelFilter;

/// What a file is that does not begin with a line of a log.
pub(super) const NOT_A_LOG: &str = "not a log of hookglass";

/// The bytes of the end that are read. Fifty lines have about 8 KiB.
const END: u64 = 64 << 10;
/// The bytes in which the time, the level and the target of a line end.
const BEGINNING: u64 = 64;

/// The last lines of the log at `path`, at most `count`. If it has just begun, the first of them come from the file before it.
///
/// # Errors
/// When it cannot be read or is not a log.
pub fn last_lines(path: &Path, count: usize) -> io::Result<Vec<String>> {
    let lines = lines_of(path, count)?;
    // There may be no older file.
    let mut older = lines_of(&old(path), count - lines.len()).unwrap_or_default();
    older.extend(lines);
    Ok(older)
}

/// Where the lines before those in the log at `path` are.
pub(super) fn old(path: &Path) -> PathBuf {
    let mut old = OsString::from(path);
    old.push(".old");
    old.into()
}

fn lines_of(path: &Path, count: usize) -> io::Result<Vec<String>> {
    let mut file = open(path)?;
    if !file.metadata()?.is_file() || !is_log(&file)? {
        return Err(io::Error::other(format!("it is {NOT_A_LOG}")));
    }
    let length = file.seek(SeekFrom::End(0))?;
    let start = length.saturating_sub(END);
    file.seek(SeekFrom::Start(start))?;
    let mut bytes = Vec::new();
    file.take(END).read_to_end(&mut bytes)?;
    let text = String::from_utf8_lossy(&bytes);
    // The first line is not whole unless it begins the file.
    let whole = text.lines().skip(usize::from(start > 0));
    let mut lines: Vec<_> = whole.map(str::to_owned).collect();
    lines.drain(..lines.len().saturating_sub(count));
    Ok(lines)
}

/// Whether `file` is empty or begins with a line of a log. The next read or write may be anywhere.
pub(super) fn is_log(mut file: &File) -> io::Result<bool> {
    file.rewind()?;
    let mut bytes = Vec::new();
    file.take(BEGINNING).read_to_end(&mut bytes)?;
    let text = String::from_utf8_lossy(&bytes);
    let mut words = text.split_ascii_whitespace();
    let is_time = words.next().is_some_and(|word| word.parse::<Timestamp>().is_ok());
    let is_level = words.next().is_some_and(|word| word.parse::<LevelFilter>().is_ok());
    let target = words.next().and_then(|word| word.strip_suffix(':'));
    Ok(bytes.is_empty() || is_time && is_level && target.is_some_and(|target| TARGETS.contains(&target)))
}

/// Opens without waiting for the writer of a pipe.
fn open(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.read(true);
    #[cfg(unix)]
    {
        use rustix::fs::OFlags;
        use std::os::unix::fs::OpenOptionsExt;
        options.custom_flags((OFlags::NONBLOCK | OFlags::NOCTTY).bits().cast_signed());
    }
    options.open(path)
}
