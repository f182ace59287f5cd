//! What earlier rehearsals tell of a target: whether its app tells valid requests from forged ones.

use crate::core::delivery::Ending;
use crate::core::rehearsal::Rehearsal;

/// The forgeries that every handler rejects, and that a guard does not tell from a valid event.
const FORGED: [Rehearsal; 2] = [Rehearsal::Tampered, Rehearsal::Unsigned];

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Learned {
    #[default]
    Nothing,
    /// A valid and a forged event got the same refusal: the app has another secret, or a guard is in front of the handler.
    RefusesAlike,
    /// A valid event was accepted, and a forged one was not, so the handler runs.
    TellsApart,
}

impl Learned {
    /// The rehearsals that tell it.
    pub(crate) const FROM: [Rehearsal; 3] = [Rehearsal::Control, FORGED[0], FORGED[1]];

    /// By rehearsals of one target, the newest first.
    pub(crate) fn of(rehearsed: &[(Rehearsal, Ending)]) -> Self {
        let newest = |wanted: &[Rehearsal]| rehearsed.iter().find(|(each, _)| wanted.contains(each)).map(|(_, it)| *it);
        let (Some(valid), Some(forged)) = (newest(&[Rehearsal::Control]), newest(&FORGED)) else {
            return Self::Nothing;
        };
        match (valid, forged) {
            (Ending::Responded(300..500), _) if valid == forged => Self::RefusesAlike,
            (Ending::Responded(200..300), Ending::Responded(300..500)) => Self::TellsApart,
            _ => Self::Nothing,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::delivery::FailureKind;

    #[test]
    fn the_newest_valid_and_the_newest_forged_event_tell() {
        use Rehearsal::{Control, Large, Tampered, Unsigned};
        let down = Ending::Failed(FailureKind::Refused);
        let got = Ending::Responded;
        for (rehearsed, expected) in [
            (&[][..], Learned::Nothing),
            (&[(Control, got(401))], Learned::Nothing),
            (&[(Unsigned, got(401)), (Tampered, got(401)), (Control, got(401))], Learned::RefusesAlike),
            (&[(Unsigned, got(302)), (Control, got(302))], Learned::RefusesAlike),
            (&[(Unsigned, got(401)), (Large, got(413)), (Control, got(201))], Learned::TellsApart),
            (&[(Tampered, got(401)), (Control, got(201)), (Control, got(401))], Learned::TellsApart),
            (&[(Tampered, got(401)), (Control, got(403))], Learned::Nothing),
            (&[(Tampered, got(500)), (Control, got(500))], Learned::Nothing),
            (&[(Tampered, got(201)), (Control, got(201))], Learned::Nothing),
            (&[(Tampered, down), (Control, down)], Learned::Nothing),
        ] {
            assert_eq!(Learned::of(rehearsed), expected, "{rehearsed:?}");
        }
    }
}
