//! Other programs with the bytes of an event: the pager, and a command that the user typed.

use crate::core::event::Seq;
use crate::tui::effect::Effect;
use crate::tui::layout;
use crate::tui::model::{Model, Overlay, Tone};
use crate::tui::paged::Paged;
use crate::tui::panes::Tab;
use crate::tui::prompt::Question;
use crate::tui::shown_text::ShownText;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// Shows the text of the tab in the pager.
pub(super) fn page(model: &Model) -> Vec<Effect> {
    let Some(loaded) = &model.detail.loaded else { return Vec::new() };
    let text = loaded.searched(model.detail.tab);
    vec![Effect::OpenPager(match model.detail.tab {
        Tab::Payload => Paged::Payload(text),
        Tab::Raw => Paged::HexDump(text),
        _ => Paged::Text(text),
    })]
}

/// Asks for the command. The last one is the suggestion.
pub(super) fn ask(model: &mut Model, seq: Seq) {
    let last = model.last_command.clone();
    model.ask(Question::Command { seq }, last);
}

/// Runs the command, if the event is still the loaded one.
pub(super) fn pipe(model: &mut Model, seq: Seq, command: &str) -> Vec<Effect> {
    let loaded = model.detail.loaded.as_ref().filter(|loaded| loaded.event.summary.seq == seq);
    let Some(body) = loaded.map(|loaded| loaded.event.body.clone()) else {
        model.say(Tone::Bad, format!("event {seq} is no longer open; select it again"));
        return Vec::new();
    };
    command.clone_into(&mut model.last_command);
    model.overlay = Some(Overlay::Piping { command: command.to_owned() });
    vec![Effect::Pipe { command: command.to_owned(), body, columns: layout::over_width(model.size) }]
}

/// Handles a key while the command runs.
pub(super) fn while_piping(model: &mut Model, key: KeyEvent, command: String) -> Vec<Effect> {
    let is_interrupt = key.code == KeyCode::Char('c') && key.modifiers.contains(KeyModifiers::CONTROL);
    if is_interrupt || key.code == KeyCode::Esc {
        model.say(Tone::Plain, format!("ended `{command}`"));
        return vec![Effect::StopPipe];
    }
    model.overlay = Some(Overlay::Piping { command });
    Vec::new()
}

/// The command has ended. Its output is shown, unless the user has ended it.
pub(super) fn piped(model: &mut Model, shown: Result<Box<ShownText>, String>) {
    if !matches!(model.overlay, Some(Overlay::Piping { .. })) {
        return;
    }
    model.overlay = None;
    match shown {
        Ok(text) => model.overlay = Some(Overlay::Text { text, top: 0 }),
        Err(why) => model.say(Tone::Bad, why),
    }
}
