//! What a timeline should have: the creation of an object before its other events, and nothing after its deletion.

use super::Told;
use crate::core::catalog::catalog;
use std::collections::HashMap;

const CREATED: &str = "created";
const DELETED: &str = "deleted";

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Alive,
    Deleted,
}

/// The objects that have come so far, by the beginning of their types and their ids.
#[derive(Default)]
pub(super) struct Lifecycles(HashMap<(String, String), State>);

impl Lifecycles {
    /// What is missing before `told`. Each thing is said once.
    pub fn next(&mut self, told: &Told) -> Option<String> {
        let object = told.object.clone()?;
        let (stem, step) = stem(&told.event_type)?;
        let state = if step == DELETED { State::Deleted } else { State::Alive };
        let before = self.0.insert((stem.to_owned(), object), state);
        match (before, step) {
            (_, CREATED) => None,
            (None, _) => Some(format!("no `{stem}{CREATED}` before it")),
            (Some(State::Deleted), _) => {
                Some(format!("`{stem}{DELETED}` came before it, without `{stem}{CREATED}` in between"))
            }
            (Some(State::Alive), _) => None,
        }
    }
}

/// The beginning that a type shares with the type that says "created", and its last word.
fn stem(event_type: &str) -> Option<(&str, &str)> {
    let end = event_type.rfind(['.', '_'])? + 1;
    let (stem, step) = event_type.split_at(end);
    catalog().find(&format!("{stem}{CREATED}")).map(|_| (stem, step))
}
