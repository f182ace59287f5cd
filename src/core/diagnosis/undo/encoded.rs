//! Text that was encoded: base64, hexadecimal, percent-encoding, HTML entities.

use super::{Candidates, trimmed};
use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use std::ops::ControlFlow;

/// Shortest base64 or hexadecimal text that is worth decoding.
const SHORTEST: usize = 4;

const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Either alphabet, with or without padding and line breaks, or in a `data:` URL.
pub(super) fn base64(text: &[u8], candidates: &mut Candidates<'_>) -> ControlFlow<()> {
    let text = trimmed(text);
    let text = after_data_url(text).unwrap_or(text);
    if text.len() < SHORTEST {
        return ControlFlow::Continue(());
    }
    let mut sextets = Vec::new();
    let mut detail = "";
    for byte in text {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'+' | b'/' | b'=' => sextets.push(*byte),
            b'-' | b'_' => {
                detail = "URL-safe";
                sextets.push(if *byte == b'-' { b'+' } else { b'/' });
            }
            b' ' | b'\t' | b'\r' | b'\n' => detail = if detail.is_empty() { "with line breaks" } else { detail },
            _ => return ControlFlow::Continue(()),
        }
    }
    match LENIENT.decode(&sextets) {
        Ok(bytes) => candidates.push(detail, bytes),
        Err(_) => ControlFlow::Continue(()),
    }
}

fn after_data_url(text: &[u8]) -> Option<&[u8]> {
    let rest = text.strip_prefix(b"data:")?;
    let place = memchr::memmem::find(&rest[..rest.len().min(256)], b";base64,")?;
    Some(&rest[place + b";base64,".len()..])
}

/// Digits in either case, and with white space, colons, `0x` or `\x` between the bytes.
pub(super) fn hex(text: &[u8], candidates: &mut Candidates<'_>) -> ControlFlow<()> {
    let text = trimmed(text);
    if text.len() < SHORTEST {
        return ControlFlow::Continue(());
    }
    let mut digits = Vec::new();
    let mut rest = text;
    while let [byte, after @ ..] = rest {
        rest = after;
        match byte {
            b'0' | b'\\' if after.first().is_some_and(|next| matches!(next, b'x' | b'X')) => rest = &after[1..],
            b' ' | b'\t' | b'\r' | b'\n' | b':' | b',' if digits.len().is_multiple_of(2) => {}
            _ => match hex_digit(*byte) {
                Some(digit) => digits.push(digit),
                None => return ControlFlow::Continue(()),
            },
        }
    }
    if !digits.len().is_multiple_of(2) {
        return ControlFlow::Continue(());
    }
    candidates.push("", digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect::<Vec<_>>())
}

pub(super) fn hex_digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

/// Percent-encoding as in URLs, and as in forms, where `+` is a space. A form with one nameless field ends with `=`.
pub(super) fn percent(text: &[u8], candidates: &mut Candidates<'_>) -> ControlFlow<()> {
    let text = trimmed(text);
    if !is_percent_encoded(text) {
        return ControlFlow::Continue(());
    }
    let has_plus = memchr::memchr(b'+', text).is_some();
    for text in [Some(text), text.strip_suffix(b"=")].into_iter().flatten() {
        candidates.push("", percent_decoded(text, false))?;
        if has_plus {
            candidates.push("`+` as a space", percent_decoded(text, true))?;
        }
    }
    ControlFlow::Continue(())
}

fn is_percent_encoded(text: &[u8]) -> bool {
    memchr::memchr_iter(b'%', text)
        .any(|place| text.get(place + 1..place + 3).is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit)))
}

pub(super) fn percent_decoded(text: &[u8], is_plus_a_space: bool) -> Vec<u8> {
    let spaced: Vec<u8>;
    let text = if is_plus_a_space {
        spaced = text.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
        &spaced
    } else {
        text
    };
    percent_encoding::percent_decode(text).collect()
}

/// Quoted-printable, base32, Ascii85 and uuencode.
pub(super) fn other(text: &[u8], candidates: &mut Candidates<'_>) -> ControlFlow<()> {
    let text = trimmed(text);
    if text.len() < SHORTEST {
        return ControlFlow::Continue(());
    }
    type Decoder = fn(&[u8]) -> Option<Vec<u8>>;
    let decoders: [(&str, Decoder); 4] =
        [("quoted-printable", quoted_printable), ("base32", base32), ("Ascii85", ascii85), ("uuencode", uuencode)];
    for (name, decode) in decoders {
        if let Some(bytes) = decode(text) {
            candidates.push(name, bytes)?;
        }
    }
    ControlFlow::Continue(())
}

