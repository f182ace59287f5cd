//! The menu and the text field for overrides.

use super::moving;
use crate::core::overrides::{Decision, Override, Overrides, What};
use crate::core::reply::is_bodyless;
use crate::tui::action::{Action, OverrideChoice};
use crate::tui::effect::Effect;
use crate::tui::keymap::{self, Scope};
use crate::tui::model::{Model, Overlay, Tone};
use crate::tui::prompt::Question;
use crossterm::event::{KeyCode, KeyEvent};
use std::num::NonZeroU32;
use std::time::Duration;
use tui_input::Input;

/// The suggested delay: longer than the provider's 10 s.
const PROPOSED: Duration = Duration::from_secs(12);
/// The largest number of events that can be typed in the menu.
const MAX_NEXT: u32 = 9_999;

pub(super) fn in_menu(model: &mut Model, key: KeyEvent, next: u32) -> Vec<Effect> {
    match (keymap::action(&[Scope::Overrides], key), key.code) {
        (Some(Action::CountOverrides), KeyCode::Char(digit)) => {
            let digit = digit.to_digit(10).unwrap_or_default();
            model.overlay = Some(Overlay::Overrides { next: (10 * next + digit).min(MAX_NEXT) });
            Vec::new()
        }
        (Some(Action::ChooseOverride(choice)), _) => chosen(model, choice, next),
        _ => Vec::new(),
    }
}

/// Sets the chosen override for the next `next` events (0: until changed), or opens the text field.
pub(super) fn chosen(model: &mut Model, choice: OverrideChoice, next: u32) -> Vec<Effect> {
    let next = NonZeroU32::new(next);
    let what = match choice {
        OverrideChoice::Status(status) => What::Status(status),
        OverrideChoice::Drop => What::Drop,
        OverrideChoice::Allow => What::Decision(Decision::Allow),
        // The default needs no count: it applies after any override anyway.
        OverrideChoice::Default => return set(model, Override::what(What::Default)),
        OverrideChoice::Late | OverrideChoice::Slow => {
            let is_late = choice == OverrideChoice::Late;
            let mut setting = slowed(&model.setup.overrides, is_late);
            setting.next = next.or(setting.next);
            let text = setting.to_string();
            // The cursor goes after the time.
            (setting.types, setting.next) = (None, None);
            if is_late {
                setting.directive.delays.slow = Duration::ZERO;
            }
            write(model, &text, text.chars().count() - setting.to_string().chars().count());
            return Vec::new();
        }
        OverrideChoice::Deny => {
            begin_decision(model, Decision::Deny { message: String::new() }, next, 1);
            return Vec::new();
        }
        OverrideChoice::Claims => {
            begin_decision(model, Decision::Claims("{}".to_owned()), next, 1);
            return Vec::new();
        }
        OverrideChoice::Membership => {
            let decision = Decision::Membership { organization: "org_".to_owned(), roles: Vec::new() };
            begin_decision(model, decision, next, 1);
            return Vec::new();
        }
        OverrideChoice::Write => {
            let on = model.setup.overrides.on().next().cloned();
            let text = match (on, next) {
                (Some(setting), _) => Override { next: next.or(setting.next), ..setting }.to_string(),
                (None, Some(next)) => format!(" next:{next}"),
                (None, None) => String::new(),
            };
            let after_cursor = if model.setup.overrides.is_off() { text.len() } else { 0 };
            write(model, &text, after_cursor);
            return Vec::new();
        }
    };
    set(model, Override { next, ..Override::what(what) })
}

/// Opens the text field with `decision`, with the cursor `inside` characters before its end.
fn begin_decision(model: &mut Model, decision: Decision, next: Option<NonZeroU32>, inside: usize) {
    let only = Override::what(What::Decision(decision));
    let after_cursor = inside + Override { next, ..only.clone() }.to_string().len() - only.to_string().len();
    write(model, &Override { next, ..only }.to_string(), after_cursor);
}

/// The active override, or the default response, with a delay.
fn slowed(overrides: &Overrides, is_late: bool) -> Override {
    let has_body = |setting: &&Override| match setting.directive.what {
        What::Drop => false,
        What::Status(status) => !is_bodyless(status),
        What::Default | What::Decision(_) => true,
    };
    let on = overrides.on().find(|setting| is_late || has_body(setting)).cloned();
    let mut setting = on.unwrap_or_else(|| Override::what(What::Default));
    let delays = &mut setting.directive.delays;
    let time = if is_late { &mut delays.delay } else { &mut delays.slow };
    if time.is_zero() {
        *time = PROPOSED;
    }
    setting
}

/// Opens the text field with `text`, with the cursor `after_cursor` characters before its end.
fn write(model: &mut Model, text: &str, after_cursor: usize) {
    let input = Input::new(text.to_owned());
    let cursor = input.cursor().saturating_sub(after_cursor);
    model.ask(Question::Response, input.with_cursor(cursor));
}

pub(super) fn set(model: &mut Model, setting: Override) -> Vec<Effect> {
    let text = if setting.is_default() { "no override; default responses".to_owned() } else { setting.sentence() };
    match setting.warning() {
        Some(warning) => model.say(Tone::Plain, format!("{text}; {warning}")),
        None => model.say(Tone::Good, text),
    }
    vec![Effect::SetOverride(setting)]
}

/// Overrides were applied, used up or changed.
pub(super) fn changed(model: &mut Model, overrides: Overrides) -> Vec<Effect> {
    if let Some(news) = overrides.news_since(&model.setup.overrides).pop() {
        model.mention(Tone::Plain, news);
    }
    let has_sender_left = overrides.left > model.setup.overrides.left;
    model.setup.overrides = overrides;
    // The stored response of the event has changed.
    if has_sender_left { moving::reload_selected(model) } else { Vec::new() }
}
