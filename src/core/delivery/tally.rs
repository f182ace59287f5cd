//! Counts of many deliveries by ending, and how long they took. The memory used does not grow with their number.

use super::{Delivery, Ending, FailureKind};
use crate::core::times::{Percentiles, Times};
use std::collections::BTreeMap;

/// Reasons counted separately; all others share one count.
const MAX_REASONS: usize = 16;
const OTHER_REASON: &str = "for other reasons";

/// The result of one attempt to deliver an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sending {
    Ended {
        ending: Ending,
        /// See [`Timing::total_us`](super::Timing::total_us).
        total_us: u64,
        /// Why it is missing from the history.
        not_stored: Option<String>,
    },
    /// With the reason.
    NotSent(String),
}

impl Sending {
    /// A finished delivery that is stored, or need not be.
    pub fn of(delivery: &Delivery) -> Self {
        Self::Ended { ending: delivery.ending(), total_us: delivery.timing.total_us, not_stored: None }
    }

    pub fn is_delivered(&self) -> bool {
        matches!(self, Self::Ended { ending, .. } if ending.is_delivered())
    }
}

/// The counts of a list of deliveries, while it runs and when it has ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    all: u64,
    done: u64,
    delivered: u64,
    responded: BTreeMap<u16, u64>,
    failed: BTreeMap<&'static str, (FailureKind, u64)>,
    not_sent: BTreeMap<String, u64>,
    not_stored: BTreeMap<String, u64>,
    /// Of the deliveries that got a response.
    times: Times,
}

/// What a row of the table counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TallyKind {
    Delivered,
    /// With a status other than 2xx.
    Responded(u16),
    Failed(FailureKind),
    NotSent,
    /// Also counted in another row.
    NotStored,
    /// Not started, or not finished.
    Left,
}

/// A row of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TallyRow {
    pub kind: TallyKind,
    pub count: u64,
    pub text: String,
}

impl Tally {
    /// For `all` deliveries, none of them finished.
    pub fn new(all: u64) -> Self {
        Self { all, ..Self::default() }
    }

    pub fn add(&mut self, sending: &Sending) {
        self.done += 1;
        match sending {
            Sending::NotSent(why) => count_reason(&mut self.not_sent, why),
            Sending::Ended { ending, total_us, not_stored } => {
                match ending {
                    _ if ending.is_delivered() => self.delivered += 1,
                    Ending::Responded(status) => *self.responded.entry(*status).or_default() += 1,
                    Ending::Failed(kind) => self.failed.entry(kind.as_str()).or_insert((*kind, 0)).1 += 1,
                }
                if matches!(ending, Ending::Responded(_)) {
                    self.times.add(*total_us);
                }
                if let Some(why) = not_stored {
                    count_reason(&mut self.not_stored, why);
                }
            }
        }
    }

    pub fn all(&self) -> u64 {
        self.all
    }

    /// How many have finished or were not sent.
    pub fn done(&self) -> u64 {
        self.done
    }

    /// How many got a 2xx.
    pub fn delivered(&self) -> u64 {
        self.delivered
    }

    /// Whether every delivery got a 2xx.
    pub(crate) fn is_all_delivered(&self) -> bool {
        self.delivered == self.all
    }

    /// Whether some are done and not a single request was sent.
    pub(crate) fn is_nothing_sent(&self) -> bool {
        self.done > 0 && self.not_sent.values().sum::<u64>() == self.done
    }

    /// The rows with a count above zero, good before bad.
    pub fn rows(&self) -> Vec<TallyRow> {
        let row = |kind, count, text: String| TallyRow { kind, count, text };
        let mut rows = vec![row(TallyKind::Delivered, self.delivered, "delivered".to_owned())];
        for (status, count) in &self.responded {
            rows.push(row(TallyKind::Responded(*status), *count, format!("responded {status}")));
        }
        rows.extend(self.failed.values().map(|(kind, count)| row(TallyKind::Failed(*kind), *count, kind.to_string())));
        for (why, count) in &self.not_sent {
            rows.push(row(TallyKind::NotSent, *count, format!("not sent: {why}")));
        }
        let left = self.all.saturating_sub(self.done);
        rows.push(row(TallyKind::Left, left, "left".to_owned()));
        for (why, count) in &self.not_stored {
            rows.push(row(TallyKind::NotStored, *count, format!("not stored: {why}")));
        }
        rows.retain(|row| row.count > 0);
        rows
    }

