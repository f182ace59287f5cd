//! Saves what can be read of a damaged history in a new file, and replaces the damaged one. Never writes to the damaged file.
//!
//! - An event whose bytes cannot be read is lost. If only its summary cannot be read, it gets a new one, made from its bytes.
//! - Events keep their numbers, and no number is used twice.
//! - The copy is read back like any reader reads it, so that it contains no damaged row.

mod copy;
mod log;
mod outcome;
mod pages;
mod replace;
mod rows;
mod summaries;
mod traces;

pub(super) use log::is_damage_hidden;
pub(super) use outcome::completed_notice;
pub use outcome::{Copied, Salvaged};
pub(super) use replace::{finish, replace, replaced_names};
pub(super) use traces::has_traces;
