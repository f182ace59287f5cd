//! The rows of the types pane: the types by namespace, with the events of the last minutes.

use super::model::{Model, Node, namespace};
use crate::core::filter::type_term;
use crate::core::index::{MINUTES, TypeCounts, VerdictCounts};
use std::collections::HashMap;

/// The most types in the tree, the most frequent ones.
const MAX_TYPES: usize = 500;

/// A visible row.
pub struct TreeRow<'a> {
    pub node: Node,
    /// The name without the namespace that stands above it.
    pub label: &'a str,
    pub is_child: bool,
    /// Of a namespace: whether its types are hidden.
    pub is_folded: Option<bool>,
    pub counts: VerdictCounts,
    /// The events of the last minutes, oldest first.
    pub recent: [u32; MINUTES],
    /// Of a type alone.
    pub seen: Option<TypeCounts<'a>>,
}

/// A namespace and its types.
struct Group<'a> {
    name: &'a str,
    types: Vec<TypeCounts<'a>>,
}

/// The visible rows: the largest namespaces first, the types below theirs. A namespace of one type is that type.
pub fn rows(model: &Model) -> Vec<TreeRow<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    let mut places = HashMap::new();
    for seen in model.events.index.types().take(MAX_TYPES) {
        let name = namespace(seen.name);
        let place = *places.entry(name).or_insert(groups.len());
        if place == groups.len() {
            groups.push(Group { name, types: Vec::new() });
        }
        groups[place].types.push(seen);
    }
    let total = |group: &Group<'_>| group.types.iter().map(|seen| seen.counts.all()).sum::<u64>();
    // Stable: of equal namespaces, the one with the most frequent type comes first.
    groups.sort_by_key(|group| std::cmp::Reverse(total(group)));
    groups.into_iter().flat_map(|group| group_rows(model, group)).collect()
}

fn group_rows<'a>(model: &'a Model, group: Group<'a>) -> Vec<TreeRow<'a>> {
    if group.types.len() == 1 || group.name.is_empty() {
        return group.types.into_iter().map(|seen| type_row(model, seen, seen.name, false)).collect();
    }
    let mut counts = VerdictCounts::default();
    let mut recent = [0; MINUTES];
    for seen in &group.types {
        counts.add_all(&seen.counts);
        recent.iter_mut().zip(seen.recent.until(model.now)).for_each(|(sum, count)| *sum += count);
    }
    let is_folded = model.types.folded.contains(group.name);
    let node = Node::Namespace(group.name.to_owned());
    let head =
        TreeRow { node, label: group.name, is_child: false, is_folded: Some(is_folded), counts, recent, seen: None };
    let below = group.types.into_iter().filter(|_| !is_folded);
    let below = below.map(|seen| {
        let own = seen.name.strip_prefix(group.name).and_then(|rest| rest.strip_prefix('.')).unwrap_or(seen.name);
        type_row(model, seen, own, true)
    });
    std::iter::once(head).chain(below).collect()
}

fn type_row<'a>(model: &Model, seen: TypeCounts<'a>, label: &'a str, is_child: bool) -> TreeRow<'a> {
    TreeRow {
        node: Node::Type(seen.name.to_owned()),
        label,
        is_child,
        is_folded: None,
        counts: seen.counts,
        recent: seen.recent.until(model.now),
        seen: Some(seen),
    }
}

/// The filter that lists the events that the row of `node` counts.
pub fn filter(model: &Model, node: &Node) -> String {
    let name = match node {
        Node::Type(name) => return type_term(name),
        Node::Namespace(name) => name,
    };
    let types = type_term(&format!("{name}.*"));
    // `*` matches dots too, and deeper namespaces have rows of their own.
    let is_deeper = |other: &str| {
        other.strip_prefix(name.as_str()).and_then(|rest| rest.strip_prefix('.')).is_some_and(|rest| rest.contains('.'))
    };
    if model.events.index.types().any(|seen| is_deeper(seen.name)) {
        format!("{types} -{}", type_term(&format!("{name}.*.*")))
    } else {
        types
    }
}

/// The line of the selected row, or 0.
pub fn selected_line(model: &Model, rows: &[TreeRow<'_>]) -> usize {
    let selected = model.types.selected.as_ref();
    let place = |node: &Node| rows.iter().position(|row| row.node == *node);
    let line = selected.and_then(|node| {
        // A type whose namespace was folded meanwhile.
        place(node).or_else(|| place(&Node::Namespace(node.namespace().to_owned())))
    });
    line.unwrap_or(0)
}
