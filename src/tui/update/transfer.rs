//! Pins and notes, and exporting and importing events.

use super::moving;
use crate::core::annotation::{Annotation, AnnotationChange, note};
use crate::core::event::Seq;
use crate::core::export::ExportFormat;
use crate::core::numbers::counted;
use crate::core::tunnel::Offer;
use crate::tui::action::Action;
use crate::tui::effect::Effect;
use crate::tui::keymap::key_name;
use crate::tui::model::{CapturedOffer, Model, Tone};
use crate::tui::prompt::{NGROK, Question};

/// Pins the marked events, or else the selected one; unpins them if all are pinned.
pub(super) fn toggle_pin(model: &mut Model) -> Vec<Effect> {
    let index = &model.events.index;
    let mut seqs: Vec<_> = index.marked().map(|position| index.seq(position)).collect();
    if seqs.is_empty() {
        seqs.extend(model.events.selected);
    }
    let is_pinned = !seqs.iter().all(|seq| index.is_pinned(*seq));
    vec![Effect::Annotate { seqs, change: AnnotationChange::Pinned(is_pinned) }]
}

pub(super) fn ask_note(model: &mut Model, seq: Seq) {
    let Some(position) = model.events.index.position_of(seq) else { return };
    let known = model.events.index.row(position).note.to_owned();
    model.ask(Question::Note { seq }, known);
}

pub(super) fn set_note(seq: Seq, text: &str) -> Vec<Effect> {
    vec![Effect::Annotate { seqs: vec![seq], change: AnnotationChange::Note(note(text)) }]
}

/// Asks where to export what is listed, or stops the running export or import.
pub(super) fn ask_export(model: &mut Model) -> Vec<Effect> {
    if model.is_transferring {
        return stop(model);
    }
    let events = &model.events;
    let matching = events.query.select(&events.index, 0..events.index.len()).matching;
    let seqs = matching.into_iter().map(|position| events.index.seq(position)).collect();
    model.ask(Question::Export { seqs }, "events.ndjson".to_owned());
    Vec::new()
}

/// Exports the events `seqs` to the file `name`. `None` if the name does not say the format.
pub(super) fn export(model: &mut Model, name: &str, seqs: &[Seq]) -> Option<Vec<Effect>> {
    let format = ExportFormat::of_name(name)?;
    model.is_transferring = true;
    Some(vec![Effect::Export { name: name.to_owned(), format, seqs: seqs.to_vec() }])
}

/// Asks for a file to import, or stops the running export or import.
pub(super) fn ask_import(model: &mut Model) -> Vec<Effect> {
    if model.is_transferring {
        return stop(model);
    }
    let captured = model.captured.as_mut().map(|captured| {
        // Who opens the question has seen the offer.
        captured.is_seen = true;
        captured.offer.sentence(model.now, &model.setup.zone)
    });
    let suggestion = if captured.is_some() { NGROK } else { "" };
    model.ask(Question::Import { captured }, suggestion.to_owned());
    Vec::new()
}

pub(super) fn offered(model: &mut Model, offer: Offer) {
    model.captured = Some(CapturedOffer { offer, is_seen: false });
}

pub(super) fn import(model: &mut Model, name: &str) -> Vec<Effect> {
    model.is_transferring = true;
    if name == NGROK {
        model.captured = None;
        return vec![Effect::ImportCaptured];
    }
    vec![Effect::Import { name: name.to_owned() }]
}

fn stop(model: &mut Model) -> Vec<Effect> {
    model.say(Tone::Plain, "stopping the transfer");
    vec![Effect::StopTransfer]
}

pub(super) fn progressed(model: &mut Model, text: &str) {
    let key = key_name(Action::ExportListed);
    model.mention(Tone::Plain, format!("{text}; `{key}` stops it"));
}

pub(super) fn ended(model: &mut Model, tone: Tone, text: String) {
    model.is_transferring = false;
    model.say(tone, text);
}

/// The store has changed the pin or the note of events.
pub(super) fn changed(model: &mut Model, seqs: &[Seq], change: &AnnotationChange) -> Vec<Effect> {
    for seq in seqs {
        model.events.index.change_annotation(*seq, change);
        model.events.refilter(*seq);
    }
    let text = match (change, seqs) {
        (AnnotationChange::Pinned(true), [seq]) => format!("event {seq} pinned; deleting all listed events leaves it"),
        (AnnotationChange::Pinned(false), [seq]) => format!("event {seq} unpinned"),
        (AnnotationChange::Pinned(is_pinned), seqs) => {
            format!("{} {}", counted(seqs.len() as u64, "event"), if *is_pinned { "pinned" } else { "unpinned" })
        }
        (AnnotationChange::Note(note), _) if note.is_empty() => "note removed".to_owned(),
        (AnnotationChange::Note(_), _) => "note saved; the filter finds its words".to_owned(),
    };
    model.say(Tone::Good, text);
    moving::reload_selected(model)
}

/// Annotations were read from the store.
pub(super) fn annotated(model: &mut Model, annotations: Vec<(Seq, Annotation)>) {
    for (seq, annotation) in annotations {
        model.events.index.annotate(seq, annotation);
        model.events.refilter(seq);
    }
}
