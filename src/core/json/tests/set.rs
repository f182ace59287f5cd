//! Setting a value in a body: the path, the value, and every other byte as it was.

use crate::core::json::{Setting, SettingError, validate};
use proptest::prelude::*;

fn set(body: &str, setting: &str) -> Result<String, String> {
    let setting: Setting = setting.parse().map_err(|error: SettingError| error.to_string())?;
    let changed = setting.apply(body.as_bytes()).map_err(|error| error.to_string())?;
    Ok(String::from_utf8(changed).unwrap())
}

#[track_caller]
fn assert_set(body: &str, setting: &str, expected: &str) {
    assert_eq!(set(body, setting).as_deref(), Ok(expected), "{setting} in {body}");
}

#[track_caller]
fn assert_refused(body: &str, setting: &str, error: &str) {
    assert_eq!(set(body, setting).unwrap_err(), error, "{setting} in {body}");
}

#[test]
fn only_the_value_is_replaced() {
    let body = "{ \"data\" :\t{\"n\":1e2,\"email\" : \"old\\u0040\" , \"big\":123456789012345678901234567890},\r\n\"b\":[ ] }\n";
    let expected = body.replace("\"old\\u0040\"", "\"jane@example.com\"");
    assert_set(body, "data.email=jane@example.com", &expected);
    assert_set(body, "data.n=2.50", &body.replace("1e2", "2.50"));
    assert_set(body, "b={\"c\": null}", &body.replace("[ ]", "{\"c\": null}"));
    assert_set(body, "data=1", "{ \"data\" :\t1,\r\n\"b\":[ ] }\n");
}

