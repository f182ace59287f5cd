//! A parsed filter: terms, combined by `AND`, `OR` and `NOT`.

use super::path::Path;
use super::pattern::Pattern;
use super::terms::State;
use super::value::{Moment, Sizes, StatusPattern};
use crate::core::glob::Glob;
use crate::core::signature::{Reason, Verdict};

/// A parsed filter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter {
    pub(super) root: Node,
    /// How many conditions read the request.
    pub(super) requests: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Node {
    /// Every event, if there are no parts.
    All(Vec<Node>),
    Any(Vec<Node>),
    Not(Box<Node>),
    /// A saved filter, with its name.
    Saved(String, Box<Node>),
    Condition(Condition),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Condition {
    /// Over the whole type.
    Type(Glob),
    Is(State),
    /// Over the whole reason, such as `body-altered:*`. Events without a reason never match.
    Reason(Glob),
    Organization(Pattern),
    /// The start of the event's id or the `webhook-id`.
    Id(Pattern),
    Path(Pattern),
    /// Of the app's last response.
    Status(StatusPattern),
    /// Of the response to the sender.
    Response(StatusPattern),
    Size(Sizes),
    After(Moment),
    Before(Moment),
    /// Text in the summary or in the body.
    Text {
        text: String,
        slot: usize,
    },
    Header {
        name: String,
        value: Pattern,
        slot: usize,
    },
    Data {
        path: Path,
        value: Pattern,
        slot: usize,
    },
    /// Over the whole name of a check.
    Check {
        name: Glob,
        slot: usize,
    },
}

impl Condition {
    /// Whether it is about what happens to an event after it has arrived.
    fn is_about_later(&self) -> bool {
        let states = [State::Marked, State::Pinned, State::Imported, State::Delivered, State::Failed, State::Retried];
        match self {
            Self::Is(state) => states.contains(state),
            Self::Status(_) => true,
            _ => false,
        }
    }

    /// As [`Node::implies`]. The slots of equal conditions may differ.
    fn implies(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Text { text, .. }, Self::Text { text: part, .. }) => text.contains(part.as_str()),
            (Self::Header { name, value, .. }, Self::Header { name: other, value: others, .. }) => {
                (name, value) == (other, others)
            }
            (Self::Data { path, value, .. }, Self::Data { path: other, value: others, .. }) => {
                (path, value) == (other, others)
            }
            (Self::Check { name, .. }, Self::Check { name: other, .. }) => name == other,
            _ => self == other,
        }
    }

    /// The place of this condition among those that read the request.
    pub fn slot(&self) -> Option<usize> {
        match self {
            // Every text contains the empty one.
            Self::Text { text, .. } if text.is_empty() => None,
            Self::Text { slot, .. }
            | Self::Header { slot, .. }
            | Self::Data { slot, .. }
            | Self::Check { slot, .. } => Some(*slot),
            _ => None,
        }
    }
}

impl Node {
    /// All of `nodes`. Nested ones are joined, so that equal filters have one form.
    pub fn all(nodes: Vec<Self>) -> Self {
        let mut parts = Vec::with_capacity(nodes.len());
        for node in nodes {
            match node {
                Self::All(inner) => parts.extend(inner),
                other => parts.push(other),
            }
        }
        if parts.len() == 1 { parts.remove(0) } else { Self::All(parts) }
    }

    /// Any of `nodes`, which must not be empty.
    pub fn any(nodes: Vec<Self>) -> Self {
        let mut parts = Vec::with_capacity(nodes.len());
        for node in nodes {
            match node {
                Self::Any(inner) => parts.extend(inner),
                other => parts.push(other),
            }
        }
        if parts.len() == 1 { parts.remove(0) } else { Self::Any(parts) }
    }

    pub fn not(self) -> Self {
        Self::Not(Box::new(self))
    }

