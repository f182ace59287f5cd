//! Keys while an overlay is open. In text fields, letters are text, not commands.

use super::scroll::{in_text, scrolled};
use super::{
    actions, checks, deleting, editing, field, filtering, jobs, leftovers, overrides, palette, programs, prompt,
    samples, secrets, sending, shown_text, text_search,
};
use crate::core::event::Seq;
use crate::tui::action::Action;
use crate::tui::coverage;
use crate::tui::effect::Effect;
use crate::tui::explain;
use crate::tui::help;
use crate::tui::keymap::{self, Scope};
use crate::tui::layout;
use crate::tui::model::{Model, Overlay};
use crate::tui::palette::Palette;
use crate::tui::samples::Samples;
use crossterm::event::{KeyCode, KeyEvent};
use tui_input::Input;

pub(super) fn pressed(model: &mut Model, key: KeyEvent) -> Vec<Effect> {
    if let Some(Overlay::Piping { command }) =
        model.overlay.take_if(|overlay| matches!(overlay, Overlay::Piping { .. }))
    {
        // Ctrl-C is for the command.
        return programs::while_piping(model, key, command);
    }
    if keymap::action(&[Scope::Everywhere], key) == Some(Action::QuitNow) {
        return vec![Effect::Quit];
    }
    let Some(overlay) = model.overlay.take() else { return Vec::new() };
    match overlay {
        Overlay::Help { input, top } => in_help(model, key, input, top),
        Overlay::Palette(palette) => palette::pressed(model, key, palette),
        Overlay::Reason { page, top } => {
            let top = in_text(model, key, Action::ExplainReason, top);
            model.overlay = top.map(|top| Overlay::Reason { page, top });
            Vec::new()
        }
        Overlay::Menu { scope, seq, top } => in_menu(model, key, scope, seq, top),
        Overlay::ConfirmQuit { .. } => match key.code {
            KeyCode::Char('y' | 'q') | KeyCode::Enter => vec![Effect::Quit],
            _ => Vec::new(),
        },
        Overlay::Leftovers => leftovers::decided(model, key),
        Overlay::ConfirmClear { seqs, pending, .. } => deleting::confirmed(model, key, seqs, pending),
        Overlay::ConfirmRehearsals { seq } => match key.code {
            KeyCode::Char('y') | KeyCode::Enter => sending::rehearse_all(model, seq),
            _ => Vec::new(),
        },
        Overlay::Piping { command } => programs::while_piping(model, key, command),
        Overlay::Filter(typed) => filtering::pressed(model, key, typed),
        Overlay::Search { input, before } => text_search::pressed(model, key, input, before),
        Overlay::Secret { input } => secrets::in_field(model, key, input),
        Overlay::SaveSecret(saving) => secrets::confirmed(model, key, saving),
        Overlay::Prompt { question, input, recall } => prompt::pressed(model, key, question, input, recall),
        Overlay::Samples(open) => samples::pressed(model, key, open),
        Overlay::Job { top } => jobs::in_job(model, key, top),
        Overlay::Checks { selected } => checks::pressed(model, key, selected),
        Overlay::Text { text, top } => shown_text::pressed(model, key, text, top),
        Overlay::Coverage { coverage, top } => {
            let top = in_text(model, key, Action::ShowCoverage, top);
            model.overlay = top.map(|top| Overlay::Coverage { coverage, top });
            Vec::new()
        }
        Overlay::Edited { edit, top } => editing::pressed(model, key, edit, top),
        Overlay::Overrides { next } => overrides::in_menu(model, key, next),
    }
}

/// Scrolls the open overlay by so many lines.
pub(super) fn scrolled_by(model: &mut Model, by: isize) {
    palette::scrolled(model, by);
    samples::scrolled(model, by);
    if let Some(top) = top_mut(&mut model.overlay) {
        *top = top.saturating_add_signed(by);
    }
}

