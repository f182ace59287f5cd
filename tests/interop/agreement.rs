//! The same bytes to hookglass and to the SDKs: hookglass's verdict is Node's, and it knows what each SDK answers.

use crate::Report;
use crate::edges::expected_of;
use crate::generate::{Plan, SECRETS};
use crate::inspector::Inspector;
use crate::request::Request;
use crate::sdk_server::SdkServer;
use hookglass::core::signature::Sdk;
use jiff::Timestamp;
use std::collections::BTreeMap;

/// Requests with several peculiarities, besides those with one, unless `HOOKGLASS_INTEROP_REQUESTS` says how many.
const MIXED: usize = 400;
const SEED: u64 = 20_250_715;

pub fn altered_requests(servers: &[SdkServer]) -> Report {
    let mut random = fastrand::Rng::with_seed(SEED);
    let asked = std::env::var("HOOKGLASS_INTEROP_REQUESTS").ok().and_then(|count| count.parse().ok());
    let mixed: Vec<_> = std::iter::repeat_with(|| Plan::mixed(&mut random)).take(asked.unwrap_or(MIXED)).collect();
    let plans: Vec<_> = Plan::each_peculiarity_alone().into_iter().chain(mixed).collect();

    let (mut inspectors, mut accepted, mut differences) = (BTreeMap::new(), BTreeMap::new(), Vec::new());
    for plan in &plans {
        let secret = SECRETS[plan.secret].1;
        let inspector = inspectors.entry(plan.secret).or_insert_with(|| Inspector::start(secret, &[]));
        let request = plan.request(&mut random, Timestamp::now().as_second(), secret);
        let round = ask_all(inspector, servers, &request, secret);
        for name in round.accepted {
            *accepted.entry(name).or_insert(0) += 1;
        }
        differences.extend(round.differences.into_iter().map(|text| format!("{text}: {}", request.shown(secret))));
    }
    // Where nearly all are accepted, or nearly none, agreement would say little.
    let is_telling = |count: &usize| (plans.len() / 5..plans.len() * 4 / 5).contains(count);
    assert!(accepted.values().all(is_telling), "of {} requests were accepted {accepted:?}", plans.len());
    let summary = format!("{} requests, {} secrets, accepted by {accepted:?}", plans.len(), inspectors.len());
    Report { summary, differences }
}

/// What was said of one request.
struct Round {
    accepted: Vec<&'static str>,
    differences: Vec<String>,
}

fn ask_all(inspector: &Inspector, servers: &[SdkServer], request: &Request, secret: &str) -> Round {
    let path = request.path(secret);
    let wire = request.wire(&path);
    let line = inspector.ask(&path, &wire);
    let is_verified = line.verdict == "verified";
    let mut round = Round { accepted: Vec::new(), differences: Vec::new() };
    if is_verified {
        round.accepted.push("hookglass");
    }
    for server in servers {
        let (sdk, answer) = (server.sdk, server.ask(&wire));
        if answer.accepts {
            round.accepted.push(sdk.as_str());
        }
        if sdk == Sdk::Node && is_verified != answer.accepts {
            let (verdict, reason) = (line.verdict.as_str(), line.reason.as_deref().unwrap_or("-"));
            round.differences.push(format!("hookglass says {verdict} ({reason}), {sdk} `{}`", answer.text));
        }
        let expected = expected_of(sdk, request, Timestamp::now().as_millisecond(), secret);
        if expected != answer.accepts {
            round.differences.push(format!("{sdk} says `{}`, expected {expected}", answer.text));
        }
    }
    round
}
