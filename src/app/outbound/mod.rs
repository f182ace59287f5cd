//! Delivers an event to a target on request: prepares it, sends it and stores the delivery. One event, many, on a retry schedule, or as a
//! rehearsal.

pub mod bulk;
pub mod prepare;
pub mod rehearse;
pub mod retry;
pub mod runtime;
pub mod samples;
pub mod send;
