//! The fields and states of the filter language: the tables that the parser, the shell completions and the reference read.

use crate::core::signature::Verdict;

/// A field of a term, such as `type` in `type:user.*`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    Type,
    Is,
    Reason,
    Organization,
    Id,
    Path,
    Status,
    Response,
    Size,
    After,
    Before,
    Header,
    Data,
    /// What the body differs in from the catalog.
    Check,
}

impl Field {
    pub const ALL: [Self; 14] = [
        Self::Type,
        Self::Is,
        Self::Reason,
        Self::Organization,
        Self::Id,
        Self::Path,
        Self::Status,
        Self::Response,
        Self::Size,
        Self::After,
        Self::Before,
        Self::Header,
        Self::Data,
        Self::Check,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Type => "type",
            Self::Is => "is",
            Self::Reason => "reason",
            Self::Organization => "org",
            Self::Id => "id",
            Self::Path => "path",
            Self::Status => "status",
            Self::Response => "response",
            Self::Size => "size",
            Self::After => "after",
            Self::Before => "before",
            Self::Header => "header",
            Self::Data => "data",
            Self::Check => "check",
        }
    }

    /// The start of its terms, such as `type:` or `header.NAME:`.
    pub fn label(self) -> String {
        match self {
            Self::Header => "header.NAME:".to_owned(),
            Self::Data => "data.PATH:".to_owned(),
            _ => format!("{}:", self.name()),
        }
    }

    /// An older name that still works.
    pub fn old_name(self) -> Option<&'static str> {
        (self == Self::Reason).then_some("finding")
    }

    /// The field with this name; what follows the first `.` or `[` belongs to the term.
    pub fn find(name: &str) -> Option<Self> {
        let is_named = |field: &Self| match field {
            Self::Header => name.strip_prefix("header.").is_some_and(|header| !header.is_empty()),
            Self::Data => name.strip_prefix("data").is_some_and(|path| path.is_empty() || path.starts_with(['.', '['])),
            _ => field.name() == name || field.old_name() == Some(name),
        };
        Self::ALL.into_iter().find(is_named)
    }

    /// A term with this field.
    pub fn example(self) -> &'static str {
        match self {
            Self::Type => "type:user.*",
            Self::Is => "is:invalid",
            Self::Reason => "reason:timestamp-*",
            Self::Organization => "org:org_1*",
            Self::Id => "id:evt_55",
            Self::Path => "path:/webhooks*",
            Self::Status => "status:5xx",
            Self::Response => "response:400",
            Self::Size => "size:>10kb",
            Self::After => "after:10m",
            Self::Before => "before:2026-01-31T10:00",
            Self::Header => "header.user-agent:svix*",
            Self::Data => "data.user.email:jane@*",
            Self::Check => "check:unknown-*",
        }
    }

    /// What its terms select, for the reference and the hint under the field.
    pub fn selects(self) -> &'static str {
        match self {
            Self::Type => "events whose whole type matches",
            Self::Is => "events in this state",
            Self::Reason => "events that are not verified for a reason that matches",
            Self::Organization => "events whose organization id matches",
            Self::Id => "events whose id or `webhook-id` starts with this",
            Self::Path => "requests whose path and query match",
            Self::Status => "events that your app last responded to with this status",
            Self::Response => "requests whose sender got this status",
            Self::Size => "bodies of this size; `>`, `>=`, `<` and `<=` compare, in `b`, `kb` (1,000 bytes) or `mb`",
            Self::After => "events received since then",
            Self::Before => "events received before then",
            Self::Header => "requests with a header of this name whose value matches",
            Self::Data => "bodies whose value at this path matches",
            Self::Check => "bodies that differ from the documentation in a way that matches",
        }
    }

    /// What its value looks like, for errors.
    pub(super) fn expects(self) -> &'static str {
        match self {
            Self::Type => "a type, such as `user.*`",
            Self::Is => "a state",
            Self::Reason => "a reason such as `timestamp-*`",
            Self::Organization => "an organization id, such as `org_1*`",
            Self::Id => "the start of an id, such as `evt_`",
            Self::Path => "a path, such as `/webhooks*`",
            Self::Status | Self::Response => "a status, such as `404` or `5xx`",
            Self::Size => "a size, such as `>10kb` or `<=2mb`",
            Self::After | Self::Before => "a time, such as `10m`, `12:00`, `2026-01-31` or `2026-01-31T10:00`",
            Self::Header | Self::Data => "a value, or `*` for any",
            Self::Check => "a check such as `unknown-field`, or `*` for any",
        }
    }

    /// Whether its values are texts with `*` and `?`.
    pub fn takes_wildcards(self) -> bool {
        !matches!(self, Self::Is | Self::Status | Self::Response | Self::Size | Self::After | Self::Before)
    }
}

/// A state that `is:` selects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Verdict(Verdict),
    Marked,
    Pinned,
    /// It came from a file.
    Imported,
    /// Its last delivery got a 2xx.
    Delivered,
    /// Its last delivery got another status or no response.
    Failed,
    /// It has more than one attempt.
    Retried,
    /// A sample of this history.
    Sample,
}

impl State {
    pub const ALL: [Self; 11] = [
        Self::Verdict(Verdict::Verified),
        Self::Verdict(Verdict::Invalid),
        Self::Verdict(Verdict::Unsigned),
        Self::Verdict(Verdict::Unchecked),
        Self::Marked,
        Self::Pinned,
        Self::Imported,
        Self::Delivered,
        Self::Failed,
        Self::Retried,
        Self::Sample,
    ];

    pub fn word(self) -> &'static str {
        match self {
            Self::Verdict(verdict) => verdict.as_str(),
            Self::Marked => "marked",
            Self::Pinned => "pinned",
            Self::Imported => "imported",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
            Self::Retried => "retried",
            Self::Sample => "sample",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }

    /// Which events are in it, for the reference.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Verdict(Verdict::Verified) => "the signature is valid",
            Self::Verdict(Verdict::Invalid) => "the signature is not valid",
            Self::Verdict(Verdict::Unsigned) => "there is no signature",
            Self::Verdict(Verdict::Unchecked) => {
                "hookglass did not verify it: it had no secret, or the body was too large"
            }
            Self::Marked => "marked on the screen; commands do not know the marks",
            Self::Pinned => "pinned, so that deleting all listed events leaves it",
            Self::Imported => "imported from a file",
            Self::Delivered => "the last delivery got a 2xx response",
            Self::Failed => "the last delivery got another response, or none",
            Self::Retried => "there is more than one attempt",
            Self::Sample => "hookglass made it, with the key `T`",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::filter::node::Filter;

    #[test]
    fn every_state_and_example_is_parsed() {
        for state in State::ALL {
            assert!(Filter::parse(&format!("is:{}", state.word())).is_ok());
        }
        for field in Field::ALL {
            assert!(Filter::parse(field.example()).is_ok(), "{field:?}");
        }
        assert!(Verdict::ALL.into_iter().all(|verdict| State::ALL.contains(&State::Verdict(verdict))));
    }
}
