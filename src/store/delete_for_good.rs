//! Deletes events for good at once, for a command. On the screen, deletions can be undone: see `deletion`.

use super::StoreError;
use super::deletion::{STEP, erase, forget, hidden_among, hide, in_transaction, shown_among};
use super::open::Store;
use crate::core::event::Seq;

/// What became of events that were to be deleted for good.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Deleted {
    pub deleted: Vec<Seq>,
    /// They stay, because a delivery is pending.
    pub pending: Vec<Seq>,
}

impl Store {
    /// Deletes the events `seqs` for good, except those with a pending delivery. Calls `report` with the number of events handled so far.
    ///
    /// # Errors
    /// When the history cannot be written. What is deleted by then is deleted.
    pub fn delete(&self, seqs: &[Seq], mut report: impl FnMut(usize)) -> Result<Deleted, StoreError> {
        let mut result = Deleted::default();
        for chunk in seqs.chunks(STEP) {
            let hidden = in_transaction(&self.connection, || {
                hide(&self.connection, chunk, self.earlier)?;
                hidden_among(&self.connection, chunk)
            });
            let hidden = hidden.map_err(StoreError::Delete)?;
            let mut rest = &hidden[..];
            while !rest.is_empty() {
                rest = &rest[erase(&self.connection, rest).map_err(StoreError::Delete)?..];
            }
            // Another program may have deleted the others meanwhile.
            result.pending.extend(shown_among(&self.connection, chunk).map_err(StoreError::Delete)?);
            result.deleted.extend(hidden);
            report(result.deleted.len() + result.pending.len());
        }
        forget(&self.connection).map_err(StoreError::Delete)?;
        Ok(result)
    }
}
