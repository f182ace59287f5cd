//! What is known of rehearsals and groups, and what follows from it. The control comes first, because without it the others mean
//! little.

use super::facts::{FACTS, Facts};
use super::kind::{Group, Rehearsal};
use crate::core::catalog::Family;
use crate::core::provider::decision_time_limit_text;
use crate::core::signature::Scheme;

impl Group {
    pub const ALL: [Self; 9] = [
        Self::Control,
        Self::Time,
        Self::Forgeries,
        Self::Content,
        Self::Headers,
        Self::Repeats,
        Self::Bursts,
        Self::TriggerEvents,
        Self::TriggerPoints,
    ];

    /// The word in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Control => "control",
            Self::Time => "time",
            Self::Forgeries => "forgeries",
            Self::Content => "content",
            Self::Headers => "headers",
            Self::Repeats => "repeats",
            Self::Bursts => "bursts",
            Self::TriggerEvents => "trigger-events",
            Self::TriggerPoints => "trigger-points",
        }
    }

    /// The heading above its rows.
    pub fn title(self) -> &'static str {
        match self {
            Self::Control => "a valid event",
            Self::Time => "timestamps out of the window",
            Self::Forgeries => "forgeries",
            Self::Content => "valid events with unusual content",
            Self::Headers => "valid events with unusual headers",
            Self::Repeats => "repeats and order",
            Self::Bursts => "bursts",
            Self::TriggerEvents => "trigger events",
            Self::TriggerPoints => "trigger points",
        }
    }
}

/// How a correct handler responds to each request of a rehearsal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expectation {
    /// Any 2xx.
    Accepted,
    /// 200 with a decision, for an interceptor.
    Decided,
    /// 401, 400 or 403.
    Rejected,
    /// A 2xx or a rejection: both are right.
    Either,
}

impl Expectation {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "2xx",
            Self::Decided => "200 + decision",
            Self::Rejected => "401, 400 or 403",
            Self::Either => "2xx or 401",
        }
    }
}

/// When the requests of a rehearsal are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sequence {
    /// All at once, each on its own connection.
    Together,
    /// Each after the response to the one before. The first one without a response is the last.
    InTurn,
}

impl Rehearsal {
    pub const ALL: [Self; FACTS.len()] = {
        let mut all = [Self::Control; FACTS.len()];
        let mut place = 0;
        while place < FACTS.len() {
            all[place] = FACTS[place].rehearsal;
            place += 1;
        }
        all
    };

    fn facts(self) -> &'static Facts {
        FACTS.iter().find(|facts| facts.rehearsal == self).expect("the table has a row for each rehearsal")
    }

    /// The name on the command line and in JSON.
    pub fn name(self) -> &'static str {
        self.facts().name
    }

    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rehearsal| rehearsal.name() == name)
    }

    pub fn group(self) -> Group {
        self.facts().group
    }

    /// The name in text.
    pub fn title(self) -> &'static str {
        self.facts().title
    }

    /// What its requests are.
    pub(crate) fn simulates(self) -> &'static str {
        self.facts().simulates
    }

    /// Why a correct handler responds as expected; `family` is that of [`Rehearsal::expectation`].
    pub fn why(self, family: Scheme) -> &'static str {
        match self.expectation(family) {
            Expectation::Decided if self.trigger_point().is_none() => {
                concat!(
                    "the flow that waits for an interceptor, such as a login, continues only after a decision sent with 200 within ",
                    decision_time_limit_text!(),
                    ". A \
                 repeated request needs a decision too"
                )
            }
            _ => self.facts().why,
        }
    }

    /// Whether a correct handler rejects its requests.
    pub fn must_be_rejected(self) -> bool {
        matches!(self.group(), Group::Time | Group::Forgeries)
    }

    /// The expectation for an app that verifies this family of headers.
    pub fn expectation(self, family: Scheme) -> Expectation {
        match family {
            _ if self.must_be_rejected() => Expectation::Rejected,
            _ if self == Self::OtherSecret => Expectation::Either,
            Scheme::Interceptor => Expectation::Decided,
            _ => Expectation::Accepted,
        }
    }

    pub fn sequence(self) -> Sequence {
        match self {
            Self::TwiceAtOnce | Self::GroupDeletion | Self::FirstSync => Sequence::Together,
            _ => Sequence::InTurn,
        }
    }

    /// After how many of its requests the state of the app must not change any more. `None` if it may change.
    pub fn settled_after(self) -> Option<usize> {
        match self {
            // What it changes is noted, not judged.
            Self::Control => Some(0),
            Self::TenTimes | Self::SameKey => Some(1),
            // Both may do the work of the first.
            Self::TwiceAtOnce | Self::LateUpdate => Some(2),
            _ if self.must_be_rejected() => Some(0),
            _ => None,
        }
    }

    /// Whether it suits an endpoint for events of this family. Only endpoints for webhooks get directory events. The requests of
    /// interceptors have a trigger point instead of a type.
    pub fn fits(self, family: Family) -> bool {
        match self {
            Self::OutOfOrder | Self::LateUpdate => family == Family::Webhook,
            Self::UnknownType => family != Family::Interceptor,
            _ => match self.group() {
                Group::Bursts => family == Family::Webhook,
                Group::TriggerEvents => family == Family::Trigger,
                Group::TriggerPoints => family == Family::Interceptor,
                _ => true,
            },
        }
    }

    /// The trigger point that its request is about.
    pub(crate) fn trigger_point(self) -> Option<&'static str> {
        (self.group() == Group::TriggerPoints).then(|| self.title())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::catalog::catalog;

    #[test]
    fn every_name_reads_back() {
        for rehearsal in Rehearsal::ALL {
            assert_eq!(Rehearsal::parse(rehearsal.name()), Some(rehearsal));
            assert_eq!(rehearsal.facts().rehearsal, rehearsal);
        }
        assert_eq!(Rehearsal::parse("Control"), None);
    }

    #[test]
    fn the_control_comes_first_and_groups_are_in_order() {
        assert_eq!(Rehearsal::ALL[0], Rehearsal::Control);
        let place = |rehearsal: Rehearsal| Group::ALL.into_iter().position(|group| group == rehearsal.group());
        assert!(Rehearsal::ALL.map(place).is_sorted());
    }

    #[test]
    fn each_family_gets_the_rehearsals_that_fit_it() {
        let unfit = |family| Rehearsal::ALL.into_iter().filter(move |each| !each.fits(family)).map(Rehearsal::name);
        let expected = ["unknown-type", "out-of-order", "late-update", "group-deletion", "first-sync"];
        let of_triggers = ["same-key", "by-reference", "new-values"];
        assert!(unfit(Family::Interceptor).eq(expected.into_iter().chain(of_triggers)));
        let own_groups = [Group::TriggerEvents, Group::TriggerPoints];
        assert!(unfit(Family::Webhook).all(|name| own_groups.contains(&Rehearsal::parse(name).unwrap().group())));
        let fits = of_triggers.map(|name| Rehearsal::parse(name).unwrap().fits(Family::Trigger));
        assert_eq!(fits, [true; 3]);
        assert!(!Rehearsal::OutOfOrder.fits(Family::Trigger) && !Rehearsal::FirstSync.fits(Family::Trigger));
    }

    #[test]
    fn every_trigger_point_is_in_the_catalog() {
        for point in Rehearsal::ALL.into_iter().filter_map(Rehearsal::trigger_point) {
            assert_eq!(catalog().find(point).unwrap().scheme(), Scheme::Interceptor, "{point}");
        }
    }
}
