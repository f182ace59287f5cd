//! How the signature header is written.

use super::Row;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};

const WRONG: &str = "v1,AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

/// The right signature in its parts.
pub struct Signature {
    digest: Vec<u8>,
    base64: String,
    /// `v1,<base64>`
    whole: String,
}

impl Signature {
    /// `None` stands for a secret that cannot sign: then there is something of the same form.
    pub fn read(signed: Option<&str>) -> Self {
        let whole = signed.unwrap_or("v1,/////////////////////////////////////////+8=").to_owned();
        let base64 = whole["v1,".len()..].to_owned();
        Self { digest: STANDARD.decode(&base64).unwrap(), base64, whole }
    }

    /// Without the padding.
    fn bare(&self) -> &str {
        self.base64.trim_end_matches('=')
    }

    /// `text` put in after `place` characters of the digest.
    fn with(&self, place: usize, text: &[u8]) -> Vec<u8> {
        let (start, end) = self.base64.split_at(place);
        [b"v1,", start.as_bytes(), text, end.as_bytes()].concat()
    }
}

type Writing = fn(&Signature) -> Vec<u8>;

/// The header's value.
pub const SIGNATURES: [Row<Writing>; 47] = [
    ("usual signature", |s| text(&s.whole)),
    ("wrong one first", |s| text(format!("{WRONG} {}", s.whole))),
    ("wrong one after", |s| text(format!("{} {WRONG}", s.whole))),
    ("fifty wrong ones first", |s| text(format!("{}{}", format!("{WRONG} ").repeat(50), s.whole))),
    ("other versions first", |s| text(format!("v2,QUJD v1a,QUJD {}", s.whole))),
    ("other version of bad base64 first", |s| text(format!("v2,A {}", s.whole))),
    ("other version with a Latin-1 character first", |s| bytes(&[b"v2,\xe9 ", s.whole.as_bytes()])),
    ("other version of bad base64 after", |s| text(format!("{} v2,A", s.whole))),
    ("version alone first", |s| text(format!("v1 {}", s.whole))),
    ("version alone after", |s| text(format!("{} v1", s.whole))),
    ("version with an empty digest first", |s| text(format!("v1, {}", s.whole))),
    ("version with an empty digest", |_| text("v1,")),
    ("word first", |s| text(format!("word {}", s.whole))),
    ("comma first", |s| text(format!(", {}", s.whole))),
    ("short digest first", |s| text(format!("v1,QUJD {}", s.whole))),
    ("short digest after", |s| text(format!("{} v1,QUJD", s.whole))),
    ("bad base64 first", |s| text(format!("v1,A {}", s.whole))),
    ("two blanks between", |s| text(format!("{WRONG}  {}", s.whole))),
    ("tab between, right one first", |s| text(format!("{}\t{WRONG}", s.whole))),
    ("tab between, right one last", |s| text(format!("{WRONG}\t{}", s.whole))),
    ("comma between, right one first", |s| text(format!("{},{WRONG}", s.whole))),
    ("comma between, right one last", |s| text(format!("{WRONG},{}", s.whole))),
    ("semicolon between", |s| text(format!("{};{WRONG}", s.whole))),
    ("no padding", |s| text(format!("v1,{}", s.bare()))),
    ("too much padding", |s| text(format!("{}=", s.whole))),
    ("text behind the padding", |s| text(format!("{}QUJD", s.whole))),
    ("URL-safe digest", |s| text(format!("v1,{}", URL_SAFE.encode(&s.digest)))),
    ("trailing bits", |s| text(format!("v1,{}=", with_trailing_bits(s.bare())))),
    ("padding inside", |s| s.with(8, b"=")),
    ("foreign character inside", |s| s.with(8, b"!")),
    ("hyphen inside", |s| s.with(8, b"-")),
    ("Latin-1 character inside", |s| s.with(8, b"\xe9")),
    ("low half of a letter inside", |s| s.with(8, "\u{141}".as_bytes())),
    ("tab inside", |s| s.with(8, b"\t")),
    ("blank after the comma", |s| text(format!("v1, {}", s.base64))),
    ("another field", |s| text(format!("{},more", s.whole))),
    ("two commas", |s| text(format!("v1,,{}", s.base64))),
    ("upper-case version", |s| text(format!("V1,{}", s.base64))),
    ("`=` for the comma", |s| text(format!("v1={}", s.base64))),
    ("digest alone", |s| text(&s.base64)),
    ("in hexadecimal", |s| text(format!("v1,{}", s.digest.iter().map(|b| format!("{b:02x}")).collect::<String>()))),
    ("in the documents' form", |s| text(format!("t=1752556707,v1={}", s.base64))),
    ("in quotes", |s| text(format!("\"{}\"", s.whole))),
    ("one character changed", |s| {
        let other = if s.base64.starts_with('A') { "B" } else { "A" };
        text(format!("v1,{other}{}", &s.base64[1..]))
    }),
    ("cut short", |s| text(&s.whole[..s.whole.len() - 2])),
    ("digest twice over", |s| text(format!("v1,{}{}", s.bare(), s.base64))),
    ("a blank of Latin-1 first", |s| bytes(&[b"\xa0", s.whole.as_bytes()])),
];

fn text(value: impl AsRef<str>) -> Vec<u8> {
    value.as_ref().as_bytes().to_vec()
}

fn bytes(parts: &[&[u8]]) -> Vec<u8> {
    parts.concat()
}

/// The same 32 bytes, with the two unused bits of the last character set.
fn with_trailing_bits(bare: &str) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (start, last) = bare.split_at(bare.len() - 1);
    let value = ALPHABET.iter().position(|letter| letter == &last.as_bytes()[0]).unwrap();
    format!("{start}{}", char::from(ALPHABET[value | 3]))
}
