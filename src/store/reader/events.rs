//! Queries of events.

use super::{Reader, limit_of};
use crate::core::annotation::Annotation;
use crate::core::event::{Arrival, Event, Listed, Seq, Summary};
use crate::core::request::Head;
use crate::core::signature::{Verdict, Verification};
use crate::store::convert::{self, SUMMARY_COLUMNS, signed, unsigned};
use crate::store::{StoreError, annotations, deletion};
use rusqlite::{OptionalExtension, Params, params};
use std::ops::ControlFlow;

/// How many of the newest events a diagnosis looks at.
const LOOKED_AT: u64 = 10_000;
/// The most events of a sample with the same verdict.
const SAMPLE: usize = 32;
/// The longest body of a sample, in bytes.
const LARGEST_SAMPLE: i64 = 64 << 10;
/// The most bytes that are compared with a body.
const COMPARED_BYTES: usize = 8 << 20;
/// Requests that are at most so far apart are read together. Those in between are passed over.
const STEP: u64 = 4;

/// How many of the first of `seqs` descend in small steps.
fn neighbours(seqs: &[Seq]) -> usize {
    1 + seqs.windows(2).take_while(|pair| pair[1] < pair[0] && pair[0] - pair[1] <= STEP).count()
}

fn event_sql() -> String {
    format!(
        "SELECT {SUMMARY_COLUMNS}, scheme, secret, head, body, directive, is_pinned, is_imported, note \
         FROM event JOIN request USING (seq) LEFT JOIN answered_by_order USING (seq) \
         LEFT JOIN annotation USING (seq) WHERE seq = ?1"
    )
}

impl Reader {
    /// The newest `limit` events, oldest first.
    ///
    /// # Errors
    /// Here and below: when the file cannot be read.
    pub fn newest(&self, limit: usize) -> Result<Vec<Summary>, StoreError> {
        let sql = format!("SELECT {SUMMARY_COLUMNS} FROM event ORDER BY seq DESC LIMIT ?1");
        let mut summaries = self.summaries(&sql, [limit_of(limit)])?;
        summaries.reverse();
        Ok(summaries)
    }

    /// The first `limit` events after `seq`, oldest first.
    pub fn after(&self, seq: Seq, limit: usize) -> Result<Vec<Summary>, StoreError> {
        let sql = format!("SELECT {SUMMARY_COLUMNS} FROM event WHERE seq > ?1 ORDER BY seq LIMIT ?2");
        self.summaries(&sql, [signed(seq), limit_of(limit)])
    }

