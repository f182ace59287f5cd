//! How much of a bare axum handler's rate the whole way in reaches: verify, read the envelope, commit with fsync, answer.
//!
//! Both servers run in this process, each on a current-thread runtime of its own, loaded in turn by the same 50 keep-alive
//! connections, so that the ratio holds on a busy machine. The history lies under `target/`, on a real disk.
//!
//! `HOOKGLASS_BENCH_S` seconds a measurement (3), `HOOKGLASS_BENCH_ROUNDS` rounds (3), `HOOKGLASS_WRK=1` loads with `wrk`
//! as well.

mod load;

use axum::Router;
use axum::http::StatusCode;
use bytes::Bytes;
use futures_util::future::BoxFuture;
use hookglass::core::delivery::Forward;
use hookglass::core::envelope;
use hookglass::core::envelope::Envelope;
use hookglass::core::event::{Arrival, NewEvent, Seq, Summary};
use hookglass::core::reply::{AppendError, Reply, reply_for};
use hookglass::core::response::ResponseState;
use hookglass::core::signature::{Keyring, Secret, verify_request};
use hookglass::listener::{self, Intake, Refusal, Responding, Settings};
use hookglass::store::{Queue, Reader, Store, Writer};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use load::{Load, body, headers, request};
use std::fs::File;
use std::io::Write as _;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex, mpsc};
use std::time::{Duration, Instant};
use std::{env, fs, thread};

const CONNECTIONS: u64 = 50;
/// As often as the screen looks for what is new.
const TICK: Duration = Duration::from_millis(16);

fn main() {
    // cargo test passes flags and wants the benches to run quickly.
    if env::args().any(|argument| argument == "--test") {
        return;
    }
    let duration = Duration::from_secs(number("HOOKGLASS_BENCH_S", 3));
    let secret = Secret::new("bench", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("target/bench-listener");
    let _ = fs::remove_dir_all(&folder);
    let path = folder.join("history.db");

    let bare = start_bare();
    let whole = start_whole(&path, secret.clone());
    println!("{:<10}{:>10}{:>10}{:>10}{:>14}{:>10}", "", "req/s", "p50 µs", "p99 µs", "CPU µs/req", "not 2xx");
    let mut ratios = Vec::new();
    for _ in 0..number("HOOKGLASS_BENCH_ROUNDS", 3) {
        let rates = [("bare", &bare), ("hookglass", &whole)].map(|(name, server)| {
            let load = Load { request: request(&secret), connections: CONNECTIONS, is_kept_open: true, duration };
            let rate = measure(name, server, &load);
            if env::var_os("HOOKGLASS_WRK").is_some() {
                wrk(server.address, &secret, duration, &folder);
            }
            rate
        });
        ratios.push(rates[1] / rates[0]);
        println!("the disk takes {} µs to sync a batch's 128 KiB", sync_us(&folder));
        println!("ratio {:.3}", rates[1] / rates[0]);
    }
    ratios.sort_by(f64::total_cmp);
    println!("median ratio {:.3}", ratios[ratios.len() / 2]);
    let log = fs::metadata(folder.join("history.db-wal")).map_or(0, |file| file.len() >> 20);
    let kept = Reader::open(&path).and_then(|reader| reader.last_seq()).expect("the history can be read");
    println!("{kept} events kept, log {log} MiB");
    let _ = fs::remove_dir_all(&folder);
}

/// What the disk itself costs at this moment: the median of 30 synced writes.
fn sync_us(folder: &Path) -> u128 {
    let mut file = File::create(folder.join("sync")).expect("target can be written to");
    let mut times: Vec<_> = (0..30)
        .map(|_| {
            let begun = Instant::now();
            file.write_all(&[0; 128 << 10]).and_then(|()| file.sync_data()).expect("target can be written to");
            begun.elapsed().as_micros()
        })
        .collect();
    times.sort_unstable();
    times[times.len() / 2]
}

fn number(name: &str, default: u64) -> u64 {
    env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// A server on a thread of its own.
struct Server {
    address: SocketAddr,
    /// Where Linux says how many nanoseconds the thread has run.
    schedstat: PathBuf,
}

impl Server {
    fn start<F: Future<Output = ()>>(
        name: &str,
        serve: impl FnOnce(mpsc::Sender<SocketAddr>) -> F + Send + 'static,
    ) -> Self {
        let (sender, address) = mpsc::channel();
        let (thread_sender, thread_path) = mpsc::channel();
        let work = move || {
            let own = fs::read_link("/proc/thread-self").unwrap_or_default();
            thread_sender.send(Path::new("/proc").join(own).join("schedstat")).expect("main waits");
            let runtime =
                tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime can be had");
            runtime.block_on(serve(sender));
        };
        thread::Builder::new().name(name.to_owned()).spawn(work).expect("a thread can be had");
        let schedstat = thread_path.recv().expect("the server starts");
        Self { address: address.recv().expect("the server listens"), schedstat }
    }

    /// CPU time of the server's thread so far; zero where it cannot be had.
    fn cpu(&self) -> Duration {
        let text = fs::read_to_string(&self.schedstat).unwrap_or_default();
        Duration::from_nanos(text.split(' ').next().and_then(|nanos| nanos.parse().ok()).unwrap_or(0))
    }
}

/// The same axum and hyper with nothing behind them.
fn start_bare() -> Server {
    Server::start("bare", |address| async move {
        let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port is free");
        address.send(listener.local_addr().expect("bound")).expect("main waits");
        let router = Router::new().fallback(|_: Bytes| async { StatusCode::CREATED });
        loop {
            let Ok((stream, _)) = listener.accept().await else { continue };
            let _ = stream.set_nodelay(true);
            let service = TowerToHyperService::new(router.clone());
            let mut builder = hyper::server::conn::http1::Builder::new();
            builder.timer(TokioTimer::new());
            tokio::spawn(builder.serve_connection(TokioIo::new(stream), service));
        }
    })
}

/// Listener and store as the program joins them, with something in the screen's place that looks every [`TICK`].
fn start_whole(path: &Path, secret: Secret) -> Server {
    let store = Store::open(path).expect("the history can be opened");
    let keyring = Keyring { verifying: vec![secret], ..Keyring::default() };
    let told: Arc<Mutex<Vec<Summary>>> = Arc::default();
    let sink = Arc::clone(&told);
    thread::spawn(move || {
        loop {
            thread::park_timeout(TICK);
            let news = std::mem::take(&mut *told.lock().expect("no panics"));
            drop(news);
        }
    });
    let on_stored = Arc::new(move |summary: Summary, _: &[Forward]| sink.lock().expect("no panics").push(summary));
    let (writer, task) = store.into_writer(Queue::default(), on_stored);
    let intake = Arc::new(Whole { keyring, writer });
    let on_refused = Arc::new(|refusal: Refusal| eprintln!("refused: {refusal:?}"));
    Server::start("ingest", |address| async move {
        let bound = listener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).expect("a port is free");
        address.send(bound.local_addr()).expect("main waits");
        tokio::spawn(task.run());
        listener::serve(bound, Settings::default(), intake, on_refused, std::future::pending())
            .await
            .expect("the port is watched");
    })
}

/// Verifies and stores each request; nothing is forwarded.
struct Whole {
    keyring: Keyring,
    writer: Writer,
}

impl Intake for Whole {
    fn decide(&self, arrival: Arrival) -> (NewEvent, Responding) {
        decide(arrival, &self.keyring)
    }

    fn store(&self, event: NewEvent) -> BoxFuture<'_, Result<Seq, AppendError>> {
        Box::pin(self.writer.append(event))
    }

    fn relay(&self, _: Seq, _: tokio::time::Instant) -> BoxFuture<'_, Reply> {
        unreachable!("no event is relayed")
    }

    fn sender_left(&self, _: Seq) {}

    fn run(&self) -> Option<&str> {
        None
    }
}

