//! Overlays: help, menus, text fields and the quit question.

use super::line::grouped;
use super::panel::{filled, panel, search_field};
use super::{edited, filter, job, overrides, palette, prompt, samples, secret, shown_text, text_search};
use crate::core::coverage::Coverage;
use crate::core::diagnosis::{Page, broken};
use crate::core::event::Seq;
use crate::core::printable::Printable;
use crate::tui::action::Action;
use crate::tui::content::check_lines;
use crate::tui::coverage;
use crate::tui::deletions;
use crate::tui::explain;
use crate::tui::help;
use crate::tui::keymap::{self, Scope};
use crate::tui::layout;
use crate::tui::leftovers;
use crate::tui::model::{Model, Overlay};
use crate::tui::theme::{Role, Theme};
use ratatui::Frame;
use ratatui::text::Line;
use tui_input::Input;

pub fn draw(model: &Model, theme: &Theme, frame: &mut Frame) {
    match &model.overlay {
        None => {}
        Some(Overlay::Help { input, top }) => help(model, input, *top, theme, frame),
        Some(Overlay::Palette(open)) => palette::draw(open, theme, frame),
        Some(Overlay::Reason { page, top }) => reason(page, *top, theme, frame),
        Some(Overlay::Menu { scope, top, .. }) => menu(*scope, *top, theme, frame),
        Some(Overlay::Overrides { next }) => overrides::menu(*next, theme, frame),
        Some(Overlay::ConfirmQuit { forwards }) => {
            let job =
                model.job.as_ref().filter(|job| job.is_running()).map_or(0, |job| job.progress().1 - job.progress().0);
            let count = model.running_deliveries + usize::try_from(job).unwrap_or(usize::MAX) + forwards;
            let question = match count {
                // They finished while the question was open.
                0 => "Nothing is pending. Quit?".to_owned(),
                1 => "1 delivery is pending. Quit anyway?".to_owned(),
                _ => format!("{} deliveries are pending. Quit anyway?", grouped(count as u64)),
            };
            let keys = ["Press y, q or Enter to quit,", "any other key to stay."];
            let lines = keys.map(|line| Line::styled(line, theme.style(Role::Dim)));
            panel(" Quit ", std::iter::once(Line::raw(question)).chain(lines).collect(), theme, frame);
        }
        Some(Overlay::Leftovers) => left_forwards(model, theme, frame),
        Some(Overlay::ConfirmClear { seqs, pending, pinned }) => {
            let question = deletions::question(model, seqs, *pending, *pinned).into_iter().map(Line::raw);
            let undo = keymap::key_name(Action::Undo);
            let keys = [
                format!("Press y to delete, and `{undo}` to undo it until hookglass exits."),
                "Any other key cancels.".to_owned(),
            ];
            let keys = keys.into_iter().map(|line| Line::styled(line, theme.style(Role::Dim)));
            panel(" Delete ", question.chain(keys).collect(), theme, frame);
        }
        Some(Overlay::Piping { command }) => {
            let line = Line::raw(Printable::from_text(&format!("running `{command}`")).into_string());
            let keys = Line::styled("Ctrl-c or Esc ends it.", theme.style(Role::Dim));
            panel(" Pipe ", vec![line, keys], theme, frame);
        }
        Some(Overlay::ConfirmRehearsals { seq }) => rehearsals(model, *seq, theme, frame),
        Some(Overlay::Filter(field)) => filter::draw(model, field, theme, frame),
        Some(Overlay::Search { input, .. }) => text_search::draw(model, input, theme, frame),
        Some(Overlay::Secret { input }) => secret::field(model, input, theme, frame),
        Some(Overlay::SaveSecret(saving)) => secret::question(saving, theme, frame),
        Some(Overlay::Prompt { question, input, recall }) => {
            prompt::draw(model, question, (input, recall), theme, frame)
        }
        Some(Overlay::Samples(open)) => samples::draw(model, open, theme, frame),
        Some(Overlay::Checks { selected }) => checks(model, *selected, theme, frame),
        Some(Overlay::Text { text, top }) => shown_text::draw(text, *top, theme, frame),
        Some(Overlay::Coverage { coverage, top }) => coverage_of(coverage, *top, theme, frame),
        Some(Overlay::Edited { edit, top }) => edited::draw(model, edit, *top, theme, frame),
        Some(Overlay::Job { top }) => job::draw(model, *top, theme, frame),
    }
}

