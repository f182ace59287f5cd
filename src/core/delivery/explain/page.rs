//! What a response says, as text to search: its headers and the first part of its body.

use crate::core::delivery::Response;
use crate::core::printable::Printable;
use std::borrow::Cow;

/// The bytes of a body that are searched. What explains a refusal stands at the beginning.
const SEARCHED: usize = 32 * 1024;
/// The most columns of a line that is shown.
const COLUMNS: usize = 160;
/// The bytes of a long line that are shown before what was found.
const BEFORE: usize = 40;

pub(super) struct Page<'a> {
    pub response: &'a Response,
    text: Cow<'a, str>,
    /// In lower case, for ASCII only, so that its places are those of `text`.
    lower: String,
    is_html: bool,
}

impl<'a> Page<'a> {
    pub fn of(response: &'a Response) -> Self {
        let searched = &response.body[..response.body.len().min(SEARCHED)];
        let text = String::from_utf8_lossy(searched);
        let lower = text.to_ascii_lowercase();
        let is_html = lower.contains("<html") || lower.contains("</") || lower.contains("<!doctype");
        Self { response, text, lower, is_html }
    }

    pub fn status(&self) -> u16 {
        self.response.status
    }

    pub fn is_html(&self) -> bool {
        self.is_html
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether the body has `wanted`, which is in lower case.
    pub fn has(&self, wanted: &str) -> bool {
        self.lower.contains(wanted)
    }

    /// The line of the body that has `wanted`, which is in lower case.
    pub fn line_with(&self, wanted: &str) -> Option<String> {
        self.lower.find(wanted).map(|place| self.line_at(place, wanted.len()))
    }

    /// The first line of the body that is not empty.
    pub fn first_line(&self) -> Option<String> {
        let lines = self.text.split(|char| char == '\n' || self.is_html && matches!(char, '<' | '>'));
        let mut lines = lines.map(str::trim);
        lines.find(|line| !line.is_empty()).map(shown)
    }

    /// The header line whose value has `wanted`, which is in lower case.
    pub fn header_line_with(&self, name: &str, wanted: &str) -> Option<String> {
        let mut values = self.response.headers.iter().filter(|(other, _)| other.eq_ignore_ascii_case(name.as_bytes()));
        values.find_map(|(name, value)| {
            let value = String::from_utf8_lossy(value);
            let is_found = value.to_ascii_lowercase().contains(wanted);
            is_found.then(|| shown(&format!("{}: {value}", String::from_utf8_lossy(name))))
        })
    }

    /// The line around `place`, without the tags around it in HTML; of a long line, the part from shortly before `place`.
    fn line_at(&self, place: usize, length: usize) -> String {
        let is_edge = |char: char| char == '\n' || char == '\r' || self.is_html && matches!(char, '<' | '>');
        let start = self.text[..place].rfind(is_edge).map_or(0, |edge| edge + 1);
        let end = self.text[place + length..].find(is_edge).map_or(self.text.len(), |edge| place + length + edge);
        let line = &self.text[start..end];
        let from = match (place - start).checked_sub(BEFORE) {
            Some(from) if line.len() > COLUMNS => line.ceil_char_boundary(from),
            _ => 0,
        };
        let cut = if from == 0 { "" } else { "…" };
        shown(&format!("{cut}{}", line[from..].trim()))
    }
}

fn shown(line: &str) -> String {
    Printable::first_columns(line.as_bytes(), COLUMNS).into_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::delivery::Completeness;

    fn line(body: &str, wanted: &str) -> Option<String> {
        let body = body.as_bytes().to_vec().into();
        let response = Response { status: 403, headers: Vec::new(), body, completeness: Completeness::Whole };
        Page::of(&response).line_with(wanted)
    }

    #[test]
    fn the_line_with_a_text_is_shown_without_the_tags_around_it() {
        for (body, wanted, expected) in [
            ("a\nIt FAILED here\nb", "failed", "It FAILED here"),
            ("<h1>Forbidden</h1><p>CSRF verification failed.</p>", "csrf", "CSRF verification failed."),
            ("{\"a\":\"<b\",\"error\":1}", "error", "{\"a\":\"<b\",\"error\":1}"),
            ("x\u{1b}[2J failed", "failed", "x␛[2J failed"),
        ] {
            assert_eq!(line(body, wanted).unwrap(), expected, "{body:?}");
        }
        let long = format!("{}é failed {}", "é".repeat(500), "b".repeat(500));
        let shown = line(&long, "failed").unwrap();
        assert!(shown.starts_with('…') && shown.contains(" failed b") && shown.chars().count() <= COLUMNS, "{shown}");
        assert_eq!(line("nothing", "failed"), None);
    }
}
