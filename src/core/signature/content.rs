//! Feeds the signed content into an HMAC, in parts and without copies.

use super::secret::Keyed;
use hmac::Mac;

/// How an SDK decodes bytes before it hashes them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Text {
    Bytes,
    /// Each byte is a Latin-1 character, hashed as UTF-8.
    Latin1,
    /// Decoded as UTF-8, with one U+FFFD for each maximal invalid part (WHATWG Encoding).
    LossyUtf8,
    /// Like `LossyUtf8`, but an encoded surrogate is one invalid part, not two or three.
    JavaUtf8,
    /// Rejected if it is not UTF-8.
    StrictUtf8,
}

impl Text {
    /// Whether `bytes` are hashed unchanged.
    pub(crate) fn is_unchanged(self, bytes: &[u8]) -> bool {
        match self {
            Self::Bytes => true,
            Self::Latin1 => bytes.is_ascii(),
            Self::LossyUtf8 | Self::JavaUtf8 | Self::StrictUtf8 => simdutf8::basic::from_utf8(bytes).is_ok(),
        }
    }

    /// Feeds `bytes` as this kind of text. Returns `false` if they cannot be decoded.
    pub(crate) fn feed(self, mac: &mut Keyed, bytes: &[u8]) -> bool {
        match self {
            _ if self.is_unchanged(bytes) => mac.update(bytes),
            Self::Latin1 => feed_latin1(mac, bytes),
            Self::LossyUtf8 => feed_lossy(mac, bytes, false),
            Self::JavaUtf8 => feed_lossy(mac, bytes, true),
            // `Bytes` is always unchanged, so only `StrictUtf8` gets here.
            Self::Bytes | Self::StrictUtf8 => return false,
        }
        true
    }
}

fn feed_latin1(mac: &mut Keyed, bytes: &[u8]) {
    for part in bytes.chunk_by(|left, right| left.is_ascii() && right.is_ascii()) {
        match part {
            [byte] if !byte.is_ascii() => mac.update(char::from(*byte).encode_utf8(&mut [0; 2]).as_bytes()),
            ascii => mac.update(ascii),
        }
    }
}

/// With `joins_surrogates`, the two or three bytes of an encoded surrogate become one U+FFFD, as in Java, instead of
/// one each.
fn feed_lossy(mac: &mut Keyed, bytes: &[u8], joins_surrogates: bool) {
    let mut place = 0;
    let mut joined_until = 0;
    let mut replaced = 0;
    for chunk in bytes.utf8_chunks() {
        if !chunk.valid().is_empty() {
            feed_replacements(mac, std::mem::take(&mut replaced));
            mac.update(chunk.valid().as_bytes());
        }
        place += chunk.valid().len();
        if !chunk.invalid().is_empty() && place >= joined_until {
            replaced += 1;
            if joins_surrogates {
                joined_until = place + surrogate_length(&bytes[place..]);
            }
        }
        place += chunk.invalid().len();
    }
    feed_replacements(mac, replaced);
}

/// Feeds U+FFFD `count` times.
fn feed_replacements(mac: &mut Keyed, count: usize) {
    const AT_ONCE: usize = 256;
    static REPLACEMENTS: [[u8; 3]; AT_ONCE] = [*b"\xef\xbf\xbd"; AT_ONCE];
    let mut left = count;
    while left > 0 {
        let fed = left.min(AT_ONCE);
        mac.update(REPLACEMENTS[..fed].as_flattened());
        left -= fed;
    }
}

fn surrogate_length(bytes: &[u8]) -> usize {
    match bytes {
        [0xed, 0xa0..=0xbf, 0x80..=0xbf, ..] => 3,
        [0xed, 0xa0..=0xbf, ..] => 2,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::signature::secret::keyed_with;

    fn is_fed_as(text: Text, bytes: &[u8], expected: &[u8]) -> bool {
        let (mut mac, mut wanted) = (keyed_with(b"key"), keyed_with(b"key"));
        wanted.update(expected);
        text.feed(&mut mac, bytes) && mac.finalize() == wanted.finalize()
    }

    #[test]
    fn each_maximal_invalid_part_becomes_one_replacement_character() {
        // The last column is the result of `new String(bytes, UTF_8)` in JDK 17.
        let cases: [(&[u8], &str, &str); 9] = [
            (b"\xef\xbb\xbfab\0", "\u{feff}ab\0", "\u{feff}ab\0"),
            (b"a\xe2\x82b\xff", "a\u{fffd}b\u{fffd}", "a\u{fffd}b\u{fffd}"),
            (b"\xf0\x80\x80\x80", "\u{fffd}\u{fffd}\u{fffd}\u{fffd}", "\u{fffd}\u{fffd}\u{fffd}\u{fffd}"),
            (b"\xf0\x9f\x98", "\u{fffd}", "\u{fffd}"),
            (b"\xed\xa0\x80", "\u{fffd}\u{fffd}\u{fffd}", "\u{fffd}"),
            (b"\xed\xa0\x80\xed\xb0\x80", "\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}", "\u{fffd}\u{fffd}"),
            (b"\xed\xa0\xc0", "\u{fffd}\u{fffd}\u{fffd}", "\u{fffd}\u{fffd}"),
            (b"\xed\xa0A", "\u{fffd}\u{fffd}A", "\u{fffd}A"),
            (b"\xed\x9f", "\u{fffd}", "\u{fffd}"),
        ];
        for (bytes, whatwg, java) in cases {
            assert!(is_fed_as(Text::LossyUtf8, bytes, whatwg.as_bytes()), "{bytes:x?}");
            assert!(is_fed_as(Text::JavaUtf8, bytes, java.as_bytes()), "{bytes:x?}");
            assert!(is_fed_as(Text::Bytes, bytes, bytes));
        }
        assert!(!is_fed_as(Text::StrictUtf8, b"\xff", b""));
        assert!(is_fed_as(Text::StrictUtf8, "é".as_bytes(), "é".as_bytes()));
    }

    #[test]
    fn header_bytes_are_hashed_as_latin1_characters() {
        assert!(is_fed_as(Text::Latin1, b"a\xc3\xa9b\x7f\xff", "aÃ©b\u{7f}ÿ".as_bytes()));
    }
}
