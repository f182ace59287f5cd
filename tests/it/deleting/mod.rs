//! Deleting events: they can be restored until hookglass exits, and are gone from the files after that.

#[cfg(unix)]
mod command;
mod store;
