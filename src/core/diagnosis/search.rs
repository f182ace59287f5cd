//! Searches for the body that was signed: undoes layers, one or several in a row, and tries small changes to each text.
//!
//! ```text
//! body ─┬─ changes, styles of JSON
//!       └─ layers ─┬─ changes, styles of JSON
//!                  └─ layers ─ … up to MAX_LAYERS
//! ```
//!
//! Work is counted in bytes written and hashed, so a search ends at the same place on every machine.

use super::change::{Change, reserialised};
use super::json_style::Style;
use super::probe::{Fingerprint, Probe};
use super::reserialise::write;
use super::undo::{LAYERS, Offer, Step};
use super::variant::BodyVariant;
use hmac::Mac;
use std::collections::{HashSet, VecDeque};
use std::ops::ControlFlow;

/// Most layers in a row. Two changes often meet, and either may have been made twice.
const MAX_LAYERS: usize = 3;

/// Work for any body, and for each of its bytes. The unit is a byte hashed: about a nanosecond.
const WORK_FLOOR: usize = 3 << 20;
const WORK_PER_BYTE: usize = 240;
/// Most work for a body of any size.
const WORK_MOST: usize = 1 << 30;

/// What it costs to write a byte of JSON, and to parse one.
const WRITING: usize = 8;
const PARSING: usize = 4;

/// What the hash of a short text costs, in bytes of a long one.
const HASH_FLOOR: usize = 256;

/// A text may be `GROWTH` times as long as the body plus [`GROWTH_FLOOR`] bytes, but not longer than [`GROWTH_MOST`].
const GROWTH: usize = 8;
const GROWTH_FLOOR: usize = 1 << 20;
const GROWTH_MOST: usize = 32 << 20;

/// What a search found.
pub(super) struct Outcome {
    pub(super) found: Option<BodyVariant>,
    /// Whether everything was tried. Otherwise the work ran out first.
    pub(super) is_complete: bool,
}

/// Searches for the variant of `body` that was signed.
pub(super) fn search(probe: &Probe, body: &[u8]) -> Outcome {
    if probe.keys() == 0 {
        return Outcome { found: None, is_complete: true };
    }
    let work = body.len().saturating_mul(WORK_PER_BYTE).saturating_add(WORK_FLOOR).min(WORK_MOST);
    let longest = body.len().saturating_mul(GROWTH).saturating_add(GROWTH_FLOOR).min(GROWTH_MOST.max(body.len()));
    let queue = VecDeque::new();
    let mut search =
        Search { probe, left: work, longest, seen: HashSet::new(), queue, queued: 0, is_complete: true, found: None };
    let _ = search.run(body);
    Outcome { found: search.found, is_complete: search.is_complete }
}

/// A text with layers undone, in which further changes are looked for.
struct Unwrapped {
    steps: Vec<Step>,
    text: Vec<u8>,
}

struct Search<'p> {
    probe: &'p Probe,
    /// Work left, in bytes.
    left: usize,
    /// Most bytes of a text.
    longest: usize,
    seen: HashSet<Fingerprint>,
    queue: VecDeque<Unwrapped>,
    /// Bytes in the queue.
    queued: usize,
    is_complete: bool,
    found: Option<BodyVariant>,
}

