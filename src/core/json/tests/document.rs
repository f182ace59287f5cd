//! Documents: lines, folds, and bytes that are not JSON.

use super::super::*;
use super::json_text;
use super::scan::joined_tokens;
use bytes::Bytes;
use proptest::prelude::*;

fn document(body: impl AsRef<[u8]>) -> Document {
    Document::new(Bytes::copy_from_slice(body.as_ref()))
}

fn text_of(line: &Line<'_>) -> String {
    line.segments().map(|(_, bytes)| std::str::from_utf8(bytes).unwrap()).collect()
}

/// Every non-empty container, in order of the first line.
fn folds(document: &Document) -> impl Iterator<Item = Fold> {
    (0..document.line_count()).filter_map(|line| document.fold(line))
}

fn lines(document: &Document) -> Vec<String> {
    (0..document.line_count()).map(|line| text_of(&document.line(line))).collect()
}

const BODY: &str = r#"{"id":"evt_1","n":123456789012345678901234567890 , "e":[ ],"o" : { },"data":{"user":{"email":"jane@example.com"},
"roles":[{"name":"a"},"\ud83d",[1,1e2,true]],"a b":null,"id":1,"id":2},"last":""}"#;

#[test]
fn json_is_laid_out_by_white_space_only() {
    let document = document(BODY);
    assert_eq!(document.form(), &Form::Json);
    let expected = r#"{
  "id": "evt_1",
  "n": 123456789012345678901234567890,
  "e": [],
  "o": {},
  "data": {
    "user": {
      "email": "jane@example.com"
    },
    "roles": [
      {
        "name": "a"
      },
      "\ud83d",
      [
        1,
        1e2,
        true
      ]
    ],
    "a b": null,
    "id": 1,
    "id": 2
  },
  "last": ""
}"#;
    assert_eq!(lines(&document).join("\n"), expected);
    assert_eq!(String::from_utf8(document.pretty()).unwrap(), expected);
}

