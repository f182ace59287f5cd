//! Base64 as each SDK's standard library reads it.
//!
//! The texts are bytes whose characters are at most one byte each, or UTF-8: no reader takes anything above ASCII for data.

/// Which standard library reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Base64Reading {
    /// `Buffer.from(text, 'base64')`: never fails; stops at the first `=`, skips what is in neither alphabet.
    Node,
    /// `base64.b64decode(text)`: drops foreign characters (`-` and `_` too), wants right padding, refuses non-ASCII.
    Python,
    /// `base64.StdEncoding`: strict but for CR and LF, which it ignores.
    Go,
    /// `Base64.getDecoder()`: no white space, padding optional.
    Java,
}

impl Base64Reading {
    /// The bytes, or `None` where the library raises an error.
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
        }
    }
}

/// The SHA-256 digest that Node reads from `text`; `None` if it is not 32 bytes long.
pub(crate) fn node_digest(text: &[u8]) -> Option<[u8; 32]> {
    // A text as senders write it means the same to every reader.
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

/// The digest in 43 characters of the standard alphabet and one `=`; the two bits left over are not looked at.
pub(crate) fn plain_digest(text: &[u8]) -> Option<[u8; 32]> {
    let [characters @ .., b'='] = text else { return None };
    let (groups, [first, second, third]) = characters.as_chunks::<4>() else { return None };
    let groups: &[[u8; 4]; 10] = groups.try_into().ok()?;
    let sextet = |byte: &u8| SEXTETS[usize::from(*byte)];
    // What is not of the alphabet shows in the bits above a group's 24.
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

/// Of the standard alphabet alone; padding, where it is, ends the text and is whole.
fn strict(text: impl Iterator<Item = u8>, is_padding_optional: bool) -> Option<Vec<u8>> {
    let (mut bytes, mut group) = (Vec::new(), Group::default());
    let mut rest = text;
    while let Some(byte) = rest.next() {
        if byte == b'=' {
            let is_whole = match group.length {
                2 => rest.next() == Some(b'='),
                3 => true,
                _ => false,
            };
            bytes.extend(group.rest());
            return (is_whole && rest.next().is_none()).then_some(bytes);
        }
        bytes.extend(group.push(sextet(byte)?).into_iter().flatten());
    }
    let is_readable = if is_padding_optional { group.length != 1 } else { group.length == 0 };
    bytes.extend(group.rest());
    is_readable.then_some(bytes)
}

/// The sextets of a group of four that is not full yet.
#[derive(Default)]
struct Group {
    bits: u32,
    length: u32,
}

impl Group {
    /// Adds a sextet; the three bytes of the group when it is full.
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

    /// The whole bytes in a group that stays short: two for three sextets, one for two. The bits left over are not looked at.
    fn rest(&self) -> impl Iterator<Item = u8> + use<> {
        let [_, bytes @ ..] = (self.bits << (6 * (4 - self.length))).to_be_bytes();
        let whole = match self.length {
            3 => 2,
            2 => 1,
            _ => 0,
        };
        bytes.into_iter().take(whole)
    }
}

fn sextet(byte: u8) -> Option<u32> {
    let sextet = SEXTETS[usize::from(byte)];
    (sextet != FOREIGN).then_some(sextet)
}

/// Stands for a byte that is not of the alphabet.
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
    fn each_library_forgives_something_else() {
        // The text, then what Node, Python, Go and Java read from it: `-` is an error.
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
    fn a_digest_is_32_bytes_and_no_other_number() {
        let text = "AQ".repeat(21);
        assert!(node_digest(text.as_bytes()).is_none());
        assert!(node_digest(format!("{text}A").as_bytes()).is_some());
        assert!(node_digest(format!("{text}AAA").as_bytes()).is_none());
        assert!(node_digest(&vec![b'A'; 1 << 20]).is_none());
    }
}
