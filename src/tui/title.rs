//! The title of the detail pane: number, type, verdict and who.

use super::model::Model;
use super::theme::{Role, glyph};
use crate::core::index::NO_TYPE;
use crate::core::printable::Printable;

/// The most columns of the type and of who.
const NAME: usize = 48;

/// Number, type and verdict of the loaded event, as ` #65 user.signup ✓ `.
pub fn pieces(model: &Model) -> Vec<(Role, String)> {
    let Some(loaded) = &model.detail.loaded else { return Vec::new() };
    let summary = &loaded.event.summary;
    let name = summary.event_type.as_deref().unwrap_or(NO_TYPE);
    let verdict = summary.verdict;
    vec![
        (Role::Title, format!(" #{} ", summary.seq)),
        (Role::Title, Printable::last_columns(name.as_bytes(), NAME).into_string()),
        (Role::Verdict(verdict), format!(" {} ", glyph(verdict))),
    ]
}

/// Whom the event is about, and the note on it.
pub fn who(model: &Model) -> Option<String> {
    let event = &model.detail.loaded.as_ref()?.event;
    let (subject, note) = (event.summary.subject.as_deref().unwrap_or_default(), event.annotation.note.as_str());
    let separator = if subject.is_empty() || note.is_empty() { "" } else { " · " };
    let [subject, note] = [subject, note].map(|text| Printable::first_columns(text.as_bytes(), NAME));
    Some(format!("{subject}{separator}{note}")).filter(|who| !who.is_empty())
}

/// The columns of the title.
pub fn columns(model: &Model) -> usize {
    pieces(model).iter().map(|(_, text)| Printable::from_text(text).width()).sum()
}
