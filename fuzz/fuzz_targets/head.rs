//! Heads of requests as they come from the wire: `cargo fuzz run -s none head`.
//!
//! What is read is a part of what came, and reads back the same.

#![no_main]

use hookglass::core::request::Head;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(head) = Head::parse(bytes) else { return };
    assert!(bytes.starts_with(head.bytes()));
    let again = Head::parse(head.bytes()).expect("a head that was read is a head");
    assert_eq!((again.method(), again.target(), again.headers()), (head.method(), head.target(), head.headers()));
    for header in head.headers() {
        assert!(!header.name.is_empty() && !header.name.contains(&b':'));
        assert!(!header.value.iter().any(|byte| matches!(byte, b'\r' | b'\n')));
    }
});
