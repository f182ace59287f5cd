//! Rehearsals: requests that test an app's handler, how a correct handler responds to them, and whether this one does.
//!
//! ```text
//! Original, Signer, now, seed ── stage ── Staged ── (sent by the shell) ── Outcome ── Reaction ── assess ── Finding
//!                                                                                                     └── Row ── Matrix ── lines
//! ```

mod advice;
mod assess;
mod grade;
mod lines;
mod matrix;
mod original;
mod outcome;
mod reaction;
mod stage;
mod table;
mod tamper;
#[cfg(test)]
mod tests;

pub(crate) use assess::assess;
pub use grade::{Finding, Grade};
pub use lines::Piece;
pub(crate) use lines::matrix_lines;
pub use matrix::{Matrix, Rest, Row, Step};
pub use original::Original;
pub use outcome::Outcome;
pub use reaction::Terms;
pub(crate) use stage::stage;
pub use stage::{Signer, Staged};
pub use table::{Expectation, Rehearsal, Sequence};
