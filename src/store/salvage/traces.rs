//! Whether a file without SQLite's header is what is left of a history.

use super::log::Log;
use super::pages::Pages;
use super::rows::Row;
use crate::core::request::Head;
use crate::core::signature::Verdict;
use rusqlite::types::Value;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

/// Where the columns of an event have the verdict, and how many there are.
const VERDICT: usize = 9;
const COLUMNS: usize = 15;

/// Whether the database at `path`, or its log, holds an event or its bytes. `file` is an open handle of the database.
pub(in crate::store) fn has_traces(path: &Path, file: &Arc<File>) -> bool {
    let log = Log::read(path).unwrap_or_default();
    let Ok(pages) = Pages::new(Arc::clone(file), path, log) else { return false };
    let look = |(_, columns): Row| if is_ours(&columns) { Err(()) } else { Ok(()) };
    pages.for_each_row(i64::MAX, look).is_err()
}

/// Strict, because the pages may be those of any file.
fn is_ours(columns: &[Value]) -> bool {
    match columns {
        [Value::Integer(1..), Value::Blob(head), Value::Blob(_)] => Head::parse(head).is_ok(),
        [Value::Integer(1..), Value::Integer(_), Value::Text(_), Value::Text(_), ..] if columns.len() == COLUMNS => {
            matches!(&columns[VERDICT], Value::Text(verdict) if Verdict::parse(verdict).is_some())
        }
        _ => false,
    }
}
