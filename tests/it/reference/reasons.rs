//! `docs/reasons.md`, the list of all reasons, and a page for each in `docs/reasons/`.

use super::table;
use hookglass::core::diagnosis::{CHECK, FIX, HANDLERS, KNOWN, Page, pages};
use std::fmt::Write;

const INTRODUCTION: &str = "# Reasons

The reason says why a request is not verified. It is the same word on the screen, in `--json` output and in the filter
`reason:`. `hookglass explain REASON` prints its page, and `!` shows it on the screen.

hookglass proves a reason where it can: it undoes a change, and the result verifies. The Signature tab and
`hookglass verify` then show what verifies, the first difference and both texts. Where there is no proof, the text says
\"most likely\".

";

pub fn index() -> String {
    let link = |page: &Page| format!("[`{}`](reasons/{}.md)", page.slug, page.file_name());
    let rows =
        pages().into_iter().map(|page| [link(&page), format!("`{}`", page.short_name), page.in_short().to_owned()]);
    INTRODUCTION.to_owned() + &table(["Reason", "In lists", "What happened"], rows)
}

/// The names of the pages, and their texts.
pub fn all() -> impl Iterator<Item = (String, String)> {
    pages().into_iter().map(|page| (format!("../reasons/{}.md", page.file_name()), text(&page)))
}

fn text(page: &Page) -> String {
    let Page { slug, short_name, why, proof, next, handlers, check } = page;
    let mut text = format!("# `{slug}`\n\n{why}\n\nIn lists: `{short_name}`. [All reasons](../reasons.md).\n");
    write!(text, "\n## {KNOWN}\n\n{proof}\n\n## {FIX}\n\n{next}\n").unwrap();
    if !handlers.is_empty() {
        write!(text, "\n{HANDLERS}\n").unwrap();
    }
    for fix in handlers {
        write!(text, "\n### {}\n\n```{}\n{}\n```\n", fix.heading(), language(fix.framework), fix.code).unwrap();
    }
    write!(text, "\n## {CHECK}\n\n{check}\n").unwrap();
    text
}

/// The language of the code for `framework`, for its colours.
fn language(framework: &str) -> &'static str {
    match framework {
        "Express" | "Fastify" | "AWS Lambda" => "js",
        "Next.js" | "NestJS" | "Hono" => "ts",
        "FastAPI" | "Flask" | "Django" => "python",
        "Go net/http" => "go",
        "Spring" => "java",
        other => panic!("{other} needs a language"),
    }
}
