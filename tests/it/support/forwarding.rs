//! Listener, history and forwarding as the program joins them, with limits of the test's, and apps that behave as they are told.

use super::recorder::{Recorded, read};
use super::sandbox::SECRET;
use super::terminal::PATIENCE;
use hookglass::app::forward::forwarder::{Forwarder, Report};
use hookglass::app::inbound::ingest::Ingest;
use hookglass::app::inbound::overrides::SharedOverrides;
use hookglass::app::keyring::SharedKeyring;
use hookglass::app::outbound::runtime::DeliveryRuntime;
use hookglass::app::outbound::send::Sender;
use hookglass::client::{Client, Limits};
use hookglass::core::delivery::{Delivery, Forwarding, Route};
use hookglass::core::event::{Event, Seq};
use hookglass::core::signature::{Keyring, Secret};
use hookglass::listener;
use hookglass::store::{Reader, Store};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;
use tempfile::TempDir;

pub struct Running {
    pub address: SocketAddr,
    path: PathBuf,
    reports: Receiver<Report>,
    parts: Option<(DeliveryRuntime, Ingest)>,
    _folder: TempDir,
}

impl Running {
    /// With a limit that no test reaches.
    pub fn start(forwarding: Forwarding) -> Self {
        Self::start_with(forwarding, Limits { whole: PATIENCE * 2, ..Limits::default() }, None)
    }

    pub fn start_with(forwarding: Forwarding, limits: Limits, answer: Option<&str>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("history.db")).unwrap();
        let path = store.path().to_owned();
        let keyring = Keyring { verifying: vec![Secret::new("test", SECRET)], ..Keyring::default() };
        let keyring = SharedKeyring::new(keyring);
        let answers = SharedOverrides::new(answer.map(|text| text.parse().unwrap()));
        let bound = listener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).unwrap();
        let address = bound.local_addr();
        let client = Client::new(limits);
        client.forbid(address);
        let delivering = DeliveryRuntime::start().unwrap();
        let (forwarder, mut told) = Forwarder::new(forwarding, delivering.deliveries(), limits.whole);
        let forwarder = Arc::new(forwarder);
        let on_stored = {
            let forwarder = Arc::clone(&forwarder);
            move |summary| forwarder.kept(&summary)
        };
        let (ingest, writer) =
            Ingest::start(bound, store, keyring.clone(), answers, &forwarder, on_stored, Arc::new(|_| ())).unwrap();
        let sender = Sender { client, keyring, writer, deliveries: delivering.deliveries() };
        forwarder.start(&sender, 0, || Reader::open(&path)).unwrap();
        let (to_test, reports) = channel();
        std::thread::spawn(move || {
            while let Some(report) = told.blocking_recv() {
                if to_test.send(report).is_err() {
                    return;
                }
            }
        });
        Self { address, path, reports, parts: Some((delivering, ingest)), _folder: folder }
    }

    #[track_caller]
    pub fn report(&self) -> Report {
        self.reports.recv_timeout(PATIENCE).expect("a report of the forwarder")
    }

    /// The next delivery that ended.
    #[track_caller]
    pub fn delivered(&self) -> Delivery {
        loop {
            match self.report() {
                Report::Delivered { delivery, .. } => return *delivery,
                Report::Responded { .. } => {}
                other => panic!("instead of a delivery: {other:?}"),
            }
        }
    }

    /// The next delivery that ended, whatever was not sent before it.
    #[track_caller]
    pub fn delivered_first(&self) -> Delivery {
        loop {
            if let Report::Delivered { delivery, .. } = self.report() {
                return *delivery;
            }
        }
    }

    /// Waits until the one delivery of an event and the status that its sender got are both in the history, and gives them.
    #[track_caller]
    pub fn answered_through(&self) -> (Delivery, u16) {
        let (mut delivery, mut status) = (None, None);
        while delivery.is_none() || status.is_none() {
            match self.report() {
                Report::Delivered { delivery: ended, .. } => delivery = Some(ended),
                Report::Responded { status: answered, .. } => status = Some(answered),
                other => panic!("instead of an answer: {other:?}"),
            }
        }
        let (delivery, status) = (delivery.unwrap(), status.unwrap());
        assert_eq!(self.event(delivery.event).summary.status, Some(status));
        let mut kept = self.reader().deliveries(delivery.event, usize::MAX).unwrap();
        assert_eq!((kept.len(), kept[0].ending()), (1, delivery.ending()));
        (kept.remove(0), status)
    }

    pub fn reader(&self) -> Reader {
        Reader::open(&self.path).unwrap()
    }

    pub fn event(&self, seq: Seq) -> Event {
        self.reader().event(seq).unwrap().unwrap()
    }

    /// Ends as the program does; the history stays readable.
    pub fn end(&mut self) {
        if let Some((delivering, ingest)) = self.parts.take() {
            delivering.stop();
            ingest.stop().unwrap();
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.end();
        }
    }
}

/// What is asked of forwarding, with these routes.
pub fn to(routes: &[String]) -> Forwarding {
    let routes = routes.iter().map(|text| Route::parse(text).unwrap()).collect();
    Forwarding { routes, ..Forwarding::default() }
}

/// An app that reads each request whole and does with it what it was told, each connection on a thread of its own.
pub fn app(act: impl Fn(TcpStream, Recorded) + Send + Sync + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let act = Arc::new(act);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let (mut stream, act) = (stream.unwrap(), Arc::clone(&act));
            std::thread::spawn(move || {
                if let Some(recorded) = read(&mut stream) {
                    act(stream, recorded);
                }
            });
        }
    });
    address
}

/// Where somebody might listen that nothing may come to.
pub struct Bystander(TcpListener);

impl Bystander {
    pub fn new() -> Self {
        Self(TcpListener::bind("127.0.0.1:0").unwrap())
    }

    pub fn address(&self) -> SocketAddr {
        self.0.local_addr().unwrap()
    }

    /// Whoever came first must be the one who comes now.
    #[track_caller]
    pub fn assert_unvisited(self) {
        let probe = TcpStream::connect(self.address()).unwrap();
        let (_, first) = self.0.accept().unwrap();
        assert_eq!(first, probe.local_addr().unwrap(), "somebody came before the probe");
    }
}

/// Limits under which silence ends soon.
pub fn short() -> Limits {
    Limits { whole: Duration::from_millis(300), ..Limits::default() }
}
