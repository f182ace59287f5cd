//! Says who has the port that hookglass was to listen on, and how to go on.

use crate::app::tunnel;
use crate::commands::Failure;
use crate::core::doctor::{Listener, in_front_of, next_port};
use crate::listener::ListenError;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;
use tokio::runtime::Builder;
use tokio::time::timeout;

/// How long the program on the port may take to respond. If it is slower, it is taken for an app.
const PATIENCE: Duration = Duration::from_millis(300);

/// The failure to listen on `wanted`.
pub(super) fn explained(error: ListenError, wanted: SocketAddr) -> Failure {
    if error.source.kind() != io::ErrorKind::AddrInUse {
        return error.into();
    }
    let (port, text) = (wanted.port(), format!("cannot listen on `{wanted}`"));
    if is_hookglass(wanted) {
        let next = next_port(port);
        return Failure::with_hint(
            format!("{text}: another hookglass listens there"),
            format!(
                "quit that one with `q` in its terminal, or start a second one: `hookglass --port {next} --db second.db`"
            ),
        );
    }
    Failure::with_hint(
        format!("{text}: another program uses this port"),
        format!(
            "if that is your app, put hookglass in front of it: {}; else choose another port with `--port`",
            in_front_of(port)
        ),
    )
}

/// Whether a hookglass responds at the address, which is this machine's own.
fn is_hookglass(address: SocketAddr) -> bool {
    let loopback = if address.is_ipv4() { IpAddr::V4(Ipv4Addr::LOCALHOST) } else { IpAddr::V6(Ipv6Addr::LOCALHOST) };
    let ip = if address.ip().is_unspecified() { loopback } else { address.ip() };
    let asked = tunnel::listener(SocketAddr::new(ip, address.port()));
    let Ok(runtime) = Builder::new_current_thread().enable_all().build() else { return false };
    let found = runtime.block_on(async { timeout(PATIENCE, asked).await });
    matches!(found, Ok(Listener::Hookglass(_)))
}
