//! Bodies as they are signed, and what may happen to them on the way.

use super::Row;
use fastrand::Rng;

const BOM: &[u8] = b"\xef\xbb\xbf";

/// So many of the first bodies are UTF-8.
pub const UTF8: usize = 17;

type Body = fn(&mut Rng) -> Vec<u8>;
type Alteration = fn(Vec<u8>, &mut Rng) -> Vec<u8>;

pub const BODIES: [Row<Body>; 27] = [
    ("usual body", |random| json(random)),
    ("pretty-printed", |random| indented(random, "\n")),
    ("with CRLFs", |random| indented(random, "\r\n")),
    ("with a final newline", |random| [&json(random), &b"\n"[..]].concat()),
    ("with a BOM", |random| [BOM, &json(random)].concat()),
    ("with two BOMs", |random| [BOM, BOM, &json(random)].concat()),
    ("BOM alone", |_| BOM.to_vec()),
    ("empty body", |_| Vec::new()),
    ("newline alone", |_| b"\n".to_vec()),
    ("control characters", |_| (0..0x20).chain([0x7f]).collect()),
    ("letters of the world", |_| "{\"name\":\"Zo\u{eb} \u{5f20}\u{4f1f} \u{1f600} e\u{301}\"}".into()),
    ("escaped letters", |_| br#"{"name":"\u00e9\ud83d\ude00\/"}"#.to_vec()),
    ("line separators", |_| "\u{85}\u{2028}\u{2029}".into()),
    ("replacement characters", |_| "a\u{fffd}b\u{fffd}\u{fffd}".into()),
    ("a form", |_| b"a=1&b=%20&c=+".to_vec()),
    ("JSON with odd numbers and double keys", |_| br#"{"a":1.0,"a":1e400,"b":12345678901234567890}"#.to_vec()),
    ("300 KB", |random| json(random).repeat(3000)),
    ("Latin-1", |_| b"{\"name\":\"Zo\xeb\"}".to_vec()),
    ("cut within a character", |_| b"{\"name\":\"\xf0\x9f\x98".to_vec()),
    ("cut within two characters", |_| b"\xe5\xbc\xe4\xbc".to_vec()),
    ("a surrogate", |_| b"a\xed\xa0\x80b".to_vec()),
    ("an overlong zero", |_| b"a\xc0\x80\xe0\x80\x80b".to_vec()),
    ("beyond Unicode", |_| b"\xf4\x90\x80\x80\xf5\xff\xfe".to_vec()),
    ("continuations alone", |_| b"\x80\x81\xbf\xbfa".to_vec()),
    ("UTF-16", |_| "{\"a\":1}".encode_utf16().flat_map(u16::to_le_bytes).collect()),
    ("random bytes", |random| (0..random.usize(1..200)).map(|_| random.u8(..)).collect()),
    ("random bytes from 0x80", |random| (0..random.usize(1..60)).map(|_| random.u8(0x80..)).collect()),
];

pub const ALTERATIONS: [Row<Alteration>; 18] = [
    ("not altered", |body, _| body),
    ("a bit flipped", |mut body, random| {
        if !body.is_empty() {
            let place = random.usize(..body.len());
            body[place] ^= 1 << random.u8(..7);
        }
        body
    }),
    ("newline added", |body, _| [&body, &b"\n"[..]].concat()),
    ("CRLF added", |body, _| [&body, &b"\r\n"[..]].concat()),
    ("final newline removed", |body, _| body.trim_ascii_end().to_vec()),
    ("blank added", |body, _| [&body, &b" "[..]].concat()),
    ("NUL added", |body, _| [&body, &b"\0"[..]].concat()),
    ("BOM added", |body, _| [BOM, &body].concat()),
    ("BOM removed", |body, _| body.strip_prefix(BOM).unwrap_or(&body).to_vec()),
    ("newlines to CRLFs", |body, _| replaced(&body, b"\n", b"\r\n")),
    ("CRLFs to newlines", |body, _| replaced(&body, b"\r\n", b"\n")),
    ("blanks after separators", |body, _| replaced(&replaced(&body, b",", b", "), b":", b": ")),
    ("decoded and encoded", |body, _| String::from_utf8_lossy(&body).into_owned().into_bytes()),
    ("byte 0xff added", |body, _| [&body, &b"\xff"[..]].concat()),
    ("last byte cut", |mut body, _| {
        body.pop();
        body
    }),
    ("first byte cut", |body, _| body.get(1..).unwrap_or_default().to_vec()),
    ("emptied", |_, _| Vec::new()),
    ("twice", |body, _| body.repeat(2)),
];

/// The provider's envelope, different each time.
fn json(random: &mut Rng) -> Vec<u8> {
    let number = random.u32(..);
    format!(r#"{{"spec_version":"1","id":"evt_{number}","type":"user.signup","data":{{"email":"jane@example.com"}}}}"#)
        .into_bytes()
}

fn indented(random: &mut Rng, line_end: &str) -> Vec<u8> {
    let number = random.u32(..);
    ["{", &format!("  \"id\": \"evt_{number}\","), "  \"type\": \"user.signup\"", "}"].join(line_end).into_bytes()
}

fn replaced(body: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(body.len());
    let mut rest = body;
    while let Some(place) = memchr::memmem::find(rest, from) {
        out.extend_from_slice(&rest[..place]);
        out.extend_from_slice(to);
        rest = &rest[place + from.len()..];
    }
    out.extend_from_slice(rest);
    out
}
