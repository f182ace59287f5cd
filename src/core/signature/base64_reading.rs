//! Base64 as each SDK's standard library decodes it.
//!
//! A text is Latin-1 or UTF-8. That makes no difference, because no decoder treats anything above ASCII as data.

/// The standard library that decodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Base64Reading {
    /// `Buffer.from(text, 'base64')`: never fails. Stops at the first `=` and skips characters outside both alphabets.
    Node,
    /// `base64.b64decode(text)`: skips characters outside the alphabet (`-` and `_` too), requires padding, rejects
    /// non-ASCII.
    Python,
    /// `base64.StdEncoding`: strict, but ignores CR and LF.
    Go,
    /// `Base64.getDecoder()`: rejects white space; padding is optional.
    Java,
    /// The standard alphabet with its padding and nothing else.
    Padded,
}

impl Base64Reading {
    /// The decoded bytes. `None` if the library reports an error.
    pub(crate) fn decode(self, text: &[u8]) -> Option<Vec<u8>> {
        match self {
            Self::Node => {
                let mut bytes = Vec::with_capacity(text.len() / 4 * 3 + 3);
                node(text, |byte| bytes.push(byte));
                Some(bytes)
            }
            Self::Python => python(text),
            Self::Go => strict(text.iter().copied().filter(|byte| !matches!(byte, b'\r' | b'\n')), false),
            Self::Java => strict(text.iter().copied(), true),
            Self::Padded => strict(text.iter().copied(), false),
        }
    }
}

/// The SHA-256 digest that Node decodes from `text`. `None` unless it is 32 bytes long.
pub(crate) fn node_digest(text: &[u8]) -> Option<[u8; 32]> {
    // Every decoder reads the usual form alike.
    if let Some(digest) = plain_digest(text) {
        return Some(digest);
    }
    let mut digest = [0; 32];
    let mut length = 0;
    node(text, |byte| {
        if let Some(place) = digest.get_mut(length) {
            *place = byte;
        }
        length += 1;
    });
    (length == digest.len()).then_some(digest)
}

/// The digest in 43 characters of the standard alphabet and one `=`. The two bits left over are ignored.
pub(crate) fn plain_digest(text: &[u8]) -> Option<[u8; 32]> {
    let [characters @ .., b'='] = text else { return None };
    let (groups, [first, second, third]) = characters.as_chunks::<4>() else { return None };
    let groups: &[[u8; 4]; 10] = groups.try_into().ok()?;
    let sextet = |byte: &u8| SEXTETS[usize::from(*byte)];
    // A character outside the alphabet sets bits above the 24 of a group.
    let mut all = 0;
    let mut digest = [0; 32];
    for (bytes, [first, second, third, fourth]) in digest.chunks_exact_mut(3).zip(groups) {
        let bits = sextet(first) << 18 | sextet(second) << 12 | sextet(third) << 6 | sextet(fourth);
        bytes.copy_from_slice(&bits.to_be_bytes()[1..]);
        all |= bits;
    }
    let bits = sextet(first) << 18 | sextet(second) << 12 | sextet(third) << 6;
    [_, digest[30], digest[31], _] = bits.to_be_bytes();
    ((all | bits) >> 24 == 0).then_some(digest)
}

fn node(text: &[u8], mut emit: impl FnMut(u8)) {
    let mut group = Group::default();
    for byte in text.iter().take_while(|byte| **byte != b'=') {
        let standard = match byte {
            b'-' => b'+',
            b'_' => b'/',
            other => *other,
        };
        if let Some(sextet) = sextet(standard)
            && let Some(bytes) = group.push(sextet)
        {
            bytes.into_iter().for_each(&mut emit);
        }
    }
    group.rest().for_each(emit);
}

fn python(text: &[u8]) -> Option<Vec<u8>> {
    if !text.is_ascii() {
        return None;
    }
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3 + 3);
    let mut group = Group::default();
    let mut padding = 0;
    for byte in text {
        if *byte == b'=' {
            // Padding before the third character of a group is skipped, and does not count.
            if group.length >= 2 {
                padding += 1;
                if group.length + padding >= 4 {
                    bytes.extend(group.rest());
                    return Some(bytes);
                }
            }
        } else if let Some(sextet) = sextet(*byte) {
            padding = 0;
            bytes.extend(group.push(sextet).into_iter().flatten());
        }
    }
    (group.length == 0).then_some(bytes)
}

