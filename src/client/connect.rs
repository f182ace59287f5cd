//! Opens a TCP connection to a target: tries each address of its host, but never hookglass's own listener.

use crate::client::{Limits, failure};
use crate::core::delivery::{Failure, FailureKind, Target};
use crate::core::times::in_words;
use futures_util::stream::{FuturesUnordered, StreamExt};
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep_until, timeout_at};

/// How long to wait for an address before the next one is tried as well (RFC 8305 section 5).
const STAGGER: Duration = Duration::from_millis(250);

/// Connects to the first address of `target` that accepts.
pub async fn connect(
    target: &Target,
    forbidden: &[SocketAddr],
    limits: Limits,
    started: Instant,
) -> Result<TcpStream, Failure> {
    let deadline = started + limits.connect.min(limits.whole);
    let attempt = async {
        let found = resolve(target).await?;
        let is_forbidden = |address: &&SocketAddr| forbidden.iter().any(|own| is_same(*own, **address));
        let (own, others): (Vec<&SocketAddr>, Vec<_>) = found.iter().partition(is_forbidden);
        match race(&others).await {
            Ok(stream) if !is_own(&stream, forbidden) => Ok(stream),
            Err(error) if own.is_empty() => Err(refusal(target, &error)),
            Ok(_) | Err(_) => {
                let text = format!("`{}` is hookglass itself: use your app's port", target.address());
                Err(failure(FailureKind::Loop, text))
            }
        }
    };
    timeout_at(deadline, attempt).await.unwrap_or_else(|_| {
        let text =
            format!("no connection to `{}` within {}", target.address(), in_words(limits.connect.min(limits.whole)));
        Err(failure(FailureKind::TimedOut, text))
    })
}

/// The addresses of a target that need no name lookup. `localhost` and the names below it are this machine, whatever a resolver says
/// (RFC 6761 section 6.3). They have an address in both families, because apps listen on one or the other.
pub(crate) fn own_addresses(target: &Target) -> Vec<SocketAddr> {
    let (host, port) = (target.host(), target.port());
    if let Ok(address) = host.parse::<IpAddr>() {
        return vec![SocketAddr::new(address, port)];
    }
    let name = host.trim_end_matches('.');
    if name == "localhost" || name.ends_with(".localhost") {
        return vec![(Ipv6Addr::LOCALHOST, port).into(), (Ipv4Addr::LOCALHOST, port).into()];
    }
    Vec::new()
}

async fn resolve(target: &Target) -> Result<Vec<SocketAddr>, Failure> {
    let (host, port) = (target.host(), target.port());
    let known = own_addresses(target);
    if !known.is_empty() {
        return Ok(known);
    }
    let unknown = |cause: String| failure(FailureKind::Resolve, format!("cannot resolve `{host}`: {cause}"));
    let addresses = tokio::net::lookup_host((host, port)).await.map_err(|error| unknown(error.to_string()))?;
    let addresses: Vec<_> = addresses.collect();
    if addresses.is_empty() { Err(unknown("no address found".into())) } else { Ok(addresses) }
}

/// Starts with the first address. The next one joins when an attempt fails or [`STAGGER`] has passed.
async fn race(addresses: &[&SocketAddr]) -> io::Result<TcpStream> {
    let mut waiting = addresses.iter();
    let mut running = FuturesUnordered::new();
    let mut error: Option<io::Error> = None;
    loop {
        let next = waiting.next();
        running.extend(next.map(|address| connect_to(**address)));
        let next_start = Instant::now() + STAGGER;
        tokio::select! {
            ended = running.next() => match ended {
                Some(Ok(stream)) => return Ok(stream),
                Some(Err(this)) => error = Some(more_telling(error, this)),
                None => return Err(error.unwrap_or_else(|| io::ErrorKind::NotFound.into())),
            },
            () = sleep_until(next_start), if waiting.len() > 0 => {}
        }
    }
}

/// On loopback, a connection to a free port can reach itself if the system picks that port for the near end too.
async fn connect_to(address: SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(address).await.map_err(|error| match error.kind() {
        io::ErrorKind::AddrNotAvailable if has_own_address_for(address) => io::ErrorKind::AddrInUse.into(),
        _ => error,
    })?;
    // Head and body are written separately, and the body must not wait until the head is acknowledged.
    stream.set_nodelay(true)?;
    if stream.local_addr()? == stream.peer_addr()? {
        return Err(io::ErrorKind::ConnectionRefused.into());
    }
    Ok(stream)
}

/// Whether this machine has an address from which it can reach `address`. If so, it is a port that is missing. Connecting a UDP socket
/// sends nothing.
fn has_own_address_for(address: SocketAddr) -> bool {
    let any: IpAddr = if address.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
    UdpSocket::bind((any, 0)).is_ok_and(|socket| socket.connect(address).is_ok())
}

