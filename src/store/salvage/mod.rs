//! Copies what can be read of a damaged history to a new file. The damaged one is only read.
//!
//! An event is what has its bytes: one whose summary cannot be read gets a new one from them, one whose bytes cannot be read is lost. Numbers
//! stay, and none is given a second time. Nothing that was copied is found damaged again, as it is read back the way that readers read it.

mod copy;
mod log;
mod outcome;
mod pages;
mod replace;
mod rows;
mod summaries;

pub(super) use log::is_damage_hidden;
pub use outcome::{Copied, Salvaged};
pub(super) use replace::{finish, replace, replaced_names};
