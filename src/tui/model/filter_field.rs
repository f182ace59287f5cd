//! The filter field while it is open, and the filters that were used before.

use crate::core::event::Seq;
use crate::core::recent::MAX_FILTERS;
use std::ops::Range;
use tui_input::Input;

/// The open filter field.
#[derive(Debug)]
pub struct FilterField {
    pub input: Input,
    /// What `Esc` restores.
    pub before: Before,
    pub completing: Option<Completing>,
    /// The place in the history of what the field shows, from the newest.
    pub recalled: Option<usize>,
}

/// The list before the filter was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Before {
    pub text: String,
    pub selected: Option<Seq>,
    pub top: usize,
    pub is_following: bool,
}

/// The completions that Tab goes through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completing {
    /// The text that was typed.
    pub typed: String,
    /// The bytes of it to replace.
    pub range: Range<usize>,
    pub texts: Vec<String>,
    /// The text that the field shows.
    pub at: usize,
}

impl FilterField {
    pub fn new(before: Before) -> Self {
        Self { input: before.text.clone().into(), before, completing: None, recalled: None }
    }

    /// The byte of the text at which the cursor is.
    pub fn cursor(&self) -> usize {
        let text = self.input.value();
        text.char_indices().nth(self.input.cursor()).map_or(text.len(), |(at, _)| at)
    }
}

/// The filters that were used, the newest last, each once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FilterHistory(Vec<String>);

impl From<Vec<String>> for FilterHistory {
    fn from(texts: Vec<String>) -> Self {
        Self(texts)
    }
}

impl FilterHistory {
    pub fn texts(&self) -> &[String] {
        &self.0
    }

    pub fn push(&mut self, text: &str) {
        if text.trim().is_empty() {
            return;
        }
        self.0.retain(|used| used != text);
        self.0.push(text.to_owned());
        if self.0.len() > MAX_FILTERS {
            self.0.remove(0);
        }
    }

    /// The filter at `place`, counted from the newest.
    pub fn get(&self, place: usize) -> Option<&str> {
        let place = self.0.len().checked_sub(place + 1)?;
        self.0.get(place).map(String::as_str)
    }
}
