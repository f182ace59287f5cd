//! The links of the pages: what they name exists, down to the heading.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::path::{Component, Path, PathBuf};

/// Folders with pages, besides the root's own.
const FOLDERS: [&str; 3] = [".github", "docs", "tests"];

/// A page with code and comments blanked out.
struct Page {
    lines: Vec<String>,
}

impl Page {
    fn new(text: &str) -> Self {
        let mut fence = None;
        let mut is_comment = false;
        let mut lines = Vec::new();
        for line in text.lines() {
            let start = line.trim_start();
            let mark = ["```", "~~~"].into_iter().find(|mark| start.starts_with(mark));
            let is_shown = match (fence, mark) {
                (None, Some(mark)) => {
                    fence = Some(mark);
                    false
                }
                (Some(open), Some(mark)) if open == mark => {
                    fence = None;
                    false
                }
                (open, _) => open.is_none(),
            };
            is_comment |= is_shown && start.starts_with("<!--");
            lines.push(if is_shown && !is_comment { without_code(line) } else { String::new() });
            is_comment &= !line.contains("-->");
        }
        Self { lines }
    }

    /// Where the links and pictures of the page lead, with the number of the line.
    fn links(&self) -> Vec<(usize, String)> {
        let mut links = Vec::new();
        for (place, line) in self.lines.iter().enumerate() {
            let inline = line.split("](").skip(1).filter_map(|rest| rest.split([')', ' ']).next());
            let html = ["href=\"", "src=\""].into_iter().flat_map(|name| line.split(name).skip(1));
            let html = html.filter_map(|rest| rest.split('"').next());
            let defined = line.strip_prefix('[').and_then(|rest| rest.split_once("]: ")).map(|(_, to)| to.trim());
            links.extend(inline.chain(html).chain(defined).map(|to| (place + 1, to.to_owned())));
        }
        links
    }

    /// The anchors of the headings, as GitHub and mdBook make them.
    fn anchors(&self) -> BTreeSet<String> {
        let mut seen = HashMap::new();
        let headings = self.lines.iter().filter_map(|line| {
            let text = line.trim_start_matches('#');
            (text.len() < line.len()).then(|| text.strip_prefix(' ')).flatten()
        });
        headings
            .map(|heading| {
                let anchor = anchor(heading.trim());
                let count = seen.entry(anchor.clone()).and_modify(|count| *count += 1).or_insert(0);
                if *count == 0 { anchor } else { format!("{anchor}-{count}") }
            })
            .collect()
    }
}

/// In headings the words of code count, but a link in code is none.
fn without_code(line: &str) -> String {
    let is_heading = line.starts_with('#');
    let parts = line.split('`').enumerate().map(|(place, part)| {
        let is_code = place % 2 == 1;
        if is_code && !is_heading { "" } else { part }
    });
    parts.collect()
}

fn anchor(heading: &str) -> String {
    // Only the text of a link counts in a heading.
    let text: String = heading.split("](").enumerate().fold(String::new(), |text, (place, part)| {
        text + if place == 0 { part } else { part.split_once(')').map_or("", |(_, rest)| rest) }
    });
    let is_part = |letter: &char| letter.is_alphanumeric() || matches!(letter, ' ' | '-' | '_');
    text.to_lowercase().chars().filter(is_part).map(|letter| if letter == ' ' { '-' } else { letter }).collect()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn pages_in(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            pages_in(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "md") {
            found.push(path);
        }
    }
}

/// The pages by their path from the root.
fn pages() -> BTreeMap<PathBuf, Page> {
    let mut found: Vec<_> = fs::read_dir(root()).unwrap().map(|entry| entry.unwrap().path()).collect();
    found.retain(|path| path.extension().is_some_and(|extension| extension == "md"));
    for folder in FOLDERS {
        pages_in(&root().join(folder), &mut found);
    }
    let page = |path: PathBuf| {
        let text = fs::read_to_string(&path).unwrap();
        (path.strip_prefix(root()).unwrap().to_owned(), Page::new(&text))
    };
    found.into_iter().map(page).collect()
}

