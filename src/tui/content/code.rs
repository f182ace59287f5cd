//! Colours for bodies that are not JSON: an app's HTML error page, XML, YAML. Made off the screen's thread, for the first lines only.

use super::{TextLine, segment};
use crate::tui::theme::{Role, syntax_theme};
use std::sync::OnceLock;
use syntect::easy::HighlightLines;
use syntect::parsing::{SyntaxReference, SyntaxSet};

/// Lines that are coloured; those after them stay plain.
const MAX_LINES: usize = 1000;
/// A body with a longer line than this, in bytes, stays plain: minified code takes seconds to parse.
const MAX_LINE: usize = 4096;

/// The first lines of `body` in colours; `None` when its language is not recognised or it is no text.
pub(super) fn lines(body: &[u8], content_type: Option<&[u8]>) -> Option<Vec<TextLine>> {
    let text = std::str::from_utf8(body).ok()?;
    let lines = || text.lines().take(MAX_LINES);
    if lines().any(|line| line.len() > MAX_LINE) {
        return None;
    }
    let syntax = syntax_of(text, content_type)?;
    let mut highlighter = HighlightLines::new(syntax, syntax_theme());
    lines()
        .map(|line| {
            let with_end = format!("{line}\n");
            let pieces = highlighter.highlight_line(&with_end, syntaxes()).ok()?;
            let pieces = pieces.into_iter().map(|(style, piece)| (style, piece.trim_end_matches('\n')));
            Some(pieces.map(|(style, piece)| segment(Role::Syntax(style.into()), piece)).collect())
        })
        .collect()
}

fn syntaxes() -> &'static SyntaxSet {
    static SYNTAXES: OnceLock<SyntaxSet> = OnceLock::new();
    SYNTAXES.get_or_init(SyntaxSet::load_defaults_newlines)
}

/// By the content type, else by the first line.
fn syntax_of(text: &str, content_type: Option<&[u8]>) -> Option<&'static SyntaxReference> {
    let content_type = String::from_utf8_lossy(content_type.unwrap_or_default()).to_ascii_lowercase();
    let media_type = content_type.split(';').next().unwrap_or_default().trim();
    let extension = match media_type {
        "text/html" | "application/xhtml+xml" => Some("html"),
        "text/css" => Some("css"),
        "text/javascript" | "application/javascript" => Some("js"),
        "application/yaml" | "text/yaml" | "application/x-yaml" => Some("yaml"),
        other if other.ends_with("/xml") || other.ends_with("+xml") => Some("xml"),
        _ => None,
    };
    extension
        .and_then(|extension| syntaxes().find_syntax_by_extension(extension))
        .or_else(|| syntaxes().find_syntax_by_first_line(text.lines().next().unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text_of(lines: &[TextLine]) -> Vec<Vec<u8>> {
        lines.iter().map(|line| line.iter().flat_map(|segment| segment.bytes.clone()).collect()).collect()
    }

    #[test]
    fn html_has_several_colours_and_loses_no_byte() {
        let body = b"<!DOCTYPE html>\n<p class=\"a\">5 &gt; 3\x1b[31m</p>\r\n<!-- x -->";
        let lines = lines(body, Some(b"Text/HTML; charset=utf-8")).unwrap();
        assert_eq!(text_of(&lines), [&b"<!DOCTYPE html>"[..], b"<p class=\"a\">5 &gt; 3\x1b[31m</p>", b"<!-- x -->"]);
        let roles: std::collections::HashSet<_> = lines.iter().flatten().map(|segment| segment.role).collect();
        assert!(roles.len() > 2, "{roles:?}");
    }

    #[test]
    fn what_is_not_recognised_or_too_long_stays_plain() {
        assert_eq!(lines(b"hello", Some(b"text/plain")), None);
        assert_eq!(lines(b"\xff<html>", Some(b"text/html")), None);
        assert_eq!(lines("a".repeat(5000).as_bytes(), Some(b"text/html")), None);
        assert!(lines(b"<?xml version=\"1.0\"?>\n<a/>", None).is_some());
    }
}
