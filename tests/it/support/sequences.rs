//! What a program sends to a terminal, taken apart: text, control sequences, and what must never be there.

/// One piece of output.
#[derive(Debug, PartialEq, Eq)]
pub enum Piece<'o> {
    Text(&'o str),
    /// `ESC [`, parameters, final byte.
    Control(&'o str, char),
    /// `ESC ]`, the text, BEL.
    Command(&'o str),
    /// Anything else, byte by byte.
    Other(u8),
}

/// Modes that the screen switches: cursor, alternate screen, mouse, pastes.
const MODES: [&str; 8] = ["?25", "?1000", "?1002", "?1003", "?1006", "?1015", "?1049", "?2004"];

pub fn pieces(output: &[u8]) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    for chunk in output.utf8_chunks() {
        let mut rest = chunk.valid();
        while !rest.is_empty() {
            let (piece, length) = first(rest);
            pieces.push(piece);
            rest = &rest[length..];
        }
        pieces.extend(chunk.invalid().iter().map(|byte| Piece::Other(*byte)));
    }
    pieces
}

fn first(text: &str) -> (Piece<'_>, usize) {
    if let Some(control) = text.strip_prefix("\x1b[")
        && let Some(end) = control.find(|c| matches!(c, '@'..='~'))
        && control[..end].bytes().all(|byte| matches!(byte, b' '..=b'?'))
    {
        let last = char::from(control.as_bytes()[end]);
        return (Piece::Control(&control[..end], last), 2 + end + 1);
    }
    if let Some(command) = text.strip_prefix("\x1b]")
        && let Some(end) = command.find('\x07')
    {
        return (Piece::Command(&command[..end]), 2 + end + 1);
    }
    match text.find('\x1b') {
        Some(0) => (Piece::Other(0x1b), 1),
        Some(end) => (Piece::Text(&text[..end]), end),
        None => (Piece::Text(text), text.len()),
    }
}

/// The first piece that the program itself would never send, in words.
pub fn first_stranger(output: &[u8]) -> Option<String> {
    pieces(output).into_iter().find(|piece| !is_own(piece)).map(|piece| format!("{piece:?}"))
}

fn is_own(piece: &Piece<'_>) -> bool {
    match piece {
        Piece::Text(text) => !text.chars().any(is_hidden),
        Piece::Control(parameters, 'h' | 'l') => MODES.contains(parameters),
        Piece::Control(parameters, 'H' | 'J' | 'K' | 'm') => {
            parameters.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b';'))
        }
        // The title of the window is saved and restored.
        Piece::Control("22;0" | "23;0", 't') => true,
        Piece::Control(..) | Piece::Other(_) => false,
        Piece::Command(text) => text.starts_with("52;c;") || is_own_title(text),
    }
}

/// Whether it sets a title of port and counts: `hookglass :3000 · 1,284 events 9 ✗`.
fn is_own_title(command: &str) -> bool {
    let counts = command.strip_prefix("0;hookglass :");
    counts.is_some_and(|text| text.chars().all(|c| c.is_ascii_digit() || ", ·events✗".contains(c)))
}

/// Controls but line ends, and characters that change the order or the look of others without being seen.
fn is_hidden(character: char) -> bool {
    let is_line_end = matches!(character, '\r' | '\n');
    let is_format = matches!(
        u32::from(character),
        0xad | 0x61c | 0x180e | 0x200b..=0x200f | 0x2028..=0x202e | 0x2060..=0x206f | 0xfeff | 0xfff9..=0xfffb | 0xe0000..=0xe007f
    );
    is_format || character.is_control() && !is_line_end
}

/// The colours that the output sets, as their parameters; the terminal's own do not count.
pub fn colours(output: &[u8]) -> Vec<String> {
    let styles = pieces(output).into_iter().filter_map(|piece| match piece {
        Piece::Control(parameters, 'm') => Some(parameters),
        _ => None,
    });
    styles.flat_map(|style| style.split(';')).filter(|code| is_colour(code)).map(str::to_owned).collect()
}

fn is_colour(code: &str) -> bool {
    matches!(code.parse(), Ok(30..=38 | 40..=48 | 58 | 90..=97 | 100..=107))
}

#[test]
fn foreign_sequences_are_distinguished_from_the_programs_own() {
    assert_eq!(first_stranger("\x1b[?1049h\x1b[1;1H\x1b[38;5;12mä ✓\r\n\x1b]52;c;YQ==\x07".as_bytes()), None);
    assert_eq!(first_stranger("\x1b[22;0t\x1b]0;hookglass :3000 · 1,284 events 9 ✗\x07\x1b[23;0t".as_bytes()), None);
    for stranger in [
        &b"\x1b]0;title\x07"[..],
        b"\x1b]0;hookglass :3000 jane@example.com\x07",
        b"\x1b[21t",
        b"\x1b[?1h",
        b"\x1b[6n",
        b"\x1bc",
        b"\x07",
        b"\xff",
        "\u{9b}31m".as_bytes(),
        "\u{202e}".as_bytes(),
        "\u{200b}".as_bytes(),
    ] {
        assert!(first_stranger(stranger).is_some(), "{stranger:?}");
    }
    assert_eq!(colours(b"\x1b[1;7m\x1b[39;49m\x1b[0m\x1b[38;5;12m\x1b[94m"), ["38", "94"]);
}
