//! Measures what forwarding costs: sends the same requests to an app directly, and through hookglass in both modes.
//!
//! The app and hookglass run in this process. The app has its own runtime and responds 200 at once. Each sender has one request in
//! flight. In `after` mode senders get their responses before the app gets the events, so the requests that reach the app are counted.
//! All measurements alternate in one run, so that the ratios hold on a busy machine. The history is in `target/`, on a real disk.
//!
//! - `HOOKGLASS_BENCH_S`: seconds per measurement (3)
//! - `HOOKGLASS_BENCH_ROUNDS`: rounds (3)
//! - `HOOKGLASS_BENCH_PARALLEL`: deliveries to the app at once (1, the program's default)
//! - `HOOKGLASS_BENCH_LANES`: senders (8)

mod load;

use hookglass::app::forward::forwarder::{Forwarder, Report};
use hookglass::app::inbound::ingest::Ingest;
use hookglass::app::inbound::overrides::SharedOverrides;
use hookglass::app::keyring::SharedKeyring;
use hookglass::app::outbound::runtime::DeliveryRuntime;
use hookglass::app::outbound::send::Sender;
use hookglass::client::{Client, Limits};
use hookglass::core::delivery::{Forward, ForwardMode, Forwarding, Route};
use hookglass::core::event::Summary;
use hookglass::core::signature::{Keyring, Secret};
use hookglass::listener::{self, Refusal};
use hookglass::store::{Reader, Store};
use load::{BODY_BYTES, Load, request};
use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};
use std::{env, fs, thread};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const RESPONSE: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

