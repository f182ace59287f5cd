//! What each action does, and the actions that no other file handles.

use super::{
    comparing, deleting, editing, filtering, fixtures, jobs, leftovers, moving, overrides, payload, programs, samples,
    secrets, send_menu, sending, text_search, transfer,
};
use crate::core::coverage::Coverage;
use crate::core::delivery::Form;
use crate::core::diagnosis::Page;
use crate::core::event::Seq;
use crate::tui::action::Action;
use crate::tui::available::{self, why_not};
use crate::tui::effect::Effect;
use crate::tui::keymap::{self, Scope};
use crate::tui::layout;
use crate::tui::model::{Model, Overlay, Pane, Tone};
use crate::tui::tree;
use crossterm::event::KeyEvent;
use tui_input::Input;

/// Handles a key while no overlay is open.
pub(super) fn pressed(model: &mut Model, key: KeyEvent) -> Vec<Effect> {
    match keymap::action(keymap::scopes(model.focus), key) {
        Some(action) => act(model, action),
        None => Vec::new(),
    }
}

/// Carries out `action` for the selected event.
pub(super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    act_on(model, action, model.events.selected)
}

/// Carries out `action` for event `seq`, or says why it cannot.
pub(super) fn act_on(model: &mut Model, action: Action, seq: Option<Seq>) -> Vec<Effect> {
    if let Some(why) = why_not(model, action, seq) {
        model.say(Tone::Plain, why);
        return Vec::new();
    }
    let menu = |scope| seq.map(|seq| Overlay::Menu { scope, seq, top: 0 });
    match action {
        Action::ShowHelp => model.overlay = Some(Overlay::Help { input: Input::default(), top: 0 }),
        Action::ShowPalette => model.overlay = Some(Overlay::Palette(available::palette(model, Input::default()))),
        Action::Quit => return vec![Effect::CountForwards],
        Action::QuitNow => return vec![Effect::Quit],
        Action::Suspend => return vec![Effect::Suspend],
        Action::GoBack => return go_back(model),
        Action::FocusNext => focus(model, 1),
        Action::FocusPrevious => focus(model, -1),
        Action::ShowTab(tab) => model.detail.tab = tab,
        Action::ToggleZoom => model.is_zoomed = !model.is_zoomed,
        Action::ToggleTypes => toggle_types(model),
        Action::ToggleMouse => return toggle_mouse(model),
        Action::ToggleFollow => return toggle_follow(model),
        Action::NextInvalid | Action::PreviousInvalid => {
            return moving::select_invalid(model, action == Action::NextInvalid);
        }
        Action::LaterAttempt | Action::EarlierAttempt => {
            return moving::select_attempt(model, action == Action::LaterAttempt);
        }
        Action::ExplainReason => explain(model),
        Action::ToggleMark => return moving::toggle_mark(model),
        Action::ClearMarks => moving::clear_marks(model),
        Action::Delete => return deleting::delete(model),
        Action::Clear => deleting::ask_to_clear(model),
        Action::Undo => return deleting::undo(model),
        Action::Open => return open(model),
        Action::EditFilter => edit_filter(model),
        Action::ToggleFilter => return filtering::toggle(model),
        Action::BeginStory => model.overlay = menu(Scope::Story),
        Action::BeginDiff => model.overlay = menu(Scope::Diff),
        Action::Compare(choice) => seq.into_iter().for_each(|seq| comparing::chosen(model, choice, seq)),
        Action::BeginCopy => model.overlay = menu(Scope::Copying),
        Action::BeginCopyTest => model.overlay = menu(Scope::CopyingTest),
        Action::BeginCopyHandler => model.overlay = menu(Scope::CopyingHandler),
        Action::CopyTestAgain => {
            return seq.map_or_else(Vec::new, |seq| sending::copy_test_again(model, seq));
        }
        Action::BeginSend => model.overlay = menu(Scope::Sending),
        Action::BeginOverride => model.overlay = Some(Overlay::Overrides { next: 0 }),
        Action::EnterSecret => model.overlay = Some(Overlay::Secret { input: String::new().into() }),
        Action::SaveSecret => return secrets::begin_saving(model),
        Action::EnterTarget => sending::ask_target(model, None),
        Action::SendSample => samples::open(model, Input::default()),
        Action::Redeliver => return sending::redeliver(model, Form::Resigned),
        Action::RedeliverAsReceived => return sending::redeliver(model, Form::AsReceived),
        Action::Edit => return editing::open(model),
        Action::Page => return programs::page(model),
        Action::Pipe => {
            if let Some(seq) = model.events.selected {
                programs::ask(model, seq);
            }
        }
        Action::ChooseOverride(choice) => return overrides::chosen(model, choice, 0),
        Action::ToggleWrap => payload::toggle_wrap(model),
        Action::Search => text_search::open(model),
        Action::NextHit | Action::PreviousHit => text_search::step(model, action == Action::NextHit),
        Action::CopyPart(part) => return payload::copy(model, part),
        Action::FoldAll | Action::UnfoldAll | Action::FoldLevel | Action::UnfoldLevel => {
            payload::fold_to(model, action)
        }
        Action::Copy(what) => {
            return seq.map_or_else(Vec::new, |seq| sending::copy(model, seq, what));
        }
        Action::Rehearse(_)
        | Action::RehearseAll
        | Action::Retry
        | Action::RedeliverMarked
        | Action::RedeliverListed
        | Action::SignAndSend
        | Action::ShowStory(_)
        | Action::ShowTimeline(_) => {
            return seq.map_or_else(Vec::new, |seq| send_menu::chosen(model, seq, action));
        }
        Action::SaveFixtures => return fixtures::save(model),
        Action::ExportListed => return transfer::ask_export(model),
        Action::ImportFile => return transfer::ask_import(model),
        Action::TogglePin => return transfer::toggle_pin(model),
        Action::EditNote => {
            if let Some(seq) = seq {
                transfer::ask_note(model, seq);
            }
        }
        Action::CopyPublicUrl => return model.tunnel.endpoint().map(Effect::CopyPublicUrl).into_iter().collect(),
        Action::ShowChecks => model.overlay = Some(Overlay::Checks { selected: 0 }),
        Action::ShowCoverage => {
            model.overlay = Some(Overlay::Coverage { coverage: Coverage::of(&model.events.index), top: 0 });
        }
        Action::ShowJob => jobs::show(model),
        Action::ShowLeftovers => leftovers::ask(model),
        Action::StopJob => return jobs::stop(model).into_iter().collect(),
        // It acts only in its menu.
        Action::CountOverrides | Action::FoldGroup => {}
        _ => return moving::moved(model, action),
    }
    Vec::new()
}

