//! The reference pages in `docs/reference/`, generated from the tables of the program.
//!
//! A page that is out of date fails its test. `HOOKGLASS_WRITE_DOCS=1 cargo test --test it reference` regenerates all of them.

pub mod cli;
mod config;
mod events;
mod filters;
mod keys;
mod reasons;

use std::fmt::Write;
use std::path::Path;

/// Set to write the pages instead of comparing them.
const WRITE: &str = "HOOKGLASS_WRITE_DOCS";

#[test]
fn the_page_of_the_command_line_is_current() {
    check("cli.md", "the help texts in src/cli.rs and src/cli/", &cli::page());
}

#[test]
fn the_page_of_the_configuration_is_current() {
    check("config.md", "the table in src/config/keys.rs", &config::page());
}

#[test]
fn the_page_of_the_event_types_is_current() {
    check("../events.md", "assets/catalog.toml", &events::page());
}

#[test]
fn the_page_of_the_filters_is_current() {
    check("filters.md", "src/core/filter/terms.rs or src/core/diagnosis/explanations.rs", &filters::page());
}

#[test]
fn the_page_of_the_keys_is_current() {
    check("keys.md", "the table `BINDINGS` in src/tui/keymap/bindings.rs", &keys::page());
}

#[test]
fn the_pages_of_the_reasons_are_current() {
    let source = "the texts in src/core/diagnosis/explanations.rs, explanations/ and pages.rs";
    check("../reasons.md", source, &reasons::index());
    for (name, page) in reasons::all() {
        check(&name, source, &page);
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/reasons");
    let count = std::fs::read_dir(folder).unwrap().count();
    assert_eq!(count, reasons::all().count(), "`docs/reasons` has a page of a reason that no longer exists");
}

/// Compares the page `name`, which is made from `source`, or writes it.
#[track_caller]
fn check(name: &str, source: &str, page: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/reference").join(name);
    let page = format!(
        "<!-- Generated. To change this page, change {source}; then run\n     \
         `{WRITE}=1 cargo test --test it reference`. -->\n{page}"
    );
    if std::env::var_os(WRITE).is_some() {
        std::fs::write(&path, page).unwrap();
        return;
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == page,
        "`docs/reference/{name}` is out of date; run `{WRITE}=1 cargo test --test it reference`"
    );
}

/// A table with one line per row. A `|` in a cell is escaped.
fn table<const N: usize>(titles: [&str; N], rows: impl IntoIterator<Item = [String; N]>) -> String {
    let mut text = format!("| {} |\n|{}\n", titles.join(" | "), " --- |".repeat(N));
    for row in rows {
        writeln!(text, "| {} |", row.map(|cell| cell.replace('|', "\\|")).join(" | ")).unwrap();
    }
    text
}
