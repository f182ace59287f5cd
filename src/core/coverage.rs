//! Which event types arrived, which of them verified, and which the app accepted; and what a file requires of that.

use super::catalog::{EventType, Family, catalog};
use super::delivery::Ending;
use super::glob::Glob;
use super::index::{Index, NO_TYPE};
use super::signature::Verdict;
use serde::Serialize;
use std::collections::HashMap;

/// How far the events of a type got.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    Never,
    Seen,
    Verified,
    /// The app responded with a 2xx that hides no fault, to a verified event.
    Accepted,
}

impl Level {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Never => "never",
            Self::Seen => "seen",
            Self::Verified => "verified",
            Self::Accepted => "accepted",
        }
    }
}

/// The events of one type.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TypeCoverage {
    #[serde(rename = "type")]
    pub name: String,
    /// `None` if the type is not documented.
    pub family: Option<Family>,
    pub legacy: bool,
    pub seen: u64,
    pub verified: u64,
    pub accepted: u64,
}

impl TypeCoverage {
    fn new(name: &str) -> Self {
        let event = catalog().find(name);
        let (family, legacy) = (event.map(|event| event.family), event.is_some_and(|event| event.legacy.is_some()));
        Self { name: name.to_owned(), family, legacy, seen: 0, verified: 0, accepted: 0 }
    }

    pub fn level(&self) -> Level {
        match (self.seen, self.verified, self.accepted) {
            (0, ..) => Level::Never,
            (_, 0, _) => Level::Seen,
            (.., 0) => Level::Verified,
            _ => Level::Accepted,
        }
    }

    /// Whether it is a webhook type that newer endpoints get.
    pub fn is_current_webhook(&self) -> bool {
        self.family == Some(Family::Webhook) && !self.legacy
    }
}

/// All documented types in the order of the catalog, then the other types that arrived, the most frequent first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coverage(pub Vec<TypeCoverage>);

impl Coverage {
    pub fn of(index: &Index) -> Self {
        let mut types: Vec<_> =
            catalog().events().iter().map(|event: &EventType| TypeCoverage::new(&event.name)).collect();
        let mut places: HashMap<_, _> =
            types.iter().enumerate().map(|(place, each)| (each.name.clone(), place)).collect();
        let mut place_of_id = HashMap::new();
        for seen in index.types().filter(|seen| seen.name != NO_TYPE) {
            let place = *places.entry(seen.name.to_owned()).or_insert_with(|| {
                types.push(TypeCoverage::new(seen.name));
                types.len() - 1
            });
            types[place].seen = seen.counts.all();
            types[place].verified = seen.counts.of(Verdict::Verified);
            place_of_id.insert(seen.type_id, place);
        }
        for position in (0..index.len()).filter(|position| !index.is_hidden(*position)) {
            let row = index.row(position);
            let is_accepted =
                row.verdict == Verdict::Verified && row.ending.is_some_and(Ending::is_delivered) && row.doubt.is_none();
            if let Some(place) = place_of_id.get(&row.type_id).filter(|_| is_accepted) {
                types[*place].accepted += 1;
            }
        }
        Self(types)
    }

    /// How many webhook types got at least as far as `level`, and how many there are. Legacy names do not count.
    pub fn count(&self, level: Level) -> (usize, usize) {
        let webhooks = || self.0.iter().filter(|each| each.is_current_webhook());
        (webhooks().filter(|each| each.level() >= level).count(), webhooks().count())
    }

    /// `17 of 41 webhook types seen, 15 verified, 9 accepted by the app`
    pub fn summary(&self) -> String {
        let [seen, verified, accepted] =
            [Level::Seen, Level::Verified, Level::Accepted].map(|level| self.count(level).0);
        let all = self.count(Level::Never).1;
        format!("{seen} of {all} webhook types seen, {verified} verified, {accepted} accepted by the app")
    }

    /// The types that do not meet `requirements`, each with the level that is required.
    pub fn missing<'a>(&'a self, requirements: &'a [Requirement]) -> Vec<(&'a str, Level)> {
        let mut missing: Vec<(&'a str, Level)> = Vec::new();
        let mut need = |name: &'a str, level: Level| match missing.iter_mut().find(|(other, _)| *other == name) {
            Some((_, most)) => *most = level.max(*most),
            None => missing.push((name, level)),
        };
        for requirement in requirements {
            let level = requirement.level;
            let of_type = self.0.iter().filter(|each| requirement.types.matches(&each.name));
            for each in of_type.filter(|each| each.level() < level) {
                need(&each.name, level);
            }
            // The type of a trigger event may be known to its sender alone.
            if !self.0.iter().any(|each| requirement.types.matches(&each.name)) {
                need(requirement.types.as_str(), level);
            }
        }
        missing
    }
}

/// A line of a file of requirements.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requirement {
    types: Glob,
    level: Level,
}

/// What is wrong in a file of requirements.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {why}")]
pub struct RequirementError {
    pub line: usize,
    why: String,
    pub hint: String,
}

