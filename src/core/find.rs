//! Finds text in bytes, with smart case: a needle without capitals also matches capitals, A to Z.

/// Places at which a match may start, between two questions whether to go on.
const STRIDE: usize = 1 << 18;

/// Smart case: whether case counts for `text`, because it has a capital.
pub(super) fn is_case_exact(text: &str) -> bool {
    text.chars().any(char::is_uppercase)
}

/// What is looked for. Never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Needle {
    bytes: Vec<u8>,
    ignores_case: bool,
}

/// Where a needle was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hits {
    /// The offsets of the matches, in order. They do not overlap.
    pub offsets: Vec<usize>,
    /// Whether there may be more.
    pub is_truncated: bool,
}

impl Needle {
    /// `None` if `text` is empty.
    pub fn new(text: &str) -> Option<Self> {
        (!text.is_empty()).then(|| Self { bytes: text.into(), ignores_case: !is_case_exact(text) })
    }

    /// The bytes that `text` names as `0x…`, in pairs of digits that spaces may separate; otherwise `text` itself.
    pub fn in_bytes(text: &str) -> Option<Self> {
        match named_bytes(text) {
            Some(bytes) => Some(Self { bytes, ignores_case: false }),
            None => Self::new(text),
        }
    }

    /// The length of each match in bytes.
    pub fn length(&self) -> usize {
        self.bytes.len()
    }

    /// All matches in `text`, at most `most`. `None` if `is_cancelled` says so, which it is asked every few 100 KB.
    pub fn find_all(&self, text: &[u8], most: usize, is_cancelled: impl Fn() -> bool) -> Option<Hits> {
        let mut hits = Hits::default();
        let mut at = 0;
        while at + self.length() <= text.len() {
            if is_cancelled() {
                return None;
            }
            let end = text.len().min(at + STRIDE + self.length() - 1);
            let mut next = at + STRIDE;
            while let Some(found) = self.find(&text[at..end]) {
                if hits.offsets.len() == most {
                    hits.is_truncated = true;
                    return Some(hits);
                }
                hits.offsets.push(at + found);
                at += found + self.length();
                next = next.max(at);
            }
            at = next;
        }
        Some(hits)
    }

    fn find(&self, text: &[u8]) -> Option<usize> {
        let first = self.bytes[0];
        if !self.ignores_case {
            return memchr::memmem::find(text, &self.bytes);
        }
        let is_match = |at: &usize| {
            let there = text.get(*at..at + self.length());
            there.is_some_and(|there| there.eq_ignore_ascii_case(&self.bytes))
        };
        memchr::memchr2_iter(first.to_ascii_lowercase(), first.to_ascii_uppercase(), text).find(is_match)
    }
}

/// The bytes of `0x7b22` or `0x7b 22`.
fn named_bytes(text: &str) -> Option<Vec<u8>> {
    let digits = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"))?;
    let values: Option<Vec<u8>> = digits
        .chars()
        .filter(|digit| *digit != ' ')
        .map(|digit| digit.to_digit(16).and_then(|value| u8::try_from(value).ok()))
        .collect();
    // The last digit is still being typed when it stands alone.
    let bytes: Vec<u8> = values?.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect();
    (!bytes.is_empty()).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn offsets(text: &str, needle: &str) -> Vec<usize> {
        Needle::new(needle).unwrap().find_all(text.as_bytes(), 100, || false).unwrap().offsets
    }

    #[test]
    fn a_needle_without_capitals_matches_capitals() {
        for (needle, expected) in [
            ("jane", &[0, 5][..]),
            ("Jane", &[0]),
            ("JANE", &[]),
            ("jane jane", &[0]),
            ("é", &[10]),
            ("É", &[]),
            ("nobody", &[]),
        ] {
            assert_eq!(offsets("Jane jane é", needle), expected, "{needle}");
        }
        assert_eq!(offsets("aaaaa", "aa"), [0, 2], "matches do not overlap");
        assert_eq!(Needle::new(""), None);
    }

    #[test]
    fn hexadecimal_digits_name_bytes() {
        let offsets = |needle: &str| {
            Needle::in_bytes(needle).unwrap().find_all(b"{\"a\":\xff\x00A} 0x", 100, || false).unwrap().offsets
        };
        for (needle, expected) in [
            ("0x7b", &[0][..]),
            ("0xff00", &[5]),
            ("0xFF 00 41", &[5]),
            ("0xff0", &[5]),
            ("0x61", &[2]),
            ("0x", &[10]),
            ("0xzz", &[]),
            ("a", &[2, 7]),
        ] {
            assert_eq!(offsets(needle), expected, "{needle}");
        }
        assert_eq!(Needle::in_bytes(""), None);
    }

    #[test]
    fn matches_are_found_across_the_places_where_a_search_may_stop() {
        let mut text = vec![b'.'; 3 * STRIDE];
        let places = [0, STRIDE - 2, STRIDE + 1, 2 * STRIDE - 3, 3 * STRIDE - 3];
        for place in places {
            text[place..place + 3].copy_from_slice(b"abc");
        }
        let needle = Needle::new("abc").unwrap();
        assert_eq!(needle.find_all(&text, 100, || false).unwrap().offsets, places);
        assert_eq!(needle.find_all(&text, 100, || true), None);
        let some = needle.find_all(&text, 2, || false).unwrap();
        assert_eq!(some, Hits { offsets: places[..2].to_vec(), is_truncated: true });
        assert!(!needle.find_all(&text, places.len(), || false).unwrap().is_truncated);
    }

    proptest! {
        #[test]
        fn matches_are_those_of_the_standard_library(text in "[abAB]{0,40}", needle in "[ab]{1,3}|[AB]{1,3}") {
            let folded = |text: &str| if needle.chars().any(char::is_uppercase) { text.to_owned() } else { text.to_lowercase() };
            let expected: Vec<usize> = folded(&text).match_indices(&needle).map(|(at, _)| at).collect();
            prop_assert_eq!(offsets(&text, &needle), expected);
        }
    }
}
