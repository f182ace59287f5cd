//! Keys while an overlay is open. In text fields, letters are text, not commands.

use super::scroll::scrolled;
use super::{editing, field, filtering, jobs, overrides, prompt, send_menu, sending};
use crate::core::event::Seq;
use crate::tui::action::Action;
use crate::tui::effect::{Effect, SecretText};
use crate::tui::help;
use crate::tui::keymap::{self, Scope};
use crate::tui::layout;
use crate::tui::model::{Model, Overlay};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use tui_input::Input;

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
        Overlay::Filter { input, previous } => filtering::pressed(model, key, input, previous),
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
            field::insert(input, text.lines().next().unwrap_or_default());
            Some(input.value().to_owned())
        }
        Some(Overlay::Prompt { input, .. }) => {
            field::insert(input, text.trim());
            None
        }
        // A pasted secret is taken verbatim, with line ends: a wrong one must be reported, not silently corrected.
        Some(Overlay::Secret { input }) => {
            field::insert(input, text);
            None
        }
        _ => None,
    };
    live_filter.map_or_else(Vec::new, |text| filtering::set(model, &text))
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
        Some(action) => return send_menu::chosen(model, seq, action),
        None => {}
    }
    let height = layout::menu_height(model.size);
    let last_top = help::menu(scope, model.size).len().saturating_sub(height);
    if let Some(action) = keymap::action(&[Scope::Moving], key).filter(|_| last_top > 0) {
        model.overlay = Some(Overlay::Menu { scope, seq, top: scrolled(top, action, height).min(last_top) });
    }
    Vec::new()
}

fn in_secret(model: &mut Model, key: KeyEvent, mut input: Input) -> Vec<Effect> {
    match key.code {
        KeyCode::Esc => return Vec::new(),
        KeyCode::Enter if input.value().is_empty() => return Vec::new(),
        KeyCode::Enter => return vec![Effect::AddSecret(SecretText(input.value().to_owned()))],
        KeyCode::Char('x') if key.modifiers.contains(KeyModifiers::CONTROL) => {
            return if model.setup.secrets.last_added.is_some() { vec![Effect::ForgetSecret] } else { Vec::new() };
        }
        _ => field::edit(&mut input, key),
    }
    model.overlay = Some(Overlay::Secret { input });
    Vec::new()
}
