//! Finds the tunnel that leads to the listener: asks the agents of ngrok and cloudflared on this machine, every few seconds.
//!
//! Only loopback addresses are asked, with a short time limit, and redirects are not followed.

use crate::client::{Client, Limits};
use crate::core::delivery::{Completeness, Manner, Outgoing, Target};
use crate::core::event::Seq;
use crate::core::request::{self, Header};
use crate::core::signature::Verdict;
use crate::core::tunnel::{Found, Tunnel, Used, of_cloudflared, of_ngrok, public_url};
use crate::store::{Reader, StoreError};
use bytes::Bytes;
use futures_util::future::join_all;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{MissedTickBehavior, interval};

/// How often the agents are asked.
pub const PAUSE: Duration = Duration::from_secs(5);
/// How long an agent may take, and how much it may say.
const LIMITS: Limits =
    Limits { connect: Duration::from_millis(300), whole: Duration::from_millis(300), response_body: 1 << 20 };
/// How many rounds leave out a program that is no agent: a minute.
const ROUNDS_WITHOUT: u8 = 12;
/// Where ngrok's agents listen, the second one beside the first, and so on.
const NGROK_PORTS: [u16; 3] = [4040, 4041, 4042];
/// Where cloudflared serves its metrics.
const CLOUDFLARED_PORTS: [u16; 5] = [20241, 20242, 20243, 20244, 20245];
/// Events among which the last one from a tunnel is looked for.
const LATEST: usize = 20;
/// The longest body, in bytes, of an event whose host is looked at: it is read as a whole.
const MAX_BODY: u64 = 1 << 20;

/// Why the address of ngrok's agent cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AgentError {
    #[error("`{0}` is not an address such as `127.0.0.1:4040`")]
    Invalid(String),
    #[error("`{0}` is not an address of this machine")]
    NotLoopback(String),
}

/// Programs that may be agents of tunnels.
pub struct Agents(Vec<Agent>);

struct Agent {
    kind: Kind,
    address: SocketAddr,
    /// Rounds for which it is left out, because it is something else.
    left_out: u8,
}

#[derive(Clone, Copy)]
enum Kind {
    Ngrok,
    Cloudflared,
}

impl Kind {
    /// The paths to ask for until one is understood.
    fn paths(self) -> &'static [&'static str] {
        match self {
            Self::Ngrok => &["/api/tunnels", "/api/endpoints"],
            Self::Cloudflared => &["/quicktunnel"],
        }
    }

    fn read(self, body: &[u8]) -> Option<Vec<Tunnel>> {
        match self {
            Self::Ngrok => of_ngrok(body),
            Self::Cloudflared => of_cloudflared(body),
        }
    }
}

impl Agents {
    /// The usual addresses, but only `ngrok` if it is set.
    ///
    /// # Errors
    /// When `ngrok` is not a loopback address with a port.
    pub fn new(ngrok: Option<&str>) -> Result<Self, AgentError> {
        let local =
            |kind| move |port| Agent { kind, address: (IpAddr::from([127, 0, 0, 1]), port).into(), left_out: 0 };
        let mut agents: Vec<_> = CLOUDFLARED_PORTS.map(local(Kind::Cloudflared)).into();
        match ngrok {
            None => agents.extend(NGROK_PORTS.map(local(Kind::Ngrok))),
            Some(text) => agents.push(Agent { kind: Kind::Ngrok, address: loopback(text)?, left_out: 0 }),
        }
        Ok(Self(agents))
    }

    /// Asks those that may be agents, all at once.
    async fn ask(&mut self, client: &Client) -> Vec<Tunnel> {
        let asked = self.0.iter_mut().map(|agent| agent.ask(client));
        join_all(asked).await.into_iter().flatten().collect()
    }
}

fn loopback(text: &str) -> Result<SocketAddr, AgentError> {
    let invalid = || AgentError::Invalid(text.to_owned());
    let named = text.strip_prefix("localhost:").map(|port| format!("127.0.0.1:{port}"));
    let address: SocketAddr = named.as_deref().unwrap_or(text).parse().map_err(|_| invalid())?;
    if address.ip().is_loopback() { Ok(address) } else { Err(AgentError::NotLoopback(text.to_owned())) }
}

