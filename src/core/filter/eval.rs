//! Evaluates a filter. Texts that events share are matched once each; the others are searched many events at a time.

use super::{Condition, Filter, State};
use crate::core::delivery::Ending;
use crate::core::index::{Index, Shared};
use memchr::memmem::Finder;
use std::ops::Range;

/// Events whose texts are searched together. It bounds the lower-case copy.
const CHUNK: usize = 4096;

impl Filter {
    /// The `positions` in `index` that match the filter, ascending.
    ///
    /// # Panics
    /// When `positions` reaches beyond the end of `index`.
    pub fn select(&self, index: &Index, positions: Range<usize>) -> Vec<usize> {
        let mut matches = vec![true; positions.len()];
        for term in &self.terms {
            let mut matches_term = vec![false; positions.len()];
            match &term.condition {
                Condition::Type(glob) => {
                    mark_shared(index, Shared::Type, &positions, &mut matches_term, |text| glob.matches(text));
                }
                Condition::Is(state) => {
                    for (matches, position) in matches_term.iter_mut().zip(positions.clone()) {
                        *matches = is_in(index, position, *state);
                    }
                }
                Condition::Reason(glob) => {
                    let matches = |text: &str| !text.is_empty() && glob.matches(text);
                    mark_shared(index, Shared::Reason, &positions, &mut matches_term, matches);
                }
                Condition::Text(text) => mark_text(index, text, &positions, &mut matches_term),
            }
            for (matches, matches_term) in matches.iter_mut().zip(matches_term) {
                *matches &= matches_term != term.is_negated;
            }
        }
        positions.zip(matches).filter(|(_, matches)| *matches).map(|(position, _)| position).collect()
    }
}

fn is_in(index: &Index, position: usize, state: State) -> bool {
    match state {
        State::Verdict(verdict) => index.verdict(position) == verdict,
        State::Marked => index.is_marked(position),
        State::Delivered => index.ending(position).is_some_and(Ending::is_delivered),
        State::Failed => index.ending(position).is_some_and(|ending| !ending.is_delivered()),
        State::Retried => index.is_repeated(position),
    }
}

/// Marks the events whose text of `kind` matches.
fn mark_shared(
    index: &Index,
    kind: Shared,
    positions: &Range<usize>,
    marks: &mut [bool],
    matches: impl Fn(&str) -> bool,
) {
    let matching: Vec<bool> = index.shared_texts(kind).map(matches).collect();
    if !matching.contains(&true) {
        return;
    }
    for (mark, position) in marks.iter_mut().zip(positions.clone()) {
        *mark |= matching[index.shared_text(kind, position) as usize];
    }
}

/// Marks the events with `text` in any of their texts. A capital letter in `text` makes the search case-sensitive.
fn mark_text(index: &Index, text: &str, positions: &Range<usize>, marks: &mut [bool]) {
    if text.is_empty() {
        marks.fill(true);
        return;
    }
    let needle = Needle { finder: Finder::new(text), is_case_exact: text.chars().any(char::is_uppercase) };
    for kind in Shared::ALL {
        mark_shared(index, kind, positions, marks, |text| needle.is_in(text));
    }
    let mut lower = String::new();
    for (marks, start) in marks.chunks_mut(CHUNK).zip(positions.clone().step_by(CHUNK)) {
        let searched = index.searched(start..start + marks.len());
        let haystack = if needle.is_case_exact {
            searched.texts
        } else if searched.texts.is_ascii() {
            lower.clear();
            lower.push_str(searched.texts);
            lower.make_ascii_lowercase();
            &lower
        } else {
            // Lower-casing can change the length of a text, so each text is searched separately.
            for (mark, position) in marks.iter_mut().zip(start..) {
                let row = index.row(position);
                *mark |= [row.subject, row.event_id, row.webhook_id].into_iter().any(|text| needle.is_in(text));
            }
            continue;
        };
        let (mut from, mut place) = (0, 0);
        while let Some(found) = needle.finder.find(&haystack.as_bytes()[from..]) {
            let found = from + found..from + found + text.len();
            from = if searched.is_within_one(found.clone(), &mut place) {
                marks[place] = true;
                found.end
            } else {
                // This match spans two texts. One that starts inside it may not.
                found.start + 1
            };
        }
    }
}

