//! Talk to people on stderr, and what every text for them goes through first.

use crate::core::printable::Printable;
use crate::core::redact::{self, Masked};
use std::io::{self, Write};
use std::path::Path;

/// Prints a line on stderr, without secrets and safe on a terminal.
pub fn tell(text: &str) {
    // Without a stderr there is nobody to tell.
    let _ = writeln!(io::stderr(), "hookglass: {}", spoken(text).text);
}

/// As [`tell`], with a hint on the next line.
pub(super) fn tell_with_hint(text: &str, hint: &str) {
    tell(text);
    let _ = writeln!(io::stderr(), "hint: {}", spoken(hint).text);
}

/// `text` without secrets and without anything that acts on a terminal. A file that exists keeps its name, which cannot be a secret
/// that was typed in its place.
pub(super) fn spoken(text: &str) -> Masked {
    let masked = redact::masked(text, |thing| Path::new(thing).symlink_metadata().is_ok());
    Masked { text: Printable::from_text(&masked.text).into_string(), ..masked }
}