/// Reads requirements: one type or pattern a line, and the level that it must reach, `verified` without one. `#` begins a comment.
///
/// # Errors
/// When a line has more words, another level, or a type that nothing sends.
pub fn requirements(text: &str) -> Result<Vec<Requirement>, RequirementError> {
    let lines = text.lines().enumerate().map(|(place, line)| (place + 1, line.split('#').next().unwrap_or_default()));
    lines.filter(|(_, line)| !line.trim().is_empty()).map(|(line, text)| requirement(line, text)).collect()
}

fn requirement(line: usize, text: &str) -> Result<Requirement, RequirementError> {
    let failed = |why: String, hint: String| Err(RequirementError { line, why, hint });
    let mut words = text.split_whitespace();
    let name = words.next().unwrap_or_default();
    let level = words.next().unwrap_or(Level::Verified.as_str());
    let levels = [Level::Seen, Level::Verified, Level::Accepted];
    let Some(level) = levels.into_iter().find(|known| known.as_str() == level && words.next().is_none()) else {
        let form = "write a type and `seen`, `verified` or `accepted`, such as `user.signup accepted`";
        return failed(format!("`{}` is not a requirement", text.trim()), form.to_owned());
    };
    if let Some(unsent) = catalog().unsent(name) {
        return failed(format!("Scalekit sends no `{name}`"), format!("require `{}`", unsent.instead));
    }
    let types = Glob::new(name);
    let is_documented = catalog().events().iter().any(|event| types.matches(&event.name));
    if let Some(near) = catalog().nearest(name).filter(|_| !is_documented) {
        return failed(format!("`{name}` is not a documented event type"), format!("did you mean `{}`?", near.name));
    }
    if !is_documented && name.contains(['*', '?']) {
        return failed(
            format!("no documented event type matches `{name}`"),
            "list the event types with `hookglass types`".to_owned(),
        );
    }
    Ok(Requirement { types, level })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::delivery::Origin;
    use crate::core::index::tests::summary;

    fn index() -> Index {
        let mut index = Index::default();
        index.push(&summary(1, "user.signup", Verdict::Verified));
        index.push(&summary(2, "user.signup", Verdict::Invalid));
        index.push(&summary(3, "user.login", Verdict::Verified));
        index.push(&summary(4, "user.logout", Verdict::Unsigned));
        index.push(&summary(5, "github.push", Verdict::Verified));
        index.push(&summary(6, "role.created", Verdict::Verified));
        index.push(&summary(7, "", Verdict::Verified));
        index.delivered(1, Origin::Asked, Ending::Responded(204), 1, false);
        index.delivered(3, Origin::Asked, Ending::Responded(500), 1, false);
        index.delivered(4, Origin::Asked, Ending::Responded(200), 1, false);
        index.hide(&[6]);
        index
    }

    #[test]
    fn types_are_counted_as_far_as_they_got() {
        let coverage = Coverage::of(&index());
        let level = |name: &str| coverage.0.iter().find(|each| each.name == name).map(TypeCoverage::level);
        assert_eq!(level("user.signup"), Some(Level::Accepted));
        assert_eq!(level("user.login"), Some(Level::Verified));
        assert_eq!(level("user.logout"), Some(Level::Seen));
        assert_eq!(level("role.created"), Some(Level::Never), "its event is deleted");
        assert_eq!(coverage.0.last().map(|each| (&*each.name, each.family)), Some(("github.push", None)));
        assert_eq!(coverage.summary(), "3 of 41 webhook types seen, 2 verified, 1 accepted by the app");
    }

    #[test]
    fn what_is_missing_is_named_with_the_level_that_is_required() {
        let coverage = Coverage::of(&index());
        for (text, expected) in [
            ("user.signup accepted # all of it\n\nuser.login", vec![]),
            ("user.login accepted\nuser.login seen", vec![("user.login", Level::Accepted)]),
            ("user.logout", vec![("user.logout", Level::Verified)]),
            ("role.*  seen", ["role.created", "role.updated", "role.deleted"].map(|name| (name, Level::Seen)).to_vec()),
            ("github.push\nslack.reaction seen", vec![("slack.reaction", Level::Seen)]),
        ] {
            assert_eq!(coverage.missing(&requirements(text).unwrap()), expected, "{text}");
        }
    }

    #[test]
    fn a_wrong_requirement_is_named_with_its_line() {
        for (text, error, hint) in [
            ("user.signup\nuser.signup often", "line 2: `user.signup often` is not a requirement", "write a type"),
            ("user.signup seen now", "line 1: `user.signup seen now` is not a requirement", "write a type"),
            ("# x\nuser.created", "line 2: Scalekit sends no `user.created`", "require `user.signup`"),
            ("user.sinup", "line 1: `user.sinup` is not a documented event type", "did you mean `user.signup`?"),
            ("nothing.*", "line 1: no documented event type matches `nothing.*`", "list the event types"),
        ] {
            let found = requirements(text).unwrap_err();
            assert_eq!(found.to_string(), error);
            assert!(found.hint.starts_with(hint), "{}", found.hint);
        }
    }
}
