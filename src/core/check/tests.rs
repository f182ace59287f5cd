//! What is found in bodies of all kinds: samples, changed samples, no events, huge ones.

use super::*;
use crate::core::catalog::{Kind, SampleFacts};
use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::{Value, json};

const WEBHOOK: &[u8] = b"POST / HTTP/1.1\r\nwebhook-id: msg_1\r\n\r\n";
const INTERCEPTOR: &[u8] = b"POST / HTTP/1.1\r\nInterceptor-Signature: v1,x\r\n\r\n";

fn checked(body: &[u8]) -> Checked {
    check(&Head::parse(WEBHOOK).unwrap(), body, &Accepted::default())
}

/// `slug path` of each difference and note.
fn found(body: &[u8]) -> Vec<String> {
    checked(body).described.iter().map(|it| format!("{} {}", it.check, it.path)).collect()
}

fn sample(name: &str) -> Value {
    let text = String::from_utf8(sample_bytes(catalog().find(name).unwrap(), 7)).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn sample_bytes(event: &EventType, number: u64) -> Vec<u8> {
    event.sample(SampleFacts { occurred_at: Timestamp::UNIX_EPOCH, number })
}

/// A sample with the values at these JSON pointers; without those whose new value is the text `(gone)`.
fn changed(name: &str, changes: &[(&str, Value)]) -> Vec<u8> {
    let mut body = sample(name);
    for (pointer, value) in changes {
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        let parent = body.pointer_mut(parent).unwrap().as_object_mut().unwrap();
        if *value == json!("(gone)") {
            parent.remove(key);
        } else {
            parent.insert(key.to_owned(), value.clone());
        }
    }
    body.to_string().into_bytes()
}

/// A type, what is changed in its sample, and what is found.
type Case<'a> = (&'a str, &'a [(&'a str, Value)], &'a [&'a str]);

#[test]
fn each_kind_of_difference_is_found_at_its_path() {
    let gone = || json!("(gone)");
    let cases: &[Case] = &[
        ("user.login", &[], &[]),
        ("user.login", &[("/type", json!("user.lgoin"))], &["unknown-type type"]),
        ("user.login", &[("/type", json!("PRE_SIGNUP"))], &["unknown-type type"]),
        ("user.login", &[("/type", json!("session.created"))], &["unsent-type type"]),
        ("user.login", &[("/type", gone())], &["missing-field type"]),
        ("user.login", &[("/type", json!(7))], &["wrong-json-type type"]),
        ("user.login", &[("/type", Value::Null)], &["wrong-json-type type"]),
        ("scalekit.dir.user.create", &[], &["legacy-type type"]),
        ("user.login", &[("/data", json!([]))], &["wrong-json-type data"]),
        ("user.login", &[("/data", json!({}))], &["missing-field data.user", "missing-field data.user_session"]),
        ("user.login", &[("/data/user", json!("x"))], &["wrong-json-type data.user"]),
        ("user.login", &[("/data/more", json!({"a": {}}))], &["unknown-field data.more"]),
        ("user.login", &[("/data/a b", json!(1))], &["unknown-field data[\"a b\"]"]),
        ("user.login", &[("/more", json!(1))], &["unknown-field more"]),
        ("user.login", &[("/data/user/more", json!(1)), ("/data/user_session/device/more", json!(1))], &[]),
        ("user.login", &[("/data/user/email", Value::Null), ("/data/user_session/device", Value::Null)], &[]),
        ("user.login", &[("/data/user/email", json!(true))], &["wrong-json-type data.user.email"]),
        ("user.login", &[("/object", json!("Organization"))], &["unknown-value object"]),
        ("user.login", &[("/spec_version", json!("2"))], &["unknown-value spec_version"]),
        ("role.created", &[("/organization_id", json!("org_1"))], &["unknown-field organization_id"]),
        ("role.created", &[("/data/name", gone())], &["missing-field data.name"]),
        ("role.created", &[("/data/name", Value::Null)], &["wrong-json-type data.name"]),
        ("connected_account.created", &[("/data/status", json!("GONE"))], &["unknown-value data.status"]),
        ("organization.domain_created", &[], &["secret data.txt_record_secret"]),
        ("organization.domain_created", &[("/data/txt_record_secret", json!("<redacted>"))], &[]),
        ("organization.domain_created", &[("/data/txt_record_secret", Value::Null)], &[]),
        ("organization.created", &[("/data/metadata", json!({"a": [1, {"b": null}]}))], &[]),
        (
            "organization.created",
            &[("/data/metadata", json!({"k": ["whsec_abcdefgh"]}))],
            &["secret data.metadata.k[0]"],
        ),
        (
            "organization.created",
            &[("/data/settings/features", json!([{"name": "a"}, 5, {"name": 6, "more": 1}]))],
            &[
                "wrong-json-type data.settings.features[1]",
                "wrong-json-type data.settings.features[2].name",
                "unknown-field data.settings.features[2].more",
            ],
        ),
        ("organization.directory.user_created", &[("/data/custom_attributes/own", json!([1]))], &[]),
        ("organization.directory.user_created", &[("/data/groups", json!([null, {}]))], &[]),
        ("PRE_SIGNUP", &[("/more", json!(1)), ("/data/more", json!(1))], &[]),
        ("PRE_SIGNUP", &[("/trigger_point", json!("PRE_NOTHING"))], &["unknown-type trigger_point"]),
        ("PRE_SIGNUP", &[("/data", json!(1))], &["wrong-json-type data"]),
        ("slack.message.posted", &[("/trigger_type", json!("github.push")), ("/more", json!(1))], &[]),
        ("slack.message.posted", &[("/payload", Value::Null), ("/payload_state", json!("reference"))], &[]),
        ("slack.message.posted", &[("/payload", gone())], &["missing-field payload"]),
        ("slack.message.posted", &[("/trigger_type", gone())], &["missing-field trigger_type"]),
        ("slack.message.posted", &[("/delivery_scope", json!("all"))], &["unknown-value delivery_scope"]),
    ];
    for (name, changes, expected) in cases {
        // An object sorts its keys, so the order is not that of the sample.
        let mut found = found(&changed(name, changes));
        let mut expected: Vec<_> = expected.iter().map(|text| (*text).to_owned()).collect();
        found.sort();
        expected.sort();
        assert_eq!(found, expected, "{name} {changes:?}");
    }
}

