//! Converts forwards and deliveries.

use super::{UnknownValue, body, optional_word, signed, unreadable, unsigned, word};
use crate::core::delivery::{
    Completeness, Delivery, Ending, Failure, FailureKind, Forward, ForwardState, Manner, Origin, Response, Timing,
};
use crate::core::event::Seq;
use crate::core::random::Random;
use crate::core::rehearsal::Rehearsal;
use crate::entropy::SystemRandom;
use bytes::Bytes;
use jiff::Timestamp;
use rusqlite::Row;
use rusqlite::types::Type;

/// The columns of [`forward`], in its order.
pub(in crate::store) const FORWARD_COLUMNS: &str = "event, place, target, is_awaited";

/// A forward, and the number of its event.
pub(in crate::store) fn forward(row: &Row<'_>) -> rusqlite::Result<(Seq, Forward)> {
    let place = row.get::<_, u32>(1)? as usize;
    Ok((unsigned(row.get(0)?), Forward { place, target: row.get(2)?, is_awaited: row.get(3)? }))
}

pub(in crate::store) fn forward_state(row: &Row<'_>, column: usize) -> rusqlite::Result<ForwardState> {
    word(row, column, ForwardState::parse)
}

/// The number of one opening of the history for writing. Every delivery stored through it bears the number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opening(i64);

impl Opening {
    /// A number that no other opening is likely to have.
    pub(in crate::store) fn new() -> Self {
        Self(SystemRandom.number().cast_signed())
    }

    pub(in crate::store) fn number(self) -> i64 {
        self.0
    }
}

/// The columns of [`delivery`], in the order that reading and inserting use.
pub(in crate::store) const DELIVERY_COLUMNS: &str = "event, origin, manner, target, started_at_ns, connected_us, first_byte_us, \
     total_us, sent_headers, status, answer_headers, answer_body, is_cut, failure_kind, failure_text, peer, sent_body, \
     rehearsal";

/// Nanoseconds since 1970. No real time exceeds them.
pub(super) fn nanos(timestamp: Timestamp) -> i64 {
    i64::try_from(timestamp.as_nanosecond()).unwrap_or(i64::MAX)
}

/// Inserts `delivery` with the number of the opening that stores it. Returns the number of the delivery.
pub(in crate::store) fn insert_delivery(
    statement: &mut rusqlite::Statement<'_>,
    delivery: &Delivery,
    opening: Opening,
) -> rusqlite::Result<i64> {
    let (response, failure) = match &delivery.outcome {
        Ok(response) => (Some(response), None),
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
        response.map(|response| response.status),
        response.map(|response| pack(&response.headers)),
        response.map(|response| &response.body[..]),
        response.map(|response| response.completeness.number()),
        failure.map(|failure| failure.kind.as_str()),
        failure.map(|failure| failure.text.as_str()),
        delivery.peer,
        delivery.sent_body.as_deref(),
        delivery.origin.rehearsal().map(Rehearsal::name),
        opening.number(),
    ])
}

pub(in crate::store) fn ending(
    row: &Row<'_>,
    status: usize,
    is_cut: usize,
    failure_kind: usize,
) -> rusqlite::Result<Ending> {
    match row.get(status)? {
        Some(status) => Ok(Ending::responded(status, completeness(row, is_cut)?)),
        None => Ok(Ending::Failed(word(row, failure_kind, FailureKind::parse)?)),
    }
}

pub(in crate::store) fn delivery(row: &Row<'_>) -> rusqlite::Result<Delivery> {
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

/// The column `is_cut` once held 0 and 1 only. It now holds a number for each [`Completeness`], of which these two kept theirs.
fn completeness(row: &Row<'_>, column: usize) -> rusqlite::Result<Completeness> {
    let number: i64 = row.get(column)?;
    let known = u8::try_from(number).ok().and_then(Completeness::from_number);
    known.ok_or_else(|| unreadable(column, Type::Integer, UnknownValue))
}

pub(in crate::store) fn origin(row: &Row<'_>, origin: usize, rehearsal: usize) -> rusqlite::Result<Origin> {
    Ok(match word(row, origin, Origin::parse)? {
        Origin::Rehearsed(_) => Origin::Rehearsed(optional_word(row, rehearsal, Rehearsal::parse)?),
        other => other,
    })
}

pub(in crate::store) fn rehearsal(row: &Row<'_>, column: usize) -> rusqlite::Result<Rehearsal> {
    word(row, column, Rehearsal::parse)
}

type Headers = Vec<(Vec<u8>, Vec<u8>)>;

/// Headers as bytes: each name and each value follows its length, which is a little-endian `u32`.
fn pack(headers: &[(Vec<u8>, Vec<u8>)]) -> Vec<u8> {
    let mut packed = Vec::new();
    for part in headers.iter().flat_map(|(name, value)| [name, value]) {
        let length = u32::try_from(part.len()).expect("a header is shorter than 4 GiB");
        packed.extend_from_slice(&length.to_le_bytes());
        packed.extend_from_slice(part);
    }
    packed
}

/// The inverse of [`pack`]. `None` for bytes that it cannot have made.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packed_headers_unpack_to_the_same_headers() {
        let pair = |name: &[u8], value: &[u8]| (name.to_vec(), value.to_vec());
        for headers in [vec![pair(b"A", b"")], vec![pair(b"a", b"\xff\0"), pair(b"A", b"1"), pair(b"", b"")]] {
            assert_eq!(unpack(&pack(&headers)), Some(headers));
        }
        assert_eq!(unpack(b"\x05\0\0\0abc"), None);
    }
}