fn explain(model: &mut Model) {
    let page = model.events.selected_row().and_then(|row| Page::find(row.reason));
    model.overlay = page.map(|page| Overlay::Reason { page: Box::new(page), top: 0 });
}

fn go_back(model: &mut Model) -> Vec<Effect> {
    if model.notice.take().is_some() {
        return Vec::new();
    }
    if model.focus == Pane::Detail && model.detail.search.take().is_some() {
        return vec![Effect::StopSearch];
    }
    if model.is_zoomed {
        model.is_zoomed = false;
    } else if model.focus != Pane::Events {
        model.focus = Pane::Events;
    } else if !model.events.filter_text.is_empty() {
        return filtering::set(model, "");
    }
    Vec::new()
}

fn focus(model: &mut Model, by: i8) {
    let panes: &[Pane] =
        if model.types.is_shown { &[Pane::Events, Pane::Types, Pane::Detail] } else { &[Pane::Events, Pane::Detail] };
    let at = panes.iter().position(|pane| *pane == model.focus).unwrap_or(0);
    let next = (at + panes.len()).saturating_add_signed(by.into()) % panes.len();
    model.focus = panes[next];
}

fn edit_filter(model: &mut Model) {
    // The filter field is drawn in the list.
    if layout::regions(model).events.is_none() {
        model.focus = Pane::Events;
    }
    filtering::open(model);
}

fn toggle_follow(model: &mut Model) -> Vec<Effect> {
    model.events.is_following = !model.events.is_following;
    if model.events.is_following { moving::select_newest(model) } else { Vec::new() }
}

fn toggle_mouse(model: &mut Model) -> Vec<Effect> {
    model.is_mouse_captured = !model.is_mouse_captured;
    let key = keymap::key_name(Action::ToggleMouse);
    let text = if model.is_mouse_captured {
        format!("mouse captured; press `{key}` to select text in the terminal")
    } else {
        format!("mouse released; press `{key}` to capture it again")
    };
    model.say(Tone::Plain, text);
    vec![Effect::CaptureMouse(model.is_mouse_captured)]
}

fn toggle_types(model: &mut Model) {
    model.types.is_shown = !model.types.is_shown;
    if model.types.is_shown {
        model.focus = Pane::Types;
    } else if model.focus == Pane::Types {
        model.focus = Pane::Events;
    }
}

fn open(model: &mut Model) -> Vec<Effect> {
    match model.focus {
        Pane::Types => {
            let rows = tree::rows(model);
            let Some(row) = rows.get(tree::selected_line(model, &rows)) else { return Vec::new() };
            let text = tree::filter(model, &row.node);
            model.focus = Pane::Events;
            filtering::set(model, &text)
        }
        _ => {
            if model.focus == Pane::Detail {
                return payload::toggle(model);
            }
            model.focus = Pane::Detail;
            Vec::new()
        }
    }
}
