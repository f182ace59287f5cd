//! The process itself: signals, work that gives way to other work, and the watchdog that ends a process that is stuck.

pub(crate) mod low_priority;
pub mod signals;
pub mod watchdog;
