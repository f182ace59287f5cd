//! Filters for what belongs with one event: the events of its organization, user, type, path or message.

use super::lex::{is_plain_text, quoted};
use super::print::{type_term, value};
use crate::core::index::{NO_TYPE, Row};

/// What the events of a story have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Story {
    Organization,
    User,
    Type,
    Path,
    Message,
}

impl Story {
    pub const ALL: [Self; 5] = [Self::Organization, Self::User, Self::Type, Self::Path, Self::Message];

    /// For "event 7 has no organization".
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Organization => "organization",
            Self::User => "user",
            Self::Type => "type",
            Self::Path => "path",
            Self::Message => "`webhook-id`",
        }
    }

    /// The filter for the events that share this with `row`; `None` if the event has none.
    pub fn filter(self, row: &Row<'_>) -> Option<String> {
        let field = |name: &str, text: &str| (!text.is_empty()).then(|| format!("{name}:{}", value(text)));
        match self {
            Self::Organization => field("org", row.organization_id),
            // Whoever an event is about may be anywhere in another one.
            Self::User if row.subject.is_empty() => None,
            Self::User if is_plain_text(&row.subject) => Some(row.subject.clone()),
            Self::User => Some(quoted(&row.subject)),
            Self::Type if row.event_type == NO_TYPE => None,
            Self::Type => Some(type_term(row.event_type)),
            Self::Path => field("path", row.path),
            Self::Message => field("id", row.identity()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::event::Summary;
    use crate::core::filter::node::Filter;
    use crate::core::filter::query::Query;
    use crate::core::index::Index;
    use crate::core::index::tests::summary;
    use crate::core::signature::Verdict;
    use jiff::Timestamp;
    use jiff::tz::TimeZone;

    #[test]
    fn a_story_selects_its_event_whatever_its_texts_are() {
        for text in ["plain", "two words", "\"quoted", "a)b(", "-minus", "@at", "AND", "Ünï*?", "a:b", "org:x"] {
            let mut index = Index::default();
            index.push(&Summary {
                organization_id: Some(text.to_owned()),
                subject: Some(text.to_owned()),
                path: text.to_owned(),
                webhook_id: Some(text.to_owned()),
                ..summary(1, text, Verdict::Verified)
            });
            index.push(&Summary { organization_id: None, subject: None, ..summary(2, "other", Verdict::Verified) });
            for story in Story::ALL {
                let filter = story.filter(&index.row(0)).unwrap();
                let query = Query::new(Filter::parse(&filter).unwrap(), Timestamp::UNIX_EPOCH, TimeZone::UTC);
                assert_eq!(query.select(&index, 0..2).matching, [0], "{filter}");
            }
            assert_eq!(Story::User.filter(&index.row(1)), None);
        }
    }
}
