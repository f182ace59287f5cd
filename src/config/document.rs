//! The configuration file as `hookglass config` prints it: every key in comments, and as a JSON schema. Both are made from the table of
//! keys.

use super::keys::{KEYS, Key, Kind, Value};
use crate::core::colours::Colours;
use serde_json::{Map, Value as Json, json};
use std::fmt::Write;

const INTRODUCTION: &str = "\
# The configuration of hookglass. Every key is optional: remove the `#` in front of a key to set it.
# `hookglass config --path` prints where this file belongs. Flags win over it.
# Paths are relative to the folder of this file.
";

/// The whole file, with every key commented out: `# ` begins a sentence, and `#` a key.
pub(crate) fn commented() -> String {
    let mut text = INTRODUCTION.to_owned();
    for key in KEYS {
        text.push('\n');
        for sentence in key.help {
            let _ = writeln!(text, "# {sentence}");
        }
        let flag = key.flag.map(|flag| format!(" Flag: {flag}.")).unwrap_or_default();
        let _ = writeln!(text, "# Value: {}.{flag}", key.kind);
        if let Value::Unset { meaning, .. } = key.value {
            let _ = writeln!(text, "# Without it, {meaning}. For example:");
        }
        let _ = writeln!(text, "#{} = {}", key.name, key.value.toml());
    }
    text
}

/// A JSON schema of the file, for editors.
pub fn schema() -> String {
    let mut properties = Map::new();
    for key in KEYS {
        if let Some(old_name) = key.old_name {
            let mut old = property(key);
            old.insert("deprecated".to_owned(), true.into());
            properties.insert(old_name.to_owned(), old.into());
        }
        properties.insert(key.name.to_owned(), property(key).into());
    }
    let schema = json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "The configuration of hookglass",
        "type": "object",
        "additionalProperties": false,
        "properties": properties,
    });
    format!("{schema:#}\n")
}

fn property(key: &Key) -> Map<String, Json> {
    let mut property = match values(&key.kind) {
        Json::Object(property) => property,
        other => unreachable!("{other} is no schema"),
    };
    property.insert("description".to_owned(), key.help.join(" ").into());
    if let Value::Default(toml) = key.value {
        // TOML and JSON write these values alike.
        property.insert("default".to_owned(), serde_json::from_str(toml).expect("a default is JSON"));
    }
    property
}

/// What restricts a value to `kind`.
fn values(kind: &Kind) -> Json {
    match kind {
        Kind::Integer { least, most } => json!({ "type": "integer", "minimum": least, "maximum": most }),
        Kind::Boolean => json!({ "type": "boolean" }),
        Kind::Words(words) => json!({ "enum": words() }),
        Kind::Text | Kind::Path => json!({ "type": "string" }),
        Kind::IpAddress => json!({ "type": "string", "anyOf": [{ "format": "ipv4" }, { "format": "ipv6" }] }),
        Kind::Paths => json!({ "type": "array", "items": { "type": "string" } }),
        Kind::Filters => json!({ "type": "object", "additionalProperties": { "type": "string" } }),
        Kind::Colours => {
            let colour = json!({ "type": "string", "pattern": "^#[0-9A-Fa-f]{6}$" });
            let colours: Map<_, _> = Colours::NAMES.iter().map(|name| ((*name).to_owned(), colour.clone())).collect();
            json!({ "type": "object", "additionalProperties": false, "properties": colours })
        }
        Kind::Keys => json!({ "type": "object", "additionalProperties": values(&Kind::Texts) }),
        Kind::Texts => {
            let text =
                json!({ "anyOf": [{ "type": "string" }, values(&Kind::Integer { least: 0, most: u16::MAX.into() })] });
            json!({ "anyOf": [text, { "type": "array", "items": text }] })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Layer, Settings};
    use super::*;
    use std::path::Path;

    fn parse(text: &str) -> Layer {
        Layer::parse(text, Path::new("config.toml")).unwrap()
    }

    /// The printed file with the `#` removed in front of each key that `is_chosen`.
    fn uncommented(is_chosen: impl Fn(&Key) -> bool) -> String {
        let line = |line: &str| {
            let key = KEYS.iter().find(|key| line.starts_with(&format!("#{} = ", key.name)));
            let line = if key.is_some_and(&is_chosen) { &line[1..] } else { line };
            format!("{line}\n")
        };
        commented().lines().map(line).collect()
    }

    #[test]
    fn the_printed_file_sets_nothing() {
        assert_eq!(parse(&commented()), Layer::default());
    }

    #[test]
    fn the_printed_defaults_are_the_defaults() {
        let layer = parse(&uncommented(|key| matches!(key.value, Value::Default(_))));
        assert_eq!(layer.port, Some(3000));
        let merged = |file| Settings::merge(Layer::default(), &file).unwrap();
        assert_eq!(merged(layer), merged(Layer::default()));
    }

    #[test]
    fn every_key_can_be_uncommented() {
        let text = uncommented(|_| true);
        assert_eq!(text.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).count(), KEYS.len());
        assert!(Settings::merge(Layer::default(), &parse(&text)).is_ok());
    }

    #[test]
    fn the_schema_knows_the_same_keys_and_no_others() {
        let schema: Json = serde_json::from_str(&schema()).unwrap();
        let names: Vec<_> = schema["properties"].as_object().unwrap().keys().map(String::as_str).collect();
        let mut expected: Vec<_> = KEYS.iter().flat_map(|key| [Some(key.name), key.old_name]).flatten().collect();
        expected.sort_unstable();
        assert_eq!(names, expected);
        assert_eq!(schema["additionalProperties"], false);
        assert_eq!(schema["properties"]["port"]["default"], 3000);
        assert_eq!(schema["properties"]["forward_mode"]["enum"], json!(["after", "through"]));
    }
}
