//! What a diagnosis costs when nothing explains the mismatch, beside one HMAC-SHA256 over the same bytes.
//!
//! Such a diagnosis does all the work that it is allowed. `HOOKGLASS_BENCH_ROUNDS` rounds a body (21).

use hookglass::core::diagnosis::diagnose;
use hookglass::core::request::Header;
use hookglass::core::signature::{Keyring, Secret, Verdict, sign, verify_request};
use std::hint::black_box;
use std::time::Instant;

const NOW_S: i64 = 1_700_000_000;
const SECRET: &str = "whsec_YW55IGtleSBvZiAyNCBieXRlcyBsb25n";
const OTHER: &str = "whsec_YW5vdGhlciBrZXkgb2YgMjQgYnl0ZXMh";

fn main() {
    // cargo test passes flags and wants the benches to run quickly.
    let is_test = std::env::args().any(|argument| argument == "--test");
    let rounds = std::env::var("HOOKGLASS_BENCH_ROUNDS").ok().and_then(|text| text.parse().ok());
    let rounds = if is_test { 1 } else { rounds.unwrap_or(21) };
    for (name, body) in [
        ("1 KB", event(1 << 10)),
        ("1 MiB", event(1 << 20)),
        ("1 MiB of numbers", numbers(1 << 20)),
        ("1 MiB of base64", b"QUJD".repeat(1 << 18)),
        ("8 MiB", event(8 << 20)),
    ] {
        measure(name, &body, rounds);
    }
}

fn measure(name: &str, body: &[u8], rounds: usize) {
    let keyring = Keyring { verifying: vec![Secret::new("main", SECRET)], known_only: Vec::new() };
    let signature = sign(&Secret::new("other", OTHER), b"msg_1", NOW_S, body).expect("the secret has a key");
    let timestamp = NOW_S.to_string();
    let headers = [
        Header::new("webhook-id", "msg_1"),
        Header::new("webhook-timestamp", &timestamp),
        Header::new("webhook-signature", &signature),
    ];
    let diagnosis = diagnose(&headers, body, NOW_S * 1000, &keyring);
    assert_eq!(diagnosis.verdict, Verdict::Invalid);
    let verify = || black_box(verify_request(&headers, body, NOW_S * 1000, &keyring));
    let explain = || drop(black_box(diagnose(&headers, body, NOW_S * 1000, &keyring)));
    let (mut hashing, mut searching) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        hashing.push(seconds(|| drop(verify())));
        searching.push(seconds(explain));
    }
    let (hashing, searching) = (median(hashing), median(searching));
    println!(
        "{name}: {:.2} ms, {:.0} times one verdict of {:.1} µs",
        searching * 1e3,
        searching / hashing,
        hashing * 1e6
    );
}

fn seconds(work: impl FnOnce()) -> f64 {
    let started = Instant::now();
    work();
    started.elapsed().as_secs_f64()
}

fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers[numbers.len() / 2]
}

/// An event of about `length` bytes whose text leaves serialisers many choices.
fn event(length: usize) -> Vec<u8> {
    let member = r#"{"name":"Zoë / <b>","id":"dirusr_1","email":"zoe@example.com","rate":1.0,"logins":100},"#;
    let mut body = r#"{"type":"user.signup","data":["#.to_owned();
    while body.len() + member.len() < length {
        body.push_str(member);
    }
    body.push_str("null]}");
    body.into_bytes()
}

fn numbers(length: usize) -> Vec<u8> {
    format!("[1{}]", ",1".repeat(length / 2)).into_bytes()
}
