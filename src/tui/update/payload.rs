//! The cursor and the folds of the payload.

use super::shown_text;
use super::step::Step;
use crate::core::form;
use crate::core::json::{Document, Form};
use crate::core::numbers::grouped;
use crate::tui::action::{Action, Part};
use crate::tui::effect::Effect;
use crate::tui::keymap;
use crate::tui::layout;
use crate::tui::model::{Model, Reading, Tab, Tone};
use bytes::Bytes;

/// Changes the place in the payload of the loaded event, and keeps the row of the cursor where it is on the screen.
/// Does nothing if no event is loaded.
fn change<T>(model: &mut Model, work: impl FnOnce(&mut Reading, &Document) -> T) -> Option<T> {
    let detail = &mut model.detail;
    let document = &detail.loaded.as_ref()?.payload.document;
    let before = detail.reading.row();
    let result = work(&mut detail.reading, document);
    let top = &mut detail.offsets[Tab::Payload as usize].line;
    *top = detail.reading.row().saturating_sub(before.saturating_sub(*top));
    Some(result)
}

/// Moves the cursor. Whole and half pages also move the view.
pub(super) fn go(model: &mut Model, step: Step) {
    let detail = &mut model.detail;
    let before = detail.reading.row();
    detail.reading.go_to_row(step.from(before, detail.line_count()));
    if let Step::Lines(by) = step
        && by.unsigned_abs() > 1
    {
        let top = &mut detail.offset_mut().line;
        *top = top.saturating_add_signed(by);
    }
}

/// Moves the view, and the cursor only as far as it must stay visible.
pub(super) fn scroll(model: &mut Model, by: isize) {
    let (height, columns) = (layout::detail_height(model).max(1), layout::text_columns(layout::regions(model).detail));
    let detail = &mut model.detail;
    let Some(last) = detail.line_count().checked_sub(1) else { return };
    let top = detail.offset().line.saturating_add_signed(by).min(detail.top_of(last, height, columns));
    let bottom = detail.visible(top, height, columns).last().map_or(top, |(row, _)| *row);
    detail.offset_mut().line = top;
    detail.reading.go_to_row(detail.reading.row().clamp(top, bottom));
}

/// Folds, unfolds, or goes to what is around or in the container at the cursor. `false` if there is nothing of that: the
/// text may scroll instead.
pub(super) fn folded(model: &mut Model, is_right: bool) -> bool {
    let column = model.detail.offset().column;
    if model.detail.tab != Tab::Payload || !is_right && column > 0 {
        return false;
    }
    change(model, |reading, document| {
        let line = reading.line();
        match reading.is_folded(document) {
            Some(true) if is_right => reading.fold(document, false),
            Some(false) if is_right => reading.go_to(document, line + 1),
            _ if is_right => return false,
            Some(false) => reading.fold(document, true),
            None if document.opening(line) != line => reading.fold(document, true),
            _ => match document.fold_around(line) {
                Some(around) => reading.go_to(document, around.first),
                None => return false,
            },
        }
        true
    })
    .unwrap_or(false)
}

/// Folds the container at the cursor, unfolds it, or shows another value in full.
pub(super) fn toggle(model: &mut Model) -> Vec<Effect> {
    let Some(loaded) = model.detail.loaded.as_ref().filter(|_| model.detail.tab == Tab::Payload) else {
        return Vec::new();
    };
    let (document, line) = (&loaded.payload.document, model.detail.reading.line());
    if document.fold(line).is_none() && document.opening(line) == line {
        let value = document.shared_value(line);
        let (title, value) = match document.form() {
            Form::Json => (model.detail.reading.path(document).to_owned(), value),
            Form::Fields => {
                let (name, rest) = form::parts(&value);
                let decoded = form::decoded_value(&value).map(Bytes::from);
                let title = String::from_utf8_lossy(name).into_owned();
                (title, decoded.unwrap_or_else(|| value.slice_ref(rest.strip_prefix(b"=").unwrap_or(rest))))
            }
            _ => (format!("line {}", grouped(line as u64 + 1)), value),
        };
        return if value.is_empty() { Vec::new() } else { shown_text::show_value(model, title, value) };
    }
    change(model, |reading, document| {
        let is_folded = reading.is_folded(document).unwrap_or(false);
        reading.fold(document, !is_folded);
    });
    Vec::new()
}

/// Moves the cursor to `line` of the view. If it is there already, folds or unfolds the container.
pub(super) fn clicked(model: &mut Model, line: usize) -> Vec<Effect> {
    let columns = layout::text_columns(layout::regions(model).detail);
    let detail = &mut model.detail;
    let shown = detail.visible(detail.offset().line, line + 1, columns);
    let Some((row, _)) = shown.get(line).copied().filter(|_| detail.tab == Tab::Payload) else { return Vec::new() };
    if row == detail.reading.row() {
        return toggle(model);
    }
    detail.reading.go_to_row(row);
    Vec::new()
}

/// Wraps long lines, or scrolls sideways again.
pub(super) fn toggle_wrap(model: &mut Model) {
    let detail = &mut model.detail;
    detail.is_wrapped = !detail.is_wrapped;
    detail.offsets.iter_mut().for_each(|offset| offset.column = 0);
    let key = keymap::key_name(Action::ToggleWrap);
    let text = if detail.is_wrapped {
        format!("long lines wrap; press `{key}` to scroll sideways again")
    } else {
        format!("long lines are cut off; `l` scrolls sideways, `{key}` wraps them")
    };
    model.say(Tone::Plain, text);
}

/// Folds all containers from some level on.
pub(super) fn fold_to(model: &mut Model, action: Action) {
    model.detail.tab = Tab::Payload;
    let said = change(model, |reading, document| {
        let deepest = document.deepest_fold()?;
        let level = match action {
            Action::UnfoldAll => None,
            Action::FoldAll => Some(1),
            _ => reading.next_level(deepest, action == Action::FoldLevel),
        };
        reading.fold_to(document, level);
        Some(match level {
            None => "everything is unfolded".to_owned(),
            Some(level) => format!("folded from level {level} of {deepest} on"),
        })
    });
    match said {
        Some(Some(said)) if matches!(action, Action::FoldLevel | Action::UnfoldLevel) => model.say(Tone::Plain, said),
        Some(None) => model.say(Tone::Plain, "the payload has nothing to fold"),
        _ => {}
    }
}

/// Copies the path or the value at the cursor.
pub(super) fn copy(model: &mut Model, part: Part) -> Vec<Effect> {
    let detail = &model.detail;
    let selected = model.events.selected;
    let loaded = detail.loaded.as_ref().filter(|loaded| Some(loaded.event.summary.seq) == selected);
    let document = loaded.map(|loaded| &loaded.payload.document);
    let Some(document) = document.filter(|document| document.form() == &Form::Json) else {
        model.say(Tone::Plain, format!("no {} to copy: the payload is not JSON", part.as_str()));
        return Vec::new();
    };
    let text = match part {
        Part::Path => Bytes::copy_from_slice(detail.reading.path(document).as_bytes()),
        Part::Value => document.shared_value(detail.reading.line()),
    };
    vec![Effect::CopyPart { part, text }]
}
