//! One batch of writes in one transaction.

use super::convert::{self, DELIVERY_COLUMNS, FORWARD_COLUMNS, insert_delivery, micros, signed, unsigned};
use super::{Opening, annotations, deletion};
use crate::core::annotation::AnnotationChange;
use crate::core::delivery::{Delivery, Forward, ForwardState};
use crate::core::event::{NewEvent, Seq, Summary};
use crate::core::reply::AppendError;
use crate::core::response::ResponseState;
use crate::core::signature::Verification;
use rusqlite::{CachedStatement, Connection, params};
use std::fmt::Write as _;
use tokio::sync::oneshot;

const INSERT_EVENT: &str = "INSERT INTO event (received_at_us, method, path, webhook_id, event_id, event_type, \
     organization_id, subject, verdict, reason, scheme, secret, size, status, seq) \
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)";
const INSERT_REQUEST: &str = "INSERT INTO request (seq, head, body) VALUES (?1, ?2, ?3)";
const INSERT_OVERRIDE: &str = "INSERT INTO answered_by_order (seq, directive) VALUES (?1, ?2)";
const SET_STATUS: &str = "UPDATE event SET status = ?2 WHERE seq = ?1";
const SET_FORWARD: &str = "UPDATE forward SET state = ?3 WHERE event = ?1 AND place = ?2";
const SET_LEFT_FORWARD: &str =
    "UPDATE forward SET state = ?3 WHERE event = ?1 AND place = ?2 AND state IN ('queued', 'unknown')";
const SET_KEYRING: &str = "INSERT OR REPLACE INTO judged_with (only, fingerprint) VALUES (0, ?1)";
const UPDATE_VERDICT: &str = "UPDATE event SET verdict = ?2, reason = ?3, scheme = ?4, secret = ?5 WHERE seq = ?1";

/// A write in the queue, and where to send its result.
pub(super) struct QueuedWrite {
    pub(super) write: Write,
    /// Receives the id of the row: an event's [`Seq`], a delivery's number, how many events [`Write::Erase`] handled, or 0.
    pub(super) reply: oneshot::Sender<Result<u64, AppendError>>,
}

#[expect(
    clippy::large_enum_variant,
    reason = "the largest variant is the most common one, and a box would cost it an allocation"
)]
pub(super) enum Write {
    Event(NewEvent, Summary),
    Delivery(Box<Delivery>),
    Forwarded(Box<Forwarded>),
    Verifications(Vec<(Seq, Verification)>),
    Response(Seq, ResponseState),
    Keyring([u8; 32]),
    /// The new state of forwards that earlier runs left.
    Left(Vec<(Seq, usize)>, ForwardState),
    Delete(Vec<Seq>),
    /// See [`deletion::erase_at_once`].
    Erase(Vec<Seq>),
    Restore(Vec<Seq>),
    Annotate(Vec<Seq>, AnnotationChange),
}

/// The result of one [`Forward`] of an event.
#[derive(Debug)]
pub struct Forwarded {
    pub event: Seq,
    /// See [`Forward::place`].
    pub place: usize,
    pub state: ForwardState,
    /// `None` when nothing was sent.
    pub delivery: Option<Delivery>,
    /// The response that the sender is about to get, if it waits for this forward.
    pub response: Option<ResponseState>,
}

impl Write {
    pub(super) fn event(mut event: NewEvent) -> Self {
        let summary = convert::summarise(&mut event);
        Self::Event(event, summary)
    }

    /// Roughly how many bytes the write adds to the database.
    pub(super) fn weight(&self) -> usize {
        match self {
            Self::Event(event, _) => {
                event.arrival.head.bytes().len() + event.arrival.body.len() + 256 + event.forwards.len() * 128
            }
            Self::Delivery(delivery) => delivery_weight(delivery),
            Self::Forwarded(forwarded) => 256 + forwarded.delivery.as_ref().map_or(0, delivery_weight),
            Self::Verifications(verifications) => verifications.len() * 256,
            Self::Response(..) | Self::Keyring(_) => 256,
            Self::Delete(seqs) | Self::Restore(seqs) => seqs.len() * 16,
            Self::Erase(seqs) => seqs.len() * 1024,
            Self::Annotate(seqs, _) => seqs.len() * 64,
            Self::Left(forwards, _) => forwards.len() * 16,
        }
    }
}

fn delivery_weight(delivery: &Delivery) -> usize {
    delivery.outcome.as_ref().map_or(0, |response| response.body.len()) + 1024
}

/// Writes all of `writes` in one transaction, or none of them. Fills `ids` with one id for each. `earlier`: the last event of earlier runs.
pub(super) fn write(
    connection: &Connection,
    opening: Opening,
    earlier: Seq,
    writes: &[QueuedWrite],
    ids: &mut Vec<u64>,
) -> rusqlite::Result<()> {
    ids.clear();
    connection.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
    let written = write_rows(connection, opening, earlier, writes, ids)
        .and_then(|()| connection.prepare_cached("COMMIT").and_then(|mut commit| commit.execute([])));
    if let Err(error) = written {
        ids.clear();
        // SQLite may have rolled back itself, as on a full disk.
        if !connection.is_autocommit() {
            let _ = connection.execute_batch("ROLLBACK");
        }
        return Err(error);
    }
    Ok(())
}

