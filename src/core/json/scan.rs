//! Splits bytes into JSON tokens: strict (RFC 8259, what `JSON.parse` accepts), iterative, without copying.
//!
//! A level of nesting costs one bit, so only memory limits the depth.

use std::ops::Range;

/// Where bytes stop being JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not JSON at byte {at}: expected {expected}")]
pub struct Error {
    /// The offset of the first byte that cannot be part of JSON. The length of the text if it ends too early.
    pub at: usize,
    /// What would be valid there, in words.
    pub expected: &'static str,
}

/// A place in a text. Both numbers count from 1, and columns count characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    pub line: usize,
    pub column: usize,
}

impl Error {
    /// The place of the error in `bytes`, the text that was scanned. Lines end with LF.
    pub fn position(&self, bytes: &[u8]) -> Position {
        let before = &bytes[..self.at.min(bytes.len())];
        let line_start = memchr::memrchr(b'\n', before).map_or(0, |end| end + 1);
        let is_first = |byte: &&u8| **byte & 0xC0 != 0x80;
        Position {
            line: 1 + memchr::memchr_iter(b'\n', before).count(),
            column: 1 + before[line_start..].iter().filter(is_first).count(),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    OpenObject,
    CloseObject,
    OpenArray,
    CloseArray,
    /// The string before a colon.
    Key,
    String,
    Number,
    True,
    False,
    Null,
    Comma,
    Colon,
}

impl TokenKind {
    /// Whether this token is a complete value: not a bracket, a key or punctuation.
    pub(crate) fn is_scalar(self) -> bool {
        matches!(self, Self::String | Self::Number | Self::True | Self::False | Self::Null)
    }
}

/// A token and its range of bytes. Strings and keys include their quotes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    pub kind: TokenKind,
    pub range: Range<usize>,
}

/// The tokens of `bytes`. The first error ends them. White space between tokens is skipped.
pub fn scan(bytes: &[u8]) -> Tokens<'_> {
    let (text_end, end_error) = match std::str::from_utf8(bytes) {
        Ok(_) => (bytes.len(), None),
        Err(error) => (error.valid_up_to(), Some("UTF-8")),
    };
    Tokens { bytes: &bytes[..text_end], at: 0, expects: Expects::Value, nesting: Nesting::default(), end_error }
}

/// Checks that `bytes` are one JSON value. A byte order mark is not JSON.
pub fn validate(bytes: &[u8]) -> Result<(), Error> {
    scan(bytes).try_for_each(|token| token.map(drop))
}

/// What may come next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expects {
    Value,
    ValueOrClose,
    Key,
    KeyOrClose,
    Colon,
    CommaOrClose,
    End,
    /// An error was returned.
    Nothing,
}

/// See [`scan`].
#[derive(Clone, Debug)]
pub struct Tokens<'a> {
    bytes: &'a [u8],
    at: usize,
    expects: Expects,
    nesting: Nesting,
    /// What is expected after `bytes`, if they end where the text stops being UTF-8.
    end_error: Option<&'static str>,
}

impl Iterator for Tokens<'_> {
    type Item = Result<Token, Error>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        self.at = skip_white(self.bytes, self.at);
        let at = self.at;
        let Some(&byte) = self.bytes.get(at) else {
            return self.finish();
        };
        let kind = match (self.expects, byte) {
            (Expects::CommaOrClose, b',') => {
                self.expects = if self.nesting.is_object() { Expects::Key } else { Expects::Value };
                TokenKind::Comma
            }
            (Expects::Colon, b':') => {
                self.expects = Expects::Value;
                TokenKind::Colon
            }
            (Expects::Key | Expects::KeyOrClose, b'"') => {
                self.expects = Expects::Colon;
                return Some(self.string(TokenKind::Key));
            }
            (Expects::Value | Expects::ValueOrClose, b'"') => {
                self.expects = self.nesting.after_value();
                return Some(self.string(TokenKind::String));
            }
            (Expects::Value | Expects::ValueOrClose, b'{') => {
                self.nesting.open(true);
                self.expects = Expects::KeyOrClose;
                TokenKind::OpenObject
            }
            (Expects::Value | Expects::ValueOrClose, b'[') => {
                self.nesting.open(false);
                self.expects = Expects::ValueOrClose;
                TokenKind::OpenArray
            }
            (Expects::KeyOrClose, b'}') => self.close(TokenKind::CloseObject),
            (Expects::ValueOrClose, b']') => self.close(TokenKind::CloseArray),
            (Expects::CommaOrClose, b'}') if self.nesting.is_object() => self.close(TokenKind::CloseObject),
            (Expects::CommaOrClose, b']') if !self.nesting.is_object() => self.close(TokenKind::CloseArray),
            (Expects::Value | Expects::ValueOrClose, b'-' | b'0'..=b'9') => {
                self.expects = self.nesting.after_value();
                return Some(self.number());
            }
            (Expects::Value | Expects::ValueOrClose, b't') => return Some(self.word(b"true", TokenKind::True)),
            (Expects::Value | Expects::ValueOrClose, b'f') => return Some(self.word(b"false", TokenKind::False)),
            (Expects::Value | Expects::ValueOrClose, b'n') => return Some(self.word(b"null", TokenKind::Null)),
            (Expects::Nothing, _) => return None,
            _ => return Some(self.fail(at, self.expected())),
        };
        self.at = at + 1;
        Some(Ok(Token { kind, range: at..at + 1 }))
    }
}

