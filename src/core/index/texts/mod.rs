//! The texts that events do not share: of each event the `webhook-id`, its own id and its subject, packed into one arena.
//!
//! ```text
//! form and length   1 byte, or 3 from 63 characters on
//! affix             1 byte, unless the text is empty: its prefix, as `msg_`, or its suffix, as `@example.com`
//! the rest          packed
//! ```

mod packed;

use packed::Form;

/// The texts of one event.
pub(super) const TEXTS: usize = 3;
/// Events whose first one has its place noted. Those behind it are found by walking.
const BLOCK: usize = 8;
/// A length from which two more bytes hold it.
const LONG: usize = 63;
/// The longest text.
const MAX: usize = u16::MAX as usize;
/// The header of an empty text, which has no affix.
const EMPTY: u8 = (Form::Digits as u8) << 6;
/// Stands behind each unpacked text. UTF-8 has no such byte.
const END: u8 = 0xff;
/// The longest prefix and suffix that texts share.
const MAX_PREFIX: usize = 12;
const MAX_SUFFIX: usize = 64;

/// Packed texts, by the position of their event.
#[derive(Default)]
pub(super) struct Texts {
    arena: Vec<u8>,
    /// Where each block starts in the arena.
    blocks: Vec<usize>,
    len: usize,
    affixes: Affixes,
}

/// The beginnings and ends that many texts share. The first is none.
struct Affixes(Vec<Affix>);

struct Affix {
    text: Box<str>,
    is_suffix: bool,
}

/// A text as it is stored.
struct Stored<'a> {
    form: Form,
    length: usize,
    affix: u8,
    packed: &'a [u8],
    /// With header and affix.
    bytes: &'a [u8],
}

/// Unpacked texts, to search through. Kept from one search to the next, since it allocates.
#[derive(Default)]
pub(in crate::core) struct Unpacked {
    /// ASCII texts, each followed by a byte that no text has.
    pub(in crate::core) bytes: Vec<u8>,
    /// Where the texts of each event end in `bytes`, with the place of the event among those that were asked for.
    pub(in crate::core) ends: Vec<(usize, usize)>,
    /// The texts that are not ASCII.
    pub(in crate::core) others: Vec<(usize, Vec<u8>)>,
}

/// What to look for, as far as the way of storage tells that a text cannot have it.
pub(in crate::core) struct Wanted {
    /// By affix, then by form.
    may_have: Vec<[bool; 4]>,
}

impl Default for Affixes {
    fn default() -> Self {
        Self(vec![Affix { text: "".into(), is_suffix: false }])
    }
}

impl Affixes {
    /// The number of the affix of `text`, and the rest of it. Notes a new affix as long as there is room.
    fn split<'t>(&mut self, text: &'t str) -> (u8, &'t str) {
        let prefix = text.bytes().take(MAX_PREFIX).position(|byte| byte == b'_').map(|end| text.split_at(end + 1));
        let (affix, rest, is_suffix) = match (prefix, text.rfind('@').map(|start| text.split_at(start))) {
            (_, Some((rest, suffix))) if suffix.len() <= MAX_SUFFIX => (suffix, rest, true),
            (Some((prefix, rest)), _) => (prefix, rest, false),
            _ => return (0, text),
        };
        if !affix.is_ascii() {
            return (0, text);
        }
        let is_it = |known: &Affix| known.is_suffix == is_suffix && *known.text == *affix;
        let number = self.0.iter().position(is_it).or_else(|| {
            (self.0.len() <= u8::MAX.into()).then(|| {
                self.0.push(Affix { text: affix.into(), is_suffix });
                self.0.len() - 1
            })
        });
        number.and_then(|number| u8::try_from(number).ok()).map_or((0, text), |number| (number, rest))
    }
}

impl Texts {
    /// Adds the texts of the next event. Longer texts are truncated to 64 KB.
    pub(super) fn push(&mut self, texts: [&str; TEXTS]) {
        if self.len.is_multiple_of(BLOCK) {
            self.blocks.push(self.arena.len());
        }
        self.len += 1;
        texts.into_iter().for_each(|text| self.store(&text[..text.floor_char_boundary(MAX)]));
    }

