//! Overrides: the responses that the user chose in place of the default ones, and the syntax in which they are written.

mod grammar;
mod literals;
mod setting;

pub use grammar::OverrideError;
pub(crate) use setting::SLOW_TEXT;
pub use setting::{Decision, Delays, Directive, MAX_WAIT, Override, Overrides, What};
