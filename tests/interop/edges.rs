//! The edges of the time window to the millisecond, with the SDKs' clocks set by hand.

use crate::generate::{self, Plan};
use crate::sdk_server::SdkServer;
use crate::{Report, request::Request};
use hookglass::core::signature::{Sdk, Secret, sdk_verdicts};

const NOW_MS: i64 = 1_752_556_707_250;
const SECRET: &str = generate::SECRETS[0].1;

/// The ages at which an SDK changes its mind, in milliseconds, and their neighbours; the same ahead of now.
const AGES_MS: [i64; 9] = [299_000, 299_999, 300_000, 300_001, 300_500, 300_999, 301_000, 301_001, 302_000];

pub fn time_window(servers: &[SdkServer]) -> Report {
    let (mut count, mut accepted, mut differences) = (0, 0, Vec::new());
    for age_ms in AGES_MS.into_iter().flat_map(|age_ms| [age_ms, -age_ms]) {
        // The sender writes whole seconds, so it is the receiver's clock that has the fraction.
        for timestamp_s in [NOW_MS / 1000, 0, 4_000_000_000] {
            let now_ms = timestamp_s * 1000 + age_ms;
            for plan in [false, true].map(Plan::usual) {
                let request = plan.request(&mut fastrand::Rng::with_seed(1), timestamp_s, SECRET);
                for server in servers {
                    let accepts = compare(server, &request, now_ms).map_err(|text| differences.push(text));
                    accepted += usize::from(accepts == Ok(true));
                    count += 1;
                }
            }
        }
    }
    Report { summary: format!("{count} questions, {accepted} accepted"), differences }
}

/// The SDK's answer, or how the expected one differs from it.
fn compare(server: &SdkServer, request: &Request, now_ms: i64) -> Result<bool, String> {
    let path = format!("{}?now_ms={now_ms}", request.path(SECRET));
    let answer = server.ask(&request.wire(&path));
    let expected = expected_of(server.sdk, request, now_ms, SECRET);
    if expected == answer.accepts {
        return Ok(answer.accepts);
    }
    let (sdk, text) = (server.sdk, answer.text);
    Err(format!("{sdk} says `{text}` at {now_ms} ms, expected {expected}: {}", request.shown(SECRET)))
}

/// What hookglass says that `sdk` will answer.
pub fn expected_of(sdk: Sdk, request: &Request, now_ms: i64, secret: &str) -> bool {
    let answers = sdk_verdicts(&request.headers(), &request.body, now_ms, &Secret::new("main", secret));
    answers.into_iter().any(|(other, accepts)| other == sdk && accepts)
}
