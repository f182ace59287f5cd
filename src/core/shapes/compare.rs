//! The fields that arrived, in the order of the documentation, beside those that are documented.

use super::{Shape, ValueKind};
use crate::core::catalog::{EventType, Family, Field, catalog};
use crate::core::json::Step;
use serde::Serialize;
use std::collections::HashMap;

/// How a field stands to the documentation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    Documented,
    NotDocumented,
    /// Where any field is normal, or below a field that is not documented.
    Open,
    /// Documented, but it never arrived.
    NeverSeen,
}

/// A field of a type.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SeenField {
    /// `data.groups[].name`
    pub path: String,
    /// `string`, `array of object`; empty if it never arrived.
    pub kinds: Vec<String>,
    /// How often it arrived, and how often the object that has it did.
    pub count: u64,
    pub of: u64,
    pub place: Place,
    /// Whether it is documented as always present.
    pub required: bool,
}

/// The fields of the events of one type, which the shape describes. `event` is their type, if it is documented.
pub fn fields(shape: &Shape, event: Option<&'static EventType>, family: Family) -> Vec<SeenField> {
    let documented: Vec<(String, &'static Field)> = match event {
        Some(event) => catalog().fields(event),
        None => catalog().envelope(family).fields.iter().map(|field| (field.path.clone(), field)).collect(),
    };
    let is_open = event.map_or(catalog().envelope(family).open, |event| catalog().is_open(event));
    let mut children: HashMap<String, Vec<(String, &'static Field)>> = HashMap::new();
    for (path, field) in &documented {
        let (parent, name) = path.rsplit_once('.').unwrap_or(("", path));
        children.entry(parent.to_owned()).or_default().push((name.to_owned(), field));
    }
    let by_path = documented.iter().map(|(path, field)| (path.as_str(), *field)).collect();
    let mut walk = Walk { children, by_path, is_open, found: Vec::new() };
    walk.object("", shape, true);
    walk.found
}

struct Walk<'a> {
    /// The documented members of each object, by its path.
    children: HashMap<String, Vec<(String, &'static Field)>>,
    by_path: HashMap<&'a str, &'static Field>,
    /// Whether undocumented fields are normal everywhere.
    is_open: bool,
    found: Vec<SeenField>,
}

impl Walk<'_> {
    /// Adds the members of an object. `is_known`: whether the object itself is documented.
    fn object(&mut self, path: &str, shape: &Shape, is_known: bool) {
        let documented = self.children.get(path).cloned().unwrap_or_default();
        let of = shape.count_of(ValueKind::Object);
        for (name, field) in documented.iter().filter(|_| is_known) {
            match shape.members.iter().find(|(key, _)| key == name) {
                Some((key, member)) => self.field(&joined(path, key), member, of, Place::Documented, field.required),
                None if of > 0 => self.never(joined(path, name), of, field.required),
                None => {}
            }
        }
        let own = self.by_path.get(path.trim_end_matches("[]"));
        let is_open = self.is_open
            || !is_known
            || documented.is_empty()
            || own.is_some_and(|field| field.open)
            || documented.iter().any(|(_, field)| field.free);
        let place = if is_open { Place::Open } else { Place::NotDocumented };
        for (key, member) in &shape.members {
            if !is_known || !documented.iter().any(|(name, _)| name == key) {
                self.field(&joined(path, key), member, of, place, false);
            }
        }
    }

    fn field(&mut self, path: &str, shape: &Shape, of: u64, place: Place, required: bool) {
        let kinds = shape.kinds().into_iter().map(|kind| kind_text(kind, shape)).collect();
        self.found.push(SeenField { path: path.to_owned(), kinds, count: shape.count(), of, place, required });
        let is_known = place == Place::Documented;
        if !shape.members.is_empty() || shape.count_of(ValueKind::Object) > 0 {
            self.object(path, shape, is_known);
        }
        if let Some(element) = shape.element().filter(|element| element.count_of(ValueKind::Object) > 0) {
            self.object(&format!("{path}[]"), element, is_known);
        }
    }

    fn never(&mut self, path: String, of: u64, required: bool) {
        self.found.push(SeenField { path, kinds: Vec::new(), count: 0, of, place: Place::NeverSeen, required });
    }
}

fn joined(path: &str, key: &str) -> String {
    let mut path = path.to_owned();
    let token = serde_json::to_string(key).expect("a string is always JSON");
    Step::Key(token.as_bytes()).write(&mut path);
    path
}

/// `array of string or null`
fn kind_text(kind: ValueKind, shape: &Shape) -> String {
    match shape.element().filter(|_| kind == ValueKind::Array) {
        Some(element) => {
            let kinds: Vec<_> = element.kinds().into_iter().map(ValueKind::as_str).collect();
            format!("array of {}", kinds.join(" or "))
        }
        None => kind.as_str().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::shape_of;
    use super::*;
    use crate::core::catalog::SampleFacts;
    use serde_json::{Value, json};

    #[test]
    fn fields_are_told_apart_by_the_documentation() {
        let event = catalog().find("role.created").unwrap();
        let sample = String::from_utf8(event.sample(SampleFacts::FIXED)).unwrap();
        let mut value: Value = serde_json::from_str(&sample).unwrap();
        let sample = fields(&shape_of(std::slice::from_ref(&value)), Some(event), Family::Webhook);
        assert!(sample.iter().all(|field| field.place != Place::NotDocumented), "{sample:?}");
        value["data"]["nick.name"] = json!({"a": ["x", 1]});
        value.as_object_mut().unwrap().remove("environment_id");
        let found = fields(&shape_of(&[value.clone(), value]), Some(event), Family::Webhook);
        let field =
            |path: &str| found.iter().find(|field| field.path == path).unwrap_or_else(|| panic!("{path}: {found:?}"));
        assert_eq!(field("type").place, Place::Documented);
        let nick = field("data[\"nick.name\"]");
        assert_eq!((nick.place, nick.count, nick.of), (Place::NotDocumented, 2, 2));
        let below = field("data[\"nick.name\"].a");
        assert_eq!((below.place, &*below.kinds[0]), (Place::Open, "array of integer or string"));
        assert_eq!((field("environment_id").place, field("environment_id").required), (Place::NeverSeen, true));
        let open =
            fields(&shape_of(&[json!({"data": {"user": {"x": 1}}})]), catalog().find("user.signup"), Family::Webhook);
        assert!(open.iter().any(|field| field.path == "data.user.x" && field.place == Place::Open), "{open:?}");
    }
}
