//! An app with a handler, which responds to each request on a separate thread.

use super::recorder::{Recorded, read, reply};
use super::sandbox::SECRET;
use hookglass::core::signature::{Keyring, Secret, Verdict, verify_request};
use jiff::Timestamp;
use std::collections::HashSet;
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex};

/// Gives the status and the body; `None` closes the connection without a response.
type Handler = dyn Fn(&Recorded) -> Option<(u16, &'static str)> + Send + Sync;

pub struct App {
    pub address: SocketAddr,
}

impl App {
    /// One that responds without a body.
    pub fn start(handler: impl Fn(&Recorded) -> Option<u16> + Send + Sync + 'static) -> Self {
        Self::with_bodies(move |request| Some((handler(request)?, "")))
    }

    pub fn with_bodies(handler: impl Fn(&Recorded) -> Option<(u16, &'static str)> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let handler: Arc<Handler> = Arc::new(handler);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (mut stream, handler) = (stream.unwrap(), handler.clone());
                std::thread::spawn(move || {
                    if let Some((status, body)) = read(&mut stream).and_then(|recorded| handler(&recorded)) {
                        // Whoever asked may have gone.
                        let _ = reply(&mut stream, status, body);
                    }
                });
            }
        });
        Self { address }
    }

    /// One that always responds `status`.
    pub fn answering(status: u16) -> Self {
        Self::start(move |_| Some(status))
    }

    pub fn url(&self) -> String {
        format!("http://{}/webhooks/scalekit", self.address)
    }
}

/// The responses of a correct handler: 401 if the request does not verify, otherwise 201. It acts on each id once.
#[derive(Clone, Default)]
pub struct Correct {
    acted_on: Arc<Mutex<HashSet<String>>>,
}

impl Correct {
    pub fn status(&self, request: &Recorded) -> u16 {
        let keyring = Keyring { verifying: vec![Secret::new("app", SECRET)], known_only: Vec::new() };
        let now_ms = Timestamp::now().as_millisecond();
        let verification = verify_request(&request.head.headers(), &request.body, now_ms, &keyring);
        if verification.verdict != Verdict::Verified {
            return 401;
        }
        let id = request.value(&format!("{}-id", verification.scheme)).unwrap();
        self.acted_on.lock().unwrap().insert(id);
        201
    }

    /// How many events it has acted on.
    pub fn count(&self) -> usize {
        self.acted_on.lock().unwrap().len()
    }
}
