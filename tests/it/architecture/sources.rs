//! The Rust files of the repository, and the paths in each: `use a::{b, c}` is `a::b` and `a::c`.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

/// A file of the repository.
pub struct Source {
    /// The path from the root of the repository, with `/`.
    pub name: String,
    pub text: String,
}

/// A violation of a rule, with its place.
#[derive(Debug, PartialEq, Eq)]
pub struct Finding {
    pub file: String,
    /// From 1.
    pub line: usize,
    pub what: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.what)
    }
}

/// A path in the code.
pub struct NamedPath {
    pub line: usize,
    pub parts: Vec<String>,
    /// Whether `as` renames it.
    pub is_renamed: bool,
}

impl NamedPath {
    pub fn begins_with(&self, prefix: &[&str]) -> bool {
        self.parts.len() >= prefix.len() && self.parts.iter().zip(prefix).all(|(part, wanted)| part == wanted)
    }

    pub fn contains(&self, wanted: &[&str]) -> bool {
        self.parts.windows(wanted.len()).any(|parts| parts.iter().zip(wanted).all(|(part, wanted)| part == wanted))
    }
}

impl Source {
    pub fn new(name: &str, text: &str) -> Self {
        Self { name: name.to_owned(), text: text.to_owned() }
    }

    pub fn finding(&self, line: usize, what: impl Into<String>) -> Finding {
        Finding { file: self.name.clone(), line, what: what.into() }
    }

    /// Whether it contains only tests of another module.
    pub fn is_test(&self) -> bool {
        self.name.ends_with("/tests.rs") || self.name.contains("/tests/") || !self.name.starts_with("src/")
    }

    /// The code without comments, strings and the tests at its end. Line numbers stay the same.
    pub fn code(&self) -> String {
        let code = without_comments_and_texts(&self.text);
        let tests = code.find("#[cfg(test)]\nmod tests {").or_else(|| code.find("#[cfg(test)]\npub mod tests {"));
        code[..tests.unwrap_or(code.len())].to_owned()
    }

    /// Every path in the code, `super::` and `self::` resolved to `crate::`.
    pub fn paths(&self) -> Vec<NamedPath> {
        let mut paths = named_paths(&self.code());
        let module = self.module();
        for path in &mut paths {
            let ups = path.parts.iter().take_while(|part| *part == "super").count();
            let is_own = path.parts[0] == "self" && path.parts.len() > 1;
            if ups > 0 || is_own {
                let rest = path.parts.split_off(ups + usize::from(is_own));
                let above = &module[..module.len().saturating_sub(ups)];
                path.parts = std::iter::once("crate").chain(above.iter().copied()).map(str::to_owned).collect();
                path.parts.extend(rest);
            }
        }
        paths
    }

    /// The module path of this file, starting with `crate`.
    pub fn path(&self) -> Vec<String> {
        std::iter::once("crate").chain(self.module()).map(str::to_owned).collect()
    }

    /// The paths that `pub use` re-exports, with any visibility.
    pub fn re_exports(&self) -> Vec<Vec<String>> {
        let code = self.code();
        let statements = public_uses(&code).into_iter().map(|(start, end)| &code[start..end]);
        let mut text = String::new();
        statements.for_each(|statement| text.push_str(statement));
        Self { text, ..Self::new(&self.name, "") }.paths().into_iter().map(|path| path.parts).collect()
    }

    /// [`Source::paths`] without the re-exported ones.
    pub fn own_paths(&self) -> Vec<NamedPath> {
        let mut code = self.code();
        for (start, end) in public_uses(&code).into_iter().rev() {
            let blank = code[start..end].replace(|c: char| c != '\n', " ");
            code.replace_range(start..end, &blank);
        }
        Self { text: code, ..Self::new(&self.name, "") }.paths()
    }

    /// The modules from the crate's root down to this file.
    fn module(&self) -> Vec<&str> {
        let path = self.name.strip_prefix("src/").unwrap_or(&self.name).trim_end_matches(".rs");
        path.split('/').filter(|part| !matches!(*part, "mod" | "lib" | "main")).collect()
    }
}

/// The start, after the visibility, and the end of each `pub use` and `pub(…) use` statement.
fn public_uses(code: &str) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(start) = code[at..].find("pub").map(|start| at + start) {
        at = start + 3;
        let mut rest = &code[at..];
        if let Some(inner) = rest.strip_prefix('(') {
            rest = inner.find(')').map_or("", |end| &inner[end + 1..]);
        }
        let is_word = code[..start].is_empty() || code[..start].ends_with(['\n', ' ']);
        if let Some(statement) = rest.strip_prefix(" use ").filter(|_| is_word) {
            let begin = code.len() - statement.len();
            let end = begin + statement.find(';').map_or(statement.len(), |end| end + 1);
            found.push((begin, end));
            at = end;
        }
    }
    found
}