    /// Whether it is certain that `other` holds wherever this one does.
    fn implies(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Saved(_, node), _) => node.implies(other),
            (_, Self::Saved(_, node)) => self.implies(node),
            (_, Self::All(others)) => others.iter().all(|other| self.implies(other)),
            (Self::Any(nodes), _) => nodes.iter().all(|node| node.implies(other)),
            (Self::All(nodes), Self::Any(others)) => {
                nodes.iter().any(|node| node.implies(other)) || others.iter().any(|other| self.implies(other))
            }
            (Self::All(nodes), _) => nodes.iter().any(|node| node.implies(other)),
            (_, Self::Any(others)) => others.iter().any(|other| self.implies(other)),
            (Self::Not(node), Self::Not(other)) => other.implies(node),
            (Self::Condition(condition), Self::Condition(other)) => condition.implies(other),
            _ => false,
        }
    }

    /// Calls `each` with every condition, from the left.
    pub fn each<'n>(&'n self, each: &mut dyn FnMut(&'n Condition)) {
        match self {
            Self::All(nodes) | Self::Any(nodes) => nodes.iter().for_each(|node| node.each(each)),
            Self::Not(node) | Self::Saved(_, node) => node.each(each),
            Self::Condition(condition) => each(condition),
        }
    }

    /// Numbers the conditions that read the request.
    fn number(&mut self, next: &mut usize) {
        match self {
            Self::All(nodes) | Self::Any(nodes) => nodes.iter_mut().for_each(|node| node.number(next)),
            Self::Not(node) | Self::Saved(_, node) => node.number(next),
            Self::Condition(condition) => {
                if condition.slot().is_some()
                    && let Condition::Text { slot, .. }
                    | Condition::Header { slot, .. }
                    | Condition::Data { slot, .. }
                    | Condition::Check { slot, .. } = condition
                {
                    *slot = *next;
                    *next += 1;
                }
            }
        }
    }
}

impl Default for Filter {
    fn default() -> Self {
        Self::new(Node::All(Vec::new()))
    }
}

impl Filter {
    pub(super) fn new(mut root: Node) -> Self {
        let mut requests = 0;
        root.number(&mut requests);
        Self { root, requests }
    }

    /// Whether it selects every event because it has no terms.
    pub fn is_empty(&self) -> bool {
        self.root == Node::All(Vec::new())
    }

    /// Whether it is certain that this one rejects whatever `other` rejects. That holds when a text is typed.
    pub(crate) fn is_narrower_than(&self, other: &Self) -> bool {
        !other.is_empty() && !self.is_relative() && !other.is_relative() && self.root.implies(&other.root)
    }

    /// Whether it needs the headers or the body of some events.
    pub fn reads_requests(&self) -> bool {
        self.requests > 0
    }

    /// Whether it selects by the time that has passed.
    pub(crate) fn is_relative(&self) -> bool {
        self.any(
            |condition| matches!(condition, Condition::After(moment) | Condition::Before(moment) if moment.is_relative()),
        )
    }

    /// Whether it selects by marks. Only the screen has them; they are not stored.
    pub(crate) fn asks_for_marks(&self) -> bool {
        self.any(|condition| *condition == Condition::Is(State::Marked))
    }

    /// Whether it selects by differences from the documentation.
    pub(crate) fn asks_for_checks(&self) -> bool {
        self.any(|condition| matches!(condition, Condition::Check { .. }))
    }

    /// Whether it names the state of events that are not verified: by their verdict or by a reason.
    pub(crate) fn names_other_verdicts(&self) -> bool {
        self.any(|condition| match condition {
            Condition::Is(State::Verdict(verdict)) => *verdict != Verdict::Verified,
            Condition::Reason(_) => true,
            _ => false,
        })
    }

    fn any(&self, is_wanted: impl Fn(&Condition) -> bool) -> bool {
        let mut is_any = false;
        self.root.each(&mut |condition| is_any |= is_wanted(condition));
        is_any
    }

    /// The first condition about what happens to an event after it has arrived.
    pub fn later_condition(&self) -> Option<String> {
        let mut later = None;
        self.root.each(&mut |condition| {
            if later.is_none() && condition.is_about_later() {
                later = Some(condition.to_string());
            }
        });
        later
    }

    /// The first reason in the filter that does not exist.
    pub fn unknown_reason(&self) -> Option<&str> {
        let mut unknown = None;
        self.root.each(&mut |condition| {
            if let Condition::Reason(glob) = condition
                && !glob.as_str().contains(['*', '?'])
                && Reason::parse(&glob.as_str().to_ascii_lowercase()).is_none()
            {
                unknown = unknown.or(Some(glob.as_str()));
            }
        });
        unknown
    }
}
