//! Why no event arrives: what `hookglass doctor` found out, judged one link of the way after the other.

use crate::core::signature::{GIVE_SECRET, Keyring, Reason, Verdict, odd_secrets};
use crate::core::times::in_words;
use crate::core::tunnel::{Captured, Found, PublicUrl};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use std::time::Duration;

/// Half of the five minutes that the SDKs allow, because the sender and the network use some of them too.
const CLOCK_LIMIT: SignedDuration = SignedDuration::from_secs(150);

/// What was found out. `None` means that it was not asked.
pub struct Facts<'f> {
    pub now: Timestamp,
    pub port: u16,
    pub listener: Listener,
    pub tunnel: Found,
    /// Whether the user named the public URL, so that no agent was asked.
    pub is_url_named: bool,
    /// The last POST request that ngrok captured for the tunnel.
    pub captured: Option<Captured>,
    /// What came of the request to the public URL, if the user allowed one.
    pub reach: Option<Reach>,
    pub keyring: &'f Keyring,
    pub history: History,
}

/// What responds on the port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Listener {
    Nothing,
    OtherProgram,
    /// A hookglass, with the mark of its run. Earlier versions have none.
    Hookglass(Option<Vec<u8>>),
}

/// What came of a request to the public URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Nothing responded.
    Failed(String),
    Responded {
        status: u16,
        /// Whether the hookglass on the port responded. `None` if that cannot be told.
        is_here: Option<bool>,
        /// The code of the tunnel's own error.
        tunnel_error: Option<String>,
        took: Duration,
        /// How far the clock of this machine is ahead of the server's.
        ahead: Option<SignedDuration>,
    },
}

/// What the history says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum History {
    None,
    /// Why it cannot be read.
    Unreadable(String),
    Events {
        count: u64,
        newest: Newest,
    },
}

/// The newest event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Newest {
    pub seq: u64,
    pub at: Timestamp,
    pub verdict: Verdict,
    pub reason: Option<Reason>,
}

/// How one link of the way is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    Good,
    Bad,
    /// It was not tried, or nothing is known.
    Unknown,
}

impl State {
    pub fn mark(self) -> char {
        match self {
            Self::Good => '✓',
            Self::Bad => '✗',
            Self::Unknown => '○',
        }
    }
}

/// One link of the way from Scalekit to the history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    pub check: &'static str,
    pub state: State,
    pub text: String,
    /// What to do now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

fn check(name: &'static str, state: State, text: impl Into<String>, next: Option<String>) -> Check {
    Check { check: name, state, text: text.into(), next }
}

/// The checks, in the order of the way that an event takes.
pub fn checks(facts: &Facts<'_>) -> Vec<Check> {
    let mut checks = vec![listener(facts), tunnel(facts)];
    checks.extend(endpoint(facts));
    checks.push(reach(facts));
    checks.extend(captured(facts));
    checks.push(secret(facts));
    checks.extend(clock(facts));
    checks.push(history(facts));
    checks
}

/// What to do when no check has failed.
pub fn last_step(facts: &Facts<'_>) -> String {
    let url = facts.tunnel.endpoint().unwrap_or_else(|| "your public URL".to_owned());
    format!(
        "In the Scalekit dashboard, open Settings > Webhooks, check that the endpoint has the URL `{url}` and the event types you want, and press Send Test Event."
    )
}

/// A port beside `port`.
pub(crate) fn next_port(port: u16) -> u16 {
    port.checked_add(1).unwrap_or(3001)
}

/// The commands that put hookglass in front of the program on `port`.
pub(crate) fn in_front_of(port: u16) -> String {
    let other = next_port(port);
    format!("`hookglass --port {other} --forward-to {port}` and `ngrok http {other}`")
}

