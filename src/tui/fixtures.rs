//! What became of the events that were to be saved as fixtures, as one line.

use crate::core::event::Seq;
use crate::core::numbers::grouped;
use std::fmt;

/// The most names in the line.
const NAMES: usize = 2;

/// The result of saving events as fixtures.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SavedFixtures {
    /// The folder, as the user named it.
    pub folder: String,
    /// The names of new files.
    pub new: Vec<String>,
    /// The names of files that were already there with the same content.
    pub there: Vec<String>,
    /// The events that could not be saved, and why.
    pub failed: Vec<(Seq, String)>,
}

impl fmt::Display for SavedFixtures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        if let Some((seq, why)) = self.failed.first() {
            parts.push(match self.failed.len() {
                1 => format!("cannot save event {seq}: {why}"),
                count => format!("cannot save {} events, the first is {seq}: {why}", grouped(count as u64)),
            });
        }
        parts.extend(self.files("saved", &self.new));
        parts.extend(self.files("already there:", &self.there));
        f.write_str(&parts.join("; "))
    }
}

impl SavedFixtures {
    /// `saved 3 fixtures in `fixtures`: a.json, b.json and 1 more`.
    fn files(&self, verb: &str, names: &[String]) -> Option<String> {
        let folder = self.folder.trim_end_matches('/');
        Some(match names {
            [] => return None,
            [name] => format!("{verb} `{folder}/{name}`"),
            names => {
                let shown = names.iter().take(NAMES).map(String::as_str).collect::<Vec<_>>().join(", ");
                let count = grouped(names.len() as u64);
                let rest = names.len() - names.len().min(NAMES);
                let more = if rest > 0 { format!(" and {} more", grouped(rest as u64)) } else { String::new() };
                format!("{verb} {count} fixtures in `{folder}`: {shown}{more}")
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_names_the_files_and_their_count() {
        let names = |count: usize| (1..=count).map(|number| format!("a-{number}.json")).collect::<Vec<_>>();
        let line = |new, there, failed: usize| {
            let failed = (1..=failed).map(|seq| (seq as Seq, "no".to_owned())).collect();
            SavedFixtures { folder: "fixtures".to_owned(), new: names(new), there: names(there), failed }.to_string()
        };
        assert_eq!(line(1, 0, 0), "saved `fixtures/a-1.json`");
        assert_eq!(line(0, 1, 0), "already there: `fixtures/a-1.json`");
        assert_eq!(line(2, 0, 0), "saved 2 fixtures in `fixtures`: a-1.json, a-2.json");
        assert_eq!(
            line(1_234, 1, 0),
            "saved 1,234 fixtures in `fixtures`: a-1.json, a-2.json and 1,232 more; already there: `fixtures/a-1.json`"
        );
        assert_eq!(line(0, 0, 1), "cannot save event 1: no");
        assert_eq!(line(1, 0, 2), "cannot save 2 events, the first is 1: no; saved `fixtures/a-1.json`");
    }
}
