//! What people paste, and what comes of it.

use super::*;
use proptest::prelude::*;

fn pairs(pasted: &Pasted) -> Vec<(String, String)> {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    pasted.headers.iter().map(|(name, value)| (text(name), text(value).trim().to_owned())).collect()
}

/// Reads a text that has the three headers of a signature, in that order, among others.
#[track_caller]
fn signed(text: &str) -> PastedBody {
    let pasted = read(text.as_bytes(), true).unwrap_or_else(|error| panic!("{error}:\n{text}"));
    let mut found = pairs(&pasted);
    found.retain(|(name, _)| name.to_lowercase().starts_with("webhook-"));
    let found: Vec<_> = found.iter().map(|(name, value)| (name.to_lowercase(), value.as_str())).collect();
    let expected = [("id", "msg_1"), ("timestamp", "1700000000"), ("signature", "v1,abc= v1,d\"e'f")];
    assert_eq!(found, expected.map(|(part, value)| (format!("webhook-{part}"), value)), "{text}");
    pasted.body
}

fn bytes(text: &str) -> PastedBody {
    PastedBody::Bytes(text.into())
}

const LINES: &str = "Webhook-Id: msg_1\nwebhook-timestamp:1700000000\nwebhook-signature: v1,abc= v1,d\"e'f\n";

#[test]
fn header_lines_keep_bytes_order_and_duplicates() {
    let file = b"POST http://x/a:b HTTP/1.1\r\nX-A: 1:2\r\nx-b:\xff\t \nX-a:\n\n";
    let expected = [(&b"X-A"[..], &b" 1:2"[..]), (b"x-b", b"\xff\t "), (b"X-a", b"")];
    let expected = Pasted {
        headers: expected.map(|(name, value)| (name.to_vec(), value.to_vec())).to_vec(),
        body: PastedBody::Missing,
    };
    assert_eq!(read(file, false), Ok(expected));
    assert_eq!(read(b"a: 1\nb\n", false), Err(PasteError::at(2, "is not a header: it has no `:`")));
    assert_eq!(read(b"", false), Ok(Pasted::default()));
    assert_eq!(read(b"a: x HTTP/1.1", false).unwrap().headers, [(b"a".to_vec(), b" x HTTP/1.1".to_vec())]);
    assert_eq!(read(b"a: 1\n\nb: 2\n", false).unwrap().headers.len(), 2);
}

#[test]
fn lines_and_raw_requests_have_the_body_behind_an_empty_line() {
    let crlf = LINES.replace('\n', "\r\n");
    for (text, body) in [
        (LINES.to_owned(), PastedBody::Missing),
        (format!("{LINES}\n"), PastedBody::Missing),
        (format!("{LINES}\n{{\"a\":1}}"), bytes("{\"a\":1}")),
        (format!("{LINES}\n> a: b\n"), bytes("> a: b\n")),
        (format!("POST /x HTTP/1.1\r\n{crlf}\r\n> a: b"), bytes("> a: b")),
        (format!("POST /x HTTP/1.1\r\n{crlf}\r\n{{}}\n\nx"), bytes("{}\n\nx")),
        (format!("POST /x HTTP/1.1\r\ncontent-length: 2\r\n{crlf}\r\n{{}}\n"), bytes("{}")),
        (format!("POST /x HTTP/2\r\nContent-Length: 9\r\n{crlf}\r\n{{}}\n"), bytes("{}\n")),
        (format!("POST /x HTTP/1.1\r\nContent-Length: 0\r\n{crlf}\r\n"), bytes("")),
    ] {
        assert_eq!(signed(&text), body, "{text}");
    }
}

#[test]
fn the_output_of_curl_is_read_without_what_curl_says() {
    let sent: String = LINES.lines().map(|line| format!("> {line}\r\n")).collect();
    let noise = "*   Trying 127.0.0.1:80...\n  % Total    % Received\n";
    let received = "} [3 bytes data]\n< HTTP/1.1 401 Unauthorized\r\n< webhook-id: other\r\n<\r\n{\"webhook-id\":1}\n";
    let text = format!("{noise}> POST /x HTTP/1.1\r\n> Host: x\r\n{sent}> \r\n>\n{received}");
    assert_eq!(signed(&text), PastedBody::Missing);
    assert_eq!(signed(&format!("Note: Unnecessary use of -X\n{text}")), PastedBody::Missing);
    let twice = text.repeat(2);
    assert_eq!(read(twice.as_bytes(), true), Err(PasteError::at(17, "begins a second request; keep one of them")));
    assert_eq!(
        read(b"> POST / HTTP/1.1\n> nonsense\n", true),
        Err(PasteError::at(2, "is not a header: it has no `:`"))
    );
}

