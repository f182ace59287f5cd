//! Rehearsals: requests that test an app's handler, how a correct handler responds to them, and whether this one does.
//!
//! ```text
//! Original, Signer, now, seed ── stage ── Staged ── (sent by the shell) ── Outcome ── Reaction ── assess ── Finding
//!                                                                                                     └── Row ── Matrix ── causes ── lines
//! ```

mod advice;
mod assess;
mod cause;
mod causes;
mod facts;
mod grade;
mod kind;
mod lines;
mod matrix;
mod original;
mod outcome;
mod reaction;
mod refusal;
mod shape;
mod signer;
mod stage;
mod state;
mod table;
mod tamper;
#[cfg(test)]
mod tests;
mod unusual;

pub(crate) use assess::assess;
pub use cause::Cause;
pub use causes::causes;
pub use grade::{Finding, Grade};
pub use kind::{Group, Rehearsal};
pub(crate) use lines::matrix_lines;
pub use lines::{Folds, Piece};
pub use matrix::{Death, Matrix, Rest, Row, Step};
pub use original::Original;
pub use outcome::Outcome;
pub use reaction::{Baseline, Terms};
pub(crate) use refusal::refused_alike;
pub use shape::{Extra, Shape};
pub use signer::Signer;
pub use stage::Staged;
pub(crate) use stage::stage;
pub use state::{Snapshot, State};
pub use table::{Expectation, Sequence};
