//! A cause of what a run shows.

use super::grade::Grade;
use super::kind::Rehearsal;
use std::borrow::Cow;

/// One cause of what a run shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    /// The word in JSON.
    pub name: &'static str,
    pub grade: Grade,
    /// What is wrong.
    pub sentence: String,
    /// How it shows.
    pub seen: String,
    /// Why it matters; empty if that is plain.
    pub why: &'static str,
    pub next_step: Cow<'static, str>,
    /// What else it may be and what to do then, in order of likelihood.
    pub others: Vec<String>,
    /// The rehearsals that it explains.
    pub rehearsals: Vec<Rehearsal>,
}
