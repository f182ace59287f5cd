//! One quoting for every shell that a command may be pasted into: sh (dash, busybox), bash, zsh and fish.
//!
//! A readable word is in single quotes, where nothing expands, not even history:
//!
//! | in the word | written as | because |
//! | --- | --- | --- |
//! | `'` | `"'"` outside the quotes | fish reads `\'` in single quotes as `'`, the others as `\` and the closing quote |
//! | `\\`, `\` before `'` or at the end | `\\` for each, outside the quotes | fish reads `\\` in single quotes as one |
//! | more than fits on a line | `'…'\⏎'…'` | a terminal drops the end of a long line, closing quote and all |
//!
//! A word with bytes on which a terminal or a clipboard would act is written as `"$(printf '…')"`, with octal escapes for everything
//! but letters, digits and a few other characters. All of it is, because fish 3.6 loses count of the quotes after such a part. Older than
//! 3.4, fish refuses the command.
//!
//! Inside a word two quotes never meet as `''`, because zsh reads that as one quote under `RC_QUOTES`. Every word is quoted, so that
//! no global alias of zsh (`alias -g`) replaces it. `base64 -d` works in GNU, busybox and macOS 13 or later.

use crate::core::printable::is_hidden;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// The longest line of a word, in bytes without its newline. Without a line editor, a terminal takes 4095 bytes on Linux and 1023 on
/// macOS; busybox's editor takes 1023. The rest is room for what a command has between words.
const MAX_LINE: usize = 900;

/// Appends one word that each of the shells reads as exactly `bytes`. They must not contain NUL, which no argument can.
///
/// The program still interprets the word: one that starts with `-` may be an option.
pub(crate) fn push_word(command: &mut String, bytes: &[u8]) {
    let mut word = Word::new(command);
    match std::str::from_utf8(bytes) {
        Ok("") => word.command.push_str("''"),
        Ok(text) if is_readable_text(text) => word.push_readable(text),
        _ => word.push_printed(bytes),
    }
    word.enter(Part::Outside);
}

/// Appends a command that writes any `bytes` to its standard output.
pub(crate) fn push_output(command: &mut String, bytes: &[u8]) {
    // `printf` is built into each of the shells, so its arguments can have any length.
    command.push_str("printf '%s' ");
    push_word(command, STANDARD.encode(bytes).as_bytes());
    command.push_str(" | base64 -d");
}

/// Whether [`push_word`] writes `text` without `printf`, so that people can read it.
///
/// An interactive bash replaces `!` and `^` with earlier commands. Quotes prevent that, but bash forgets them at the end of a line:
/// version 5.2 if the next line starts with `^`, version 3.2 (the one of macOS) always.
pub(crate) fn is_readable_text(text: &str) -> bool {
    text.chars().all(is_readable) && !(text.contains('\n') && text.contains(['!', '^']))
}

/// Whether a character is visible and survives a clipboard and a terminal unchanged.
fn is_readable(character: char) -> bool {
    match character {
        '\n' | ' ' => true,
        _ => !character.is_control() && !character.is_whitespace() && !is_hidden(character),
    }
}

/// The kind of quoting that is open at the end of the word.
#[derive(Clone, Copy, PartialEq)]
enum Part {
    /// None.
    Outside,
    Quotes,
    Printf,
}

impl Part {
    /// What opens and what closes it.
    fn ends(self) -> (&'static str, &'static str) {
        match self {
            Self::Outside => ("", ""),
            Self::Quotes => ("'", "'"),
            Self::Printf => ("\"$(printf '", "')\""),
        }
    }
}

struct Word<'a> {
    command: &'a mut String,
    part: Part,
    /// Where the last line of `command` begins.
    line: usize,
}

impl<'a> Word<'a> {
    fn new(command: &'a mut String) -> Self {
        let line = command.rfind('\n').map_or(0, |end| end + 1);
        Self { command, part: Part::Outside, line }
    }

    fn push_readable(&mut self, text: &str) {
        let mut rest = text;
        while let Some(character) = rest.chars().next() {
            let backslashes = rest.len() - rest.trim_start_matches('\\').len();
            let length = match (backslashes, rest.as_bytes().get(backslashes)) {
                (0, _) if character == '\'' => {
                    self.push(Part::Outside, "\"'\"");
                    1
                }
                (0, _) => {
                    self.push(Part::Quotes, &rest[..character.len_utf8()]);
                    character.len_utf8()
                }
                // Keeps JSON readable, which is full of `\"` and `\u00e9`. Never at the end of a line, where the quotes close.
                (1, Some(b' '..=b'&' | b'('..=b'~')) => {
                    self.push(Part::Quotes, &rest[..2]);
                    2
                }
                _ => {
                    (0..backslashes).for_each(|_| self.push(Part::Outside, "\\\\"));
                    backslashes
                }
            };
            rest = &rest[length..];
        }
    }

