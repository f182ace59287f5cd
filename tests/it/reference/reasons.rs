//! `docs/reasons.md`: a section for each reason.

use hookglass::core::diagnosis::{Page, pages};
use std::fmt::Write;

const INTRODUCTION: &str = "# Reasons

The reason says why a request is not verified. It is the same word on the screen, in `--json` output and in the filter
`reason:`.

hookglass proves a reason where it can: it undoes a change, and the result verifies. The Signature tab and
`hookglass verify` then show what verifies, the first difference and both texts. Where there is no proof, the text says
\"most likely\".
";

pub fn page() -> String {
    let mut text = INTRODUCTION.to_owned();
    for Page { slug, short_name, why, proof, next } in pages() {
        let facts = [("In lists", short_name), ("How hookglass knows", proof), ("What to do", next)];
        write!(text, "\n## `{slug}`\n\n{why}\n\n").unwrap();
        for (name, fact) in facts {
            writeln!(text, "- **{name}:** {fact}").unwrap();
        }
    }
    text
}
