//! Compares hookglass with the real Scalekit SDKs over HTTP: each verifies what the other signs, and they agree on
//! requests altered in every way. Run by `tests/interop/run`, which installs the SDKs and says where they are.

#![allow(clippy::unwrap_used)] // a test that cannot go on says so by panicking

mod agreement;
mod edges;
mod generate;
#[path = "../it/support/http.rs"]
#[allow(dead_code)] // shared with the tests that need all of it
mod http;
mod inspector;
#[path = "../it/support/patience.rs"]
#[allow(dead_code)] // as above
mod patience;
mod process;
mod rehearsals;
mod request;
mod sdk_server;
mod signing;

use hookglass::core::signature::Sdk;
use sdk_server::SdkServer;
use std::process::ExitCode;
use std::time::Instant;

/// What a step has to say: a summary in one line, and every difference it found.
struct Report {
    summary: String,
    differences: Vec<String>,
}

type Step = fn(&[SdkServer]) -> Report;

const STEPS: [(&str, Step); 9] = [
    ("samples sent by `hookglass send` are accepted", signing::sent_samples),
    ("events forwarded by `--forward-to` are accepted", signing::forwarded_events),
    ("what `send` and `replay` make of fixtures and changed samples is accepted", signing::sent_by_commands),
    ("events signed again or edited are accepted", signing::events_signed_again),
    ("rehearsals find no fault in the SDKs", rehearsals::of_sdks),
    ("rehearsals find no fault in the handlers that are shown", rehearsals::of_shown_handlers),
    ("rehearsals name the mistakes of handlers with the SDKs", rehearsals::of_mistakes),
    ("the verdicts on altered requests agree", agreement::altered_requests),
    ("the edges of the time window agree", edges::time_window),
];

fn main() -> ExitCode {
    let servers: Vec<_> = [Sdk::Node, Sdk::Python].into_iter().filter_map(SdkServer::start).collect();
    assert!(!servers.is_empty(), "no SDK to compare with: run `tests/interop/run`");
    let mut code = ExitCode::SUCCESS;
    for (name, step) in STEPS {
        let started = Instant::now();
        let Report { summary, differences } = step(&servers);
        println!("{name}: {summary}; {} differences; {:.1} s", differences.len(), started.elapsed().as_secs_f32());
        for difference in &differences {
            println!("  {difference}");
            code = ExitCode::FAILURE;
        }
    }
    code
}