/// Decodes the standard alphabet only. Padding, if there is any, must be complete and end the text.
fn strict(text: impl Iterator<Item = u8>, is_padding_optional: bool) -> Option<Vec<u8>> {
    let (mut bytes, mut group) = (Vec::new(), Group::default());
    let mut rest = text;
    while let Some(byte) = rest.next() {
        if byte == b'=' {
            let is_padding_complete = match group.length {
                2 => rest.next() == Some(b'='),
                3 => true,
                _ => false,
            };
            bytes.extend(group.rest());
            return (is_padding_complete && rest.next().is_none()).then_some(bytes);
        }
        bytes.extend(group.push(sextet(byte)?).into_iter().flatten());
    }
    let is_readable = if is_padding_optional { group.length != 1 } else { group.length == 0 };
    bytes.extend(group.rest());
    is_readable.then_some(bytes)
}

/// The sextets of an incomplete group of four.
#[derive(Default)]
struct Group {
    bits: u32,
    length: u32,
}

impl Group {
    /// Adds a sextet. Returns the three bytes of the group once it is full.
    fn push(&mut self, sextet: u32) -> Option<[u8; 3]> {
        self.bits = self.bits << 6 | sextet;
        self.length += 1;
        if self.length < 4 {
            return None;
        }
        let [_, bytes @ ..] = self.bits.to_be_bytes();
        *self = Self::default();
        Some(bytes)
    }

    /// The full bytes in an incomplete group: two for three sextets, one for two. The bits left over are ignored.
    fn rest(&self) -> impl Iterator<Item = u8> + use<> {
        let [_, bytes @ ..] = (self.bits << (6 * (4 - self.length))).to_be_bytes();
        let count = match self.length {
            3 => 2,
            2 => 1,
            _ => 0,
        };
        bytes.into_iter().take(count)
    }
}

fn sextet(byte: u8) -> Option<u32> {
    let sextet = SEXTETS[usize::from(byte)];
    (sextet != FOREIGN).then_some(sextet)
}

/// Marks a byte outside the alphabet.
const FOREIGN: u32 = u32::MAX;

/// The value of each byte of the standard alphabet.
static SEXTETS: [u32; 256] = {
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut sextets = [FOREIGN; 256];
    let mut value = 0;
    while value < 64 {
        sextets[alphabet[value as usize] as usize] = value;
        value += 1;
    }
    sextets
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_library_tolerates_different_errors() {
        // The text, then what Node, Python, Go and Java decode from it. `-` is an error.
        let cases = [
            ("", ["", "", "", ""]),
            ("QUJD", ["ABC", "ABC", "ABC", "ABC"]),
            ("QUI=", ["AB", "AB", "AB", "AB"]),
            ("QUI", ["AB", "-", "-", "AB"]),
            ("QQ==", ["A", "A", "A", "A"]),
            ("QQ=", ["A", "-", "-", "-"]),
            ("QQ", ["A", "-", "-", "A"]),
            ("Q", ["", "-", "-", "-"]),
            ("QUJDR", ["ABC", "-", "-", "-"]),
            ("QUI==", ["AB", "AB", "-", "-"]),
            ("QUJD=", ["ABC", "ABC", "-", "-"]),
            ("=", ["", "", "-", "-"]),
            ("Q=U=I=", ["", "AB", "-", "-"]),
            ("QUI=QUJD", ["AB", "AB", "-", "-"]),
            ("QQ=UJ", ["A", "A\u{5}\u{9}", "-", "-"]),
            ("QU\nJD\r\n", ["ABC", "ABC", "ABC", "-"]),
            ("QU JD", ["ABC", "ABC", "-", "-"]),
            ("\"QUJD*", ["ABC", "ABC", "-", "-"]),
            ("-_-_", ["\u{fb}\u{ff}\u{bf}", "", "-", "-"]),
            ("QUJDé", ["ABC", "-", "-", "-"]),
            ("QR==", ["A", "A", "A", "A"]),
        ];
        let readings = [Base64Reading::Node, Base64Reading::Python, Base64Reading::Go, Base64Reading::Java];
        for (text, expected) in cases {
            for (reading, expected) in readings.into_iter().zip(expected) {
                let expected = (expected != "-").then(|| expected.chars().map(|each| each as u8).collect::<Vec<_>>());
                assert_eq!(reading.decode(text.as_bytes()), expected, "{reading:?} of {text:?}");
            }
        }
    }

    #[test]
    fn a_digest_has_exactly_32_bytes() {
        let text = "AQ".repeat(21);
        assert!(node_digest(text.as_bytes()).is_none());
        assert!(node_digest(format!("{text}A").as_bytes()).is_some());
        assert!(node_digest(format!("{text}AAA").as_bytes()).is_none());
        assert!(node_digest(&vec![b'A'; 1 << 20]).is_none());
    }
}