fn quoted_printable(text: &[u8]) -> Option<Vec<u8>> {
    memchr::memchr(b'=', text)?;
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(place) = memchr::memchr(b'=', rest) {
        bytes.extend_from_slice(&rest[..place]);
        rest = &rest[place + 1..];
        rest = match rest {
            [b'\r', b'\n', after @ ..] | [b'\n', after @ ..] => after,
            [high, low, after @ ..] => {
                bytes.push(hex_digit(*high)? << 4 | hex_digit(*low)?);
                after
            }
            _ => return None,
        };
    }
    bytes.extend_from_slice(rest);
    Some(bytes)
}

/// In either case, with or without padding.
fn base32(text: &[u8]) -> Option<Vec<u8>> {
    let (mut bytes, mut bits, mut count) = (Vec::with_capacity(text.len() / 8 * 5), 0_u32, 0);
    for byte in text.iter().filter(|byte| !byte.is_ascii_whitespace() && **byte != b'=') {
        let value = match byte.to_ascii_uppercase() {
            letter @ b'A'..=b'Z' => letter - b'A',
            digit @ b'2'..=b'7' => digit - b'2' + 26,
            _ => return None,
        };
        (bits, count) = ((bits << 5 | u32::from(value)) & 0xfff, count + 5);
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from(bits >> count & 0xff).ok()?);
        }
    }
    Some(bytes)
}

/// With or without `<~` and `~>`.
fn ascii85(text: &[u8]) -> Option<Vec<u8>> {
    let text = text.strip_prefix(b"<~").unwrap_or(text);
    let text = text.strip_suffix(b"~>").unwrap_or(text);
    let mut bytes = Vec::with_capacity(text.len());
    let mut group = Vec::with_capacity(5);
    let mut decode = |group: &[u8], length: usize| -> Option<()> {
        let word =
            group.iter().try_fold(0_u32, |word, digit| word.checked_mul(85)?.checked_add(u32::from(digit - b'!')))?;
        bytes.extend_from_slice(&word.to_be_bytes()[..length]);
        Some(())
    };
    for byte in text.iter().filter(|byte| !byte.is_ascii_whitespace()) {
        match byte {
            b'z' if group.is_empty() => decode(b"!!!!!", 4)?,
            b'!'..=b'u' => {
                group.push(*byte);
                if group.len() == 5 {
                    decode(&group, 4)?;
                    group.clear();
                }
            }
            _ => return None,
        }
    }
    if group.len() > 1 {
        let length = group.len() - 1;
        group.resize(5, b'u');
        decode(&group, length)?;
    }
    Some(bytes)
}

fn uuencode(text: &[u8]) -> Option<Vec<u8>> {
    let body = &text[text.starts_with(b"begin ").then(|| memchr::memchr(b'\n', text))?? + 1..];
    let mut bytes = Vec::with_capacity(body.len());
    for line in body.split(|byte| *byte == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let Some((length, groups)) = line.split_first() else { continue };
        if line == b"end" {
            break;
        }
        let length = usize::from(length.wrapping_sub(b' ') & 0x3f);
        let mut decoded = Vec::with_capacity(48);
        for group in groups.chunks(4) {
            let word = (0..4).fold(0_u32, |word, place| {
                word << 6 | u32::from(group.get(place).unwrap_or(&b' ').wrapping_sub(b' ') & 0x3f)
            });
            decoded.extend_from_slice(&word.to_be_bytes()[1..]);
        }
        bytes.extend_from_slice(decoded.get(..length)?);
    }
    Some(bytes)
}

/// The five named entities and numbers.
pub(super) fn html(text: &[u8], candidates: &mut Candidates<'_>) -> ControlFlow<()> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text;
    let mut is_changed = false;
    while let Some(place) = memchr::memchr(b'&', rest) {
        decoded.extend_from_slice(&rest[..place]);
        rest = &rest[place..];
        match entity(rest) {
            Some((character, length)) => {
                decoded.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
                rest = &rest[length..];
                is_changed = true;
            }
            None => {
                decoded.push(b'&');
                rest = &rest[1..];
            }
        }
    }
    decoded.extend_from_slice(rest);
    if is_changed { candidates.push("", decoded) } else { ControlFlow::Continue(()) }
}

/// The character of the entity at the start of `text`, and the entity's length.
fn entity(text: &[u8]) -> Option<(char, usize)> {
    const LONGEST: usize = 12;
    let end = memchr::memchr(b';', &text[..text.len().min(LONGEST)])?;
    let name = std::str::from_utf8(&text[1..end]).ok()?;
    let character = match name {
        "quot" => '"',
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "apos" => '\'',
        "nbsp" => '\u{a0}',
        _ => {
            let number = name.strip_prefix('#')?;
            let hexadecimal = number.strip_prefix(['x', 'X']);
            let code = hexadecimal.map_or_else(|| number.parse().ok(), |hex| u32::from_str_radix(hex, 16).ok());
            char::from_u32(code?)?
        }
    };
    Some((character, end + 1))
}
