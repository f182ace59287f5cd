//! The services behind the screen and the commands: they know neither.
//!
//! `process`, `history` and `keyring` stand at the bottom; `outbound` sends one event on request, `forward` sends events as they
//! arrive, `inbound` takes requests in.

pub mod forward;
pub mod history;
pub mod inbound;
pub mod keyring;
pub mod outbound;
pub mod process;
