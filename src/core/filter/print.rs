//! Writes a filter so that parsing it gives the same filter.

use super::lex::{is_plain_text, is_plain_value, quoted};
use super::node::{Condition, Filter, Node};
use std::borrow::Cow;
use std::fmt;

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", Printed { node: &self.root, binds: Binds::Least })
    }
}

/// How tightly the place of a node binds. A node that binds less needs parentheses there.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Binds {
    Least,
    And,
    Not,
}

struct Printed<'n> {
    node: &'n Node,
    binds: Binds,
}

impl fmt::Display for Printed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let joined = |f: &mut fmt::Formatter<'_>, nodes: &[Node], binds, with: &str| {
            nodes.iter().enumerate().try_for_each(|(place, node)| {
                write!(f, "{}{}", if place > 0 { with } else { "" }, Printed { node, binds })
            })
        };
        let own = match self.node {
            Node::Any(_) => Binds::Least,
            Node::All(_) => Binds::And,
            Node::Not(_) | Node::Saved(..) | Node::Condition(_) => Binds::Not,
        };
        let is_group = own < self.binds;
        if is_group {
            f.write_str("(")?;
        }
        match self.node {
            Node::All(nodes) => joined(f, nodes, Binds::Not, " ")?,
            Node::Any(nodes) => joined(f, nodes, Binds::And, " OR ")?,
            Node::Not(node) if matches!(**node, Node::Not(_)) => {
                write!(f, "NOT {}", Printed { node, binds: Binds::Not })?;
            }
            Node::Not(node) => write!(f, "-{}", Printed { node, binds: Binds::Not })?,
            Node::Saved(name, _) => write!(f, "@{name}")?,
            Node::Condition(condition) => condition.fmt(f)?,
        }
        if is_group {
            f.write_str(")")?;
        }
        Ok(())
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Type(glob) => write!(f, "type:{}", value(glob.as_str())),
            Self::Is(state) => write!(f, "is:{}", state.word()),
            Self::Reason(glob) => write!(f, "reason:{}", value(glob.as_str())),
            Self::Organization(pattern) => write!(f, "org:{}", value(pattern.as_str())),
            Self::Id(pattern) => write!(f, "id:{}", value(pattern.as_str())),
            Self::Path(pattern) => write!(f, "path:{}", value(pattern.as_str())),
            Self::Status(status) => write!(f, "status:{status}"),
            Self::Response(status) => write!(f, "response:{status}"),
            Self::Size(sizes) => write!(f, "size:{sizes}"),
            Self::After(moment) => write!(f, "after:{moment}"),
            Self::Before(moment) => write!(f, "before:{moment}"),
            Self::Text { text, .. } if is_plain_text(text) => f.write_str(text),
            Self::Text { text, .. } => f.write_str(&quoted(text)),
            Self::Header { name, value: pattern, .. } => write!(f, "header.{name}:{}", value(pattern.as_str())),
            Self::Check { name, .. } => write!(f, "check:{}", value(name.as_str())),
            Self::Data { path, value: pattern, .. } => write!(f, "{path}:{}", value(pattern.as_str())),
        }
    }
}

/// `text` as the value of a field.
pub(super) fn value(text: &str) -> Cow<'_, str> {
    if is_plain_value(text) { text.into() } else { quoted(text).into() }
}

/// A term that selects the events of type `name`.
pub fn type_term(name: &str) -> String {
    format!("type:{}", value(name))
}
