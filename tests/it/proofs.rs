//! What tools do to a body on its way, done here and found again: each proof is verified, and none is given to a body
//! that verifies.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hookglass::core::diagnosis::{Diagnosis, Evidence, diagnose};
use hookglass::core::request::Header;
use hookglass::core::signature::{Keyring, Secret, Verdict, sign, verify_request};
use proptest::prelude::*;
use std::io::Write;

const NOW_S: i64 = 1_752_556_707;
const SECRET: &str = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";
const EVENT: &str = r#"{"spec_version":"1","id":"evt_77","type":"user.signup","data":{"name":"Zoë “x” 😀","url":"a/b?c=d&e=<f>","rate":1.0,"n":[1,2,"it's"],"none":null,"ok":true}}"#;

fn keyring() -> Keyring {
    Keyring { verifying: vec![Secret::new("main", SECRET)], known_only: Vec::new() }
}

/// What is said of `received` if `signed` was signed.
fn diagnosis(signed: &[u8], received: &[u8]) -> Diagnosis {
    let signature = sign(&Secret::new("", SECRET), b"msg_1", NOW_S, signed).unwrap();
    let timestamp = NOW_S.to_string();
    let headers = [
        Header::new("webhook-id", "msg_1"),
        Header::new("webhook-timestamp", &timestamp),
        Header::new("webhook-signature", &signature),
    ];
    let diagnosis = diagnose(&headers, received, NOW_S * 1000, &keyring());
    let verdict = verify_request(&headers, received, NOW_S * 1000, &keyring()).verdict;
    assert_eq!(diagnosis.verdict, verdict);
    // A proof is a proof: what it derives from the received bytes verifies.
    for evidence in &diagnosis.evidence {
        if let Evidence::Body { variant, .. } = evidence {
            let derived = variant.of(received).unwrap();
            let verification = verify_request(&headers, &derived, NOW_S * 1000, &keyring());
            assert_eq!(verification.verdict, Verdict::Verified, "{variant}");
        }
    }
    diagnosis
}

fn is_proved(diagnosis: &Diagnosis) -> bool {
    diagnosis.evidence.iter().any(|evidence| matches!(evidence, Evidence::Body { .. }))
}

/// The reason, and what remains after it. Fails without a proof.
fn proved(signed: &[u8], received: &[u8]) -> Vec<String> {
    let diagnosis = diagnosis(signed, received);
    let reasons = diagnosis.reason.iter().chain(&diagnosis.also).map(ToString::to_string).collect();
    assert!(is_proved(&diagnosis), "{reasons:?}");
    reasons
}

type Change = fn(&[u8]) -> Vec<u8>;

