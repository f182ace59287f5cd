//! The headers tab: the request line, the headers as received (in order, with duplicates), and the response to the
//! sender.

use super::{TextLine, segment};
use crate::core::event::Event;
use crate::core::export::override_text;
use crate::tui::theme::{Code, Role};

pub(super) fn lines(event: &Event) -> Vec<TextLine> {
    let request_line = vec![
        segment(Role::Strong, event.head.method()),
        segment(Role::Text, " "),
        segment(Role::Text, event.head.target()),
    ];
    let mut lines = vec![request_line, Vec::new()];
    lines.extend(header_lines(event.head.headers().iter().map(|header| (header.name, header.value)), ""));
    lines.push(Vec::new());
    lines.push(vec![
        segment(Role::Dim, event.summary.response.to_string()),
        segment(Role::Warning, override_text(event)),
    ]);
    lines
}

/// Indented `name: value` lines.
pub(super) fn header_lines<'a>(headers: impl Iterator<Item = (&'a [u8], &'a [u8])>, indent: &str) -> Vec<TextLine> {
    headers
        .map(|(name, value)| {
            vec![
                segment(Role::Text, indent),
                segment(Role::Code(Code::Key), name),
                segment(Role::Dim, ": "),
                segment(Role::Text, value),
            ]
        })
        .collect()
}
