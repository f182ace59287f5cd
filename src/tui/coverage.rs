//! Which event types arrived, verified and were accepted by the app, as lines of text.

use super::help::Pieces;
use super::theme::Role;
use crate::core::coverage::{Coverage, Level};
use crate::core::numbers::grouped;

/// The columns of one count.
const COUNT: usize = 10;
/// The fewest columns of a name.
const MIN_NAME: usize = 12;

/// The summary, then a line for each webhook type, and for each other type that arrived. None is wider than `width`.
pub(crate) fn lines(coverage: &Coverage, width: usize) -> Vec<Pieces> {
    let shown: Vec<_> = coverage.0.iter().filter(|each| each.is_current_webhook() || each.seen > 0).collect();
    let longest = shown.iter().map(|each| each.name.chars().count()).max().unwrap_or_default();
    let room = width.saturating_sub(3 * COUNT).max(MIN_NAME);
    let name_columns = longest.min(room);
    let mut lines = vec![vec![(Role::Text, coverage.summary())], Vec::new()];
    let heading = format!("{:name_columns$}{:>COUNT$}{:>COUNT$}{:>COUNT$}", "", "seen", "verified", "accepted");
    lines.push(vec![(Role::Dim, heading)]);
    lines.extend(shown.into_iter().map(|each| {
        let name = shortened(&each.name, name_columns);
        let role = if each.level() == Level::Never { Role::Dim } else { Role::Text };
        let counts = [each.seen, each.verified, each.accepted].map(|count| {
            let text = if count == 0 { "-".to_owned() } else { grouped(count) };
            (if count == 0 { Role::Dim } else { Role::Strong }, format!("{text:>COUNT$}"))
        });
        std::iter::once((role, format!("{name:name_columns$}"))).chain(counts).collect()
    }));
    lines
}

/// The end of a name, which tells types apart.
fn shortened(name: &str, columns: usize) -> String {
    let count = name.chars().count();
    if count <= columns {
        return name.to_owned();
    }
    std::iter::once('…').chain(name.chars().skip(count + 1 - columns)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::index::Index;
    use crate::core::index::tests::summary;
    use crate::core::signature::Verdict;

    #[test]
    fn every_webhook_type_has_a_line_that_fits() {
        let mut index = Index::default();
        index.push(&summary(1, "user.signup", Verdict::Verified));
        index.push(&summary(2, &"x".repeat(300), Verdict::Verified));
        for width in [42, 76, 120] {
            let lines = lines(&Coverage::of(&index), width);
            assert_eq!(lines.len(), 3 + 42);
            let rows = lines.iter().skip(2).map(|line| line.iter().map(|(_, text)| text.as_str()).collect::<String>());
            let rows: Vec<_> = rows.collect();
            assert!(rows.iter().all(|row| row.chars().count() <= width), "{rows:#?}");
            let row = rows.iter().find(|row| row.starts_with("user.signup") || row.starts_with("user.sign")).unwrap();
            assert!(row.ends_with("         1         1         -"), "{row}");
        }
    }
}
