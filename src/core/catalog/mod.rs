//! What hookglass knows about Scalekit's events: types, fields, samples, and names that nothing sends.

mod data;
mod sample;

pub use data::{EventType, Family, Field, Kind, Shape, Unsent};
pub use sample::{Life, SampleFacts};

use crate::core::json::without_indexes;
use crate::core::nearest::nearest;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// The content of `assets/catalog.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Catalog {
    tour: Vec<String>,
    ids: BTreeMap<String, String>,
    #[serde(rename = "shape")]
    shapes: BTreeMap<String, Shape>,
    #[serde(rename = "event")]
    events: Vec<EventType>,
    unsent: Vec<Unsent>,
    #[serde(rename = "story")]
    stories: BTreeMap<String, Vec<String>>,
}

/// The catalog. The first call reads it, which takes about a millisecond.
pub fn catalog() -> &'static Catalog {
    static CATALOG: LazyLock<Catalog> = LazyLock::new(|| {
        let mut catalog: Catalog =
            toml::from_str(include_str!("../../../assets/catalog.toml")).expect("the catalog is valid");
        let shapes = catalog.shapes.iter().map(|(name, shape)| (name.clone(), shape.embedding(&catalog.shapes)));
        catalog.shapes = shapes.collect();
        catalog
    });
    &CATALOG
}

impl Catalog {
    /// All types: webhooks, then legacy ones, interceptors and trigger events.
    pub fn events(&self) -> &[EventType] {
        &self.events
    }

    pub fn find(&self, name: &str) -> Option<&EventType> {
        self.events.iter().find(|event| event.name == name)
    }

    /// The name that documents use and that nothing sends, if `name` is one.
    pub fn unsent(&self, name: &str) -> Option<&Unsent> {
        self.unsent.iter().find(|unsent| unsent.name == name)
    }

    /// The names that nothing sends.
    pub fn all_unsent(&self) -> &[Unsent] {
        &self.unsent
    }

    /// The types of which samples are sent when none is named, in order.
    pub fn tour(&self) -> impl ExactSizeIterator<Item = &EventType> + Clone {
        self.tour.iter().map(|name| self.known(name))
    }

    /// The names of the stories, sorted.
    pub fn stories(&self) -> impl Iterator<Item = &str> {
        self.stories.keys().map(String::as_str)
    }

    /// What happens in the story `name`, in order. Nothing, if there is no such story.
    pub fn story(&self, name: &str) -> impl Iterator<Item = &EventType> {
        self.stories.get(name).into_iter().flatten().map(|step| self.known(step))
    }

    /// The fields of the whole body of `event`, each with its path: those of the envelope, then those of the payload.
    pub fn fields(&self, event: &EventType) -> Vec<(String, &Field)> {
        let envelope = self.envelope(event.family).fields.iter().map(|field| (field.path.clone(), field));
        let envelope = envelope.filter(|(path, _)| path != "organization_id" || event.organization);
        let holder = if event.family == Family::Trigger { "payload" } else { "data" };
        let payload = self.payload(event).fields.iter().map(|field| (format!("{holder}.{}", field.path), field));
        envelope.chain(payload).collect()
    }

    /// The field at `path` of an event of the type `name`, whatever the indexes in the path.
    pub(crate) fn field(&self, name: &str, path: &str) -> Option<&Field> {
        let general = without_indexes(path);
        self.fields(self.find(name)?).into_iter().find_map(|(path, field)| (path == general).then_some(field))
    }

    /// What `text` stands for if it has the form of an id: `organization`.
    pub(crate) fn kind_of_id(&self, text: &str) -> Option<&str> {
        let (prefix, rest) = text.split_at_checked(text.find('_')? + 1)?;
        let is_id = !rest.is_empty() && rest.len() <= 64 && rest.bytes().all(|byte| byte.is_ascii_alphanumeric());
        self.ids.get(prefix).filter(|_| is_id).map(String::as_str)
    }

    /// Whether fields of `event` that the catalog does not describe are normal.
    pub fn is_open(&self, event: &EventType) -> bool {
        self.envelope(event.family).open || self.payload(event).open
    }