impl Search<'_> {
    fn run(&mut self, body: &[u8]) -> ControlFlow<()> {
        self.explore(&[], body)?;
        while let Some(Unwrapped { steps, text }) = self.queue.pop_front() {
            self.queued -= text.len();
            self.explore(&steps, &text)?;
        }
        ControlFlow::Continue(())
    }

    /// Tries every change to `text`, and queues the texts within it.
    fn explore(&mut self, steps: &[Step], text: &[u8]) -> ControlFlow<()> {
        for change in Change::PLAIN {
            self.spend(text.len())?;
            if self.probe.signs_changed(text, change) {
                return self.finish(steps.to_vec(), Some(change));
            }
        }
        self.undo(steps, text, true)?;
        self.restyle(steps, text)?;
        self.undo(steps, text, false)
    }

    /// Tries the texts that the layers find in `text`.
    fn undo(&mut self, steps: &[Step], text: &[u8], is_outer: bool) -> ControlFlow<()> {
        if steps.len() == MAX_LAYERS {
            return ControlFlow::Continue(());
        }
        for layer in LAYERS.iter().filter(|layer| layer.is_outer() == is_outer) {
            self.spend(text.len() / 8)?;
            let limit = self.longest.min(self.left);
            let mut ended = ControlFlow::Continue(());
            let _ = layer.candidates(text, limit, &mut |offer| {
                ended = match offer {
                    Offer::Candidate(step, bytes) => {
                        self.candidate(steps.iter().cloned().chain([step]).collect(), bytes, is_outer)
                    }
                    Offer::Work(bytes) => self.spend(bytes),
                    Offer::LeftOut => {
                        self.is_complete = false;
                        ControlFlow::Continue(())
                    }
                };
                ended
            });
            ended?;
        }
        ControlFlow::Continue(())
    }

    fn candidate(&mut self, steps: Vec<Step>, text: Vec<u8>, is_outer: bool) -> ControlFlow<()> {
        self.spend(text.len())?;
        let fingerprint = match self.probe.tells(&text) {
            Ok(()) => return self.finish(steps, None),
            Err(fingerprint) => fingerprint,
        };
        let is_new = fingerprint.is_some_and(|fingerprint| self.seen.insert(fingerprint));
        if is_outer && is_new && !text.is_empty() {
            if self.queued + text.len() > 2 * self.longest {
                self.is_complete = false;
            } else {
                self.queued += text.len();
                self.queue.push_back(Unwrapped { steps, text });
            }
        }
        ControlFlow::Continue(())
    }

    /// Tries the styles in which `text`, if it is JSON, may have been serialised. They leave a third of the work to the
    /// rest of the search.
    fn restyle(&mut self, steps: &[Step], text: &[u8]) -> ControlFlow<()> {
        self.spend(text.len() * PARSING)?;
        let (reserve, longest) = (self.left / 3, self.longest);
        let mut left = self.left - reserve;
        let mut is_complete = true;
        let probe = self.probe;
        let found = reserialised(text, |document, styles| {
            styles.iter().find_map(|&style: &Style| {
                let mut macs = probe.start();
                let limit = longest.min(left / (macs.len() + WRITING));
                if limit == 0 {
                    is_complete = false;
                    return None;
                }
                let mut room = limit;
                let flow = write(document, style, &mut |piece: &[u8]| match room.checked_sub(piece.len()) {
                    Some(rest) => {
                        room = rest;
                        macs.iter_mut().for_each(|mac| mac.update(piece));
                        ControlFlow::Continue(())
                    }
                    None => ControlFlow::Break(()),
                });
                left = left.saturating_sub((limit - room + HASH_FLOOR) * (macs.len() + WRITING));
                if flow.is_break() {
                    is_complete = false;
                    return None;
                }
                let has_final_newline = [false, true].into_iter().find(|has_final_newline| {
                    macs.iter().any(|mac| {
                        let mut mac = mac.clone();
                        mac.update(if *has_final_newline { style.layout.line_ending().as_bytes() } else { b"" });
                        probe.is_received(mac)
                    })
                })?;
                Some(Change::Reserialised { style, has_final_newline })
            })
        });
        self.left = reserve + left;
        self.is_complete &= is_complete;
        match found {
            Some(change) => self.finish(steps.to_vec(), Some(change)),
            None => ControlFlow::Continue(()),
        }
    }

    /// Counts the hash of a text with every key, and the writing of it.
    fn spend(&mut self, bytes: usize) -> ControlFlow<()> {
        let cost = bytes.saturating_add(HASH_FLOOR).saturating_mul(self.probe.keys() + 1);
        match self.left.checked_sub(cost) {
            Some(left) => {
                self.left = left;
                ControlFlow::Continue(())
            }
            None => {
                self.is_complete = false;
                ControlFlow::Break(())
            }
        }
    }

    fn finish(&mut self, steps: Vec<Step>, change: Option<Change>) -> ControlFlow<()> {
        self.found = Some(BodyVariant { steps, change });
        ControlFlow::Break(())
    }
}
