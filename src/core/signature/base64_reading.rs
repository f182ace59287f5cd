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
            Self::Go => go(text),
            Self::Java => java(text),
        }
    }
}

/// The SHA-256 digest that Node reads from `text`; `None` if it is not 32 bytes long.
pub(crate) fn node_digest(text: &[u8]) -> Option<[u8; 32]> {
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

fn go(text: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3 + 3);
    let mut group = Group::default();
    let mut rest = text.iter().copied().filter(|byte| !matches!(byte, b'\r' | b'\n'));
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
    (group.length == 0).then_some(bytes)
}

fn java(text: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3 + 3);
    let mut group = Group::default();
    let mut rest = text.iter().copied();
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
    let is_readable = group.length != 1;
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
    fn push(&mut self, sextet: u8) -> Option<[u8; 3]> {
        self.bits = self.bits << 6 | u32::from(sextet);
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

fn sextet(byte: u8) -> Option<u8> {
    match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    }
}
