//! Objects as JSON, Python, JavaScript and Ruby write them, read by one grammar: the strings, lists and pairs that headers need.

use super::{PasteError, line_at};

/// Most containers in each other.
const MAX_DEPTH: usize = 64;
/// Most values in a file: an export of a browser has some 100,000.
const MAX_VALUES: usize = 2_000_000;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    Null,
    Truth(bool),
    /// As written.
    Number(Vec<u8>),
    Text(Vec<u8>),
    List(Vec<Value>),
    Map(Vec<Member>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Member {
    pub name: Vec<u8>,
    /// The number of its line.
    pub line: usize,
    pub value: Value,
}

impl Value {
    /// The member `name` of a map.
    pub(super) fn member(&self, name: &str) -> Option<&Self> {
        let Self::Map(members) = self else { return None };
        members.iter().find(|member| member.name == name.as_bytes()).map(|member| &member.value)
    }

    pub(super) fn is_container(&self) -> bool {
        matches!(self, Self::List(_) | Self::Map(_))
    }
}

/// Reads the value that begins at `start`. Only brackets that close a constructor may follow it.
pub(super) fn read(text: &[u8], start: usize) -> Result<Value, PasteError> {
    let mut reader = Reader { text, at: start, left: MAX_VALUES, line: (0, 1) };
    let value = reader.value(MAX_DEPTH)?;
    reader.skip_white();
    let rest = text[reader.at..].trim_ascii();
    let is_end = rest.iter().all(|byte| matches!(byte, b')' | b'>' | b';'));
    if is_end { Ok(value) } else { Err(reader.refused("has text behind the object")) }
}

struct Reader<'t> {
    text: &'t [u8],
    at: usize,
    /// How many more values may be read.
    left: usize,
    /// A place before `at`, and its line: counting from the start each time would take long.
    line: (usize, usize),
}

