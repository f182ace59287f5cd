//! Forwards that earlier runs did not send, for the targets that are configured now.

use super::Forwarding;
use crate::core::event::Seq;
use crate::core::numbers::counted;
use crate::core::times::in_words;
use jiff::{SignedDuration, Timestamp};
use std::time::Duration;

/// How long what a run left is offered. The events stay in the history after that.
pub(crate) const OFFERED: SignedDuration = SignedDuration::from_hours(72);

/// How many event numbers, or ranges of them, a sentence lists.
const MAX_LISTED: usize = 6;

/// A [`Forward`](super::Forward) that an earlier run left [`Queued`](super::ForwardState::Queued) or [`Unknown`](super::ForwardState::Unknown).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftForward {
    pub seq: Seq,
    pub received_at: Timestamp,
    /// As [`Forward::place`](super::Forward::place), in that run.
    pub place: usize,
    /// See [`Forward::target`](super::Forward::target).
    pub target: String,
    pub is_unknown: bool,
}

/// The forwards that were left to one target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leftovers {
    /// The place of the route that leads to the target now.
    pub place: usize,
    pub target: String,
    /// Certainly not sent, in the order of arrival.
    pub queued: Vec<LeftForward>,
    /// Those that the target may have, in the order of arrival.
    pub unknown: Vec<LeftForward>,
}

impl Leftovers {
    /// Groups `left`, in the order of arrival, by the routes of `forwarding`. Leaves out what went to other targets.
    pub fn group(left: Vec<LeftForward>, forwarding: &Forwarding) -> Vec<Self> {
        let mut groups: Vec<Self> = Vec::new();
        for forward in left {
            let is_same = |route: &super::Route| route.target().to_string() == forward.target;
            let Some(place) = forwarding.routes.iter().position(is_same) else { continue };
            let known = groups.iter().position(|group| group.place == place);
            let group = known.unwrap_or_else(|| {
                let target = forward.target.clone();
                groups.push(Self { place, target, queued: Vec::new(), unknown: Vec::new() });
                groups.len() - 1
            });
            let list = if forward.is_unknown { &mut groups[group].unknown } else { &mut groups[group].queued };
            list.push(forward);
        }
        groups
    }

    /// The queued and the unknown ones, in the order of arrival.
    pub fn all(self) -> Vec<LeftForward> {
        let mut all = self.queued;
        all.extend(self.unknown);
        all.sort_by_key(|forward| forward.seq);
        all
    }

    /// How many were not sent, and how old the oldest is at `now`; `None` if there is none.
    pub fn queued_sentence(&self, now: Timestamp) -> Option<String> {
        let oldest = self.queued.first()?;
        let age = Duration::try_from(now.duration_since(oldest.received_at)).unwrap_or_default();
        let count = self.queued.len();
        let (events, was, the) = match count {
            1 => ("1 event".to_owned(), "was", "it"),
            _ => (counted(count as u64, "event"), "were", "the oldest"),
        };
        Some(format!(
            "{events} {was} still queued for `{}` when hookglass ended; {the} arrived {} ago",
            self.target,
            in_words(age)
        ))
    }

    /// Which ones may have arrived; `None` if there is none.
    pub fn unknown_sentence(&self) -> Option<String> {
        let listed = self.unknown_listed()?;
        let events = if self.unknown.len() == 1 { "event" } else { "events" };
        let did = if self.unknown.len() == 1 { "was" } else { "were" };
        Some(format!("{events} {listed} {did} on the way to `{}` when hookglass ended: outcome unknown", self.target))
    }

    /// The numbers of the unknown ones, as in `7, 9-12 and 3 more`.
    fn unknown_listed(&self) -> Option<String> {
        let ranges = ranges(self.unknown.iter().map(|forward| forward.seq));
        let mut shown: Vec<_> = ranges.iter().take(MAX_LISTED).map(range_text).collect();
        let rest: Seq = ranges.iter().skip(MAX_LISTED).map(|(first, last)| last - first + 1).sum();
        if rest > 0 {
            return Some(format!("{} and {rest} more", shown.join(", ")));
        }
        let last = shown.pop()?;
        Some(if shown.is_empty() { last } else { format!("{} and {last}", shown.join(", ")) })
    }

