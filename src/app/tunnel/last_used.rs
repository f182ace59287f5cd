//! What the last event from a tunnel came through.

use crate::core::event::Seq;
use crate::core::request::{self, Header};
use crate::core::signature::Verdict;
use crate::core::tunnel::Used;
use crate::store::{Reader, StoreError};

/// Events among which the last one from a tunnel is looked for.
const LATEST: usize = 20;
/// The longest body, in bytes, of an event whose host is looked at: it is read as a whole.
const MAX_BODY: u64 = 1 << 20;

/// Finds what the last event from a tunnel came through.
pub(crate) struct LastUsed {
    reader: Reader,
    /// The newest event that was looked at.
    up_to: Seq,
    used: Option<Used>,
}

impl LastUsed {
    pub(crate) fn new(reader: Reader) -> Self {
        Self { reader, up_to: 0, used: None }
    }

    /// What was found so far, without reading.
    pub(super) fn known(&self) -> Option<Used> {
        self.used.clone()
    }

    /// Reads the events that are new since the last call.
    ///
    /// # Errors
    /// When the history cannot be read.
    pub(crate) fn get(&mut self) -> Result<Option<Used>, StoreError> {
        let newest = self.reader.last_seq()?;
        if newest == self.up_to {
            return Ok(self.used.clone());
        }
        for summary in self.reader.newest(LATEST)?.iter().rev().take_while(|summary| summary.seq > self.up_to) {
            if summary.size > MAX_BODY || !matches!(summary.verdict, Verdict::Verified | Verdict::Unchecked) {
                continue;
            }
            let Some(event) = self.reader.event(summary.seq)? else { continue };
            let headers = event.head.headers();
            if let Some(used) =
                Used::of(first(&headers, "x-forwarded-host"), first(&headers, "host"), event.head.target())
            {
                self.used = Some(used);
                break;
            }
        }
        self.up_to = newest;
        Ok(self.used.clone())
    }
}

fn first<'h>(headers: &'h [Header<'h>], name: &str) -> Option<&'h [u8]> {
    request::values(headers, name).next()
}
