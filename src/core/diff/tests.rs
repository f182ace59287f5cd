//! Differences by path and by bytes, between documents that are small, long, deep and hostile.

use super::*;
use crate::core::json::tests::json_text;
use crate::core::json::{compact, scan};
use proptest::prelude::*;

fn side(text: impl AsRef<[u8]>) -> Side {
    Side::plain(Bytes::copy_from_slice(text.as_ref()))
}

fn difference(before: impl AsRef<[u8]>, after: impl AsRef<[u8]>) -> Difference {
    Difference::new(&side(before), &side(after))
}

/// The changes by path, as `~ data.email "a" "b"`.
fn changes(before: &str, after: &str) -> Vec<String> {
    let ByValue::Json(changes) = difference(before, after).by_value else { panic!("not JSON: {before} {after}") };
    let text = |value: &Option<Bytes>| value.as_ref().map(|value| format!(" {}", String::from_utf8_lossy(value)));
    let described = changes.described.iter().map(|change| {
        let sign = match change.kind {
            Kind::Added => "+",
            Kind::Removed => "-",
            Kind::Changed => "~",
        };
        let values: String = [&change.before, &change.after].into_iter().filter_map(text).collect();
        format!("{sign} {}{values}", change.path)
    });
    described.collect()
}

#[test]
fn members_are_added_removed_and_changed_but_not_moved() {
    for (before, after, expected) in [
        (r#"{"a":1,"b":2}"#, r#"{"b": 2, "a": 1}"#, &[][..]),
        (r#"{"a":1,"b":2}"#, r#"{"b":3,"c":4}"#, &["- a 1", "~ b 2 3", "+ c 4"]),
        (r#"{"a":{"b":{"c":1}}}"#, r#"{"a":{"b":{"c":2}}}"#, &["~ a.b.c 1 2"]),
        (r#"{"a":{"x":1,"y":2}}"#, r#"{"a":{"y":2,"x":1}}"#, &[]),
        (r#"{"a":{}}"#, r#"{"a":{ }}"#, &[]),
        (r#"{"a":{}}"#, r#"{"a":[]}"#, &["~ a {} []"]),
        (r#"{"a":{"b":1}}"#, r#"{"a":null}"#, &[r#"~ a {"b":1} null"#]),
        (r#"{"a":"\u00e9"}"#, r#"{"\u0061":"é"}"#, &[]),
        (r#"{"a":1.0}"#, r#"{"a":1}"#, &["~ a 1.0 1"]),
        (
            r#"{"a":123456789012345678901234567890}"#,
            r#"{"a":123456789012345678901234567891}"#,
            &["~ a 123456789012345678901234567890 123456789012345678901234567891"],
        ),
        (r#"{"a":1,"a":2}"#, r#"{"a":1,"a":3}"#, &["~ a 2 3"]),
        (r#"{"a":1,"a":2}"#, r#"{"a":2,"a":1}"#, &["~ a 1 2", "~ a 2 1"]),
        (r#"{"a":1}"#, r#"{"a":1,"a":1}"#, &["+ a 1"]),
        (r#"{"a b":1}"#, r#"{"a b":2}"#, &[r#"~ ["a b"] 1 2"#]),
        ("1", "2", &["~ $ 1 2"]),
        ("{}", r#"{"a":1}"#, &["+ a 1"]),
    ] {
        assert_eq!(changes(before, after), expected, "{before} {after}");
    }
}

#[test]
fn elements_are_aligned_by_what_is_the_same() {
    for (before, after, expected) in [
        ("[1,2,3]", "[0,1,2,3]", &["+ [0] 0"][..]),
        ("[1,2,3]", "[1,3]", &["- [1] 2"]),
        ("[1,2,3]", "[1,9,3]", &["~ [1] 2 9"]),
        (r#"[{"id":1,"x":[1]},{"id":2}]"#, r#"[{"id":1,"x":[2]},{"id":2}]"#, &["~ [0].x[0] 1 2"]),
        (r#"[{"id":1},{"id":2}]"#, r#"[{"id":2},{"id":1}]"#, &[r#"+ [0] {"id":2}"#, r#"- [1] {"id":2}"#]),
        ("[[],[1]]", "[[1],[]]", &["+ [0] [1]", "- [1] [1]"]),
    ] {
        assert_eq!(changes(before, after), expected, "{before} {after}");
    }
}

#[test]
fn bytes_differ_from_the_first_to_the_last_difference() {
    for (before, after, expected) in [
        ("abc", "abc", None),
        ("abc", "abd", Some((2, 0))),
        ("abc", "abcd", Some((3, 0))),
        ("aXc", "aYYc", Some((1, 1))),
        ("aa", "aaa", Some((2, 0))),
        ("", "a", Some((0, 0))),
        ("", "", None),
    ] {
        let found = difference(before, after).bytes.map(|bytes| (bytes.first, bytes.same_end));
        assert_eq!(found, expected, "{before} {after}");
    }
}

#[test]
fn text_is_compared_by_line_and_anything_else_by_bytes() {
    let ByValue::Text(changes) = difference("a\nb\n", "a\nc\n").by_value else { panic!() };
    assert!(changes.contains(&Change::Removed(b"b".to_vec())) && changes.contains(&Change::Added(b"c".to_vec())));
    assert_eq!(difference(b"\0a", b"\0b").by_value, ByValue::Binary);
    assert!(matches!(difference("{}", "{").by_value, ByValue::Text(_)));
    let different = difference(b"\0a", b"\0b");
    let lines = lines(&different, &side(b"\0a"), &side(b"\0b"));
    let text: Vec<_> = lines.iter().map(|line| String::from_utf8_lossy(&text_of(line)).into_owned()).collect();
    assert_eq!(text[0], "bytes: 2 and 2; the first difference is at 1, the last 0 are the same");
    assert_eq!(text[1].trim_end(), "- 00000000  00 61                                             .a");
}

fn text_of(line: &DiffLine) -> Vec<u8> {
    line.iter().flat_map(|(_, text)| text.clone()).collect()
}

#[test]
fn a_summary_counts_and_says_when_only_the_spelling_differs() {
    for (before, after, expected) in [
        ("[1]", "[1]", "the same, byte for byte"),
        (
            r#"{"a":1,"b":2}"#,
            r#"{"b":2,"a":1}"#,
            "the same JSON: only white space, the order of keys or escapes differ; the bytes differ from 2 on",
        ),
        ("{\"a\":1}", "{\"a\":2,\"b\":1}", "1 changed, 1 added; the bytes differ from 5 on"),
        ("a", "b", "the bytes differ from 0 on"),
    ] {
        assert_eq!(summary(&difference(before, after)), expected);
    }
}

#[test]
fn hostile_documents_are_compared() {
    let deep = |end: &str| "[".repeat(100_000) + end + &"]".repeat(100_000);
    let found = changes(&deep("1"), &deep("2"));
    assert!(found.len() == 1 && found[0].starts_with("~ …[0]") && found[0].ends_with(" 1 2"));
    let keys = |value: u8| {
        let members: Vec<_> = (0..10_000).map(|key| format!("\"k{key}\":{value}")).collect();
        format!("{{{}}}", members.join(","))
    };
    let ByValue::Json(all) = difference(keys(1), keys(2)).by_value else { panic!() };
    assert_eq!((all.changed, all.described.len()), (10_000, MAX_CHANGES));
    let long = |first: &str| format!("[{first}{}]", ",1".repeat(100_000));
    assert_eq!(changes(&long("1"), &long("1,2")), ["+ [1] 2"]);
    let (before, after) = (side(b"{\"\xff\":1}"), side(b"{\"\xfe\":1}"));
    let invalid = Difference::new(&before, &after);
    assert!(matches!(invalid.by_value, ByValue::Text(_)) && !lines(&invalid, &before, &after).is_empty());
    let (before, after) = (side("e".to_owned() + &"\u{301}".repeat(1_000_000)), side("x"));
    let marks = Difference::new(&before, &after);
    assert!(lines(&marks, &before, &after).iter().map(|line| text_of(line).len()).sum::<usize>() < 4000);
}

proptest! {
    #[test]
    fn a_document_does_not_differ_from_itself_in_other_white_space(text in json_text()) {
        let compact = compact(text.as_bytes()).unwrap();
        let ByValue::Json(changes) = difference(&text, &compact).by_value else { panic!() };
        prop_assert_eq!(changes, Changes::default());
        prop_assert_eq!(difference(&text, &text).bytes, None);
    }

    #[test]
    fn what_was_removed_is_what_the_other_direction_adds(a in json_text(), b in json_text()) {
        let (ByValue::Json(there), ByValue::Json(back)) = (difference(&a, &b).by_value, difference(&b, &a).by_value) else {
            panic!()
        };
        // Arrays may be aligned in another way, so that only the balance is the same.
        prop_assert_eq!(there.count() == 0, back.count() == 0);
        for change in &there.described {
            for value in [&change.before, &change.after].into_iter().flatten() {
                prop_assert!(scan(value).all(|token| token.is_ok()));
            }
        }
    }
}