/// After any change: keeps the last page of the open overlay full.
pub(super) fn keep_in_range(model: &mut Model) {
    let size = model.size;
    let (count, height) = match &model.overlay {
        Some(Overlay::Help { input, .. }) => {
            let lines = help::lines(model.focus, input.value(), layout::over_width(size));
            (lines.len(), layout::help_height(size))
        }
        Some(Overlay::Menu { scope, .. }) => (help::menu(*scope, size).len(), layout::menu_height(size)),
        Some(Overlay::Job { .. }) => {
            let lines = model.job.as_ref().map_or(0, |job| job.lines(layout::over_width(size)).len());
            (lines, layout::results_height(size))
        }
        Some(Overlay::Reason { page, .. }) => {
            (explain::lines(page, layout::over_width(size)).len(), layout::over_height(size))
        }
        Some(Overlay::Checks { .. }) => {
            let loaded = model.detail.loaded.as_ref();
            // One is selected, whatever fits.
            (loaded.map_or(0, |loaded| loaded.checked.described.len()), 1)
        }
        Some(Overlay::Text { text, .. }) => (text.row_count(), layout::over_height(size)),
        Some(Overlay::Coverage { coverage: shown, .. }) => {
            (coverage::lines(shown, layout::over_width(size)).len(), layout::over_height(size))
        }
        Some(Overlay::Edited { edit, .. }) => (edit.changes.len(), layout::over_height(size)),
        _ => return,
    };
    if let Some(top) = top_mut(&mut model.overlay) {
        *top = (*top).min(count.saturating_sub(height.max(1)));
    }
}

/// The first visible line of an overlay that scrolls.
fn top_mut(overlay: &mut Option<Overlay>) -> Option<&mut usize> {
    match overlay {
        Some(
            Overlay::Help { top, .. }
            | Overlay::Menu { top, .. }
            | Overlay::Job { top }
            | Overlay::Reason { top, .. }
            | Overlay::Checks { selected: top }
            | Overlay::Text { top, .. }
            | Overlay::Coverage { top, .. }
            | Overlay::Edited { top, .. },
        ) => Some(top),
        _ => None,
    }
}

pub(super) fn pasted(model: &mut Model, text: &str) -> Vec<Effect> {
    match &mut model.overlay {
        Some(Overlay::Filter(_)) => return filtering::pasted(model, text.lines().next().unwrap_or_default()),
        Some(Overlay::Search { .. }) => return text_search::pasted(model, text),
        Some(Overlay::Prompt { input, recall, .. }) => prompt::pasted(input, recall, text),
        Some(Overlay::Help { input, .. }) => field::insert(input, text.trim()),
        Some(Overlay::Samples(Samples { input, .. })) => {
            field::insert(input, text.trim());
            let input = input.clone();
            samples::open(model, input);
        }
        Some(Overlay::Palette(Palette { input, .. })) => {
            field::insert(input, text.trim());
            let input = input.clone();
            palette::open(model, input);
        }
        // A pasted secret is taken verbatim, with line ends: a wrong one must be reported, not silently corrected.
        Some(Overlay::Secret { input }) => field::insert(input, text),
        _ => {}
    }
    Vec::new()
}

fn in_help(model: &mut Model, key: KeyEvent, mut input: Input, top: usize) -> Vec<Effect> {
    let page = layout::help_height(model.size).max(1);
    let top = match key.code {
        KeyCode::Esc => return Vec::new(),
        KeyCode::Char('?') if input.value().is_empty() => return Vec::new(),
        KeyCode::Up | KeyCode::Down | KeyCode::PageUp | KeyCode::PageDown | KeyCode::Home | KeyCode::End => {
            keymap::action(&[Scope::Moving], key).map_or(top, |action| scrolled(top, action, page))
        }
        _ => {
            field::edit(&mut input, key);
            0
        }
    };
    model.overlay = Some(Overlay::Help { input, top });
    Vec::new()
}

fn in_menu(model: &mut Model, key: KeyEvent, scope: Scope, seq: Seq, top: usize) -> Vec<Effect> {
    if let Some(action) = keymap::action(&[scope], key) {
        return actions::act_on(model, action, Some(seq));
    }
    let height = layout::menu_height(model.size);
    let is_higher = help::menu(scope, model.size).len() > height;
    if let Some(action) = keymap::action(&[Scope::Moving], key).filter(|_| is_higher) {
        model.overlay = Some(Overlay::Menu { scope, seq, top: scrolled(top, action, height) });
    }
    Vec::new()
}
