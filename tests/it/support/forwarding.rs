//! Listener, history and forwarding as the program joins them, with limits of the test's, and apps that misbehave on request.

use super::patience::PATIENCE;
use super::recorder::{Recorded, read, reply};
use super::sandbox::SECRET;
use hookglass::app::forward::backlog::Backlog;
use hookglass::app::forward::forwarder::{Forwarder, Report};
use hookglass::app::inbound::ingest::Ingest;
use hookglass::app::inbound::overrides::SharedOverrides;
use hookglass::app::inbound::reverify::{EXAMINED, Reverifier};
use hookglass::app::keyring::SharedKeyring;
use hookglass::app::outbound::runtime::DeliveryRuntime;
use hookglass::app::outbound::send::Sender;
use hookglass::client::{Client, Limits};
use hookglass::core::delivery::{Delivery, Forward, ForwardMode, Forwarding, Route};
use hookglass::core::event::{Event, Seq, Summary};
use hookglass::core::response::ResponseState;
use hookglass::core::signature::{Keyring, Secret};
use hookglass::listener;
use hookglass::store::{Reader, Store, WeakWriter};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, Sender as ChannelSender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tempfile::TempDir;

pub struct Running {
    pub address: SocketAddr,
    pub path: PathBuf,
    pub keyring: SharedKeyring,
    pub backlog: Backlog,
    writer: WeakWriter,
    /// One for each event.
    stored: Receiver<()>,
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
        let (to_test, stored) = channel();
        let on_stored = {
            let (forwarder, to_test) = (Arc::clone(&forwarder), Mutex::new(to_test));
            Arc::new(move |_: Summary, forwards: &[Forward]| {
                forwarder.stored(forwards);
                // The test may be over.
                let _ = to_test.lock().unwrap().send(());
            })
        };
        let (ingest, writer) =
            Ingest::start(bound, store, keyring.clone(), answers, &forwarder, on_stored, Arc::new(|_| ())).unwrap();
        let sender = Sender {
            client,
            keyring: keyring.clone(),
            writer: Some(writer.clone()),
            deliveries: delivering.deliveries(),
        };
        forwarder.start(&sender, &writer, 0, || Reader::open(&path)).unwrap();
        let (to_test, reports) = channel();
        std::thread::spawn(move || {
            while let Some(report) = told.blocking_recv() {
                if to_test.send(report).is_err() {
                    return;
                }
            }
        });
        let (backlog, writer) = (forwarder.backlog(), writer.downgrade());
        let parts = Some((delivering, ingest));
        Self { address, path, keyring, backlog, writer, stored, reports, parts, _folder: folder }
    }

    /// Verifies all events again, as the screen does when the secrets change.
    pub fn verify_again(&self) {
        let (database, keyring, writer) = (self.path.clone(), self.keyring.clone(), self.writer.upgrade().unwrap());
        let (steps, mut told) = tokio::sync::mpsc::channel(1);
        let judging = Reverifier { database, keyring, writer, examined: EXAMINED };
        let telling = async { while told.recv().await.is_some() {} };
        let judging = async move { judging.all_again(&steps).await };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async { tokio::join!(judging, telling) }).0.unwrap();
    }

    /// Waits until so many more events are stored and reported.
    #[track_caller]
    pub fn wait_for_events(&self, count: usize) {
        (0..count).for_each(|_| self.stored.recv_timeout(PATIENCE).expect("an event is stored"));
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

    /// The events of the next `count` deliveries that ended, sorted: results are stored side by side, so reports have no order.
    #[track_caller]
    pub fn delivered_events(&self, count: usize) -> Vec<Seq> {
        let mut events: Vec<_> = (0..count).map(|_| self.delivered().event).collect();
        events.sort_unstable();
        events
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
                Report::Responded { response, .. } => status = response.status(),
                other => panic!("instead of an answer: {other:?}"),
            }
        }
        let (delivery, status) = (delivery.unwrap(), status.unwrap());
        assert_eq!(self.event(delivery.event).summary.response, ResponseState::Sent(status));
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

/// An app that holds every request until `release` is dropped, and then responds with 202.
pub struct HeldApp {
    pub address: SocketAddr,
    /// The `webhook-id` of each.
    pub arrivals: Receiver<String>,
    pub release: ChannelSender<()>,
}

impl HeldApp {
    pub fn start() -> Self {
        let (release, released) = channel();
        let (arrived, arrivals) = channel();
        let (released, arrived) = (Mutex::new(released), Mutex::new(arrived));
        let address = app(move |mut stream, request: Recorded| {
            arrived.lock().unwrap().send(request.value("webhook-id").unwrap()).unwrap();
            let _: Result<(), _> = released.lock().unwrap().recv();
            // Whoever gave up has closed.
            let _ = reply(&mut stream, 202, "");
        });
        Self { address, arrivals, release }
    }

    pub fn forwarding(&self, mode: ForwardMode) -> Forwarding {
        Forwarding { mode, ..to(&[self.address.to_string()]) }
    }
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

/// Limits under which silence ends soon. What an app has to answer first must not depend on being within them: see [`enough`].
pub fn short() -> Limits {
    Limits { whole: Duration::from_millis(300), ..Limits::default() }
}

/// Short limits, for apps that never respond. Use [`enough`] if the app must respond first.
pub fn enough() -> Limits {
    Limits { whole: Duration::from_secs(3), ..Limits::default() }
}