/// That no port is free says more than a refused connection, and that more than a missing address family.
fn more_telling(earlier: Option<io::Error>, later: io::Error) -> io::Error {
    let rank = |error: &io::Error| match error.kind() {
        io::ErrorKind::AddrInUse => 2,
        io::ErrorKind::ConnectionRefused => 1,
        _ => 0,
    };
    match earlier {
        Some(earlier) if rank(&earlier) > rank(&later) => earlier,
        _ => later,
    }
}

fn refusal(target: &Target, error: &io::Error) -> Failure {
    let address = target.address();
    match error.kind() {
        io::ErrorKind::ConnectionRefused => failure(FailureKind::Refused, format!("nothing listens on `{address}`")),
        io::ErrorKind::TimedOut => failure(FailureKind::TimedOut, format!("`{address}` does not respond")),
        io::ErrorKind::ConnectionReset => {
            failure(FailureKind::Reset, format!("`{address}` reset the connection while connecting"))
        }
        io::ErrorKind::AddrInUse => failure(
            FailureKind::NoPort,
            format!(
                "no local port is free for a connection to `{address}`: too many were opened in the last minute; wait, or send more \
                 slowly"
            ),
        ),
        _ => failure(FailureKind::Other, format!("cannot connect to `{address}`: {error}")),
    }
}

/// Whether connecting to `peer` would reach a listener on `own`, as far as the addresses alone tell.
pub fn is_same(own: SocketAddr, peer: SocketAddr) -> bool {
    let (own_ip, peer_ip) = (own.ip().to_canonical(), peer.ip().to_canonical());
    own.port() == peer.port()
        && (own_ip == peer_ip
            || (own_ip.is_unspecified() && (peer_ip.is_loopback() || peer_ip.is_unspecified()))
            || (own_ip.is_loopback() && peer_ip.is_unspecified()))
}

/// Whether `stream` leads to one of the forbidden listeners. A connection to an address of this machine comes from that same address
/// or from loopback.
fn is_own(stream: &TcpStream, forbidden: &[SocketAddr]) -> bool {
    let (Ok(peer), Ok(local)) = (stream.peer_addr(), stream.local_addr()) else {
        return false;
    };
    let is_this_machine = peer.ip().to_canonical() == local.ip().to_canonical();
    forbidden
        .iter()
        .any(|own| is_same(*own, peer) || (own.ip().is_unspecified() && own.port() == peer.port() && is_this_machine))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_own_listener_is_recognised_by_every_address() {
        for (own, peer, expected) in [
            ("127.0.0.1:3000", "127.0.0.1:3000", true),
            ("127.0.0.1:3000", "127.0.0.1:3001", false),
            ("127.0.0.1:3000", "[::ffff:127.0.0.1]:3000", true),
            ("127.0.0.1:3000", "[::1]:3000", false),
            ("127.0.0.1:3000", "0.0.0.0:3000", true),
            ("0.0.0.0:3000", "127.0.0.9:3000", true),
            ("[::]:3000", "127.0.0.1:3000", true),
            ("0.0.0.0:3000", "192.0.2.1:3000", false),
            ("192.0.2.1:3000", "192.0.2.1:3000", true),
            ("192.0.2.1:3000", "127.0.0.1:3000", false),
        ] {
            assert_eq!(is_same(own.parse().unwrap(), peer.parse().unwrap()), expected, "{own} {peer}");
        }
    }

    #[test]
    fn a_refused_connection_is_reported_over_a_missing_family() {
        let refused = || io::Error::from(io::ErrorKind::ConnectionRefused);
        let missing = || io::Error::from(io::ErrorKind::AddrNotAvailable);
        assert_eq!(more_telling(Some(refused()), missing()).kind(), io::ErrorKind::ConnectionRefused);
        assert_eq!(more_telling(Some(missing()), refused()).kind(), io::ErrorKind::ConnectionRefused);
    }

    #[test]
    fn a_lack_of_local_ports_is_named_and_never_called_refused() {
        let (no_port, refused) = (|| io::ErrorKind::AddrInUse.into(), || io::ErrorKind::ConnectionRefused.into());
        for error in [more_telling(Some(no_port()), refused()), more_telling(Some(refused()), no_port())] {
            let failure = refusal(&Target::parse("4000").unwrap(), &error);
            assert_eq!(failure.kind, FailureKind::NoPort);
            assert!(
                failure.text.starts_with("no local port is free for a connection to `localhost:4000`"),
                "{failure:?}"
            );
        }
    }

    #[test]
    fn a_missing_address_family_is_no_lack_of_ports() {
        // An address of IPv4 loopback is always there, and none of the documentation's (RFC 3849) ever is a neighbour on loopback.
        assert!(has_own_address_for("127.0.0.1:9".parse().unwrap()));
        assert!(!has_own_address_for("[fe80::1]:9".parse().unwrap()));
    }
}
