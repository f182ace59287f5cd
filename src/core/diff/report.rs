//! A difference as JSON, for scripts.

use super::{ByValue, Changed, Difference, Side};
use crate::core::export::json_text;
use crate::core::json::compact;
use serde::Serialize;
use serde_json::value::RawValue;

#[derive(Serialize)]
struct Report {
    /// Whether the bodies are the same, byte for byte.
    same: bool,
    /// Whether they are the same JSON. `null` if they are not both JSON.
    same_json: Option<bool>,
    /// `null` if they are not both JSON.
    changes: Option<Vec<Change>>,
    /// How many more there are than `changes` has.
    changes_omitted: usize,
    /// The offset of the first byte that differs. `null` if there is none.
    first_difference: Option<usize>,
    sizes: [usize; 2],
}

#[derive(Serialize)]
struct Change {
    kind: &'static str,
    path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<Box<RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<Box<RawValue>>,
}

/// The difference as one line of JSON. Values stand token for token as received. It is safe to print.
pub fn json(difference: &Difference, before: &Side, after: &Side) -> String {
    let changes = match &difference.by_value {
        ByValue::Json(changes) => Some(changes),
        _ => None,
    };
    json_text(&Report {
        same: difference.is_none(),
        same_json: changes.map(|changes| changes.count() == 0),
        changes: changes.map(|changes| changes.described.iter().map(change).collect()),
        changes_omitted: changes.map_or(0, |changes| changes.count() - changes.described.len()),
        first_difference: difference.bytes.map(|bytes| bytes.first),
        sizes: [before.body.len(), after.body.len()],
    })
}

fn change(changed: &Changed) -> Change {
    // Without white space, so that the line stays one.
    let raw = |value: &bytes::Bytes| {
        String::from_utf8(compact(value)?).ok().and_then(|text| RawValue::from_string(text).ok())
    };
    Change {
        kind: changed.kind.as_str(),
        path: changed.path.clone(),
        before: changed.before.as_ref().and_then(raw),
        after: changed.after.as_ref().and_then(raw),
    }
}
