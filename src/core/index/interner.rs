//! Stores each text once, because many events share it.

use std::collections::HashMap;

/// Texts by number.
#[derive(Default)]
pub(super) struct Interner {
    pub(super) texts: Vec<Box<str>>,
    numbers: HashMap<Box<str>, u32>,
    /// The number of the last text, which often comes again.
    last: u32,
}

impl Interner {
    pub(super) fn intern(&mut self, text: &str) -> u32 {
        if self.texts.get(self.last as usize).is_some_and(|last| **last == *text) {
            return self.last;
        }
        if let Some(&number) = self.numbers.get(text) {
            self.last = number;
            return number;
        }
        let number = u32::try_from(self.texts.len()).expect("memory holds fewer than 2^32 texts");
        self.texts.push(text.into());
        self.numbers.insert(text.into(), number);
        self.last = number;
        number
    }

    /// The number of `text`, if it was interned.
    pub(super) fn number(&self, text: &str) -> Option<u32> {
        self.numbers.get(text).copied()
    }

    pub(super) fn text(&self, number: u32) -> &str {
        &self.texts[number as usize]
    }
}
