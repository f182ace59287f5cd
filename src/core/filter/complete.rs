//! Completes a filter while it is typed, and says what the term at the cursor searches.

use super::lex::{self, Kind};
use super::print::value;
use super::saved::SavedFilters;
use super::terms::{Field, State};
use crate::core::check::Check;
use crate::core::index::{Index, NO_TYPE, Shared};
use crate::core::signature::Reason;
use std::ops::Range;

/// The most completions of one term.
const MAX_COMPLETIONS: usize = 64;
/// The most texts of one kind that are looked through.
const MAX_TEXTS: usize = 20_000;

/// Headers that webhooks have.
const HEADERS: [&str; 7] = [
    "header.content-type:",
    "header.user-agent:",
    "header.webhook-id:",
    "header.webhook-signature:",
    "header.webhook-timestamp:",
    "header.x-forwarded-for:",
    "header.x-forwarded-proto:",
];
/// Places in the bodies of Scalekit's events.
const PATHS: [&str; 8] = [
    "data.email:",
    "data.id:",
    "data.name:",
    "data.organization_id:",
    "data.user.email:",
    "data.user.id:",
    "data.organization.id:",
    "data.organization.name:",
];
const STATUSES: [&str; 5] = ["2xx", "4xx", "5xx", "401", "500"];
const SIZES: [&str; 3] = [">10kb", ">100kb", ">1mb"];
const TIMES: [&str; 4] = ["10m", "1h", "1d", "12:00"];

/// What can be typed at the cursor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completions {
    /// The bytes of the filter to replace.
    pub range: Range<usize>,
    /// What to replace them with, the best first.
    pub texts: Vec<String>,
    /// What the term searches, in words.
    pub searched: String,
}

/// The completions of `text` at byte `cursor`, from the events in `index` and the `saved` filters.
///
/// # Panics
/// When `cursor` is not between two characters of `text`.
pub fn completions(text: &str, cursor: usize, index: &Index, saved: &SavedFilters) -> Completions {
    let tokens = lex::tokens(&text[..cursor]);
    let word = tokens.last().filter(|token| token.span.end == cursor).and_then(|token| match &token.kind {
        Kind::Word(word) if word.is_open || !word.is_quoted => Some((word, token.span.clone())),
        _ => None,
    });
    let Some((word, span)) = word else {
        return Completions { range: cursor..cursor, texts: terms("", saved), searched: any_text() };
    };
    match word.field {
        Some(name) => {
            let field = Field::find(name);
            let texts = field.map_or_else(Vec::new, |field| values(field, &word.value, index));
            let searched = field.map_or_else(String::new, searched);
            Completions { range: word.value_span.clone(), texts, searched }
        }
        None if word.is_quoted => Completions { range: cursor..cursor, texts: Vec::new(), searched: any_text() },
        None => Completions { range: span, texts: terms(&word.value, saved), searched: any_text() },
    }
}

fn any_text() -> String {
    "type, subject, ids, path, reason and body".to_owned()
}

fn searched(field: Field) -> String {
    match field {
        Field::Is => State::ALL.map(State::word).join(", "),
        _ if field.takes_wildcards() => format!("{} (`*`: any text)", field.selects()),
        _ => field.selects().to_owned(),
    }
}

/// The starts of terms that begin with `prefix`.
fn terms(prefix: &str, saved: &SavedFilters) -> Vec<String> {
    let fields = Field::ALL.into_iter().map(|field| match field {
        Field::Header | Field::Data => format!("{}.", field.name()),
        _ => field.label(),
    });
    let names = saved.names().map(|name| format!("@{name}"));
    let within = HEADERS.iter().chain(&PATHS).filter(|_| prefix.contains('.')).map(|text| (*text).to_owned());
    beginning(prefix, fields.filter(|field| field != prefix).chain(within).chain(names))
}

fn beginning(prefix: &str, texts: impl Iterator<Item = String>) -> Vec<String> {
    let prefix = prefix.to_lowercase();
    let begins = |text: &String| text.to_lowercase().starts_with(&prefix) && text.len() > prefix.len();
    texts.filter(begins).take(MAX_COMPLETIONS).collect()
}

