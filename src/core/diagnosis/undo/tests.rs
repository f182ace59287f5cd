//! Each layer, on texts as real tools write them.

use super::*;

/// Every text that the layers find in `text`, as `name: bytes`.
fn found(text: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    for layer in &LAYERS {
        let _ = layer.candidates(text, 1 << 20, &mut |offer| {
            if let Offer::Candidate(step, bytes) = offer {
                assert_eq!(step.of(text).as_deref(), Some(&bytes[..]), "{step}");
                found.push(format!("{step}: {}", String::from_utf8_lossy(&bytes)));
            }
            ControlFlow::Continue(())
        });
    }
    found
}

fn finds(text: &[u8], expected: &str) {
    let found = found(text);
    assert!(found.iter().any(|each| each == expected), "{expected}\n{found:#?}");
}

#[test]
fn encoded_text_is_decoded() {
    finds(b"eyJpZCI6MX0=\n", "base64-decoded: {\"id\":1}");
    finds(b"eyJp\r\nZCI6MX0", "base64-decoded (with line breaks): {\"id\":1}");
    finds(b"data:application/json;base64,eyJpZCI6MX0=", "base64-decoded: {\"id\":1}");
    finds(b"_-__", "base64-decoded (URL-safe): \u{fffd}\u{fffd}\u{fffd}");
    finds(b"7b226964223A317D", "hex-decoded: {\"id\":1}");
    finds(br"\x7b\x22", "hex-decoded: {\"");
    finds(b"7b 22 7d", "hex-decoded: {\"}");
    finds(b"%7B%22a+b%22%3A1%7D=", "percent-decoded (`+` as a space): {\"a b\":1}");
    finds(b"{&quot;a&quot;:&#39;&#x3C;&amp;lt;}", "HTML entities decoded: {\"a\":'<&lt;}");
}

