//! `events.md`: every event type, its fields, and names that nothing sends.

use super::table;
use hookglass::core::catalog::{EventType, catalog};
use std::fmt::Write;

const INTRODUCTION: &str = "# Event types

What hookglass knows of the events that Scalekit sends: the webhooks, the names that older endpoints still get, the points at
which Scalekit asks an interceptor, and AgentKit's trigger events. `hookglass types TYPE` prints the same with a sample, and
`hookglass send TYPE --to URL` sends one. Fields in bold are always present.
";

pub fn page() -> String {
    let mut page = INTRODUCTION.to_owned();
    let mut heading = "";
    for event in catalog().events() {
        if heading != event.heading() {
            heading = event.heading();
            write!(page, "\n## {heading}\n").unwrap();
        }
        page += &section(event);
    }
    page += "\n## Names that nothing sends\n\nDocuments and code use these names.\n\n";
    let unsent = catalog().all_unsent().iter();
    page += &table(["Name", "Use instead"], unsent.map(|name| [code(&name.name), code(&name.instead)]));
    page
}

fn section(event: &EventType) -> String {
    let mut section = format!("\n### `{}`\n\n{}.", event.name, event.when);
    if let Some(new) = &event.legacy {
        write!(section, " New endpoints get `{new}`.").unwrap();
    }
    // The fields of the envelope are those of every event of the family.
    let fields = catalog().fields(event).into_iter().filter(|(path, _)| path.contains('.'));
    let fields: Vec<_> = fields
        .map(|(path, field)| {
            let path = if field.required { format!("**`{path}`**") } else { code(&path) };
            [path, field.kind.name().to_owned(), field.remarks()]
        })
        .collect();
    section += "\n\n";
    if !fields.is_empty() {
        section += &table(["Field", "", ""], fields);
    }
    if catalog().is_open(event) {
        section += "\nOther fields are normal: these are known from examples.\n";
    }
    section
}

fn code(text: &str) -> String {
    format!("`{text}`")
}