    /// Calls `each` with every event after `after` up to and including `up_to`, oldest first.
    pub fn for_each_listed(&self, after: Seq, up_to: Seq, mut each: impl FnMut(&Listed<'_>)) -> Result<(), StoreError> {
        let sql = format!("SELECT {SUMMARY_COLUMNS} FROM event WHERE seq > ?1 AND seq <= ?2 ORDER BY seq");
        self.read(|open| {
            let mut statement = open.connection.prepare_cached(&sql)?;
            let mut rows = statement.query([signed(after), signed(up_to)])?;
            while let Some(row) = rows.next()? {
                let listed = convert::listed(row)?;
                each(&Listed { response: open.response(listed.response), ..listed });
            }
            Ok(())
        })
    }

    /// Calls `each` with the requests of the events `seqs`, newest first, until it breaks; with `None` for an event that is not in the
    /// history. Reads neighbours together.
    pub(crate) fn for_each_request(
        &self,
        seqs: &[Seq],
        mut each: impl FnMut(Seq, Option<(&Head, &[u8])>) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        let sql = "SELECT seq, head, body FROM request WHERE seq BETWEEN ?1 AND ?2 AND seq IN (SELECT seq FROM event) \
                   ORDER BY seq DESC";
        self.read(|open| {
            let mut statement = open.connection.prepare_cached(sql)?;
            let mut seqs = seqs;
            while !seqs.is_empty() {
                let (near, others) = seqs.split_at(neighbours(seqs));
                seqs = others;
                let mut rows = statement.query([signed(near[near.len() - 1]), signed(near[0])])?;
                let mut wanted = near.iter().copied().peekable();
                while let Some(row) = rows.next()? {
                    let found = unsigned(row.get(0)?);
                    while let Some(missing) = wanted.next_if(|seq| *seq > found) {
                        if each(missing, None).is_break() {
                            return Ok(());
                        }
                    }
                    if wanted.next_if_eq(&found).is_some() {
                        let head = convert::head(row, 1)?;
                        if each(found, Some((&head, row.get_ref(2)?.as_blob()?))).is_break() {
                            return Ok(());
                        }
                    }
                }
                if wanted.any(|missing| each(missing, None).is_break()) {
                    return Ok(());
                }
            }
            Ok(())
        })
    }

    /// The event with the number `seq` and its bytes, if there is one.
    pub fn event(&self, seq: Seq) -> Result<Option<Event>, StoreError> {
        self.read(|open| {
            let event = open.connection.prepare_cached(&event_sql())?.query_row([signed(seq)], |row| {
                let summary = open.summary(row)?;
                let verification = convert::verification(row, &summary, 13, 14)?;
                let (head, body) = (convert::head(row, 15)?, convert::body(row, 16)?);
                let annotation = annotations::annotation(row, 18)?;
                Ok(Event { summary, verification, head, body, override_text: row.get(17)?, annotation })
            });
            event.optional()
        })
    }

    /// What was added to the events after `seq`, in their order.
    pub fn annotations_after(&self, seq: Seq) -> Result<Vec<(Seq, Annotation)>, StoreError> {
        let sql = "SELECT seq, is_pinned, is_imported, note FROM annotation WHERE seq > ?1 ORDER BY seq";
        self.rows(sql, [signed(seq)], |row| Ok((unsigned(row.get(0)?), annotations::annotation(row, 1)?)))
    }

    /// The newest imported event after `seq`.
    pub(crate) fn imported_after(&self, seq: Seq) -> Result<Option<Seq>, StoreError> {
        let sql = "SELECT seq FROM annotation WHERE seq > ?1 AND is_imported ORDER BY seq DESC LIMIT 1";
        Ok(self.rows(sql, [signed(seq)], |row| row.get(0).map(unsigned))?.first().copied())
    }

    /// The verification of the event `seq`, without its bytes.
    pub(crate) fn verification(&self, seq: Seq) -> Result<Option<Verification>, StoreError> {
        let sql = format!("SELECT {SUMMARY_COLUMNS}, scheme, secret FROM event WHERE seq = ?1");
        let found =
            self.rows(&sql, [signed(seq)], |row| convert::verification(row, &convert::summary(row)?, 13, 14))?;
        Ok(found.into_iter().next())
    }

    /// The number of the newest event, or 0. The event may be deleted, but no later one has been stored.
    pub fn last_seq(&self) -> Result<Seq, StoreError> {
        self.number("SELECT coalesce(max(seq), 0) FROM main.event", [])
    }

    /// Which of the events `seqs` are deleted, but could still be restored.
    pub fn deleted_among(&self, seqs: &[Seq]) -> Result<Vec<Seq>, StoreError> {
        self.read(|open| deletion::hidden_among(&open.connection, seqs))
    }

    /// Which of the events `seqs` are in the history and not deleted.
    pub fn stored_among(&self, seqs: &[Seq]) -> Result<Vec<Seq>, StoreError> {
        self.read(|open| deletion::shown_among(&open.connection, seqs))
    }

    /// The first `limit` requests after `seq` whose whole bodies are stored, with their verifications, including those of deleted events,
    /// which may be restored. For verifying them again.
    pub fn requests_to_reverify(
        &self,
        seq: Seq,
        limit: usize,
    ) -> Result<Vec<(Seq, Arrival, Verification)>, StoreError> {
        let sql = format!(
            "SELECT {SUMMARY_COLUMNS}, scheme, secret, head, body FROM main.event JOIN request USING (seq) \
             WHERE seq > ?1 AND coalesce(reason, '') NOT IN ('body-too-large', 'body-incomplete') \
             ORDER BY seq LIMIT ?2"
        );
        self.rows(&sql, params![signed(seq), limit_of(limit)], |row| {
            let summary = convert::summary(row)?;
            let verification = convert::verification(row, &summary, 13, 14)?;
            let (head, body) = (convert::head(row, 15)?, convert::body(row, 16)?);
            Ok((summary.seq, Arrival { received_at: summary.received_at, head, body }, verification))
        })
    }

    /// A few of the newest other events: those that verify, and those whose signature does not match. Also whether there are more.
    /// Looks at the newest [`LOOKED_AT`] events, and not at large ones, so that it takes a few milliseconds in any history.
    pub(crate) fn signed_sample(&self, besides: Option<Seq>) -> Result<(Vec<Arrival>, bool), StoreError> {
        let besides = signed(besides.unwrap_or(0));
        let oldest = signed(self.last_seq()?.saturating_sub(LOOKED_AT));
        let mut sample = Vec::new();
        let mut is_partial = self.number("SELECT EXISTS (SELECT 1 FROM event WHERE seq <= ?1)", [oldest])? == 1;
        for verdict in [Verdict::Verified, Verdict::Invalid] {
            let sql = "SELECT received_at_us, head, body FROM event JOIN request USING (seq) \
                       WHERE seq > ?1 AND seq <> ?2 AND verdict = ?3 AND size <= ?4 ORDER BY seq DESC LIMIT ?5";
            let parameters = params![oldest, besides, verdict.as_str(), LARGEST_SAMPLE, limit_of(SAMPLE)];
            let found = self.rows(sql, parameters, |row| {
                let received_at = convert::timestamp_us(row, 0)?;
                Ok(Arrival { received_at, head: convert::head(row, 1)?, body: convert::body(row, 2)? })
            })?;
            is_partial |= found.len() == SAMPLE;
            sample.extend(found);
        }
        Ok((sample, is_partial))
    }

    /// The newest event that verifies and has this body, but neither the number `besides` nor the `webhook-id`. Compares with the
    /// bodies of a few events of the same length.
    pub(crate) fn verified_with_body(
        &self,
        body: &[u8],
        besides: Option<Seq>,
        webhook_id: Option<&str>,
    ) -> Result<Option<Seq>, StoreError> {
        let size = signed(body.len() as u64);
        let oldest = signed(self.last_seq()?.saturating_sub(LOOKED_AT));
        let compared = (COMPARED_BYTES / body.len().max(1)).max(1);
        let sql = "SELECT seq FROM request WHERE body = ?1 AND seq IN (SELECT seq FROM event WHERE seq > ?2 AND seq <> ?3 \
                   AND verdict = 'verified' AND size = ?4 AND webhook_id IS NOT ?5 ORDER BY seq DESC LIMIT ?6) \
                   ORDER BY seq DESC LIMIT 1";
        let besides = signed(besides.unwrap_or(0));
        let found = self.rows(sql, params![body, oldest, besides, size, webhook_id, limit_of(compared)], |row| {
            Ok(unsigned(row.get(0)?))
        })?;
        Ok(found.first().copied())
    }

    /// The fingerprint of the secrets that all events have been verified with, if it is known.
    pub(crate) fn judged_with(&self) -> Result<Option<[u8; 32]>, StoreError> {
        self.read(|open| {
            let mut statement = open.connection.prepare_cached("SELECT fingerprint FROM judged_with")?;
            statement.query_row([], |row| row.get(0)).optional()
        })
    }

    fn summaries(&self, sql: &str, parameters: impl Params) -> Result<Vec<Summary>, StoreError> {
        self.read(|open| open.connection.prepare_cached(sql)?.query_map(parameters, |row| open.summary(row))?.collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Store;
    use rusqlite::StatementStatus;

    #[test]
    fn reading_another_event_prepares_nothing_anew() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("events.db");
        drop(Store::open(&path).unwrap());
        let reader = Reader::open(&path).unwrap();
        for seq in 1..5 {
            assert_eq!(reader.event(seq).unwrap(), None);
        }
        let open = reader.open.borrow();
        let statement = open.connection.prepare_cached(&event_sql()).unwrap();
        assert_eq!(statement.get_status(StatementStatus::Run), 4);
        assert_eq!(statement.get_status(StatementStatus::RePrepare), 0);
    }
}
