//! No file depends on itself through others, except where an algorithm is recursive.

use super::sources::{Source, sources};
use std::collections::{BTreeMap, BTreeSet};

/// The diagnosis of a request: once one problem is undone, the same steps look for what remains.
const RECURSIVE: &str = "src/core/diagnosis/";

/// The files that each file uses, by name.
type Edges = BTreeMap<String, BTreeSet<String>>;

/// The modules, and the names that they re-export.
struct Modules {
    /// `core::json` → its file.
    files: BTreeMap<Vec<String>, String>,
    /// (module, name) → the path that `pub use` re-exports under that name.
    re_exports: BTreeMap<(Vec<String>, String), Vec<String>>,
}

impl Modules {
    fn of(sources: &[Source]) -> Self {
        let files = sources.iter().map(|source| (source.path()[1..].to_vec(), source.name.clone())).collect();
        let mut modules = Self { files, re_exports: BTreeMap::new() };
        for source in sources {
            let module = source.path()[1..].to_vec();
            for path in source.re_exports() {
                let path = modules.absolute(&module, &path);
                let Some(name) = path.last().cloned() else { continue };
                modules.re_exports.insert((module.clone(), name), path);
            }
        }
        modules
    }

    /// A path in `module` as a path from the crate root. A submodule may be named without `self::`.
    fn absolute(&self, module: &[String], path: &[String]) -> Vec<String> {
        if path[0] == "crate" {
            return path[1..].to_vec();
        }
        [module, path].concat()
    }

    /// The file that defines what the path names.
    fn file(&self, path: &[String]) -> Option<&String> {
        let mut path = path.to_vec();
        // Names are re-exported a few times at most.
        for _ in 0..8 {
            let length = (1..=path.len()).rev().find(|length| self.files.contains_key(&path[..*length]))?;
            let (module, rest) = path.split_at(length);
            let re_exported = rest.first().and_then(|name| self.re_exports.get(&(module.to_vec(), name.clone())));
            match re_exported {
                Some(target) => path = [target.as_slice(), &rest[1..]].concat(),
                None => return self.files.get(module),
            }
        }
        None
    }
}

fn edges(sources: &[Source]) -> Edges {
    let modules = Modules::of(sources);
    let mut edges = Edges::new();
    for source in sources.iter().filter(|source| !source.is_test()) {
        let module = &source.path()[1..];
        let named = source.own_paths().into_iter().filter_map(|path| {
            let is_beneath = || modules.files.contains_key(&[module, &path.parts[..1]].concat());
            let is_ours = path.parts[0] == "crate" && path.parts.len() > 1 || path.parts.len() > 1 && is_beneath();
            is_ours.then(|| modules.absolute(module, &path.parts))
        });
        // The module file of a folder and the files in the folder may use each other.
        let is_counted = |file: &String| *file != source.name && !is_face_of(file, &source.name);
        let files = named.filter_map(|path| modules.file(&path).cloned()).filter(is_counted);
        edges.entry(source.name.clone()).or_default().extend(files);
    }
    edges
}

/// Whether `face` is the module file of a folder that contains `file`: `a/mod.rs`, or `a.rs` beside the folder.
fn is_face_of(face: &str, file: &str) -> bool {
    let folder = face.strip_suffix("mod.rs").map_or_else(|| face.replace(".rs", "/"), str::to_owned);
    file.starts_with(&folder)
}

fn reachable(edges: &Edges, from: &str) -> BTreeSet<String> {
    let (mut found, mut waiting) = (BTreeSet::new(), vec![from.to_owned()]);
    while let Some(file) = waiting.pop() {
        for next in edges.get(&file).into_iter().flatten() {
            if found.insert(next.clone()) {
                waiting.push(next.clone());
            }
        }
    }
    found
}

/// The files that reach themselves, each group once.
fn cycles(edges: &Edges) -> Vec<BTreeSet<String>> {
    let reached: BTreeMap<_, _> = edges.keys().map(|file| (file, reachable(edges, file))).collect();
    let mut cycles = BTreeSet::new();
    for (file, reach) in &reached {
        if reach.contains(*file) {
            let group = reach.iter().filter(|other| reached.get(other).is_some_and(|back| back.contains(*file)));
            cycles.insert(group.cloned().collect::<BTreeSet<_>>());
        }
    }
    cycles.into_iter().collect()
}

#[test]
fn no_files_import_each_other_in_a_cycle() {
    let edges = edges(&sources(&["src"]));
    assert!(edges.values().map(BTreeSet::len).sum::<usize>() > 500, "no imports were found");
    let refused: Vec<_> = cycles(&edges)
        .into_iter()
        .filter(|cycle| !cycle.iter().all(|file| file.starts_with(RECURSIVE)))
        .map(|cycle| {
            let lines = cycle.iter().map(|file| {
                let to: Vec<_> = edges[file].intersection(&cycle).map(String::as_str).collect();
                format!("  {file} -> {}\n", to.join(", "))
            });
            lines.collect::<String>()
        })
        .collect();
    assert!(refused.is_empty(), "these files import each other:\n{}", refused.join("\n"));
}

#[test]
fn a_cycle_through_re_exported_names_is_found() {
    let sources = [
        Source::new("src/a/mod.rs", "mod b;\npub use b::B;\nuse crate::c::C;\n"),
        Source::new("src/a/b.rs", "use crate::c::C;\nfn f() { super::super::d::g() }\n"),
        Source::new("src/c.rs", "use crate::a::B;\n"),
        Source::new("src/d.rs", "pub fn g() {}\n"),
    ];
    let edges = edges(&sources);
    assert!(edges["src/a/b.rs"].contains("src/d.rs"));
    let expected: BTreeSet<_> = ["src/a/b.rs", "src/c.rs"].map(str::to_owned).into();
    assert_eq!(cycles(&edges), [expected]);
}
