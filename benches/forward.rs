//! Measures what deliveries cost: the same requests straight to an app, through hookglass in both modes, and by `replay` and `send`.
//!
//! The app and the listener run in this process, `replay` and `send` in their own. The app has its own runtime and responds 200 at once.
//! Each sender has one request in flight on a connection that stays open. In `after` mode senders get their responses before the app gets
//! the events, so the requests that reach the app are counted. All measurements alternate in one run, so that the ratios hold on a busy
//! machine. The history is in `target/`, on a real disk.
//!
//! - `HOOKGLASS_BENCH_S`: seconds per measurement (3)
//! - `HOOKGLASS_BENCH_ROUNDS`: rounds (3)
//! - `HOOKGLASS_BENCH_PARALLEL`: requests in flight, where it is not one (8)
//! - `HOOKGLASS_BENCH_TIMES`: requests of each `replay` and `send` (20,000)

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
use load::{Load, request};
use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};
use std::{env, fs, thread};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const RESPONSE: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

fn main() {
    // cargo test passes flags and wants the benches to run quickly.
    if env::args().any(|argument| argument == "--test") {
        return;
    }
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("target/bench-forward");
    let _ = fs::remove_dir_all(&folder);
    let secret = Secret::new("bench", SECRET);
    let got = Arc::<AtomicU64>::default();
    let app = start_app(Arc::clone(&got));
    let parallel = number("HOOKGLASS_BENCH_PARALLEL", 8);
    let load = |connections| Load {
        request: request(&secret),
        connections,
        is_kept_open: true,
        duration: Duration::from_secs(number("HOOKGLASS_BENCH_S", 3)),
    };
    let (one, many) = (load(1), load(parallel));
    let mut ratios: Vec<(String, Vec<f64>)> = Vec::new();
    println!("{:<26}{:>10}{:>10}{:>10}", "", "req/s", "p50 µs", "p99 µs");
    for round in 0..number("HOOKGLASS_BENCH_ROUNDS", 3) {
        let mut measured = Vec::new();
        let direct_one = measure("direct, 1 in flight", app, &one);
        let direct = measure(&format!("direct, {parallel} in flight"), app, &many);
        let path = |name: &str| folder.join(format!("{name}-{round}.db"));
        {
            let running = Running::start(&path("through"), app, ForwardMode::Through, parallel, secret.clone());
            let through = measure("through", running.address, &many);
            measured.push(("through".to_owned(), through.rate / direct.rate));
            measured.push(("through, p99".to_owned(), through.p99 / direct.p99));
        }
        for (in_flight, load, direct) in [(1, &one, &direct_one), (parallel, &many, &direct)] {
            let running = Running::start(
                &path(&format!("after-{in_flight}")),
                app,
                ForwardMode::After,
                in_flight,
                secret.clone(),
            );
            let (before, begun) = (got.load(Ordering::Relaxed), Instant::now());
            measure(&format!("after {in_flight}: senders"), running.address, load);
            let (behind, ended) = (got.load(Ordering::Relaxed), Instant::now());
            let waiting = running.wait_until_all_are_stored(behind - before);
            let rate = |count: u64, since: Instant| count as f64 / since.elapsed().as_secs_f64();
            let (all, rest) = (rate(got.load(Ordering::Relaxed) - before, begun), rate(waiting, ended));
            println!(
                "{:<26}{all:>10.0}    {rest:.0} for the last {waiting}, after the senders",
                format!("after {in_flight}: app")
            );
            measured.push((format!("after, {in_flight} in flight"), all / direct.rate));
            measured.push((format!("after, {in_flight} in flight, without senders"), rest / direct.rate));
        }
        let times = number("HOOKGLASS_BENCH_TIMES", 20_000);
        for command in ["replay", "send"] {
            let history = path(&format!("after-{parallel}"));
            let rate = run(command, app, &history, &folder, times, parallel);
            println!("{:<26}{rate:>10.0}", format!("{command} --parallel {parallel}"));
            measured.push((format!("{command} --parallel {parallel}"), rate / direct.rate));
        }
        for (place, (name, ratio)) in measured.into_iter().enumerate() {
            match ratios.get_mut(place) {
                Some((_, all)) => all.push(ratio),
                None => ratios.push((name, vec![ratio])),
            }
        }
    }
    println!("\nof the same requests straight to the app, medians:");
    for (name, mut all) in ratios {
        all.sort_by(f64::total_cmp);
        println!("{name:<40}{:>8.3}", all[all.len() / 2]);
    }
    let _ = fs::remove_dir_all(&folder);
}

/// Requests per second of `replay` or `send`, which start with one event of the history at `history` or with a sample.
fn run(command: &str, app: SocketAddr, history: &Path, folder: &Path, times: u64, parallel: u64) -> f64 {
    let source = if command == "replay" { "1" } else { "organization.created" };
    let mut hookglass = Command::new(env!("CARGO_BIN_EXE_hookglass"));
    hookglass.args([command, source, "--times", &times.to_string(), "--parallel", &parallel.to_string()]);
    hookglass.args(["--to", &app.to_string(), "--db"]).arg(history);
    hookglass.current_dir(folder).env("SCALEKIT_WEBHOOK_SECRET", SECRET).stdout(Stdio::null());
    let begun = Instant::now();
    assert!(hookglass.status().expect("the program starts").success(), "{command} failed");
    times as f64 / begun.elapsed().as_secs_f64()
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
    fn start(path: &Path, app: SocketAddr, mode: ForwardMode, parallel: u64, secret: Secret) -> Self {
        let store = Store::open(path).expect("the history can be opened");
        let keyring = SharedKeyring::new(Keyring { verifying: vec![secret], ..Keyring::default() });
        let bound = listener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).expect("a port is free");
        let address = bound.local_addr();
        let parallel = usize::try_from(parallel).ok().and_then(NonZeroUsize::new);
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

    /// Returns how many events the app still had to get, if it got `got` before.
    fn wait_until_all_are_stored(&self, got: u64) -> u64 {
        let all = Reader::open(&self.path).and_then(|reader| reader.last_seq()).expect("the history can be read");
        let mut stored = 0;
        while stored < all {
            stored += self.told.recv().expect("the forwarder runs");
        }
        all.saturating_sub(got)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.delivering.take().expect("it runs").stop();
        self.ingest.take().expect("it runs").stop().expect("the listener ends");
    }
}

/// An app that counts its requests. It finds them by the length of their bodies.
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
            let whole = end + 4 + content_length(&bytes[..end]);
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

fn content_length(head: &[u8]) -> usize {
    let head = std::str::from_utf8(head).expect("a head is text");
    let length = |line: &str| {
        let (name, value) = line.split_once(": ")?;
        name.eq_ignore_ascii_case("content-length").then(|| value.parse().expect("a length is a number"))
    };
    head.lines().find_map(length).unwrap_or_default()
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
