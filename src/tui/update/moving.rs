//! Selecting and scrolling.

use super::payload;
use super::step::Step;
use crate::core::event::Seq;
use crate::tui::action::Action;
use crate::tui::available;
use crate::tui::effect::{Effect, Wanted};
use crate::tui::layout::{self, inner_height};
use crate::tui::list::{self, ListLine};
use crate::tui::model::{Model, Node, Offset, Pane, Tab, Tone};
use crate::tui::tree;

/// Columns per sideways step.
const SIDE_STEP: usize = 8;

pub(super) fn moved(model: &mut Model, action: Action) -> Vec<Effect> {
    let page = focused_height(model).max(1).cast_signed();
    let step = match action {
        Action::MoveUp => Step::Lines(-1),
        Action::MoveDown => Step::Lines(1),
        Action::PageUp => Step::Lines(-page),
        Action::PageDown => Step::Lines(page),
        Action::HalfPageUp => Step::Lines(-(page / 2).max(1)),
        Action::HalfPageDown => Step::Lines((page / 2).max(1)),
        Action::GoFirst => Step::First,
        Action::GoLast => Step::Last,
        Action::MoveLeft | Action::MoveRight if model.focus == Pane::Types => {
            fold(model, action == Action::MoveLeft);
            return Vec::new();
        }
        Action::MoveLeft | Action::MoveRight => {
            let is_right = action == Action::MoveRight;
            if !payload::folded(model, is_right) {
                scroll_sideways(model, is_right);
            }
            return Vec::new();
        }
        _ => return Vec::new(),
    };
    apply(model, model.focus, step)
}

pub(super) fn apply(model: &mut Model, pane: Pane, step: Step) -> Vec<Effect> {
    match pane {
        Pane::Events => {
            let count = model.events.len();
            if count == 0 {
                return Vec::new();
            }
            let line = step.from(model.events.selected_line().unwrap_or(count - 1), count);
            // Reaching the end resumes following; moving away pauses it.
            model.events.is_following = line + 1 == count && !matches!(step, Step::Lines(..=-1));
            select(model, model.events.row(line).seq)
        }
        Pane::Types => {
            let rows = tree::rows(model);
            let line = step.from(tree::selected_line(model, &rows), rows.len());
            select_type(model, line);
            Vec::new()
        }
        Pane::Detail if model.detail.tab == Tab::Payload => {
            payload::go(model, step);
            Vec::new()
        }
        Pane::Detail => {
            let count = model.detail.line_count();
            let offset = model.detail.offset_mut();
            offset.line = step.from(offset.line, count);
            Vec::new()
        }
    }
}

/// Hides the types of the selected namespace, or shows them.
fn fold(model: &mut Model, is_folded: bool) {
    let rows = tree::rows(model);
    let Some(row) = rows.get(tree::selected_line(model, &rows)) else { return };
    let namespace = row.node.namespace().to_owned();
    // A namespace of one type has no row, so nothing to fold.
    let node = Node::Namespace(namespace.clone());
    if !rows.iter().any(|row| row.node == node) {
        return;
    }
    if is_folded {
        model.types.folded.insert(namespace);
        model.types.selected = Some(node);
    } else {
        model.types.folded.remove(&namespace);
    }
}

fn scroll_sideways(model: &mut Model, is_right: bool) {
    let height = layout::detail_height(model);
    let columns = layout::text_columns(layout::regions(model).detail);
    let detail = &mut model.detail;
    let Offset { line, column } = detail.offset();
    if !is_right {
        detail.offset_mut().column = column.saturating_sub(SIDE_STEP);
    } else if columns > 0
        && !detail.is_wrapped
        && (line..detail.line_count().min(line + height)).any(|line| detail.window(line, 0, columns).is_cut_right)
    {
        detail.offset_mut().column = column + SIDE_STEP;
    }
}

/// Selects the newest listed event.
pub(super) fn select_newest(model: &mut Model) -> Vec<Effect> {
    match model.events.len() {
        0 => Vec::new(),
        count => select(model, model.events.row(count - 1).seq),
    }
}

/// Selects the newest listed event while following, or when the selected one is no longer listed.
pub(super) fn select_matching(model: &mut Model) -> Vec<Effect> {
    if model.events.is_following || model.events.selected_line().is_none() { select_newest(model) } else { Vec::new() }
}

/// Selects an event and loads it, unless it is already shown or loading.
pub(super) fn select(model: &mut Model, seq: Seq) -> Vec<Effect> {
    model.events.selected = Some(seq);
    let is_shown = model.detail.loaded.as_ref().is_some_and(|loaded| loaded.event.summary.seq == seq);
    if is_shown || model.detail.loading == Some(seq) {
        return Vec::new();
    }
    load(model, seq)
}

fn load(model: &mut Model, seq: Seq) -> Vec<Effect> {
    model.detail.loading = Some(seq);
    vec![Effect::Load(wanted(model, seq))]
}

fn wanted(model: &Model, seq: Seq) -> Wanted {
    Wanted { seq, attempts: model.events.attempts(seq) }
}

/// Selects the row on `line` of the types pane, if there is one.
pub(super) fn select_type(model: &mut Model, line: usize) {
    let selected = tree::rows(model).get(line).map(|row| row.node.clone());
    if selected.is_some() {
        model.types.selected = selected;
    }
}

/// Loads the selected event again, because it changed.
pub(super) fn reload_selected(model: &mut Model) -> Vec<Effect> {
    let Some(seq) = model.events.selected else { return Vec::new() };
    load(model, seq)
}