    fn push_printed(&mut self, bytes: &[u8]) {
        for byte in bytes {
            let character = char::from(*byte);
            // `$(…)` drops trailing newlines.
            if character == '\n' {
                self.push(Part::Quotes, "\n");
            } else if character.is_ascii_alphanumeric() || " .,:;/=+_@".contains(character) {
                self.push(Part::Printf, character.encode_utf8(&mut [0; 4]));
            } else {
                self.push(Part::Printf, &format!("\\{byte:03o}"));
            }
        }
    }

    /// Appends `text` in this kind of quoting, on the next line if this one has no room for it and the quotes around it.
    fn push(&mut self, part: Part, text: &str) {
        const QUOTES: usize = "'\"$(printf '')\"\\".len();
        if self.command.len() - self.line + text.len() + QUOTES > MAX_LINE {
            self.enter(Part::Outside);
            self.command.push_str("\\\n");
            self.line = self.command.len();
        }
        self.enter(part);
        self.command.push_str(text);
        if text.ends_with('\n') {
            self.line = self.command.len();
        }
    }

    fn enter(&mut self, part: Part) {
        if part != self.part {
            self.command.push_str(self.part.ends().1);
            self.command.push_str(part.ends().0);
            self.part = part;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(bytes: impl AsRef<[u8]>) -> String {
        let mut command = String::new();
        push_word(&mut command, bytes.as_ref());
        command
    }

    #[test]
    fn a_word_is_quoted_for_every_shell() {
        for (bytes, expected) in [
            (&b""[..], "''"),
            (b"POST", "'POST'"),
            (b"$(x) `x` !! %self ~ *", "'$(x) `x` !! %self ~ *'"),
            (b"it's", r#"'it'"'"'s'"#),
            (b"'", r#""'""#),
            (b"''", r#""'""'""#),
            (br#"{"a":"\"\u00e9\n"}"#, r#"'{"a":"\"\u00e9\n"}'"#),
            (br"C:\\a\b", r"'C:'\\\\'a\b'"),
            (br"\", r"\\"),
            (br"\\", r"\\\\"),
            (br"a\'", r#"'a'\\"'""#),
            (br"a\\'b", r#"'a'\\\\"'"'b'"#),
            (b"a\\", r"'a'\\"),
            (b"\\\n", "\\\\'\n'"),
            ("\\\u{e9}".as_bytes(), "\\\\'\u{e9}'"),
            (b"a!b^c", "'a!b^c'"),
            (b"-a\tb$(x)", r#""$(printf '\055a\011b\044\050x\051')""#),
            (b"X-Name: Jos\xe9 100%", r#""$(printf 'X\055Name: Jos\351 100\045')""#),
            ("a\u{202e}\u{a0}".as_bytes(), r#""$(printf 'a\342\200\256\302\240')""#),
            (b"a!\n\n^", "\"$(printf 'a\\041')\"'\n\n'\"$(printf '\\136')\""),
        ] {
            assert_eq!(word(bytes), expected);
        }
    }

    #[test]
    fn every_line_fits_the_input_line_of_a_terminal() {
        for bytes in [&b"x"[..], b"'", b"\\", b"\\n", b"\xff", b"\\\\'\xff\"x", "\u{1f600}".as_bytes(), b"!!\n"] {
            let bytes = bytes.repeat(5 * MAX_LINE);
            for before in [0, MAX_LINE - 40, MAX_LINE - 1] {
                let mut command = "-".repeat(before);
                push_word(&mut command, &bytes);
                assert!(command.split('\n').all(|line| line.len() <= MAX_LINE), "{command:.3000}");
                assert!(!command.contains("\\'\\\n"), "fish does not end the quotes at `\\'`");
            }
        }
    }

    #[test]
    fn readable_text_needs_no_printf() {
        for text in ["{\"a\": \"it's \\\\ \u{e9} \u{1f600}\"}\n", "!!^", ""] {
            assert!(is_readable_text(text) && !word(text).contains("printf"), "{text}");
        }
        for text in ["a\tb", "\r\n", "\u{1b}[201~", "\u{9b}", "\u{2028}", "\u{e000}", "\u{ffff}", "a\n!", "\n^a^b"] {
            assert!(!is_readable_text(text) && word(text).contains("printf"), "{text}");
        }
    }
}
