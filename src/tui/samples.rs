//! The choice of a sample: every type of the catalog, found by typing.

use super::chooser::Chooser;
use super::matching::Match;
use crate::core::catalog::{EventType, catalog};
use tui_input::Input;

#[derive(Debug)]
pub struct Samples {
    pub input: Input,
    /// The types that match the input, the best first.
    pub entries: Vec<SampleEntry>,
    pub at: Chooser,
}

#[derive(Debug)]
pub struct SampleEntry {
    pub event: &'static EventType,
    /// The matched characters of the name, by number.
    pub places: Vec<usize>,
}

impl Samples {
    /// The types that match what has been typed. Without any text all of them, with `last` selected.
    pub fn new(input: Input, last: Option<&str>) -> Self {
        let query = input.value().trim();
        let mut found: Vec<_> =
            catalog().events().iter().filter_map(|event| Some((rank(query, event)?, event))).collect();
        // Stable: equal matches stay in the order of the catalog.
        found.sort_by_key(|((is_title, found), _)| (*is_title, found.quality()));
        let entry = |((_, Match { places, .. }), event)| SampleEntry { event, places };
        let entries: Vec<_> = found.into_iter().map(entry).collect();
        let first = last.or_else(|| catalog().tour().next().map(|event| event.name.as_str()));
        let place = entries.iter().position(|entry| query.is_empty() && Some(entry.event.name.as_str()) == first);
        Self { input, entries, at: Chooser::at(place.unwrap_or(0)) }
    }

    pub fn selected(&self) -> Option<&'static EventType> {
        self.entries.get(self.at.selected).map(|entry| entry.event)
    }
}

/// How well a type matches: its name counts more than its title.
fn rank(query: &str, event: &EventType) -> Option<(bool, Match)> {
    if let Some(found) = Match::find(query, &event.name) {
        return Some((false, found));
    }
    let mut found =
        Match::find(query, &format!("{} {}", event.name, event.title)).filter(|found| !found.is_scattered())?;
    let length = event.name.chars().count();
    found.places.retain(|place| *place < length);
    Some((true, found))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(query: &str) -> Vec<&'static str> {
        Samples::new(query.to_owned().into(), None).entries.iter().map(|entry| entry.event.name.as_str()).collect()
    }

    #[test]
    fn every_type_is_found_by_its_name() {
        assert_eq!(names("").len(), catalog().events().len());
        for event in catalog().events() {
            assert_eq!(names(&event.name)[0], event.name);
        }
    }

    #[test]
    fn a_few_letters_or_words_of_the_title_find_a_type() {
        assert_eq!(names("signup")[0], "user.signup");
        assert!(names("dir user del")[0].ends_with("user_deleted"));
        assert_eq!(names("nothing like this"), Vec::<&str>::new());
    }

    #[test]
    fn the_last_sample_is_selected() {
        let at_first = |last| Samples::new(Input::default(), last).selected().unwrap().name.clone();
        assert_eq!(at_first(Some("user.logout")), "user.logout");
        assert_eq!(at_first(Some("no.such")), catalog().events()[0].name);
        assert_eq!(at_first(None), catalog().tour().next().unwrap().name);
    }
}