/// Loads the deliveries of event `seq` again if it is selected. Loads all of it if it is not loaded yet.
pub(super) fn reload_deliveries(model: &mut Model, seq: Seq) -> Vec<Effect> {
    if model.events.selected != Some(seq) {
        return Vec::new();
    }
    // A load in progress may not see the new deliveries.
    let is_loaded = model.detail.loading.is_none()
        && model.detail.loaded.as_ref().is_some_and(|loaded| loaded.event.summary.seq == seq);
    if is_loaded { vec![Effect::LoadDeliveries(wanted(model, seq))] } else { load(model, seq) }
}

/// Selects the next or previous attempt of the same message.
pub(super) fn select_attempt(model: &mut Model, is_later: bool) -> Vec<Effect> {
    let Some(seq) = available::attempt(model, is_later) else { return Vec::new() };
    // An earlier attempt is not the newest event, so following pauses.
    model.events.is_following &= is_later;
    select(model, seq)
}

/// Marks or unmarks the selected event and selects the next.
pub(super) fn toggle_mark(model: &mut Model) -> Vec<Effect> {
    let events = &mut model.events;
    let Some(position) = events.selected.and_then(|seq| events.index.position_of(seq)) else { return Vec::new() };
    let line = events.selected_line();
    let row = events.index.row(position);
    let (seq, is_marked) = (row.seq, !row.is_marked);
    events.index.set_marked(position, is_marked);
    events.refilter(seq);
    let next = line.map(|line| if events.selected_line().is_some() { line + 1 } else { line });
    match next.filter(|next| *next < events.len()) {
        Some(next) => {
            let seq = events.row(next).seq;
            select(model, seq)
        }
        None => select_matching(model),
    }
}

/// Clears all marks.
pub(super) fn clear_marks(model: &mut Model) {
    let events = &mut model.events;
    let marked: Vec<_> = events.index.marked().collect();
    for position in &marked {
        events.index.set_marked(*position, false);
    }
    for position in &marked {
        events.listing.update(&events.index, &events.query, *position);
    }
    let marks = if marked.len() == 1 { "1 mark".to_owned() } else { format!("{} marks", marked.len()) };
    model.say(Tone::Plain, format!("{marks} cleared"));
}

pub(super) fn select_invalid(model: &mut Model, is_next: bool) -> Vec<Effect> {
    let found = if is_next { available::next_invalid(model) } else { available::previous_invalid(model) };
    let Some(line) = found else { return Vec::new() };
    let seq = model.events.row(line).seq;
    model.events.is_following = false;
    select(model, seq)
}

/// After any change: keeps the selection in view, wraps prose to the width of its pane, and keeps the last page of each
/// pane full.
pub(super) fn keep_in_range(model: &mut Model) {
    let regions = layout::regions(model);
    keep_event_in_view(model, inner_height(regions.events));
    if regions.types.is_some() {
        let rows = tree::rows(model);
        let (line, count) = (tree::selected_line(model, &rows), rows.len());
        keep_in_view(&mut model.types.top, line, count, inner_height(regions.types));
    }
    if regions.detail.is_some() {
        model.detail.fit(layout::text_columns(regions.detail));
    }
    if model.events.is_following {
        model.events.unseen = 0;
    }
    keep_detail_in_range(model);
}

/// Keeps the cursor of the payload in view, and the last page full.
fn keep_detail_in_range(model: &mut Model) {
    let height = layout::detail_height(model).max(1);
    let columns = layout::text_columns(layout::regions(model).detail);
    let detail = &mut model.detail;
    let Some(last) = detail.line_count().checked_sub(1) else {
        detail.offset_mut().line = 0;
        return;
    };
    let mut top = detail.offset().line;
    if detail.tab == Tab::Payload {
        let cursor = detail.reading.row();
        top = top.min(cursor).max(detail.top_of(cursor, height, columns));
    }
    detail.offset_mut().line = top.min(detail.top_of(last, height, columns));
}

fn focused_height(model: &Model) -> usize {
    let regions = layout::regions(model);
    match model.focus {
        Pane::Events => inner_height(regions.events),
        Pane::Types => inner_height(regions.types),
        Pane::Detail => {
            let columns = layout::text_columns(regions.detail);
            let shown = model.detail.visible(model.detail.offset().line, layout::detail_height(model), columns);
            // Lines that wrap make a page of fewer lines.
            shown.iter().filter(|(_, part)| *part == 0).count()
        }
    }
}

/// Moves the list just enough to show the selected event, below the rules of the days.
fn keep_event_in_view(model: &mut Model, height: usize) {
    let last = model.events.len().saturating_sub(1);
    let mut top = model.events.top;
    let wanted = model.events.selected_line().unwrap_or(top).min(last);
    if height > 0 {
        top = top.min(wanted).max((wanted + 1).saturating_sub(height)).min(list::last_top(model, height));
    }
    top = top.min(last);
    while height > 1 && top < wanted && !list::lines(model, top, height).contains(&ListLine::Event(wanted)) {
        top += 1;
    }
    model.events.top = top;
}

/// Moves `top` just enough to show `line` of `count`. A hidden pane (height 0) keeps its place.
fn keep_in_view(top: &mut usize, line: usize, count: usize, height: usize) {
    if height > 0 {
        *top = (*top).min(line).max((line + 1).saturating_sub(height));
    }
    *top = (*top).min(count.saturating_sub(height));
}
