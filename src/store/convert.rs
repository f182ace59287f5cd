//! Rows to the core's types and back. Nothing is lost: what is shortened for a summary is whole in the head or the body.

use super::Opening;
use crate::core::delivery::{
    Completeness, Delivery, Ending, Failure, FailureKind, Forward, ForwardState, Manner, Origin, Response, Timing,
};
use crate::core::envelope::{Envelope, MAX_SUMMARY_TEXT};
use crate::core::event::{NewEvent, Seq, Summary};
use crate::core::rehearsal::Rehearsal;
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

/// What the screen and the columns show of a request; its `seq` is not known before it is kept.
pub(super) fn summarise(judged: &mut NewEvent) -> Summary {
    let envelope = std::mem::take(&mut judged.envelope);
    let Envelope { event_id, event_type, organization_id, subject, .. } = envelope;
    let head = &judged.arrival.head;
    Summary {
        seq: 0,
        received_at: judged.arrival.received_at,
        method: shortened(head.method()),
        path: shortened(head.target()),
        webhook_id: message_id(&head.headers(), judged.verification.scheme).map(shortened),
        event_id,
        event_type,
        organization_id,
        subject,
        verdict: judged.verification.verdict,
        reason: judged.verification.reason.clone(),
        size: judged.size,
        response: judged.response,
    }
}

/// At most [`MAX_SUMMARY_TEXT`] bytes of `text`, bytes that are not UTF-8 replaced.
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

/// Microseconds since 1970, which fit for any timestamp there is.
pub(super) fn micros(timestamp: Timestamp) -> i64 {
    timestamp.as_microsecond()
}

/// Nanoseconds since 1970; what does not fit is beyond any real time.
pub(super) fn nanos(timestamp: Timestamp) -> i64 {
    i64::try_from(timestamp.as_nanosecond()).unwrap_or(i64::MAX)
}