    fn store(&mut self, text: &str) {
        if text.is_empty() {
            return self.arena.push(EMPTY);
        }
        let (affix, rest) = self.affixes.split(text);
        let (form, length) = (Form::of(rest.as_bytes()), rest.len());
        let short = u8::try_from(length.min(LONG)).expect("a short length fits");
        self.arena.push(form.number() << 6 | short);
        if length >= LONG {
            self.arena.extend_from_slice(&u16::try_from(length).expect("the text was truncated").to_le_bytes());
        }
        self.arena.push(affix);
        form.pack(rest.as_bytes(), &mut self.arena);
    }

    /// The texts of the event at `position`.
    pub(super) fn get(&self, position: usize) -> [String; TEXTS] {
        self.walk(position).next().map(|stored| stored.map(|stored| self.text(&stored))).unwrap_or_default()
    }

    /// The `webhook-id` of the event at `position`, or its own id, as it is stored; `None` if it is empty. Equal ids are stored equally.
    pub(super) fn stored_id(&self, position: usize, is_own: bool) -> Option<&[u8]> {
        let [webhook_id, own, _] = self.walk(position).next()?;
        let stored = if is_own { own } else { webhook_id };
        Some(stored.bytes).filter(|bytes| bytes[0] != EMPTY)
    }

    fn text(&self, stored: &Stored<'_>) -> String {
        let mut text = Vec::with_capacity(stored.length + usize::from(u8::MAX));
        self.unpack(stored, &mut text);
        text.shrink_to_fit();
        String::from_utf8(text).expect("a text was packed")
    }

    /// Appends the text.
    fn unpack(&self, stored: &Stored<'_>, text: &mut Vec<u8>) {
        let affix = &self.affixes.0[usize::from(stored.affix)];
        if !affix.is_suffix {
            text.extend_from_slice(affix.text.as_bytes());
        }
        stored.form.unpack(stored.packed, stored.length, text);
        if affix.is_suffix {
            text.extend_from_slice(affix.text.as_bytes());
        }
    }

    /// The texts of each event from `position` on.
    fn walk(&self, position: usize) -> Walk<'_> {
        let mut walk = Walk { texts: self, start: self.blocks.get(position / BLOCK).copied().unwrap_or(usize::MAX) };
        for _ in 0..position % BLOCK * TEXTS {
            walk.step();
        }
        walk
    }

    /// What a text that contains `needle` in either case may look like.
    pub(super) fn wanted(&self, needle: &str) -> Wanted {
        let may_have = |affix: &Affix| {
            let affix = affix.text.to_ascii_lowercase();
            Form::ALL.map(|form| {
                let mut bytes = needle.bytes().map(|byte| byte.to_ascii_lowercase());
                bytes.all(|byte| form.may_have(byte) || affix.as_bytes().contains(&byte))
            })
        };
        Wanted { may_have: self.affixes.0.iter().map(may_have).collect() }
    }

    /// Unpacks the texts of the events at `positions`, ascending, that may contain what is `wanted`.
    pub(super) fn unpack_all(&self, positions: &[u32], wanted: &Wanted, unpacked: &mut Unpacked) {
        unpacked.bytes.clear();
        unpacked.ends.clear();
        unpacked.others.clear();
        let (mut walk, mut next) = (self.walk(0), 0);
        for (place, position) in positions.iter().map(|position| *position as usize).enumerate() {
            if position / BLOCK > next / BLOCK || position < next {
                (walk, next) = (self.walk(position), position);
            }
            let texts = walk.nth(position - next);
            next = position + 1;
            let Some(texts) = texts else { return };
            for stored in texts.iter().filter(|stored| stored.bytes[0] != EMPTY) {
                if !wanted.may_have[usize::from(stored.affix)][usize::from(stored.form.number())] {
                    continue;
                }
                let start = unpacked.bytes.len();
                self.unpack(stored, &mut unpacked.bytes);
                if stored.form == Form::Plain && !unpacked.bytes[start..].is_ascii() {
                    unpacked.others.push((place, unpacked.bytes.split_off(start)));
                } else {
                    unpacked.bytes.push(END);
                }
            }
            if unpacked.bytes.len() > unpacked.ends.last().map_or(0, |(end, _)| *end) {
                unpacked.ends.push((unpacked.bytes.len(), place));
            }
        }
    }
}

/// Steps through the stored texts.
struct Walk<'a> {
    texts: &'a Texts,
    /// Where the next text starts in the arena.
    start: usize,
}