    /// What surrounds the payload.
    pub(crate) fn envelope(&self, family: Family) -> &Shape {
        match family {
            Family::Webhook => &self.shapes["webhook"],
            Family::Interceptor => &self.shapes["interceptor"],
            Family::Trigger => &self.shapes["trigger"],
        }
    }

    fn payload(&self, event: &EventType) -> &Shape {
        &self.shapes[&event.shape]
    }

    /// The type whose name looks most like `name`, if one looks like it at all.
    pub fn nearest(&self, name: &str) -> Option<&EventType> {
        nearest(name, self.events.iter().map(|event| (&event.name, event)))
    }

    /// The names in the namespace of `name`: `user` in `user.signup`.
    pub fn namespace_of(&self, name: &str) -> Vec<&str> {
        let namespace = |name: &str| name.split_once('.').map(|(namespace, _)| namespace.to_owned());
        let Some(wanted) = namespace(name) else { return Vec::new() };
        let near = self.events.iter().filter(|event| namespace(&event.name).as_ref() == Some(&wanted));
        near.map(|event| event.name.as_str()).collect()
    }

    fn known(&self, name: &str) -> &EventType {
        self.find(name).expect("the catalog names only types that it describes")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_name_in_the_catalog_is_described_once() {
        let catalog = catalog();
        let names: HashSet<_> = catalog.events.iter().map(|event| &event.name).collect();
        assert_eq!(names.len(), catalog.events.len());
        for event in &catalog.events {
            assert!(catalog.shapes.contains_key(&event.shape), "{}", event.name);
            assert!(event.legacy.as_ref().is_none_or(|new| names.contains(new)), "{}", event.name);
            assert_eq!(event.family == Family::Webhook, !event.object.is_empty(), "{}", event.name);
            assert!(!event.when.ends_with('.') && !event.title.is_empty(), "{}", event.name);
        }
        let unsent: Vec<_> = catalog.unsent.iter().map(|unsent| &unsent.name).collect();
        assert!(unsent.iter().all(|name| !names.contains(name)));
        assert!(catalog.unsent.iter().all(|unsent| names.contains(&unsent.instead)));
        assert!(catalog.tour().count() > 5);
        for story in catalog.stories() {
            let steps: Vec<_> = catalog.story(story).map(|event| &event.name).collect();
            let distinct: HashSet<_> = steps.iter().collect();
            // Events of one type and one number have one id.
            assert!(steps.len() > 3 && distinct.len() == steps.len(), "{story}");
        }
    }

    #[test]
    fn the_catalog_has_the_documented_number_of_types() {
        let count = |of: fn(&&EventType) -> bool| catalog().events().iter().filter(of).count();
        assert_eq!(count(|event| event.family == Family::Webhook && event.legacy.is_none()), 41);
        assert_eq!(count(|event| event.legacy.is_some()), 8);
        assert_eq!(count(|event| event.family == Family::Interceptor), 6);
    }

    #[test]
    fn unknown_names_get_suggestions() {
        assert_eq!(catalog().unsent("user.created").unwrap().instead, "user.signup");
        assert_eq!(catalog().nearest("user.sinup").unwrap().name, "user.signup");
        assert!(catalog().nearest("nonsense").is_none());
        assert_eq!(catalog().namespace_of("role.x"), ["role.created", "role.updated", "role.deleted"]);
        assert!(catalog().namespace_of("nonsense").is_empty() && catalog().namespace_of("no.such").is_empty());
    }

    #[test]
    fn fields_are_named_once_and_after_what_they_lie_in() {
        for (name, shape) in &catalog().shapes {
            let mut seen = HashSet::new();
            for field in &shape.fields {
                let parent = field.path.rsplit_once('.').map(|(parent, _)| parent.trim_end_matches("[]").to_owned());
                assert!(parent.is_none_or(|parent| seen.contains(&parent)), "{name}: {}", field.path);
                assert!(seen.insert(field.path.clone()), "{name}: {}", field.path);
                assert_eq!(
                    field.kind == Kind::Id,
                    field.prefix.is_some() || field.path == "subscription_id",
                    "{}",
                    field.path
                );
            }
        }
    }
}
