//! Why a verdict is what it is.

mod label;

pub use label::{Alteration, Label};
