//! Rules of the code that the compiler does not check: imports, module comments and the length of files.

mod cycles;
mod layers;
mod sources;

use sources::{Finding, NamedPath, Source, sources};

/// The most lines in a file.
const MAX_LINES: usize = 500;

/// Calls that read a clock.
const CLOCKS: &[&[&str]] = &[&["Timestamp", "now"], &["Zoned", "now"], &["SystemTime"], &["Instant"]];
/// Modules that do I/O or wait for it.
const IO: &[&[&str]] = &[
    &["tokio"],
    &["tokio_util"],
    &["axum"],
    &["hyper"],
    &["rusqlite"],
    &["arboard"],
    &["getrandom"],
    &["std", "fs"],
    &["std", "net"],
    &["std", "env"],
    &["std", "process"],
    &["std", "thread"],
];
const SCREEN: &[&[&str]] = &[&["ratatui"], &["crossterm"]];
const LOCKS: &[&[&str]] = &[&["Mutex"], &["RwLock"], &["Condvar"], &["RefCell"], &["OnceLock"], &["LazyLock"]];

/// Whether `source` is the module `name` or belongs to it.
fn is_in(source: &Source, name: &str) -> bool {
    source.name == format!("src/{name}.rs") || source.name.starts_with(&format!("src/{name}/"))
}

fn paths_that(source: &Source, is_refused: impl Fn(&NamedPath) -> bool, why: &str) -> Vec<Finding> {
    if source.is_test() {
        return Vec::new();
    }
    let refused = source.paths().into_iter().filter(is_refused);
    refused.map(|path| source.finding(path.line, format!("`{}`: {why}", path.parts.join("::")))).collect()
}

fn is_any(path: &NamedPath, refused: &[&[&str]]) -> bool {
    refused.iter().any(|wanted| path.contains(wanted))
}

fn impure_core(source: &Source) -> Vec<Finding> {
    if !is_in(source, "core") {
        return Vec::new();
    }
    let is_impure = |path: &NamedPath| is_any(path, IO) || is_any(path, SCREEN) || is_any(path, CLOCKS);
    paths_that(source, is_impure, "the core has no I/O, screen or clock")
}

fn impure_update(source: &Source) -> Vec<Finding> {
    if !is_in(source, "tui/update") {
        return Vec::new();
    }
    let is_impure = |path: &NamedPath| is_any(path, IO) || is_any(path, CLOCKS) || is_any(path, LOCKS);
    paths_that(source, is_impure, "update has no I/O, clock or lock")
}

fn impure_views(source: &Source) -> Vec<Finding> {
    if !is_in(source, "tui/view") {
        return Vec::new();
    }
    let is_refused = |path: &NamedPath| {
        let is_told = [&["crate", "tui", "message"], &["crate", "tui", "effect"], &["crate", "tui", "update"]];
        is_told.iter().any(|wanted| path.begins_with(*wanted))
            || is_any(path, IO)
            || is_any(path, CLOCKS)
            || is_any(path, LOCKS)
            || path.begins_with(&["std", "io"])
    };
    paths_that(source, is_refused, "a view reads the model: no messages, effects, I/O, clock or lock")
}

fn colours_outside_the_theme(source: &Source) -> Vec<Finding> {
    if is_in(source, "tui/theme") || source.is_test() {
        return Vec::new();
    }
    let code = source.code();
    let lines = (1..).zip(code.lines());
    let named = lines.filter(|(_, line)| ["Color::", ".fg(", ".bg("].iter().any(|wanted| line.contains(wanted)));
    named.map(|(line, text)| source.finding(line, format!("`{}`: only the theme names colours", text.trim()))).collect()
}

fn bare_terminal_events(source: &Source) -> Vec<Finding> {
    let is_bare = |path: &NamedPath| {
        path.begins_with(&["crossterm", "event", "Event"]) && path.parts.len() == 3 && !path.is_renamed
    };
    paths_that(source, is_bare, "an event is a captured request: import the terminal's under another name")
}

fn bare_commands(source: &Source) -> Vec<Finding> {
    if source.name == "src/child.rs" || source.is_test() {
        return Vec::new();
    }
    let code = source.code();
    let lines = (1..).zip(code.lines()).filter(|(_, line)| line.contains("Command::new("));
    lines
        .map(|(line, _)| source.finding(line, "`crate::child` starts programs: they must not get the secret"))
        .collect()
}

fn long_files(source: &Source) -> Vec<Finding> {
    let lines = source.text.lines().count();
    let finding = || source.finding(MAX_LINES + 1, format!("{lines} lines; {MAX_LINES} are allowed"));
    (lines > MAX_LINES).then(finding).into_iter().collect()
}