/// The known values of `field` that begin with `prefix`, as they are written in a filter.
fn values(field: Field, prefix: &str, index: &Index) -> Vec<String> {
    let listed = |texts: &[&str]| beginning(prefix, texts.iter().map(|text| (*text).to_owned()));
    let seen = |kind| {
        let texts = index.shared_texts(kind).filter(|text| !text.is_empty()).take(MAX_TEXTS);
        beginning(prefix, texts.map(str::to_owned))
    };
    let texts = match field {
        Field::Type => {
            let types = index.types().map(|seen| seen.name).filter(|name| *name != NO_TYPE).take(MAX_TEXTS);
            beginning(prefix, types.map(str::to_owned))
        }
        Field::Is => beginning(prefix, State::ALL.iter().map(|state| state.word().to_owned())),
        Field::Reason => {
            let mut texts = seen(Shared::Reason);
            let others = beginning(prefix, Reason::all().map(|reason| reason.to_string()));
            texts.extend(
                others.into_iter().filter(|reason| !index.shared_texts(Shared::Reason).any(|seen| seen == reason)),
            );
            texts
        }
        Field::Organization => seen(Shared::Organization),
        Field::Path => seen(Shared::Path),
        Field::Status | Field::Response => listed(&STATUSES),
        Field::Size => listed(&SIZES),
        Field::After | Field::Before => listed(&TIMES),
        Field::Check => beginning(prefix, Check::ALL.iter().map(|check| check.slug().to_owned())),
        Field::Id | Field::Header | Field::Data => Vec::new(),
    };
    texts.into_iter().map(|text| value(&text).into_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::filter::node::Filter;
    use crate::core::index::tests::summary;
    use crate::core::signature::Verdict;
    use proptest::prelude::*;

    fn completed(text: &str) -> Vec<String> {
        let mut index = Index::default();
        for (seq, name) in (1..).zip(["user.login", "user.signup", "user.login", "two words", ""]) {
            index.push(&summary(seq, name, Verdict::Invalid));
        }
        let mut saved = SavedFilters::default();
        saved.insert("failed".to_owned(), Filter::default());
        let Completions { range, texts, .. } = completions(text, text.len(), &index, &saved);
        texts.into_iter().map(|with| [&text[..range.start], &with].concat()).collect()
    }

    #[test]
    fn fields_values_and_saved_filters_are_completed() {
        for (text, expected) in [
            ("ty", &["type:"][..]),
            ("jane -(re", &["jane -(reason:", "jane -(response:"]),
            ("type:", &["type:user.login", "type:user.signup", "type:\"two words\""]),
            ("type:USER.S", &["type:user.signup"]),
            ("type:\"two", &["type:\"two words\""]),
            ("is:un", &["is:unsigned", "is:unchecked"]),
            ("reason:wrong", &["reason:wrong-secret"]),
            ("reason:timestamp-t", &["reason:timestamp-too-old"]),
            ("org:o", &["org:org_1"]),
            ("path:/", &["path:/webhooks/scalekit"]),
            ("he", &["header."]),
            ("check:un", &["check:unknown-type", "check:unsent-type", "check:unknown-field", "check:unknown-value"]),
            ("header.u", &["header.user-agent:"]),
            ("data.user", &["data.user.email:", "data.user.id:"]),
            ("@f", &["@failed"]),
            ("size:>1m", &["size:>1mb"]),
            ("colour:r", &[]),
            ("\"a b\"", &[]),
            ("is:invalid", &[]),
        ] {
            let completed = completed(text);
            if text.ends_with('"') && expected.is_empty() {
                assert!(completed.contains(&format!("{text}type:")), "{text}: a new term follows");
            } else {
                assert_eq!(completed, expected, "{text}");
            }
        }
        assert!(completed("").len() > Field::ALL.len());
    }

    proptest! {
        #[test]
        fn every_completion_is_inserted_between_characters(text in "(\\PC|type:|\"|@|data\\[|-|\\()*") {
            let cursors: Vec<_> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
            for cursor in cursors {
                let Completions { range, .. } = completions(&text, cursor, &Index::default(), &SavedFilters::default());
                prop_assert!(text.get(range.clone()).is_some() && range.end == cursor);
            }
        }
    }
}
