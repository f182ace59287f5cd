//! Finds the tunnel that leads to the listener: asks the agents of ngrok and cloudflared on this machine, every few seconds.

mod agents;
mod captures;
mod last_used;
mod reach;

pub use agents::{AgentError, Agents};
pub use captures::{AllCaptures, CapturesError, captures};
pub(crate) use last_used::LastUsed;
pub(crate) use reach::{listener, reach};

use crate::client::Client;
use crate::core::tunnel::{Captured, Found, PublicUrl, public_url};
use crate::store::Reader;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{MissedTickBehavior, interval};

/// The variable that says where ngrok's agent listens.
pub(crate) const NGROK_ADDRESS: &str = "NGROK_WEB_ADDR";
/// How often the agents are asked.
pub const PAUSE: Duration = Duration::from_secs(5);

/// Looks for the tunnel to the listener at `listener`, at once and then after each `pause`, and sends each change. It ends when the receiver of
/// `found` is dropped.
pub async fn watch(
    mut agents: Agents,
    listener: SocketAddr,
    reader: Reader,
    pause: Duration,
    found: mpsc::Sender<Found>,
) {
    let client = Client::new(agents::LIMITS).keep_alive(false);
    client.forbid(listener);
    let mut last_used = LastUsed::new(reader);
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
            let used = last_used.get().unwrap_or_else(|_| last_used.known());
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

/// Asks the agents once: for the tunnel to `port`, and for the last POST request that came through it.
pub(crate) async fn look(mut agents: Agents, port: u16) -> (PublicUrl, Option<Captured>) {
    let client = Client::new(agents::LIMITS);
    let public = public_url(&agents.ask(&client).await, port);
    let captured = match public.host() {
        Some(host) => agents.captured(&client, host).await,
        None => None,
    };
    (public, captured)
}
