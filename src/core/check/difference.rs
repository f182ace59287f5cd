//! In what a body differs from what the catalog describes.

use super::accepted::{Acceptance, Accepted};
use crate::core::numbers::grouped;
use serde::{Serialize, Serializer};
use std::fmt;

/// The most differences of one body that are described. The others are only counted.
pub const MAX_DESCRIBED: usize = 100;

/// The kinds of difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Check {
    NotJson,
    UnknownType,
    UnsentType,
    LegacyType,
    MissingField,
    UnknownField,
    WrongJsonType,
    UnknownValue,
    Secret,
}

impl Check {
    pub const ALL: [Self; 9] = [
        Self::NotJson,
        Self::UnknownType,
        Self::UnsentType,
        Self::LegacyType,
        Self::MissingField,
        Self::UnknownField,
        Self::WrongJsonType,
        Self::UnknownValue,
        Self::Secret,
    ];

    /// The name in filters and JSON.
    pub fn slug(self) -> &'static str {
        match self {
            Self::NotJson => "not-json",
            Self::UnknownType => "unknown-type",
            Self::UnsentType => "unsent-type",
            Self::LegacyType => "legacy-type",
            Self::MissingField => "missing-field",
            Self::UnknownField => "unknown-field",
            Self::WrongJsonType => "wrong-json-type",
            Self::UnknownValue => "unknown-value",
            Self::Secret => "secret",
        }
    }

    /// What it means, for the reference page.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::NotJson => "the body is not JSON",
            Self::UnknownType => "the event type is not documented",
            Self::UnsentType => "documents or code use this event type, but Scalekit sends another one",
            Self::LegacyType => "a note: the event type has a legacy name",
            Self::MissingField => "a required field is missing",
            Self::UnknownField => "a field is not documented",
            Self::WrongJsonType => "a value has another JSON type than documented",
            Self::UnknownValue => "a value is not in the documented list of values",
            Self::Secret => "a note: a field holds a secret",
        }
    }

    /// Whether it is worth knowing, but as documented.
    pub fn is_note(self) -> bool {
        matches!(self, Self::LegacyType | Self::Secret)
    }

    fn bit(self) -> u16 {
        1 << self as u16
    }
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.slug())
    }
}

impl Serialize for Check {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.slug())
    }
}

/// One difference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    pub check: Check,
    /// `data.user.email`, or `$` for the whole body.
    pub path: String,
    /// A sentence about the value at the path. It quotes the body.
    pub message: String,
    /// The unknown value, truncated as in the message.
    #[serde(skip)]
    pub value: Option<String>,
    /// Whether the developer accepts it.
    pub accepted: bool,
}

impl Difference {
    fn acceptance(&self, event_type: &str) -> Acceptance {
        Acceptance::of(event_type, self.check.slug(), &self.path, self.value.as_deref())
    }
}

/// What a body's check found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    /// The first ones, in the order of the body. A missing field comes at the end of its object.
    pub described: Vec<Difference>,
    /// How many differences there are, without notes and accepted ones.
    pub differences: usize,
    /// How many notes there are, without accepted ones.
    pub notes: usize,
    pub accepted: usize,
    /// Empty if the event has none.
    pub event_type: String,
    /// One bit for each kind that is not accepted everywhere.
    kinds: u16,
}

impl Checked {
    /// Whether there is nothing to tell, but for what is accepted.
    pub fn is_empty(&self) -> bool {
        self.kinds == 0
    }

    /// Whether there is a difference of this kind, described or not.
    pub fn has(&self, check: Check) -> bool {
        self.kinds & check.bit() != 0
    }

    /// How many differences and notes are not described.
    pub fn omitted(&self) -> usize {
        self.differences + self.notes + self.accepted - self.described.len()
    }

    /// `2 differences from the documentation, 1 note, 3 accepted`; empty if there is nothing to tell.
    pub fn headline(&self) -> String {
        let counted = |count, one: &str, many: &str| match count {
            0 => None,
            1 => Some(format!("1 {one}")),
            _ => Some(format!("{} {many}", grouped(count as u64))),
        };
        let differences =
            counted(self.differences, "difference from the documentation", "differences from the documentation");
        let notes = counted(self.notes, "note", "notes");
        let accepted = counted(self.accepted, "accepted", "accepted");
        differences.into_iter().chain(notes).chain(accepted).collect::<Vec<_>>().join(", ")
    }

    /// What accepts the difference at `place` of [`Checked::described`] in all events of this type.
    pub(crate) fn acceptance(&self, place: usize) -> Option<Acceptance> {
        self.described.get(place).map(|difference| difference.acceptance(&self.event_type))
    }
}

/// Collects what a check finds.
pub(super) struct Collector<'a> {
    pub found: Checked,
    pub accepted: &'a Accepted,
}

impl Collector<'_> {
    /// Counts a difference, and describes it with the path, the message and the unknown value that `describe` returns.
    pub(super) fn add(&mut self, check: Check, describe: impl FnOnce() -> (String, String, Option<String>)) {
        let has_room = self.found.described.len() < MAX_DESCRIBED;
        let mut is_accepted = false;
        if has_room || !self.accepted.is_empty() {
            let (path, message, value) = describe();
            let mut difference = Difference { check, path, message, value, accepted: false };
            is_accepted =
                !self.accepted.is_empty() && self.accepted.has(&difference.acceptance(&self.found.event_type));
            difference.accepted = is_accepted;
            if has_room {
                self.found.described.push(difference);
            }
        }
        let count = match () {
            () if is_accepted => &mut self.found.accepted,
            () if check.is_note() => &mut self.found.notes,
            () => &mut self.found.differences,
        };
        *count += 1;
        if !is_accepted {
            self.found.kinds |= check.bit();
        }
    }
}
