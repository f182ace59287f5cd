//! Editing a body: the text for the editor, the body from the saved text, and the differences.

use super::json::{Document, compact};
use bytes::Bytes;
use similar::{Algorithm, DiffOp, capture_diff_slices, group_diff_ops};

/// Unchanged lines shown around a change.
const CONTEXT: usize = 2;
/// Most lines of a body that is compared line by line.
const MAX_LINES: usize = 5000;

/// The text of `body` for an editor. Compact JSON, as Scalekit sends it, is pretty-printed. Other bytes stay as they
/// are.
pub fn text(body: &Bytes) -> Vec<u8> {
    if is_compact(body) { Document::new(body.clone()).pretty() } else { body.to_vec() }
}

/// The body from the text that the editor saved. It is compact JSON again if `body` was. Other text stays as it is, but
/// loses the final newline that editors add.
pub fn saved(body: &Bytes, mut text: Vec<u8>) -> Bytes {
    if is_compact(body)
        && let Some(compact) = compact(&text)
    {
        return compact.into();
    }
    if !body.ends_with(b"\n") && text.ends_with(b"\n") {
        text.pop();
    }
    text.into()
}

fn is_compact(body: &[u8]) -> bool {
    compact(body).is_some_and(|compact| compact == body)
}

/// One line of a comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    Same(Vec<u8>),
    Removed(Vec<u8>),
    Added(Vec<u8>),
    /// The number of unchanged lines left out here.
    Skipped(usize),
    /// The bodies have too many lines to compare.
    TooLong,
}

/// The differences between the pretty-printed bodies, line by line, with a few lines around each.
pub fn changes(before: &Bytes, after: &Bytes) -> Vec<Change> {
    let pretty = (Document::new(before.clone()).pretty(), Document::new(after.clone()).pretty());
    // If only white space changed, the bodies themselves are compared.
    let (before, after) = match pretty.0 == pretty.1 {
        false => (lines(&pretty.0), lines(&pretty.1)),
        true => (lines(before), lines(after)),
    };
    if before.len().max(after.len()) > MAX_LINES {
        return vec![Change::TooLong];
    }
    let operations = capture_diff_slices(Algorithm::Myers, &before, &after);
    let owned = |lines: &[&[u8]]| lines.iter().map(|line| line.to_vec()).collect::<Vec<_>>();
    let mut changes = Vec::new();
    let mut shown = 0;
    for operation in group_diff_ops(operations, CONTEXT).into_iter().flatten() {
        let (old, new) = (operation.old_range(), operation.new_range());
        // An insertion has no lines in the old body, and its position there may be too early.
        if !old.is_empty() {
            if old.start > shown {
                changes.push(Change::Skipped(old.start - shown));
            }
            shown = old.end;
        }
        match operation {
            DiffOp::Equal { .. } => changes.extend(owned(&before[old]).into_iter().map(Change::Same)),
            _ => {
                changes.extend(owned(&before[old]).into_iter().map(Change::Removed));
                changes.extend(owned(&after[new]).into_iter().map(Change::Added));
            }
        }
    }
    if before.len() > shown && !changes.is_empty() {
        changes.push(Change::Skipped(before.len() - shown));
    }
    changes
}

fn lines(text: &[u8]) -> Vec<&[u8]> {
    text.split(|byte| *byte == b'\n').collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn compact_json_is_edited_pretty_printed_and_saved_compact() {
        let body = Bytes::from_static(br#"{"a":1,"b":{"c":[1.0e2,"x  y"]}}"#);
        let text = String::from_utf8(text(&body)).unwrap();
        assert!(text.lines().count() > 5, "{text}");
        let edited = text.replace("1,", "2,") + "\n";
        assert_eq!(saved(&body, edited.into_bytes()), br#"{"a":2,"b":{"c":[1.0e2,"x  y"]}}"#[..]);
    }

    #[test]
    fn anything_but_compact_json_is_edited_unchanged() {
        for body in [&b"{ \"a\": 1 }"[..], b"a=1&b=2", b"{\"a\":", b"\xff\xfe"] {
            let body = Bytes::from_static(body);
            assert_eq!(text(&body), body);
            assert_eq!(saved(&body, [&body[..], b"\n"].concat()), body, "the newline that the editor added goes away");
        }
    }

    #[test]
    fn text_that_is_no_longer_json_is_saved_unchanged() {
        assert_eq!(saved(&Bytes::from_static(b"{}"), b"{ oops\n".to_vec()), b"{ oops"[..]);
    }

    #[test]
    fn changes_are_shown_with_the_lines_around_them() {
        let before = Bytes::from_static(br#"{"a":1,"b":2,"c":3,"d":4,"e":5,"f":6}"#);
        let after = Bytes::from_static(br#"{"a":1,"b":2,"c":3,"d":0,"e":5,"f":6}"#);
        let words: Vec<_> = changes(&before, &after)
            .into_iter()
            .map(|change| match change {
                Change::Same(line) => format!(" {}", String::from_utf8(line).unwrap().trim()),
                Change::Removed(line) => format!("-{}", String::from_utf8(line).unwrap().trim()),
                Change::Added(line) => format!("+{}", String::from_utf8(line).unwrap().trim()),
                Change::Skipped(count) => format!("…{count}"),
                Change::TooLong => "long".to_owned(),
            })
            .collect();
        assert_eq!(
            words,
            ["…2", " \"b\": 2,", " \"c\": 3,", "-\"d\": 4,", "+\"d\": 0,", " \"e\": 5,", " \"f\": 6", "…1"]
        );
        assert_eq!(changes(&before, &before), []);
        let spaced = Bytes::from_static(br#"{"a":1, "b":2,"c":3,"d":4,"e":5,"f":6}"#);
        assert_eq!(changes(&before, &spaced), [Change::Removed(before.to_vec()), Change::Added(spaced.to_vec())]);
    }

    #[test]
    fn only_existing_lines_are_counted_as_left_out() {
        let (before, after) = (Bytes::from_static(b"a\n"), Bytes::from_static(b"\nb\n"));
        let [removed, added] = [b"a", b"b"].map(|line| line.to_vec());
        assert_eq!(
            changes(&before, &after),
            [Change::Removed(removed), Change::Same(Vec::new()), Change::Added(added), Change::Added(Vec::new())]
        );
    }

    proptest! {
        #[test]
        fn saving_without_a_change_returns_the_body(body in prop_oneof![
            prop::collection::vec(any::<u8>(), 0..40),
            "[{}\\[\\]:,\" a1]{0,20}".prop_map(String::into_bytes),
        ]) {
            let body = Bytes::from(body);
            prop_assert_eq!(saved(&body, text(&body)), body);
        }
    }
}