impl Reader<'_> {
    fn refused(&self, why: &'static str) -> PasteError {
        PasteError::at(line_at(self.text, self.at), why)
    }

    fn line(&mut self) -> usize {
        let (place, line) = self.line;
        self.line = (self.at, line - 1 + line_at(&self.text[place..], self.at - place));
        self.line.1
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn skip_white(&mut self) {
        while self.peek().is_some_and(|byte| byte.is_ascii_whitespace()) {
            self.at += 1;
        }
    }

    /// Whether `token` comes next. It is then read.
    fn takes(&mut self, token: &[u8]) -> bool {
        let is_next = self.text[self.at..].starts_with(token);
        self.at += if is_next { token.len() } else { 0 };
        is_next
    }

    fn value(&mut self, depth: usize) -> Result<Value, PasteError> {
        self.skip_white();
        let Some(depth) = depth.checked_sub(1) else { return Err(self.refused("has too many brackets in each other")) };
        let Some(left) = self.left.checked_sub(1) else { return Err(self.refused("has more values than are read")) };
        self.left = left;
        match self.peek() {
            Some(b'{') => self.map(depth),
            Some(b'[') => self.list(b']', depth),
            Some(b'(') => self.list(b')', depth),
            Some(b'0'..=b'9' | b'-') => {
                Ok(Value::Number(self.run(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b'.'))))
            }
            Some(_) if self.is_string() => self.string().map(Value::Text),
            Some(_) => self.word(),
            None => Err(self.refused("ends in the middle of the object")),
        }
    }

    fn run(&mut self, is_part: impl Fn(u8) -> bool) -> Vec<u8> {
        let length = self.text[self.at..].iter().take_while(|byte| is_part(**byte)).count();
        let run = self.text[self.at..self.at + length].to_vec();
        self.at += length;
        run
    }

    fn word(&mut self) -> Result<Value, PasteError> {
        let start = self.at;
        let word = self.run(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        match &word[..] {
            b"null" | b"None" | b"nil" | b"undefined" => Ok(Value::Null),
            b"true" | b"True" => Ok(Value::Truth(true)),
            b"false" | b"False" => Ok(Value::Truth(false)),
            _ => {
                self.at = start;
                Err(self.refused("has something that is no string, number or list"))
            }
        }
    }

    fn list(&mut self, end: u8, depth: usize) -> Result<Value, PasteError> {
        self.at += 1;
        let mut values = Vec::new();
        while !self.is_over(end)? {
            values.push(self.value(depth)?);
            self.separate(end)?;
        }
        Ok(Value::List(values))
    }

    fn map(&mut self, depth: usize) -> Result<Value, PasteError> {
        self.at += 1;
        let mut members = Vec::new();
        while !self.is_over(b'}')? {
            let line = self.line();
            let name = if self.is_string() { self.string()? } else { self.run(is_name) };
            self.skip_white();
            if !(self.takes(b"=>") || self.takes(b":")) {
                return Err(self.refused("has no `:` behind a name"));
            }
            members.push(Member { name, line, value: self.value(depth)? });
            self.separate(b'}')?;
        }
        Ok(Value::Map(members))
    }

    /// Whether the container ends with `end` here. The end is then read.
    fn is_over(&mut self, end: u8) -> Result<bool, PasteError> {
        self.skip_white();
        if self.peek().is_none() {
            Err(self.refused("ends in the middle of the object"))
        } else {
            Ok(self.takes(&[end]))
        }
    }

    /// Reads what stands between two elements.
    fn separate(&mut self, end: u8) -> Result<(), PasteError> {
        self.skip_white();
        if self.takes(b",") || self.peek() == Some(end) {
            return Ok(());
        }
        Err(self.refused(if self.peek().is_none() {
            "ends in the middle of the object"
        } else {
            "has no `,` between two values"
        }))
    }

    /// Whether a string begins here, perhaps with the letters that Python writes before it.
    fn is_string(&self) -> bool {
        let text = &self.text[self.at..];
        let letters = text.iter().take(2).take_while(|byte| matches!(byte, b'b' | b'B' | b'u' | b'U')).count();
        matches!(text.get(letters), Some(b'"' | b'\''))
    }

    fn string(&mut self) -> Result<Vec<u8>, PasteError> {
        let letters = self.run(|byte| byte.is_ascii_alphabetic());
        let is_bytes = letters.iter().any(|byte| matches!(byte, b'b' | b'B'));
        let Some(quote) = self.peek() else { return Err(self.refused("ends in the middle of the object")) };
        self.at += 1;
        let mut bytes = Vec::new();
        loop {
            let rest = &self.text[self.at..];
            let Some(length) = memchr::memchr2(quote, b'\\', rest) else {
                return Err(self.refused("has a string that is not closed"));
            };
            bytes.extend_from_slice(&rest[..length]);
            self.at += length + 1;
            if rest[length] == quote {
                return Ok(bytes);
            }
            self.escape(is_bytes, &mut bytes)?;
        }
    }

    /// Reads what follows a backslash.
    fn escape(&mut self, is_bytes: bool, bytes: &mut Vec<u8>) -> Result<(), PasteError> {
        let Some(letter) = self.peek() else { return Err(self.refused("has a string that is not closed")) };
        self.at += 1;
        let code = match letter {
            b'n' => 0x0a,
            b'r' => 0x0d,
            b't' => 0x09,
            b'b' => 0x08,
            b'f' => 0x0c,
            b'v' => 0x0b,
            b'0' => 0,
            b'"' | b'\'' | b'\\' | b'/' | b'`' => u32::from(letter),
            b'x' => {
                let code = self.hexadecimal(2)?;
                if is_bytes {
                    bytes.extend(u8::try_from(code));
                    return Ok(());
                }
                code
            }
            b'u' => match self.hexadecimal(4)? {
                first @ 0xd800..=0xdbff if self.takes(b"\\u") => match self.hexadecimal(4)? {
                    second @ 0xdc00..=0xdfff => 0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00),
                    _ => return Err(self.refused(ESCAPE)),
                },
                code => code,
            },
            b'U' => self.hexadecimal(8)?,
            _ => return Err(self.refused(ESCAPE)),
        };
        let Some(character) = char::from_u32(code) else { return Err(self.refused(ESCAPE)) };
        bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
        Ok(())
    }

    fn hexadecimal(&mut self, count: usize) -> Result<u32, PasteError> {
        let digits = self.text.get(self.at..self.at + count).and_then(|digits| str::from_utf8(digits).ok());
        let is_plain = |digits: &&str| digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        let code = digits.filter(is_plain).and_then(|digits| u32::from_str_radix(digits, 16).ok());
        self.at += if code.is_some() { count } else { 0 };
        code.ok_or_else(|| self.refused(ESCAPE))
    }
}

const ESCAPE: &str = "has an escape that is not valid in a string";

/// What may be in a name without quotes, as Node prints it.
fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$' | b'-')
}
