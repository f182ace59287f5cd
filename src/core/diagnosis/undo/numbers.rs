//! Numbers that a parser read and wrote in another form: `1` for `1.0`, `100000` for `1e5`, and the reverse.

use super::Candidates;
use crate::core::json::{Token, TokenKind, scan};
use std::ops::{ControlFlow, Range};

/// Most numbers in a text. With more, respelling them all would cost more than the rest of the search.
const MAX_NUMBERS: usize = 4096;

/// Most numbers that are tried one by one.
const MAX_SINGLE: usize = 32;

type Spelling = fn(&str) -> Option<String>;

/// The forms in which a serialiser may have had a number, each with its name.
const SPELLINGS: [(&str, Spelling); 6] = [
    ("`1.0` for `1`", |token| is_whole(token).then(|| format!("{token}.0"))),
    ("`1` for `1.0`", |token| Some(token.strip_suffix(".0")?.to_owned())),
    ("`1e5` for `100000`", |token| exponent(token, "e")),
    ("`1E5` for `100000`", |token| exponent(token, "E")),
    ("`1e+5` for `100000`", |token| exponent(token, "e+")),
    ("`100000` for `1e5`", plain),
];

/// Each form for all numbers, then for one number at a time, then for each pair of forms.
pub(super) fn respelled(text: &[u8], candidates: &mut Candidates<'_>) -> ControlFlow<()> {
    let numbers = match numbers(text) {
        Ok(numbers) => numbers,
        Err(TooMany) => return candidates.leave_out(),
    };
    let mut changes = Vec::new();
    for (name, spelling) in SPELLINGS {
        let changed: Vec<_> =
            numbers.iter().filter_map(|range| Some((range.clone(), spelling(token(text, range)?)?))).collect();
        if !changed.is_empty() {
            candidates.push(name, replaced(text, &changed))?;
            changes.push((name, changed));
        }
    }
    for (name, changed) in &changes {
        if changed.len() > 1 {
            for change in changed.iter().take(MAX_SINGLE) {
                candidates.push(*name, replaced(text, std::slice::from_ref(change)))?;
            }
        }
    }
    // `1.0` and `1e5` became `1` and `100000`: one number has the first form and another the second.
    let singles = |changed: &[Change]| changed.iter().take(6).cloned().collect::<Vec<_>>();
    for (place, (name, first)) in changes.iter().enumerate() {
        for (other, second) in &changes[place + 1..] {
            for one in singles(first) {
                for two in singles(second).into_iter().filter(|two| two.0 != one.0) {
                    let mut both = [one.clone(), two];
                    both.sort_by_key(|(range, _)| range.start);
                    candidates.push(format!("{name}, {other}"), replaced(text, &both))?;
                }
            }
        }
    }
    ControlFlow::Continue(())
}

/// The place of a number, and its new spelling.
type Change = (Range<usize>, String);

struct TooMany;

/// The numbers of a JSON document; none if it is no JSON.
fn numbers(text: &[u8]) -> Result<Vec<Range<usize>>, TooMany> {
    let mut numbers = Vec::new();
    for token in scan(text) {
        match token {
            Err(_) => return Ok(Vec::new()),
            Ok(Token { kind: TokenKind::Number, .. }) if numbers.len() == MAX_NUMBERS => return Err(TooMany),
            Ok(Token { kind: TokenKind::Number, range }) => numbers.push(range),
            Ok(_) => {}
        }
    }
    Ok(numbers)
}

fn token<'t>(text: &'t [u8], range: &Range<usize>) -> Option<&'t str> {
    std::str::from_utf8(text.get(range.clone())?).ok()
}

fn is_whole(token: &str) -> bool {
    token.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-')
}

/// A whole number with zeros at its end, as one digit or more and an exponent.
fn exponent(token: &str, mark: &str) -> Option<String> {
    let digits = token.trim_end_matches('0');
    let zeros = token.len() - digits.len();
    let is_useful = is_whole(token) && zeros > 0 && digits.ends_with(|last: char| last.is_ascii_digit());
    is_useful.then(|| format!("{digits}{mark}{zeros}"))
}

/// A number with an exponent of at most 20, in digits.
fn plain(token: &str) -> Option<String> {
    let (digits, exponent) = token.split_once(['e', 'E'])?;
    let zeros: usize = exponent.strip_prefix('+').unwrap_or(exponent).parse().ok()?;
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let fraction = fraction.trim_end_matches('0');
    (zeros <= 20 && fraction.len() <= zeros).then(|| format!("{whole}{fraction}{}", "0".repeat(zeros - fraction.len())))
}

fn replaced(text: &[u8], changes: &[Change]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len() + 4 * changes.len());
    let mut at = 0;
    for (range, spelling) in changes {
        bytes.extend_from_slice(&text[at..range.start]);
        bytes.extend_from_slice(spelling.as_bytes());
        at = range.end;
    }
    bytes.extend_from_slice(&text[at..]);
    bytes
}
