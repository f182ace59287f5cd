//! The payload tab: the body in lines, with folded containers. A compressed body is shown decompressed.

use super::highlight::{self, Highlight, Part, in_a_row};
use super::{TextLine, code, code_of, code_role};
use crate::core::catalog::catalog;
use crate::core::compression::content;
use crate::core::event::Event;
use crate::core::form;
use crate::core::hint::{hint, meaning};
use crate::core::json::{Document, Fold, Form, Line};
use crate::core::numbers::grouped;
use crate::core::printable::{self, Window};
use crate::core::request::values;
use crate::tui::theme::{Code, Role};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::ops::Range;

/// The body of the loaded event.
pub struct Payload {
    pub document: Document,
    /// What is shown, unless it is the JSON that arrived.
    pub note: Option<String>,
    /// The first lines of the body in colours, when it is not JSON but in a known language.
    code: Option<Vec<TextLine>>,
    event_type: Option<String>,
}

impl Payload {
    pub(super) fn of(event: &Event) -> Self {
        let headers = event.head.headers();
        let content = content(&event.body, values(&headers, "content-encoding"));
        let content_type = values(&headers, "content-type").next();
        let is_form = code::media_type(content_type) == "application/x-www-form-urlencoded";
        let document = if is_form { Document::fields(content.bytes) } else { Document::new(content.bytes) };
        let notes: Vec<_> = content.note.into_iter().chain(kind(&document, content_type)).collect();
        let note = (!notes.is_empty()).then(|| notes.join(" · "));
        let event_type = event.summary.event_type.clone();
        Self { code: code_of(&document, content_type), document, note, event_type }
    }

    /// The visible part of a line. Of a folded container, both brackets and how much is in it.
    pub fn window(
        &self,
        line: usize,
        is_folded: bool,
        highlight: Option<Highlight<'_>>,
        skip_columns: usize,
        columns: usize,
    ) -> Window<Role> {
        let fold = self.document.fold(line).filter(|_| is_folded);
        let notes = fold.map_or_else(Vec::new, |fold| self.contents(&fold, highlight));
        let text = self.document.line(line);
        let mut parts = self.parts(line, &text);
        parts.extend(notes.iter().map(|(role, bytes)| (*role, bytes.as_slice(), None)));
        printable::window(highlight::pieces(parts.into_iter(), highlight), skip_columns, columns)
    }

    /// The columns of the `length` bytes at `offset` of the body, on `line`.
    pub fn columns(&self, line: usize, offset: usize, length: usize) -> Option<Range<usize>> {
        let text = self.document.line(line);
        highlight::columns(self.parts(line, &text).into_iter(), offset, length)
    }

    /// What the value on `line` is, besides a string or a number, and what is documented about it; of a field of a form, its value
    /// decoded.
    pub fn hint(&self, line: usize, arrived: Timestamp, zone: &TimeZone) -> Option<String> {
        let document = &self.document;
        match document.form() {
            Form::Json if document.fold(line).is_none() && document.opening(line) == line => {
                let event_type = self.event_type.as_deref();
                let documented = event_type.and_then(|name| catalog().field(name, &document.path(line)));
                let both = [hint(document.value(line), arrived, zone), documented.map(meaning)];
                let both: Vec<_> = both.into_iter().flatten().collect();
                (!both.is_empty()).then(|| both.join(" · "))
            }
            Form::Fields => form::decoded_value(document.value(line)).map(|value| format!("= {value}")),
            _ => None,
        }
    }

