//! Queries of forwards and deliveries.

use super::{Reader, limit_of};
use crate::core::delivery::{Delivery, Ending, Forward, ForwardState, Learned, LeftForward, Origin};
use crate::core::event::Seq;
use crate::core::rehearsal::Rehearsal;
use crate::store::convert::{self, DELIVERY_COLUMNS, FORWARD_COLUMNS, signed, unsigned};
use crate::store::{Opening, StoreError};
use jiff::Timestamp;
use rusqlite::params;

/// The newest deliveries among which rehearsals of a target are looked for, so that it takes a few milliseconds in any history.
const LOOKED_AT: usize = 2000;

impl Reader {
    /// The forwards of one event, in the order of the targets that were set when it was stored.
    pub fn forwards(&self, seq: Seq) -> Result<Vec<Forward>, StoreError> {
        let sql = format!("SELECT {FORWARD_COLUMNS} FROM forward WHERE event = ?1 ORDER BY place");
        self.rows(&sql, [signed(seq)], |row| Ok(convert::forward(row)?.1))
    }

    /// The first `limit` forwards of all events after the forward `place` of event `seq`, in order.
    pub fn forwards_after(&self, seq: Seq, place: usize, limit: usize) -> Result<Vec<(Seq, Forward)>, StoreError> {
        let sql = format!(
            "SELECT {FORWARD_COLUMNS} FROM forward WHERE (event, place) > (?1, ?2) ORDER BY event, place LIMIT ?3"
        );
        self.rows(&sql, params![signed(seq), signed(place as u64), limit_of(limit)], convert::forward)
    }

    /// The forwards that earlier runs left [`ForwardState::Queued`] or [`ForwardState::Unknown`], of events that arrived after `since`, in
    /// the order of arrival. Leaves out those whose sender waited, because it tries again itself, and events that the user re-delivered.
    ///
    /// Reads the newest forwards until it meets an older event.
    pub fn left_forwards(&self, since: Timestamp) -> Result<Vec<LeftForward>, StoreError> {
        let sql = format!(
            "SELECT {FORWARD_COLUMNS}, state, received_at_us, state IN ('queued', 'unknown') AND NOT EXISTS (SELECT 1 FROM delivery \
             WHERE delivery.event = forward.event AND origin IN ('asked', 'retried')) \
             FROM forward CROSS JOIN event ON seq = event ORDER BY event DESC, place DESC"
        );
        let mut left = self.read(|open| {
            let mut statement = open.connection.prepare(&sql)?;
            let (mut rows, mut left) = (statement.query([])?, Vec::new());
            while let Some(row) = rows.next()? {
                let received_at = convert::timestamp_us(row, 5)?;
                if received_at < since {
                    break;
                }
                let (seq, Forward { place, target, is_awaited }) = convert::forward(row)?;
                if row.get(6)? && !is_awaited {
                    let is_unknown = convert::forward_state(row, 4)? == ForwardState::Unknown;
                    left.push(LeftForward { seq, received_at, place, target, is_unknown });
                }
            }
            Ok(left)
        })?;
        left.reverse();
        Ok(left)
    }

    /// The newest `limit` deliveries of one event, in the order in which they ended.
    pub fn deliveries(&self, seq: Seq, limit: usize) -> Result<Vec<Delivery>, StoreError> {
        let sql = format!("SELECT {DELIVERY_COLUMNS} FROM delivery WHERE event = ?1 ORDER BY id DESC LIMIT ?2");
        let mut deliveries = self.rows(&sql, [signed(seq), limit_of(limit)], convert::delivery)?;
        deliveries.reverse();
        Ok(deliveries)
    }

    /// How many deliveries of one event there are.
    pub fn delivery_count(&self, seq: Seq) -> Result<u64, StoreError> {
        self.number("SELECT count(*) FROM delivery WHERE event = ?1", [signed(seq)])
    }

    /// Calls `each` with every delivery up to and including number `up_to`, oldest first: its event, its origin, how it ended, and how many
    /// microseconds it took. Leaves out rehearsals, which say nothing about the event.
    pub fn for_each_ending(
        &self,
        up_to: u64,
        mut each: impl FnMut(Seq, Origin, Ending, u64),
    ) -> Result<(), StoreError> {
        self.read(|open| {
            let mut statement = open.connection.prepare_cached(
                "SELECT event, status, is_cut, failure_kind, total_us, origin, rehearsal FROM delivery \
                 WHERE id <= ?1 AND origin <> 'rehearsed' ORDER BY id",
            )?;
            let mut rows = statement.query([signed(up_to)])?;
            while let Some(row) = rows.next()? {
                let origin = convert::origin(row, 5, 6)?;
                each(unsigned(row.get(0)?), origin, convert::ending(row, 1, 2, 3)?, unsigned(row.get(4)?));
            }
            Ok(())
        })
    }

    /// How the newest rehearsals against `target` ended that [`Learned`] reads, the newest first. Looks at the newest deliveries only.
    pub fn rehearsed(&self, target: &str) -> Result<Vec<(Rehearsal, Ending)>, StoreError> {
        let names = Learned::FROM.map(|rehearsal| format!("'{}'", rehearsal.name())).join(", ");
        let sql = format!(
            "SELECT status, is_cut, failure_kind, rehearsal FROM delivery \
             WHERE id > (SELECT coalesce(max(id), 0) FROM delivery) - {LOOKED_AT} AND origin = 'rehearsed' AND target = ?1 \
             AND rehearsal IN ({names}) ORDER BY id DESC LIMIT 30"
        );
        self.rows(&sql, [target], |row| Ok((convert::rehearsal(row, 3)?, convert::ending(row, 0, 1, 2)?)))
    }

    /// The number of the newest delivery, or 0.
    pub fn last_delivery(&self) -> Result<u64, StoreError> {
        self.number("SELECT coalesce(max(id), 0) FROM delivery", [])
    }

    /// The first `limit` deliveries after number `after` that other openings than `own` stored, with their numbers.
    pub fn deliveries_of_others(
        &self,
        after: u64,
        own: Opening,
        limit: usize,
    ) -> Result<Vec<(u64, Delivery)>, StoreError> {
        let sql = format!(
            "SELECT {DELIVERY_COLUMNS}, id FROM delivery WHERE id > ?1 AND opening IS NOT ?2 ORDER BY id LIMIT ?3"
        );
        self.rows(&sql, params![signed(after), own.number(), limit_of(limit)], |row| {
            Ok((unsigned(row.get(18)?), convert::delivery(row)?))
        })
    }
}
