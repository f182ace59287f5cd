//! Asks the agents of ngrok for the requests that they captured for the listener.

use super::NGROK_ADDRESS;
use super::agents::{Agents, Answer, LIMITS, get};
use crate::client::{Client, Limits};
use crate::core::tunnel::{Capture, Captures, LeadsTo, PublicUrl, Tunnel, public_url};
use std::net::SocketAddr;
use std::time::Duration;

/// What a list of captured requests may be. It has the bytes of requests and responses in base64, so it is longer than what else agents say:
/// by default, ngrok's agent holds 50 MB of them.
const LIST: Limits = Limits { whole: Duration::from_secs(2), response_body: 32 << 20, ..LIMITS };
/// How many requests are asked for, until the list is short enough.
const COUNTS: [usize; 3] = [1000, 100, 10];

/// What the agents captured for the listener.
#[derive(Debug, Default)]
pub struct AllCaptures {
    /// The oldest first.
    pub(crate) list: Vec<Capture>,
    /// Whether an agent may hold older ones, which were not asked for.
    pub(crate) is_more: bool,
}

/// Why there is no list of captured requests.
#[derive(Debug, thiserror::Error)]
pub enum CapturesError {
    #[error("no agent of ngrok responds on this machine")]
    NoAgent,
    #[error("no tunnel of ngrok leads to port {0}")]
    NoTunnel(u16),
    #[error("no tunnel of ngrok leads to port {port}; `{url}` leads to port {other}")]
    OtherPort { port: u16, url: String, other: u16 },
    #[error("ngrok's agent at `{0}` did not list the requests that it captured within 2 s")]
    Silent(SocketAddr),
    #[error("ngrok's agent at `{0}` responded with something else than a list of at most 32 MiB")]
    NoList(SocketAddr),
}

impl CapturesError {
    /// What to do.
    pub fn hint(&self) -> String {
        match self {
            Self::NoAgent => {
                format!("start a tunnel with `ngrok http PORT`, or set {NGROK_ADDRESS} to where its agent listens")
            }
            Self::NoTunnel(_) => "name the port that a tunnel leads to with `--port`".to_owned(),
            Self::OtherPort { other, .. } => format!("to import what came to that port, use `--port {other}`"),
            Self::Silent(address) | Self::NoList(address) => {
                format!("open `http://{address}` in a browser: it shows the requests, if it is ngrok")
            }
        }
    }
}

/// The POST requests that came through a tunnel of ngrok to `port`, as far as its agents still hold them.
///
/// # Errors
/// When no agent responds, none has such a tunnel, or one that has does not list its requests.
pub async fn captures(agents: Agents, port: u16) -> Result<AllCaptures, CapturesError> {
    let asked = agents.of_ngrok(&Client::new(LIMITS).keep_alive(false)).await;
    if asked.is_empty() {
        return Err(CapturesError::NoAgent);
    }
    let leads_here = |tunnel: &Tunnel| tunnel.leads_to == LeadsTo::Port(port);
    let (with, without): (Vec<_>, Vec<_>) = asked.into_iter().partition(|(_, tunnels)| tunnels.iter().any(leads_here));
    if with.is_empty() {
        let tunnels: Vec<_> = without.into_iter().flat_map(|(_, tunnels)| tunnels).collect();
        return Err(match public_url(&tunnels, port) {
            PublicUrl::OtherPort { url, port: other } => CapturesError::OtherPort { port, url, other },
            _ => CapturesError::NoTunnel(port),
        });
    }
    let client = Client::new(LIST).keep_alive(false);
    let mut all = AllCaptures::default();
    for (address, tunnels) in with {
        let one = list(&client, address, &tunnels, port).await?;
        all.list.extend(one.list);
        all.is_more |= one.is_more;
    }
    all.list.sort_by_key(|capture| capture.at);
    Ok(all)
}

async fn list(
    client: &Client,
    address: SocketAddr,
    tunnels: &[Tunnel],
    port: u16,
) -> Result<AllCaptures, CapturesError> {
    for count in COUNTS {
        match get(client, address, &format!("/api/requests/http?limit={count}")).await {
            Answer::None => return Err(CapturesError::Silent(address)),
            Answer::Read(body) => {
                let Captures { list, listed } =
                    Captures::of_ngrok(&body, tunnels, port).ok_or(CapturesError::NoList(address))?;
                return Ok(AllCaptures { list, is_more: listed >= count });
            }
            Answer::Other => {}
        }
    }
    Err(CapturesError::NoList(address))
}
