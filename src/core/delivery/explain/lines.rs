//! Causes as labelled lines, for the screen and the command line.

use super::cause::Cause;

/// A label and a text per line: the first cause in full, with the line of the response that shows it, and each other one in a line.
pub(crate) fn cause_lines(causes: &[Cause]) -> Vec<(&'static str, String)> {
    let [first, others @ ..] = causes else { return Vec::new() };
    let mut lines = vec![("  why   ", first.why.clone())];
    lines.extend(first.seen.iter().map(|line| ("  seen  ", line.clone())));
    lines.push(("  next  ", first.next.clone()));
    lines.extend(others.iter().map(|other| ("  or    ", format!("{}; {}", other.why, other.next))));
    lines
}