fn listener(facts: &Facts<'_>) -> Check {
    let port = facts.port;
    let name = "listener";
    match facts.listener {
        Listener::Hookglass(_) => check(name, State::Good, format!("hookglass listens on port {port}"), None),
        Listener::Nothing => {
            let next = "Start `hookglass`. If it listens on another port, name that with `--port`.".to_owned();
            check(name, State::Bad, format!("nothing listens on port {port}"), Some(next))
        }
        Listener::OtherProgram => {
            let next = format!("Stop that program, or put hookglass in front of it: {}.", in_front_of(port));
            check(name, State::Bad, format!("another program listens on port {port}"), Some(next))
        }
    }
}

fn tunnel(facts: &Facts<'_>) -> Check {
    let port = facts.port;
    let start = format!("Start it with `ngrok http {port}`.");
    let name = "tunnel";
    match &facts.tunnel.public {
        PublicUrl::Here(url) if facts.is_url_named => {
            check(name, State::Unknown, format!("`{url}`, as you named it"), None)
        }
        PublicUrl::Here(url) => check(name, State::Good, format!("`{url}` leads to port {port}"), None),
        PublicUrl::OtherPort { url, port: other } => {
            let next = format!("Stop that tunnel and start `ngrok http {port}`, or start `hookglass --port {other}`.");
            check(name, State::Bad, format!("`{url}` leads to port {other} instead of {port}"), Some(next))
        }
        PublicUrl::Down(url) => check(name, State::Bad, format!("the tunnel with `{url}` is down"), Some(start)),
        PublicUrl::None => {
            let next = format!("{start} If you use another tunnel, pass its URL with `--public-url`.");
            check(name, State::Bad, "no ngrok or cloudflared runs on this machine", Some(next))
        }
    }
}

/// Only if the dashboard most likely has an old URL.
fn endpoint(facts: &Facts<'_>) -> Option<Check> {
    let (former, url) = (facts.tunnel.former_host()?, facts.tunnel.endpoint()?);
    let text = format!("the last event came through `{former}`, which is not the tunnel's host any more");
    let next =
        format!("In the Scalekit dashboard, open Settings > Webhooks and change the URL of the endpoint to `{url}`.");
    Some(check("endpoint", State::Bad, text, Some(next)))
}

fn reach(facts: &Facts<'_>) -> Check {
    let name = "reach";
    let Some(url) = facts.tunnel.endpoint() else {
        return check(name, State::Unknown, "not tried, because no public URL is known", None);
    };
    let Some(reach) = &facts.reach else {
        let next = format!("Pass `--reach` to send one GET request to `{url}`.");
        return check(name, State::Unknown, "not tried", Some(next));
    };
    match reach {
        Reach::Failed(why) => {
            let next = "Check that this machine is online and that the tunnel runs.".to_owned();
            check(name, State::Bad, format!("no response from `{url}`: {why}"), Some(next))
        }
        Reach::Responded { tunnel_error: Some(code), status, .. } => {
            let next = format!("ngrok explains it at `https://ngrok.com/docs/errors/{}`.", code.to_ascii_lowercase());
            check(name, State::Bad, format!("ngrok itself responded {status} with `{code}`"), Some(next))
        }
        Reach::Responded { is_here: Some(true), took, .. } => {
            check(name, State::Good, format!("a request to `{url}` arrived here, in {}", in_words(*took)), None)
        }
        Reach::Responded { is_here: Some(false), status, .. } => {
            let next = "Check where the tunnel leads, and whether a log-in page or a filter of the tunnel responds.";
            let text = format!("something else responded {status} to a request to `{url}`");
            check(name, State::Bad, text, Some(next.to_owned()))
        }
        Reach::Responded { is_here: None, status, .. } => {
            let text = format!("`{url}` responded {status}, but no hookglass listens on port {}", facts.port);
            check(name, State::Unknown, text, None)
        }
    }
}

