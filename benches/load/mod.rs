//! Load on a server: signed webhooks over many connections at once, each with one request in flight.

use bytes::Bytes;
use hookglass::core::signature::{Secret, sign};
use jiff::Timestamp;
use std::net::SocketAddr;
use std::thread;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

pub const BODY_BYTES: usize = 1024;

pub struct Load {
    pub request: Bytes,
    pub connections: u64,
    /// Whether a connection is used for many requests; otherwise each request opens a new one.
    pub is_kept_open: bool,
    pub duration: Duration,
}

/// What the server did under the load.
pub struct Loaded {
    /// The duration of every request in nanoseconds, ascending.
    latencies: Vec<u64>,
    /// How many requests did not get 2xx.
    pub not_accepted: usize,
    elapsed: Duration,
}

impl Load {
    /// Sends to `address` from another thread for [`Load::duration`].
    pub fn on(&self, address: SocketAddr) -> Loaded {
        let begun = Instant::now();
        let end = begun + self.duration;
        let lanes: Vec<_> =
            (0..self.connections).map(|_| lane(address, self.request.clone(), end, self.is_kept_open)).collect();
        let source = thread::spawn(move || {
            let runtime =
                tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime can be had");
            runtime.block_on(async {
                let lanes: Vec<_> = lanes.into_iter().map(tokio::spawn).collect();
                let (mut latencies, mut not_accepted) = (Vec::new(), 0);
                for lane in lanes {
                    let of_lane = lane.await.expect("a lane does not panic");
                    latencies.extend(of_lane.0);
                    not_accepted += of_lane.1;
                }
                (latencies, not_accepted)
            })
        });
        let (mut latencies, not_accepted) = source.join().expect("the load source does not panic");
        let elapsed = begun.elapsed();
        latencies.sort_unstable();
        Loaded { latencies, not_accepted, elapsed }
    }
}

impl Loaded {
    pub fn count(&self) -> usize {
        self.latencies.len()
    }

    /// Requests per second.
    pub fn rate(&self) -> f64 {
        self.count() as f64 / self.elapsed.as_secs_f64()
    }

    /// The microseconds within which `percent` of the requests got their response.
    pub fn percentile_us(&self, percent: usize) -> u64 {
        self.latencies.get(self.count() * percent / 100).map_or(0, |nanos| nanos / 1000)
    }
}

async fn lane(address: SocketAddr, request: Bytes, end: Instant, is_kept_open: bool) -> (Vec<u64>, usize) {
    let connect = || async {
        let stream = TcpStream::connect(address).await.expect("the server accepts");
        stream.set_nodelay(true).expect("a socket");
        stream
    };
    let mut stream = connect().await;
    let (mut latencies, mut not_accepted) = (Vec::with_capacity(1 << 14), 0);
    let mut buffer = [0; 1024];
    let mut now = Instant::now();
    while now < end {
        stream.write_all(&request).await.expect("the server reads");
        let mut filled = 0;
        // The responses have no body.
        while !buffer[..filled].ends_with(b"\r\n\r\n") {
            let read = stream.read(&mut buffer[filled..]).await.expect("the server responds");
            assert_ne!(read, 0, "the server closed the connection");
            filled += read;
        }
        not_accepted += usize::from(buffer[9] != b'2');
        if !is_kept_open {
            stream = connect().await;
        }
        let then = std::mem::replace(&mut now, Instant::now());
        latencies.push(u64::try_from((now - then).as_nanos()).unwrap_or(u64::MAX));
    }
    (latencies, not_accepted)
}

/// A request with a valid, current signature.
pub fn request(secret: &Secret) -> Bytes {
    let headers: String = headers(secret).iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let body = body();
    let length = body.len();
    Bytes::from(format!(
        "POST /webhooks/scalekit HTTP/1.1\r\nHost: a\r\n{headers}Content-Length: {length}\r\n\r\n{body}"
    ))
}

/// The headers of [`request`], without those of the connection.
pub fn headers(secret: &Secret) -> [(&'static str, String); 5] {
    let timestamp_s = Timestamp::now().as_second();
    let id = "msg_2KWPBgLlAfxdpx2AI54pPJ85f4W";
    let signature = sign(secret, id.as_bytes(), timestamp_s, body().as_bytes()).expect("the secret is sound");
    [
        ("Content-Type", "application/json".to_owned()),
        ("User-Agent", "Svix-Webhooks/1.62.0".to_owned()),
        ("Webhook-Id", id.to_owned()),
        ("Webhook-Timestamp", timestamp_s.to_string()),
        ("Webhook-Signature", signature),
    ]
}

/// The body of [`request`], of [`BODY_BYTES`].
pub fn body() -> String {
    let begin = r#"{"spec_version":"1","id":"evt_64737250391820801","type":"organization.directory.user_created","object":"DirectoryUser","occurred_at":"2026-01-02T03:04:05.678901234Z","environment_id":"env_58345499215790610","organization_id":"org_64737250391820802","data":{"id":"diruser_64737250391820803","directory_id":"dir_64737250391820804","email":"ada@example.com","given_name":"Ada","family_name":"Lovelace","name":"Ada Lovelace","active":true,"groups":[{"id":"dirgroup_1","name":"Engineering"},{"id":"dirgroup_2","name":"Mathematics"}],"custom":{"note":""#;
    let end = r#""}}}"#;
    format!("{begin}{}{end}", "x".repeat(BODY_BYTES - begin.len() - end.len()))
}
