//! Exports events to files.

pub mod export;
