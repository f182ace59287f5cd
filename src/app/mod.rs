//! The services behind the screen and the commands. They import neither.
//!
//! `process`, `history` and `keyring` are the base. `outbound` delivers events on request, `forward` delivers them as they arrive, and
//! `inbound` receives requests. `tunnel` finds the public URL, `fixtures` saves events as files, `retention` deletes old events,
//! `secret_file` saves a secret in `.env`, `accepted` stores which differences from the documentation do not count, and `recent`
//! stores what the user typed last.

pub mod accepted;
pub mod fixtures;
pub mod forward;
pub mod history;
pub mod inbound;
pub mod keyring;
pub mod outbound;
pub mod process;
pub mod recent;
pub mod retention;
pub mod secret_file;
pub mod transfer;
pub mod tunnel;