    /// The parts of a line, in colours if there are any. `text` is the line of the document.
    fn parts<'a>(&'a self, line: usize, text: &'a Line<'_>) -> Vec<Part<'a>> {
        if let Some(code) = self.code.as_ref().and_then(|code| code.get(line)) {
            let segments = code.iter().map(|segment| (segment.role, segment.bytes.as_slice()));
            return in_a_row(segments, self.document.start(line)).collect();
        }
        if *self.document.form() == Form::Fields {
            return in_a_row(field(self.document.value(line)), self.document.start(line)).collect();
        }
        text.segments().map(|(role, bytes)| (code_role(role), bytes, self.document.offset_of(bytes))).collect()
    }

    /// What follows the opening bracket of a folded container: `…} 4 members`, and the hits in it.
    fn contents(&self, fold: &Fold, highlight: Option<Highlight<'_>>) -> Vec<(Role, Vec<u8>)> {
        let (rest, one, many) = if fold.is_object { ("…}", "member", "members") } else { ("…]", "item", "items") };
        let mut notes =
            vec![(Role::Code(Code::Punctuation), rest.into()), (Role::Dim, counted(fold.children, one, many).into())];
        let inside = self.document.start(fold.first + 1)..self.document.start(fold.last);
        let hits = highlight.map_or(0, |highlight| {
            let place = |at: usize| highlight.offsets.partition_point(|offset| *offset < at);
            place(inside.end) - place(inside.start)
        });
        if hits > 0 {
            notes.push((Role::Warning, counted(hits, "hit", "hits").into()));
        }
        notes
    }
}

/// What a body is that is not JSON.
fn kind(document: &Document, content_type: Option<&[u8]>) -> Option<String> {
    match document.form() {
        Form::Json => None,
        Form::Fields => Some("form: one field a line, as received".to_owned()),
        Form::Text { error: Some(error) } => Some(format!("text: {error}")),
        Form::Text { error: None } => Some(code::language(document.body(), content_type).unwrap_or("text").to_owned()),
        Form::Binary => Some("binary: shown as hexadecimal digits".to_owned()),
        Form::Empty => Some("the body is empty".to_owned()),
    }
}

/// The name of a field, its `=`, its value and the `&`.
fn field(field: &[u8]) -> impl Iterator<Item = (Role, &[u8])> {
    let (name, value) = form::parts(field);
    let (equals, value) = value.split_at(usize::from(!value.is_empty()));
    let end = &field[name.len() + equals.len() + value.len()..];
    let roles = [Role::Code(Code::Key), Role::Code(Code::Punctuation), Role::Code(Code::String), Role::Dim];
    roles.into_iter().zip([name, equals, value, end])
}

/// ` 4 members`
fn counted(count: usize, one: &str, many: &str) -> String {
    format!(" {} {}", grouped(count as u64), if count == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;

    #[test]
    fn a_field_of_a_form_keeps_every_byte() {
        for text in ["a=1&", "a=1", "flag&", "=x&", "&", "a=b=c&"] {
            let joined: Vec<u8> = field(text.as_bytes()).flat_map(|(_, bytes)| bytes.to_vec()).collect();
            assert_eq!(joined, text.as_bytes());
        }
    }

    #[test]
    fn the_note_says_what_a_body_is() {
        for (body, content_type, expected) in [
            ("{}", "application/json", None),
            ("", "", Some("the body is empty")),
            ("{\"a\":", "application/json", Some("text: not JSON at byte 5: expected a value")),
            ("<html></html>", "text/html", Some("HTML")),
            ("<a/>", "application/soap+xml", Some("XML")),
            ("a: 1", "application/yaml", Some("YAML")),
            ("hello", "text/plain", Some("text")),
            ("\0", "", Some("binary: shown as hexadecimal digits")),
        ] {
            let document = Document::new(Bytes::from(body));
            assert_eq!(kind(&document, Some(content_type.as_bytes())).as_deref(), expected, "{body}");
        }
        let form = Document::fields(Bytes::from_static(b"a=1&b=%20"));
        assert_eq!((form.line_count(), form.value(0), form.value(1)), (2, &b"a=1&"[..], &b"b=%20"[..]));
        assert_eq!(Document::fields(Bytes::from_static(b"\0=1")).form(), &Form::Binary);
    }
}
