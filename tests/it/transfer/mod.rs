//! Events exported to files, and imported from them.

mod export;
mod import;
mod ngrok;
