//! Names and text literals of generated code. What comes from a payload is either a plain identifier or an escaped literal in ASCII.

use std::collections::HashSet;
use std::fmt::Write;

/// Names of types that are unique in a file.
pub(super) struct Names(HashSet<String>);

impl Names {
    /// `taken` are those that the file uses already.
    pub fn new(taken: &[&str]) -> Self {
        Self(taken.iter().map(|name| (*name).to_owned()).collect())
    }

    /// `UserSignup` for `user.signup`, with a number if that is taken.
    pub fn type_name(&mut self, text: &str) -> String {
        let words = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
        let mut name: String = words.take(8).map(capitalised).collect();
        name.truncate(64);
        if !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
            name.insert_str(0, "Type");
        }
        self.unique(name)
    }

    fn unique(&mut self, name: String) -> String {
        let numbered = (2..).map(|number| format!("{name}{number}"));
        let mut names = std::iter::once(name.clone()).chain(numbered);
        let unique = names.find(|name| !self.0.contains(name)).expect("there are infinitely many numbers");
        self.0.insert(unique.clone());
        unique
    }

    /// A field name that no other field has: `wanted` if it is free, otherwise with `_` or a number after it.
    pub fn field_name(&mut self, wanted: String) -> String {
        let is_taken = self.0.contains(&wanted);
        self.unique(if is_taken { wanted + "_" } else { wanted })
    }
}

/// `PRE_SIGNUP` has the words `Pre` and `Signup`.
fn capitalised(word: &str) -> String {
    let is_shouted = !word.bytes().any(|byte| byte.is_ascii_lowercase());
    let (first, rest) = word.split_at(1);
    first.to_ascii_uppercase() + &if is_shouted { rest.to_ascii_lowercase() } else { rest.to_owned() }
}

/// Whether `text` is an identifier in ASCII: a letter or `_`, then those and digits.
pub(super) fn is_identifier(text: &str) -> bool {
    let is_first = |byte: u8| byte.is_ascii_alphabetic() || byte == b'_';
    text.bytes().next().is_some_and(is_first) && text.bytes().all(|byte| is_first(byte) || byte.is_ascii_digit())
}

/// `text` as a literal in double quotes. Everything but printable ASCII is escaped: in JavaScript by UTF-16 units, in Python by
/// characters.
pub(super) fn literal(text: &str, is_python: bool) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => out.extend(['\\', character]),
            ' '..='~' => out.push(character),
            _ if is_python => write!(out, "\\U{:08x}", u32::from(character)).expect("a String takes all text"),
            _ => {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    write!(out, "\\u{unit:04x}").expect("a String takes all text");
                }
            }
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_get_unique_names_in_one_style() {
        let mut names = Names::new(&["Field"]);
        let made = ["user.signup", "user.signup", "PRE_SIGNUP", "field", "1.2", "…", "a*/b\n;x"]
            .map(|name| names.type_name(name));
        assert_eq!(made, ["UserSignup", "UserSignup2", "PreSignup", "Field2", "Type12", "Type", "ABX"]);
    }

    #[test]
    fn literals_are_ascii_and_escaped() {
        assert_eq!(literal("a\"b\\\n\u{2028}😀", false), r#""a\"b\\\u000a\u2028\ud83d\ude00""#);
        assert_eq!(literal("é😀", true), r#""\U000000e9\U0001f600""#);
    }
}
