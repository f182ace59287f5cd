//! The headers tab: the request line, the headers as received (in order, with duplicates), and the response to the
//! sender.

use super::{TextLine, segment, words};
use crate::core::event::Event;
use crate::core::export::override_text;
use crate::core::redact::{is_credential, shown_value};
use crate::core::request::Header;
use crate::tui::theme::{Code, Role};

pub(super) fn lines(event: &Event) -> Vec<TextLine> {
    let request_line = vec![
        segment(Role::Strong, event.head.method()),
        segment(Role::Text, " "),
        segment(Role::Text, event.head.target()),
    ];
    let mut lines = vec![request_line, Vec::new()];
    let headers = event.head.headers();
    lines.extend(header_lines(headers.iter().map(|header| (header.name, header.value)), ""));
    if headers.iter().any(is_credential) {
        let command = format!("hookglass events show {} --with-credentials", event.summary.seq);
        lines.push(words(Role::Dim, format!("credentials are masked; `{command}` prints them")));
    }
    lines.push(Vec::new());
    lines.push(vec![
        segment(Role::Dim, event.summary.response.to_string()),
        segment(Role::Warning, override_text(event)),
    ]);
    lines
}

/// Indented `name: value` lines, with credentials masked.
pub(super) fn header_lines<'a>(headers: impl Iterator<Item = (&'a [u8], &'a [u8])>, indent: &str) -> Vec<TextLine> {
    headers
        .map(|(name, value)| {
            vec![
                segment(Role::Text, indent),
                segment(Role::Code(Code::Key), name),
                segment(Role::Dim, ": "),
                segment(Role::Text, shown_value(&Header::new(name, value))),
            ]
        })
        .collect()
}