#[test]
fn bodies_that_are_no_events_say_so_in_one_line() {
    for (body, expected) in [
        (&b""[..], &[][..]),
        (b"logout_token=eyJhbGciOi.eyJpc3MiOi.x", &[]),
        (b"a=1&logout_token=e30.e30.x", &[]),
        (b"a=1", &["not-json $"]),
        (b"{\"type\":\"user.login\"", &["not-json $"]),
        (b"{\"type\":\"user.\xff\"}", &["not-json $"]),
        (b"[{}]", &["wrong-json-type $"]),
        (b"\"user.login\"", &["wrong-json-type $"]),
        (b"7", &["wrong-json-type $"]),
    ] {
        assert_eq!(found(body), expected, "{}", String::from_utf8_lossy(body));
    }
    let all = found(b"{}");
    assert!(all.contains(&"missing-field type".to_owned()) && all.contains(&"missing-field data".to_owned()));
}

#[test]
fn an_interceptor_can_have_a_body_of_any_shape() {
    let (head, none) = (Head::parse(INTERCEPTOR).unwrap(), &Accepted::default());
    assert!(check(&head, br#"{"who": {"email": "jane@example.com"}}"#, none).is_empty());
    assert!(check(&head, b"[1]", none).is_empty());
    assert!(!check(&head, br#"{"trigger_point": "PRE_SIGNUP", "data": 7}"#, none).is_empty());
}

#[test]
fn the_messages_say_what_is_documented() {
    let message = |name: &str, changes: &[_]| checked(&changed(name, changes)).described.remove(0).message;
    for (changes, expected) in [
        (("/type", json!("user.lgoin")), "`user.lgoin` is not a documented event type; the nearest is `user.login`"),
        (
            ("/type", json!("session.created")),
            "Scalekit sends no `session.created`; at that moment it sends `user.login`",
        ),
        (("/data/user", json!([])), "an array; documented as an object"),
        (("/data/user/id", json!(5)), "a number; documented as a string"),
        (("/object", json!("Us\"er")), "`Us\"er` is not a documented value; documented: `User`"),
    ] {
        assert_eq!(message("user.login", &[changes]), expected);
    }
    let headline = |body: &[u8]| checked(body).headline();
    assert_eq!(headline(&changed("user.login", &[("/a", json!(1))])), "1 difference from the documentation");
    assert_eq!(headline(&changed("scalekit.dir.user.create", &[])), "1 note");
    let both = changed("scalekit.dir.user.create", &[("/a", json!(1)), ("/b", json!(1))]);
    assert_eq!(headline(&both), "2 differences from the documentation, 1 note");
    assert_eq!(headline(&changed("user.login", &[])), "");
}

#[test]
fn the_samples_of_all_types_are_as_documented() {
    for event in catalog().events() {
        for number in [0, 1, 9_999_999] {
            let checked = checked(&sample_bytes(event, number));
            assert_eq!(checked.differences, 0, "{}: {:?}", event.name, checked.described);
            assert_eq!(checked.has(Check::LegacyType), event.legacy.is_some(), "{}", event.name);
        }
    }
}

#[test]
fn null_differs_only_where_a_field_is_required() {
    for event in catalog().events() {
        for (path, field) in catalog().fields(event).into_iter().filter(|(path, _)| !path.contains("[]")) {
            let pointer = format!("/{}", path.replace('.', "/"));
            if !matches!(path.as_str(), "type" | "trigger_point" | "trigger_type") {
                let is_wrong = field.required && field.kind != Kind::Any;
                let with_null = checked(&changed(&event.name, &[(&pointer, Value::Null)]));
                assert_eq!(with_null.has(Check::WrongJsonType), is_wrong, "{} {path}", event.name);
                let without = checked(&changed(&event.name, &[(&pointer, json!("(gone)"))]));
                assert_eq!(without.has(Check::MissingField), field.required, "{} {path}", event.name);
            }
        }
    }
}

#[test]
fn keys_and_values_are_compared_without_their_escapes() {
    let body = sample_bytes(catalog().find("role.created").unwrap(), 1);
    let escaped = String::from_utf8(body).unwrap().replace("\"id\"", r#""\u0069d""#).replace("\"1\"", r#""\u0031""#);
    assert_eq!(found(escaped.as_bytes()), [""; 0]);
    let of_last = r#"{"type":"user.created","type":"role.created"}"#;
    assert!(!checked(of_last.as_bytes()).has(Check::UnsentType), "the last of duplicate keys counts");
}

#[test]
fn huge_bodies_are_described_within_bounds() {
    let many = format!(
        r#"{{"type":"role.created",{}}}"#,
        (0..100_000).map(|at| format!("\"x{at}\":1")).collect::<Vec<_>>().join(",")
    );
    let checked = checked(many.as_bytes());
    assert_eq!(checked.described.len(), MAX_DESCRIBED);
    assert!(checked.differences > 100_000 && checked.omitted() == checked.differences - MAX_DESCRIBED);
    let long = "k".repeat(100_000);
    for body in [
        format!(r#"{{"type":"{long}","{long}":"{long}","object":"{long}"}}"#),
        format!(r#"{{"type":"{}"}}"#, r"\ud83d".repeat(20_000)),
        format!(
            r#"{{"type":"user.login","data":{{"user":{{"metadata":{}{}}}}}}}"#,
            "[".repeat(100_000),
            "]".repeat(100_000)
        ),
        format!("{}{}", "[".repeat(100_000), "]".repeat(100_000)),
        format!(r#"{{"type":"user.login","data":{}1{}}}"#, r#"{"user":"#.repeat(100_000), "}".repeat(100_000)),
        format!(r#"{{"type":"user.login","data":"{}"}}"#, "x".repeat(10 << 20)),
    ] {
        let checked = super::tests::checked(body.as_bytes());
        assert!(!checked.is_empty());
        for it in &checked.described {
            assert!(it.path.len() < 500 && it.message.len() < 700, "{} {}", it.path, it.message);
        }
    }
}

proptest! {
    #[test]
    fn any_bytes_are_checked_and_counted(
        body in prop::collection::vec(prop::sample::select(vec![
            "{", "}", "[", "]", ",", ":", "\"type\"", "\"user.login\"", "\"data\"", "\"user\"", "\"\\u0061\"", "1", "null",
            "\"trigger_point\"", "\"whsec_aaaaaaaa\"", "é", " ",
        ]), 0..40),
    ) {
        let checked = checked(body.concat().as_bytes());
        let all = checked.differences + checked.notes;
        prop_assert_eq!(checked.described.len(), all.min(MAX_DESCRIBED));
        prop_assert_eq!(checked.is_empty(), all == 0);
        prop_assert!(checked.described.iter().all(|it| checked.has(it.check) && !it.path.is_empty()));
    }

    #[test]
    fn unknown_fields_of_any_name_have_a_path_of_one_line(key in "\\PC{0,80}") {
        let found = checked(&changed("role.created", &[("/data", json!({ key.clone(): 1 }))]));
        prop_assert!(found.described.iter().all(|it| !it.path.contains('\n')));
        prop_assert_eq!(found.has(Check::UnknownField), !["id", "name", "display_name", "description", "extends"].contains(&&*key));
    }
}

#[test]
fn accepted_differences_are_counted_apart_whatever_their_index() {
    let head = Head::parse(WEBHOOK).unwrap();
    let event = catalog().find("organization.updated").unwrap();
    let sample = String::from_utf8(event.sample(SampleFacts::FIXED)).unwrap();
    let body = sample.replacen("\"data\":", "\"mine\":1,\"data\":", 1).replacen("\"id\"", "\"yours\":2,\"id\"", 1);
    let before = check(&head, body.as_bytes(), &Accepted::default());
    assert_eq!((before.differences, before.accepted, before.event_type.as_str()), (2, 0, "organization.updated"));
    let mine = before.described.iter().position(|it| it.path == "mine").unwrap();
    let text = with("", &[before.acceptance(mine).unwrap()]).unwrap();
    let after = check(&head, body.as_bytes(), &Accepted::parse(&text).unwrap());
    assert_eq!((after.differences, after.accepted, after.described.len()), (1, 1, 2));
    assert_eq!(after.headline(), "1 difference from the documentation, 1 accepted");
    assert!(after.described[mine].accepted && after.has(Check::UnknownField));

    let all: Vec<_> = (0..2).filter_map(|place| before.acceptance(place)).collect();
    let accepted = Accepted::parse(&with("", &all).unwrap()).unwrap();
    let after = check(&head, body.as_bytes(), &accepted);
    assert!(after.is_empty() && !after.has(Check::UnknownField) && after.headline() == "2 accepted");
    // Another type does not have the acceptance.
    let other = body.replace("organization.updated", "organization.created");
    assert_eq!(check(&head, other.as_bytes(), &accepted).differences, 2);
}
