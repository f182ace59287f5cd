//! A request becomes a stored event. The listener's thread verifies and stores it; the reason for an invalid signature is
//! found after the response; a change of the secrets verifies all events again.

pub mod diagnose;
pub mod ingest;
pub mod intake;
pub mod overrides;
pub mod reverify;
