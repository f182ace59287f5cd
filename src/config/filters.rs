//! The saved filters of the configuration file: `[filters]`, then `name = "filter"`.

use crate::core::filter::{Filter, SavedFilters};
use serde::Deserialize;
use serde::de::Deserializer;
use std::collections::BTreeMap;

pub(super) fn saved<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<SavedFilters>, D::Error> {
    let mut saved = SavedFilters::default();
    for (Name(name), Text(filter)) in BTreeMap::deserialize(deserializer)? {
        saved.insert(name, filter);
    }
    Ok(Some(saved))
}

#[derive(PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
struct Name(String);

impl TryFrom<String> for Name {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        if SavedFilters::is_name(&name) {
            Ok(Self(name))
        } else {
            Err(format!("`{name}` cannot be the name of a filter; use lower-case letters, digits, `-` and `_`"))
        }
    }
}

#[derive(Deserialize)]
#[serde(try_from = "String")]
struct Text(Filter);

impl TryFrom<String> for Text {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Filter::parse(&text).map(Self).map_err(|error| error.to_string())
    }
}
