//! A request becomes a stored, verified event: verified and stored by the listener's thread, diagnosed after the response, verified
//! again when the secrets change.

pub mod diagnose;
pub mod ingest;
pub mod intake;
pub mod overrides;
pub mod reverify;
