//! The state of the types pane.

use std::collections::HashSet;

#[derive(Debug, Default)]
pub struct Types {
    pub is_shown: bool,
    /// Its line changes as events arrive.
    pub selected: Option<Node>,
    /// The namespaces whose types are hidden.
    pub folded: HashSet<String>,
    pub top: usize,
}

/// A row of the tree, by name: types get new numbers and places.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Node {
    Namespace(String),
    Type(String),
}

impl Node {
    /// The namespace itself, or the one of the type.
    pub fn namespace(&self) -> &str {
        match self {
            Self::Namespace(name) => name,
            Self::Type(name) => namespace(name),
        }
    }
}

/// The namespace of a type: all before its last dot. Empty if it has none.
pub fn namespace(name: &str) -> &str {
    match name.rsplit_once('.') {
        Some((namespace, last)) if !last.is_empty() => namespace,
        _ => "",
    }
}
