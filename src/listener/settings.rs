//! The limits of the listener.

use std::time::Duration;

/// Limits; the defaults are the product's, tests choose tighter ones.
#[derive(Clone, Debug)]
pub struct Settings {
    /// From a request's first byte, or a connection's beginning, to the end of the head.
    pub head_timeout: Duration,
    /// From a request's first byte to the end of its body.
    pub request_timeout: Duration,
    /// How long a connection may rest between requests; while all are taken, [`Settings::head_timeout`] counts instead.
    pub idle_timeout: Duration,
    /// How long open requests may go on when the listener stops.
    pub stop_timeout: Duration,
    /// Most bytes of a request head; more are answered 431.
    pub max_head: usize,
    /// Most bytes of a body; more are answered 413.
    pub max_body: u64,
    /// Most bytes of all bodies in memory together; beyond, 503.
    pub max_bodies: u64,
    /// Most open connections; others wait to be accepted. Cut to what the limit on open files allows.
    pub max_connections: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            head_timeout: Duration::from_secs(5),
            request_timeout: Duration::from_secs(15),
            idle_timeout: Duration::from_secs(60),
            stop_timeout: Duration::from_secs(3),
            max_head: 32 * 1024,
            max_body: 32 << 20,
            max_bodies: 256 << 20,
            max_connections: 512,
        }
    }
}
