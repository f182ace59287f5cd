//! Copies parts of events to the clipboard.

use super::Executor;
use crate::clipboard::Way;
use crate::core::compression::content;
use crate::core::diagnosis::handlers;
use crate::core::errors::with_causes;
use crate::core::event::{Event, Seq};
use crate::core::export::{self, Destination, FixtureFile, copied_test};
use crate::core::hex;
use crate::core::json::{self, Document};
use crate::core::printable::{clipboard_json, clipboard_text};
use crate::core::redact::is_credential;
use crate::core::request::values;
use crate::core::signature::{Scheme, message_id};
use crate::tui::action::{Copied, Part};
use crate::tui::message::Message;
use std::sync::PoisonError;

impl Executor {
    pub(super) fn copy(&self, seq: Seq, what: Copied, destination: &Destination) -> Message {
        // Others copy no headers, or mask the credentials in them.
        let has_headers = matches!(what, Copied::Curl | Copied::Fixture);
        let copy = |event: Event| {
            let has_credentials = has_headers && event.head.headers().iter().any(is_credential);
            Ok((copied(&event, what, destination)?, has_credentials))
        };
        match self.event(seq).and_then(copy) {
            Ok((bytes, false)) => self.put(what.as_str(), &bytes),
            Ok((bytes, true)) => self.put(what.with_credentials(), &bytes),
            Err(why) => Message::CopyFailed { what: what.as_str(), why },
        }
    }

    pub(super) fn copy_public_url(&self, url: &str) -> Message {
        self.put("public URL", clipboard_text(url.as_bytes()).as_bytes())
    }

    /// Copies a path, or a value of JSON.
    pub(super) fn copy_part(&self, part: Part, text: &[u8]) -> Message {
        match part {
            Part::Path => self.put(part.as_str(), clipboard_text(text).as_bytes()),
            Part::Value if text.starts_with(b"\"") => self.put(part.as_str(), json::unescape(text).as_bytes()),
            Part::Value => self.put(part.as_str(), text),
        }
    }

    fn put(&self, what: &'static str, bytes: &[u8]) -> Message {
        let copied = self.clipboard.lock().unwrap_or_else(PoisonError::into_inner).copy(bytes);
        match copied {
            Ok(way) => {
                let how = way.to_string();
                let sequence = if let Way::Terminal(sequence) = way { Some(sequence) } else { None };
                Message::TextCopied { what, how, sequence }
            }
            Err(error) => Message::CopyFailed { what, why: with_causes(&error) },
        }
    }
}

/// The text to copy, or why there is none. It is safe to paste, except for the body, which is copied byte for byte.
fn copied(event: &Event, what: Copied, destination: &Destination) -> Result<Vec<u8>, String> {
    Ok(match what {
        Copied::Body => event.body.to_vec(),
        Copied::HexDump => hex::dump(&event.body),
        Copied::Payload => {
            let headers = event.head.headers();
            let content = content(&event.body, values(&headers, "content-encoding")).bytes;
            let pretty = Document::new(content.clone()).pretty();
            let text = if json::validate(&content).is_ok() { clipboard_json(&pretty) } else { clipboard_text(&pretty) };
            text.into_bytes()
        }
        Copied::Curl => {
            let head = &event.head;
            export::curl(destination, head.method(), head.target(), &head.headers(), &event.body).into_bytes()
        }
        Copied::Headers => clipboard_text(export::headers_text(&event.head.headers()).as_bytes()).into_bytes(),
        Copied::Number => event.summary.seq.to_string().into_bytes(),
        Copied::Id => {
            let headers = event.head.headers();
            let id = event.summary.event_id.as_ref().map(|id| id.as_bytes());
            clipboard_text(id.or_else(|| message_id(&headers, event.verification.scheme)).unwrap_or_default())
                .into_bytes()
        }
        Copied::Test(runner) => copied_test(event, runner).map_err(|error| error.to_string())?.into_bytes(),
        Copied::Handler(framework) => handler_code(framework, event.verification.scheme).into_bytes(),
        Copied::Fixture => FixtureFile::of(event).map_err(|error| error.to_string())?.text.into_bytes(),
    })
}

/// The handler that hookglass shows for the framework.
fn handler_code(framework: &str, scheme: Scheme) -> String {
    let fix = handlers(scheme).into_iter().find(|fix| fix.framework == framework);
    fix.map(|fix| fix.code + "\n").unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::action::Action;
    use crate::tui::keymap::{self, Scope};

    #[test]
    fn every_framework_has_a_key_that_copies_its_code() {
        let keys = keymap::of(Scope::CopyingHandler).map(|binding| match binding.action {
            Action::Copy(Copied::Handler(framework)) => framework,
            other => panic!("{other:?}"),
        });
        let keys: Vec<_> = keys.collect();
        assert_eq!(keys, handlers(Scheme::Webhook).iter().map(|fix| fix.framework).collect::<Vec<_>>());
        assert!(keys.iter().all(|framework| handler_code(framework, Scheme::Interceptor).contains("ALLOW")));
    }
}