impl Agent {
    async fn ask(&mut self, client: &Client) -> Vec<Tunnel> {
        if self.left_out > 0 {
            self.left_out -= 1;
            return Vec::new();
        }
        for path in self.kind.paths() {
            match get(client, self.address, path).await {
                Answer::None => return Vec::new(),
                Answer::Body(body) => {
                    if let Some(tunnels) = self.kind.read(&body) {
                        return tunnels;
                    }
                }
                Answer::Other => {}
            }
        }
        self.left_out = ROUNDS_WITHOUT;
        Vec::new()
    }
}

enum Answer {
    /// Nothing listens, or it is too slow.
    None,
    Body(Bytes),
    /// Another status, or too much.
    Other,
}

async fn get(client: &Client, address: SocketAddr, path: &str) -> Answer {
    let target = Target::parse(&format!("http://{address}{path}")).expect("an address and a path are a target");
    let headers = vec![(b"Accept".to_vec(), b"application/json".to_vec())];
    let outgoing = Outgoing { method: "GET".to_owned(), headers, body: Bytes::new(), manner: Manner::AsReceived };
    match client.deliver(&target, &outgoing).await.outcome {
        Ok(response) if response.status == 200 && response.completeness == Completeness::Whole => {
            Answer::Body(response.body)
        }
        Ok(_) => Answer::Other,
        Err(_) => Answer::None,
    }
}

/// Looks for the tunnel to the listener at `listener`, at once and then after each `pause`, and sends each change. It ends when the receiver of
/// `found` is dropped.
pub async fn watch(
    mut agents: Agents,
    listener: SocketAddr,
    reader: Reader,
    pause: Duration,
    found: mpsc::Sender<Found>,
) {
    let client = Client::new(LIMITS);
    client.forbid(listener);
    let mut last_used = LastUsed { reader, up_to: 0, used: None };
    let mut known = Found::default();
    let mut pauses = interval(pause);
    pauses.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = pauses.tick() => {}
            () = found.closed() => return,
        }
        let tunnels = agents.ask(&client).await;
        let public = known.public.clone().followed_by(public_url(&tunnels, listener.port()));
        // If the history cannot be read, what was known stays; those who read events say why.
        let (back, used) = tokio::task::spawn_blocking(move || {
            let used = last_used.get().unwrap_or_else(|_| last_used.used.clone());
            (last_used, used)
        })
        .await
        .expect("reading does not panic");
        last_used = back;
        let now = Found { public, used };
        if now != known {
            known = now.clone();
            if found.send(now).await.is_err() {
                return;
            }
        }
    }
}

/// Finds what the last event from a tunnel came through.
struct LastUsed {
    reader: Reader,
    /// The newest event that was looked at.
    up_to: Seq,
    used: Option<Used>,
}

impl LastUsed {
    fn get(&mut self) -> Result<Option<Used>, StoreError> {
        let newest = self.reader.last_seq()?;
        if newest == self.up_to {
            return Ok(self.used.clone());
        }
        for summary in self.reader.newest(LATEST)?.iter().rev().take_while(|summary| summary.seq > self.up_to) {
            if summary.size > MAX_BODY || !matches!(summary.verdict, Verdict::Verified | Verdict::Unchecked) {
                continue;
            }
            let Some(event) = self.reader.event(summary.seq)? else { continue };
            let headers = event.head.headers();
            if let Some(used) =
                Used::of(first(&headers, "x-forwarded-host"), first(&headers, "host"), event.head.target())
            {
                self.used = Some(used);
                break;
            }
        }
        self.up_to = newest;
        Ok(self.used.clone())
    }
}

fn first<'h>(headers: &'h [Header<'h>], name: &str) -> Option<&'h [u8]> {
    request::values(headers, name).next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_agents_on_this_machine_are_asked() {
        for text in ["127.0.0.1:4040", "localhost:4041", "[::1]:4040", "127.1.2.3:1"] {
            assert!(Agents::new(Some(text)).is_ok(), "{text}");
        }
        for text in ["192.168.1.2:4040", "0.0.0.0:4040", "[::]:4040"] {
            assert_eq!(Agents::new(Some(text)).err(), Some(AgentError::NotLoopback(text.to_owned())));
        }
        for text in ["4040", "example.com:4040", "http://127.0.0.1:4040", "127.0.0.1", "localhost", ""] {
            assert_eq!(Agents::new(Some(text)).err(), Some(AgentError::Invalid(text.to_owned())), "{text}");
        }
    }
}