/// The question whether to run all rehearsals of event `seq`.
fn rehearsals(model: &Model, seq: Seq, theme: &Theme, frame: &mut Frame) {
    let loaded = model.detail.loaded.as_ref().filter(|loaded| loaded.event.summary.seq == seq);
    let what = match loaded.and_then(|loaded| loaded.rehearsals) {
        Some((rehearsals, requests)) => format!("Send {requests} requests ({rehearsals} rehearsals)"),
        None => "Send all rehearsals".to_owned(),
    };
    let target = model.setup.target.as_ref().map(ToString::to_string).unwrap_or_default();
    let question = [format!("{what} to {target} ?"), "Your app handles them like real events.".to_owned()];
    let columns = layout::over_width(frame.area().as_size());
    let question = question.iter().flat_map(|text| broken("", text, columns)).map(|(_, line)| Line::raw(line));
    let keys = Line::styled("Press y or Enter to send, any other key to cancel.", theme.style(Role::Dim));
    panel(" Rehearse ", question.chain([keys]).collect(), theme, frame);
}

/// The question what becomes of the forwards that earlier runs left.
fn left_forwards(model: &Model, theme: &Theme, frame: &mut Frame) {
    let size = frame.area().as_size();
    let lines = leftovers::lines(&model.left, model.now, layout::over_width(size));
    let shown = filled(&lines, 0, layout::over_height(size), theme, frame);
    panel(" Forward what is left of an earlier run? ", shown, theme, frame);
}

/// The differences of the loaded payload, around the selected one. Nothing while another event is being loaded.
fn checks(model: &Model, selected: usize, theme: &Theme, frame: &mut Frame) {
    let size = frame.area().as_size();
    let loaded = model.detail.loaded.as_ref();
    let lines = loaded.map(|it| check_lines(&it.checked, selected, layout::over_width(size)));
    let ((lines, line), height) = (lines.unwrap_or_default(), layout::over_height(size));
    // The last page shows what follows the last difference.
    let is_last = loaded.is_some_and(|it| selected + 1 >= it.checked.described.len());
    let top = if is_last { lines.len() } else { line.saturating_sub(height / 3) };
    let shown = filled(&lines, top, height, theme, frame);
    panel(" The payload and the documentation ", shown, theme, frame);
}

/// The coverage, from line `top` on.
fn coverage_of(coverage: &Coverage, top: usize, theme: &Theme, frame: &mut Frame) {
    let size = frame.area().as_size();
    let lines = coverage::lines(coverage, layout::over_width(size));
    let height = layout::over_height(size);
    let title = if lines.len() > height { " Coverage · j k scroll, Esc closes " } else { " Coverage · Esc closes " };
    panel(title, filled(&lines, top, height, theme, frame), theme, frame);
}

/// The menu of `scope`, from line `top` on.
fn menu(scope: Scope, top: usize, theme: &Theme, frame: &mut Frame) {
    let size = frame.area().as_size();
    let lines = help::menu(scope, size);
    let height = layout::menu_height(size);
    let name = match scope {
        Scope::Copying => "Copy",
        Scope::CopyingTest => "Copy a test",
        Scope::CopyingHandler => "Copy handler code",
        Scope::Story => "Story",
        Scope::Diff => "Compare the payload with",
        _ => "Send",
    };
    let title = if lines.len() > height { format!(" {name} · ↑ ↓ scroll ") } else { format!(" {name} ") };
    panel(&title, filled(&lines, top, height, theme, frame), theme, frame);
}

/// The keys that match the input. What is typed does not change the size of the panel.
fn help(model: &Model, input: &Input, top: usize, theme: &Theme, frame: &mut Frame) {
    let size = frame.area().as_size();
    let lines = |query| help::lines(model.focus, query, layout::over_width(size));
    let (all, found) = (lines(""), lines(input.value()));
    let height = all.len().min(layout::help_height(size));
    let columns = all.iter().map(|line| line.iter().map(|(_, text)| text.chars().count()).sum()).max().unwrap_or(0);
    let mut shown = vec![Line::raw(" ".repeat(columns))];
    shown.extend(filled(&found, top, height, theme, frame));
    shown.resize(height + 1, Line::default());
    let area = panel(" Keys ", shown, theme, frame);
    search_field(input, "/ ", "type to filter, ↑ ↓ scroll", area, theme, frame);
}

/// The page of a reason, from line `top` on.
fn reason(page: &Page, top: usize, theme: &Theme, frame: &mut Frame) {
    let size = frame.area().as_size();
    let lines = explain::lines(page, layout::over_width(size));
    let height = layout::over_height(size);
    let title = if lines.len() > height { " Reason · j k scroll, Esc closes " } else { " Reason · Esc closes " };
    panel(title, filled(&lines, top, height, theme, frame), theme, frame);
}
