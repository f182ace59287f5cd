//! Shapes as pydantic models, for Python.

use super::names::{Names, is_identifier, literal};
use super::{SeenType, Shape, ValueKind, is_type_key};

const HEAD: &str = "\
# Made by hookglass from verified events.
from __future__ import annotations

from typing import Any, Literal, Optional, Union

from pydantic import BaseModel, ConfigDict, Field
";

/// Names that the code uses. A model must not have one of them.
const TAKEN: [&str; 10] =
    ["Any", "BaseModel", "ConfigDict", "Event", "False", "Field", "Literal", "None", "Optional", "Union"];

/// Words of Python, and attributes of `BaseModel`, that a field must not have. Those that begin with `model_` are left out.
const RESERVED: [&str; 49] = [
    "and",
    "as",
    "assert",
    "async",
    "await",
    "break",
    "class",
    "construct",
    "continue",
    "copy",
    "def",
    "del",
    "dict",
    "elif",
    "else",
    "except",
    "finally",
    "for",
    "from",
    "from_orm",
    "global",
    "if",
    "import",
    "in",
    "is",
    "json",
    "lambda",
    "list",
    "nonlocal",
    "not",
    "or",
    "parse_file",
    "parse_obj",
    "parse_raw",
    "pass",
    "raise",
    "return",
    "schema",
    "schema_json",
    "str",
    "int",
    "float",
    "bool",
    "try",
    "update_forward_refs",
    "validate",
    "while",
    "with",
    "yield",
];

/// A model for each type, and a union of all.
pub fn pydantic(types: &[SeenType]) -> String {
    let mut writer = Writer { names: Names::new(&TAKEN), code: HEAD.to_owned() };
    let all: Vec<_> = types.iter().map(|seen| writer.model(&seen.shape, &seen.name, Some(&seen.name))).collect();
    let union = match &all[..] {
        [] => "Any".to_owned(),
        [one] => one.clone(),
        several => format!("Union[{}]", several.join(", ")),
    };
    writer.code + &format!("\n\nEvent = {union}\n")
}

struct Writer {
    names: Names,
    code: String,
}

impl Writer {
    /// Writes the model of an object after those that it contains. Returns its name.
    fn model(&mut self, shape: &Shape, wanted: &str, event_type: Option<&str>) -> String {
        let name = self.names.type_name(wanted);
        let mut fields = Names::new(&RESERVED);
        let mut lines = String::new();
        for (place, (key, member)) in shape.members.iter().enumerate() {
            let is_plain = is_identifier(key) && !key.starts_with('_') && !key.starts_with("model_");
            let field = fields.field_name(if is_plain { key.clone() } else { format!("field_{}", place + 1) });
            let mut kind = match event_type.filter(|_| is_type_key(shape, key)) {
                Some(event_type) => format!("Literal[{}]", literal(event_type, true)),
                None => self.value(member, &format!("{name} {key}")),
            };
            let is_optional = !shape.always_has(member);
            if is_optional && !kind.starts_with("Optional[") && kind != "None" && kind != "Any" {
                kind = format!("Optional[{kind}]");
            }
            let default = match (field == *key, is_optional) {
                (true, false) => String::new(),
                (true, true) => " = None".to_owned(),
                (false, false) => format!(" = Field(alias={})", literal(key, true)),
                (false, true) => format!(" = Field(default=None, alias={})", literal(key, true)),
            };
            lines += &format!("    {field}: {kind}{default}\n");
        }
        let config = "    model_config = ConfigDict(extra=\"allow\", populate_by_name=True)\n";
        self.code += &format!("\n\nclass {name}(BaseModel):\n{config}{lines}");
        name
    }

    fn value(&mut self, shape: &Shape, wanted: &str) -> String {
        let kinds = shape.kinds();
        let mut types: Vec<_> = kinds.iter().filter(|kind| **kind != ValueKind::Null).collect::<Vec<_>>();
        let is_nullable = types.len() < kinds.len();
        let mut written: Vec<String> = types.drain(..).map(|kind| self.of_kind(*kind, shape, wanted)).collect();
        let text = match written.len() {
            0 if is_nullable => return "None".to_owned(),
            0 => return "Any".to_owned(),
            1 => written.remove(0),
            _ => format!("Union[{}]", written.join(", ")),
        };
        if is_nullable { format!("Optional[{text}]") } else { text }
    }

