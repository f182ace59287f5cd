//! Saved filters: filters with names, used as `@name`.

use super::node::Filter;
use std::collections::BTreeMap;

/// The saved filters by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SavedFilters(BTreeMap<String, Filter>);

impl SavedFilters {
    /// Whether a filter can have this name: lower-case letters, digits, `-` and `_`, a letter first.
    pub fn is_name(name: &str) -> bool {
        name.starts_with(|c: char| c.is_ascii_lowercase())
            && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_".contains(&byte))
    }

    /// Saves `filter` under `name`, which must be a valid name.
    pub fn insert(&mut self, name: String, filter: Filter) {
        self.0.insert(name, filter);
    }

    pub fn get(&self, name: &str) -> Option<&Filter> {
        self.0.get(name)
    }

    /// In alphabetical order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
