//! Compares the request rate of the listener with that of a bare axum handler. The listener verifies each request, reads its envelope,
//! stores it with fsync and responds.
//!
//! Both servers run in this process, each on its own current-thread runtime. The same 50 keep-alive connections load them in turn, so
//! that the ratio holds on a busy machine. The history is in `target/`, on a real disk.
//!
//! After each round, it compares what checking the payload against the catalog costs with the CPU time of one request. That should be less
//! than a third.
//!
//! - `HOOKGLASS_BENCH_S`: seconds per measurement (3)
//! - `HOOKGLASS_BENCH_ROUNDS`: rounds (3)
//! - `HOOKGLASS_WRK=1`: load with `wrk` too

mod load;

use axum::Router;
use axum::http::StatusCode;
use bytes::Bytes;
use hookglass::app::forward::forwarder::Forwarder;
use hookglass::app::inbound::intake::Inbound;
use hookglass::app::inbound::overrides::SharedOverrides;
use hookglass::app::keyring::SharedKeyring;
use hookglass::app::outbound::runtime::Deliveries;
use hookglass::client::Limits;
use hookglass::core::check::{Accepted, check};
use hookglass::core::delivery::{Forward, Forwarding};
use hookglass::core::event::Summary;
use hookglass::core::request::Head;
use hookglass::core::signature::{Keyring, Secret};
use hookglass::listener::{self, Refusal, Settings};
use hookglass::store::{Queue, Reader, Store};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use load::{Load, body, headers, request};
use std::fs::File;
use std::hint::black_box;
use std::io::Write as _;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex, mpsc};
use std::time::{Duration, Instant};
use std::{env, fs, thread};
use tokio::runtime::Handle;

const CONNECTIONS: u64 = 50;
/// How often the screen takes new events.
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
    let (mut ratios, mut check_ratios) = (Vec::new(), Vec::new());
    for _ in 0..number("HOOKGLASS_BENCH_ROUNDS", 3) {
        let costs = [("bare", &bare), ("hookglass", &whole)].map(|(name, server)| {
            let load = Load { request: request(&secret), connections: CONNECTIONS, is_kept_open: true, duration };
            let (rate, cpu_us) = measure(name, server, &load);
            if env::var_os("HOOKGLASS_WRK").is_some() {
                wrk(server.address, &secret, duration, &folder);
            }
            (rate, cpu_us)
        });
        let [(bare, _), (whole, cpu_us)] = costs;
        ratios.push(whole / bare);
        println!("the disk takes {} µs to sync a batch's 128 KiB", sync_us(&folder));
        println!("ratio {:.3}", whole / bare);
        let check_us = check_us(&secret);
        println!("checking the payload takes {check_us:.1} µs, {:.3} of a request's CPU time", check_us / cpu_us);
        check_ratios.push(check_us / cpu_us);
    }
    println!("median ratio {:.3}", median(ratios));
    println!("median of checking to responding {:.3} (target 0.333)", median(check_ratios));
    let log = fs::metadata(folder.join("history.db-wal")).map_or(0, |file| file.len() >> 20);
    let stored = Reader::open(&path).and_then(|reader| reader.last_seq()).expect("the history can be read");
    println!("{stored} events stored, log {log} MiB");
    let _ = fs::remove_dir_all(&folder);
}

fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers[numbers.len() / 2]
}

/// What checking the payload of the request takes: the median of 2,000, in microseconds.
fn check_us(secret: &Secret) -> f64 {
    let request = request(secret);
    let head = Head::parse(&request).expect("the request is well formed");
    let body = &request[head.bytes().len()..];
    let accepted = Accepted::default();
    let times = (0..2000).map(|_| {
        let begun = Instant::now();
        black_box(check(&head, black_box(body), &accepted));
        begun.elapsed().as_secs_f64() * 1e6
    });
    median(times.collect())
}

/// How fast the disk itself is now: the median of 30 synced writes, in microseconds.
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
    /// The file in which Linux gives the CPU time of the thread, in nanoseconds.
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

    /// The CPU time of the server's thread so far; zero if the system does not tell.
    fn cpu(&self) -> Duration {
        let text = fs::read_to_string(&self.schedstat).unwrap_or_default();
        Duration::from_nanos(text.split(' ').next().and_then(|nanos| nanos.parse().ok()).unwrap_or(0))
    }
}

/// The same axum and hyper with a handler that does nothing.
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

/// The listener, its intake and the store as in the program. A thread takes the new events every [`TICK`], as the screen does.
fn start_whole(path: &Path, secret: Secret) -> Server {
    let store = Store::open(path).expect("the history can be opened");
    let keyring = SharedKeyring::new(Keyring { verifying: vec![secret], ..Keyring::default() });
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
    let on_refused = Arc::new(|refusal: Refusal| eprintln!("refused: {refusal:?}"));
    Server::start("ingest", |address| async move {
        let bound = listener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).expect("a port is free");
        address.send(bound.local_addr()).expect("main waits");
        tokio::spawn(task.run());
        let deliveries = Deliveries::on(Handle::current());
        let (forwarder, _) = Forwarder::new(Forwarding::default(), deliveries, Limits::default().whole);
        let (overrides, relays) = (SharedOverrides::new([]), forwarder.relays(writer.clone()));
        let intake = Arc::new(Inbound { keyring, overrides, relays, writer });
        listener::serve(bound, Settings::default(), intake, on_refused, std::future::pending())
            .await
            .expect("the port is watched");
    })
}

/// Loads `server`, prints a row and returns the requests per second and the CPU time of one in microseconds.
fn measure(name: &str, server: &Server, load: &Load) -> (f64, f64) {
    let cpu = server.cpu();
    let loaded = load.on(server.address);
    let cpu = server.cpu().saturating_sub(cpu);
    let cpu_us = cpu.as_secs_f64() * 1e6 / loaded.count().max(1) as f64;
    let (rate, p50, p99) = (loaded.rate(), loaded.percentile_us(50), loaded.percentile_us(99));
    println!("{name:<10}{rate:>10.0}{p50:>10}{p99:>10}{cpu_us:>14.1}{:>10}", loaded.not_accepted);
    (rate, cpu_us)
}

/// Puts the same load on `address` with `wrk` and prints its report.
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