    /// The arguments that name the unknown ones to `hookglass replay`, as far as they are listed.
    pub fn unknown_arguments(&self) -> String {
        let ranges = ranges(self.unknown.iter().map(|forward| forward.seq));
        ranges.iter().take(MAX_LISTED).map(range_text).collect::<Vec<_>>().join(" ")
    }
}

fn range_text((first, last): &(Seq, Seq)) -> String {
    if first == last { first.to_string() } else { format!("{first}-{last}") }
}

/// Ascending numbers as ranges.
fn ranges(seqs: impl Iterator<Item = Seq>) -> Vec<(Seq, Seq)> {
    let mut ranges: Vec<(Seq, Seq)> = Vec::new();
    for seq in seqs {
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == seq => *last = seq,
            _ => ranges.push((seq, seq)),
        }
    }
    ranges
}

#[cfg(test)]
mod tests {
    use super::super::Route;
    use super::*;

    fn left(seq: Seq, target: &str, is_unknown: bool) -> LeftForward {
        let received_at = Timestamp::from_second(i64::try_from(seq).unwrap()).unwrap();
        LeftForward { seq, received_at, place: 5, target: target.to_owned(), is_unknown }
    }

    fn groups(left: Vec<LeftForward>) -> Vec<Leftovers> {
        let routes = ["user.*=app:1", "app:2"].map(|text| Route::parse(text).unwrap()).into();
        Leftovers::group(left, &Forwarding { routes, ..Forwarding::default() })
    }

    #[test]
    fn only_targets_that_are_configured_now_count() {
        let (one, two) = ("http://app:1/", "http://app:2/");
        let groups =
            groups(vec![left(1, two, false), left(2, "http://app:3/", false), left(3, one, true), left(4, two, false)]);
        let found: Vec<_> = groups.iter().map(|group| (group.place, group.queued.len(), group.unknown.len())).collect();
        assert_eq!(found, [(1, 2, 0), (0, 0, 1)]);
    }

    #[test]
    fn the_queued_ones_have_a_count_and_an_age() {
        let two = |seqs: &[Seq]| groups(seqs.iter().map(|seq| left(*seq, "http://app:2/", false)).collect());
        let said = |seqs| two(seqs)[0].queued_sentence(Timestamp::from_second(7210).unwrap()).unwrap();
        assert_eq!(
            said(&[10]),
            "1 event was still queued for `http://app:2/` when hookglass ended; it arrived 2 h ago"
        );
        assert_eq!(
            said(&[10, 20]),
            "2 events were still queued for `http://app:2/` when hookglass ended; the oldest arrived 2 h ago"
        );
        assert_eq!(two(&[1])[0].unknown_sentence(), None);
    }

    #[test]
    fn the_unknown_ones_are_listed_as_ranges() {
        for (seqs, listed, arguments) in [
            (&[7][..], "event 7 was", "7"),
            (&[7, 8, 9, 12], "events 7-9 and 12 were", "7-9 12"),
            (&[1, 3, 5, 7, 9, 11, 13, 14], "events 1, 3, 5, 7, 9, 11 and 2 more were", "1 3 5 7 9 11"),
        ] {
            let group = groups(seqs.iter().map(|seq| left(*seq, "http://app:2/", true)).collect()).remove(0);
            let sentence = format!("{listed} on the way to `http://app:2/` when hookglass ended: outcome unknown");
            assert_eq!((group.unknown_sentence(), group.unknown_arguments()), (Some(sentence), arguments.to_owned()));
            assert_eq!(group.queued_sentence(Timestamp::UNIX_EPOCH), None);
        }
    }
}
