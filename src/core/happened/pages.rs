//! Finds the events in the text of a file: pages of the Events API, lists of pages or events, or one of these after the other.
//!
//! A page is an object with the list `events`, or one with nothing but tokens for other pages: the API leaves out an empty list.

use super::entry::{Entry, Identity};
use crate::core::json::{TokenKind, Tokens, scan, unescape_prefix};
use std::collections::HashSet;
use std::ops::Range;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
/// The longest key that means something here.
const MAX_KEY: usize = 32;

/// What is in a file.
#[derive(Debug, Default)]
pub(crate) struct Pages {
    pub entries: Vec<Entry>,
    pub problems: Vec<Problem>,
    /// How many events were there before, on another page or the same one.
    pub repeated: u64,
    /// Whether the last page names one after it.
    pub has_next: bool,
}

/// What cannot be read, or is missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    /// Counted from 1.
    pub line: usize,
    pub why: String,
}

/// Reads all events in `bytes`. What cannot be read becomes a problem, and everything else is read nevertheless.
pub(crate) fn read(bytes: &[u8]) -> Pages {
    let text = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
    let mut walk = Walk {
        text,
        pages: Pages::default(),
        depth: 0,
        lists: vec![0],
        open: Vec::new(),
        ids: HashSet::new(),
        counted: (0, 1),
    };
    walk.all();
    walk.pages
}

/// An open object that may be a page or an event.
struct Candidate {
    start: usize,
    /// The depth of its members.
    depth: usize,
    is_on_page: bool,
    key: Key,
    has_events: bool,
    has_next: bool,
    /// Whether it has a member that no page has.
    has_others: bool,
}

/// A member of a page.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Key {
    Events,
    Next,
    /// Tokens and counts.
    OfPage,
    Other,
}

impl Key {
    fn of(token: &[u8]) -> Self {
        match &*unescape_prefix(token, MAX_KEY) {
            "events" => Self::Events,
            "next_page_token" | "nextPageToken" => Self::Next,
            "prev_page_token" | "prevPageToken" | "total_size" | "totalSize" => Self::OfPage,
            _ => Self::Other,
        }
    }
}

struct Walk<'t> {
    text: &'t [u8],
    pages: Pages,
    depth: usize,
    /// The depths at which pages or events stand: 0, and that of the elements of each open list of them.
    lists: Vec<usize>,
    open: Vec<Candidate>,
    ids: HashSet<Identity>,
    /// A place in the text, and its line.
    counted: (usize, usize),
}