#[test]
fn commands_and_their_flags_are_read() {
    let flags = "-H 'Webhook-Id: msg_1' \\\n --header=\"webhook-timestamp: 1700000000\" -H\"webhook-signature: v1,abc= v1,d\\\"e'f\"";
    for (text, body) in [
        (flags.to_owned(), PastedBody::Missing),
        (flags.replace("\\\n", "\n"), PastedBody::Missing),
        (format!("curl -X POST http://x \\\n {flags} \\\n --data-raw '{{\"a\":\"b c\"}}'"), bytes("{\"a\":\"b c\"}")),
        (format!("$ curl http://x {flags} -d @file"), PastedBody::Missing),
        (format!("curl http://x {flags} -d a -d b"), PastedBody::Missing),
        (format!("curl http://x {flags} --data-binary '' --form a=b"), PastedBody::Missing),
        (format!("curl http://x {flags} --data-binary=''"), bytes("")),
    ] {
        assert_eq!(signed(&text), body, "{text}");
    }
    assert_eq!(pairs(&read(b"-H 'x-empty;'", true).unwrap()), [("x-empty".to_owned(), String::new())]);
    for (text, line, why) in [
        ("-H 'a: 1' \\\n-H b", 2, "is not a header: it has no `:`"),
        ("-H 'a: 1'\n-H 'b: 2", 2, "has a quote that is not closed"),
        ("curl x \\\n -H @file", 2, "names a file of headers; paste its lines instead"),
        ("curl x \\\n -d $'a'", 2, "has `$'…'`; write the value in plain quotes"),
        ("curl ^\"x^\"", 1, "is for `cmd`; copy the command for bash instead"),
    ] {
        assert_eq!(read(text.as_bytes(), true), Err(PasteError::at(line, why)), "{text}");
    }
}

const JSON: &str =
    r#"{"Webhook-Id": "msg_1", "webhook-timestamp": 1700000000, "webhook-signature": "v1,abc= v1,d\"e'f"}"#;
const LIST: &str =
    r#"[["Webhook-Id", "msg_1"], ["webhook-timestamp", "1700000000"], ["webhook-signature", "v1,abc= v1,d\"e'f"]]"#;

#[test]
fn objects_of_every_language_are_read() {
    let python =
        r#"{'Webhook-Id': 'msg_1', 'webhook-timestamp': '1700000000', 'webhook-signature': 'v1,abc= v1,d"e\'f'}"#;
    let node = r#"{
  host: 'x',
  'x-none': undefined,
  'Webhook-Id': 'msg_1',
  'webhook-timestamp': '1700000000',
  'webhook-signature': `v1`
}"#
    .replace("`v1`", r#"'v1,abc= v1,d"e\'f'"#);
    let named = LIST.replace("[\"w", "{\"name\": \"w").replace("[\"W", "{\"name\": \"W");
    let named = named.replace("\", \"", "\", \"value\": \"").replace("\"]", "\"}");
    for text in [
        JSON.to_owned(),
        format!("\u{feff} \n{JSON}\n"),
        JSON.replace("1700000000", "[\"1700000000\"]").replace(", ", ",\n  "),
        LIST.to_owned(),
        LIST.replace("], [", ", ").replace("[[", "[").replace("]]", "]"),
        named,
        python.to_owned(),
        format!("Headers({python})"),
        format!("<Headers({})>", LIST.replace('[', "(").replace(']', ")")),
        LIST.replace("[\"", "(b\"").replace(", \"", ", b\"").replace("\"]", "\")"),
        python.replace("': '", "' => '"),
        node.clone(),
        format!("Headers {node}"),
        format!("[Object: null prototype] {node}"),
    ] {
        assert_eq!(signed(&text), PastedBody::Missing, "{text}");
    }
}

