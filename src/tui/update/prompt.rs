//! Keys while a prompt is open, and accepting its text.

use super::field::edit;
use super::{comparing, overrides, sending, transfer};
use crate::tui::diff_base::Base;
use crate::tui::effect::{Effect, Order};
use crate::tui::model::{Model, Overlay};
use crate::tui::prompt::{Question, form_and_pace};
use crossterm::event::{KeyCode, KeyEvent};
use tui_input::Input;

pub(super) fn pressed(model: &mut Model, key: KeyEvent, question: Question, mut input: Input) -> Vec<Effect> {
    let question = match key.code {
        KeyCode::Esc => return Vec::new(),
        KeyCode::Enter => match accept(model, question, input.value()) {
            Ok(effects) => return effects,
            Err(question) => question,
        },
        _ => {
            edit(&mut input, key);
            question
        }
    };
    model.overlay = Some(Overlay::Prompt { question, input });
    Vec::new()
}

/// Carries out what `text` asks for. Returns the question if the text is invalid.
fn accept(model: &mut Model, question: Question, text: &str) -> Result<Vec<Effect>, Question> {
    match question {
        Question::Target { then } => match text.parse() {
            Ok(target) => {
                model.set_target(target);
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
        Question::Note { seq } => Ok(transfer::set_note(seq, text)),
        Question::Export { ref seqs } => transfer::export(model, text, seqs).ok_or(question),
        Question::Import if text.is_empty() => Err(question),
        Question::Import => Ok(transfer::import(model, text)),
        Question::Response => text.parse().map(|setting| overrides::set(model, setting)).map_err(|_| question),
    }
}