fn main() {
    // cargo test passes flags and wants the benches to run quickly.
    if env::args().any(|argument| argument == "--test") {
        return;
    }
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("target/bench-forward");
    let _ = fs::remove_dir_all(&folder);
    let secret = Secret::new("bench", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    let got = Arc::<AtomicU64>::default();
    let app = start_app(Arc::clone(&got));
    let kept_open = Load {
        request: request(&secret),
        connections: number("HOOKGLASS_BENCH_LANES", 8),
        is_kept_open: true,
        duration: Duration::from_secs(number("HOOKGLASS_BENCH_S", 3)),
    };
    let anew = Load { is_kept_open: false, request: kept_open.request.clone(), ..kept_open };
    let mut ratios = Vec::new();
    println!("{:<26}{:>10}{:>10}{:>10}", "", "req/s", "p50 µs", "p99 µs");
    for round in 0..number("HOOKGLASS_BENCH_ROUNDS", 3) {
        let direct = measure("direct, kept open", app, &kept_open);
        let direct_anew = measure("direct, new connections", app, &anew);
        let through = {
            let path = folder.join(format!("through-{round}.db"));
            let running = Running::start(&path, app, ForwardMode::Through, secret.clone());
            measure("through", running.address, &kept_open)
        };
        let after = {
            let path = folder.join(format!("after-{round}.db"));
            let running = Running::start(&path, app, ForwardMode::After, secret.clone());
            let before = got.load(Ordering::Relaxed);
            let begun = Instant::now();
            let senders = measure("after: senders", running.address, &kept_open);
            let behind = got.load(Ordering::Relaxed) - before;
            running.wait_until_all_are_stored();
            let rate = (got.load(Ordering::Relaxed) - before) as f64 / begun.elapsed().as_secs_f64();
            println!("{:<26}{rate:>10.0}    {behind} while the senders were sending", "after: app");
            (senders, rate)
        };
        println!(
            "of direct: through {:.3} of the rate, {:.1} of the p99; after {:.3} of the rate for senders, {:.3} for the app, {:.1} of the p99",
            through.rate / direct.rate,
            through.p99 / direct.p99,
            after.0.rate / direct.rate,
            after.1 / direct.rate,
            after.0.p99 / direct.p99
        );
        println!(
            "of new connections: through {:.3}, after {:.3} for the app",
            through.rate / direct_anew.rate,
            after.1 / direct_anew.rate
        );
        ratios.push([through.rate / direct.rate, after.1 / direct.rate]);
    }
    for (name, place) in [("through", 0), ("after, for the app", 1)] {
        ratios.sort_by(|one, other| one[place].total_cmp(&other[place]));
        println!("median ratio of rates, {name}: {:.3}", ratios[ratios.len() / 2][place]);
    }
    let _ = fs::remove_dir_all(&folder);
}

fn number(name: &str, default: u64) -> u64 {
    env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// hookglass without a screen. Its reports are only counted.
struct Running {
    address: SocketAddr,
    path: PathBuf,
    delivering: Option<DeliveryRuntime>,
    ingest: Option<Ingest>,
    /// For each report, how many deliveries it stands for.
    told: mpsc::Receiver<u64>,
}

impl Running {
    fn start(path: &Path, app: SocketAddr, mode: ForwardMode, secret: Secret) -> Self {
        let store = Store::open(path).expect("the history can be opened");
        let keyring = SharedKeyring::new(Keyring { verifying: vec![secret], ..Keyring::default() });
        let bound = listener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).expect("a port is free");
        let address = bound.local_addr();
        let parallel = usize::try_from(number("HOOKGLASS_BENCH_PARALLEL", 1)).ok().and_then(NonZeroUsize::new);
        let routes = vec![Route::parse(&app.to_string()).expect("an address is a route")];
        let parallel = parallel.unwrap_or(NonZeroUsize::MIN);
        let forwarding = Forwarding { routes, mode, parallel, ..Forwarding::default() };
        let delivering = DeliveryRuntime::start().expect("a runtime can be had");
        let limits = Limits::default();
        let (forwarder, mut reports) = Forwarder::new(forwarding, delivering.deliveries(), limits.whole);
        let forwarder = Arc::new(forwarder);
        let on_stored = {
            let forwarder = Arc::clone(&forwarder);
            Arc::new(move |_: Summary, forwards: &[Forward]| forwarder.stored(forwards))
        };
        let on_refused = Arc::new(|refusal: Refusal| eprintln!("refused: {refusal:?}"));
        let started =
            Ingest::start(bound, store, keyring.clone(), SharedOverrides::new([]), &forwarder, on_stored, on_refused);
        let (ingest, writer) = started.expect("a thread can be had");
        let (client, deliveries) = (Client::new(limits), delivering.deliveries());
        let sender = Sender { client, keyring, writer: Some(writer.clone()), deliveries };
        forwarder.start(&sender, &writer, 0, || Reader::open(path)).expect("the history can be read");
        let (count, told) = mpsc::channel();
        thread::spawn(move || {
            while let Some(report) = reports.blocking_recv() {
                let ended = match report {
                    Report::Delivered { delivery, .. } if delivery.ending().is_delivered() => 1,
                    Report::Responded { .. } => 0,
                    Report::Missed(missed) => missed,
                    other => panic!("{other:?}"),
                };
                // The receiver is gone when all deliveries are stored.
                let _ = count.send(ended);
            }
        });
        Self { address, path: path.to_owned(), delivering: Some(delivering), ingest: Some(ingest), told }
    }

    fn wait_until_all_are_stored(&self) {
        let all = Reader::open(&self.path).and_then(|reader| reader.last_seq()).expect("the history can be read");
        let mut stored = 0;
        while stored < all {
            stored += self.told.recv().expect("the forwarder runs");
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.delivering.take().expect("it runs").stop();
        self.ingest.take().expect("it runs").stop().expect("the listener ends");
    }
}

/// An app that counts its requests. It finds them by the empty line after the head, which no body contains.
fn start_app(got: Arc<AtomicU64>) -> SocketAddr {
    let (sender, address) = mpsc::channel();
    thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime can be had");
        runtime.block_on(async {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port is free");
            sender.send(listener.local_addr().expect("bound")).expect("main waits");
            loop {
                let Ok((stream, _)) = listener.accept().await else { continue };
                tokio::spawn(serve(stream, Arc::clone(&got)));
            }
        });
    });
    address.recv().expect("the app listens")
}

async fn serve(mut stream: TcpStream, got: Arc<AtomicU64>) {
    let _ = stream.set_nodelay(true);
    let mut bytes = Vec::new();
    while stream.read_buf(&mut bytes).await.is_ok_and(|count| count > 0) {
        while let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            let whole = end + 4 + BODY_BYTES;
            if bytes.len() < whole {
                break;
            }
            bytes.drain(..whole);
            got.fetch_add(1, Ordering::Relaxed);
            if stream.write_all(RESPONSE).await.is_err() {
                return;
            }
        }
    }
}

struct Measured {
    rate: f64,
    /// Microseconds.
    p99: f64,
}

/// Loads `address` and prints a row.
fn measure(name: &str, address: SocketAddr, load: &Load) -> Measured {
    let loaded = load.on(address);
    assert_eq!(loaded.not_accepted, 0, "not a 2xx");
    let (rate, p99) = (loaded.rate(), loaded.percentile_us(99));
    println!("{name:<26}{rate:>10.0}{:>10}{p99:>10}", loaded.percentile_us(50));
    Measured { rate, p99: p99 as f64 }
}
