//! Makes new summaries of events whose old ones cannot be read.

use crate::core::envelope;
use crate::core::event::{Arrival, NewEvent};
use crate::core::request::Head;
use crate::core::response::ResponseState;
use crate::core::signature::{Reason, Scheme, Verdict, Verification};
use crate::store::batch::Inserts;
use crate::store::convert::{self, unsigned};
use bytes::Bytes;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension};

/// Makes a summary of each request that has none; how many there were. It was received about when the one before it was, and is unchecked.
pub(super) fn summarise(target: &Connection) -> rusqlite::Result<u64> {
    let bare = "SELECT seq FROM request WHERE seq NOT IN (SELECT seq FROM event)";
    let bare = target.prepare(bare)?.query_map([], |row| row.get(0))?.collect::<Result<Vec<i64>, _>>()?;
    for seq in &bare {
        let near = "SELECT received_at_us FROM \
                    (SELECT max(seq) AS before, (SELECT min(seq) FROM event WHERE seq > ?1) AS after FROM event WHERE seq < ?1) \
                    JOIN event ON seq = coalesce(before, after)";
        let near = target.prepare_cached(near)?.query_row([seq], |row| convert::timestamp_us(row, 0)).optional()?;
        let (head, body) = target.query_row("SELECT head, body FROM request WHERE seq = ?1", [seq], |row| {
            Ok((convert::head(row, 0)?, convert::body(row, 1)?))
        })?;
        target.execute("DELETE FROM request WHERE seq = ?1", [seq])?;
        let mut judged = anew(near.unwrap_or_else(Timestamp::now), head, body);
        let summary = convert::summarise(&mut judged);
        let NewEvent { arrival: Arrival { head, body, .. }, verification, .. } = &judged;
        Inserts::new(target)?.append(Some(unsigned(*seq)), &summary, verification, head.bytes(), body)?;
    }
    Ok(bare.len() as u64)
}

fn anew(received_at: Timestamp, head: Head, body: Bytes) -> NewEvent {
    let envelope = envelope::read(&body).unwrap_or_default();
    let verification = Verification {
        verdict: Verdict::Unchecked,
        scheme: Scheme::None,
        reason: Some(Reason::NoSecret),
        secret: None,
    };
    let size = body.len() as u64;
    NewEvent {
        arrival: Arrival { received_at, head, body },
        envelope,
        verification,
        size,
        response: ResponseState::Unknown,
        forwards: Vec::new(),
        directive: None,
    }
}