#[test]
fn segments_have_roles() {
    let document = document(r#"{"a":"b","c":[1,null,{}]}"#);
    let roles = |line: usize| document.line(line).segments().map(|(role, _)| role).collect::<Vec<_>>();
    assert_eq!(roles(0), [Role::Punctuation]);
    assert_eq!(roles(1), [Role::Indent, Role::Key, Role::Punctuation, Role::String, Role::Punctuation]);
    assert_eq!(roles(2), [Role::Indent, Role::Key, Role::Punctuation, Role::Punctuation]);
    assert_eq!(roles(3), [Role::Indent, Role::Number, Role::Punctuation]);
    assert_eq!(roles(4), [Role::Indent, Role::Literal, Role::Punctuation]);
    assert_eq!(roles(5), [Role::Indent, Role::Punctuation]);
    assert_eq!(roles(99), []);
    assert_eq!(document.line(3).depth, 2);
}

#[test]
fn a_scalar_is_one_line() {
    for body in ["1", " \"a\" ", "true", "{ }", "[]"] {
        assert_eq!(lines(&document(body)), [body.replace(' ', "")]);
        assert_eq!(document(body).path(0), "$");
    }
}

#[test]
fn folds_span_from_bracket_to_bracket() {
    let document = document(BODY);
    assert_eq!(document.fold(0), Some(Fold { first: 0, last: 25, children: 6, is_object: true }));
    assert_eq!(document.fold(9), Some(Fold { first: 9, last: 19, children: 3, is_object: false }));
    assert_eq!(document.fold(3), None, "an empty container has nothing to fold");
    assert_eq!(folds(&document).map(|fold| fold.first).collect::<Vec<_>>(), [0, 5, 6, 9, 10, 14]);
    assert_eq!(document.fold_around(15), document.fold(14));
    assert_eq!(document.fold_around(18), document.fold(9));
    assert_eq!(document.fold_around(0), None);
}

#[test]
fn every_line_has_a_path() {
    let document = document(BODY);
    for (line, path) in [
        (0, "$"),
        (25, "$"),
        (24, "last"),
        (1, "id"),
        (7, "data.user.email"),
        (8, "data.user"),
        (9, "data.roles"),
        (11, "data.roles[0].name"),
        (12, "data.roles[0]"),
        (13, "data.roles[1]"),
        (17, "data.roles[2][2]"),
        (20, "data[\"a b\"]"),
        (23, "data"),
        (99, ""),
    ] {
        assert_eq!(document.path(line), path, "line {line}");
    }
}

#[test]
fn values_are_the_bytes_as_received() {
    let document = document(BODY);
    assert_eq!(document.value(1), b"\"evt_1\"");
    assert_eq!(document.value(4), b"{ }");
    assert_eq!(document.value(6), br#"{"email":"jane@example.com"}"#);
    assert_eq!(document.value(8), document.value(6));
    assert_eq!(document.value(25), BODY.as_bytes());
    assert_eq!(document.value(99), b"");
}

#[test]
fn an_offset_leads_to_its_line() {
    let document = document(BODY);
    assert_eq!(document.line_at(0), Some(0));
    assert_eq!(document.line_at(BODY.find("jane").unwrap()), Some(7));
    assert_eq!(document.line_at(usize::MAX), Some(25));
    assert_eq!(super::super::Document::new(Bytes::new()).line_at(0), None);
}

#[test]
fn text_keeps_its_own_lines() {
    let text = document("a=1\r\nb\n\nc\r");
    assert_eq!(text.form(), &Form::Text { error: None });
    assert_eq!(lines(&text), ["a=1", "b", "", "c\r"]);
    assert_eq!(text.pretty(), b"a=1\r\nb\n\nc\r");
    assert_eq!(lines(&document("a\n")), ["a"]);
    assert_eq!(document("\n\nb").line_at(2), Some(2));
    assert_eq!(document(b"caf\xe9 cr\xe8me").form(), &Form::Text { error: None });
}

#[test]
fn broken_json_is_text_with_the_error() {
    let broken = document("{\n  \"a\": 1,\n}");
    let Form::Text { error: Some(error) } = broken.form() else { panic!("{:?}", broken.form()) };
    assert_eq!(error.position(broken.body()), Position { line: 3, column: 1 });
    assert_eq!(lines(&broken), ["{", "  \"a\": 1,", "}"]);
    assert!(matches!(document("\u{feff}{}").form(), Form::Text { error: Some(_) }));
}

#[test]
fn binary_bodies_are_shown_in_hexadecimal() {
    let bytes: Vec<u8> = (0..=17).chain(*b"~A\xff").collect();
    let binary = document(&bytes);
    assert_eq!(binary.form(), &Form::Binary);
    assert_eq!(
        lines(&binary),
        [
            "00000000  00 01 02 03 04 05 06 07  08 09 0a 0b 0c 0d 0e 0f  ................",
            "00000010  10 11 7e 41 ff                                    ..~A.",
        ]
    );
    let roles: Vec<_> = binary.line(1).segments().map(|(role, _)| role).collect();
    assert_eq!(roles, [Role::Offset, Role::Plain, Role::String]);
    assert_eq!(binary.value(1), &bytes[16..]);
    assert_eq!(document(b"\xff\xfe\xfd\xfc").form(), &Form::Binary);
}

#[test]
fn an_empty_body_has_no_lines() {
    let empty = document("");
    assert_eq!((empty.form(), empty.line_count()), (&Form::Empty, 0));
    assert_eq!(empty.pretty(), b"");
}

#[test]
fn deep_nesting_is_shown_with_limited_indentation() {
    let levels = 100_000;
    let body = "[".repeat(levels) + "1" + &"]".repeat(levels);
    let deep = document(&body);
    assert_eq!(deep.line_count(), 2 * levels + 1);
    assert_eq!(text_of(&deep.line(40)), " ".repeat(80) + "[");
    assert_eq!(text_of(&deep.line(levels)), " ".repeat(80) + "⋯1");
    assert_eq!(deep.fold(1).unwrap().last, 2 * levels - 1);
    assert_eq!(deep.path(100), "[0]".repeat(100));
    assert_eq!(deep.path(levels), "…".to_owned() + &"[0]".repeat(256));
    assert_eq!(deep.pretty(), body.as_bytes(), "pretty-printed it would be too long");
}

#[test]
fn one_string_of_ten_megabytes_is_one_line() {
    let body = format!("[\"{}\"]", "a".repeat(10_000_000));
    let long = document(&body);
    assert_eq!(long.line_count(), 3);
    assert_eq!(long.line(1).segments().map(|(_, bytes)| bytes.len()).collect::<Vec<_>>(), [2, 10_000_002]);
}

#[test]
fn long_keys_and_gaps_do_not_confuse_the_lines() {
    let gap = " ".repeat(1000);
    let key = "k".repeat(1000);
    let body = format!(
        "{{{gap}\"{key}\"{gap}:{gap}\"v\"{gap},{gap}\"b\":{gap}[{gap}]{gap},\"c\":{gap}[{gap}1{gap}]{gap}}}{gap}"
    );
    let document = document(&body);
    let long = format!("  \"{key}\": \"v\",");
    assert_eq!(lines(&document), ["{", &long, "  \"b\": [],", "  \"c\": [", "    1", "  ]", "}"]);
    assert_eq!(document.path(1), key);
    assert_eq!(document.value(5), format!("[{gap}1{gap}]").as_bytes());
}

#[test]
fn keys_of_any_length_are_recognised() {
    for length in 240..270 {
        let line = format!("\"{}\": \"v\"", "k".repeat(length));
        let object = document(format!("{{{}}}", line.replace(' ', "")));
        assert_eq!(lines(&object), ["{", &format!("  {line}"), "}"]);
        assert_eq!(object.value(1), b"\"v\"");
        let text = format!("\"{}\"", "k\\\"".repeat(length));
        assert_eq!(lines(&document(format!("[{text},1]"))), ["[", &format!("  {text},"), "  1", "]"]);
    }
}

/// The path by counting the lines before, which is slow but plain.
fn path_by_counting(document: &Document, line: usize) -> String {
    let is_closing = |line: usize| document.opening(line) != line;
    let (mut line, mut steps) = (document.opening(line), Vec::new());
    while let Some(around) = document.fold_around(line) {
        let is_child =
            |before: &usize| document.line(*before).depth == document.line(line).depth && !is_closing(*before);
        let place = (around.first + 1..line).filter(is_child).count();
        steps.push((document.key(line), place));
        line = around.first;
    }
    let mut path = String::new();
    for (key, place) in steps.iter().rev() {
        key.map_or(Step::Index(*place), Step::Key).write(&mut path);
    }
    if path.is_empty() { "$".to_owned() } else { path }
}

proptest! {
    #[test]
    fn paths_count_the_elements_before_them(text in json_text()) {
        let document = document(&text);
        for line in 0..document.line_count() {
            prop_assert_eq!(document.path(line), path_by_counting(&document, line), "line {}", line);
        }
    }

    #[test]
    fn pretty_printing_keeps_the_tokens_and_is_idempotent(text in json_text()) {
        let document = document(&text);
        let pretty = document.pretty();
        prop_assert_eq!(joined_tokens(&pretty), joined_tokens(text.as_bytes()));
        let again = super::super::Document::new(Bytes::from(pretty.clone()));
        prop_assert_eq!(&again.pretty(), &pretty);
        prop_assert_eq!(lines(&again), lines(&document));
        prop_assert_eq!(lines(&document).join("\n").into_bytes(), pretty);
    }

    #[test]
    fn folds_and_values_are_consistent(text in json_text()) {
        let document = document(&text);
        for fold in folds(&document) {
            prop_assert_eq!(document.path(fold.first), document.path(fold.last));
            let value = document.value(fold.first);
            prop_assert_eq!(validate(value), Ok(()));
            prop_assert_eq!(value[0] == b'{', fold.is_object);
            let parsed: Vec<_> = scan(value).map(Result::unwrap).collect();
            prop_assert!(parsed.len() > 2 && fold.children > 0);
        }
        for line in 0..document.line_count() {
            prop_assert_eq!(validate(document.value(line)), Ok(()));
        }
    }

    #[test]
    fn any_bytes_can_be_laid_out(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let document = document(&bytes);
        for line in 0..document.line_count() {
            let _ = (document.line(line).segments().count(), document.path(line), document.value(line));
        }
        if document.form() != &Form::Json {
            prop_assert_eq!(document.pretty(), bytes);
        }
    }
}
