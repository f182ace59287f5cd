//! Syntax colours for bodies that are not JSON, such as HTML error pages, XML or YAML. Computed off the UI thread, for
//! the first lines only.

use super::{TextLine, segment};
use crate::tui::theme::{Role, syntax_theme};
use std::sync::OnceLock;
use syntect::easy::HighlightLines;
use syntect::parsing::{SyntaxReference, SyntaxSet};

/// The number of lines that get colours. The rest stay plain.
const MAX_LINES: usize = 1000;
/// The longest line, in bytes, of a body that gets colours. Minified code would take seconds to parse.
const MAX_LINE: usize = 4096;

/// The first lines of `body` in colours; `None` when it is not text or its language is not recognised.
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

/// The language of `body`; `None` when it is not text or its language is not recognised.
pub(super) fn language(body: &[u8], content_type: Option<&[u8]>) -> Option<&'static str> {
    syntax_of(std::str::from_utf8(body).ok()?, content_type).map(|syntax| syntax.name.as_str())
}

/// The media type in lower case, without parameters.
pub(super) fn media_type(content_type: Option<&[u8]>) -> String {
    let content_type = String::from_utf8_lossy(content_type.unwrap_or_default()).to_ascii_lowercase();
    content_type.split(';').next().unwrap_or_default().trim().to_owned()
}

fn syntaxes() -> &'static SyntaxSet {
    static SYNTAXES: OnceLock<SyntaxSet> = OnceLock::new();
    SYNTAXES.get_or_init(SyntaxSet::load_defaults_newlines)
}

/// The language by content type, otherwise by the first line.
fn syntax_of(text: &str, content_type: Option<&[u8]>) -> Option<&'static SyntaxReference> {
    let media_type = media_type(content_type);
    let extension = match media_type.as_str() {
        "text/html" | "application/xhtml+xml" => Some("html"),
        "text/css" => Some("css"),
        "text/javascript" | "application/javascript" => Some("js"),
        "application/yaml" | "text/yaml" | "application/x-yaml" | "text/x-yaml" => Some("yaml"),
        other if other.ends_with("+yaml") => Some("yaml"),
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
    fn html_gets_several_colours_and_keeps_every_byte() {
        let body = b"<!DOCTYPE html>\n<p class=\"a\">5 &gt; 3\x1b[31m</p>\r\n<!-- x -->";
        let lines = lines(body, Some(b"Text/HTML; charset=utf-8")).unwrap();
        assert_eq!(text_of(&lines), [&b"<!DOCTYPE html>"[..], b"<p class=\"a\">5 &gt; 3\x1b[31m</p>", b"<!-- x -->"]);
        let roles: std::collections::HashSet<_> = lines.iter().flatten().map(|segment| segment.role).collect();
        assert!(roles.len() > 2, "{roles:?}");
    }

    #[test]
    fn unknown_languages_and_long_lines_stay_plain() {
        assert_eq!(lines(b"hello", Some(b"text/plain")), None);
        assert_eq!(lines(b"\xff<html>", Some(b"text/html")), None);
        assert_eq!(lines("a".repeat(5000).as_bytes(), Some(b"text/html")), None);
        assert!(lines(b"<?xml version=\"1.0\"?>\n<a/>", None).is_some());
    }
}
