//! Which part of the program may import which.

use super::sources::{Finding, Source, sources};

/// A part of the program, as a path in the crate, and the parts that it may import besides itself. A file belongs to the longest
/// path that contains it. A part imports only parts above it.
const LAYERS: &[(&str, &[&str])] = &[
    ("core", &[]),
    ("config", &["core"]),
    ("child", &[]),
    ("entropy", &["core"]),
    ("log", &["core"]),
    ("store", &["core", "config", "entropy", "log"]),
    ("listener", &["core", "config", "log"]),
    ("client", &["core", "config"]),
    ("clipboard", &["core", "config", "child"]),
    ("app::process", &["core"]),
    ("app::history", &["core", "store"]),
    ("app::keyring", &["core"]),
    (
        "app::outbound",
        &[
            "core",
            "config",
            "child",
            "entropy",
            "log",
            "store",
            "client",
            "app::process",
            "app::history",
            "app::keyring",
        ],
    ),
    (
        "app::forward",
        &[
            "core",
            "config",
            "entropy",
            "store",
            "client",
            "listener",
            "app::process",
            "app::history",
            "app::keyring",
            "app::outbound",
        ],
    ),
    (
        "app::inbound",
        &[
            "core",
            "config",
            "store",
            "listener",
            "app::process",
            "app::history",
            "app::keyring",
            "app::outbound",
            "app::forward",
        ],
    ),
    ("app::tunnel", &["core", "store", "client"]),
    ("app::fixtures", &["core", "store"]),
    ("app::transfer", &["core", "store", "app::keyring", "app::inbound", "app::fixtures"]),
    ("app::accepted", &["core", "config"]),
    ("app::retention", &["core", "store", "log", "app::process"]),
    ("app::recent", &["core", "config"]),
    ("app::secret_file", &["core", "config", "child"]),
    ("app", &[]),
    ("tui", &["core", "child", "log"]),
    // What connects the screen to the rest.
    ("tui::executor", &["core", "config", "store", "clipboard", "app", "tui", "child"]),
    ("tui::editor", &["core", "tui", "child"]),
    ("tui::pager", &["core", "tui", "child"]),
    ("cli", &["core", "config"]),
    (
        "commands",
        &["core", "config", "log", "store", "listener", "client", "clipboard", "app", "tui", "cli", "child", "entropy"],
    ),
];

/// The loop of the screen, which also runs its executor.
const JOINT: &str = "src/tui/mod.rs";

fn is_below(path: &[String], part: &str) -> bool {
    let mut parts = path.iter().skip(1);
    part.split("::").all(|wanted| parts.next().is_some_and(|found| found == wanted))
}

fn is_ours(path: &[String]) -> bool {
    path.len() > 1 && path[0] == "crate" && LAYERS.iter().any(|(part, _)| is_below(path, first(part)))
}

fn first(part: &str) -> &str {
    part.split("::").next().unwrap_or(part)
}

/// The part that the module belongs to.
fn layer_of(module: &[String]) -> Option<&'static (&'static str, &'static [&'static str])> {
    LAYERS.iter().filter(|(part, _)| is_below(module, part)).max_by_key(|(part, _)| part.len())
}

fn imports_out_of_order(source: &Source) -> Vec<Finding> {
    if source.is_test() {
        return Vec::new();
    }
    let Some((part, allowed)) = layer_of(&source.path()) else { return Vec::new() };
    let is_joint = source.name == JOINT;
    let is_allowed = |path: &[String]| {
        is_below(path, part)
            || allowed.iter().any(|allowed| is_below(path, allowed))
            || is_joint && is_below(path, "app")
    };
    let refused = source.paths().into_iter().filter(|path| is_ours(&path.parts) && !is_allowed(&path.parts));
    refused
        .map(|path| source.finding(path.line, format!("`{}`: `{part}` must not import it", path.parts.join("::"))))
        .collect()
}

#[test]
fn each_layer_imports_only_earlier_ones() {
    super::holds(&["src"], imports_out_of_order);
}

#[test]
fn every_folder_is_in_the_table_of_layers() {
    let is_placed = |source: &Source| {
        matches!(source.name.as_str(), "src/lib.rs" | "src/main.rs") || layer_of(&source.path()).is_some()
    };
    let homeless: Vec<_> = sources(&["src"]).into_iter().filter(|source| !is_placed(source)).collect();
    assert!(homeless.is_empty(), "{:?}", homeless.iter().map(|source| &source.name).collect::<Vec<_>>());
}

#[test]
fn the_table_of_layers_is_in_order() {
    for (place, (part, allowed)) in LAYERS.iter().enumerate() {
        for other in *allowed {
            assert!(LAYERS[..place].iter().any(|(above, _)| above == other), "`{part}` is not below `{other}`");
        }
    }
}

#[test]
fn an_import_out_of_order_is_found() {
    for (name, line, is_refused) in [
        ("src/core/json/scan.rs", "use crate::store::Reader;", true),
        ("src/core/json/scan.rs", "use crate::{core::event, tui};", true),
        ("src/core/json/scan.rs", "use super::super::super::app::history;", true),
        ("src/config.rs", "use crate::store::Store;", true),
        ("src/store/writer.rs", "use crate::listener::bind;", true),
        ("src/clipboard/tmux.rs", "use super::super::client::Client;", true),
        ("src/app/outbound/send.rs", "use crate::app::forward::backlog::Backlog;", true),
        ("src/app/outbound/send.rs", "use crate::app::keyring::SharedKeyring;", false),
        ("src/app/inbound/ingest.rs", "use crate::tui::message::Message;", true),
        ("src/app/inbound/ingest.rs", "use crate::commands::Failure;", true),
        ("src/app/inbound/ingest.rs", "use crate::app::forward::forwarder::Forwarder;", false),
        ("src/tui/model/mod.rs", "use crate::app::history::feed::Feed;", true),
        ("src/tui/executor/jobs.rs", "use crate::app::history::feed::Feed;", false),
        ("src/tui/mod.rs", "use crate::app::process::signals::Signals;", false),
        ("src/commands/events.rs", "use crate::cli::EventsArgs;", false),
    ] {
        let findings = imports_out_of_order(&Source::new(name, &format!("//! x\n{line}\n")));
        assert_eq!(!findings.is_empty(), is_refused, "{name}: {line}");
    }
}

/// The table as `docs/architecture.md` shows it.
fn as_markdown() -> String {
    let row = |(part, allowed): &(&str, &[&str])| {
        let names = allowed.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        format!("| `{part}` | {} |\n", if names.is_empty() { "nothing" } else { &names })
    };
    let rows = LAYERS.iter().filter(|(part, _)| *part != "app").map(row);
    format!("| part | may import |\n| --- | --- |\n{}", rows.collect::<String>())
}

#[test]
fn the_page_on_the_architecture_shows_this_table() {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/architecture.md")).unwrap();
    let table = as_markdown();
    assert!(page.contains(&table), "docs/architecture.md must have this table:\n{table}");
}
