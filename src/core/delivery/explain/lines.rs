//! Causes as labelled lines, for the screen and the command line.

use super::cause::Cause;

/// The lines of a label and a text: the first cause in full, with the line of the response that shows it, then each other one in a line.
pub(crate) fn cause_lines(causes: &[Cause]) -> [Vec<(&'static str, String)>; 2] {
    let [first, others @ ..] = causes else { return Default::default() };
    let mut lines = vec![("  why   ", first.why.clone())];
    lines.extend(first.seen.iter().map(|line| ("  seen  ", line.clone())));
    lines.push(("  next  ", first.next.clone()));
    [lines, others.iter().map(|other| ("  or    ", other.sentence())).collect()]
}