/// SQLite's integers are signed; what does not fit is beyond any real size or time.
pub(super) fn signed(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// A row id, which AUTOINCREMENT begins at 1.
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

/// The verification whose verdict and reason a summary already has.
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

/// The columns of [`forward`], in its order.
pub(super) const FORWARD_COLUMNS: &str = "event, place, target, is_awaited";

/// Which event goes where.
pub(super) fn forward(row: &Row<'_>) -> rusqlite::Result<(Seq, Forward)> {
    let place = row.get::<_, u32>(1)? as usize;
    Ok((unsigned(row.get(0)?), Forward { place, target: row.get(2)?, is_awaited: row.get(3)? }))
}

pub(super) fn forward_state(row: &Row<'_>, column: usize) -> rusqlite::Result<ForwardState> {
    word(row, column, ForwardState::parse)
}

/// The columns of [`delivery`], in its order; an insert takes them in that order too.
pub(super) const DELIVERY_COLUMNS: &str = "event, origin, manner, target, started_at_ns, connected_us, first_byte_us, \
     total_us, sent_headers, status, answer_headers, answer_body, is_cut, failure_kind, failure_text, peer, sent_body, \
     rehearsal";

/// Parameters for the columns of a delivery, and the number of the opening that keeps it.
pub(super) fn insert_delivery(
    statement: &mut rusqlite::Statement<'_>,
    delivery: &Delivery,
    opening: Opening,
) -> rusqlite::Result<i64> {
    let (answer, failure) = match &delivery.outcome {
        Ok(answer) => (Some(answer), None),
        Err(failure) => (None, Some(failure)),
    };
    statement.insert(rusqlite::params![
        signed(delivery.event),
        delivery.origin.as_str(),
        delivery.manner.as_str(),
        delivery.target,
        nanos(delivery.started_at),
        delivery.timing.connected_us.map(signed),
        delivery.timing.first_byte_us.map(signed),
        signed(delivery.timing.total_us),
        pack(&delivery.sent_headers),
        answer.map(|answer| answer.status),
        answer.map(|answer| pack(&answer.headers)),
        answer.map(|answer| &answer.body[..]),
        answer.map(|answer| answer.completeness.number()),
        failure.map(|failure| failure.kind.as_str()),
        failure.map(|failure| failure.text.as_str()),
        delivery.peer,
        delivery.sent_body.as_deref(),
        delivery.origin.rehearsal().map(Rehearsal::name),
        opening.number(),
    ])
}

pub(super) fn ending(row: &Row<'_>, status: usize, is_cut: usize, failure_kind: usize) -> rusqlite::Result<Ending> {
    match row.get(status)? {
        Some(status) => Ok(Ending::responded(status, completeness(row, is_cut)?)),
        None => Ok(Ending::Failed(word(row, failure_kind, FailureKind::parse)?)),
    }
}

pub(super) fn delivery(row: &Row<'_>) -> rusqlite::Result<Delivery> {
    let started_at = Timestamp::from_nanosecond(i128::from(row.get::<_, i64>(4)?))
        .map_err(|error| unreadable(4, Type::Integer, error))?;
    let outcome = match row.get::<_, Option<u16>>(9)? {
        Some(status) => {
            let completeness = completeness(row, 12)?;
            Ok(Response { status, headers: headers(row, 10)?, body: body(row, 11)?, completeness })
        }
        None => Err(Failure { kind: word(row, 13, FailureKind::parse)?, text: row.get(14)? }),
    };
    Ok(Delivery {
        event: unsigned(row.get(0)?),
        origin: origin(row, 1, 17)?,
        manner: word(row, 2, Manner::parse)?,
        target: row.get(3)?,
        started_at,
        timing: Timing {
            connected_us: row.get::<_, Option<i64>>(5)?.map(unsigned),
            first_byte_us: row.get::<_, Option<i64>>(6)?.map(unsigned),
            total_us: unsigned(row.get(7)?),
        },
        sent_headers: headers(row, 8)?,
        peer: row.get(15)?,
        sent_body: row.get_ref(16)?.as_blob_or_null()?.map(Bytes::copy_from_slice),
        outcome,
    })
}

/// Of a column whose name is older than the answers that broke off: 0 and 1 mean what they always did.
fn completeness(row: &Row<'_>, column: usize) -> rusqlite::Result<Completeness> {
    let number: i64 = row.get(column)?;
    let known = u8::try_from(number).ok().and_then(Completeness::from_number);
    known.ok_or_else(|| unreadable(column, Type::Integer, UnknownValue))
}

pub(super) fn origin(row: &Row<'_>, origin: usize, rehearsal: usize) -> rusqlite::Result<Origin> {
    Ok(match word(row, origin, Origin::parse)? {
        Origin::Rehearsed(_) => Origin::Rehearsed(optional_word(row, rehearsal, Rehearsal::parse)?),
        other => other,
    })
}

type Headers = Vec<(Vec<u8>, Vec<u8>)>;

/// Headers as bytes: for each the name and the value, either behind its length as four bytes, little end first.
fn pack(headers: &[(Vec<u8>, Vec<u8>)]) -> Vec<u8> {
    let mut packed = Vec::new();
    for part in headers.iter().flat_map(|(name, value)| [name, value]) {
        let length = u32::try_from(part.len()).expect("a header is shorter than 4 GiB");
        packed.extend_from_slice(&length.to_le_bytes());
        packed.extend_from_slice(part);
    }
    packed
}

/// The inverse of [`pack`]; `None` for bytes it did not make.
fn unpack(mut packed: &[u8]) -> Option<Headers> {
    let mut next = || {
        let (length, rest) = packed.split_first_chunk::<4>()?;
        let (part, rest) = rest.split_at_checked(usize::try_from(u32::from_le_bytes(*length)).ok()?)?;
        packed = rest;
        Some((part.to_vec(), rest.is_empty()))
    };
    let mut headers = Vec::new();
    loop {
        let (name, _) = next()?;
        let (value, is_last) = next()?;
        headers.push((name, value));
        if is_last {
            return Some(headers);
        }
    }
}

fn headers(row: &Row<'_>, column: usize) -> rusqlite::Result<Headers> {
    match row.get_ref(column)?.as_blob()? {
        [] => Ok(Vec::new()),
        packed => unpack(packed).ok_or_else(|| unreadable(column, Type::Blob, UnknownValue)),
    }
}

#[derive(Debug, thiserror::Error)]
#[error("the value is none that hookglass writes")]
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
    fn packed_headers_come_back() {
        let pair = |name: &[u8], value: &[u8]| (name.to_vec(), value.to_vec());
        for headers in [vec![pair(b"A", b"")], vec![pair(b"a", b"\xff\0"), pair(b"A", b"1"), pair(b"", b"")]] {
            assert_eq!(unpack(&pack(&headers)), Some(headers));
        }
        assert_eq!(unpack(b"\x05\0\0\0abc"), None);
    }

    #[test]
    fn a_long_text_is_cut_between_characters() {
        let long = "é".repeat(MAX_SUMMARY_TEXT);
        assert_eq!(shortened(&[b"a", long.as_bytes()].concat()).chars().filter(|c| *c == 'é').count(), 127);
        assert_eq!(shortened(b"ok\xff"), "ok\u{fffd}");
    }
}