impl<'a> Walk<'a> {
    fn step(&mut self) -> Option<Stored<'a>> {
        let rest = self.texts.arena.get(self.start..)?;
        let header = *rest.first()?;
        let (form, mut length, mut at) = (Form::from_number(header >> 6), usize::from(header & 63), 1);
        if length == LONG {
            length = u16::from_le_bytes([rest[1], rest[2]]).into();
            at = 3;
        }
        let affix = if header == EMPTY { 0 } else { rest[at] };
        at += usize::from(header != EMPTY);
        let end = at + form.packed_len(length);
        self.start += end;
        Some(Stored { form, length, affix, packed: &rest[at..end], bytes: &rest[..end] })
    }
}

impl<'a> Iterator for Walk<'a> {
    type Item = [Stored<'a>; TEXTS];

    fn next(&mut self) -> Option<Self::Item> {
        Some([self.step()?, self.step()?, self.step()?])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn text() -> impl Strategy<Value = String> {
        prop_oneof![
            "msg_[a-zA-Z0-9]{27}",
            "evt_[0-9]{0,19}",
            "[a-z]{1,9}@(example.com|acme.test|[a-z]{1,90})",
            "[a-z_@]{0,4}",
            "\\PC{0,90}",
        ]
    }

    proptest! {
        #[test]
        fn texts_read_back_and_equal_ids_are_stored_equally(all in prop::collection::vec([text(), text(), text()], 0..40)) {
            let mut texts = Texts::default();
            all.iter().for_each(|[a, b, c]| texts.push([a, b, c]));
            for (position, expected) in all.iter().enumerate() {
                prop_assert_eq!(&texts.get(position), expected);
                for (other, others) in all.iter().enumerate() {
                    for (is_own, id) in [(false, &expected[0]), (true, &expected[1])] {
                        let is_same = texts.stored_id(position, is_own) == texts.stored_id(other, false);
                        prop_assert_eq!(is_same, *id == others[0]);
                    }
                }
                prop_assert_eq!(texts.stored_id(position, false).is_none(), expected[0].is_empty());
            }
        }

        #[test]
        fn no_text_with_the_needle_is_left_out(
            all in prop::collection::vec([text(), text(), text()], 1..20),
            needle in "[a-z0-9@._]{1,2}|[A-Z]|é",
            picked in prop::collection::vec(any::<bool>(), 20),
        ) {
            let mut texts = Texts::default();
            all.iter().for_each(|[a, b, c]| texts.push([a, b, c]));
            let positions: Vec<u32> = (0..all.len() as u32).filter(|position| picked[*position as usize]).collect();
            let mut unpacked = Unpacked::default();
            texts.unpack_all(&positions, &texts.wanted(&needle), &mut unpacked);
            let mut start = 0;
            let mut seen = vec![Vec::new(); positions.len()];
            for (end, place) in &unpacked.ends {
                let texts = unpacked.bytes[start..*end].split(|byte| *byte == END).filter(|text| !text.is_empty());
                seen[*place].extend(texts.map(<[u8]>::to_vec));
                start = *end;
            }
            unpacked.others.iter().for_each(|(place, text)| seen[*place].push(text.clone()));
            for (place, position) in positions.iter().enumerate() {
                for text in &all[*position as usize] {
                    let is_seen = seen[place].contains(&text.clone().into_bytes());
                    prop_assert!(is_seen || !text.to_lowercase().contains(&needle.to_lowercase()), "{} in {}", needle, text);
                }
                prop_assert!(seen[place].iter().all(|text| all[*position as usize].iter().any(|own| own.as_bytes() == text)));
            }
        }
    }

    #[test]
    fn when_there_is_no_room_for_another_affix_the_text_is_stored_whole() {
        let mut texts = Texts::default();
        let subject = |number: usize| format!("ada@d{number}.example.com");
        (0..600).for_each(|number| texts.push(["msg_1", "", &subject(number)]));
        assert_eq!(texts.affixes.0.len(), 256);
        assert!((0..600).all(|number| texts.get(number) == ["msg_1".to_owned(), String::new(), subject(number)]));
    }

    #[test]
    fn a_long_text_is_truncated_between_characters() {
        let mut texts = Texts::default();
        texts.push(["", &"é".repeat(40_000), &"x".repeat(63)]);
        assert_eq!(texts.get(0), [String::new(), "é".repeat(32_767), "x".repeat(63)]);
    }
}
