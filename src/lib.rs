//! hookglass: a terminal inspector for Scalekit webhooks.
//!
//! The layers, from the inside out. Each may use only those above it:
//!
//! ```text
//! core                                   pure rules: no I/O, no clock, no screen
//! config                                 the user's settings, merged once
//! child, entropy, log                    how other programs are started; random bytes; the log for bug reports
//! store, listener, client, clipboard     one kind of I/O each, independent of each other
//! app                                    services without a screen: inbound, forward, outbound, history, process
//! tui                                    the screen: model, update, view; only its executor does I/O
//! cli, commands                          the command line, and what puts the parts together
//! ```

pub mod app;
pub mod child;
pub mod cli;
pub mod client;
pub mod clipboard;
pub mod commands;
pub mod config;
pub mod core;
pub mod entropy;
pub mod listener;
pub mod log;
pub mod store;
pub mod tui;
