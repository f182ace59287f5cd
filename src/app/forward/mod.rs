//! Forwards events to the app as they arrive: a lane for each target, senders that wait for the app's response, the pending count, and
//! the guard against loops.

pub mod backlog;
pub mod forwarder;
mod lane;
pub mod loop_guard;
pub mod relay;
pub mod reports;
pub mod resume;
