//! The process itself: signals, and the watchdog that ends a process that is stuck.

pub mod signals;
pub mod watchdog;
