//! Reads what the diff tab compares.

use super::Executor;
use crate::config::reading::{self, Source};
use crate::core::delivery::{Delivery, Response};
use crate::core::diff::Side;
use crate::core::errors::with_causes;
use crate::core::event::Seq;
use crate::core::numbers::grouped;
use crate::tui::content::DiffText;
use crate::tui::diff_base::{Against, Base};
use crate::tui::message::Message;
use std::path::Path;

/// The most bytes of a file that is compared. JSON writes a control character of a body with six.
const MAX_FILE: u64 = 6 * (32 << 20);
/// The newest deliveries among which the two last responses are looked for.
const MAX_DELIVERIES: usize = 50;

impl Executor {
    pub(super) fn compare_payload(&self, seq: Seq, base: Base, against: &Against) -> Message {
        let text = self.compared(seq, against).unwrap_or_else(|why| DiffText::none(&why));
        Message::Compared { seq, base, text }
    }

    fn compared(&self, seq: Seq, against: &Against) -> Result<DiffText, String> {
        let this = |side: &Side| format!("event {seq}, {} bytes", grouped(side.body.len() as u64));
        match against {
            Against::Event { seq: base, what } => {
                let (before, after) = (Side::of_event(&self.event(*base)?), Side::of_event(&self.event(seq)?));
                let size = grouped(before.body.len() as u64);
                let heading = format!("{what}, event {base}, {size} bytes, with {}", this(&after));
                Ok(DiffText::new(&heading, &before, &after))
            }
            Against::File(path) => {
                let failed = |why: String| format!("cannot read `{path}`: {why}");
                let read = reading::read(Path::new(path), Source::File, MAX_FILE);
                let bytes = read.map_err(|error| failed(with_causes(&error)))?.bytes;
                let before = Side::of_file(bytes).map_err(|error| failed(error.to_string()))?;
                let after = Side::of_event(&self.event(seq)?);
                Ok(DiffText::new(&format!("`{path}` with {}", this(&after)), &before, &after))
            }
            Against::Responses => {
                let deliveries = self.reader.with(|reader| reader.deliveries(seq, MAX_DELIVERIES));
                let deliveries = deliveries.map_err(|error| with_causes(&error))?;
                let responses: Vec<_> =
                    deliveries.iter().rev().filter_map(|it| Some((it, response(it)?))).take(2).collect();
                let [(new, after), (old, before)] = responses[..] else {
                    return Err(format!("event {seq} has fewer than two responses of apps"));
                };
                let heading = format!("{} with {}", self.named(old, before), self.named(new, after));
                let side = |response: &Response| Side::with_headers(response.body.clone(), &response.headers);
                Ok(DiffText::new(&heading, &side(before), &side(after)))
            }
        }
    }

    /// `401 of http://localhost:4000/ at 12:04:41`
    fn named(&self, delivery: &Delivery, response: &Response) -> String {
        let at = delivery.started_at.to_zoned(self.zone.clone()).strftime("%H:%M:%S").to_string();
        format!("{} of `{}` at {at}", response.status, delivery.target)
    }
}

fn response(delivery: &Delivery) -> Option<&Response> {
    delivery.outcome.as_ref().ok()
}