fn decide(arrival: Arrival, keyring: &Keyring) -> (NewEvent, Responding) {
    let headers = arrival.head.headers();
    let verification = verify_request(&headers, &arrival.body, arrival.received_at.as_millisecond(), keyring);
    let read = envelope::read(&arrival.body);
    let is_json = read.is_some();
    let envelope: Envelope = read.unwrap_or_default();
    let reply = reply_for(&verification, &envelope, is_json, None);
    let size = arrival.body.len() as u64;
    (
        NewEvent {
            arrival,
            envelope,
            verification,
            size,
            response: ResponseState::Sent(reply.status),
            forwards: Vec::new(),
            directive: None,
        },
        Responding::With(reply),
    )
}

/// Loads `server` and prints a row; gives requests a second.
fn measure(name: &str, server: &Server, load: &Load) -> f64 {
    let cpu = server.cpu();
    let loaded = load.on(server.address);
    let cpu = server.cpu().saturating_sub(cpu);
    let cpu_us = cpu.as_secs_f64() * 1e6 / loaded.count().max(1) as f64;
    let (rate, p50, p99) = (loaded.rate(), loaded.percentile_us(50), loaded.percentile_us(99));
    println!("{name:<10}{rate:>10.0}{p50:>10}{p99:>10}{cpu_us:>14.1}{:>10}", loaded.not_accepted);
    rate
}

/// The same load by `wrk`, whose own report is printed.
fn wrk(address: SocketAddr, secret: &Secret, duration: Duration, folder: &Path) {
    let script = folder.join("post.lua");
    let headers: String =
        headers(secret).iter().map(|(name, value)| format!("wrk.headers['{name}'] = '{value}'\n")).collect();
    let text = format!("wrk.method = 'POST'\nwrk.body = [==[{}]==]\n{headers}", body());
    fs::write(&script, text).expect("target can be written to");
    let report = Command::new("wrk")
        .args(["-t1", &format!("-c{CONNECTIONS}"), &format!("-d{}s", duration.as_secs()), "--latency", "-s"])
        .arg(&script)
        .arg(format!("http://{address}/webhooks/scalekit"))
        .output();
    match report {
        Ok(report) => {
            let text = String::from_utf8_lossy(&report.stdout).into_owned();
            let wanted = ["Requests/sec", "50%", "99%", "Non-2xx"];
            let lines = text.lines().filter(|line| wanted.iter().any(|word| line.contains(word)));
            lines.for_each(|line| println!("    wrk: {}", line.trim()));
        }
        Err(error) => println!("    wrk cannot be run: {error}"),
    }
}
