//! Messages to people on stderr. Every text for people is masked and made printable here.

use crate::core::printable::Printable;
use crate::core::redact::{self, Masked};
use std::io::{self, Write};
use std::path::Path;

/// Prints a line on stderr, without secrets and safe on a terminal.
pub fn tell(text: &str) {
    // If stderr is closed, nobody can read it.
    let _ = writeln!(io::stderr(), "hookglass: {}", spoken(text).text);
}

/// As [`tell`], with a hint on the next line.
pub(super) fn tell_with_hint(text: &str, hint: &str) {
    tell(text);
    let _ = writeln!(io::stderr(), "hint: {}", spoken(hint).text);
}

/// `text` without secrets and without bytes that act on a terminal. The name of an existing file stays: it is not a secret that was
/// typed in the place of a file name.
pub(super) fn spoken(text: &str) -> Masked {
    let masked = redact::masked(text, |thing| Path::new(thing).symlink_metadata().is_ok());
    Masked { text: Printable::from_text(&masked.text).into_string(), ..masked }
}
