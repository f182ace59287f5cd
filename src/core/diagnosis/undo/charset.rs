//! Text that was read in one charset and written in another, or changed its Unicode form.

use super::Candidates;
use std::ops::ControlFlow;
use unicode_normalization::UnicodeNormalization as _;

/// The characters that Windows-1252 has at 0x80 to 0x9f, where Latin-1 has controls.
const WINDOWS_1252: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}', '\u{90}', '‘', '’',
    '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];

/// Most places of a lost character that are tried one by one.
const MAX_PLACES: usize = 8;

/// Most marks that one lost character leaves: one for each of its bytes.
const LONGEST_RUN: usize = 4;

/// The readings of the body in the charsets that are confused with UTF-8.
pub(super) fn redecoded(text: &[u8], candidates: &mut Candidates<'_>) -> ControlFlow<()> {
    utf16(text, candidates)?;
    utf32(text, candidates)?;
    if text.is_ascii() {
        return ascii(text, candidates);
    }
    match std::str::from_utf8(text) {
        Ok(characters) => {
            let latin1: Option<Vec<u8>> = characters.chars().map(|each| u8::try_from(u32::from(each)).ok()).collect();
            let windows: Option<Vec<u8>> = characters.chars().map(windows_1252_byte).collect();
            let is_same = latin1 == windows;
            if let Some(bytes) = latin1.filter(|bytes| std::str::from_utf8(bytes).is_ok()) {
                candidates.push("its characters as Latin-1 bytes", bytes)?;
            }
            match windows.filter(|bytes| !is_same && std::str::from_utf8(bytes).is_ok()) {
                Some(bytes) => candidates.push("its characters as Windows-1252 bytes", bytes),
                None => ControlFlow::Continue(()),
            }
        }
        Err(_) => {
            let latin1: String = text.iter().map(|byte| char::from(*byte)).collect();
            candidates.push("read as Latin-1", latin1)?;
            let windows: String = text.iter().map(|byte| windows_1252_character(*byte)).collect();
            candidates.push("read as Windows-1252", windows)
        }
    }
}

fn windows_1252_character(byte: u8) -> char {
    match byte {
        0x80..=0x9f => WINDOWS_1252[usize::from(byte - 0x80)],
        _ => char::from(byte),
    }
}

fn windows_1252_byte(character: char) -> Option<u8> {
    let code = u32::from(character);
    match u8::try_from(code) {
        Ok(byte) if !(0x80..=0x9f).contains(&byte) || windows_1252_character(byte) == character => Some(byte),
        _ => {
            let place = WINDOWS_1252.iter().position(|each| *each == character)?;
            u8::try_from(0x80 + place).ok()
        }
    }
}

fn utf32(text: &[u8], candidates: &mut Candidates<'_>) -> ControlFlow<()> {
    let (units, []) = text.as_chunks::<4>() else { return ControlFlow::Continue(()) };
    // Three of four bytes are NUL, as far as it is JSON.
    if !units.iter().take(2).any(|unit| unit.iter().filter(|byte| **byte == 0).count() >= 2) {
        return ControlFlow::Continue(());
    }
    for (name, read) in
        [("from UTF-32 LE", u32::from_le_bytes as fn([u8; 4]) -> u32), ("from UTF-32 BE", u32::from_be_bytes)]
    {
        let decoded: Option<String> = units.iter().map(|unit| char::from_u32(read(*unit))).collect();
        if let Some(decoded) = decoded {
            let rest = decoded.strip_prefix('\u{feff}').unwrap_or(&decoded);
            candidates.push(name, rest)?;
        }
    }
    ControlFlow::Continue(())
}

fn utf16(text: &[u8], candidates: &mut Candidates<'_>) -> ControlFlow<()> {
    let (pairs, []) = text.as_chunks::<2>() else { return ControlFlow::Continue(()) };
    // Half of the bytes of such text are NUL, as far as it is JSON.
    if !pairs.iter().take(4).any(|pair| pair.contains(&0)) {
        return ControlFlow::Continue(());
    }
    type Reading = fn([u8; 2]) -> u16;
    const READINGS: [(&str, Reading); 2] =
        [("from UTF-16 LE", u16::from_le_bytes), ("from UTF-16 BE", u16::from_be_bytes)];
    for (name, read) in READINGS {
        let units = pairs.iter().map(|pair| read(*pair));
        let decoded: Result<String, _> = char::decode_utf16(units).collect();
        if let Ok(decoded) = decoded {
            if let Some(rest) = decoded.strip_prefix('\u{feff}') {
                candidates.push(name, rest)?;
            }
            candidates.push(name, decoded)?;
        }
    }
    ControlFlow::Continue(())
}

