//! Tests of the parser: what is accepted, what errors say, and that printing and parsing are inverse.

use super::super::lex;
use super::*;
use proptest::prelude::*;

fn printed(text: &str) -> String {
    Filter::parse(text).unwrap_or_else(|error| panic!("{text}: {error}")).to_string()
}

fn saved() -> SavedFilters {
    let mut saved = SavedFilters::default();
    saved.insert("failed".to_owned(), Filter::parse("is:failed OR status:4xx jane").unwrap());
    saved
}

#[test]
fn errors_give_the_column_and_what_was_expected() {
    for (text, column, expected) in [
        ("is:good", 4, "`verified`"),
        ("jane is:", 9, "`verified`"),
        ("- x", 2, "a term"),
        ("-", 2, "a term"),
        ("type:", 6, "a type"),
        ("ü colour:red", 3, "`type:`"),
        ("tpye:user", 1, "`type:`, or quotes"),
        ("orgs:x", 1, "`org:`, or quotes"),
        ("\"open", 6, "a closing"),
        ("type:\"open", 11, "a closing"),
        ("status:6", 8, "a status"),
        ("response:abc", 10, "a status"),
        ("size:>ten", 6, "a size"),
        ("after:soon", 7, "a time"),
        ("before:2026-02-30", 8, "a time"),
        ("header.x-a:", 12, "a value"),
        ("header.:x", 1, "`header.NAME:`"),
        ("data.a..b:x", 1, "a path"),
        ("data.a[]:x", 1, "a path"),
        ("(a", 3, "a `)` for the `(` in column 1"),
        ("a (b OR (c d) e", 16, "a `)` for the `(` in column 3"),
        ("a)", 2, "a term; no `(` is open"),
        ("()", 2, "a term"),
        ("OR a", 1, "a term"),
        ("a OR", 5, "a term"),
        ("a OR OR b", 6, "a term"),
        ("a AND", 6, "a term"),
        ("NOT", 4, "a term"),
        ("-AND", 2, "a term"),
        ("(a OR) b", 6, "a term"),
        ("x @failed", 3, "quotes around a text with `@`"),
    ] {
        let error = Filter::parse(text).unwrap_err();
        assert_eq!(error.column, column, "{text}: {error}");
        assert!(error.expected.starts_with(expected), "{text}: {error}");
    }
    let error = Filter::parse_with("@faild", &saved()).unwrap_err();
    assert_eq!(error.to_string(), "column 1: expected a saved filter (`@failed`), or quotes around the text");
}

#[test]
fn a_blank_filter_selects_everything() {
    assert!(Filter::parse("   ").unwrap().is_empty());
}

#[test]
fn operators_group_as_usual() {
    for (text, expected) in [
        ("a b", "a b"),
        ("a AND b", "a b"),
        ("a OR b c", "a OR b c"),
        ("(a OR b) c", "(a OR b) c"),
        ("((a)) (b c)", "a b c"),
        ("NOT a", "-a"),
        ("-(a OR b)", "-(a OR b)"),
        ("NOT (a b)", "-(a b)"),
        ("NOT -a", "NOT -a"),
        ("NOT NOT a b", "NOT -a b"),
        ("-a OR -b", "-a OR -b"),
        ("and or not", "and or not"),
        ("\"AND\" \"OR\"", "\"AND\" \"OR\""),
    ] {
        assert_eq!(printed(text), expected, "{text}");
    }
}

#[test]
fn words_with_signs_in_them_are_texts() {
    for text in [
        "user2@example",
        "--x",
        "a-b",
        "http",
        "12:30",
        "evt_1:x",
        "a(b)",
        "f()",
        "a\"b",
        "@acme.com",
        "@",
        "data.email",
        "header.x",
        "data",
        "a&b|c",
        "'x'",
        "data[",
        "data[\"x",
        "data[0",
        "ü:x",
        "data(:x",
    ] {
        let filter = Filter::parse(text).unwrap();
        let mut is_text = true;
        filter.root.each(&mut |condition| is_text &= matches!(condition, Condition::Text { .. }));
        assert!(is_text, "{text}: {filter:?}");
    }
    assert_eq!(printed("\"say \"\"hi\"\"\""), "\"say \"\"hi\"\"\"");
    assert_eq!(printed("\"a b\"c"), "\"a b\" c");
    assert_eq!(printed("type:(no"), "type:\"(no\"");
    assert_eq!(printed("finding:\"a b\""), "reason:\"a b\"");
    assert_eq!(printed("header.X-Key:A data[\"a b\"].c[0]:\"x y\""), "header.x-key:A data[\"a b\"].c[0]:\"x y\"");
}

#[test]
fn a_saved_filter_is_one_term() {
    let filter = Filter::parse_with("-@failed type:a", &saved()).unwrap();
    assert_eq!((filter.to_string().as_str(), filter.requests), ("-@failed type:a", 1));
}

