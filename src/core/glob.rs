//! Patterns for texts such as event types: `*` matches any run, `?` one character. ASCII case is ignored.

use std::fmt;

/// A pattern that must match the whole text. `Display` writes it as given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Glob(String);

impl Glob {
    pub fn new(pattern: impl Into<String>) -> Self {
        Self(pattern.into())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it matches the whole `text`. Backtracks only to the last `*`.
    pub fn matches(&self, text: &str) -> bool {
        self.matches_bytes(text.as_bytes(), false)
    }

    /// As [`Glob::matches`]. `text` need not be UTF-8. `is_case_exact`: whether case counts.
    pub(super) fn matches_bytes(&self, text: &[u8], is_case_exact: bool) -> bool {
        let glob = self.0.as_bytes();
        let (mut g, mut t) = (0, 0);
        let mut retry = None;
        while t < text.len() {
            match glob.get(g) {
                Some(b'*') => {
                    retry = Some((g + 1, t));
                    g += 1;
                }
                Some(b'?') => {
                    g += 1;
                    t += width(&text[t..]);
                }
                Some(byte) if *byte == text[t] || !is_case_exact && byte.eq_ignore_ascii_case(&text[t]) => {
                    g += 1;
                    t += 1;
                }
                _ => {
                    let Some((after_star, from)) = retry else { return false };
                    let next = from + width(&text[from..]);
                    retry = Some((after_star, next));
                    (g, t) = (after_star, next);
                }
            }
        }
        glob[g..].iter().all(|&byte| byte == b'*')
    }

    /// Whether some text matches both globs.
    pub(crate) fn overlaps(&self, other: &Self) -> bool {
        let (one, other): (Vec<_>, Vec<_>) = (self.0.chars().collect(), other.0.chars().collect());
        // Dynamic programming from the ends: `here[with]` tells whether `one[at..]` and `other[with..]` overlap.
        let mut later = vec![false; other.len() + 1];
        for at in (0..=one.len()).rev() {
            let mut here = vec![false; other.len() + 1];
            for with in (0..=other.len()).rev() {
                let (mine, its) = (one.get(at).copied(), other.get(with).copied());
                here[with] = match (mine, its) {
                    (None, None) => true,
                    // A `*` matches nothing more, or the next character of the other glob.
                    (Some('*'), _) => later[with] || its.is_some() && here[with + 1],
                    (_, Some('*')) => here[with + 1] || mine.is_some() && later[with],
                    (Some(mine), Some(its)) => {
                        (mine == '?' || its == '?' || mine.eq_ignore_ascii_case(&its)) && later[with + 1]
                    }
                    (None, Some(_)) | (Some(_), None) => false,
                };
            }
            later = here;
        }
        later[0]
    }
}

/// The length of the UTF-8 character at the start of `text`. A byte that begins none counts as one.
fn width(text: &[u8]) -> usize {
    // ASCII has no leading one; a first byte of several has one for each.
    let rest = text[0].leading_ones().saturating_sub(1) as usize;
    1 + text[1..].iter().take(rest).take_while(|byte| **byte & 0xC0 == 0x80).count()
}

impl fmt::Display for Glob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_glob_matches_whole_texts() {
        for (glob, text, matches) in [
            ("*", "", true),
            ("a*b*c", "axxbyybzc", true),
            ("a*b", "abc", false),
            ("?", "", false),
            ("a?c", "abc", true),
            ("A*", "abc", true),
            ("user.?", "user.é", true),
            ("user.??", "user.é", false),
            ("*?", "é", true),
            ("*?b", "日b", true),
            ("*???b", "日bab", true),
            ("*????b", "日bab", false),
            ("é?", "éa", true),
        ] {
            assert_eq!(Glob::new(glob).matches(text), matches, "{glob} {text}");
        }
    }

    #[test]
    fn globs_overlap_if_some_text_matches_both() {
        for (one, other, is_overlap) in [
            ("user.*", "user.login", true),
            ("user.*", "role.*", false),
            ("*.created", "user.*", true),
            ("USER.?ogin", "user.l*", true),
            ("user", "user.*", false),
            ("*", "", true),
            ("?", "", false),
            ("a*b", "*c", false),
            ("??", "é", false),
            ("?", "é", true),
        ] {
            let (one, other) = (Glob::new(one), Glob::new(other));
            assert_eq!(one.overlaps(&other), is_overlap, "{one} {other}");
            assert_eq!(other.overlaps(&one), is_overlap, "{other} {one}");
        }
    }

    proptest! {
        #[test]
        fn globs_that_match_the_same_text_overlap(one in "[aé*?]{0,4}", other in "[aé*?]{0,4}", text in "[aé]{0,4}") {
            let (one, other) = (Glob::new(one), Glob::new(other));
            let is_both = one.matches(&text) && other.matches(&text);
            prop_assert!(!is_both || one.overlaps(&other), "{} {} {}", one, other, text);
        }

        #[test]
        fn a_text_without_wildcards_overlaps_exactly_the_globs_that_match_it(glob in "[aé*?]{0,5}", text in "[aé]{0,5}") {
            let glob = Glob::new(glob);
            prop_assert_eq!(Glob::new(text.as_str()).overlaps(&glob), glob.matches(&text));
        }
    }
}
