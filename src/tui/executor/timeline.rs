//! Reads the story of an event's user, object or organization, as a text for the overlay.

use super::Executor;
use crate::app::history::timeline::{MOST, timeline};
use crate::core::errors::with_causes;
use crate::core::event::Seq;
use crate::core::numbers::counted;
use crate::core::timeline::{about, lines, summary};
use crate::tui::action::About;
use crate::tui::message::Message;
use crate::tui::shown_text::{ShownText, TextWanted};

impl Executor {
    pub(super) fn read_timeline(&self, seq: Seq, whose: About, columns: usize) -> Message {
        let (title, text, note) = match self.told(seq, whose) {
            Ok((title, text, note)) => (title, text, note),
            Err(why) => (format!("Story of event {seq}"), why, None),
        };
        Message::TextLaidOut(Box::new(ShownText::new(TextWanted {
            title,
            bytes: text.into(),
            is_value: false,
            note,
            columns,
        })))
    }

    /// The title, the text, and whether some are left out.
    fn told(&self, seq: Seq, whose: About) -> Result<(String, String, Option<String>), String> {
        let event = self.event(seq)?;
        let id = match whose {
            About::Object => about(&event.body),
            About::Organization => event.summary.organization_id,
        };
        let id = id.ok_or_else(|| format!("event {seq} names no id of a user, an organization or another object"))?;
        // It may take seconds, in which the other reads must go on.
        let reader = self.open_reader().map_err(|error| with_causes(&error))?;
        let (timeline, is_cut) = timeline(&reader, &id).map_err(|error| with_causes(&error))?;
        let note = is_cut.then(|| format!("only the newest {}", counted(MOST as u64, "request")));
        let text = format!("{}\n\n{}", summary(&timeline), lines(&timeline, &self.zone).join("\n"));
        Ok((format!("Story of {id}"), text, note))
    }
}
