//! The search in the detail pane: typing it, and going from hit to hit.

use super::field;
use crate::core::find::{Hits, Needle};
use crate::tui::action::Action;
use crate::tui::effect::Effect;
use crate::tui::keymap;
use crate::tui::layout;
use crate::tui::model::{Model, Overlay, Pane, Place, Tab, TextSearch, Tone};
use crossterm::event::{KeyCode, KeyEvent};
use tui_input::Input;

/// Opens the field.
pub(super) fn open(model: &mut Model) {
    if model.detail.loaded.is_none() {
        return model.say(Tone::Plain, "no event to search");
    }
    model.focus = Pane::Detail;
    // The next event would take the place of what is searched.
    model.events.is_following = false;
    let before = Box::new(model.detail.place());
    model.overlay = Some(Overlay::Search { input: Input::default(), before });
}

/// Handles a key while the search is typed. The pane follows each key.
pub(super) fn pressed(model: &mut Model, key: KeyEvent, mut input: Input, before: Box<Place>) -> Vec<Effect> {
    match key.code {
        KeyCode::Enter => return Vec::new(),
        KeyCode::Esc => {
            model.detail.restore(*before);
            return vec![Effect::StopSearch];
        }
        _ => field::edit(&mut input, key),
    }
    let effects = start(model, input.value(), &before);
    model.overlay = Some(Overlay::Search { input, before });
    effects
}

pub(super) fn pasted(model: &mut Model, text: &str) -> Vec<Effect> {
    let Some(Overlay::Search { mut input, before }) = model.overlay.take() else { return Vec::new() };
    field::insert(&mut input, text.lines().next().unwrap_or_default());
    let effects = start(model, input.value(), &before);
    model.overlay = Some(Overlay::Search { input, before });
    effects
}

/// Searches for `text`, from where the cursor was before.
fn start(model: &mut Model, text: &str, before: &Place) -> Vec<Effect> {
    let detail = &mut model.detail;
    let searched = detail.loaded.as_ref().map(|loaded| loaded.searched(detail.tab));
    let needle = if detail.tab == Tab::Raw { Needle::in_bytes(text) } else { Needle::new(text) };
    let (Some(needle), Some(searched)) = (needle, searched) else {
        detail.restore(Place { search: None, ..before.clone() });
        return vec![Effect::StopSearch];
    };
    detail.searches += 1;
    let number = detail.searches;
    let text = text.to_owned();
    detail.restore(Place { search: None, ..before.clone() });
    let origin = detail.offset_of_cursor();
    detail.search =
        Some(TextSearch { tab: detail.tab, text, needle: needle.clone(), number, hits: None, current: None, origin });
    vec![Effect::Search { number, text: searched, needle }]
}

/// The hits of search `number` were found.
pub(super) fn searched(model: &mut Model, number: u64, hits: Hits) {
    let Some(search) = model.detail.search.as_mut().filter(|search| search.number == number) else { return };
    let first = hits.offsets.partition_point(|offset| *offset < search.origin);
    let first = if first < hits.offsets.len() { first } else { 0 };
    let is_any = !hits.offsets.is_empty();
    search.hits = Some(hits);
    if is_any {
        go_to(model, first);
    }
}

/// Goes to the next or previous hit, around the end.
pub(super) fn step(model: &mut Model, is_next: bool) {
    let cursor = model.detail.offset_of_cursor();
    let search = model.detail.search.as_ref().filter(|search| search.tab == model.detail.tab);
    let Some(search) = search else {
        let key = keymap::key_name(Action::Search);
        return model.say(Tone::Plain, format!("nothing to go to; press `{key}` to search"));
    };
    let offsets = search.offsets();
    if offsets.is_empty() {
        let text = if search.hits.is_some() {
            format!("`{}` is not in this tab", search.text)
        } else {
            "still searching".to_owned()
        };
        return model.say(Tone::Plain, text);
    }
    let count = offsets.len();
    // The cursor may have moved away from the last hit.
    let current = search.current.filter(|current| model.detail.is_on_cursor_line(offsets[*current]));
    let target = match current {
        Some(current) if is_next => (current + 1) % count,
        Some(current) => (current + count - 1) % count,
        None => {
            let after = offsets.partition_point(|offset| *offset < cursor);
            if is_next { after % count } else { (after + count - 1) % count }
        }
    };
    go_to(model, target);
}

/// Shows hit `index`: unfolds what hides it and scrolls to it.
fn go_to(model: &mut Model, index: usize) {
    let regions = layout::regions(model);
    let columns = layout::text_columns(regions.detail);
    let height = layout::detail_height(model);
    let detail = &mut model.detail;
    let Some(search) = &mut detail.search else { return };
    search.current = Some(index);
    let (offset, length) = (search.offsets()[index], search.needle.length());
    detail.show(offset, length, columns, height);
}
