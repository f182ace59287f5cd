//! Compares what arrived with what the catalog describes: types, fields, values.
//!
//! Nothing here says whether an event is genuine; that is the signature's verdict. It runs when an event is shown or
//! filtered, never before the response to the sender.

mod accepted;
mod difference;
mod schema;
mod walk;

pub use accepted::{AcceptError, Acceptance, Accepted};
pub(crate) use accepted::{with, without};
pub use difference::{Check, Checked, Difference, MAX_DESCRIBED};

use super::catalog::{Catalog, EventType, Family, catalog};
use super::json::{TokenKind, scan, unescape_prefix};
use super::logout::is_logout;
use super::request::Head;
use difference::Collector;
use schema::Schema;
use std::ops::Range;
use walk::quoted;

/// The most bytes of a type that are compared.
const MAX_TYPE: usize = 256;

/// Compares a request with the catalog, and counts what is accepted separately. An empty body, a back-channel logout and an interceptor whose body has a shape
/// of the developer's own are as documented.
pub fn check(head: &Head, body: &[u8], accepted: &Accepted) -> Checked {
    let mut checked = Collector { found: Checked::default(), accepted };
    collect(head, body, &mut checked);
    checked.found
}

fn collect(head: &Head, body: &[u8], checked: &mut Collector<'_>) {
    let mut recognised = Recognised::default();
    for token in scan(body) {
        match token {
            Ok(token) => recognised.take(body, token.kind, token.range),
            Err(error) => {
                if !body.is_empty() && !is_logout(body) {
                    checked.add(Check::NotJson, || ("$".to_owned(), error.to_string(), None));
                }
                return;
            }
        }
    }
    let is_interceptor = head.headers().iter().any(|header| header.is("interceptor-signature"));
    if is_interceptor && recognised.trigger_point.is_none() {
        return;
    }
    let (family, key, name) = recognised.family();
    let name = match name {
        Some(Some(range)) => Some(unescape_prefix(&body[range], MAX_TYPE)),
        _ => None,
    };
    let event = name.as_ref().and_then(|name| catalog().find(name)).filter(|event| event.family == family);
    if let Some(name) = &name {
        checked.found.event_type.clone_from(name);
        check_type(checked, key, name, event, family);
    }
    walk::compare(body, Schema::of(event, family), checked);
}

fn check_type(checked: &mut Collector<'_>, key: &str, name: &str, event: Option<&EventType>, family: Family) {
    let mut add = |check, message: String| checked.add(check, || (key.to_owned(), message, None));
    match event {
        Some(EventType { legacy: Some(new), .. }) => {
            add(Check::LegacyType, format!("a legacy name; newer endpoints get `{new}`"));
        }
        // The third party decides on the type of a trigger event.
        Some(_) => {}
        None if family == Family::Trigger => {}
        None => match catalog().unsent(name) {
            Some(unsent) => {
                let instead = &unsent.instead;
                add(Check::UnsentType, format!("Scalekit sends no `{name}`; at that moment it sends `{instead}`"));
            }
            None => add(Check::UnknownType, unknown_type(catalog(), name)),
        },
    }
}

fn unknown_type(catalog: &Catalog, name: &str) -> String {
    let nearest = catalog
        .nearest(name)
        .filter(|event| event.name != name)
        .map(|event| format!("; the nearest is `{}`", event.name));
    format!("{} is not a documented event type{}", quoted(name), nearest.unwrap_or_default())
}

/// What the members of the root tell about the kind of event. Of duplicate keys the last counts.
#[derive(Default)]
struct Recognised {
    depth: usize,
    /// The member of the root whose value comes next.
    next: Option<&'static str>,
    event_type: Member,
    trigger_point: Member,
    trigger_type: Member,
    dedupe_key: Member,
}

/// Whether a member is there, and its token if it is a string.
type Member = Option<Option<Range<usize>>>;

impl Recognised {
    fn take(&mut self, body: &[u8], kind: TokenKind, range: Range<usize>) {
        match kind {
            TokenKind::OpenObject | TokenKind::OpenArray => self.depth += 1,
            TokenKind::CloseObject | TokenKind::CloseArray => self.depth -= 1,
            TokenKind::Key if self.depth == 1 => {
                let key = unescape_prefix(&body[range], MAX_TYPE);
                self.next =
                    ["type", "trigger_point", "trigger_type", "dedupe_key"].into_iter().find(|name| *name == key);
                if let Some(member) = self.member() {
                    *member = Some(None);
                }
            }
            TokenKind::String if self.depth == 1 => {
                if let Some(member) = self.member() {
                    *member = Some(Some(range));
                }
            }
            _ => {}
        }
    }

    fn member(&mut self) -> Option<&mut Member> {
        match self.next? {
            "type" => Some(&mut self.event_type),
            "trigger_point" => Some(&mut self.trigger_point),
            "trigger_type" => Some(&mut self.trigger_type),
            _ => Some(&mut self.dedupe_key),
        }
    }

    /// The family, and the member with the type.
    fn family(self) -> (Family, &'static str, Member) {
        if self.trigger_point.is_some() {
            (Family::Interceptor, "trigger_point", self.trigger_point)
        } else if self.trigger_type.is_some() || self.dedupe_key.is_some() && self.event_type.is_none() {
            (Family::Trigger, "trigger_type", self.trigger_type)
        } else {
            (Family::Webhook, "type", self.event_type)
        }
    }
}

#[cfg(test)]
mod tests;