impl Tokens<'_> {
    /// Continues at `at` as if a text began there. For texts of several values, and after an error.
    pub(crate) fn restart(&mut self, at: usize) {
        (self.at, self.expects, self.nesting) = (at, Expects::Value, Nesting::default());
    }

    fn close(&mut self, kind: TokenKind) -> TokenKind {
        self.nesting.close();
        self.expects = self.nesting.after_value();
        kind
    }

    /// Ends the tokens at the end of the text.
    #[cold]
    fn finish(&mut self) -> Option<Result<Token, Error>> {
        match self.expects {
            Expects::Nothing => None,
            Expects::End if self.end_error.is_none() => None,
            _ => Some(self.fail(self.at, self.expected())),
        }
    }

    #[cold]
    fn fail(&mut self, at: usize, expected: &'static str) -> Result<Token, Error> {
        self.expects = Expects::Nothing;
        let expected = self.end_error.filter(|_| at >= self.bytes.len()).unwrap_or(expected);
        Err(Error { at, expected })
    }

    fn expected(&self) -> &'static str {
        match self.expects {
            Expects::Value if self.bytes.starts_with(b"\xEF\xBB\xBF") && self.at == 0 => {
                "a value, not a byte order mark"
            }
            Expects::Value => "a value",
            Expects::ValueOrClose => "a value or `]`",
            Expects::Key => "a key in double quotes",
            Expects::KeyOrClose => "a key in double quotes or `}`",
            Expects::Colon => "`:`",
            Expects::CommaOrClose if self.nesting.is_object() => "`,` or `}`",
            Expects::CommaOrClose => "`,` or `]`",
            Expects::End | Expects::Nothing => "the end of the text",
        }
    }

    #[inline]
    fn string(&mut self, kind: TokenKind) -> Result<Token, Error> {
        let start = self.at;
        let mut at = start + 1;
        loop {
            at = skip_plain(self.bytes, at);
            match self.bytes.get(at) {
                Some(b'"') => {
                    self.at = at + 1;
                    return Ok(Token { kind, range: start..at + 1 });
                }
                Some(b'\\') => match escape_length(self.bytes, at) {
                    Ok(length) => at += length,
                    Err(error) => return self.fail(error.at, error.expected),
                },
                Some(_) => return self.fail(at, "a control character in a string to be escaped"),
                None => return self.fail(at, "`\"` at the end of a string"),
            }
        }
    }

    #[inline]
    fn number(&mut self) -> Result<Token, Error> {
        let start = self.at;
        let mut at = start + usize::from(self.bytes[start] == b'-');
        let digits = |at: usize| at + self.bytes[at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        let integer_end = digits(at);
        if integer_end == at {
            return self.fail(at, "a digit");
        }
        // After a leading zero, only `.` or `e` can continue the number.
        at = if self.bytes[at] == b'0' { at + 1 } else { integer_end };
        if self.bytes.get(at) == Some(&b'.') {
            let fraction_end = digits(at + 1);
            if fraction_end == at + 1 {
                return self.fail(fraction_end, "a digit");
            }
            at = fraction_end;
        }
        if let Some(b'e' | b'E') = self.bytes.get(at) {
            at += 1;
            at += usize::from(matches!(self.bytes.get(at), Some(b'+' | b'-')));
            let exponent_end = digits(at);
            if exponent_end == at {
                return self.fail(at, "a digit");
            }
            at = exponent_end;
        }
        self.at = at;
        Ok(Token { kind: TokenKind::Number, range: start..at })
    }

    fn word(&mut self, word: &'static [u8], kind: TokenKind) -> Result<Token, Error> {
        let start = self.at;
        let rest = &self.bytes[start..];
        if !rest.starts_with(word) {
            let same = rest.iter().zip(word).take_while(|(byte, wanted)| byte == wanted).count();
            return self.fail(
                start + same,
                if word == b"true" {
                    "`true`"
                } else if word == b"false" {
                    "`false`"
                } else {
                    "`null`"
                },
            );
        }
        self.at = start + word.len();
        self.expects = self.nesting.after_value();
        Ok(Token { kind, range: start..self.at })
    }
}