/// What happens to a body, and the reason for it.
const CHANGES: [(&str, Change); 38] = [
    ("base64", |body| STANDARD.encode(body).into()),
    ("base64", |body| URL_SAFE_NO_PAD.encode(body).into()),
    ("base64", |body| {
        let lines: Vec<_> = STANDARD.encode(body).into_bytes().chunks(76).map(<[u8]>::to_vec).collect();
        lines.join(&b"\r\n"[..])
    }),
    ("hex", |body| body.iter().flat_map(|byte| format!("{byte:02x}").into_bytes()).collect()),
    ("percent-encoded", |body| percent(body)),
    ("html-escaped", |body| {
        let text = String::from_utf8_lossy(body).into_owned();
        text.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;").replace('\'', "&#39;").into()
    }),
    ("compressed", gzip),
    ("compressed", |body| {
        let mut writer = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
        writer.write_all(body).unwrap();
        writer.finish().unwrap()
    }),
    ("compressed", |body| ruzstd::encoding::compress_to_vec(body, ruzstd::encoding::CompressionLevel::Fastest)),
    ("json-string", |body| serde_json::to_vec(&String::from_utf8_lossy(body)).unwrap()),
    ("wrapped", |body| {
        let envelope = serde_json::json!({"Records": [{"messageId": "1", "body": String::from_utf8_lossy(body)}]});
        serde_json::to_vec(&envelope).unwrap()
    }),
    ("wrapped", |body| [b"{\"version\": \"1.0\", \"event\": ", body, b", \"n\": 1}"].concat()),
    ("wrapped", |body| [b"token=1&payload=".to_vec(), percent(body)].concat()),
    ("wrapped", |body| {
        let head = b"--b1\r\nContent-Disposition: form-data; name=\"event\"\r\n\r\n".as_slice();
        [head, body, b"\r\n--b1--\r\n"].concat()
    }),
    ("literal", |body| {
        let escaped = |byte: &u8| match byte {
            b'\'' => b"\\'".to_vec(),
            b'\\' => b"\\\\".to_vec(),
            0x20..0x7f => vec![*byte],
            other => format!("\\x{other:02x}").into_bytes(),
        };
        [b"b'".to_vec(), body.iter().flat_map(escaped).collect(), b"'".to_vec()].concat()
    }),
    ("literal", |body| {
        let bytes: Vec<_> = body.iter().map(u8::to_string).collect();
        format!("{{\"type\":\"Buffer\",\"data\":[{}]}}", bytes.join(",")).into()
    }),
    ("literal", |body| format!("{body:?}").into()),
    ("charset", |body| body.iter().map(|byte| char::from(*byte)).collect::<String>().into()),
    ("charset", |body| String::from_utf8_lossy(body).encode_utf16().flat_map(u16::to_le_bytes).collect()),
    ("charset", |body| {
        let units = String::from_utf8_lossy(body).into_owned();
        [vec![0xfe, 0xff], units.encode_utf16().flat_map(u16::to_be_bytes).collect()].concat()
    }),
    ("doubled", |body| body.repeat(2)),
    ("padded", |body| [body, b"\0\0\0"].concat()),
    ("padded", |body| [b"  ", body].concat()),
    ("padded", |body| [b"\n", body, b" \n"].concat()),
    ("trailing-newline", |body| [body, b"\n"].concat()),
    ("bom", |body| [b"\xef\xbb\xbf", body].concat()),
    ("charset", |body| {
        let latin1: Vec<u8> = body.to_vec();
        let once: String = latin1.iter().map(|byte| char::from(*byte)).collect();
        once.bytes().map(char::from).collect::<String>().into()
    }),
    ("charset", |body| String::from_utf8_lossy(body).chars().flat_map(|each| u32::from(each).to_le_bytes()).collect()),
    ("encoded", |body| {
        let quoted = |byte: &u8| match byte {
            b'=' | 0x80.. => format!("={byte:02X}").into_bytes(),
            other => vec![*other],
        };
        let lines: Vec<_> = body.chunks(40).map(|line| line.iter().flat_map(quoted).collect::<Vec<_>>()).collect();
        lines.join(&b"=\r\n"[..])
    }),
    ("encoded", |body| base32(body)),
    ("member-added", |body| [b"{\"trace_id\":\"0af7\",", &body[1..]].concat()),
    ("member-added", |body| [&body[..body.len() - 1], b",\"tenant\":{\"id\":[1]}}"].concat()),
    ("wrapped", |body| [b"POST /hook HTTP/1.1\r\nHost: x\r\n\r\n", body].concat()),
    ("wrapped", |body| [format!("{:x}\r\n", body.len()).as_bytes(), body, b"\r\n0\r\n\r\n"].concat()),
    ("wrapped", |body| [b"cb(", body, b");"].concat()),
    ("wrapped", |body| [b")]}',\n", body].concat()),
    ("wrapped", |body| [b"<?xml version=\"1.0\"?>\n<event><![CDATA[", body, b"]]></event>"].concat()),
    ("wrapped", |body| [b"event: |-\n    ", body, b"\n"].concat()),
];

fn base32(body: &[u8]) -> Vec<u8> {
    let bits: Vec<u8> = body.iter().flat_map(|byte| (0..8).rev().map(move |place| byte >> place & 1)).collect();
    let value = |five: &[u8]| (0..5).fold(0, |value, place| value << 1 | five.get(place).unwrap_or(&0));
    bits.chunks(5).map(|five| b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[usize::from(value(five))]).collect()
}

fn gzip(body: &[u8]) -> Vec<u8> {
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    writer.write_all(body).unwrap();
    writer.finish().unwrap()
}

fn percent(body: &[u8]) -> Vec<u8> {
    let escaped = |byte: &u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => vec![*byte],
        other => format!("%{other:02X}").into_bytes(),
    };
    body.iter().flat_map(escaped).collect()
}

#[test]
fn each_change_is_named_and_proved() {
    for (place, (name, change)) in CHANGES.iter().enumerate() {
        let received = change(EVENT.as_bytes());
        assert_eq!(proved(EVENT.as_bytes(), &received)[0], format!("body-altered:{name}"), "{place}");
    }
}

