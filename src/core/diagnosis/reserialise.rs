//! Serialises a parsed body as common JSON serialisers would. If something re-serialised the body on the way, one of
//! these texts was signed.

use crate::core::diagnosis::json_nodes::{Document, Kind, Member, Node};
use crate::core::diagnosis::json_style::{Escapes, Form, Layout, Style};
use crate::core::json::character;
use std::ops::ControlFlow;

/// Receives a text in pieces that end between characters. Breaks to stop the writer.
pub(super) type Sink<'s> = dyn FnMut(&[u8]) -> ControlFlow<()> + 's;

/// Writes `document` in `style` to `sink`, and stops as soon as the sink breaks.
pub(super) fn write(document: &Document<'_>, style: Style, sink: &mut Sink<'_>) -> ControlFlow<()> {
    let members = document.members(style.order);
    let plain = style.escapes.plain_bytes();
    let out = Buffer { bytes: Vec::with_capacity(2 * FLUSH), sink, escapes: style.escapes, plain };
    Writer { document, members, style, open: Vec::new(), out }.run()
}

/// A container that is being written: the members that are left.
struct Open {
    next: usize,
    end: usize,
    is_object: bool,
    is_begun: bool,
}

struct Writer<'d, 's> {
    document: &'d Document<'d>,
    members: &'d [Member],
    style: Style,
    open: Vec<Open>,
    out: Buffer<'s>,
}

impl Writer<'_, '_> {
    fn run(mut self) -> ControlFlow<()> {
        let layout = self.style.layout;
        self.value(self.document.root())?;
        while let Some(container) = self.open.last_mut() {
            if container.next == container.end {
                let is_object = container.is_object;
                self.break_line(self.open.len() - 1, is_object)?;
                self.open.pop();
                self.out.text(if is_object { "}" } else { "]" })?;
                continue;
            }
            let member = self.members[container.next];
            container.next += 1;
            let is_object = container.is_object;
            let is_first = !std::mem::replace(&mut container.is_begun, true);
            if !is_first {
                self.out.text(layout.comma())?;
            }
            // On one line, the comma has the space.
            if is_first || self.has_lines(is_object) || layout == Layout::Jackson {
                self.break_line(self.open.len(), is_object)?;
            }
            if is_object {
                self.out.string(self.document.text(self.document.node(member.key)))?;
                self.out.text(layout.colon())?;
            }
            self.value(self.document.node(member.value))?;
        }
        self.out.flush()
    }

    /// Writes a value. Of a container that is not empty, only the opening bracket.
    fn value(&mut self, node: Node) -> ControlFlow<()> {
        let is_object = node.kind == Kind::Object;
        match node.kind {
            Kind::String => self.out.string(self.document.text(node)),
            Kind::Scalar => self.out.text(self.document.text(node)),
            Kind::Object | Kind::Array => {
                let range = node.range();
                if range.is_empty() {
                    let has_space = self.style.layout == Layout::Jackson;
                    return self.out.text(match (is_object, has_space) {
                        (true, false) => "{}",
                        (true, true) => "{ }",
                        (false, false) => "[]",
                        (false, true) => "[ ]",
                    });
                }
                self.open.push(Open { next: range.start, end: range.end, is_object, is_begun: false });
                self.out.text(if is_object { "{" } else { "[" })
            }
        }
    }

    /// Whether the members of an object or an array are on lines of their own.
    fn has_lines(&self, is_object: bool) -> bool {
        self.style.layout.indent().is_some() && (is_object || self.style.layout != Layout::Jackson)
    }

    /// Starts a line at `depth`, or writes the space inside a bracket, as the layout has it.
    fn break_line(&mut self, depth: usize, is_object: bool) -> ControlFlow<()> {
        let layout = self.style.layout;
        if let Some(indent) = layout.indent().filter(|_| self.has_lines(is_object)) {
            self.out.text(layout.line_ending())?;
            // Jackson counts objects alone.
            let is_counted = |open: &&Open| layout != Layout::Jackson || open.is_object;
            let depth = self.open.iter().take(depth).filter(is_counted).count();
            return (0..depth).try_for_each(|_| self.out.text(indent));
        }
        if layout.is_padded() { self.out.text(" ") } else { ControlFlow::Continue(()) }
    }
}

