//! Files that commands are given.

use crate::app::Failure;
use crate::core::export::Fixture;
use std::ffi::OsStr;
use std::io::{self, Read};
use std::path::Path;

/// The fixture in a file, or on stdin for `-`.
///
/// # Errors
/// When the file cannot be read; when it is no fixture, with `hint`.
pub(super) fn fixture(path: &OsStr, hint: &str) -> Result<Fixture, Failure> {
    let bytes = bytes_of(Path::new(path))?;
    let failed = |why: String| Failure::with_hint(format!("cannot read the fixture `{}`: {why}", path.display()), hint);
    let text = std::str::from_utf8(&bytes).map_err(|error| failed(error.to_string()))?;
    Fixture::read(text).map_err(|error| failed(error.to_string()))
}

/// The whole of a file, or of stdin for `-`.
///
/// # Errors
/// When it cannot be read.
pub(super) fn bytes_of(path: &Path) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let read = if path == Path::new("-") {
        io::stdin().lock().read_to_end(&mut bytes).map(|_| bytes)
    } else {
        std::fs::read(path)
    };
    read.map_err(|error| Failure::new(&format!("cannot read `{}`", path.display()), error))
}
