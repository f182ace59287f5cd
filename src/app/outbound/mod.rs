//! One event to one target because somebody asked for it: prepared, sent, recorded; alone, in bulk, on a retry schedule, as a rehearsal.

pub mod bulk;
pub mod prepare;
pub mod rehearse;
pub mod retry;
pub mod runtime;
pub mod samples;
pub mod send;
