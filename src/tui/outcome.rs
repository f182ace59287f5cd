//! What became of an event at the app, in at most seven columns.

use super::model::Model;
use super::theme::Role;
use crate::core::delivery::{Ending, FailureKind};
use crate::core::index::Row;
use crate::core::response::ResponseState;
use jiff::Timestamp;

/// The columns of an outcome.
pub(crate) const OUTCOME: usize = 7;

/// The outcome of the last delivery: ` 200`, `!200`, ` 401`, `down`, or `◐ 4 s` while one is pending. A status begins in
/// the second column, so that `!` marks it.
pub fn outcome(model: &Model, row: &Row<'_>) -> (Role, String) {
    if let Some(since) = pending_since(model, row) {
        return (Role::Warning, format!("◐ {}", waited(model.now, since)));
    }
    match row.ending {
        None => (Role::Dim, " ·".to_owned()),
        Some(Ending::Failed(kind)) => (Role::Bad, word(kind).to_owned()),
        Some(Ending::Responded(status)) => {
            let mark = if row.doubt.is_some() { '!' } else { ' ' };
            (Role::of(Ending::Responded(status), row.doubt), format!("{mark}{status}"))
        }
    }
}

/// Since when a delivery has been pending, if one is.
fn pending_since(model: &Model, row: &Row<'_>) -> Option<Timestamp> {
    let is_awaited = row.response == ResponseState::Pending;
    model.in_flight.since(row.seq).or_else(|| is_awaited.then_some(row.received_at))
}

fn waited(now: Timestamp, since: Timestamp) -> String {
    match now.duration_since(since).as_secs().max(0) {
        seconds @ 0..100 => format!("{seconds} s"),
        seconds @ 100..6_000 => format!("{} m", seconds / 60),
        seconds => format!("{} h", (seconds / 3_600).min(999)),
    }
}

/// At most seven columns.
fn word(kind: FailureKind) -> &'static str {
    match kind {
        FailureKind::Resolve => "no host",
        FailureKind::Refused => "down",
        FailureKind::NoPort => "no port",
        FailureKind::TimedOut => "timeout",
        FailureKind::Reset => "reset",
        FailureKind::Tls => "TLS",
        FailureKind::Garbled => "no HTTP",
        FailureKind::Loop => "loop",
        FailureKind::Cancelled => "stopped",
        FailureKind::Other => "failed",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_outcome_is_wider_than_its_column() {
        assert!(FailureKind::ALL.into_iter().all(|kind| word(kind).len() <= OUTCOME));
        let since = Timestamp::from_second(1_000_000_000).unwrap();
        let text = |seconds: i64| waited(Timestamp::from_second(1_000_000_000 + seconds).unwrap(), since);
        assert_eq!([-1, 4, 99, 100, 6_000].map(text), ["0 s", "4 s", "99 s", "1 m", "1 h"]);
        assert!([99, 5_999, 1_000_000_000].map(text).iter().all(|text| text.len() + 2 <= OUTCOME));
    }
}
