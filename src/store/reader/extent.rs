//! How large the history is, and which events a limit leaves out.

use super::Reader;
use crate::core::delivery::OFFERED;
use crate::core::event::Seq;
use crate::core::retention::{Keep, Retention};
use crate::store::StoreError;
use crate::store::convert::{signed, unsigned};
use jiff::Timestamp;
use rusqlite::params;

/// Bytes that an event takes beside its body, about.
const BESIDES: i64 = 600;

/// What is in the history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extent {
    pub events: u64,
    pub pinned: u64,
    /// Events with a response or forward that is pending, or was when hookglass ended.
    pub pending: u64,
    /// When the first and the last event were received.
    pub received: Option<(Timestamp, Timestamp)>,
    /// Bytes of the database that hold something.
    pub used: u64,
    /// Bytes of the database that new events can use.
    pub free: u64,
    /// Whether free bytes can be given back without rewriting the file.
    pub can_shrink: bool,
}

impl Reader {
    /// # Errors
    /// When the history cannot be read.
    pub fn extent(&self) -> Result<Extent, StoreError> {
        let page = self.number("SELECT page_size FROM pragma_page_size", [])?;
        let pages = self.number("SELECT page_count FROM pragma_page_count", [])?;
        let free = self.number("SELECT freelist_count FROM pragma_freelist_count", [])?;
        let received = self.rows("SELECT min(received_at_us), max(received_at_us) FROM event", [], |row| {
            Ok(row.get::<_, Option<i64>>(0)?.zip(row.get::<_, Option<i64>>(1)?))
        })?;
        let time = |us| Timestamp::from_microsecond(us).unwrap_or_default();
        Ok(Extent {
            events: self.number("SELECT count(*) FROM event", [])?,
            pinned: self
                .number("SELECT count(*) FROM event WHERE seq IN (SELECT seq FROM annotation WHERE is_pinned)", [])?,
            pending: self.number(
                "SELECT count(*) FROM event \
                 WHERE status = 1 OR seq IN (SELECT event FROM forward WHERE state IN ('pending', 'queued', 'unknown'))",
                [],
            )?,
            received: received.first().copied().flatten().map(|(first, last)| (time(first), time(last))),
            used: pages.saturating_sub(free) * page,
            free: free * page,
            can_shrink: self.number("SELECT auto_vacuum FROM pragma_auto_vacuum", [])? == 2,
        })
    }

    /// The events that are beyond `limits`, oldest first. Never pinned events, nor those with a pending response or forward, nor those that the next start offers to forward.
    ///
    /// # Errors
    /// When the history cannot be read.
    pub fn beyond(&self, limits: Retention, now: Timestamp) -> Result<Vec<Seq>, StoreError> {
        let Retention { keep, max_size } = limits;
        let newest_gone = match keep {
            Some(Keep::Newest(count)) => self.number(
                "SELECT coalesce((SELECT seq FROM event ORDER BY seq DESC LIMIT 1 OFFSET ?1), 0)",
                [signed(count)],
            )?,
            _ => 0,
        };
        let oldest_us = keep.and_then(|keep| keep.oldest_us(now)).unwrap_or(i64::MIN);
        let used = self.extent()?.used;
        let excess = max_size.map_or(0, |most| used.saturating_sub(most)) as f64;
        // Adding up the sizes takes a while, so only a history that is too large pays for it.
        let all =
            if excess > 0.0 { self.number("SELECT coalesce(sum(size + ?1), 0) FROM event", [BESIDES])? } else { 0 };
        let share = used as f64 / all.max(1) as f64;
        let sql = "SELECT seq, received_at_us, size + ?1 FROM event \
                   WHERE status <> 1 AND seq NOT IN (SELECT event FROM forward WHERE state = 'pending') \
                   AND NOT (received_at_us >= ?2 AND seq IN (SELECT event FROM forward WHERE state IN ('queued', 'unknown'))) \
                   AND seq NOT IN (SELECT seq FROM annotation WHERE is_pinned) \
                   AND (?3 OR seq <= ?4 OR received_at_us < ?5) ORDER BY seq";
        let offered_us = now.checked_sub(OFFERED).unwrap_or(Timestamp::MIN).as_microsecond();
        let mut freed = 0.0;
        let bounds = params![BESIDES, offered_us, excess > 0.0, signed(newest_gone), oldest_us];
        let candidates = self.rows(sql, bounds, |row| {
            let (seq, received_at_us, bytes): (_, i64, f64) = (unsigned(row.get(0)?), row.get(1)?, row.get(2)?);
            let is_beyond = seq <= newest_gone || received_at_us < oldest_us || freed < excess;
            freed += if is_beyond { bytes * share } else { 0.0 };
            Ok(is_beyond.then_some(seq))
        })?;
        Ok(candidates.into_iter().flatten().collect())
    }
}
