//! What happened according to the provider's Events API, beside what arrived: what is missing, refused or late.

mod assess;
mod entry;
mod join;
mod pages;

pub(crate) use assess::{Arrived, Handled, Outcome, State, assess};
pub(crate) use entry::Entry;
pub(crate) use join::{ById, by_id};
pub(crate) use pages::{Pages, read};

#[cfg(test)]
mod tests;
