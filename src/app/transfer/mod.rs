//! Exports events to files, and imports them.

pub mod export;
pub mod import;
