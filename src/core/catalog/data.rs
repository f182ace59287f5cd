//! Event types and their fields, as `assets/catalog.toml` describes them.

use crate::core::signature::Scheme;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A type of event that the provider sends, or a point at which it asks an interceptor.
#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventType {
    /// `user.signup`, or `PRE_SIGNUP`.
    #[serde(rename = "type")]
    pub name: String,
    #[serde(default)]
    pub family: Family,
    /// What the envelope's `object` says; interceptors and trigger events have none.
    #[serde(default)]
    pub object: String,
    /// The fields of `data`, or of a trigger event's `payload`.
    pub(super) shape: String,
    /// What the envelope's `display_name` says.
    pub title: String,
    /// When it is sent, as a clause without a full stop.
    pub when: String,
    /// Whether the envelope has an `organization_id`.
    #[serde(default = "yes")]
    pub organization: bool,
    /// The type that replaced this one, if its name is a legacy one.
    pub legacy: Option<String>,
    /// Values of its samples that differ from those of other types of the same shape.
    #[serde(default)]
    pub(super) values: BTreeMap<String, String>,
}

/// How an event reaches an app.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Family {
    #[default]
    Webhook,
    /// A request that Scalekit waits for, with `interceptor-*` headers.
    Interceptor,
    /// An event of a third party, posted to an endpoint of its own with a secret of its own.
    Trigger,
}

impl Family {
    /// Which headers carry the signature: [`Scheme::Webhook`] or [`Scheme::Interceptor`].
    pub fn scheme(self) -> Scheme {
        match self {
            Self::Webhook | Self::Trigger => Scheme::Webhook,
            Self::Interceptor => Scheme::Interceptor,
        }
    }
}

/// Fields that several types have in common.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shape {
    /// Whether other fields are normal: the fields are known from examples only.
    #[serde(default)]
    pub open: bool,
    pub fields: Vec<Field>,
}

/// A field of a payload.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// `a.b` lies within the object `a`, `a[].b` within the objects of the array `a`.
    #[serde(rename = "at")]
    pub path: String,
    #[serde(rename = "is")]
    pub kind: Kind,
    #[serde(default)]
    pub required: bool,
    /// All values that it can have; empty if there is no such list.
    #[serde(default)]
    pub one_of: Vec<String>,
    /// What an id begins with.
    pub prefix: Option<String>,
    #[serde(default)]
    pub secret: bool,
    #[serde(default)]
    pub personal: bool,
    /// Whether the developer chose the key.
    #[serde(default)]
    pub free: bool,
    /// Whether other members of the object are normal: the documentation does not list them all.
    #[serde(default)]
    pub open: bool,
    /// What it means, without a full stop.
    pub about: String,
    /// The shape of the object.
    pub(super) of: Option<String>,
    pub(super) sample: Option<toml::Value>,
    /// Whether samples have `null` here.
    #[serde(default)]
    pub(super) null: bool,
}

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    Any,
    String,
    Id,
    /// RFC 3339.
    Time,
    Email,
    Url,
    Boolean,
    Number,
    Object,
    Array,
}

/// A name that documents or code use and that nothing sends.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unsent {
    #[serde(rename = "type")]
    pub name: String,
    /// What is sent at about that moment.
    pub instead: String,
}

fn yes() -> bool {
    true
}

impl EventType {
    /// The heading under which lists name it.
    pub fn heading(&self) -> &'static str {
        match self.family {
            Family::Webhook if self.legacy.is_some() => "Legacy names, which older endpoints still get",
            Family::Webhook => "Webhooks",
            Family::Interceptor => "Interceptors, to which the app responds with a decision",
            Family::Trigger => "Trigger events of AgentKit, of which this is an example",
        }
    }
}

impl Field {
    /// What it means, with what else is known of its values.
    pub fn remarks(&self) -> String {
        let mut text = self.about.clone();
        if let Some(prefix) = &self.prefix {
            text += &format!("; `{prefix}…`");
        }
        if !self.one_of.is_empty() {
            let values: Vec<_> = self.one_of.iter().map(|value| format!("`{value}`")).collect();
            text += &format!("; {}", values.join(", "));
        }
        if self.secret {
            text += "; secret";
        }
        if self.personal {
            text += "; personal";
        }
        text
    }
}

impl Kind {
    /// The word in the catalog.
    pub fn name(self) -> &'static str {
        match self {
            Self::Any => "any",
            Self::String => "string",
            Self::Id => "id",
            Self::Time => "time",
            Self::Email => "email",
            Self::Url => "url",
            Self::Boolean => "boolean",
            Self::Number => "number",
            Self::Object => "object",
            Self::Array => "array",
        }
    }
}

impl Shape {
    /// The shape with the fields of the objects that have a shape of their own.
    pub(super) fn embedding(&self, shapes: &BTreeMap<String, Self>) -> Self {
        let mut fields = Vec::new();
        for field in &self.fields {
            fields.push(field.clone());
            let within = field.of.as_ref().map_or(&[][..], |name| &shapes[name].fields);
            let under = |inner: &Field| Field { path: format!("{}.{}", field.path, inner.path), ..inner.clone() };
            fields.extend(within.iter().map(under));
        }
        Self { open: self.open, fields }
    }
}