#[test]
fn events_of_gateways_carry_the_body() {
    let lambda = |rest: &str| format!("{{\"version\": \"2.0\", \"headers\": {JSON}, {rest}}}");
    for (text, body) in [
        (lambda(r#""body": "{\"é\":1}\n", "isBase64Encoded": false"#), bytes("{\"é\":1}\n")),
        (lambda(r#""body": "eyJhIjoxfQ==", "isBase64Encoded": true"#), bytes("{\"a\":1}")),
        (lambda(r#""isBase64Encoded": true, "body": """#), bytes("")),
        (lambda(r#""body": {"a": 1}"#), PastedBody::Parsed),
        (lambda(r#""body": null"#), PastedBody::Missing),
        (lambda(&format!("\"multiValueHeaders\": {}", JSON.replace("\"msg_1\"", "[\"msg_1\"]"))), PastedBody::Missing),
        (format!("[{}]", lambda(r#""rawBody": "x""#)), bytes("x")),
        (lambda(r#""body": "😀\ud83d\ude00""#), bytes("😀😀")),
        (lambda("'body': '\\xe9\\n', 'isBase64Encoded': False").replace("\"version\": \"2.0\", ", ""), bytes("é\n")),
        (lambda("'body': b'\\xc3\\xa9'"), bytes("é")),
    ] {
        assert_eq!(signed(&text), body, "{text}");
    }
    assert_eq!(
        read(lambda(r#""body": "e", "isBase64Encoded": true"#).as_bytes(), true),
        Err(PasteError::Whole("its body is not base64, although it says so"))
    );
    let repeated = r#"{"headers": {"a": "2"}, "multiValueHeaders": {"a": ["1", "2"]}, "body": ""}"#;
    assert_eq!(pairs(&read(repeated.as_bytes(), true).unwrap()).len(), 2);
}

#[test]
fn a_har_file_has_one_request_that_counts() {
    let request = |headers: &str| {
        format!(
            r#"{{"request": {{"method": "POST", "headers": {headers}, "postData": {{"text": "x"}}}}, "response": {{}}}}"#
        )
    };
    let har = |entries: &[String]| format!("{{\"log\": {{\"entries\": [{}]}}}}", entries.join(","));
    let (ours, other) = (request(LIST), request(r#"[{"name": "accept", "value": "*/*"}]"#));
    assert_eq!(signed(&har(std::slice::from_ref(&ours))), bytes("x"));
    assert_eq!(signed(&har(&[other.clone(), ours.clone(), other.clone()])), bytes("x"));
    assert_eq!(signed(&ours), bytes("x"));
    let refused = |entries: &[String]| read(har(entries).as_bytes(), true).unwrap_err().to_string();
    assert!(refused(&[ours.clone(), ours]).starts_with("it has several requests"));
    assert!(refused(&[other.clone(), other]).starts_with("it has no request"));
}

#[test]
fn what_is_not_understood_is_refused_by_line() {
    for (text, line, why) in [
        ("{\n\"a\": {\"b\": 1}\n}", 2, "has a value that is not a string"),
        ("{\n\"a\": true\n}", 2, "has a value that is not a string"),
        ("{\n\"a\": \"1\"\n\"b\": \"2\"}", 3, "has no `,` between two values"),
        ("{\n\"a\" \"1\"}", 2, "has no `:` behind a name"),
        ("{\n\n\"a\": \"1", 3, "has a string that is not closed"),
        ("{\"a\":\n", 2, "ends in the middle of the object"),
        ("{\"a\": \"\\q\"}", 1, "has an escape that is not valid in a string"),
        ("{\"a\": \"\\ud800\"}", 1, "has an escape that is not valid in a string"),
        ("{\"a\": nonsense}", 1, "has something that is no string, number or list"),
        ("{\"a\": \"1\"}\n{\"a\": \"1\"}", 2, "has text behind the object"),
    ] {
        assert_eq!(read(text.as_bytes(), true), Err(PasteError::at(line, why)), "{text}");
    }
    for (text, why) in [
        ("[\"a\"]", "its list is not one of names and values"),
        ("[1, 2]", "its list is not one of names and values"),
        ("{\"hookglass_fixture\": 1}", "it is a fixture; pass it without `--headers`"),
        ("\u{feff}", ""),
    ] {
        let refused = read(text.as_bytes(), true).err().map(|error| error.to_string()).unwrap_or_default();
        assert_eq!(refused, why, "{text}");
    }
}

#[test]
fn utf_16_with_a_mark_is_read() {
    let wide = |unit: fn(u16) -> [u8; 2]| format!("\u{feff}{LINES}").encode_utf16().flat_map(unit).collect::<Vec<u8>>();
    let plain = read(LINES.as_bytes(), true);
    assert_eq!(read(&wide(u16::to_le_bytes), true), plain);
    assert_eq!(read(&wide(u16::to_be_bytes), true), plain);
    assert!(read(b"\xff\xfea", true).is_err());
}

#[test]
fn bad_input_is_bounded() {
    for open in ["[", "{\"a\":", "("] {
        assert!(read(open.repeat(200_000).as_bytes(), true).is_err());
    }
    let many = "a: 1\n".repeat(10_001);
    assert_eq!(read(many.as_bytes(), true), Err(PasteError::Whole("it has more than 10,000 headers")));
    let values = format!("[{}]", "0,".repeat(3_000_000));
    assert_eq!(read(values.as_bytes(), true), Err(PasteError::at(1, "has more values than are read")));
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(
        start in "[{(\\[<]?|> |-H |curl |POST / HTTP/1.1\n|[{]\"headers\":|\u{feff}",
        rest in "[\\x00-\\x7fé]{0,60}",
        wants_body: bool,
    ) {
        let _ = read(format!("{start}{rest}").as_bytes(), wants_body);
    }

    #[test]
    fn every_string_of_json_is_read_as_it_was(value in any::<String>(), body in any::<String>()) {
        let event = serde_json::json!({"headers": {"x-a": value}, "body": body}).to_string();
        let pasted = read(event.as_bytes(), true).unwrap();
        prop_assert_eq!(pasted.headers, [(b"x-a".to_vec(), value.into_bytes())]);
        prop_assert_eq!(pasted.body, PastedBody::Bytes(body.into_bytes()));
    }
}