const FLUSH: usize = 8 * 1024;

struct Buffer<'s> {
    bytes: Vec<u8>,
    sink: &'s mut Sink<'s>,
    escapes: Escapes,
    plain: [bool; 256],
}

impl Buffer<'_> {
    fn text(&mut self, text: &str) -> ControlFlow<()> {
        self.bytes.extend_from_slice(text.as_bytes());
        if self.bytes.len() < FLUSH { ControlFlow::Continue(()) } else { self.flush() }
    }

    fn flush(&mut self) -> ControlFlow<()> {
        let flow = (self.sink)(&self.bytes);
        self.bytes.clear();
        flow
    }

    /// Writes a string. `text` is its text as received, still escaped and without the quotes.
    fn string(&mut self, text: &str) -> ControlFlow<()> {
        self.text("\"")?;
        let mut rest = text;
        while !rest.is_empty() {
            let plain = rest.bytes().position(|byte| !self.plain[usize::from(byte)]).unwrap_or(rest.len());
            self.text(&rest[..plain])?;
            rest = &rest[plain..];
            if !rest.is_empty() {
                let (code, length) = character(rest);
                self.character(code)?;
                rest = &rest[length..];
            }
        }
        self.text("\"")
    }

    fn character(&mut self, code: u32) -> ControlFlow<()> {
        let form = self.escapes.form(code);
        match (code, char::from_u32(code)) {
            (0x22, _) if form == Form::Plain => self.text("\\\""),
            (0x5c, _) => self.text("\\\\"),
            (0x2f, _) if form == Form::Backslash => self.text("\\/"),
            (8, _) => self.text("\\b"),
            (9, _) => self.text("\\t"),
            (10, _) => self.text("\\n"),
            (12, _) => self.text("\\f"),
            (13, _) => self.text("\\r"),
            (_, Some(character)) if form == Form::Plain => self.text(character.encode_utf8(&mut [0; 4])),
            (0x1_0000.., Some(character)) => {
                let mut units = [0; 2];
                character.encode_utf16(&mut units).iter().try_for_each(|unit| self.escape(u32::from(*unit)))
            }
            _ => self.escape(code),
        }
    }

    fn escape(&mut self, unit: u32) -> ControlFlow<()> {
        let is_upper = self.escapes.form(0) == Form::Upper;
        self.text(&if is_upper { format!("\\u{unit:04X}") } else { format!("\\u{unit:04x}") })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::diagnosis::json_style::{KeyOrder, styles};
    use crate::core::json::tests::json_text;
    use proptest::prelude::*;

    fn written(text: &str, style: Style) -> String {
        let document = Document::parse(text).unwrap();
        let mut bytes = Vec::new();
        let flow = write(&document, style, &mut |piece: &[u8]| {
            std::str::from_utf8(piece).expect("each piece ends between characters");
            bytes.extend_from_slice(piece);
            ControlFlow::Continue(())
        });
        assert!(flow.is_continue());
        String::from_utf8(bytes).unwrap()
    }

    fn style(order: KeyOrder, escapes: Escapes, layout: Layout) -> Style {
        Style { order, escapes, layout }
    }

    #[test]
    fn each_layout_matches_its_serialiser() {
        let text = " {\"a\" : [1, 2.50, {}], \"b\":{ \"c\":[ ] , \"d\": [[null]]}, \"a\": true} ";
        let cases = [
            (Layout::Compact, r#"{"a":true,"b":{"c":[],"d":[[null]]}}"#),
            (Layout::Spaced, r#"{"a": true, "b": {"c": [], "d": [[null]]}}"#),
            (
                Layout::Indent2,
                "{\n  \"a\": true,\n  \"b\": {\n    \"c\": [],\n    \"d\": [\n      [\n        null\n      ]\n    ]\n  }\n}",
            ),
            (
                Layout::Tab,
                "{\n\t\"a\": true,\n\t\"b\": {\n\t\t\"c\": [],\n\t\t\"d\": [\n\t\t\t[\n\t\t\t\tnull\n\t\t\t]\n\t\t]\n\t}\n}",
            ),
        ];
        for (layout, expected) in cases {
            assert_eq!(written(text, style(KeyOrder::AsReceived, Escapes::Minimal, layout)), expected);
        }
        assert_eq!(
            written("[1,[2]]", style(KeyOrder::Sorted, Escapes::Html, Layout::Indent4)),
            "[\n    1,\n    [\n        2\n    ]\n]"
        );
        assert_eq!(written(" -0.0E+5 ", style(KeyOrder::Sorted, Escapes::Ascii, Layout::Tab)), "-0.0E+5");
    }

    #[test]
    fn each_escaping_matches_its_serialiser() {
        let text =
            r#""\u0041\/\"\\\b\t\n\f\r\u0001\u001F\u007f<>&'\u00e9é\u2028\ud83d\ude00\ud800x\udc00\ud83d\u0041""#;
        let cases = [
            (
                Escapes::Minimal,
                "\"A/\\\"\\\\\\b\\t\\n\\f\\r\\u0001\\u001f\u{7f}<>&'éé\u{2028}\u{1f600}\\ud800x\\udc00\\ud83dA\"",
            ),
            (
                Escapes::Ascii,
                r#""A/\"\\\b\t\n\f\r\u0001\u001f\u007f<>&'\u00e9\u00e9\u2028\ud83d\ude00\ud800x\udc00\ud83dA""#,
            ),
            (
                Escapes::Html,
                "\"A/\\\"\\\\\\b\\t\\n\\f\\r\\u0001\\u001f\u{7f}\\u003c\\u003e\\u0026'éé\\u2028\u{1f600}\\ud800x\\udc00\\ud83dA\"",
            ),
            (
                Escapes::Slash,
                "\"A\\/\\\"\\\\\\b\\t\\n\\f\\r\\u0001\\u001f\u{7f}<>&'éé\\u2028\u{1f600}\\ud800x\\udc00\\ud83dA\"",
            ),
            (
                Escapes::AsciiAndSlash,
                r#""A\/\"\\\b\t\n\f\r\u0001\u001f\u007f<>&'\u00e9\u00e9\u2028\ud83d\ude00\ud800x\udc00\ud83dA""#,
            ),
        ];
        for (escapes, expected) in cases {
            assert_eq!(written(text, style(KeyOrder::AsReceived, escapes, Layout::Compact)), expected);
        }
    }

    #[test]
    fn every_skipped_style_writes_the_same_text_as_a_tried_one() {
        for text in [
            r#"{"b":"/","a":[1]}"#,
            r#"["<é"]"#,
            r#"{"a":"\u2029"}"#,
            r#"["/\u2028"]"#,
            r#"["\u007f/"]"#,
            r#"[[],{"é":"\u0041"}]"#,
            r#"{"=":"'"}"#,
            r#"["+`"]"#,
            r#"["\""]"#,
            r#"["\u001f\u0001"]"#,
            r#"["😀&"]"#,
        ] {
            let tried: Vec<_> =
                styles(&Document::parse(text).unwrap()).into_iter().map(|style| written(text, style)).collect();
            for order in KeyOrder::ALL {
                for escapes in Escapes::ALL {
                    for layout in Layout::ALL {
                        assert!(tried.contains(&written(text, style(order, escapes, layout))), "{text}");
                    }
                }
            }
        }
    }

    proptest! {
        #[test]
        fn every_style_keeps_the_value(text in json_text()) {
            let value = |text: &str| serde_json::from_str::<serde_json::Value>(text).ok();
            prop_assume!(value(&text).is_some());
            for style in styles(&Document::parse(&text).unwrap()) {
                prop_assert_eq!(value(&written(&text, style)), value(&text), "{}", style);
            }
        }
    }

    #[test]
    fn the_writer_stops_when_the_sink_breaks_even_in_a_deep_document() {
        let depth = 100_000;
        let text = "[".repeat(depth) + &"]".repeat(depth);
        let document = Document::parse(&text).unwrap();
        let mut taken = 0;
        let flow =
            write(&document, style(KeyOrder::AsReceived, Escapes::Minimal, Layout::Indent4), &mut |piece: &[u8]| {
                taken += piece.len();
                if taken < 1_000_000 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
            });
        assert!(flow.is_break() && taken < 2_000_000);
        assert_eq!(written(&text, style(KeyOrder::Sorted, Escapes::Ascii, Layout::Compact)), text);
    }
}
