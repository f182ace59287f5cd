//! hookglass: a terminal inspector for Scalekit webhooks.
//!
//! Layers, from the inside out; each may use only what stands above it:
//!
//! ```text
//! core                                   pure rules: no I/O, no clock, no screen
//! config                                 what the operator asked for, merged once
//! child                                  how other programs are started, which knows nothing of ours
//! store, listener, client, clipboard     the shell: one kind of I/O each, never each other
//! tui                                    the screen: model, update, view; its executor alone does I/O
//! commands, app                          put the parts together
//! ```

pub mod app;
pub mod child;
pub mod cli;
pub mod client;
pub mod clipboard;
pub mod commands;
pub mod config;
pub mod core;

pub mod listener;
pub mod store;
pub mod tui;
