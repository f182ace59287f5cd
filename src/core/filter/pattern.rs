//! How texts and bytes are compared: whole, with `*` and `?`, or in part. Lower case matches both cases; a capital letter makes case count.
//!
//! Bytes need not be UTF-8. Those that are not stay as they are.

use crate::core::find::is_case_exact;
use crate::core::glob::Glob;
use memchr::memmem::Finder;
use std::borrow::Cow;

/// `bytes` in lower case.
fn lower(bytes: &[u8]) -> Cow<'_, [u8]> {
    if bytes.is_ascii() {
        return if bytes.iter().any(u8::is_ascii_uppercase) {
            Cow::Owned(bytes.to_ascii_lowercase())
        } else {
            Cow::Borrowed(bytes)
        };
    }
    let mut lowered = Vec::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        lowered.extend_from_slice(chunk.valid().to_lowercase().as_bytes());
        lowered.extend_from_slice(chunk.invalid());
    }
    Cow::Owned(lowered)
}

/// A glob that must match a whole text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pattern {
    glob: Glob,
    is_case_exact: bool,
}

impl Pattern {
    pub fn new(pattern: &str) -> Self {
        Self { glob: Glob::new(pattern), is_case_exact: is_case_exact(pattern) }
    }

    pub fn as_str(&self) -> &str {
        self.glob.as_str()
    }

    pub fn matches(&self, text: &[u8]) -> bool {
        if self.is_case_exact || text.is_ascii() {
            return self.glob.matches_bytes(text, self.is_case_exact);
        }
        self.glob.matches_bytes(&lower(text), false)
    }

    /// The pattern that matches all texts that begin with a match of this one.
    pub fn prefix(&self) -> Self {
        Self { glob: Glob::new(format!("{}*", self.as_str())), is_case_exact: self.is_case_exact }
    }

    /// Whether it matches every text.
    pub fn is_any(&self) -> bool {
        !self.as_str().is_empty() && self.as_str().bytes().all(|byte| byte == b'*')
    }
}

/// A text that may stand anywhere in others.
pub(super) struct Part<'a> {
    pub finder: Finder<'a>,
    pub is_case_exact: bool,
}

impl<'a> Part<'a> {
    pub fn new(text: &'a str) -> Self {
        Self { finder: Finder::new(text), is_case_exact: is_case_exact(text) }
    }

    pub fn is_in(&self, text: &[u8]) -> bool {
        // Most matches need no copy in lower case.
        self.finder.find(text).is_some() || !self.is_case_exact && self.finder.find(&lower(text)).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lower_case_matches_both_cases_and_a_capital_only_itself() {
        for (pattern, text, matches) in [
            ("jane@*", "Jane@ACME.com", true),
            ("Jane@*", "jane@acme.com", false),
            ("Jane@*", "Jane@acme.com", true),
            ("jörg*", "JÖRG", true),
            ("JÖRG", "jörg", false),
            ("*", "", true),
        ] {
            assert_eq!(Pattern::new(pattern).matches(text.as_bytes()), matches, "{pattern} {text}");
        }
        for (text, within, is_found) in
            [("ane", "JANE", true), ("Ane", "JANE", false), ("Ane", "jAne", true), ("ö", "JÖRG", true), ("", "", true)]
        {
            assert_eq!(Part::new(text).is_in(within.as_bytes()), is_found, "{text} {within}");
        }
    }

    #[test]
    fn bytes_that_are_not_utf_8_are_compared_as_they_are() {
        assert!(Part::new("after").is_in(b"\xff\xfeAFTER\xff"));
        assert!(Pattern::new("a*z").matches(b"A\xff\xc3Z"));
        assert!(Pattern::new("*\u{fffd}*").matches("a\u{fffd}".as_bytes()));
        assert!(!Pattern::new("*\u{fffd}*").matches(b"a\xff"), "an invalid byte is not a replacement character");
    }
}
