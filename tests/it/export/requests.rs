//! Requests that try to make a shell run something: known tricks first, then random ones from a fixed seed, made of the same parts.

use fastrand::Rng;
use hookglass::core::request::Header;

/// A request that the listener would store. HTTP allows all of its parts.
#[derive(Clone, Debug)]
pub struct Request {
    pub method: Vec<u8>,
    pub target: Vec<u8>,
    pub headers: Vec<(Vec<u8>, Vec<u8>)>,
    pub body: Vec<u8>,
}

impl Request {
    /// A request with `text` in every part that can contain it.
    fn with(text: &[u8]) -> Self {
        let name = [b"X", token(text).as_slice()].concat();
        Self {
            method: b"POST".to_vec(),
            target: [b"/", request_target(text).as_slice()].concat(),
            headers: vec![
                (name, value(text)),
                (b"X-Among-Backslashes".to_vec(), value(&[b"\\", text, b"\\"].concat())),
                (b"X-After".to_vec(), b"; touch PWN; #".to_vec()),
            ],
            body: text.to_vec(),
        }
    }

    pub fn headers(&self) -> Vec<Header<'_>> {
        self.headers.iter().map(|(name, value)| Header::new(name, value)).collect()
    }
}

/// Texts with a meaning for shells, terminals, curl or JSON.
const PARTS: &[&[u8]] = &[
    b"'",
    b"'",
    b"'",
    b"\\",
    b"\\",
    b"\\",
    b"\\'",
    b"\\\\'",
    b"\\\\\\\\",
    b"\"",
    b"\\\"",
    b"''",
    b"\"'\"",
    b"'\"'\"'",
    b"'\\''",
    b"a",
    b"0",
    b" ",
    b"  ",
    b"-",
    b"@",
    b"=",
    b"x: y",
    b"\\n",
    b"\\u00e9",
    b"\\x27",
    b"\\047",
    b"\\0",
    b"\\$",
    b"\\!",
    b"\\\n",
    b"$(touch PWN)",
    b"`touch PWN`",
    b"(touch PWN)",
    b"{touch,PWN}",
    b"; touch PWN; #",
    b"| touch PWN",
    b"&& touch PWN #",
    b"& touch PWN &",
    b">PWN",
    b"<(touch PWN)",
    b"=(touch PWN)",
    b"\ntouch PWN\n",
    b"\r\ntouch PWN\r\n",
    b"\rtouch PWN\r",
    b"'; touch PWN; #",
    b"\"; touch PWN; #",
    b"')\"; touch PWN; #",
    b"\\'; touch PWN; #",
    b"$HOME",
    b"${HOME}",
    b"$'\\n'",
    b"$\"x\"",
    b"$((1+1))",
    b"$$",
    b"!!",
    b"!$",
    b"!-1",
    b"!?touch?",
    b"!#:s/a/b/",
    b"\n!!",
    b"^a^touch PWN^",
    b"\n^a^touch PWN^",
    b"%self",
    b"%1",
    b"%s",
    b"%n",
    b"%%",
    b"~",
    b"~root",
    b"*",
    b"?",
    b"[a-z]",
    b"{a,b}",
    b"{",
    b"}",
    b"#",
    b" # ",
    b"=ls",
    b"^",
    b"<<'END'\n",
    b"\nEND\n",
    b"EOF",
    b"-d@/etc/passwd",
    b"@/etc/passwd",
    b"@-",
    b"--output PWN",
    b"-oPWN",
    b"\n",
    b"\r",
    b"\r\n",
    b"\t",
    b"\0",
    b"\x01",
    b"\x03",
    b"\x04",
    b"\x07",
    b"\x15",
    b"\x16",
    b"\x1a",
    b"\x1b",
    b"\x1b[200~",
    b"\x1b[201~",
    b"\x1b[201~; touch PWN\r",
    b"\x7f",
    b"\x80",
    b"\x85",
    b"\x9b",
    b"\xc3",
    b"\xff",
    b"\xed\xa0\x80",
    "\u{e9}".as_bytes(),
    "e\u{301}".as_bytes(),
    "\u{1f600}".as_bytes(),
    "\u{8a9e}".as_bytes(),
    "\u{85}".as_bytes(),
    "\u{a0}".as_bytes(),
    "\u{ad}".as_bytes(),
    "\u{200b}".as_bytes(),
    "\u{2028}".as_bytes(),
    "\u{202e}".as_bytes(),
    "\u{2019}".as_bytes(),
    "\u{3000}".as_bytes(),
    "\u{e000}".as_bytes(),
    "\u{f601}".as_bytes(),
    "\u{feff}".as_bytes(),
    "\u{ffff}".as_bytes(),
    "\u{10ffff}".as_bytes(),
];

