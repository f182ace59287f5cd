//! Bodies edited by hand: `cargo fuzz run -s none edit`.
//!
//! The input is a body, a byte that is in no text, and what was saved. What is saved unchanged is the body, and a comparison leads from
//! each line of the one to each line of the other.

#![no_main]

use bytes::Bytes;
use hookglass::core::edit::{Change, changes, saved, text};
use hookglass::core::json::Document;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let (body, edited) = bytes.split_at(bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len()));
    let body = Bytes::copy_from_slice(body);
    let opened = text(&body);
    assert_eq!(saved(&body, opened.clone()), body);
    let after = saved(&body, edited.strip_prefix(b"\0").unwrap_or(&opened).to_vec());

    let changes = changes(&body, &after);
    assert_eq!(changes.is_empty(), body == after);
    if changes == [Change::TooLong] {
        return;
    }
    let pretty = (Document::new(body.clone()).pretty(), Document::new(after.clone()).pretty());
    let (old, new) = if pretty.0 == pretty.1 { (body.to_vec(), after.to_vec()) } else { pretty };
    let (mut old, mut new) = (old.split(is_line_end), new.split(is_line_end));
    for change in &changes {
        match change {
            Change::Same(line) => assert_eq!((old.next(), new.next()), (Some(&line[..]), Some(&line[..]))),
            Change::Removed(line) => assert_eq!(old.next(), Some(&line[..])),
            Change::Added(line) => assert_eq!(new.next(), Some(&line[..])),
            Change::Skipped(count) => (0..*count)
                .for_each(|_| assert_eq!(old.next().expect("a line is left out"), new.next().expect("in both"))),
            Change::TooLong => panic!("it stands alone"),
        }
    }
    assert!(changes.is_empty() || (old.next(), new.next()) == (None, None));
});

fn is_line_end(byte: &u8) -> bool {
    *byte == b'\n'
}