    fn of_kind(&mut self, kind: ValueKind, shape: &Shape, wanted: &str) -> String {
        match kind {
            ValueKind::Null => "None".to_owned(),
            ValueKind::Boolean => "bool".to_owned(),
            ValueKind::Integer => "int".to_owned(),
            ValueKind::Number => "float".to_owned(),
            ValueKind::String => "str".to_owned(),
            ValueKind::Array => {
                let element = shape.element().map_or("Any".to_owned(), |element| self.value(element, wanted));
                format!("list[{element}]")
            }
            ValueKind::Object if shape.members.is_empty() => "dict[str, Any]".to_owned(),
            ValueKind::Object => self.model(shape, wanted, None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::shape_of;
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn models_have_aliases_where_a_key_is_no_name() {
        let shape = shape_of(&[
            json!({"type": "user.signup", "data": {"class": 1, "a-b": [{"x": null}], "n": 1.5}}),
            json!({"type": "user.signup", "data": {"class": 2}}),
        ]);
        let code = pydantic(&[SeenType { name: "user.signup".to_owned(), shape }]);
        let expected = r#"

class UserSignupDataAB(BaseModel):
    model_config = ConfigDict(extra="allow", populate_by_name=True)
    x: None


class UserSignupData(BaseModel):
    model_config = ConfigDict(extra="allow", populate_by_name=True)
    field_1: Optional[list[UserSignupDataAB]] = Field(default=None, alias="a-b")
    class_: int = Field(alias="class")
    n: Optional[float] = None


class UserSignup(BaseModel):
    model_config = ConfigDict(extra="allow", populate_by_name=True)
    data: UserSignupData
    type: Literal["user.signup"]


Event = UserSignup
"#;
        assert_eq!(code.strip_prefix(HEAD).unwrap(), expected);
    }

    /// Whether a line is a field: a name, a type of the generator's own words, and perhaps a default with a literal.
    fn is_field(line: &str) -> bool {
        let Some((name, rest)) = line.split_once(": ") else { return false };
        let mut text = String::new();
        let mut characters = rest.chars();
        // Literals become `L`.
        while let Some(character) = characters.next() {
            if character != '"' {
                text.push(character);
                continue;
            }
            loop {
                match characters.next() {
                    Some('\\') => drop(characters.next()),
                    Some('"') => break,
                    Some(character) if (' '..='~').contains(&character) => {}
                    _ => return false,
                }
            }
            text.push('L');
        }
        let words = text.split(|c: char| "[](),= ".contains(c)).filter(|word| !word.is_empty());
        is_identifier(name) && { words }.all(is_identifier)
    }

    proptest! {
        #[test]
        fn no_key_and_no_type_adds_code(names in prop::collection::vec(".{0,20}", 0..3), keys in prop::collection::vec(".{0,12}", 0..5)) {
            let inner: serde_json::Map<_, _> = keys.iter().map(|key| (key.clone(), json!([{ key.clone(): 1 }]))).collect();
            let seen = names.into_iter().map(|name| SeenType { shape: shape_of(&[json!({"type": name, "v": inner})]), name });
            let code = pydantic(&seen.collect::<Vec<_>>());
            for line in code.strip_prefix(HEAD).unwrap().lines().filter(|line| !line.is_empty()) {
                let is_model = line.strip_prefix("class ").and_then(|rest| rest.strip_suffix("(BaseModel):"));
                let is_config = line == "    model_config = ConfigDict(extra=\"allow\", populate_by_name=True)";
                let is_known = is_model.is_some_and(is_identifier)
                    || is_config
                    || line.starts_with("Event = ")
                    || line.strip_prefix("    ").is_some_and(is_field);
                prop_assert!(is_known, "{}", line);
            }
        }
    }
}