/// `to`, seen from the folder of `page`, as a path from the root. `None` if it leaves the repository.
fn resolved(page: &Path, to: &str) -> Option<PathBuf> {
    let mut path = page.parent().unwrap().to_owned();
    for part in Path::new(to).components() {
        match part {
            Component::ParentDir => path.pop().then_some(())?,
            Component::Normal(name) => path.push(name),
            Component::CurDir => {}
            Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    Some(path)
}

/// Why the link `to` of `page` leads nowhere.
fn broken(pages: &BTreeMap<PathBuf, Page>, page: &Path, to: &str) -> Option<&'static str> {
    if ["https://", "http://", "mailto:"].iter().any(|scheme| to.starts_with(scheme)) {
        return None;
    }
    let (file, anchor) = to.split_once('#').map_or((to, None), |(file, anchor)| (file, Some(anchor)));
    let path = if file.is_empty() { Some(page.to_owned()) } else { resolved(page, file) };
    let Some(path) = path else { return Some("it leaves the repository") };
    if !pages.contains_key(&path) && !root().join(&path).exists() {
        return Some("there is no such file");
    }
    let anchor = anchor?;
    let Some(target) = pages.get(&path) else { return Some("only pages have headings") };
    (!target.anchors().contains(anchor)).then_some("the page has no such heading")
}

#[test]
fn every_link_leads_to_a_file_and_a_heading() {
    let pages = pages();
    let links = pages.iter().flat_map(|(name, page)| page.links().into_iter().map(move |link| (name, link)));
    let mut count = 0;
    let broken: Vec<_> = links
        .inspect(|_| count += 1)
        .filter_map(|(name, (line, to))| {
            let why = broken(&pages, name, &to)?;
            Some(format!("{}:{line}: `{to}`: {why}", name.display()))
        })
        .collect();
    assert!(broken.is_empty(), "\n{}", broken.join("\n"));
    assert!(count > 10, "links are not read: {count}");
}

/// The paths that `include` in Cargo.toml packages.
fn packaged() -> Vec<PathBuf> {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let line = manifest.lines().find_map(|line| line.strip_prefix("include = [")).unwrap();
    line.trim_end_matches(']').split(", ").map(|name| PathBuf::from(name.trim_matches(['"', '/']))).collect()
}

#[test]
fn every_link_of_a_packaged_page_leads_to_a_packaged_file() {
    let (packaged, pages) = (packaged(), pages());
    let is_packaged = |path: &Path| packaged.iter().any(|included| path.starts_with(included));
    let mut lost = Vec::new();
    for (name, page) in pages.iter().filter(|(name, _)| is_packaged(name)) {
        for (line, to) in page.links() {
            let file = to.split('#').next().unwrap_or_default();
            if file.is_empty() || file.contains(':') {
                continue;
            }
            if !resolved(name, file).is_some_and(|path| is_packaged(&path)) {
                lost.push(format!("{}:{line}: `{to}`", name.display()));
            }
        }
    }
    assert!(is_packaged(Path::new("README.md")) && is_packaged(Path::new("docs/README.md")), "{packaged:?}");
    assert!(lost.is_empty(), "not in `include`:\n{}", lost.join("\n"));
}

#[test]
fn every_page_of_the_book_is_in_its_summary() {
    let pages = pages();
    let summary = Path::new("docs/SUMMARY.md");
    let listed: BTreeSet<_> = pages[summary].links().iter().filter_map(|(_, to)| resolved(summary, to)).collect();
    let is_lost = |name: &&PathBuf| name.starts_with("docs") && *name != summary && !listed.contains(*name);
    let lost: Vec<_> = pages.keys().filter(is_lost).collect();
    assert!(lost.is_empty(), "{lost:?}");
}

#[test]
fn a_broken_link_is_found() {
    let page = "# Two `words`, one\n\n## Again\n\n## Again\n\n`[code](missing)`\n\n```\n[block](missing)\n```\n\n<!--\n[comment](missing)\n-->\n";
    let name = PathBuf::from("docs/page.md");
    let mut pages = BTreeMap::from([(name.clone(), Page::new(page))]);
    assert_eq!(pages[&name].links(), []);
    for (to, is_broken) in [
        ("#two-words-one", false),
        ("#again-1", false),
        ("#again-2", true),
        ("#Again", true),
        ("../Cargo.toml", false),
        ("../Cargo.toml#package", true),
        ("missing.md", true),
        ("../../elsewhere", true),
        ("/etc/passwd", true),
        ("https://example.com/missing#x", false),
    ] {
        assert_eq!(broken(&pages, &name, to).is_some(), is_broken, "{to}");
    }
    for text in
        ["[a](b.md)", "![a](b.md)", "[a](b.md \"title\")", "[a]: b.md", "<img src=\"b.md\">", "<a href=\"b.md\">"]
    {
        pages.insert(name.clone(), Page::new(text));
        assert_eq!(pages[&name].links(), [(1, "b.md".to_owned())], "{text}");
    }
}