/// Node's `ascii` clears the highest bit of each byte: a character of two bytes becomes a letter and a sign.
fn ascii(text: &[u8], candidates: &mut Candidates<'_>) -> ControlFlow<()> {
    const NAME: &str = "high bits put back after an ASCII decoder cleared them";
    let is_pair = |pair: &[u8]| matches!(pair, [0x42..=0x5f, 0..=0x3f]);
    let has_control = |pair: &[u8]| matches!(pair, [_, 0..=0x08 | 0x0b | 0x0c | 0x0e..=0x1f]);
    // A control character cannot be in JSON, and a `C` begins the bytes of most letters of Western Europe.
    let is_western = |pair: &[u8]| pair[0] == b'C';
    let places = |is_meant: fn(&[u8]) -> bool| {
        let pairs = text.windows(2).enumerate().filter(move |(_, pair)| is_pair(pair) && is_meant(pair));
        pairs.map(|(place, _)| place)
    };
    let restore = |places: &mut dyn Iterator<Item = usize>| {
        let mut bytes = text.to_vec();
        for place in places {
            bytes[place] |= 0x80;
            bytes[place + 1] |= 0x80;
        }
        bytes
    };
    if places(has_control).next().is_some() {
        candidates.push(NAME, restore(&mut places(has_control)))?;
    }
    if places(is_western).nth(1).is_some() {
        candidates.push(NAME, restore(&mut places(is_western)))?;
    }
    for place in places(is_western).take(MAX_PLACES) {
        candidates.push(NAME, restore(&mut std::iter::once(place)))?;
    }
    if places(is_western).nth(MAX_PLACES).is_some() { candidates.leave_out() } else { ControlFlow::Continue(()) }
}

/// Composed and decomposed characters: NFC and NFD.
pub(super) fn normalised(text: &[u8], candidates: &mut Candidates<'_>) -> ControlFlow<()> {
    let Some(characters) = std::str::from_utf8(text).ok().filter(|text| !text.is_ascii()) else {
        return ControlFlow::Continue(());
    };
    for (name, form) in [("NFC", characters.nfc().collect::<String>()), ("NFD", characters.nfd().collect())] {
        if form != characters {
            candidates.push(name, form)?;
        }
    }
    ControlFlow::Continue(())
}

/// The body with a character of Western Europe for `?` or U+FFFD: for all of them, then for one at a time.
pub(super) fn restored(text: &[u8], candidates: &mut Candidates<'_>) -> ControlFlow<()> {
    // U+FFFD first: it is never what a sender means.
    for mark in [&b"\xef\xbf\xbd"[..], b"?"] {
        let runs = runs(text, mark);
        if runs.is_empty() {
            continue;
        }
        if runs.len() > MAX_PLACES {
            candidates.leave_out()?;
            continue;
        }
        let singles = || runs.iter().map(std::slice::from_ref).filter(|_| runs.len() > 1);
        // The common characters come first at every place: there may be more candidates than are taken.
        for character in likely_characters() {
            for places in std::iter::once(&runs[..]).chain(singles()) {
                candidates.push(format!("`{character}`"), with(text, places, character))?;
            }
        }
    }
    ControlFlow::Continue(())
}

/// Most common first.
fn likely_characters() -> impl Iterator<Item = char> {
    let punctuation = ['’', '‘', '“', '”', '–', '—', '…', '•', '€', '™', '\u{2028}', '\u{2029}', '😀', '😊', '🎉', '✓'];
    ('\u{c0}'..='\u{ff}').chain(punctuation).chain('\u{a0}'..='\u{bf}').chain('\u{100}'..='\u{17f}')
}

/// The runs of `mark` in `text`, as ranges, up to one more than are tried. One character may have left several marks.
fn runs(text: &[u8], mark: &[u8]) -> Vec<std::ops::Range<usize>> {
    let mut runs: Vec<std::ops::Range<usize>> = Vec::new();
    for place in memchr::memmem::find_iter(text, mark) {
        match runs.last_mut() {
            Some(run) if run.end == place && run.len() < LONGEST_RUN * mark.len() => run.end += mark.len(),
            _ => runs.push(place..place + mark.len()),
        }
        if runs.len() > MAX_PLACES {
            break;
        }
    }
    runs
}

fn with(text: &[u8], places: &[std::ops::Range<usize>], character: char) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut at = 0;
    for place in places {
        bytes.extend_from_slice(&text[at..place.start]);
        bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
        at = place.end;
    }
    bytes.extend_from_slice(&text[at..]);
    bytes
}
