//! What a verdict costs beside HMAC-SHA256 over the same bytes: as a handler calls it, from its key, and with the key prepared
//! beforehand, which is the one part of a verdict that cannot be saved.
//!
//! The three are timed in turn, in short spells, and a ratio is the median over all rounds. Each round has its bytes at another
//! place within a page, the same for all, for some places slow down loads by a tenth or more. A verdict is given the body alone,
//! as the listener has it; what is signed before the body it puts there itself.
//!
//! On a rented machine the ratios for the small body have two levels, about 0.1 apart, that stay for seconds. Hashing waits for the
//! result of each round and leaves most of a core idle; all else that a verdict does is bound by how many instructions the core
//! takes in. When somebody else's work shares the core the latter takes half as long again, and the hashing takes what it took.
//! `HOOKGLASS_BENCH_ROUNDS` rounds a body (2001).

use hmac::{Hmac, KeyInit, Mac};
use hookglass::core::request::Header;
use hookglass::core::signature::{Keyring, Secret, Verdict, sign, verify_request};
use sha2::Sha256;
use std::hint::black_box;
use std::time::{Duration, Instant};

/// Unix seconds at which everything is signed and verified.
const NOW_S: i64 = 1_700_000_000;
const ID: &str = "msg_2KWPBgLlAfxdpx2AI54pPJ85f4W";
const KEY: &[u8] = b"any key of 24 bytes long";
/// How long one of the three runs in a round, about.
const SPELL: Duration = Duration::from_micros(200);
/// Bytes of a page, and of a cache line.
const PAGE: usize = 4096;
const LINE: usize = 64;
/// The most that a verdict should cost.
const TARGET: f64 = 1.2;

fn main() {
    // cargo test passes flags and wants the benches to run quickly.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    let rounds = std::env::var("HOOKGLASS_BENCH_ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(2001);
    println!(
        "{:<18}{:>12}{:>12}{:>12}{:>10}{:>14}",
        "body", "HMAC ns", "prepared ns", "new_event_from ns", "to HMAC", "to prepared"
    );
    let bodies =
        [("1 KB", 1 << 10, "Jane Doe"), ("1 MB", 1 << 20, "Jane Doe"), ("1 MB, not ASCII", 1 << 20, "山田 花子")];
    for (name, length, person) in bodies {
        let body = body(length, person);
        let rounds = measure(&body, rounds);
        let of = |number: fn(&[f64; 3]) -> f64| median(rounds.iter().map(number).collect());
        let [hmac_ns, prepared_ns, judge_ns] = [of(|round| round[0]), of(|round| round[1]), of(|round| round[2])];
        let [to_hmac, to_prepared] = [of(|round| round[2] / round[0]), of(|round| round[2] / round[1])];
        println!(
            "{name:<18}{hmac_ns:>12.0}{prepared_ns:>12.0}{judge_ns:>12.0}{to_hmac:>10.3}{to_prepared:>14.3}  (target {TARGET})"
        );
    }
}

/// Of each round the nanoseconds for one HMAC from its key, for one with a prepared key, and for one verdict.
fn measure(body: &[u8], rounds: usize) -> Vec<[f64; 3]> {
    let secret = Secret::new("bench", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    let timestamp = NOW_S.to_string();
    let signature = sign(&secret, ID.as_bytes(), NOW_S, body).expect("the secret has a prefix");
    let length = body.len().to_string();
    let headers = [
        Header::new("Host", "ab12.ngrok-free.app"),
        Header::new("User-Agent", "Svix-Webhooks/1.62.0 (sender-9YMgn; +https://www.svix.com/http-sender/)"),
        Header::new("Content-Length", &length),
        Header::new("Accept", "*/*"),
        Header::new("Accept-Encoding", "gzip"),
        Header::new("Content-Type", "application/json"),
        Header::new("Webhook-Id", ID),
        Header::new("Webhook-Signature", &signature),
        Header::new("Webhook-Timestamp", &timestamp),
        Header::new("X-Forwarded-For", "203.0.113.9"),
        Header::new("X-Forwarded-Host", "ab12.ngrok-free.app"),
        Header::new("X-Forwarded-Proto", "https"),
    ];
    let keyring = Keyring { verifying: vec![secret], known_only: Vec::new() };
    let new_event = |body: &[u8]| {
        verify_request(black_box(&headers), black_box(body), black_box(NOW_S * 1000), black_box(&keyring))
    };
    assert_eq!(new_event(body).verdict, Verdict::Verified);

    let keyed = || Hmac::<Sha256>::new_from_slice(black_box(KEY)).expect("HMAC takes keys of any length");
    let prepared = keyed();
    let content = [ID.as_bytes(), b".", timestamp.as_bytes(), b".", body].concat();
    let hashed = |mut mac: Hmac<Sha256>, content: &[u8]| {
        mac.update(black_box(content));
        mac.finalize()
    };

    let count = spell_count(|| hashed(keyed(), &content));
    let (mut body_room, mut content_room) = (vec![0; body.len() + 2 * PAGE], vec![0; content.len() + 2 * PAGE]);
    let round = |round: usize| {
        let place = round * LINE % PAGE;
        let body = placed(&mut body_room, place, body);
        let content = placed(&mut content_room, place, &content);
        let mut times = [0.0; 3];
        // Who goes first changes, so that none has the warmer cache.
        for turn in round..round + 3 {
            times[turn % 3] = match turn % 3 {
                0 => time(count, || hashed(keyed(), content)),
                1 => time(count, || hashed(black_box(&prepared).clone(), content)),
                _ => time(count, || new_event(body)),
            };
        }
        times
    };
    (0..rounds).map(round).collect()
}

/// A copy of `bytes` that begins at `place` of a page in `room`.
fn placed<'r>(room: &'r mut [u8], place: usize, bytes: &[u8]) -> &'r [u8] {
    let start = room.as_ptr().align_offset(PAGE) + place;
    let copy = &mut room[start..start + bytes.len()];
    copy.copy_from_slice(bytes);
    copy
}

/// How many calls fill a spell.
fn spell_count<T>(work: impl Fn() -> T) -> u32 {
    let mut count = 1;
    loop {
        let started = Instant::now();
        (0..count).for_each(|_| _ = black_box(work()));
        if started.elapsed() >= SPELL {
            return count;
        }
        count *= 2;
    }
}

/// Nanoseconds a call.
fn time<T>(count: u32, work: impl Fn() -> T) -> f64 {
    let started = Instant::now();
    for _ in 0..count {
        black_box(work());
    }
    started.elapsed().as_secs_f64() * 1e9 / f64::from(count)
}

fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers[numbers.len() / 2]
}

/// JSON of about `length` bytes about `person`, as events have it.
fn body(length: usize, person: &str) -> Vec<u8> {
    let member = format!(r#"{{"id":"dirusr_1","name":"{person}","email":"jane.doe@example.com","logins":12}},"#);
    let mut body = br#"{"type":"user.signup","data":["#.to_vec();
    while body.len() + member.len() < length {
        body.extend_from_slice(member.as_bytes());
    }
    body.extend_from_slice(b"null]}");
    body
}
