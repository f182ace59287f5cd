//! A request becomes a stored event. The listener's thread verifies and stores it. The exact reason for an invalid signature is found
//! after the response. When the secrets change, all events are verified again.

pub mod diagnose;
pub mod ingest;
pub mod intake;
pub mod overrides;
pub(crate) mod queue;
pub mod reverify;