/// Only if the agent of the tunnel was asked.
fn captured(facts: &Facts<'_>) -> Option<Check> {
    let name = "requests";
    facts.tunnel.public.host().filter(|_| !facts.is_url_named)?;
    let Some(Captured { at, path, status }) = &facts.captured else {
        return Some(check(name, State::Unknown, "ngrok lists no POST request that came through this tunnel", None));
    };
    let came = format!("the last POST came {} to `{path}`", ago(facts.now, *at));
    Some(match status {
        None => check(name, State::Unknown, format!("{came} and has no response yet"), None),
        Some(status @ (502..=504)) => {
            let next = format!("Start `hookglass` on port {}, where the tunnel leads.", facts.port);
            check(name, State::Bad, format!("{came}, but the tunnel got no response: {status}"), Some(next))
        }
        Some(status) => check(name, State::Good, format!("{came} and got {status}"), None),
    })
}

fn secret(facts: &Facts<'_>) -> Check {
    let name = "secret";
    if facts.keyring.verifying.is_empty() {
        let next = format!("Copy it in the dashboard: Settings > Webhooks > your endpoint. Then {GIVE_SECRET}.");
        return check(name, State::Bad, "no signing secret, so nothing can be verified", Some(next));
    }
    if let Some(odd) = odd_secrets(facts.keyring).next() {
        let next = "Copy the secret again, complete and alone: it begins with `whsec_`.".to_owned();
        return check(name, State::Bad, odd, Some(next));
    }
    let labels: Vec<_> = facts.keyring.verifying.iter().map(|secret| format!("`{}`", secret.label())).collect();
    check(name, State::Good, format!("known from {}", labels.join(", ")), None)
}

fn clock(facts: &Facts<'_>) -> Option<Check> {
    let Some(Reach::Responded { ahead: Some(ahead), .. }) = facts.reach else { return None };
    let off = in_words(Duration::from_secs(ahead.abs().as_secs().unsigned_abs()));
    let name = "clock";
    if ahead.abs() <= CLOCK_LIMIT {
        return Some(check(name, State::Good, format!("within {off} of the tunnel's server"), None));
    }
    let side = if ahead.is_positive() { "ahead of" } else { "behind" };
    let next = "Set the clock of this machine. Verification refuses signatures that seem more than 5 min old or early.";
    Some(check(name, State::Bad, format!("{off} {side} the tunnel's server"), Some(next.to_owned())))
}

fn history(facts: &Facts<'_>) -> Check {
    let name = "history";
    match &facts.history {
        History::None => check(name, State::Unknown, "no event has been stored", None),
        History::Unreadable(why) => check(name, State::Bad, format!("cannot be read: {why}"), None),
        History::Events { count, newest: Newest { seq, at, verdict, reason } } => {
            let events = if *count == 1 { "1 event".to_owned() } else { format!("{count} events") };
            let came = format!("{events}; the newest, number {seq}, came {}", ago(facts.now, *at));
            match (verdict, reason) {
                (Verdict::Verified, _) => check(name, State::Good, format!("{came} and is verified"), None),
                (Verdict::Unchecked, _) => check(name, State::Unknown, format!("{came} and is unchecked"), None),
                (_, Some(reason)) => {
                    let next = format!("Run `hookglass verify {seq}` and `hookglass explain {reason}`.");
                    check(name, State::Bad, format!("{came} and is not verified: {reason}"), Some(next))
                }
                (_, None) => {
                    let next = format!("Run `hookglass verify {seq}`.");
                    check(name, State::Bad, format!("{came} and is not verified"), Some(next))
                }
            }
        }
    }
}

/// How long ago `at` was.
fn ago(now: Timestamp, at: Timestamp) -> String {
    match u64::try_from(now.duration_since(at).as_secs()) {
        Ok(1..) => format!("{} ago", in_words(Duration::from_secs(now.duration_since(at).as_secs().unsigned_abs()))),
        _ => "just now".to_owned(),
    }
}

#[cfg(test)]
mod tests;
