//! Keys while a prompt is open, and accepting its text.

use super::field::{self, edit};
use super::{comparing, overrides, programs, sending, transfer};
use crate::tui::diff_base::Base;
use crate::tui::effect::{Effect, Order};
use crate::tui::model::{Model, Overlay};
use crate::tui::prompt::{Question, Recall, form_and_pace};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use tui_input::Input;

pub(super) fn pressed(
    model: &mut Model,
    key: KeyEvent,
    question: Question,
    mut input: Input,
    mut recall: Recall,
) -> Vec<Effect> {
    let question = match key.code {
        KeyCode::Esc => return Vec::new(),
        KeyCode::Enter => match accept(model, question, input.value()) {
            Ok(effects) => return effects,
            Err(question) => question,
        },
        KeyCode::Up | KeyCode::Down if question.has_earlier() => {
            show_earlier(&model.targets(), &mut input, &mut recall, key.code == KeyCode::Up);
            question
        }
        _ => {
            let is_typed = matches!(key.code, KeyCode::Char(_))
                && !key.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT);
            if std::mem::take(&mut recall.is_fresh) && is_typed {
                input = Input::default();
            }
            recall.place = None;
            edit(&mut input, key);
            question
        }
    };
    model.overlay = Some(Overlay::Prompt { question, input, recall });
    Vec::new()
}

/// Inserts pasted text. It replaces a suggestion.
pub(super) fn pasted(input: &mut Input, recall: &mut Recall, text: &str) {
    if std::mem::take(&mut recall.is_fresh) {
        *input = Input::default();
    }
    recall.place = None;
    field::insert(input, text.trim());
}

/// Puts an older or newer text into the field.
fn show_earlier(earlier: &[String], input: &mut Input, recall: &mut Recall, is_older: bool) {
    // What the field shows already is not an earlier text.
    let earlier: Vec<_> = earlier.iter().filter(|text| recall.place.is_some() || *text != input.value()).collect();
    if recall.place.is_none() {
        input.value().clone_into(&mut recall.typed);
    }
    let place = match recall.place {
        None if is_older => Some(0),
        Some(place) if is_older => Some((place + 1).min(earlier.len().saturating_sub(1))),
        Some(place) => place.checked_sub(1),
        None => None,
    };
    let Some(text) = place.map_or(Some(&recall.typed), |place| earlier.get(place).copied()) else { return };
    *input = text.clone().into();
    recall.is_fresh = true;
    recall.place = place;
}

/// Carries out what `text` asks for. Returns the question if the text is invalid.
fn accept(model: &mut Model, question: Question, text: &str) -> Result<Vec<Effect>, Question> {
    match question {
        Question::Target { then } => match text.parse() {
            Ok(target) => {
                model.recent.use_target(&target);
                model.set_target(target);
                model.is_recent_changed = true;
                Ok(then.map_or_else(Vec::new, |order| sending::send(model, order)))
            }
            Err(_) => Err(Question::Target { then }),
        },
        Question::Pace { seqs } => match form_and_pace(text) {
            Ok((form, pace)) => Ok(sending::send(model, Order::Many { seqs, form, pace })),
            Err(_) => Err(Question::Pace { seqs }),
        },
        Question::Plan { seq } => match text.parse() {
            Ok(plan) => Ok(sending::send(model, Order::Retries { seq, plan })),
            Err(_) => Err(question),
        },
        Question::FileToCompare if text.is_empty() => Err(question),
        Question::FileToCompare => {
            comparing::open(model, Base::File(text.to_owned()));
            Ok(Vec::new())
        }
        Question::Command { .. } if text.trim().is_empty() => Err(question),
        Question::Command { seq } => Ok(programs::pipe(model, seq, text)),
        Question::Note { seq } => Ok(transfer::set_note(seq, text)),
        Question::Export { ref seqs } => transfer::export(model, text, seqs).ok_or(question),
        Question::Import { .. } if text.is_empty() => Err(question),
        Question::Import { .. } => Ok(transfer::import(model, text)),
        Question::Response => text.parse().map(|setting| overrides::set(model, setting)).map_err(|_| question),
    }
}
