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
    let mut before = top.checked_sub(1).map(|line| day(model, line));
    let today = model.now.to_zoned(model.setup.zone.clone()).date();
    for line in top..model.events.len() {
        let day = day(model, line);
        if before.unwrap_or(today) != day {
            lines.push(ListLine::Day(day));
        }
        before = Some(day);
        lines.push(ListLine::Event(line));
        if lines.len() >= height {
            break;
        }
    }
    lines.truncate(height);
    lines
}

fn day(model: &Model, line: usize) -> Date {
    model.events.row(line).received_at.to_zoned(model.setup.zone.clone()).date()
}
