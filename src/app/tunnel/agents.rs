//! The agents of tunnels on this machine, and what they respond. Only loopback addresses are asked, with a short time limit.

use crate::client::{Client, Limits};
use crate::core::delivery::{Completeness, Manner, Outgoing, Target};
use crate::core::tunnel::{Captured, Tunnel, of_cloudflared, of_ngrok, requests_of_ngrok};
use bytes::Bytes;
use futures_util::future::join_all;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

/// How long an agent may take, and how much it may say.
pub(super) const LIMITS: Limits =
    Limits { connect: Duration::from_millis(300), whole: Duration::from_millis(300), response_body: 1 << 20 };
/// How many rounds leave out a program that is no agent: a minute.
const ROUNDS_WITHOUT: u8 = 12;
/// Where ngrok's agents listen, the second one beside the first, and so on.
const NGROK_PORTS: [u16; 3] = [4040, 4041, 4042];
/// Where cloudflared serves its metrics.
const CLOUDFLARED_PORTS: [u16; 5] = [20241, 20242, 20243, 20244, 20245];
/// The newest requests that ngrok captured.
const CAPTURED: &str = "/api/requests/http?limit=20";

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

    /// The last POST request to `host` that an agent of ngrok captured.
    pub(super) async fn captured(&self, client: &Client, host: &str) -> Option<Captured> {
        let ngrok = self.0.iter().filter(|agent| matches!(agent.kind, Kind::Ngrok));
        let asked = ngrok.map(|agent| get(client, agent.address, CAPTURED));
        let responses = join_all(asked).await.into_iter();
        let bodies = responses.filter_map(|answer| if let Answer::Read(body) = answer { Some(body) } else { None });
        bodies.flat_map(|body| requests_of_ngrok(&body, host)).max_by_key(|captured| captured.at)
    }

    /// The agents of ngrok that respond, with their tunnels.
    pub(super) async fn of_ngrok(&self, client: &Client) -> Vec<(SocketAddr, Vec<Tunnel>)> {
        let ngrok = self.0.iter().filter(|agent| matches!(agent.kind, Kind::Ngrok));
        let asked = ngrok.map(async |agent| match agent.tunnels(client).await {
            Answer::Read(tunnels) => Some((agent.address, tunnels)),
            Answer::None | Answer::Other => None,
        });
        join_all(asked).await.into_iter().flatten().collect()
    }

    /// Asks those that may be agents, all at once.
    pub(super) async fn ask(&mut self, client: &Client) -> Vec<Tunnel> {
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
        match self.tunnels(client).await {
            Answer::Read(tunnels) => tunnels,
            Answer::None => Vec::new(),
            Answer::Other => {
                self.left_out = ROUNDS_WITHOUT;
                Vec::new()
            }
        }
    }

    async fn tunnels(&self, client: &Client) -> Answer<Vec<Tunnel>> {
        for path in self.kind.paths() {
            match get(client, self.address, path).await {
                Answer::None => return Answer::None,
                Answer::Read(body) => {
                    if let Some(tunnels) = self.kind.read(&body) {
                        return Answer::Read(tunnels);
                    }
                }
                Answer::Other => {}
            }
        }
        Answer::Other
    }
}

pub(super) enum Answer<T> {
    /// Nothing listens, or it is too slow.
    None,
    Read(T),
    /// Another status, too much, or another content.
    Other,
}

pub(super) async fn get(client: &Client, address: SocketAddr, path: &str) -> Answer<Bytes> {
    let target = Target::parse(&format!("http://{address}{path}")).expect("an address and a path are a target");
    let headers = vec![(b"Accept".to_vec(), b"application/json".to_vec())];
    let outgoing = Outgoing { method: "GET".to_owned(), headers, body: Bytes::new(), manner: Manner::AsReceived };
    match client.deliver(&target, &outgoing).await.outcome {
        Ok(response) if response.status == 200 && response.completeness == Completeness::Whole => {
            Answer::Read(response.body)
        }
        Ok(_) => Answer::Other,
        Err(_) => Answer::None,
    }
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
