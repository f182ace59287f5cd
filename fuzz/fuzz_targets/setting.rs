//! Values set in bodies: `cargo fuzz run -s none setting`.
//!
//! The input is what is typed, a byte that is in no body, and the body. Nothing but the value changes: what is around it stays byte for
//! byte, and the old value put back gives the body again.

#![no_main]

use hookglass::core::json::{Setting, SettingError, validate};
use libfuzzer_sys::fuzz_target;

/// Stands in the place of any value.
const MARKER: &str = "\"a value that no body has\"";

fuzz_target!(|bytes: &[u8]| {
    let mut parts = bytes.splitn(2, |byte| *byte == 0);
    let (typed, body) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let Ok(typed) = std::str::from_utf8(typed) else { return };
    let setting: Setting = match typed.parse() {
        Ok(setting) => setting,
        Err(SettingError::Path { column, .. }) => return assert!((1..=typed.chars().count() + 1).contains(&column)),
        Err(SettingError::NoValue) => return,
    };
    let set = |value: &str| {
        let marking: Setting = format!("{}={value}", setting.path()).parse().expect("a path is written as it is typed");
        assert_eq!(marking.path(), setting.path());
        marking
    };
    let marked = match set(MARKER).apply(body) {
        Ok(marked) if find(body, MARKER).is_none() => marked,
        Ok(_) => return,
        Err(error) => return assert_eq!(setting.apply(body), Err(error)),
    };
    let at = find(&marked, MARKER).expect("the value that was set is there");
    let (before, after) = (&marked[..at], &marked[at + MARKER.len()..]);
    let changed = setting.apply(body).expect("a place that was found is found again");
    let value = changed.strip_prefix(before).and_then(|rest| rest.strip_suffix(after)).expect("the rest stays");
    assert!(validate(value).is_ok() && validate(&changed).is_ok());
    assert_eq!(setting.apply(&changed).as_ref(), Ok(&changed));

    let (head, _) = body.split_at_checked(body.len() - after.len()).expect("what follows is the body's");
    assert!(body.ends_with(after));
    if let Some(old) = head.strip_prefix(before) {
        let old = std::str::from_utf8(old).expect("JSON is text");
        assert_eq!(set(old).apply(&changed).as_deref(), Ok(body));
    } else {
        let member = before.strip_prefix(head).expect("what comes before is the body's");
        let key = member.strip_prefix(b",").unwrap_or(member).strip_suffix(b":").expect("a new member has a key");
        assert!(key.starts_with(b"\"") && validate(key).is_ok());
    }
});

fn find(bytes: &[u8], text: &str) -> Option<usize> {
    bytes.windows(text.len()).position(|window| window == text.as_bytes())
}