fn files_without_a_purpose(source: &Source) -> Vec<Finding> {
    let is_said = source.text.starts_with("//! ");
    let finding = || source.finding(1, "a file begins with `//!` and what it is for");
    (!is_said).then(finding).into_iter().collect()
}

#[track_caller]
fn holds(folders: &[&str], rule: fn(&Source) -> Vec<Finding>) {
    let findings: Vec<_> = sources(folders).iter().flat_map(rule).map(|finding| finding.to_string()).collect();
    assert!(findings.is_empty(), "\n{}\n", findings.join("\n"));
}

/// The lines that `rule` finds in a file with this text.
fn found(rule: fn(&Source) -> Vec<Finding>, name: &str, text: &str) -> Vec<usize> {
    rule(&Source::new(name, text)).into_iter().map(|finding| finding.line).collect()
}

#[test]
fn the_core_is_pure() {
    holds(&["src"], impure_core);
}

#[test]
fn update_performs_no_io() {
    holds(&["src"], impure_update);
}

#[test]
fn views_only_read() {
    holds(&["src"], impure_views);
}

#[test]
fn only_the_theme_names_colours() {
    holds(&["src"], colours_outside_the_theme);
}

#[test]
fn the_terminals_event_is_never_imported_bare() {
    holds(&["src"], bare_terminal_events);
}

#[test]
fn every_program_is_started_without_the_secret() {
    holds(&["src"], bare_commands);
}

#[test]
fn no_file_is_longer_than_500_lines() {
    holds(&["src", "benches", "tests"], long_files);
}

#[test]
fn every_file_begins_with_a_module_comment() {
    holds(&["src", "benches", "tests"], files_without_a_purpose);
}

#[test]
fn io_a_screen_or_a_clock_in_the_core_is_found() {
    for line in [
        "use tokio::sync::mpsc;",
        "use std::{fmt, fs};",
        "let now = jiff::Timestamp::now();",
        "use std::time::Instant;",
        "fn f(area: ratatui::layout::Rect) {}",
    ] {
        assert_eq!(found(impure_core, "src/core/json/scan.rs", &format!("//! x\n{line}\n")), [2], "{line}");
    }
    let fine = "use jiff::Timestamp;\nuse crate::core::event;\n// std::fs\nlet a = \"std::fs\";\n";
    assert!(found(impure_core, "src/core/json/scan.rs", fine).is_empty());
}

#[test]
fn a_clock_in_update_is_found() {
    let text = "use super::model::Model;\nlet now = Timestamp::now();\n";
    assert_eq!(found(impure_update, "src/tui/update/keys.rs", text), [2]);
}

#[test]
fn messages_files_a_clock_or_a_lock_in_a_view_are_found() {
    for line in [
        "use crate::tui::message::Message;",
        "use super::super::effect::Effect;",
        "use std::fs::File;",
        "let now = Timestamp::now();",
        "use std::sync::Mutex;",
    ] {
        assert_eq!(found(impure_views, "src/tui/view/list.rs", line), [1], "{line}");
    }
}

#[test]
fn a_colour_in_a_view_is_found() {
    let text = "let a = Color::Red;\nlet b = Style::new().fg(x);\nlet c = style\n    .bg(y);\n// Color::Red\n";
    assert_eq!(found(colours_outside_the_theme, "src/tui/view/list.rs", text), [1, 2, 4]);
}

#[test]
fn a_bare_import_of_the_terminals_event_is_found_and_a_renamed_one_is_not() {
    assert_eq!(found(bare_terminal_events, "src/tui/mod.rs", "use crossterm::event::{Event, KeyEvent};\n"), [1]);
    assert!(
        found(bare_terminal_events, "src/tui/mod.rs", "use crossterm::event::{Event as E, KeyEvent};\n").is_empty()
    );
}

#[test]
fn starting_a_program_with_the_secret_is_found() {
    let text =
        "//! x\nlet child = Command::new(\"sh\");\n// Command::new(\nlet b = tokio::process::Command::new(name);\n";
    assert_eq!(found(bare_commands, "src/tui/editor.rs", text), [2, 4]);
    assert!(found(bare_commands, "src/child.rs", text).is_empty());
}

#[test]
fn a_long_file_and_one_without_a_purpose_are_found() {
    assert_eq!(found(long_files, "src/x.rs", &"\n".repeat(501)), [501]);
    assert!(found(long_files, "src/x.rs", &"\n".repeat(500)).is_empty());
    assert_eq!(found(files_without_a_purpose, "src/x.rs", "use std::fmt;\n"), [1]);
    assert!(found(files_without_a_purpose, "src/x.rs", "//! What it is for.\n").is_empty());
}
