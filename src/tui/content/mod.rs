//! The text of the detail pane for one event, prepared off the UI thread: lines of segments with roles.

mod attempts;
mod checks;
mod code;
mod deliveries;
mod diff;
mod headers;
mod highlight;
mod payload;
mod raw;
mod response;
mod signature;
mod text;

use super::diff_base::Base;
use super::panes::Tab;
use super::theme::{Code, Role};
use crate::core::check::{Accepted, Checked, check};
use crate::core::delivery::{Delivery, Learned, Target};
use crate::core::diagnosis::History;
use crate::core::event::{Event, Summary};
use crate::core::json::{self, Document, Form};
use crate::core::printable::{self, Window};
use crate::core::rehearsal::Original;
use crate::core::signature::Keyring;
use bytes::Bytes;
pub(crate) use checks::check_lines;
pub use diff::DiffText;
pub use highlight::Highlight;
use jiff::Timestamp;
use jiff::tz::TimeZone;
pub use payload::Payload;
use raw::Raw;
use std::ops::Range;
use text::TabText;

/// A piece of a line with its role: bytes from outside, or hookglass's own text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Segment {
    pub role: Role,
    pub bytes: Vec<u8>,
    /// Whether this is the last segment of its line and wraps at spaces to fit the pane.
    is_prose: bool,
}

pub(crate) type TextLine = Vec<Segment>;

/// One attempt of a message.
#[derive(Clone, Debug)]
pub struct Attempt {
    pub summary: Summary,
    /// The first byte, counted from 0, at which the body differs from that of the first attempt.
    pub differs_at: Option<usize>,
}

/// A time such as `Nov 22 14:03:21`.
fn at(moment: Timestamp, zone: &TimeZone) -> String {
    moment.to_zoned(zone.clone()).strftime("%b %d %H:%M:%S").to_string()
}

/// An event with everything that was read about it.
pub struct Read {
    pub event: Event,
    /// All attempts of its message, oldest first; empty when there is only one.
    pub attempts: Vec<Attempt>,
    /// The newest deliveries, in the order in which they finished.
    pub deliveries: Vec<Delivery>,
    /// The number of all deliveries.
    pub delivery_count: u64,
    /// The targets for which forwarding is pending.
    pub forwarded_to: Vec<Target>,
    /// What rehearsals told of the targets of the deliveries.
    pub learned: Vec<(String, Learned)>,
    /// What other events say about its signature. `None` to leave the search for the reason to a second reading.
    pub history: Option<History>,
}

/// The text of the deliveries tab.
pub struct DeliveriesText(TabText);

impl DeliveriesText {
    pub fn new(read: &Read, keyring: &Keyring, zone: &TimeZone) -> Self {
        let Read { event, attempts, deliveries, delivery_count, forwarded_to, learned, .. } = read;
        let sent = match &deliveries[..] {
            [] => deliveries::lines_without_deliveries(forwarded_to),
            _ => deliveries::lines(event, deliveries, *delivery_count, learned, keyring, zone),
        };
        Self(TabText::new([attempts::lines(event, attempts, zone), sent].concat()))
    }
}

/// An event with the text of all its tabs.
pub struct Loaded {
    pub event: Event,
    /// How the payload compares with the catalog.
    pub checked: Checked,
    pub payload: Payload,
    /// See [`Original::extent`].
    pub(crate) rehearsals: Option<(usize, usize)>,
    raw: Raw,
    headers: TabText,
    signature: TabText,
    deliveries: TabText,
    diff: TabText,
    /// What it was compared with, or is being compared with.
    pub(crate) compared_with: Option<Base>,
}

impl Loaded {
    /// Diagnoses the signature with the secrets in `keyring`. Differences from the documentation that are `accepted` do not count. Times are in `zone`.
    pub fn new(read: Read, keyring: &Keyring, accepted: &Accepted, zone: &TimeZone) -> Self {
        let deliveries = DeliveriesText::new(&read, keyring, zone);
        let event = read.event;
        let report = signature::report_of(&event, read.history.as_ref(), keyring, zone);
        Self {
            checked: check(&event.head, &event.body, accepted),
            payload: Payload::of(&event),
            rehearsals: Original::extent(&event, keyring),
            raw: Raw::new(event.body.clone()),
            headers: TabText::new(headers::lines(&event)),
            signature: TabText::new(signature::tab(&report)),
            deliveries: deliveries.0,
            diff: TabText::new(vec![words(Role::Dim, "comparing")]),
            compared_with: None,
            event,
        }
    }