impl Walk<'_> {
    fn all(&mut self) {
        // The tokens end at the first byte that is not UTF-8.
        let readable = self.text.utf8_chunks().next().map_or(0, |chunk| chunk.valid().len());
        let mut tokens = scan(self.text);
        loop {
            match tokens.next() {
                Some(Ok(token)) => {
                    let end = token.range.end;
                    self.take(token.kind, token.range);
                    if self.depth == 0 && !self.restart(&mut tokens, end) {
                        return;
                    }
                }
                Some(Err(error)) => {
                    self.broken(error.at, error.expected);
                    match self.next_value(error.at) {
                        Some(next) if next < readable => tokens.restart(next),
                        _ => return,
                    }
                }
                None => return,
            }
        }
    }

    /// Continues after a complete value. `false` at the end of the text.
    fn restart(&self, tokens: &mut Tokens<'_>, end: usize) -> bool {
        let has_more = self.text[end..].iter().any(|byte| !byte.is_ascii_whitespace());
        if has_more {
            tokens.restart(end);
        }
        has_more
    }

    /// The start of the next line that may begin a value of its own.
    fn next_value(&self, after: usize) -> Option<usize> {
        let rest = self.text.get(after..)?;
        let is_start = |at: &usize| matches!(rest.get(at + 1), Some(b'{' | b'['));
        memchr::memchr_iter(b'\n', rest).find(is_start).map(|at| after + at + 1)
    }

    fn broken(&mut self, at: usize, expected: &str) {
        let why = match expected {
            _ if at >= self.text.len() => "the file ends before its JSON does".to_owned(),
            "UTF-8" => "it is not UTF-8; the rest of the file is left out".to_owned(),
            expected => format!("it is not JSON: expected {expected}"),
        };
        // The events of a page that is open were read one by one.
        let begun = self.open.last().filter(|candidate| !candidate.has_events).map(|candidate| candidate.start);
        self.problem(at, why);
        if let Some(begun) = begun {
            let line = self.line(begun);
            let last = self.pages.problems.last_mut().expect("it was just added");
            last.why += &format!("; the event that begins on line {line} is left out");
        }
        (self.depth, self.lists) = (0, vec![0]);
        self.open.clear();
    }

    fn take(&mut self, kind: TokenKind, range: Range<usize>) {
        match kind {
            TokenKind::Key => {
                if let Some(candidate) = self.open.last_mut().filter(|candidate| candidate.depth == self.depth) {
                    candidate.key = Key::of(&self.text[range]);
                    candidate.has_others |= candidate.key == Key::Other;
                }
            }
            TokenKind::Comma | TokenKind::Colon => {}
            TokenKind::CloseObject | TokenKind::CloseArray => self.close(range.end),
            _ if self.lists.last() == Some(&self.depth) => self.element(kind, range.start),
            _ => self.member(kind, &range),
        }
        match kind {
            TokenKind::OpenObject | TokenKind::OpenArray => self.depth += 1,
            _ => {}
        }
    }

    /// A value that should be a page or an event.
    fn element(&mut self, kind: TokenKind, start: usize) {
        let is_on_page = !self.open.is_empty();
        match kind {
            TokenKind::OpenObject => self.open.push(Candidate {
                start,
                depth: self.depth + 1,
                is_on_page,
                key: Key::Other,
                has_events: false,
                has_next: false,
                has_others: false,
            }),
            TokenKind::OpenArray if self.lists.len() == 1 => self.lists.push(self.depth + 1),
            _ => self.problem(start, format!("{} is not an event", named(kind))),
        }
    }

    /// A value of a member, or deeper.
    fn member(&mut self, kind: TokenKind, range: &Range<usize>) {
        let depth = self.depth;
        let Some(candidate) = self.open.last_mut().filter(|candidate| candidate.depth == depth) else { return };
        match candidate.key {
            Key::Events if !candidate.is_on_page => {
                candidate.has_events = true;
                match kind {
                    TokenKind::OpenArray => self.lists.push(depth + 1),
                    TokenKind::Null => {}
                    _ => self.problem(range.start, "`events` is not a list".to_owned()),
                }
            }
            Key::Next => candidate.has_next = kind == TokenKind::String && range.len() > 2,
            _ => {}
        }
    }

    fn close(&mut self, end: usize) {
        if self.lists.len() > 1 && self.lists.last() == Some(&self.depth) {
            self.lists.pop();
        } else if self.open.last().is_some_and(|candidate| candidate.depth == self.depth)
            && let Some(candidate) = self.open.pop()
        {
            self.finish(&candidate, end);
        }
        self.depth -= 1;
    }

    fn finish(&mut self, candidate: &Candidate, end: usize) {
        if !candidate.is_on_page && (candidate.has_events || !candidate.has_others) {
            self.pages.has_next = candidate.has_next;
            return;
        }
        let Some(entry) = Entry::read(&self.text[candidate.start..end]) else {
            let or_page = if candidate.is_on_page { "" } else { ", nor a page with `events`" };
            self.problem(candidate.start, format!("the object is no event with `id` and `type`{or_page}"));
            return;
        };
        let missing = [("id", entry.event_id.is_none()), ("type", entry.event_type.is_none())];
        for (name, _) in missing.into_iter().filter(|(_, is_missing)| *is_missing) {
            self.problem(candidate.start, format!("the event has no `{name}`"));
        }
        let is_repeated = entry.identity().is_some_and(|identity| !self.ids.insert(identity));
        if is_repeated {
            self.pages.repeated += 1;
        } else {
            self.pages.entries.push(entry);
        }
    }

    fn problem(&mut self, at: usize, why: String) {
        let line = self.line(at);
        self.pages.problems.push(Problem { line, why });
    }

    /// The line of a place. Counts on from the last one.
    fn line(&mut self, at: usize) -> usize {
        let (from, line) = if at < self.counted.0 { (0, 1) } else { self.counted };
        let at = at.min(self.text.len());
        self.counted = (at, line + memchr::memchr_iter(b'\n', &self.text[from..at]).count());
        self.counted.1
    }
}

fn named(kind: TokenKind) -> &'static str {
    match kind {
        TokenKind::OpenArray => "a list in a list",
        TokenKind::String => "a string",
        TokenKind::Number => "a number",
        TokenKind::Null => "`null`",
        _ => "a boolean",
    }
}