#[test]
fn length_depth_and_bodies_are_bounded() {
    assert!(Filter::parse(&"(".repeat(10_000)).unwrap_err().expected.starts_with("at most 32 groups"));
    assert!(Filter::parse(&"NOT ".repeat(4000)).unwrap_err().expected.starts_with("at most 32 groups"));
    assert!(Filter::parse(&"ü".repeat(10_000)).unwrap_err().expected.starts_with("at most 16384 bytes"));
    assert_eq!(Filter::parse(&"a ".repeat(64)).unwrap_err().column, 127);
    assert!(Filter::parse(&format!("{}x{}", "(".repeat(32), ")".repeat(32))).is_ok());
    assert!(Filter::parse(&"is:failed ".repeat(1000)).is_ok());
}

/// Filters as the constructors make them.
fn filters() -> impl Strategy<Value = Node> {
    let text = || "[a-zA-Z*?\"() :@.é\\-]{1,6}|AND|OR|NOT|\\PC{1,4}";
    let leaf = prop_oneof![
        text().prop_map(|text| Condition::Text { text, slot: 0 }),
        text().prop_map(|text| Condition::Type(Glob::new(text))),
        text().prop_map(|text| Condition::Reason(Glob::new(text))),
        text().prop_map(|text| Condition::Organization(Pattern::new(&text))),
        text().prop_map(|text| Condition::Id(Pattern::new(&text))),
        text().prop_map(|text| Condition::Path(Pattern::new(&text))),
        prop::sample::select(&State::ALL[..]).prop_map(Condition::Is),
        "[0-9x]{3}".prop_map(|text| Condition::Status(StatusPattern::parse(&text).unwrap())),
        "(>|>=|<|<=|)[0-9]{1,9}(b|kb|mb)".prop_map(|text| Condition::Size(Sizes::parse(&text).unwrap())),
        "[0-9]{1,9}[smhd]|20[0-9]{2}-1[0-2]-0[1-9]T1[0-9]:00(Z|)"
            .prop_map(|text| { Condition::After(Moment::parse(&text).unwrap()) }),
        ("[a-z-]{1,5}", text()).prop_map(|(name, value)| Condition::Header {
            name,
            value: Pattern::new(&value),
            slot: 0
        }),
        ("data(\\.[a-zé$*]{1,3}|\\[[0-9]\\]|\\[\"[a \\]:é]{0,3}\"\\]){0,3}", text()).prop_map(|(path, value)| {
            Condition::Data { path: Path::parse(&path).unwrap(), value: Pattern::new(&value), slot: 0 }
        }),
    ];
    leaf.prop_map(Node::Condition).prop_recursive(3, 20, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..=3).prop_map(Node::all),
            prop::collection::vec(inner.clone(), 1..=3).prop_map(Node::any),
            inner.prop_map(Node::not),
        ]
    })
}

proptest! {
    #[test]
    fn a_printed_filter_is_parsed_to_the_same(root in filters()) {
        let filter = Filter::new(root);
        prop_assert_eq!(Filter::parse(&filter.to_string()), Ok(filter));
    }

    #[test]
    fn any_text_is_a_filter_or_an_error_within_it(
        text in "(\\PC|[()\" :@.-]|type:|data\\[|header\\.|is:|OR |NOT |@failed ){0,30}",
    ) {
        match Filter::parse_with(&text, &saved()) {
            Ok(filter) => prop_assert_eq!(Filter::parse_with(&filter.to_string(), &saved()), Ok(filter)),
            Err(error) => prop_assert!((1..=text.chars().count() + 1).contains(&error.column)),
        }
        let tokens = lex::tokens(&text);
        prop_assert!(tokens.iter().all(|token| !text[token.span.clone()].is_empty()));
        prop_assert!(tokens.windows(2).all(|pair| pair[0].span.end <= pair[1].span.start));
    }
}

#[test]
fn typing_on_narrows_a_filter_and_taking_back_does_not() {
    for (before, after, is_narrower) in [
        ("ja", "jan", true),
        ("ja", "jaN", true),
        ("jan", "ja", false),
        ("type:user.* ja", "type:user.* jane", true),
        ("type:user.*", "type:user.* jane", true),
        ("type:user.*", "type:user.login", false),
        ("-jane", "-ja", true),
        ("-ja", "-jane", false),
        ("ja OR bob", "jane OR bob", true),
        ("ja", "jane OR bob", false),
        ("data.a:1 x", "x data.a:1 data.b:2", true),
        ("after:1h x", "after:1h xy", false),
        ("", "x", false),
    ] {
        let [before, after] = [before, after].map(|text| Filter::parse(text).unwrap());
        assert_eq!(after.is_narrower_than(&before), is_narrower, "{before:?} {after:?}");
    }
}
