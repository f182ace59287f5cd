//! The help text that lists the terms of filters.

use crate::core::diagnosis::broken;
use crate::core::filter::{Field, State};

/// Columns of the longest example, with the space behind it.
const EXAMPLE_COLUMNS: usize = 28;
/// Columns that are left of 100 beside clap's indentation.
const COLUMNS: usize = 88;

/// The long help of `--filter`: every term with an example, and how terms are joined.
pub(super) fn help() -> String {
    let mut text = "Only events that match, e.g. 'reason:timestamp* type:user.*'\n\n".to_owned();
    let states: Vec<_> = State::ALL.into_iter().filter(|state| *state != State::Marked).map(State::word).collect();
    for field in Field::ALL {
        let meaning = match field {
            Field::Is => format!("events in this state: {}", states.join(", ")),
            _ => field.selects().replace('`', ""),
        };
        for (label, line) in broken(&format!("{:EXAMPLE_COLUMNS$}", field.example()), &meaning, COLUMNS) {
            text += &format!("{label}{line}\n");
        }
    }
    text + "jane \"test user\"            words and quoted texts in the summary or the body\n\n\
            `*` stands for any text. Terms joined by a space must all match; OR, NOT or -, and\n\
            parentheses work as usual. Saved filters of the configuration are @NAME."
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::filter::Filter;

    #[test]
    fn every_term_is_listed_with_an_example_that_fits() {
        let help = help();
        for field in Field::ALL {
            assert!(field.example().len() < EXAMPLE_COLUMNS && help.contains(field.example()), "{field:?}");
        }
        assert!(help.lines().all(|line| line.chars().count() <= COLUMNS), "{help}");
        assert!(Filter::parse("jane \"test user\"").is_ok());
    }
}
