//! Converts rows to the core's types and back. A summary may hold shortened text. The head and the body hold the complete bytes.

mod delivery;

pub use delivery::Opening;
pub(super) use delivery::{
    DELIVERY_COLUMNS, FORWARD_COLUMNS, delivery, ending, forward, forward_state, insert_delivery, origin, rehearsal,
};

use crate::core::envelope::{Envelope, MAX_SUMMARY_TEXT};
use crate::core::event::{Listed, NewEvent, Summary};
use crate::core::request::Head;
use crate::core::response::ResponseState;
use crate::core::signature::{Reason, Scheme, Verdict, Verification, message_id};
use bytes::Bytes;
use jiff::Timestamp;
use rusqlite::Row;
use rusqlite::types::Type;
use std::error::Error;

/// The columns of [`summary`], in its order.
pub(super) const SUMMARY_COLUMNS: &str = "seq, received_at_us, method, path, webhook_id, event_id, event_type, \
     organization_id, subject, verdict, reason, size, status";

/// Makes the summary of an event. Its `seq` is 0 until the event is stored.
pub(super) fn summarise(event: &mut NewEvent) -> Summary {
    let envelope = std::mem::take(&mut event.envelope);
    let Envelope { event_id, event_type, organization_id, subject, .. } = envelope;
    let head = &event.arrival.head;
    Summary {
        seq: 0,
        received_at: event.arrival.received_at,
        method: shortened(head.method()),
        path: shortened(head.target()),
        webhook_id: message_id(&head.headers(), event.verification.scheme).map(shortened),
        event_id,
        event_type,
        organization_id,
        subject,
        verdict: event.verification.verdict,
        reason: event.verification.reason.clone(),
        size: event.size,
        response: event.response,
    }
}

/// At most [`MAX_SUMMARY_TEXT`] bytes of `text`. Replaces bytes that are not UTF-8.
fn shortened(text: &[u8]) -> String {
    let text = &text[..text.len().min(MAX_SUMMARY_TEXT)];
    match str::from_utf8(text) {
        Ok(text) => text.to_owned(),
        Err(_) => {
            let text = String::from_utf8_lossy(text);
            text[..text.floor_char_boundary(MAX_SUMMARY_TEXT)].to_owned()
        }
    }
}

/// Microseconds since 1970. Every timestamp fits.
pub(super) fn micros(timestamp: Timestamp) -> i64 {
    timestamp.as_microsecond()
}

/// SQLite's integers are signed. No real size or duration exceeds them.
pub(super) fn signed(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// A row id or a size, which is never negative.
pub(super) fn unsigned(value: i64) -> u64 {
    u64::try_from(value).unwrap_or_default()
}

pub(super) fn summary(row: &Row<'_>) -> rusqlite::Result<Summary> {
    Ok(Summary {
        seq: unsigned(row.get(0)?),
        received_at: timestamp_us(row, 1)?,
        method: row.get(2)?,
        path: row.get(3)?,
        webhook_id: row.get(4)?,
        event_id: row.get(5)?,
        event_type: row.get(6)?,
        organization_id: row.get(7)?,
        subject: row.get(8)?,
        verdict: word(row, 9, Verdict::parse)?,
        reason: optional_word(row, 10, Reason::parse)?,
        size: unsigned(row.get(11)?),
        response: ResponseState::from_number(row.get(12)?),
    })
}

/// As [`summary`], without copies.
pub(super) fn listed<'r>(row: &'r Row<'_>) -> rusqlite::Result<Listed<'r>> {
    let text = |column| Ok::<_, rusqlite::Error>(row.get_ref(column)?.as_str_or_null()?.unwrap_or_default());
    let reason = text(10)?;
    if !reason.is_empty() && Reason::parse(reason).is_none() {
        return Err(unreadable(10, Type::Text, UnknownValue));
    }
    Ok(Listed {
        seq: unsigned(row.get(0)?),
        received_at_us: row.get(1)?,
        method: row.get_ref(2)?.as_str()?,
        path: row.get_ref(3)?.as_str()?,
        webhook_id: text(4)?,
        event_id: text(5)?,
        event_type: text(6)?,
        organization_id: text(7)?,
        subject: text(8)?,
        verdict: word(row, 9, Verdict::parse)?,
        reason,
        size: unsigned(row.get(11)?),
        response: ResponseState::from_number(row.get(12)?),
    })
}

/// The verification of the event that `summary` describes.
pub(super) fn verification(
    row: &Row<'_>,
    summary: &Summary,
    scheme: usize,
    secret: usize,
) -> rusqlite::Result<Verification> {
    Ok(Verification {
        verdict: summary.verdict,
        scheme: word(row, scheme, Scheme::parse)?,
        reason: summary.reason.clone(),
        secret: row.get(secret)?,
    })
}

pub(super) fn head(row: &Row<'_>, column: usize) -> rusqlite::Result<Head> {
    let bytes = row.get_ref(column)?.as_blob()?;
    Head::parse(bytes).map_err(|error| unreadable(column, Type::Blob, error))
}

pub(super) fn body(row: &Row<'_>, column: usize) -> rusqlite::Result<Bytes> {
    Ok(Bytes::copy_from_slice(row.get_ref(column)?.as_blob()?))
}

pub(super) fn timestamp_us(row: &Row<'_>, column: usize) -> rusqlite::Result<Timestamp> {
    Timestamp::from_microsecond(row.get(column)?).map_err(|error| unreadable(column, Type::Integer, error))
}

#[derive(Debug, thiserror::Error)]
#[error("hookglass never writes this value")]
struct UnknownValue;

fn word<T>(row: &Row<'_>, column: usize, parse: impl Fn(&str) -> Option<T>) -> rusqlite::Result<T> {
    parse(row.get_ref(column)?.as_str()?).ok_or_else(|| unreadable(column, Type::Text, UnknownValue))
}

fn optional_word<T>(row: &Row<'_>, column: usize, parse: impl Fn(&str) -> Option<T>) -> rusqlite::Result<Option<T>> {
    let Some(text) = row.get_ref(column)?.as_str_or_null()? else { return Ok(None) };
    parse(text).map(Some).ok_or_else(|| unreadable(column, Type::Text, UnknownValue))
}

fn unreadable(column: usize, kind: Type, error: impl Error + Send + Sync + 'static) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(column, kind, Box::new(error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_truncated_between_characters() {
        let long = "é".repeat(MAX_SUMMARY_TEXT);
        assert_eq!(shortened(&[b"a", long.as_bytes()].concat()).chars().filter(|c| *c == 'é').count(), 127);
        assert_eq!(shortened(b"ok\xff"), "ok\u{fffd}");
    }
}