struct Needle<'a> {
    finder: Finder<'a>,
    is_case_exact: bool,
}

impl Needle<'_> {
    fn is_in(&self, text: &str) -> bool {
        if self.is_case_exact {
            self.finder.find(text.as_bytes()).is_some()
        } else {
            self.finder.find(text.to_lowercase().as_bytes()).is_some()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::delivery::Origin;
    use crate::core::index::tests::summary;
    use crate::core::signature::Verdict;

    fn selected(filter: &str) -> Vec<usize> {
        let mut index = Index::default();
        index.push(&summary(1, "user.login", Verdict::Verified));
        index.push(&summary(2, "user.signup", Verdict::Invalid));
        index.push(&summary(3, "organization.created", Verdict::Unsigned));
        index.push(&summary(4, "", Verdict::Unchecked));
        Filter::parse(filter).unwrap().select(&index, 0..index.len())
    }

    #[test]
    fn terms_select_events() {
        for (filter, positions) in [
            ("", &[0, 1, 2, 3][..]),
            ("type:user.*", &[0, 1]),
            ("type:user", &[]),
            ("type:*CREATED", &[2]),
            ("-type:user.*", &[2, 3]),
            ("is:invalid", &[1]),
            ("is:unchecked", &[3]),
            ("-is:verified type:user.*", &[1]),
            ("reason:wrong-*", &[1]),
            ("reason:*", &[1]),
            ("-reason:*", &[0, 2, 3]),
            ("finding:wrong-*", &[1]),
            ("-finding:*", &[0, 2, 3]),
            ("user2@EXAMPLE", &[]),
            ("user2@example", &[1]),
            ("wrong-secret", &[1]),
            ("\"msg_3\"", &[2]),
            ("evt_1 msg_1", &[0]),
        ] {
            assert_eq!(selected(filter), positions, "{filter}");
        }
    }

    #[test]
    fn is_selects_by_delivery_mark_and_attempts() {
        let mut index = Index::default();
        (1..=4).for_each(|seq| index.push(&summary(seq, "a", Verdict::Verified)));
        index.push(&crate::core::event::Summary {
            webhook_id: Some("msg_1".into()),
            ..summary(5, "a", Verdict::Verified)
        });
        index.delivered(2, Origin::Asked, Ending::Responded(204), 10, false);
        index.delivered(3, Origin::Asked, Ending::Responded(500), 10, false);
        index.set_marked(3, true);
        let select = |filter: &str| Filter::parse(filter).unwrap().select(&index, 0..index.len());
        for (filter, positions) in
            [("is:delivered", &[1][..]), ("is:failed", &[2]), ("is:marked", &[3]), ("is:retried", &[0, 4])]
        {
            assert_eq!(select(filter), positions, "{filter}");
        }
    }

    #[test]
    fn a_word_is_found_within_one_text_and_not_across_two() {
        // The arena holds `user1@example.com` and `evt_1` side by side.
        assert!(selected("comevt").is_empty());
        assert_eq!(selected("com"), [0, 1, 2, 3]);
    }

    #[test]
    fn overlapping_occurrences_do_not_hide_one_another() {
        let mut index = Index::default();
        for (seq, subject) in (1..).zip(["aab", "ab", "É@example.com", "xaa"]) {
            let texts = crate::core::event::Summary {
                subject: Some(subject.into()),
                event_id: None,
                webhook_id: None,
                ..summary(seq, "t", Verdict::Verified)
            };
            index.push(&texts);
        }
        let select = |filter: &str| Filter::parse(filter).unwrap().select(&index, 0..index.len());
        assert_eq!(select("ab"), [0, 1]);
        assert_eq!(select("aa"), [0, 3]);
        assert_eq!(select("é@"), [2]);
        assert!(select("bab").is_empty());
    }
}
