//! Stops long work of a connection from another thread.

use rusqlite::{Connection, InterruptHandle};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Interrupts what a connection does, from any thread.
#[derive(Clone)]
pub struct Interrupt {
    is_asked: Arc<AtomicBool>,
    handle: Arc<InterruptHandle>,
}

impl Interrupt {
    pub(super) fn of(connection: &Connection) -> Self {
        Self { is_asked: Arc::default(), handle: Arc::new(connection.get_interrupt_handle()) }
    }

    pub(crate) fn is_asked(&self) -> bool {
        self.is_asked.load(Ordering::Relaxed)
    }

    pub fn ask(&self) {
        self.is_asked.store(true, Ordering::Relaxed);
        self.handle.interrupt();
    }
}
