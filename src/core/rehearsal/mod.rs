//! Rehearsals: requests made to see what an app's handler does with them, what a correct one answers, and whether this one did.
//!
//! ```text
//! Original, Signer, now, seed ── stage ── Staged ── (sent by the shell) ── Answered ── judge ── Finding
//!                                                                                         └── Row ── Matrix ── lines
//! ```

mod grade;
mod judge;
mod lines;
mod matrix;
mod original;
mod stage;
mod table;
mod tamper;
#[cfg(test)]
mod tests;

pub use grade::{Finding, Grade};
pub use judge::{Answered, judge};
pub use lines::{Piece, advice_lines, matrix_lines, table_lines};
pub use matrix::{Matrix, Rest, Row, Step};
pub use original::Original;
pub use stage::{Signer, Staged, stage};
pub use table::{Expectation, Rehearsal, Sequence};