/// The length in bytes of the escape that starts at `at`.
fn escape_length(bytes: &[u8], at: usize) -> Result<usize, Error> {
    match bytes.get(at + 1) {
        Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => Ok(2),
        Some(b'u') => match (at + 2..at + 6).find(|at| !bytes.get(*at).is_some_and(u8::is_ascii_hexdigit)) {
            None => Ok(6),
            Some(at) => Err(Error { at, expected: "four hexadecimal digits after `\\u`" }),
        },
        _ => Err(Error { at: at + 1, expected: "one of `\"\\/bfnrtu` after `\\`" }),
    }
}

/// The first offset from `at` on that is not JSON white space.
#[inline]
pub(super) fn skip_white(bytes: &[u8], mut at: usize) -> usize {
    while let Some(b' ' | b'\n' | b'\r' | b'\t') = bytes.get(at) {
        at += 1;
    }
    at
}

/// The first offset from `at` on with a quote, a backslash or a control character. The length if there is none.
#[inline]
pub(super) fn skip_plain(bytes: &[u8], mut at: usize) -> usize {
    const ONES: u64 = u64::MAX / 0xFF;
    const HIGHS: u64 = ONES << 7;
    // Eight bytes at a time: each byte of `word` that ends the run sets its high bit in `hits`. A borrow can set
    // further bits, but only above the lowest one, and only that one is used.
    while let Some(chunk) = bytes.get(at..).and_then(<[u8]>::first_chunk::<8>) {
        let word = u64::from_le_bytes(*chunk);
        let has_zero = |word: u64| word.wrapping_sub(ONES) & !word;
        let controls = word.wrapping_sub(ONES * 0x20) & !word;
        let hits = (has_zero(word ^ (ONES * 0x22)) | has_zero(word ^ (ONES * 0x5C)) | controls) & HIGHS;
        if hits != 0 {
            return at + (hits.trailing_zeros() / 8) as usize;
        }
        at += 8;
    }
    while bytes.get(at).is_some_and(|byte| *byte >= 0x20 && *byte != b'"' && *byte != b'\\') {
        at += 1;
    }
    at
}

/// Which open containers are objects: one bit each, the innermost in the lowest.
#[derive(Clone, Debug, Default)]
struct Nesting {
    depth: usize,
    innermost: u64,
    /// Full words below `innermost`.
    outer: Vec<u64>,
}

impl Nesting {
    #[inline]
    fn open(&mut self, is_object: bool) {
        if self.depth > 0 && self.depth.is_multiple_of(64) {
            self.outer.push(self.innermost);
        }
        self.innermost = self.innermost << 1 | u64::from(is_object);
        self.depth += 1;
    }

    /// At least one container must be open.
    #[inline]
    fn close(&mut self) {
        self.depth -= 1;
        self.innermost >>= 1;
        if self.depth > 0 && self.depth.is_multiple_of(64) {
            self.innermost = self.outer.pop().expect("a word is pushed every 64 levels");
        }
    }

    #[inline]
    fn is_object(&self) -> bool {
        self.innermost & 1 == 1
    }

    #[inline]
    fn after_value(&self) -> Expects {
        if self.depth == 0 { Expects::End } else { Expects::CommaOrClose }
    }
}
