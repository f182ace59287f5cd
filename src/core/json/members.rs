//! The members of an object.

use super::document::{Document, Form};
use super::text::unescape;

impl Document {
    /// The members of the object that the document is, with their values as received. `None` if it is no object.
    pub(crate) fn members(&self) -> Option<Vec<(String, &[u8])>> {
        if self.form() != &Form::Json || !self.value(0).starts_with(b"{") {
            return None;
        }
        let end = self.fold(0).map_or(1, |fold| fold.last);
        let mut members = Vec::new();
        let mut line = 1;
        while line < end {
            members.push((unescape(self.key(line)?), self.value(line)));
            line = self.fold(line).map_or(line, |fold| fold.last) + 1;
        }
        Some(members)
    }
}
