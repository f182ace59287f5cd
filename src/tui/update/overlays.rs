//! Keys while an overlay is open. In text fields, letters are text, not commands.

use super::{arrivals, editing, jobs, moving, overrides, prompt, sending};
use crate::core::event::Seq;
use crate::core::filter::Filter;
use crate::tui::action::Action;
use crate::tui::effect::{Effect, SecretText};
use crate::tui::help;
use crate::tui::keymap::{self, Scope};
use crate::tui::layout;
use crate::tui::model::{Model, Overlay};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use tui_input::{Input, InputRequest};

/// The most characters in a text field.
const MAX_INPUT: usize = 4096;

pub(super) fn pressed(model: &mut Model, key: KeyEvent) -> Vec<Effect> {
    if keymap::action(&[Scope::Everywhere], key) == Some(Action::QuitNow) {
        return vec![Effect::Quit];
    }
    let Some(overlay) = model.overlay.take() else { return Vec::new() };
    match overlay {
        Overlay::Help { top } => in_help(model, key, top),
        Overlay::Menu { scope, seq, top } => in_menu(model, key, scope, seq, top),
        Overlay::ConfirmQuit { .. } => match key.code {
            KeyCode::Char('y' | 'q') | KeyCode::Enter => vec![Effect::Quit],
            _ => Vec::new(),
        },
        Overlay::Filter { input, previous } => in_filter(model, key, input, previous),
        Overlay::Secret { input } => in_secret(model, key, input),
        Overlay::Prompt { question, input } => prompt::pressed(model, key, question, input),
        Overlay::Job { top } => jobs::in_job(model, key, top),
        Overlay::Edited { edit, top } => editing::pressed(model, key, edit, top),
        Overlay::Overrides { next } => overrides::in_menu(model, key, next),
    }
}

pub(super) fn pasted(model: &mut Model, text: &str) -> Vec<Effect> {
    let live_filter = match &mut model.overlay {
        Some(Overlay::Filter { input, .. }) => {
            insert(input, text.lines().next().unwrap_or_default());
            Some(input.value().to_owned())
        }
        Some(Overlay::Prompt { input, .. }) => {
            insert(input, text.trim());
            None
        }
        // A pasted secret is taken verbatim, with line ends: a wrong one must be reported, not silently corrected.
        Some(Overlay::Secret { input }) => {
            insert(input, text);
            None
        }
        _ => None,
    };
    live_filter.map_or_else(Vec::new, |text| set_filter(model, &text))
}

fn in_help(model: &mut Model, key: KeyEvent, top: usize) -> Vec<Effect> {
    let page = usize::from(model.size.height / 2).max(1);
    let top = match keymap::action(&[Scope::Moving, Scope::Everywhere], key) {
        Some(Action::ShowHelp | Action::GoBack | Action::Quit) => return Vec::new(),
        Some(action) => scrolled(top, action, page),
        None => top,
    };
    let last_top = help::lines(layout::over_width(model.size)).len().saturating_sub(layout::over_height(model.size));
    model.overlay = Some(Overlay::Help { top: top.min(last_top) });
    Vec::new()
}

/// The menu of `scope` for the selected event.
pub(super) fn menu(model: &Model, scope: Scope) -> Option<Overlay> {
    model.events.selected.map(|seq| Overlay::Menu { scope, seq, top: 0 })
}

fn in_menu(model: &mut Model, key: KeyEvent, scope: Scope, seq: Seq, top: usize) -> Vec<Effect> {
    match keymap::action(&[scope], key) {
        Some(Action::Copy(what)) => return sending::copy(model, seq, what),
        Some(action) => return jobs::chosen(model, seq, action),
        None => {}
    }
    let height = layout::menu_height(model.size);
    let last_top = help::menu(scope, model.size).len().saturating_sub(height);
    if let Some(action) = keymap::action(&[Scope::Moving], key).filter(|_| last_top > 0) {
        model.overlay = Some(Overlay::Menu { scope, seq, top: scrolled(top, action, height).min(last_top) });
    }
    Vec::new()
}

/// The first visible line of an overlay after `action`. The caller limits it to the text.
pub(super) fn scrolled(top: usize, action: Action, page: usize) -> usize {
    match action {
        Action::MoveDown => top + 1,
        Action::MoveUp => top.saturating_sub(1),
        Action::PageDown | Action::HalfPageDown => top.saturating_add(page),
        Action::PageUp | Action::HalfPageUp => top.saturating_sub(page),
        Action::GoFirst => 0,
        Action::GoLast => usize::MAX,
        _ => top,
    }
}

fn in_filter(model: &mut Model, key: KeyEvent, mut input: Input, previous: String) -> Vec<Effect> {
    match key.code {
        KeyCode::Enter if model.events.filter_error.is_none() => return Vec::new(),
        KeyCode::Esc => return set_filter(model, &previous),
        _ => edit(&mut input, key),
    }
    let effects = set_filter(model, input.value());
    model.overlay = Some(Overlay::Filter { input, previous });
    effects
}

/// Filters by `text`. If it is invalid, shows the error and keeps the last valid filter.
pub(super) fn set_filter(model: &mut Model, text: &str) -> Vec<Effect> {
    apply_filter(model, text);
    moving::select_matching(model)
}

fn apply_filter(model: &mut Model, text: &str) {
    let events = &mut model.events;
    text.clone_into(&mut events.filter_text);
    match Filter::parse(text) {
        Ok(filter) => {
            events.filter_error = None;
            events.filter = filter;
            arrivals::filter_all(model);
        }
        Err(error) => events.filter_error = Some(error),
    }
}

fn in_secret(model: &mut Model, key: KeyEvent, mut input: Input) -> Vec<Effect> {
    match key.code {
        KeyCode::Esc => return Vec::new(),
        KeyCode::Enter if input.value().is_empty() => return Vec::new(),
        KeyCode::Enter => return vec![Effect::AddSecret(SecretText(input.value().to_owned()))],
        KeyCode::Char('x') if key.modifiers.contains(KeyModifiers::CONTROL) => {
            return if model.setup.secrets.last_added.is_some() { vec![Effect::ForgetSecret] } else { Vec::new() };
        }
        _ => edit(&mut input, key),
    }
    model.overlay = Some(Overlay::Secret { input });
    Vec::new()
}

fn insert(input: &mut Input, text: &str) {
    let room = MAX_INPUT.saturating_sub(input.value().chars().count());
    for c in text.chars().take(room) {
        input.handle(InputRequest::InsertChar(c));
    }
}

pub(super) fn edit(input: &mut Input, key: KeyEvent) {
    let is_control = key.modifiers.contains(KeyModifiers::CONTROL);
    let request = match key.code {
        KeyCode::Char('a') if is_control => InputRequest::GoToStart,
        KeyCode::Char('e') if is_control => InputRequest::GoToEnd,
        KeyCode::Char('u') if is_control => InputRequest::DeleteLine,
        KeyCode::Char('w') if is_control => InputRequest::DeletePrevWord,
        KeyCode::Char(c) if !is_control && !key.modifiers.contains(KeyModifiers::ALT) => {
            insert(input, c.encode_utf8(&mut [0; 4]));
            return;
        }
        KeyCode::Backspace => InputRequest::DeletePrevChar,
        KeyCode::Delete => InputRequest::DeleteNextChar,
        KeyCode::Left => InputRequest::GoToPrevChar,
        KeyCode::Right => InputRequest::GoToNextChar,
        KeyCode::Home => InputRequest::GoToStart,
        KeyCode::End => InputRequest::GoToEnd,
        _ => return,
    };
    input.handle(request);
}
