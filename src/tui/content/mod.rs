//! What the detail pane shows of one event, made ready off the screen's thread: lines of segments with their roles.

mod attempts;
mod code;
mod deliveries;
mod headers;
mod signature;
mod text;

use super::model::Tab;
use super::theme::{Code, Role};
use crate::core::delivery::{Delivery, Target};
use crate::core::event::{Event, Summary};
use crate::core::json::{self, Document, Form};
use crate::core::printable::{self, Window};
use crate::core::request::values;
use crate::core::signature::Keyring;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use text::TabText;

/// A piece of a line: foreign bytes or our own words, and how they look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    pub role: Role,
    pub bytes: Vec<u8>,
    /// Words that end their line, and are broken at spaces to fit the pane.
    is_prose: bool,
}

pub type TextLine = Vec<Segment>;

/// One attempt of a message, as it came in.
#[derive(Clone, Debug)]
pub struct Attempt {
    pub summary: Summary,
    /// The first byte, from 0, at which the body is not that of the first attempt.
    pub differs_at: Option<usize>,
}

/// A moment in a line: `Nov 22 14:03:21`.
fn at(moment: Timestamp, zone: &TimeZone) -> String {
    moment.to_zoned(zone.clone()).strftime("%b %d %H:%M:%S").to_string()
}

/// What was read of an event.
pub struct Read {
    pub event: Event,
    /// All attempts of its message, oldest first; empty when there is no other.
    pub attempts: Vec<Attempt>,
    /// The newest, in the order in which they ended.
    pub deliveries: Vec<Delivery>,
    /// How many there are in all.
    pub delivery_count: u64,
    /// Where it is on its way to, or is to be sent to when its turn has come.
    pub forwarded_to: Vec<Target>,
}

/// The deliveries tab.
pub struct DeliveriesText(TabText);

impl DeliveriesText {
    pub fn new(read: &Read, keyring: &Keyring, zone: &TimeZone) -> Self {
        let Read { event, attempts, deliveries, delivery_count, forwarded_to } = read;
        let sent = match &deliveries[..] {
            [] => deliveries::lines_of_none(forwarded_to),
            _ => deliveries::lines(event, deliveries, *delivery_count, keyring, zone),
        };
        Self(TabText::new([attempts::lines(event, attempts, zone), sent].concat()))
    }
}

/// An event with everything that its tabs show.
pub struct Loaded {
    pub event: Event,
    pub document: Document,
    /// The first lines of the body in colours, when it is no JSON but of a known language.
    code: Option<Vec<TextLine>>,
    headers: TabText,
    signature: TabText,
    deliveries: TabText,
}

impl Loaded {
    /// The signature is diagnosed with the secrets in `keyring`; times are written in `zone`.
    pub fn new(read: Read, keyring: &Keyring, zone: &TimeZone) -> Self {
        let deliveries = DeliveriesText::new(&read, keyring, zone);
        let event = read.event;
        let document = Document::new(event.body.clone());
        let report = signature::report_of(&event, keyring, zone);
        let code = code_of(&document, values(&event.head.headers(), "content-type").next());
        Self {
            code,
            document,
            headers: TabText::new(headers::lines(&event)),
            signature: TabText::new(signature::tab(&report)),
            deliveries: deliveries.0,
            event,
        }
    }

    /// Shows the deliveries as they are now.
    pub fn set_deliveries(&mut self, text: DeliveriesText) {
        self.deliveries = text.0;
    }

    /// Breaks prose so that it fits `columns`.
    pub fn fit(&mut self, columns: usize) {
        [&mut self.headers, &mut self.signature, &mut self.deliveries].into_iter().for_each(|text| text.fit(columns));
    }

    pub fn line_count(&self, tab: Tab) -> usize {
        match tab {
            Tab::Payload => self.document.line_count(),
            Tab::Headers => self.headers.len(),
            Tab::Signature => self.signature.len(),
            Tab::Deliveries => self.deliveries.len(),
        }
    }

    /// The part of a line that is in view.
    ///
    /// # Panics
    /// When `line` is not below [`Loaded::line_count`].
    pub fn window(&self, tab: Tab, line: usize, skip_columns: usize, columns: usize) -> Window<Role> {
        let line = match (tab, &self.code) {
            (Tab::Payload, Some(code)) if line < code.len() => &code[line],
            (Tab::Payload, _) => {
                let line = self.document.line(line);
                let segments = line.segments().map(|(role, bytes)| (code_role(role), bytes));
                return printable::window(segments, skip_columns, columns);
            }
            (Tab::Headers, _) => self.headers.line(line),
            (Tab::Signature, _) => self.signature.line(line),
            (Tab::Deliveries, _) => self.deliveries.line(line),
        };
        let segments = line.iter().map(|segment| (segment.role, segment.bytes.as_slice()));
        printable::window(segments, skip_columns, columns)
    }
}

/// The colours of a body that is text but no JSON.
fn code_of(document: &Document, content_type: Option<&[u8]>) -> Option<Vec<TextLine>> {
    match document.form() {
        Form::Text { .. } => code::lines(document.body(), content_type),
        _ => None,
    }
}

fn code_role(role: json::Role) -> Role {
    match role {
        json::Role::Punctuation => Role::Code(Code::Punctuation),
        json::Role::Key => Role::Code(Code::Key),
        json::Role::String => Role::Code(Code::String),
        json::Role::Number => Role::Code(Code::Number),
        json::Role::Literal => Role::Code(Code::Literal),
        json::Role::Plain => Role::Text,
        json::Role::Offset | json::Role::Indent => Role::Dim,
    }
}

fn segment(role: Role, bytes: impl Into<Vec<u8>>) -> Segment {
    Segment { role, bytes: bytes.into(), is_prose: false }
}

/// A line of our own words alone.
fn words(role: Role, text: impl Into<String>) -> TextLine {
    vec![segment(role, text.into())]
}

/// Words behind a label, broken to fit the pane.
fn prose(label: (Role, impl Into<String>), text: (Role, impl Into<String>)) -> TextLine {
    let words = Segment { is_prose: true, ..segment(text.0, text.1.into()) };
    vec![segment(label.0, label.1.into()), words]
}
