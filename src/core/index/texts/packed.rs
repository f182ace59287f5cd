//! Packs the characters of a short text: six bits each where it is an id or a name, and numbers in binary.

use std::array;

/// How the characters of a text are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// As they are.
    Plain,
    /// Six bits each.
    Id,
    Name,
    /// At most [`MAX_DIGITS`] decimal digits.
    Digits,
}

/// 64 characters, with tables to pack and unpack them.
struct Alphabet {
    /// The number of each byte; [`NONE`] for others.
    numbers: [u8; 256],
    /// Two characters for each 12 bits.
    pairs: [[u8; 2]; 1 << 12],
}

const NONE: u8 = 64;
/// A number of this many digits fits in 64 bits.
const MAX_DIGITS: usize = 19;
/// Bytes that a number of so many digits takes.
const DIGITS_BYTES: [usize; MAX_DIGITS + 1] = digits_bytes();
/// The characters of ids.
const IDS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
/// The characters of most email addresses, domains and names.
const NAMES: &[u8; 64] = b"abcdefghijklmnopqrstuvwxyz0123456789.@-_+ 'ABCDEFGHIJKLMNOPRSTUW";
static ID: Alphabet = Alphabet::new(IDS);
static NAME: Alphabet = Alphabet::new(NAMES);

impl Alphabet {
    const fn new(characters: &[u8; 64]) -> Self {
        let (mut numbers, mut pairs) = ([NONE; 256], [[0; 2]; 1 << 12]);
        let mut number = 0;
        while number < 64 {
            numbers[characters[number] as usize] = number as u8;
            let mut second = 0;
            while second < 64 {
                pairs[number << 6 | second] = [characters[number], characters[second]];
                second += 1;
            }
            number += 1;
        }
        Self { numbers, pairs }
    }

    fn has(&self, text: &[u8]) -> bool {
        text.iter().all(|byte| self.numbers[usize::from(*byte)] != NONE)
    }

    fn pack(&self, text: &[u8], packed: &mut Vec<u8>) {
        for four in text.chunks(4) {
            let number = |place| four.get(place).map_or(0, |byte| u32::from(self.numbers[usize::from(*byte)]));
            let bits = number(0) << 18 | number(1) << 12 | number(2) << 6 | number(3);
            packed.extend_from_slice(&bits.to_be_bytes()[1..=(four.len() * 6).div_ceil(8)]);
        }
    }

    fn unpack(&self, packed: &[u8], length: usize, text: &mut Vec<u8>) {
        let end = text.len() + length;
        for three in packed.chunks(3) {
            let byte = |place: usize| usize::from(three.get(place).copied().unwrap_or(0));
            let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
            let ([a, b], [c, d]) = (self.pairs[bits >> 12], self.pairs[bits & 0xfff]);
            text.extend_from_slice(&[a, b, c, d]);
        }
        text.truncate(end);
    }
}

const fn digits_bytes() -> [usize; MAX_DIGITS + 1] {
    let mut bytes = [0; MAX_DIGITS + 1];
    let (mut digits, mut largest) = (1, 9_u128);
    while digits <= MAX_DIGITS {
        bytes[digits] = (128 - largest.leading_zeros() as usize).div_ceil(8);
        largest = largest * 10 + 9;
        digits += 1;
    }
    bytes
}

impl Form {
    pub(super) const ALL: [Self; 4] = [Self::Plain, Self::Id, Self::Name, Self::Digits];

    /// The form that takes the least memory for `text`.
    pub(super) fn of(text: &[u8]) -> Self {
        if (1..=MAX_DIGITS).contains(&text.len()) && text.iter().all(u8::is_ascii_digit) {
            Self::Digits
        } else if ID.has(text) {
            Self::Id
        } else if NAME.has(text) {
            Self::Name
        } else {
            Self::Plain
        }
    }

    pub(super) fn number(self) -> u8 {
        self as u8
    }

    pub(super) fn from_number(number: u8) -> Self {
        Self::ALL[usize::from(number & 3)]
    }

    /// The bytes that a text of `length` bytes takes.
    pub(super) fn packed_len(self, length: usize) -> usize {
        match self {
            Self::Plain => length,
            Self::Id | Self::Name => (length * 6).div_ceil(8),
            Self::Digits => DIGITS_BYTES[length],
        }
    }

    /// Appends `text`, which must be of this form.
    pub(super) fn pack(self, text: &[u8], packed: &mut Vec<u8>) {
        match self {
            Self::Plain => packed.extend_from_slice(text),
            Self::Id => ID.pack(text, packed),
            Self::Name => NAME.pack(text, packed),
            Self::Digits => {
                let number = text.iter().fold(0, |number, digit| number * 10 + u64::from(digit - b'0'));
                packed.extend_from_slice(&number.to_le_bytes()[..DIGITS_BYTES[text.len()]]);
            }
        }
    }

    /// Appends the text of `length` bytes that is packed in `packed`.
    pub(super) fn unpack(self, packed: &[u8], length: usize, text: &mut Vec<u8>) {
        match self {
            Self::Plain => text.extend_from_slice(packed),
            Self::Id => ID.unpack(packed, length, text),
            Self::Name => NAME.unpack(packed, length, text),
            Self::Digits => {
                let bytes = array::from_fn(|place| packed.get(place).copied().unwrap_or(0));
                let mut number = u64::from_le_bytes(bytes);
                let start = text.len();
                text.resize(start + length, b'0');
                for digit in text[start..].iter_mut().rev() {
                    *digit = b'0' + (number % 10) as u8;
                    number /= 10;
                }
            }
        }
    }

    /// Whether a text of this form may contain `byte`, in either case.
    pub(super) fn may_have(self, byte: u8) -> bool {
        let either = [byte.to_ascii_lowercase(), byte.to_ascii_uppercase()];
        match self {
            Self::Plain => true,
            Self::Id => ID.has(&either[..1]) || ID.has(&either[1..]),
            Self::Name => NAME.has(&either[..1]) || NAME.has(&either[1..]),
            Self::Digits => byte.is_ascii_digit(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_packed_text_reads_back(text in "[a-zA-Z0-9_-]{0,40}|[0-9]{0,21}|[a-z0-9.@+ ]{0,40}|\\PC{0,20}") {
            let form = Form::of(text.as_bytes());
            let (mut packed, mut read) = (vec![7], b"before".to_vec());
            form.pack(text.as_bytes(), &mut packed);
            prop_assert_eq!(packed.len() - 1, form.packed_len(text.len()));
            form.unpack(&packed[1..], text.len(), &mut read);
            prop_assert_eq!(&read[6..], text.as_bytes());
            prop_assert_eq!(Form::from_number(form.number()), form);
            prop_assert!(text.bytes().all(|byte| form.may_have(byte)));
        }
    }

    #[test]
    fn the_ids_of_the_provider_take_three_quarters_or_less() {
        for (text, form, bytes) in [
            ("2KWPBgLlAfxdpx2AI54pPJ85f4W", Form::Id, 21),
            ("64737250391820801", Form::Digits, 8),
            ("9999999999999999999", Form::Digits, 8),
            ("00000000000000000000", Form::Id, 15),
            ("ada.lovelace", Form::Name, 9),
            ("naïve", Form::Plain, 6),
        ] {
            assert_eq!(Form::of(text.as_bytes()), form, "{text}");
            assert_eq!(form.packed_len(text.len()), bytes, "{text}");
        }
    }
}