#[test]
fn two_changes_in_a_row_are_both_named() {
    let event = EVENT.as_bytes();
    let newline = [event, b"\n"].concat();
    let received = STANDARD.encode(&newline);
    assert_eq!(proved(event, received.as_bytes()), ["body-altered:base64", "body-altered:trailing-newline"]);
    let received = STANDARD.encode(STANDARD.encode(event));
    assert_eq!(proved(event, received.as_bytes()), ["body-altered:base64"]);
    let gzip = CHANGES[6].1(event);
    assert_eq!(proved(event, STANDARD.encode(gzip).as_bytes()), ["body-altered:base64", "body-altered:compressed"]);
    let wrapped = CHANGES[10].1(STANDARD.encode(event).as_bytes());
    assert_eq!(proved(event, &wrapped), ["body-altered:wrapped", "body-altered:base64"]);
    let pretty = EVENT.replace("\":", "\": ").replace(",\"", ", \"");
    assert_eq!(proved(event, STANDARD.encode(pretty).as_bytes()), ["body-altered:base64", "body-altered:reserialised"]);
}

#[test]
fn other_writers_of_json_are_undone() {
    // What was signed, and what arrived after something parsed and wrote it.
    let rows = [
        (r#"{"a":"\u00EB"}"#, r#"{"a":"ë"}"#),
        (r#"{"a":"ë\/b"}"#, r#"{"a":"ë/b"}"#),
        (r#"{"a":"\u0022\u0027\u003C\u002B"}"#, r#"{"a":"\"'<+"}"#),
        (r#"{"a":"\u003d\u0027"}"#, r#"{"a":"='"}"#),
        (r#"{ "a": [ 1, 2 ], "b": { "c": 1 } }"#, r#"{"a":[1,2],"b":{"c":1}}"#),
        (r#"{ "a" : 1, "b" : 2 }"#, r#"{"a":1,"b":2}"#),
        (r#"{"a": 1,"b": 2}"#, r#"{"a":1,"b":2}"#),
        ("{\r\n  \"a\": 1,\r\n  \"b\": [\r\n    1\r\n  ]\r\n}\r\n", r#"{"a":1,"b":[1]}"#),
        ("{\n  \"a\" : [ 1, {\n    \"b\" : [ ]\n  } ],\n  \"c\" : { }\n}", r#"{"a":[1,{"b":[]}],"c":{}}"#),
        (r#"{"b":1,"aa":2,"c_c":3}"#, r#"{"aa":2,"b":1,"c_c":3}"#),
        (r#"{"rate":1.0,"n":1e5}"#, r#"{"rate":1,"n":100000}"#),
        (r#"{"rate":1}"#, r#"{"rate":1.0}"#),
    ];
    for (signed, received) in rows {
        assert_eq!(proved(signed.as_bytes(), received.as_bytes()), ["body-altered:reserialised"], "{signed}");
    }
    let python = proved(br#"{"a":1,"b":"x","c":null}"#, br#"{'a': 1, 'b': 'x', 'c': None}"#);
    assert_eq!(python, ["body-altered:printed-object", "body-altered:reserialised"]);
}

#[test]
fn characters_are_put_back_where_that_is_possible() {
    let signed = r#"{"name":"José"}"#.as_bytes();
    // U+FFFD for the character, and that read as Latin-1.
    let twice = "{\"name\":\"Jos\u{ef}\u{bf}\u{bd}\"}".as_bytes();
    assert_eq!(proved(signed, twice), ["body-altered:charset", "body-altered:characters-lost"]);
    assert_eq!(proved(signed, b"{\"name\":\"Jos?\"}"), ["body-altered:characters-lost"]);
    assert_eq!(proved(signed, b"{\"name\":\"Jos??\"}"), ["body-altered:characters-lost"]);
    assert_eq!(proved(signed, "{\"name\":\"Jos\u{fffd}\u{fffd}\"}".as_bytes()), ["body-altered:characters-lost"]);
    assert_eq!(proved(signed, b"{\"name\":\"JosC)\"}"), ["body-altered:charset"]);
    assert_eq!(proved("{\"n\":\"e\u{301}\"}".as_bytes(), "{\"n\":\"é\"}".as_bytes()), ["body-altered:unicode-form"]);
}

#[test]
fn a_search_that_left_something_out_says_so() {
    let ends_early = |body: &[u8]| diagnosis(b"{}", body).evidence.contains(&Evidence::SearchEnded);
    assert!(!ends_early(br#"{"id":"evt_1"}"#));
    assert!(ends_early(format!("[{}]", vec![r#"{"id":"evt_1"}"#; 65].join(",")).as_bytes()), "many parts");
    assert!(ends_early(format!("[{}]", vec!["1"; 4097].join(",")).as_bytes()), "many numbers");
    assert!(ends_early("{\"a\":\"? \"}".replace("? ", &"? ".repeat(9)).as_bytes()), "many lost characters");
    assert!(ends_early(&gzip(&vec![b' '; 4 << 20])), "a text that is too long");
}

#[test]
fn what_is_only_seen_is_no_proof() {
    let rows: [(&[u8], &str); 9] = [
        (b"", "body-lost"),
        (b"undefined", "body-lost"),
        (b"[object Object]", "body-altered:printed-object"),
        (b"{'id': 'evt_1', 'x': None}", "body-altered:printed-object"),
        (b"map[id:evt_1]", "body-altered:printed-object"),
        (&EVENT.as_bytes()[..90], "body-altered:truncated"),
        ("{\"name\":\"\u{fffd} and \u{fffd}\"}".as_bytes(), "body-altered:characters-lost"),
        (br#"{"type":"x","timestamp":"2026-01-01T00:00:00Z","data":{}}"#, "foreign-sender:standard-webhooks"),
        (br#"{"id":"evt_2"}"#, "signature-mismatch"),
    ];
    for (received, expected) in rows {
        let diagnosis = diagnosis(EVENT.as_bytes(), received);
        assert_eq!(diagnosis.reason.as_ref().map(ToString::to_string).as_deref(), Some(expected));
        assert!(!is_proved(&diagnosis));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_event_is_found_after_any_change(text in event(), place in 0..CHANGES.len(), second in 0..CHANGES.len()) {
        let (_, change) = CHANGES[place];
        let received = change(text.as_bytes());
        let diagnosis_of_one = diagnosis(text.as_bytes(), &received);
        prop_assert!(received == text.as_bytes() || is_proved(&diagnosis_of_one), "{:?}", String::from_utf8_lossy(&received));
        // Two changes: whatever is said of them is true, which `diagnosis` asserts.
        diagnosis(text.as_bytes(), &CHANGES[second].1(&received));
    }

    #[test]
    fn a_body_that_verifies_gets_no_reason(bytes in prop::collection::vec(any::<u8>(), 0..200), text in event()) {
        for body in [String::from_utf8_lossy(&bytes).into_owned(), text] {
            let diagnosis = diagnosis(body.as_bytes(), body.as_bytes());
            prop_assert_eq!((diagnosis.reason, diagnosis.evidence), (None, Vec::new()));
        }
    }
}

/// Events with text that survives few changes.
fn event() -> impl Strategy<Value = String> {
    let part = prop::sample::select(vec![
        "a", "ë", "“", "😀", "/", "\\", "'", "\"", "%41", "&amp;", "<", "\n", "+", "=", "日",
    ]);
    prop::collection::vec(part, 0..12).prop_map(|parts| {
        let name = parts.concat();
        serde_json::json!({"id": "evt_1", "type": "user.signup", "data": {"name": name, "n": 1}}).to_string()
    })
}

#[test]
fn hostile_bodies_and_headers_end_in_a_verdict() {
    let bomb = gzip(&vec![b'{'; 64 << 20]);
    let depth = 100_000;
    let many = 10_000;
    let bodies = [
        STANDARD.encode(&bomb).into_bytes(),
        bomb,
        [b"{\"a\":".repeat(depth), b"1".to_vec(), b"}".repeat(depth)].concat(),
        b"[".repeat(depth),
        b"\"\\\"".repeat(many),
        b"--\n".repeat(many),
        [b"--\n".to_vec(), b"-".repeat(1 << 20)].concat(),
        [b"{".to_vec(), "e\u{301}\u{327}".repeat(many).into_bytes(), "\u{301}".repeat(many).into_bytes()].concat(),
        b"a=b&".repeat(many),
        b"&#x41;".repeat(many),
        b"%41".repeat(many),
        b"\xef\xbf\xbd".repeat(many),
        b"?".repeat(many),
        [b"[".to_vec(), b"1,".repeat(many), b"1]".to_vec()].concat(),
        [b"[".to_vec(), b"\"QUJD\",".repeat(many), b"1]".to_vec()].concat(),
    ];
    let bombs: Vec<_> = (0..64).map(|_| format!("\"{}\"", STANDARD.encode(gzip(&vec![b' '; 4 << 20])))).collect();
    let bodies = bodies.into_iter().chain([format!("[{}]", bombs.join(",")).into_bytes()]);
    for body in bodies {
        let diagnosis = diagnosis(b"{}", &body);
        assert!(!is_proved(&diagnosis), "{:?}", diagnosis.evidence);
    }
    let names: Vec<_> = (0..10_000).map(|number| format!("x-{number}-webhook-signature")).collect();
    let headers: Vec<_> = names.iter().map(|name| Header::new(name, "v1,AAAA")).collect();
    assert_eq!(diagnose(&headers, b"{}", NOW_S * 1000, &keyring()).verdict, Verdict::Unsigned);
}
