//! Tests of the library and the binary from outside, in one test binary.

#![allow(clippy::unwrap_used)] // a test reports what it cannot do by panicking

mod architecture;
#[cfg(unix)]
mod backup;
mod beside;
#[cfg(unix)]
mod commands;
#[cfg(unix)]
mod completions;
mod copied_tests;
mod coverage;
mod damaged;
mod deleting;
mod diagnosis;
mod diffing;
mod doctor;
#[cfg(unix)]
mod durability;
#[cfg(unix)]
mod ephemeral;
#[cfg(unix)]
mod explain;
mod export;
mod filters;
#[cfg(unix)]
mod forwarding;
#[cfg(unix)]
mod happened;
#[cfg(unix)]
mod harm;
#[cfg(unix)]
mod headless;
#[cfg(unix)]
mod help;
mod hostile;
#[cfg(unix)]
mod inputs;
mod links;
mod listener;
#[cfg(unix)]
mod log;
#[cfg(unix)]
mod mangled_secrets;
mod misplaced;
#[cfg(unix)]
mod names;
mod nearly_right;
mod older_history;
#[cfg(unix)]
mod one_file;
mod other_requests;
mod overrides;
mod proofs;
mod pruning;
mod reference;
#[cfg(unix)]
mod rehearsing;
#[cfg(unix)]
mod report;
mod reverifying;
#[cfg(unix)]
mod saving;
mod sending;
#[cfg(target_os = "linux")]
mod shapes;
mod shortage;
mod signatures;
mod signing;
mod store;
mod strangers;
mod support;
#[cfg(unix)]
mod telling;
#[cfg(unix)]
mod terminal;
#[cfg(unix)]
mod told_by_history;
#[cfg(unix)]
mod transfer;
mod tunnel;
mod types;
mod update;
#[cfg(unix)]
mod verify;
mod views;
