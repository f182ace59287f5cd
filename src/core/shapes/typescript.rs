//! Shapes as TypeScript.

use super::names::{Names, is_identifier, literal};
use super::{SeenType, Shape, ValueKind, is_type_key};

/// Names of TypeScript that the code uses, or that an interface must not have.
const TAKEN: [&str; 6] = ["Record", "ScalekitEvent", "Array", "Object", "String", "Number"];

/// An interface for each type, and a union of all.
pub fn typescript(types: &[SeenType]) -> String {
    let mut names = Names::new(&TAKEN);
    let mut code = "// Made by hookglass from verified events.\n".to_owned();
    let mut all = Vec::new();
    for seen in types {
        let name = names.type_name(&seen.name);
        code += &format!("\nexport interface {name} {}\n", members(&seen.shape, Some(&seen.name), 0));
        all.push(name);
    }
    let union = if all.is_empty() { "never".to_owned() } else { all.join(" | ") };
    code + &format!("\nexport type ScalekitEvent = {union};\n")
}

/// `{ … }` with a line for each member. `event_type` is that of the event if this is its root.
fn members(shape: &Shape, event_type: Option<&str>, depth: usize) -> String {
    let indent = "  ".repeat(depth + 1);
    let mut code = "{\n".to_owned();
    for (key, member) in &shape.members {
        let name = if is_identifier(key) { key.clone() } else { literal(key, false) };
        let optional = if shape.always_has(member) { "" } else { "?" };
        let value = match event_type.filter(|_| is_type_key(shape, key)) {
            Some(event_type) => literal(event_type, false),
            None => value(member, depth + 1),
        };
        code += &format!("{indent}{name}{optional}: {value};\n");
    }
    code + &"  ".repeat(depth) + "}"
}

fn value(shape: &Shape, depth: usize) -> String {
    let of_kind = |kind: ValueKind| match kind {
        ValueKind::Null => "null".to_owned(),
        ValueKind::Boolean => "boolean".to_owned(),
        ValueKind::Integer | ValueKind::Number => "number".to_owned(),
        ValueKind::String => "string".to_owned(),
        ValueKind::Array => {
            shape.element().map_or("unknown[]".to_owned(), |element| format!("({})[]", value(element, depth)))
        }
        ValueKind::Object if shape.members.is_empty() => "Record<string, unknown>".to_owned(),
        ValueKind::Object => members(shape, None, depth),
    };
    let kinds: Vec<_> = shape.kinds().into_iter().map(of_kind).collect();
    if kinds.is_empty() { "unknown".to_owned() } else { kinds.join(" | ") }
}

#[cfg(test)]
mod tests {
    use super::super::tests::shape_of;
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    #[test]
    fn an_interface_has_optional_and_quoted_members() {
        let shape = shape_of(&[
            json!({"type": "user.signup", "data": {"a-b": [1, null], "x": {}}, "n": null}),
            json!({"type": "user.signup", "data": {"a-b": []}}),
        ]);
        let code = typescript(&[SeenType { name: "user.signup".to_owned(), shape }]);
        let expected = r#"// Made by hookglass from verified events.

export interface UserSignup {
  data: {
    "a-b": (null | number)[];
    x?: Record<string, unknown>;
  };
  n?: null;
  type: "user.signup";
}

export type ScalekitEvent = UserSignup;
"#;
        assert_eq!(code, expected);
    }

    /// Whether `code` consists of nothing but the generator's own words, identifiers in their places, and literals.
    fn is_only_types(code: &str) -> bool {
        const WORDS: [&str; 8] = ["null", "boolean", "number", "string", "unknown", "Record", "never", "ScalekitEvent"];
        code.lines().filter(|line| !line.is_empty()).enumerate().all(|(place, line)| {
            if place == 0 {
                return line == "// Made by hookglass from verified events.";
            }
            if let Some(name) = line.strip_prefix("export interface ") {
                return name.strip_suffix(" {").is_some_and(is_identifier);
            }
            if let Some(names) = line.strip_prefix("export type ScalekitEvent = ") {
                return names.trim_end_matches(';').split(" | ").all(is_identifier);
            }
            let line = line.trim_start();
            let after_key = if line.starts_with('"') {
                literal_length(line).map(|length| &line[length..])
            } else {
                Some(line.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '_'))
            };
            let mut rest = after_key.unwrap_or("#").to_owned();
            while let Some(start) = rest.find('"') {
                let Some(length) = literal_length(&rest[start..]) else { return false };
                rest.replace_range(start..start + length, "string");
            }
            let is_sign = |c: char| ":;?|[](){}<>, ".contains(c);
            rest.split(is_sign).filter(|word| !word.is_empty()).all(|word| WORDS.contains(&word))
        })
    }

    /// The length of the JSON string at the start of `text`.
    fn literal_length(text: &str) -> Option<usize> {
        let mut values = serde_json::Deserializer::from_str(text).into_iter::<String>();
        values.next()?.ok()?;
        Some(values.byte_offset())
    }

    fn json_value() -> impl Strategy<Value = Value> {
        let key = prop_oneof!["[a-z_]{1,4}", ".{0,12}", "[\"';:{}*/\\\\\n]{1,6}"];
        let leaf =
            prop_oneof![Just(Value::Null), any::<bool>().prop_map(Value::from), any::<i32>().prop_map(Value::from)];
        leaf.prop_recursive(4, 32, 5, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
                prop::collection::vec((key.clone(), inner), 0..5).prop_map(|members| members.into_iter().collect()),
            ]
        })
    }

    proptest! {
        #[test]
        fn no_key_and_no_type_adds_code(names in prop::collection::vec(".{0,20}", 0..3), value in json_value()) {
            let seen = names.into_iter().map(|name| SeenType { shape: shape_of(&[json!({"type": name, "v": value})]), name });
            let code = typescript(&seen.collect::<Vec<_>>());
            prop_assert!(is_only_types(&code), "{}", code);
        }
    }
}
