//! Events go to the app as they arrive: a lane for each target, the senders that wait for the app's response, the backlog, and the
//! guard against loops.

pub mod backlog;
pub mod forwarder;
mod loop_guard;
pub mod relay;
pub mod reports;
