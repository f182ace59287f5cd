//! Shapes as JSON Schema, draft 2020-12.

use super::{SeenType, Shape, ValueKind, is_type_key};
use serde_json::{Map, Value, json};

/// One schema with a definition for each type, of which an event matches one.
pub fn json_schema(types: &[SeenType]) -> Value {
    let definitions: Map<_, _> = types.iter().map(|seen| (seen.name.clone(), definition(seen))).collect();
    let references: Vec<_> =
        types.iter().map(|seen| json!({ "$ref": format!("#/$defs/{}", pointer(&seen.name)) })).collect();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "description": "Made by hookglass from verified events.",
        "anyOf": references,
        "$defs": definitions,
    })
}

/// A name as a token of a JSON pointer in a URI fragment.
fn pointer(name: &str) -> String {
    let mut out = String::new();
    for byte in name.replace('~', "~0").replace('/', "~1").bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(byte)),
            _ => out += &format!("%{byte:02X}"),
        }
    }
    out
}

fn definition(seen: &SeenType) -> Value {
    let mut schema = of_shape(&seen.shape);
    if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) {
        for (key, property) in properties.iter_mut().filter(|(key, _)| is_type_key(&seen.shape, key)) {
            debug_assert!(!key.is_empty());
            *property = json!({ "const": seen.name });
        }
    }
    schema
}

fn of_shape(shape: &Shape) -> Value {
    let kinds: Vec<_> = shape.kinds().into_iter().map(ValueKind::as_str).collect();
    let mut schema = Map::new();
    match kinds[..] {
        [] => return json!({}),
        [kind] => schema.insert("type".to_owned(), json!(kind)),
        _ => schema.insert("type".to_owned(), json!(kinds)),
    };
    if !shape.members.is_empty() {
        let properties: Map<_, _> = shape.members.iter().map(|(key, member)| (key.clone(), of_shape(member))).collect();
        let required: Vec<_> =
            shape.members.iter().filter(|(_, member)| shape.always_has(member)).map(|(key, _)| key).collect();
        schema.insert("properties".to_owned(), Value::Object(properties));
        schema.insert("required".to_owned(), json!(required));
    }
    if let Some(element) = shape.element() {
        schema.insert("items".to_owned(), of_shape(element));
    }
    Value::Object(schema)
}

#[cfg(test)]
mod tests {
    use super::super::tests::shape_of;
    use super::*;

    #[test]
    fn a_schema_has_the_kinds_and_what_is_always_there() {
        let shape = shape_of(&[json!({"type": "a/b c", "x": [1], "y": null}), json!({"type": "a/b c", "x": []})]);
        let schema = json_schema(&[SeenType { name: "a/b c".to_owned(), shape }]);
        assert_eq!(schema["anyOf"], json!([{ "$ref": "#/$defs/a~1b%20c" }]));
        let expected = json!({
            "type": "object",
            "properties": {
                "type": { "const": "a/b c" },
                "x": { "type": "array", "items": { "type": "integer" } },
                "y": { "type": "null" },
            },
            "required": ["type", "x"],
        });
        assert_eq!(schema["$defs"]["a/b c"], expected);
    }
}