#[test]
fn wrapped_text_is_taken_out() {
    finds(br#""{\"id\":1}""#, "the string in the JSON string: {\"id\":1}");
    finds(br#"{"Records":[{"body":"{\"id\":1}"}]}"#, "one of its members (`body`): {\"id\":1}");
    finds(br#"{"event":{"id": 1}}"#, "one of its members (`event`): {\"id\": 1}");
    finds(br#"{"events":[{"id":1,"t":"x"},{"id":22}]}"#, "one of its members (`events`): {\"id\":22}");
    finds(b"a=1&payload=%7B%22id%22%3A1%7D", "one of its form fields (`payload`): {\"id\":1}");
    finds(b"{\"id\":12}{\"id\":12}", "one half: {\"id\":12}");
    finds(b"{\"id\":12}\n{\"id\":12}", "one half: {\"id\":12}");
    let multipart = b"--x1\r\nContent-Disposition: form-data; name=\"event\"\r\n\r\n{\"id\":1}\r\n--x1--\r\n";
    finds(multipart, "one of its multipart parts (`event`): {\"id\":1}");
    finds(b"--x\na: b\n\n{\"id\":1}\n--x\na: b\n\n{\"id\":2}\n--x--\n", "one of its multipart parts: {\"id\":2}");
}

#[test]
fn text_in_other_encodings_is_decoded() {
    finds(b"{=22a=22:=\r\n=C3=AB}", "decoded (quoted-printable): {\"a\":ë}");
    finds(b"PMRGSZBCHIYX2===", "decoded (base32): {\"id\":1}");
    finds(b"pmrgszbchiyx2", "decoded (base32): {\"id\":1}");
    finds(b"<~HQm07,!%H,~>", "decoded (Ascii85): {\"id\":1}");
    finds(b"begin 644 body\n(>R)I9\"(Z,7T \n`\nend\n", "decoded (uuencode): {\"id\":1}");
}

#[test]
fn text_is_taken_out_of_messages_and_other_formats() {
    let finds_in = |text: &[u8], detail: &str| finds(text, &format!("the text in it ({detail}): {{\"id\":1}}"));
    finds_in(b"POST / HTTP/1.1\r\nHost: x\r\n\r\n{\"id\":1}", "after the head");
    finds_in(b"webhook-id: 1\nHost: x\n\n{\"id\":1}", "after the head");
    finds_in(b"4\r\n{\"id\r\n4;x=y\r\n\":1}\r\n0\r\n\r\n", "without the sizes of its chunks");
    finds_in(b"callback({\"id\":1});", "`callback`");
    finds_in(b"/**/cb({\"id\":1})", "`/**/cb`");
    finds_in(b")]}',\n{\"id\":1}", "`)]}',`");
    finds_in(b"<soap:Body><p a=\"b\"><![CDATA[{\"id\":1}]]></p></soap:Body>", "a CDATA section");
    finds_in(b"<event>{\"id\":1}</event>", "the text of an element");
    finds_in(b"body: |\n  {\"id\":1}\n", "the lines of the block, without the last newline");
    finds_in(br#"{"{\"id\":1}":""}"#, "the key of a form");
    finds(br#"{"{\"a\":\"x":"y&z\"}"}"#, "the text in it (the key of a form): {\"a\":\"x=y&z\"}");
}

#[test]
fn a_member_is_taken_out() {
    finds(br#"{"trace":"x","id":1}"#, r#"without a member (`"trace"`): {"id":1}"#);
    finds(br#"{"id":1,"trace":{"a":[1]}}"#, r#"without a member (`"trace"`): {"id":1}"#);
    finds(b"{\n  \"t\": 1,\n  \"id\": 1\n}", "without a member (`\"t\"`): {\n  \"id\": 1\n}");
    finds(b"{\n  \"id\": 1,\n  \"t\": 1\n}", "without a member (`\"t\"`): {\n  \"id\": 1\n}");
    finds(b"{\"t\": 1, \"id\": 1}", "without a member (`\"t\"`): {\"id\": 1}");
}

#[test]
fn literals_are_read() {
    finds(b"bytearray(b'{\"n\":1}')", "the text of the literal: {\"n\":1}");
    finds(b"'{\"n\":\"it''s\"}'", "the text of the literal (doubled quotes): {\"n\":\"it's\"}");
    finds(br#"'{"n":"it'\''s"}'"#, r#"the text of the literal (quotes as the shell writes them): {"n":"it's"}"#);
    finds(b"b'{\"n\":\"\\xc3\\xab\"}'", "the text of the literal: {\"n\":\"ë\"}");
    finds(b"'{\"n\":\"\\xeb\\u20ac\\n\"}'", "the text of the literal: {\"n\":\"ë€\n\"}");
    finds(br#"`{"n":1}`"#, "the text of the literal: {\"n\":1}");
    finds(br#"{\"n\":1}"#, "the text of the literal: {\"n\":1}");
    finds(br#""{""n"":1}""#, "the text of the literal (doubled quotes): {\"n\":1}");
    finds(br#""\u{1f600}\ud83d\ude00\e\101""#, "the text of the literal: 😀😀\u{1b}A");
    finds(br#"{"type":"Buffer","data":[123,125]}"#, "the bytes in the list: {}");
    finds(br#"{"0":123,"1":125}"#, "the bytes in the list: {}");
    finds(b"[123 125]", "the bytes in the list: {}");
    finds(b"[-61, -85]", "the bytes in the list: ë");
    finds(b"<Buffer 7b 7d>", "the bytes in the list: {}");
}

#[test]
fn printed_objects_become_json() {
    finds(
        br#"{'a': None, 'b': [True, False], 'c': "it's", 'd': 'x"y', 'e': 1e+20}"#,
        r#"as JSON: {"a": null, "b": [true, false], "c": "it's", "d": "x\"y", "e": 1e+20}"#,
    );
    finds(br#"{"a"=>nil, "b"=>"\#"}"#, r##"as JSON: {"a":null, "b":"\#"}"##);
    assert!(
        is_printed_object(b"{'a': True}") && !is_printed_object(b"{\"a\": true}") && !is_printed_object(b"{'a': b}")
    );
}

#[test]
fn text_in_the_wrong_charset_is_decoded_again() {
    finds("{\"n\":\"Ã«\"}".as_bytes(), "re-decoded (its characters as Latin-1 bytes): {\"n\":\"ë\"}");
    finds("â‚¬".as_bytes(), "re-decoded (its characters as Windows-1252 bytes): €");
    finds(b"\xeb", "re-decoded (read as Latin-1): ë");
    finds(b"\x80", "re-decoded (read as Windows-1252): €");
    finds(b"\xff\xfe{\0}\0", "re-decoded (from UTF-16 LE): {}");
    finds(b"\0{\0}", "re-decoded (from UTF-16 BE): {}");
    finds(b"{\0\0\0}\0\0\0", "re-decoded (from UTF-32 LE): {}");
    finds(b"\0\0\xfe\xff\0\0\0{\0\0\0}", "re-decoded (from UTF-32 BE): {}");
    let node = b"{\"n\":\"Jos\x43\x29\"}";
    finds(node, "re-decoded (high bits put back after an ASCII decoder cleared them): {\"n\":\"José\"}");
    finds("e\u{301}".as_bytes(), "in another Unicode form (NFC): é");
    finds("é".as_bytes(), "in another Unicode form (NFD): e\u{301}");
    finds("Jos\u{fffd}\u{fffd}".as_bytes(), "lost characters put back (`é`): José");
    finds(b"Jos? ok?", "lost characters put back (`é`): José ok?");
    finds(b"ok? Jos?", "lost characters put back (`é`): ok? José");
}

#[test]
fn numbers_are_written_in_their_other_forms() {
    finds(br#"{"a":1,"b":2}"#, r#"numbers in another form (`1.0` for `1`): {"a":1.0,"b":2.0}"#);
    finds(br#"{"a":1,"b":2}"#, r#"numbers in another form (`1.0` for `1`): {"a":1,"b":2.0}"#);
    finds(br#"{"a":1.0}"#, r#"numbers in another form (`1` for `1.0`): {"a":1}"#);
    finds(
        br#"{"r":1,"n":100000}"#,
        r#"numbers in another form (`1.0` for `1`, `1e5` for `100000`): {"r":1.0,"n":1e5}"#,
    );
    finds(br#"[1.5e3]"#, "numbers in another form (`100000` for `1e5`): [1500]");
}

#[test]
fn compressed_text_is_decompressed_within_the_limit() {
    use std::io::Write;
    let text = br#"{"id":1,"data":{"id":1,"data":{"id":1}}}"#;
    let level = flate2::Compression::default();
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), level);
    let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), level);
    let mut deflate = flate2::write::DeflateEncoder::new(Vec::new(), level);
    for writer in [&mut gzip as &mut dyn Write, &mut zlib, &mut deflate] {
        writer.write_all(text).unwrap();
    }
    let mut gzip = gzip.finish().unwrap();
    gzip.push(b'\n');
    let zstd = ruzstd::encoding::compress_to_vec(&text[..], ruzstd::encoding::CompressionLevel::Fastest);
    // From Node's `zlib.brotliCompressSync`.
    let brotli = b"\x1b\x27\x00\xf8\x1d\x07\xce\xd9\x3c\x3e\x44\x21\x70\x72\xeb\x82\x5a\x24\x8c\x6e\x6f\xea\x90\xa5\x65\x5f\x0c\x4b\x69\xc2\x54\x08\x30\xdc\x71\x6a\x01".to_vec();
    for (name, packed) in [
        ("gzip", gzip),
        ("zlib", zlib.finish().unwrap()),
        ("deflate", deflate.finish().unwrap()),
        ("zstd", zstd),
        ("br", brotli),
    ] {
        finds(&packed, &format!("decompressed ({name}): {}", String::from_utf8_lossy(text)));
    }
    let mut bomb = flate2::write::GzEncoder::new(Vec::new(), level);
    bomb.write_all(&vec![b' '; 2 << 20]).unwrap();
    let found = found(&bomb.finish().unwrap());
    assert!(found.iter().all(|each| !each.starts_with("decompressed")));
}
