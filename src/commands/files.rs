//! Reads the files that are passed to commands.

use crate::app::inbound::intake::verification_of;
use crate::app::keyring::SharedKeyring;
use crate::commands::{Failure, tell};
use crate::config::reading::{self, Source};
use crate::core::event::{Arrival, Event};
use crate::core::export::Fixture;
use crate::listener;
use std::ffi::OsStr;
use std::io;
use std::path::Path;

/// The most bytes of a file with headers, far more than the listener accepts.
pub(super) const MAX_HEADERS: u64 = 1 << 20;

/// What to do about a file that is not a fixture.
const MAKE_FIXTURE: &str = "make a fixture with `hookglass events show NUMBER --fixture > FILE`";

/// The most bytes of a body: as many as the listener accepts.
pub(super) fn max_body() -> u64 {
    listener::Settings::default().max_body
}

/// Reads the fixture in a file, or from stdin for `-`.
///
/// # Errors
/// When the file cannot be read or is not a fixture.
pub(super) fn fixture(path: &OsStr) -> Result<Fixture, Failure> {
    // JSON writes a control character of the body with six.
    let bytes = bytes_of(Path::new(path), MAX_HEADERS + 6 * max_body())?;
    let failed = |why: &str| Failure::with_hint(format!("`{}` is not a fixture: {why}", path.display()), MAKE_FIXTURE);
    let text = std::str::from_utf8(&bytes).map_err(|_| failed("it is not UTF-8 text"))?;
    Fixture::read(text).map_err(|error| failed(&error.to_string()))
}

/// Reads the event in a fixture file and verifies it as of its arrival, with the current secrets. It has no number.
///
/// # Errors
/// As [`fixture`], and when the event cannot be sent over HTTP/1.
pub(super) fn fixture_event(path: &OsStr, keyring: &SharedKeyring) -> Result<Event, Failure> {
    let fixture = fixture(path)?;
    let failed =
        |error| Failure::with_hint(format!("cannot send the fixture `{}`: {error}", path.display()), MAKE_FIXTURE);
    let head = fixture.head().map_err(failed)?;
    let Fixture { received_at, body, .. } = fixture;
    let arrival = Arrival { received_at, head, body: body.into() };
    let verification = verification_of(&arrival, keyring);
    Ok(Event::unstored(arrival, verification))
}

/// Reads a file of at most `limit` bytes, or stdin for `-`.
///
/// # Errors
/// When it cannot be read, or is larger.
pub(super) fn bytes_of(path: &Path, limit: u64) -> Result<Vec<u8>, Failure> {
    let read = if path == Path::new("-") {
        reading::bounded(io::stdin().lock(), limit)
    } else {
        reading::read(path, Source::FileOrStream(&tell), limit).map(|contents| contents.bytes)
    };
    read.map_err(|error| Failure::new(&format!("cannot read `{}`", path.display()), error))
}