/// The `.rs` files under `folders` of the repository.
pub fn sources(folders: &[&str]) -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut waiting: Vec<PathBuf> = folders.iter().map(|folder| root.join(folder)).collect();
    let mut sources = Vec::new();
    while let Some(path) = waiting.pop() {
        if path.is_dir() {
            waiting.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
            sources.push(Source { name, text: fs::read_to_string(&path).unwrap() });
        }
    }
    sources.sort_by(|a, b| a.name.cmp(&b.name));
    assert!(sources.len() > folders.len(), "no sources in {folders:?}");
    sources
}

/// The text with comments, strings and character literals replaced by spaces.
fn without_comments_and_texts(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let length = blank_length(rest, out.chars().next_back());
        let taken = &rest[..length.unwrap_or(c.len_utf8())];
        if length.is_some() {
            out.extend(taken.chars().map(|c| if c == '\n' { '\n' } else { ' ' }));
        } else {
            out.push(c);
        }
        rest = &rest[taken.len()..];
    }
    out
}

/// The length of the comment, string or character literal at the start of `rest`.
fn blank_length(rest: &str, before: Option<char>) -> Option<usize> {
    let is_in_word = before.is_some_and(|c| c.is_alphanumeric() || c == '_');
    if rest.starts_with("//") {
        return Some(rest.find('\n').unwrap_or(rest.len()));
    }
    if rest.starts_with("/*") {
        return Some(rest.find("*/").map_or(rest.len(), |end| end + 2));
    }
    if !is_in_word && rest.starts_with('r') {
        let hashes = rest[1..].chars().take_while(|c| *c == '#').count();
        if rest[1 + hashes..].starts_with('"') {
            let close = format!("\"{}", "#".repeat(hashes));
            let start = 2 + hashes;
            return Some(rest[start..].find(&close).map_or(rest.len(), |end| start + end + close.len()));
        }
    }
    if rest.starts_with('"') {
        return Some(escaped_end(rest, '"'));
    }
    // In a lifetime, no quote follows the first character.
    let is_character = rest.starts_with("'\\") || rest.starts_with('\'') && rest.chars().nth(2) == Some('\'');
    is_character.then(|| escaped_end(rest, '\''))
}

fn escaped_end(rest: &str, quote: char) -> usize {
    let mut is_escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            c if c == quote => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

fn named_paths(code: &str) -> Vec<NamedPath> {
    let tokens = tokens(code);
    let mut paths = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        at = if is_name(tokens[at].1) { path(&tokens, at, &[], &mut paths) } else { at + 1 };
    }
    paths
}

/// Reads the path at `at`, with its groups, and returns the position after it.
fn path(tokens: &[(usize, &str)], mut at: usize, prefix: &[String], paths: &mut Vec<NamedPath>) -> usize {
    let mut parts = prefix.to_vec();
    let line = tokens[at].0;
    let is = |at: usize, wanted: &str| tokens.get(at).is_some_and(|token| token.1 == wanted);
    loop {
        parts.push(tokens[at].1.to_owned());
        at += 1;
        if !is(at, "::") {
            break;
        }
        at += 1;
        if is(at, "{") {
            at += 1;
            while at < tokens.len() && !is(at, "}") {
                at = if is_name(tokens[at].1) { path(tokens, at, &parts, paths) } else { at + 1 };
            }
            return at + 1;
        }
        if !tokens.get(at).is_some_and(|token| is_name(token.1)) {
            break;
        }
    }
    let is_renamed = is(at, "as");
    paths.push(NamedPath { line, parts, is_renamed });
    if is_renamed { at + 2 } else { at }
}

fn is_name(token: &str) -> bool {
    token.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

/// Names, `::` and single characters, each with its line.
fn tokens(code: &str) -> Vec<(usize, &str)> {
    let mut tokens = Vec::new();
    for (number, line) in (1..).zip(code.lines()) {
        let mut rest = line.trim_start();
        while let Some(first) = rest.chars().next() {
            let word = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
            let length = match word {
                0 if rest.starts_with("::") => 2,
                0 => first.len_utf8(),
                word => word,
            };
            tokens.push((number, &rest[..length]));
            rest = rest[length..].trim_start();
        }
    }
    tokens
}

#[test]
fn paths_are_found_in_groups_across_lines_and_with_super() {
    let text = "use std::{io, fs::{self, File}};\nuse super::\n  super::Thing as Other; // tokio::spawn\nlet a = \"axum::x\";\n";
    let paths = Source::new("src/tui/view/list.rs", text).paths();
    let names: Vec<_> = paths.iter().map(|path| (path.line, path.parts.join("::"))).collect();
    for expected in [(1, "std::io"), (1, "std::fs::self"), (1, "std::fs::File"), (2, "crate::tui::Thing")] {
        assert!(names.contains(&(expected.0, expected.1.to_owned())), "{expected:?} in {names:?}");
    }
    assert!(!names.iter().any(|(_, name)| name.contains("tokio") || name.contains("axum")), "{names:?}");
    assert!(paths.iter().any(|path| path.is_renamed));
}
