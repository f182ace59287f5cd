//! The response of an app, on the Deliveries tab.

use super::headers::header_lines;
use super::{TextLine, code_of, code_role, prose, segment, words};
use crate::core::delivery::{Completeness, Response};
use crate::core::json::Document;
use crate::core::numbers::grouped;
use crate::tui::theme::Role;
use bytes::Bytes;

/// The most lines of a body that are shown.
const MAX_BODY_LINES: usize = 2000;

/// The response of an app: its headers and its body, and what cut it off.
pub(super) fn response_lines(response: &Response) -> Vec<TextLine> {
    let mut lines = vec![match response.completeness.failure() {
        None => words(Role::Dim, "  response"),
        // The outcome is a failure, so the status appears only here.
        Some(_) => prose((Role::Dim, "  response "), (Role::Bad, format!("{}{}", response.status, response.remark()))),
    }];
    lines.extend(header_lines(pairs(&response.headers), "    "));
    if !response.body.is_empty() {
        lines.push(Vec::new());
        let content_type = response.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(b"content-type"));
        lines.extend(body_lines(response.body.clone(), content_type.map(|(_, value)| value.as_slice())));
    }
    let end = match response.completeness {
        Completeness::Whole => return lines,
        Completeness::TooLong => (Role::Warning, "    … truncated: hookglass stores no more of it"),
        Completeness::BrokenOff => (Role::Bad, "    … the connection closed before the end of the body"),
        Completeness::TimedOut => (Role::Bad, "    … timed out before the end of the body"),
    };
    lines.push(words(end.0, end.1));
    lines
}

/// A body with its colours, at most [`MAX_BODY_LINES`] lines.
pub(super) fn body_lines(body: Bytes, content_type: Option<&[u8]>) -> Vec<TextLine> {
    let document = Document::new(body);
    let count = document.line_count();
    let code = code_of(&document, content_type).unwrap_or_default();
    let mut lines: Vec<_> = (0..count.min(MAX_BODY_LINES))
        .map(|line| {
            let mut segments = vec![segment(Role::Text, "    ")];
            match code.get(line) {
                Some(coloured) => segments.extend(coloured.iter().cloned()),
                None => {
                    segments
                        .extend(document.line(line).segments().map(|(role, bytes)| segment(code_role(role), bytes)));
                }
            }
            segments
        })
        .collect();
    if count > MAX_BODY_LINES {
        let rest = grouped((count - MAX_BODY_LINES) as u64);
        lines.push(words(Role::Warning, format!("    … lines not shown: {rest}")));
    }
    lines
}

pub(super) fn pairs(headers: &[(Vec<u8>, Vec<u8>)]) -> impl Iterator<Item = (&[u8], &[u8])> {
    headers.iter().map(|(name, value)| (name.as_slice(), value.as_slice()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_incomplete_response_shows_its_status_and_where_it_ends() {
        for (completeness, heading, end) in [
            (Completeness::TooLong, "  response", "    … truncated: hookglass stores no more of it"),
            (
                Completeness::BrokenOff,
                "  response 200, but its body was cut off",
                "    … the connection closed before the end of the body",
            ),
            (
                Completeness::TimedOut,
                "  response 200, but its body timed out",
                "    … timed out before the end of the body",
            ),
        ] {
            let body = Bytes::from_static(b"abc");
            let lines = text(&response_lines(&Response { status: 200, headers: Vec::new(), body, completeness }));
            assert_eq!((lines[0].as_str(), lines[2].as_str(), lines[3].as_str()), (heading, "    abc", end));
        }
    }

    fn text(lines: &[TextLine]) -> Vec<String> {
        let line = |line: &TextLine| line.iter().map(|it| String::from_utf8_lossy(&it.bytes)).collect::<String>();
        lines.iter().map(line).collect()
    }
}
