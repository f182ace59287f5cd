//! The ending of the last delivery as a number: 0 for none, then the kinds of failure, then the statuses.

use crate::core::delivery::{Ending, FailureKind};

pub(super) const NONE: u64 = 0;

pub(super) fn number(ending: Ending) -> u64 {
    match ending {
        Ending::Responded(status) => FailureKind::ALL.len() as u64 + 1 + u64::from(status),
        Ending::Failed(kind) => {
            FailureKind::ALL.iter().position(|it| *it == kind).map_or(NONE, |place| place as u64 + 1)
        }
    }
}

pub(super) fn from_number(number: u64) -> Option<Ending> {
    let place = usize::try_from(number).ok()?.checked_sub(1)?;
    Some(match FailureKind::ALL.get(place) {
        Some(kind) => Ending::Failed(*kind),
        None => Ending::Responded(u16::try_from(place - FailureKind::ALL.len()).unwrap_or(u16::MAX)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_ending_comes_back_from_its_number() {
        let failures = FailureKind::ALL.map(Ending::Failed);
        for ending in failures.into_iter().chain([0, 100, 201, u16::MAX].map(Ending::Responded)) {
            assert_eq!(from_number(number(ending)), Some(ending));
        }
        assert_eq!(from_number(NONE), None);
    }
}
