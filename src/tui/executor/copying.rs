//! Copies parts of events to the clipboard.

use super::Executor;
use crate::clipboard::Way;
use crate::core::errors::with_causes;
use crate::core::event::{Event, Seq};
use crate::core::export::{self, Destination};
use crate::core::json::{self, Document};
use crate::core::printable::{clipboard_json, clipboard_text};
use crate::core::signature::message_id;
use crate::tui::action::Copied;
use crate::tui::message::Message;
use std::sync::PoisonError;

impl Executor {
    pub(super) fn copy(&self, seq: Seq, what: Copied, destination: &Destination) -> Message {
        let what_words = what.as_str();
        let failed = |why| Message::CopyFailed { what: what_words, why };
        let event = match self.event(seq) {
            Ok(event) => event,
            Err(why) => return failed(why),
        };
        let bytes = copied(&event, what, destination);
        let copied = self.clipboard.lock().unwrap_or_else(PoisonError::into_inner).copy(&bytes);
        match copied {
            Ok(way) => {
                let how = way.to_string();
                let sequence = if let Way::Terminal(sequence) = way { Some(sequence) } else { None };
                Message::TextCopied { what: what_words, how, sequence }
            }
            Err(error) => failed(with_causes(&error)),
        }
    }
}

/// The text to copy. It is safe to paste, except for the body, which is copied byte for byte.
fn copied(event: &Event, what: Copied, destination: &Destination) -> Vec<u8> {
    match what {
        Copied::Body => event.body.to_vec(),
        Copied::Payload => {
            let pretty = Document::new(event.body.clone()).pretty();
            let text =
                if json::validate(&event.body).is_ok() { clipboard_json(&pretty) } else { clipboard_text(&pretty) };
            text.into_bytes()
        }
        Copied::Curl => {
            let head = &event.head;
            export::curl(destination, head.method(), head.target(), &head.headers(), &event.body).into_bytes()
        }
        Copied::Headers => clipboard_text(export::headers_text(&event.head.headers()).as_bytes()).into_bytes(),
        Copied::Id => {
            let headers = event.head.headers();
            let id = event.summary.event_id.as_ref().map(|id| id.as_bytes());
            clipboard_text(id.or_else(|| message_id(&headers, event.verification.scheme)).unwrap_or_default())
                .into_bytes()
        }
    }
}
