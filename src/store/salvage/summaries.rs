//! Makes new summaries of events whose old ones cannot be read.

use crate::core::annotation::Annotation;
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

/// Adds a summary for each request without one, and returns how many there were. The time of receipt is
/// that of the event before it, of the event after it if there is none, or else now. The event counts as unchecked.
pub(super) fn add_missing(target: &Connection) -> rusqlite::Result<u64> {
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
        let mut event = new_event(near.unwrap_or_else(Timestamp::now), head, body);
        let summary = convert::summarise(&mut event);
        let NewEvent { arrival: Arrival { head, body, .. }, verification, .. } = &event;
        Inserts::new(target)?.append(Some(unsigned(*seq)), &summary, verification, head.bytes(), body)?;
    }
    Ok(bare.len() as u64)
}

fn new_event(received_at: Timestamp, head: Head, body: Bytes) -> NewEvent {
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
        annotation: Annotation::NOTHING,
    }
}
