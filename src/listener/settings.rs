//! The limits of the listener.

use std::time::Duration;

/// Limits. The defaults are those of the program; tests use tighter ones.
#[derive(Clone, Debug)]
pub struct Settings {
    /// From the first byte of a request, or the start of the connection, to the end of the head.
    pub head_timeout: Duration,
    /// From the first byte of a request to the end of its body.
    pub request_timeout: Duration,
    /// How long a connection may be idle between requests. If all connections are in use, [`Settings::head_timeout`] applies instead.
    pub idle_timeout: Duration,
    /// How long open requests may take when the listener stops.
    pub stop_timeout: Duration,
    /// The most bytes of a request head; beyond that, 431.
    pub max_head: usize,
    /// The most bytes of a body; beyond that, 413.
    pub max_body: u64,
    /// The most bytes of all bodies in memory together; beyond that, 503.
    pub max_bodies: u64,
    /// The most open connections; others wait to be accepted. Lowered to what the limit on open files allows.
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