    /// How long the responses took; `None` while there are none.
    pub fn times(&self) -> Option<Percentiles> {
        self.times.percentiles()
    }
}

fn count_reason(reasons: &mut BTreeMap<String, u64>, why: &str) {
    let is_known = reasons.contains_key(why) || reasons.len() < MAX_REASONS;
    *reasons.entry(if is_known { why } else { OTHER_REASON }.to_owned()).or_default() += 1;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ended(ending: Ending, total_us: u64) -> Sending {
        Sending::Ended { ending, total_us, not_stored: None }
    }

    fn rows(tally: &Tally) -> Vec<(u64, String)> {
        tally.rows().into_iter().map(|row| (row.count, row.text)).collect()
    }

    #[test]
    fn each_kind_of_ending_has_a_row() {
        let mut tally = Tally::new(9);
        for ending in [
            Ending::Responded(201),
            Ending::Failed(FailureKind::TimedOut),
            Ending::Responded(500),
            Ending::Responded(404),
            Ending::Responded(500),
            Ending::Failed(FailureKind::Refused),
        ] {
            tally.add(&ended(ending, 1));
        }
        tally.add(&Sending::NotSent("no secret".into()));
        let not_stored = Some("the disk is full".to_owned());
        tally.add(&Sending::Ended { ending: Ending::Responded(200), total_us: 1, not_stored });
        assert_eq!((tally.done(), tally.delivered(), tally.is_all_delivered()), (8, 2, false));
        let expected = [
            (2, "delivered"),
            (1, "responded 404"),
            (2, "responded 500"),
            (1, "refused"),
            (1, "timed out"),
            (1, "not sent: no secret"),
            (1, "left"),
            (1, "not stored: the disk is full"),
        ];
        assert_eq!(rows(&tally), expected.map(|(count, text)| (count, text.to_owned())));
    }

    #[test]
    fn all_are_delivered_only_when_each_got_a_2xx() {
        let mut tally = Tally::new(2);
        tally.add(&ended(Ending::Responded(299), 1));
        assert!(!tally.is_all_delivered());
        tally.add(&ended(Ending::Responded(200), 1));
        assert!(tally.is_all_delivered());
        assert_eq!(rows(&tally), [(2, "delivered".to_owned())]);
        assert!(Tally::new(0).is_all_delivered());
    }

    #[test]
    fn nothing_is_sent_only_when_no_finished_delivery_was() {
        let mut tally = Tally::new(3);
        assert!(!tally.is_nothing_sent(), "nothing is done yet");
        for why in ["no secret", "event deleted"] {
            tally.add(&Sending::NotSent(why.into()));
            assert!(tally.is_nothing_sent());
        }
        tally.add(&ended(Ending::Failed(FailureKind::Refused), 1));
        assert!(!tally.is_nothing_sent());
    }

    #[test]
    fn times_are_those_of_the_responses() {
        let mut tally = Tally::new(3);
        tally.add(&ended(Ending::Failed(FailureKind::TimedOut), 10_000_000));
        assert_eq!(tally.times(), None);
        tally.add(&ended(Ending::Responded(500), 50_000));
        tally.add(&ended(Ending::Responded(200), 12_000));
        assert_eq!(tally.times().unwrap().to_string(), "p50 12 ms, p95 50 ms, longest 50 ms");
    }

    #[test]
    fn a_million_reasons_take_little_memory() {
        let mut tally = Tally::new(1_000_000);
        for number in 0..1_000_000_u64 {
            tally.add(&Sending::NotSent(format!("reason {number}")));
        }
        assert_eq!(tally.not_sent.len(), MAX_REASONS + 1);
        assert_eq!(tally.not_sent[OTHER_REASON], 1_000_000 - MAX_REASONS as u64);
    }
}
