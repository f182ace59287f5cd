//! Connections that are kept open after a response, for the next request to the same server.
//!
//! A connection is used again only if nothing has arrived on it since the response, neither bytes nor its end. Nothing more is provable
//! from this end: once a byte of a request is written, the app may have processed it, so the client never sends that request twice.
//! Three rules keep that case rare. A connection waits for a shorter time than servers do. A server must first prove that it leaves
//! connections open. After a failure it must prove that again.

use crate::core::delivery::{MAX_PARALLEL, Target};
use futures_util::FutureExt;
use socket2::SockRef;
use std::collections::HashMap;
use std::io;
use std::mem::MaybeUninit;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;
use tokio::io::{AsyncReadExt, Interest};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep_until, timeout_at};
use tokio_rustls::client::TlsStream;
use tokio_util::either::Either;

/// How long a connection waits for the next request. Servers close theirs after 2 s or more.
const PATIENCE: Duration = Duration::from_secs(1);
/// How long a server must leave a connection open after a response until hookglass relies on it. A server that closes its connections
/// without announcing that does so sooner.
const PROBATION: Duration = Duration::from_millis(20);
/// The most connections that wait for one server.
const MAX_WAITING: usize = MAX_PARALLEL;

/// Without TLS, or with it.
pub(super) type Stream = Either<TcpStream, Box<TlsStream<TcpStream>>>;

/// An open connection on which no request is in flight.
pub(super) struct Connection {
    pub stream: Stream,
    /// The address that it leads to.
    pub peer: Option<SocketAddr>,
}

impl Connection {
    fn socket(&self) -> &TcpStream {
        match &self.stream {
            Either::Left(stream) => stream,
            Either::Right(stream) => stream.get_ref().0,
        }
    }

    /// Whether neither bytes nor the end of the stream have arrived. Asks the system, because the runtime may not have noticed yet.
    pub fn is_quiet(&mut self) -> bool {
        // A TLS server may have sent session tickets, which this takes in.
        if let Either::Right(stream) = &mut self.stream
            && stream.read(&mut [0]).now_or_never().is_some()
        {
            return false;
        }
        peek(self.socket()).is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock)
    }

    /// Waits until something arrives, but not after `deadline`.
    async fn watch(&mut self, deadline: Instant) {
        while timeout_at(deadline, self.socket().readable()).await.is_ok() && self.is_quiet() {
            // The runtime remembers an earlier arrival, and forgets it when there is nothing to read.
            let _ = self.socket().try_io(Interest::READABLE, || peek(self.socket()));
        }
    }
}

/// The bytes that have arrived, at most 1; 0 at the end of the stream.
fn peek(socket: &TcpStream) -> io::Result<usize> {
    SockRef::from(socket).peek(&mut [MaybeUninit::uninit()])
}

/// The connections that wait. Clones share them.
#[derive(Clone, Default)]
pub(super) struct Pool(Arc<Mutex<Shared>>);

#[derive(Default)]
struct Shared {
    servers: HashMap<Server, Waiting>,
    /// Whether a task closes those that have waited too long.
    is_swept: bool,
}

/// Whether it uses TLS, and its address.
type Server = (bool, String);

#[derive(Default)]
struct Waiting {
    /// The one that waits longest comes first.
    connections: Vec<(Instant, Connection)>,
    /// Whether the server has left a connection open for [`PROBATION`].
    is_proven: bool,
}

impl Pool {
    /// A connection that waits for a request to the server of `target`, and on which nothing has arrived. Waits for up to [`PROBATION`]
    /// if the server must still prove itself.
    pub async fn take(&self, target: &Target) -> Option<Connection> {
        let server = server_of(target);
        loop {
            let (since, mut connection, is_proven) = {
                let mut shared = self.lock();
                let waiting = shared.servers.get_mut(&server)?;
                let (since, connection) = waiting.connections.pop()?;
                (since, connection, waiting.is_proven)
            };
            if !is_proven {
                connection.watch(since + PROBATION).await;
            }
            if connection.is_quiet() {
                self.lock().servers.entry(server).or_default().is_proven = true;
                return Some(connection);
            }
        }
    }

    /// Keeps a connection whose last response is complete, unless something has arrived after it.
    pub fn put(&self, target: &Target, mut connection: Connection) {
        if !connection.is_quiet() {
            return;
        }
        let mut shared = self.lock();
        let waiting = shared.servers.entry(server_of(target)).or_default();
        if waiting.connections.len() < MAX_WAITING {
            waiting.connections.push((Instant::now(), connection));
        }
        if !shared.is_swept {
            shared.is_swept = true;
            tokio::spawn(sweep(Arc::downgrade(&self.0)));
        }
    }

    /// Notes that the server closed a connection instead of responding. It must prove itself again.
    pub fn distrust(&self, target: &Target) {
        if let Some(waiting) = self.lock().servers.get_mut(&server_of(target)) {
            waiting.is_proven = false;
        }
    }

    /// Closes the connections to the server of `target`. An app that serves one connection at a time is then free for the next one.
    pub fn close(&self, target: &Target) {
        if let Some(waiting) = self.lock().servers.get_mut(&server_of(target)) {
            waiting.connections.clear();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Shared> {
        lock(&self.0)
    }
}

fn lock(shared: &Mutex<Shared>) -> MutexGuard<'_, Shared> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

fn server_of(target: &Target) -> Server {
    (target.is_https(), target.address())
}

/// Closes connections that have waited for [`PATIENCE`], and ends when none is left.
async fn sweep(shared: Weak<Mutex<Shared>>) {
    loop {
        let next = {
            let Some(shared) = shared.upgrade() else { return };
            let mut shared = lock(&shared);
            let now = Instant::now();
            for waiting in shared.servers.values_mut() {
                waiting.connections.retain(|(since, _)| now < *since + PATIENCE);
            }
            let oldest = shared.servers.values().filter_map(|waiting| waiting.connections.first());
            let Some(oldest) = oldest.map(|(since, _)| *since).min() else {
                shared.is_swept = false;
                return;
            };
            oldest + PATIENCE
        };
        sleep_until(next).await;
    }
}
