//! `hookglass explain`: the page of a reason, or the list of all reasons.

use super::WIDTH;
use super::output::{Output, checked};
use crate::cli::ExplainArgs;
use crate::commands::Failure;
use crate::core::diagnosis::{Page, broken, pages};
use crate::core::printable::Printable;
use std::io::Write;
use std::process::ExitCode;

pub(super) fn run(args: &ExplainArgs) -> Result<ExitCode, Failure> {
    let text = match args.reason.as_deref() {
        None => list(&pages()),
        Some(asked) => match (Page::find(asked), Page::beginning_with(asked)) {
            (Some(page), _) => text(&page),
            (None, several) if !several.is_empty() => list(&several),
            (None, _) => return Err(unknown(asked)),
        },
    };
    let mut out = Output::stdout();
    checked(out.write_all(text.as_bytes()).and_then(|()| out.finish()))?;
    Ok(ExitCode::SUCCESS)
}

fn unknown(asked: &str) -> Failure {
    let hint = match Page::nearest(asked) {
        Some(nearest) => format!("did you mean `hookglass explain {nearest}`?"),
        None => "list the reasons with `hookglass explain`".to_owned(),
    };
    Failure::with_hint(format!("there is no reason `{asked}`"), hint)
}

fn text(page: &Page) -> String {
    let mut text = String::new();
    for row in page.lines().into_iter().flat_map(|line| line.rows(WIDTH)) {
        let bytes: Vec<u8> = row.into_iter().flat_map(|(_, bytes)| bytes).collect();
        text.push_str(Printable::from_bytes(&bytes).trim_end());
        text.push('\n');
    }
    text
}

/// A row for each reason: its word, and what it means.
fn list(pages: &[Page]) -> String {
    let columns = pages.iter().map(|page| page.slug.len()).max().unwrap_or(0);
    let mut text = String::new();
    for page in pages {
        for (slug, why) in broken(&format!("{:columns$}  ", page.slug), page.in_short(), WIDTH) {
            text.push_str(&format!("{slug}{why}\n"));
        }
    }
    text
}