const METHODS: &[&str] = &[
    "GET", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD", "post", "H", "G", "PA'TCH", "!!", "$$", "`a`", "~", "-d",
    "a|b&c",
];
const TARGETS: &[&str] = &[
    "@example.com",
    "1@localhost",
    ".localhost",
    "*",
    "http://localhost:1/",
    "/a#b",
    "//localhost:1/",
    "/a/../b//./c",
];

/// The known tricks, then random requests up to `count`, the same every time. Random parts have at most `longest` bytes, and now and
/// then exactly as many.
pub fn requests(count: usize, longest: usize) -> Vec<Request> {
    let mut requests: Vec<_> = PARTS.iter().map(|part| Request::with(part)).collect();
    let webhook = Request::with(b"a\\'; touch PWN; #");
    requests.extend(METHODS.iter().map(|method| Request { method: method.as_bytes().to_vec(), ..webhook.clone() }));
    requests.extend(TARGETS.iter().map(|target| Request { target: target.as_bytes().to_vec(), ..webhook.clone() }));
    for text in [&b""[..], b"{}", br#"{"a": "C:\\Users\\\"b\"\\", "b": "\u00e9\n", "c": "it's"}"#] {
        requests.push(Request::with(text));
        requests.push(Request { method: b"GET".to_vec(), headers: Vec::new(), ..Request::with(text) });
    }
    for part in [&b"x"[..], b"'", b"\\", b"\\'", b"\xff", b"x\\\n", "\u{1f600}'".as_bytes()] {
        requests.push(Request::with(&part.repeat(longest / part.len())));
    }
    let mut rng = Rng::with_seed(0x5eed);
    requests.extend(std::iter::repeat_with(|| random(&mut rng, longest)).take(count.saturating_sub(requests.len())));
    requests
}

/// The known tricks again, several in each request, because pasting is slow: a trick that works alone also works beside others.
/// There are no random requests. One part is `longest` bytes long.
pub fn packed(longest: usize) -> Vec<Request> {
    let mut requests: Vec<_> = PARTS.chunks(4).map(|parts| Request::with(&parts.concat())).collect();
    requests.extend([&b""[..], b"{}"].map(Request::with));
    requests.push(Request { method: b"PA'TCH".to_vec(), ..Request::with(&b"'x".repeat(longest / 2)) });
    requests
}

fn random(rng: &mut Rng, longest: usize) -> Request {
    let headers =
        (0..rng.usize(..5)).map(|_| ([b"X", token(&text(rng, 40)).as_slice()].concat(), value(&text(rng, longest))));
    let headers = headers.collect();
    let method = match rng.u8(..8) {
        0 => METHODS[rng.usize(..METHODS.len())].as_bytes().to_vec(),
        1 => [b"X", token(&text(rng, 40)).as_slice()].concat(),
        _ => b"POST".to_vec(),
    };
    let target = [b"/", request_target(&text(rng, longest.min(2000))).as_slice()].concat();
    Request { method, target, headers, body: text(rng, longest) }
}

fn text(rng: &mut Rng, longest: usize) -> Vec<u8> {
    let mut text = Vec::new();
    for _ in 0..rng.usize(..12) {
        let part = PARTS[rng.usize(..PARTS.len())];
        match rng.u8(..40) {
            0 => text.extend(part.repeat(rng.usize(..longest.min(1200)))),
            1 => (0..rng.u8(..40)).for_each(|_| text.push(rng.u8(..))),
            2..10 => (0..rng.u8(..20)).for_each(|_| text.push(rng.u8(b' '..b'\x7f'))),
            _ => text.extend(part),
        }
    }
    text.truncate(longest);
    text
}

/// The characters of a name (RFC 9110 section 5.6.2).
fn token(text: &[u8]) -> Vec<u8> {
    let is_token = |byte: &u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte);
    text.iter().copied().filter(is_token).take(60).collect()
}

/// A header value as a server reads it: no control characters but the tab, and no white space around it.
fn value(text: &[u8]) -> Vec<u8> {
    let kept: Vec<_> = text.iter().copied().filter(|byte| *byte == b'\t' || *byte >= b' ' && *byte != 0x7f).collect();
    let start = kept.iter().position(|byte| !b" \t".contains(byte)).unwrap_or(kept.len());
    let end = kept.iter().rposition(|byte| !b" \t".contains(byte)).map_or(start, |last| last + 1);
    kept[start..end].to_vec()
}

/// A request target: UTF-8 without spaces and control characters.
fn request_target(text: &[u8]) -> Vec<u8> {
    let text: String = text.utf8_chunks().map(|chunk| chunk.valid()).collect();
    text.chars().filter(|character| !character.is_ascii_control() && *character != ' ').collect::<String>().into_bytes()
}
