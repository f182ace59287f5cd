//! The catalog as trees of values, one for each event type: what a body is compared with.

use crate::core::catalog::{EventType, Family, Field, Kind, catalog};
use std::collections::HashMap;
use std::sync::LazyLock;

/// The values that an event can have.
#[derive(Debug)]
pub(super) struct Schema(Vec<Node>);

/// A value. The root is the first one.
#[derive(Debug)]
pub(super) struct Node {
    pub kind: Kind,
    pub is_required: bool,
    pub is_secret: bool,
    /// All values that it can have; empty if there is no such list.
    pub one_of: Vec<&'static str>,
    /// The members that are described. The place of one is its bit in `required`.
    pub members: Vec<(Box<str>, usize)>,
    /// The members that must be there: one bit each.
    pub required: u64,
    /// Whether members that are not described are normal.
    pub is_open: bool,
    /// What the elements of the array are, if the catalog says so.
    pub element: Option<usize>,
}

/// The types by name, and the envelope alone of each family for the types that the catalog does not have.
struct Schemas {
    types: HashMap<&'static str, Schema>,
    envelopes: HashMap<Family, Schema>,
}

static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| {
    let of_type = |event: &'static EventType| {
        let fields = catalog().fields(event);
        (event.name.as_str(), Schema::new(&fields, catalog().is_open(event), Some(event)))
    };
    let of_envelope = |family| {
        let envelope = catalog().envelope(family);
        let fields: Vec<_> = envelope.fields.iter().map(|field| (field.path.clone(), field)).collect();
        (family, Schema::new(&fields, envelope.open, None))
    };
    Schemas {
        types: catalog().events().iter().map(of_type).collect(),
        envelopes: [Family::Webhook, Family::Interceptor, Family::Trigger].map(of_envelope).into(),
    }
});

impl Schema {
    /// What an event of this type looks like; of a type that is not known, its envelope.
    pub fn of(event: Option<&EventType>, family: Family) -> &'static Self {
        let known = event.and_then(|event| SCHEMAS.types.get(event.name.as_str()));
        known.unwrap_or_else(|| &SCHEMAS.envelopes[&family])
    }

    fn new(fields: &[(String, &'static Field)], is_open: bool, event: Option<&'static EventType>) -> Self {
        let mut schema = Self(vec![Node::new(Kind::Object)]);
        for (path, field) in fields {
            schema.insert(path, field);
        }
        if let Some(event) = event.filter(|event| !event.object.is_empty())
            && let Some((_, object)) = schema.0[0].members.iter().find(|(name, _)| &**name == "object")
        {
            let object = *object;
            schema.0[object].one_of = vec![&event.object];
        }
        for node in &mut schema.0 {
            // Nothing is known of an object without described members.
            node.is_open |= is_open || node.members.is_empty();
        }
        schema
    }

    /// Adds a field. Those that contain it come before.
    fn insert(&mut self, path: &str, field: &'static Field) {
        let mut at = 0;
        let mut steps = path.split('.').peekable();
        while let Some(step) = steps.next() {
            let (name, is_array) = step.strip_suffix("[]").map_or((step, false), |name| (name, true));
            let place = self.0[at].members.iter().position(|(member, _)| &**member == name);
            let child = match place {
                Some(place) => self.0[at].members[place].1,
                None => self.add_member(at, name, field),
            };
            at = if is_array { self.element(child) } else { child };
            debug_assert!(place.is_some() || steps.peek().is_none(), "a field follows what it lies in: {path}");
        }
    }

    fn add_member(&mut self, at: usize, name: &str, field: &'static Field) -> usize {
        let child = self.0.len();
        self.0.push(Node {
            is_required: field.required,
            is_secret: field.secret,
            one_of: field.one_of.iter().map(String::as_str).collect(),
            is_open: field.open,
            ..Node::new(field.kind)
        });
        let parent = &mut self.0[at];
        parent.required |= u64::from(field.required) << parent.members.len();
        parent.members.push((name.into(), child));
        parent.is_open |= field.free;
        child
    }

    fn element(&mut self, array: usize) -> usize {
        let next = self.0.len();
        let element = *self.0[array].element.get_or_insert(next);
        if element == next {
            self.0.push(Node::new(Kind::Object));
        }
        element
    }

    pub fn node(&self, place: usize) -> &Node {
        &self.0[place]
    }
}

impl Node {
    fn new(kind: Kind) -> Self {
        Self {
            kind,
            is_required: false,
            is_secret: false,
            one_of: Vec::new(),
            members: Vec::new(),
            required: 0,
            is_open: false,
            element: None,
        }
    }

    /// The place among the members of the one called `name`. Senders keep the order of fields, so the one after the
    /// last found is tried first.
    pub fn member(&self, name: &[u8], after: usize) -> Option<usize> {
        let is_named = |place: &usize| self.members[*place].0.as_bytes() == name;
        (after..self.members.len()).chain(0..after.min(self.members.len())).find(is_named)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_object_of_the_catalog_has_more_members_than_bits() {
        for schema in SCHEMAS.types.values().chain(SCHEMAS.envelopes.values()) {
            assert!(schema.0.iter().all(|node| node.members.len() <= 64));
        }
    }
}
