//! Which events a filter chooses.

use super::{Condition, Filter};
use crate::core::index::{Index, Row};
use memchr::memmem::Finder;

impl Filter {
    /// The positions in `index`, from `from` on, that the filter chooses, ascending.
    pub fn select(&self, index: &Index, from: usize) -> Vec<usize> {
        let tests: Vec<(bool, Test)> =
            self.terms.iter().map(|term| (term.is_negated, Test::new(&term.condition, index))).collect();
        let mut scratch = String::new();
        (from..index.len())
            .filter(|&position| {
                let row = index.row(position);
                tests.iter().all(|(is_negated, test)| test.holds(&row, &mut scratch) != *is_negated)
            })
            .collect()
    }
}

/// A condition made ready to be asked of many rows.
enum Test<'a> {
    /// Whether each type of the index matches.
    Types(Vec<bool>),
    Is(crate::core::signature::Verdict),
    Text {
        finder: Finder<'a>,
        is_case_exact: bool,
    },
}

impl<'a> Test<'a> {
    fn new(condition: &'a Condition, index: &Index) -> Self {
        match condition {
            Condition::Type(glob) => Self::Types(index.types().map(|seen| glob_matches(glob, seen.name)).collect()),
            Condition::Is(verdict) => Self::Is(*verdict),
            Condition::Text(text) => {
                Self::Text { finder: Finder::new(text), is_case_exact: text.chars().any(char::is_uppercase) }
            }
        }
    }

    fn holds(&self, row: &Row<'_>, scratch: &mut String) -> bool {
        match self {
            Self::Types(matching) => matching[row.type_id as usize],
            Self::Is(verdict) => row.verdict == *verdict,
            Self::Text { finder, is_case_exact } => {
                [row.event_type, row.subject, row.event_id, row.webhook_id, row.organization_id, row.path, row.reason]
                    .iter()
                    .any(|text| {
                        if *is_case_exact {
                            return finder.find(text.as_bytes()).is_some();
                        }
                        scratch.clear();
                        if text.is_ascii() {
                            scratch.push_str(text);
                            scratch.make_ascii_lowercase();
                        } else {
                            scratch.extend(text.chars().flat_map(char::to_lowercase));
                        }
                        finder.find(scratch.as_bytes()).is_some()
                    })
            }
        }
    }
}

/// Whether `text` matches `glob` as a whole, without regard to ASCII case; `*` is any run, `?` one byte. Linear but for the last star.
fn glob_matches(glob: &str, text: &str) -> bool {
    let (glob, text) = (glob.as_bytes(), text.as_bytes());
    let (mut g, mut t) = (0, 0);
    let mut retry = None;
    while t < text.len() {
        match glob.get(g) {
            Some(b'*') => {
                retry = Some((g + 1, t));
                g += 1;
            }
            Some(&byte) if byte == b'?' || byte.eq_ignore_ascii_case(&text[t]) => {
                g += 1;
                t += 1;
            }
            _ => {
                let Some((after_star, from)) = retry else { return false };
                retry = Some((after_star, from + 1));
                (g, t) = (after_star, from + 1);
            }
        }
    }
    glob[g..].iter().all(|&byte| byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::index::tests::summary;
    use crate::core::signature::Verdict;

    fn chosen(filter: &str) -> Vec<usize> {
        let mut index = Index::default();
        index.push(&summary(1, "user.login", Verdict::Verified));
        index.push(&summary(2, "user.signup", Verdict::Invalid));
        index.push(&summary(3, "organization.created", Verdict::Unsigned));
        index.push(&summary(4, "", Verdict::Unchecked));
        Filter::parse(filter).unwrap().select(&index, 0)
    }

    #[test]
    fn terms_choose_events() {
        for (filter, positions) in [
            ("", &[0, 1, 2, 3][..]),
            ("type:user.*", &[0, 1]),
            ("type:user", &[]),
            ("type:*CREATED", &[2]),
            ("-type:user.*", &[2, 3]),
            ("is:invalid", &[1]),
            ("is:unchecked", &[3]),
            ("-is:verified type:user.*", &[1]),
            ("user2@EXAMPLE", &[]),
            ("user2@example", &[1]),
            ("wrong-secret", &[1]),
            ("\"msg_3\"", &[2]),
            ("evt_1 msg_1", &[0]),
        ] {
            assert_eq!(chosen(filter), positions, "{filter}");
        }
    }

    #[test]
    fn globs_match_as_a_whole() {
        for (glob, text, matches) in [
            ("*", "", true),
            ("a*b*c", "axxbyybzc", true),
            ("a*b", "abc", false),
            ("?", "", false),
            ("a?c", "abc", true),
        ] {
            assert_eq!(glob_matches(glob, text), matches, "{glob} {text}");
        }
    }
}