    /// Replaces the text of the deliveries tab.
    pub(crate) fn set_deliveries(&mut self, text: DeliveriesText) {
        self.deliveries = text.0;
        self.compared_with.take_if(|base| *base == Base::Responses);
    }

    /// Replaces the text of the diff tab.
    pub(crate) fn set_diff(&mut self, text: DiffText) {
        self.diff = text.into_text();
    }

    /// Wraps prose at `columns`. Whether that changed any rows of text.
    pub(crate) fn fit(&mut self, columns: usize) -> bool {
        let mut has_changed = false;
        self.raw.fit(columns);
        for text in [&mut self.headers, &mut self.signature, &mut self.deliveries, &mut self.diff] {
            has_changed |= text.fit(columns);
        }
        has_changed
    }

    /// The lines of a tab; of the payload, with nothing folded.
    pub fn line_count(&self, tab: Tab) -> usize {
        match self.text(tab) {
            None if tab == Tab::Raw => self.raw.len(),
            None => self.payload.document.line_count(),
            Some(text) => text.len(),
        }
    }

    /// The visible part of a line.
    ///
    /// # Panics
    /// When `line` is not less than [`Loaded::line_count`].
    pub fn window(
        &self,
        tab: Tab,
        line: usize,
        highlight: Option<Highlight<'_>>,
        skip_columns: usize,
        columns: usize,
    ) -> Window<Role> {
        let Some(text) = self.text(tab) else {
            if tab == Tab::Raw {
                return self.raw.window(line, highlight, skip_columns, columns);
            }
            return self.payload.window(line, false, highlight, skip_columns, columns);
        };
        printable::window(highlight::pieces(text.parts(line), highlight), skip_columns, columns)
    }

    /// The text of a tab for a search, in which its offsets count.
    pub fn searched(&self, tab: Tab) -> Bytes {
        match tab {
            Tab::Raw => self.raw.body.clone(),
            _ => self.text(tab).map_or_else(|| self.payload.document.body().clone(), TabText::joined),
        }
    }

    /// The offset at which a line starts in the searched text of a tab other than the payload.
    pub fn start(&self, tab: Tab, line: usize) -> usize {
        if tab == Tab::Raw {
            return self.raw.start(line);
        }
        self.text(tab).map_or(0, |text| text.start(line))
    }

    /// The line of a tab other than the payload that contains the byte at `offset` of its searched text.
    pub fn line_at(&self, tab: Tab, offset: usize) -> usize {
        if tab == Tab::Raw {
            return self.raw.row_at(offset);
        }
        self.text(tab).map_or(0, |text| text.line_at(offset))
    }

    /// The columns of `length` bytes at `offset` of the searched text, on `line` of a tab other than the payload.
    pub fn columns(&self, tab: Tab, line: usize, offset: usize, length: usize) -> Option<Range<usize>> {
        if tab == Tab::Raw {
            return self.raw.columns(line, offset, length);
        }
        highlight::columns(self.text(tab)?.parts(line), offset, length)
    }

    /// The text of a tab. The payload and the raw bytes have none.
    fn text(&self, tab: Tab) -> Option<&TabText> {
        match tab {
            Tab::Payload | Tab::Raw => None,
            Tab::Headers => Some(&self.headers),
            Tab::Signature => Some(&self.signature),
            Tab::Deliveries => Some(&self.deliveries),
            Tab::Diff => Some(&self.diff),
        }
    }
}

/// The colours of a body that is text but not JSON.
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

/// A line of hookglass's own text.
fn words(role: Role, text: impl Into<String>) -> TextLine {
    vec![segment(role, text.into())]
}

/// A label and text that wraps to fit the pane.
fn prose(label: (Role, impl Into<String>), text: (Role, impl Into<String>)) -> TextLine {
    let words = Segment { is_prose: true, ..segment(text.0, text.1.into()) };
    vec![segment(label.0, label.1.into()), words]
}