fn write_rows(
    connection: &Connection,
    opening: Opening,
    earlier: Seq,
    writes: &[QueuedWrite],
    ids: &mut Vec<u64>,
) -> rusqlite::Result<()> {
    let mut inserts = Inserts::new(connection)?;
    for queued in writes {
        ids.push(match &queued.write {
            Write::Event(event, summary) => {
                let NewEvent { arrival, verification, .. } = event;
                let seq = inserts.append(None, summary, verification, arrival.head.bytes(), &arrival.body)?;
                if let Some(directive) = &event.directive {
                    let row = params![signed(seq), directive.to_string()];
                    connection.prepare_cached(INSERT_OVERRIDE)?.execute(row)?;
                }
                insert_forwards(connection, seq, &event.forwards)?;
                annotations::insert(connection, seq, &event.annotation)?;
                seq
            }
            Write::Delivery(delivery) => record(connection, delivery, opening)?,
            Write::Forwarded(forwarded) => record_forwarded(connection, forwarded, opening)?,
            Write::Verifications(verifications) => {
                reverify(connection, verifications)?;
                0
            }
            Write::Response(seq, response) => {
                respond(connection, *seq, *response)?;
                0
            }
            Write::Keyring(fingerprint) => {
                connection.prepare_cached(SET_KEYRING)?.execute([fingerprint])?;
                0
            }
            Write::Left(forwards, state) => {
                set_left(connection, forwards, *state)?;
                0
            }
            Write::Delete(seqs) => {
                deletion::hide(connection, seqs, earlier)?;
                0
            }
            Write::Erase(seqs) => deletion::erase_at_once(connection, seqs, earlier)? as u64,
            Write::Restore(seqs) => {
                deletion::restore(connection, seqs)?;
                0
            }
            Write::Annotate(seqs, change) => {
                annotations::change(connection, seqs, change)?;
                0
            }
        });
    }
    Ok(())
}

/// Inserts events together with their bytes.
pub(super) struct Inserts<'c> {
    event: CachedStatement<'c>,
    request: CachedStatement<'c>,
    /// The text of a reason. The allocation is reused for each row.
    text: String,
}

impl<'c> Inserts<'c> {
    pub(super) fn new(connection: &'c Connection) -> rusqlite::Result<Self> {
        Ok(Self {
            event: connection.prepare_cached(INSERT_EVENT)?,
            request: connection.prepare_cached(INSERT_REQUEST)?,
            text: String::new(),
        })
    }

    /// Inserts an event with the number `seq`, or with the next free one. Ignores the number in `summary`. Returns the number.
    pub(super) fn append(
        &mut self,
        seq: Option<Seq>,
        summary: &Summary,
        verification: &Verification,
        head: &[u8],
        body: &[u8],
    ) -> rusqlite::Result<Seq> {
        self.text.clear();
        if let Some(reason) = &summary.reason {
            write!(self.text, "{reason}").expect("writing to a string cannot fail");
        }
        let seq = self.event.insert(params![
            micros(summary.received_at),
            summary.method,
            summary.path,
            summary.webhook_id,
            summary.event_id,
            summary.event_type,
            summary.organization_id,
            summary.subject,
            summary.verdict.as_str(),
            summary.reason.as_ref().map(|_| &self.text),
            verification.scheme.as_str(),
            verification.secret,
            signed(summary.size),
            summary.response.number(),
            seq.map(signed),
        ])?;
        self.request.execute(params![seq, head, body])?;
        Ok(unsigned(seq))
    }
}

fn record(connection: &Connection, delivery: &Delivery, opening: Opening) -> rusqlite::Result<u64> {
    let sql = format!(
        "INSERT INTO delivery ({DELIVERY_COLUMNS}, opening) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19)"
    );
    insert_delivery(&mut *connection.prepare_cached(&sql)?, delivery, opening).map(unsigned)
}

fn insert_forwards(connection: &Connection, event: Seq, forwards: &[Forward]) -> rusqlite::Result<()> {
    for Forward { place, target, is_awaited } in forwards {
        let sql = format!("INSERT INTO forward ({FORWARD_COLUMNS}, state) VALUES (?1, ?2, ?3, ?4, 'pending')");
        connection.prepare_cached(&sql)?.execute(params![signed(event), signed(*place as u64), target, is_awaited])?;
    }
    Ok(())
}

/// Stores the state of the forward, the delivery and the sender's response in the same transaction.
fn record_forwarded(connection: &Connection, forwarded: &Forwarded, opening: Opening) -> rusqlite::Result<u64> {
    let Forwarded { event, place, state, delivery, response } = forwarded;
    connection.prepare_cached(SET_FORWARD)?.execute(params![signed(*event), signed(*place as u64), state.as_str()])?;
    if let Some(response) = response {
        respond(connection, *event, *response)?;
    }
    delivery.as_ref().map_or(Ok(0), |delivery| record(connection, delivery, opening))
}

fn set_left(connection: &Connection, forwards: &[(Seq, usize)], state: ForwardState) -> rusqlite::Result<()> {
    let mut set = connection.prepare_cached(SET_LEFT_FORWARD)?;
    forwards.iter().try_for_each(|(event, place)| {
        set.execute(params![signed(*event), signed(*place as u64), state.as_str()]).map(drop)
    })
}

fn respond(connection: &Connection, event: Seq, response: ResponseState) -> rusqlite::Result<()> {
    connection.prepare_cached(SET_STATUS)?.execute(params![signed(event), response.number()]).map(drop)
}

fn reverify(connection: &Connection, verifications: &[(Seq, Verification)]) -> rusqlite::Result<()> {
    let mut update = connection.prepare_cached(UPDATE_VERDICT)?;
    for (seq, verification) in verifications {
        update.execute(params![
            signed(*seq),
            verification.verdict.as_str(),
            verification.reason.as_ref().map(ToString::to_string),
            verification.scheme.as_str(),
            verification.secret,
        ])?;
    }
    Ok(())
}