#[test]
fn elements_and_keys_of_every_kind_are_found() {
    let body = r#"{"data":{"groups":[{"name":"a"},{"name":"b"}],"a b":[[1,2],3]},"é":0,"x.y":1,"q\"=":2}"#;
    assert_set(body, "data.groups[1].name=c", &body.replace("\"b\"}", "\"c\"}"));
    assert_set(body, "data[\"a b\"][0][1]=9", &body.replace("[1,2]", "[1,9]"));
    assert_set(body, "[\"data\"].groups=null", &body.replace(r#"[{"name":"a"},{"name":"b"}]"#, "null"));
    assert_set(body, "é=true", &body.replace("\"é\":0", "\"é\":true"));
    assert_set(body, "[\"x.y\"]=5", &body.replace("\"x.y\":1", "\"x.y\":5"));
    assert_set(body, r#"["q\"="]=7"#, &body.replace("=\":2", "=\":7"));
    assert_set("[1,2]", "[0]=0", "[0,2]");
}

#[test]
fn a_key_written_with_escapes_is_found() {
    assert_set(r#"{"\u0069d":1}"#, "id=2", r#"{"\u0069d":2}"#);
}

#[test]
fn the_last_of_duplicate_keys_is_set() {
    assert_set(r#"{"a":1,"b":{"a":2},"a":3,"c":{"a":4}}"#, "a=5", r#"{"a":1,"b":{"a":2},"a":5,"c":{"a":4}}"#);
}

#[test]
fn a_missing_last_key_is_added_at_the_end_of_its_object() {
    assert_set("{\"a\":{\"b\":1 }\n}", "a.c=x", "{\"a\":{\"b\":1,\"c\":\"x\" }\n}");
    assert_set("{\"a\":{ }}", "a[\"c d\"]=1", "{\"a\":{\"c d\":1 }}");
    assert_set("{}", "a=1", "{\"a\":1}");
    assert_set("\n {}", "a=1", "\n {\"a\":1}");
    assert_set("{\"a\":[{}]}", "b=[]", "{\"a\":[{}],\"b\":[]}");
}

#[test]
fn a_key_with_white_space_around_it_is_set_but_not_added() {
    assert_set("{\"a \":1}", "a =2", "{\"a \":2}");
    for (setting, path, trimmed) in [
        ("data.email =x", "data[\"email \"]", "data.email"),
        ("data[\"\\temail\"]=x", "data[\"\\temail\"]", "data.email"),
        ("data[\" a.b\"]=x", "data[\" a.b\"]", "data[\"a.b\"]"),
    ] {
        let why = "there is no such key, and hookglass adds none with white space around it";
        assert_refused(
            "{\"data\":{\"email\":1}}",
            setting,
            &format!("cannot set `{path}`: {why}; write `{trimmed}=…`"),
        );
    }
}

#[test]
fn a_value_that_is_not_json_is_a_string() {
    for (value, expected) in [
        ("jane", "\"jane\""),
        ("", "\"\""),
        ("01", "\"01\""),
        ("a\"b\\\n", r#""a\"b\\\n""#),
        ("\"12\"", "\"12\""),
        ("12", "12"),
        ("a=b", "\"a=b\""),
        ("true", "true"),
        (" [1, 2]\n", "[1, 2]"),
        (" jane ", "\" jane \""),
    ] {
        assert_set("{\"a\":0}", &format!("a={value}"), &format!("{{\"a\":{expected}}}"));
    }
}

#[test]
fn errors_name_the_path_and_the_value_found() {
    let body = r#"{"data":{"email":"x","list":[1,2],"none":null}}"#;
    assert_refused(body, "data.email.name=1", "cannot set `data.email.name`: `data.email` is a string, not an object");
    assert_refused(body, "data.list.name=1", "cannot set `data.list.name`: `data.list` is an array, not an object");
    assert_refused(body, "data[0]=1", "cannot set `data[0]`: `data` is an object, not an array");
    assert_refused(body, "data.none.a=1", "cannot set `data.none.a`: `data.none` is null, not an object");
    assert_refused(body, "data.list[2]=1", "cannot set `data.list[2]`: `data.list` has 2 elements, counted from 0");
    assert_refused("[1]", "[1]=2", "cannot set `[1]`: the body has 1 element, counted from 0");
    assert_refused(body, "data.user.name=1", "cannot set `data.user.name`: there is no `data.user`");
    assert_refused("[]", "a=1", "cannot set `a`: the body is an array, not an object");
    assert_refused("{\"a\":1", "a=1", "cannot set `a`: the body is not JSON at byte 6: expected `,` or `}`");
}

#[test]
fn an_invalid_setting_is_reported_with_its_column() {
    for (setting, error) in [
        ("data.email", "`=` and a value are missing"),
        ("a[\"b=1", "`=` and a value are missing"),
        ("=1", "column 1 of the path: expected a key"),
        ("a..b=1", "column 3 of the path: expected a key"),
        ("a.=1", "column 3 of the path: expected a key"),
        ("é[x]=1", "column 3 of the path: expected an index"),
        ("a[99999999999999999999]=1", "column 3 of the path: expected an index"),
        ("a[0=1", "column 4 of the path: expected `]`"),
        ("a[0]b=1", "column 5 of the path: expected `.`, `[` or `=`"),
        ("a]=1", "column 2 of the path: expected `.`, `[` or `=`"),
    ] {
        let message = set("{}", setting).unwrap_err();
        assert!(message.starts_with(error), "{setting}: {message}");
    }
}

#[test]
fn a_value_is_set_in_a_body_of_any_depth() {
    let (open, close) = ("{\"a\":".repeat(20_000), "}".repeat(20_000));
    assert_set(&format!("{open}0{close}"), "a.a.b=1", &format!("{open}0{},\"b\":1}}}}}}", &close[3..]));
}

/// JSON of small objects and arrays with white space between the tokens.
fn json() -> impl Strategy<Value = String> {
    let leaf = prop_oneof!["-?[1-9][0-9]{0,3}(\\.[0-9]{1,2})?", "\"[a-zé ]{0,5}\"", Just("null".to_owned())];
    let white = || "[ \n\t]{0,2}";
    leaf.prop_recursive(4, 24, 4, move |inner| {
        let spaced = (white(), inner, white()).prop_map(|(before, value, after)| format!("{before}{value}{after}"));
        let member = ("[a-d]", white(), spaced.clone())
            .prop_map(|(key, space, value)| format!("{space}\"{key}\"{space}:{value}"));
        prop_oneof![
            prop::collection::vec(spaced, 0..4).prop_map(|values| format!("[{}]", values.join(","))),
            prop::collection::vec(member, 0..4).prop_map(|members| format!("{{{}}}", members.join(","))),
        ]
    })
}

proptest! {
    #[test]
    fn the_value_is_set_and_the_rest_stays(body in json(), steps in prop::collection::vec("[a-d]|\\[[0-3]\\]", 1..4)) {
        let mut path = String::new();
        for step in &steps {
            if !path.is_empty() && !step.starts_with('[') {
                path.push('.');
            }
            path.push_str(step);
        }
        let setting: Setting = format!("{path}=[\"SET\"]").parse().unwrap();
        prop_assert_eq!(setting.path(), path);
        if let Ok(changed) = setting.apply(body.as_bytes()) {
            prop_assert!(validate(&changed).is_ok());
            let changed = String::from_utf8(changed).unwrap();
            let read: serde_json::Value = serde_json::from_str(&changed).unwrap();
            let pointer: String = steps.iter().map(|step| format!("/{}", step.trim_matches(['[', ']']))).collect();
            prop_assert_eq!(read.pointer(&pointer), Some(&serde_json::json!(["SET"])));
            let (before, after) = changed.split_once("[\"SET\"]").unwrap();
            // The text before and after it is the body's, except for the name and comma of an added member.
            let is_in_place = body.starts_with(before) && body.ends_with(after);
            let name = format!("\"{}\":", steps.last().unwrap());
            let added = before.strip_suffix(&name).map(|before| before.strip_suffix(',').unwrap_or(before));
            let is_added = added.is_some_and(|before| format!("{before}{after}") == body);
            prop_assert!(is_in_place || is_added, "{body} became {changed}");
        }
    }
}
