//! Events exported to files.

mod export;
