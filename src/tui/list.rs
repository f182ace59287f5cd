//! The visible lines of the list of events: the events, and a rule where a day begins.

use super::model::Model;
use jiff::civil::Date;

/// A visible line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListLine {
    /// The events below arrived on this day.
    Day(Date),
    /// The line of an event, counted from 0, oldest first.
    Event(usize),
}

/// The lines that are visible from the event on line `top`, at most `height`.
///
/// A day begins with a rule, except the first listed one if it is today.
pub fn lines(model: &Model, top: usize, height: usize) -> Vec<ListLine> {
    let mut lines = Vec::with_capacity(height);
    for line in top..model.events.len() {
        if begins_day(model, line) {
            lines.push(ListLine::Day(day(model, line)));
        }
        lines.push(ListLine::Event(line));
        if lines.len() >= height {
            break;
        }
    }
    lines.truncate(height);
    lines
}

/// Whether a rule stands above the event on `line`.
fn begins_day(model: &Model, line: usize) -> bool {
    let before = line.checked_sub(1).map(|before| day(model, before));
    let today = || model.now.to_zoned(model.setup.zone.clone()).date();
    before.unwrap_or_else(today) != day(model, line)
}

/// The first line of the last page: the lowest from which all later lines are visible.
pub fn last_top(model: &Model, height: usize) -> usize {
    let mut top = model.events.len();
    let mut left = height;
    while let Some(line) = top.checked_sub(1) {
        let needed = 1 + usize::from(begins_day(model, line));
        if needed > left {
            break;
        }
        left -= needed;
        top = line;
    }
    top
}

fn day(model: &Model, line: usize) -> Date {
    model.events.received_at(line).to_zoned(model.setup.zone.clone()).date()
}
