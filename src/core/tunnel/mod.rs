//! Tunnels from the internet to this machine: what their agents say, and what it means for the listener.

mod captured;
mod captures;

pub use captured::{Captured, requests_of_ngrok};
pub use captures::Offer;
pub(crate) use captures::{Capture, Captures};

use crate::core::delivery::Target;
use crate::core::provider::DOCUMENTED_PATH;
use ::core::net::IpAddr;
use serde::Deserialize;

/// A tunnel, as its agent describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tunnel {
    /// What the agent calls it. cloudflared has no names.
    pub name: Option<String>,
    /// `https://` or `http://` and the public host.
    pub url: String,
    pub leads_to: LeadsTo,
}

/// Where a tunnel ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeadsTo {
    /// A port of this machine.
    Port(u16),
    OtherMachine,
    /// The agent does not say.
    Unknown,
}

/// What is known of the way from the internet to the listener.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum PublicUrl {
    /// No agent of a tunnel responds.
    #[default]
    None,
    /// A tunnel leads here.
    Here(String),
    /// The only tunnel leads to another port.
    OtherPort { url: String, port: u16 },
    /// The tunnel with this URL is gone.
    Down(String),
}

/// The public host and the path that an event came through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Used {
    pub host: String,
    pub path: String,
}

/// The way from the internet to the listener, and the way that events took.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    pub public: PublicUrl,
    /// What the last event from a tunnel came through.
    pub used: Option<Used>,
}

#[derive(Deserialize)]
struct NgrokTunnels {
    tunnels: Vec<NgrokTunnel>,
}

#[derive(Deserialize)]
struct NgrokTunnel {
    name: Option<String>,
    public_url: String,
    config: NgrokConfig,
}

#[derive(Deserialize)]
struct NgrokConfig {
    addr: String,
}

#[derive(Deserialize)]
struct NgrokEndpoints {
    endpoints: Vec<NgrokEndpoint>,
}

#[derive(Deserialize)]
struct NgrokEndpoint {
    name: Option<String>,
    url: String,
    upstream: NgrokUpstream,
}

#[derive(Deserialize)]
struct NgrokUpstream {
    url: String,
}

#[derive(Deserialize)]
struct QuickTunnel {
    hostname: String,
}

/// The HTTP tunnels in ngrok's response to `GET /api/tunnels` or `GET /api/endpoints`. `None` if it is no such response.
pub fn of_ngrok(body: &[u8]) -> Option<Vec<Tunnel>> {
    let text = std::str::from_utf8(body).ok()?;
    let all: Vec<_> = match serde_json::from_str::<NgrokTunnels>(text) {
        Ok(known) => {
            let tunnels = known.tunnels.into_iter();
            tunnels.map(|tunnel| (tunnel.name, tunnel.public_url, tunnel.config.addr)).collect()
        }
        Err(_) => {
            let endpoints = serde_json::from_str::<NgrokEndpoints>(text).ok()?.endpoints.into_iter();
            endpoints.map(|endpoint| (endpoint.name, endpoint.url, endpoint.upstream.url)).collect()
        }
    };
    let tunnel = |(name, url, address): (Option<String>, String, String)| {
        origin(&url).map(|url| Tunnel { name, url, leads_to: leads_to(&address) })
    };
    Some(all.into_iter().filter_map(tunnel).collect())
}

/// The tunnel in cloudflared's response to `GET /quicktunnel`: none if it has a name instead of a temporary host. `None` if it is no such
/// response.
pub fn of_cloudflared(body: &[u8]) -> Option<Vec<Tunnel>> {
    let QuickTunnel { hostname } = serde_json::from_str(std::str::from_utf8(body).ok()?).ok()?;
    let url = origin(&format!("https://{hostname}"));
    Some(url.map(|url| Tunnel { name: None, url, leads_to: LeadsTo::Unknown }).into_iter().collect())
}

/// The URL that leads to `port`, or what else `tunnels` say about it. HTTPS comes first.
pub fn public_url(tunnels: &[Tunnel], port: u16) -> PublicUrl {
    let rank = |tunnel: &&Tunnel| {
        let place = match tunnel.leads_to {
            LeadsTo::Port(its) if its == port => 0,
            LeadsTo::Unknown => 1,
            LeadsTo::Port(_) => 2,
            LeadsTo::OtherMachine => 3,
        };
        (place, !tunnel.url.starts_with("https:"))
    };
    match tunnels.iter().min_by_key(rank) {
        Some(Tunnel { url, leads_to: LeadsTo::Port(other), .. }) if *other != port => {
            PublicUrl::OtherPort { url: url.clone(), port: *other }
        }
        None | Some(Tunnel { leads_to: LeadsTo::OtherMachine, .. }) => PublicUrl::None,
        Some(Tunnel { url, .. }) => PublicUrl::Here(url.clone()),
    }
}

impl PublicUrl {
    /// What is known once `now` is what the agents say, after `self`.
    #[must_use]
    pub fn followed_by(self, now: Self) -> Self {
        match (self, now) {
            (Self::Here(url) | Self::Down(url), Self::None) => Self::Down(url),
            (_, now) => now,
        }
    }

    /// The URL that the user named. The usual path follows, unless the URL has one.
    pub(crate) fn named(url: &Target) -> Self {
        let url = url.to_string();
        Self::Here(url.strip_suffix('/').map_or(url.clone(), str::to_owned))
    }

    /// The URL that leads here.
    pub fn url(&self) -> Option<&str> {
        if let Self::Here(url) = self { Some(url) } else { None }
    }

    /// The public host of the tunnel that is up, wherever it leads.
    pub(crate) fn host(&self) -> Option<&str> {
        let (Self::Here(url) | Self::OtherPort { url, .. }) = self else { return None };
        host_of(url)
    }
}

impl Found {
    /// The URL for the dashboard: the public one with the path that events come to.
    pub fn endpoint(&self) -> Option<String> {
        let url = self.public.url()?;
        let has_path = url.split_once("://").is_some_and(|(_, rest)| rest.contains('/'));
        let path = if has_path { "" } else { self.used.as_ref().map_or(DOCUMENTED_PATH, |used| &used.path) };
        Some(format!("{url}{path}"))
    }

    /// The host that the last event came through, if it is not that of the public URL.
    pub fn former_host(&self) -> Option<&str> {
        let (url, used) = (self.public.url()?, self.used.as_ref()?);
        (!used.is_host_of(url)).then_some(&used.host)
    }
}

impl Used {
    /// The public host and the path of a request. `None` if it came from this machine, or through no named host.
    pub fn of(forwarded_host: Option<&[u8]>, host: Option<&[u8]>, target: &[u8]) -> Option<Self> {
        let host = std::str::from_utf8(forwarded_host.or(host)?).ok()?.trim().to_ascii_lowercase();
        let name = host.rsplit_once(':').map_or(host.as_str(), |(name, _)| name);
        let is_public =
            name.contains('.') && name.parse::<IpAddr>().is_err() && origin(&format!("https://{host}")).is_some();
        let path = std::str::from_utf8(target).ok()?.split(['?', '#']).next()?;
        is_public.then(|| Self { host: host.clone(), path: path.to_owned() })
    }

    /// Whether it is the host of `url`.
    pub fn is_host_of(&self, url: &str) -> bool {
        let authority =
            |(_, rest): (&str, &str)| rest.split('/').next().unwrap_or_default().eq_ignore_ascii_case(&self.host);
        url.split_once("://").is_some_and(authority)
    }
}

fn host_of(url: &str) -> Option<&str> {
    url.split_once("://").and_then(|(_, rest)| rest.split('/').next())
}

/// The scheme and host of `url`, if it is HTTP. A port stays, unless it is the usual one.
fn origin(url: &str) -> Option<String> {
    let scheme = if url.starts_with("https://") { "https" } else { "http" };
    let target = Target::parse(url).ok().filter(|_| url.starts_with("http"))?;
    Some(format!("{scheme}://{}", target.authority()))
}

fn leads_to(address: &str) -> LeadsTo {
    let Ok(target) = Target::parse(address) else { return LeadsTo::Unknown };
    let host = target.host();
    let is_here = host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback() || ip.is_unspecified());
    if is_here { LeadsTo::Port(target.port()) } else { LeadsTo::OtherMachine }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ngrok(tunnels: &[(&str, &str)]) -> Vec<Tunnel> {
        let tunnels: Vec<_> = tunnels
            .iter()
            .map(|(url, address)| {
                format!(r#"{{"name":"n","public_url":"{url}","config":{{"addr":"{address}","inspect":true}}}}"#)
            })
            .collect();
        of_ngrok(format!(r#"{{"tunnels":[{}],"uri":"/api/tunnels"}}"#, tunnels.join(",")).as_bytes()).unwrap()
    }

    fn here(url: &str) -> PublicUrl {
        PublicUrl::Here(url.to_owned())
    }

    #[test]
    fn the_tunnel_to_the_port_is_found_in_every_form_of_its_address() {
        for address in [
            "3000",
            "localhost:3000",
            "http://localhost:3000",
            "127.0.0.1:3000",
            "http://[::1]:3000",
            "http://0.0.0.0:3000/x",
        ] {
            let tunnels = ngrok(&[("http://a.ngrok.app", address), ("https://a.ngrok.app", address)]);
            assert_eq!(public_url(&tunnels, 3000), here("https://a.ngrok.app"), "{address}");
            let expected = PublicUrl::OtherPort { url: "https://a.ngrok.app".to_owned(), port: 3000 };
            assert_eq!(public_url(&tunnels, 3001), expected, "{address}");
        }
    }

    #[test]
    fn tunnels_that_lead_elsewhere_are_not_the_listeners() {
        for tunnels in [
            vec![],
            ngrok(&[("tcp://0.tcp.ngrok.io:1234", "localhost:3000")]),
            ngrok(&[("https://a.ngrok.app", "http://192.168.1.2:3000")]),
        ] {
            assert_eq!(public_url(&tunnels, 3000), PublicUrl::None, "{tunnels:?}");
        }
        let two = ngrok(&[("https://other.ngrok.app", "4000"), ("https://ours.ngrok.app", "3000")]);
        assert_eq!(public_url(&two, 3000), here("https://ours.ngrok.app"));
    }

    #[test]
    fn newer_agents_and_cloudflared_are_understood() {
        let body = br#"{"endpoints":[{"name":"c","url":"https://b.ngrok.app","upstream":{"url":"http://localhost:3000","protocol":"http1"}}]}"#;
        assert_eq!(public_url(&of_ngrok(body).unwrap(), 3000), here("https://b.ngrok.app"));
        let quick = of_cloudflared(br#"{"hostname":"x.trycloudflare.com"}"#).unwrap();
        assert_eq!(public_url(&quick, 3000), here("https://x.trycloudflare.com"));
        assert_eq!(of_cloudflared(br#"{"hostname":""}"#), Some(vec![]));
    }

    #[test]
    fn anything_else_is_no_agent_and_no_hostile_url_is_taken() {
        for body in
            [&b""[..], b"<html>", b"{}", b"[]", br#"{"tunnels":7}"#, b"\xff\xfe", br#"{"tunnels":[{"public_url":7}]}"#]
        {
            assert_eq!((of_ngrok(body), of_cloudflared(body)), (None, None), "{body:?}");
        }
        for url in [
            "javascript:alert(1)",
            "https://a\\u001b[31m.app",
            "https://user:pw@a.app",
            "https://",
            "file:///etc/passwd",
        ] {
            assert_eq!(ngrok(&[(url, "3000")]), [], "{url}");
        }
    }

    #[test]
    fn a_tunnel_that_was_here_is_down_until_another_one_is_up() {
        let down = here("https://a.app").followed_by(PublicUrl::None);
        assert_eq!(down, PublicUrl::Down("https://a.app".to_owned()));
        assert_eq!(down.clone().followed_by(PublicUrl::None), down);
        assert_eq!(down.followed_by(here("https://b.app")), here("https://b.app"));
        assert_eq!(PublicUrl::None.followed_by(PublicUrl::None), PublicUrl::None);
    }

    #[test]
    fn the_endpoint_has_the_path_that_was_used_or_the_usual_one() {
        let used = Used { host: "a.app".to_owned(), path: "/hooks".to_owned() };
        let found = |url: &str, used: &Used| Found { public: here(url), used: Some(used.clone()) };
        let endpoint = |found: Found| found.endpoint().unwrap();
        assert_eq!(endpoint(found("https://a.app", &used)), "https://a.app/hooks");
        assert_eq!(endpoint(found("https://a.app/x", &used)), "https://a.app/x");
        assert_eq!(endpoint(Found { public: here("https://a.app"), used: None }), "https://a.app/webhooks/scalekit");
        assert_eq!(Found::default().endpoint(), None);
        assert_eq!(found("https://a.app/x", &used).former_host(), None);
        assert_eq!(found("https://b.app", &used).former_host(), Some("a.app"));
    }

    #[test]
    fn the_host_that_an_event_came_through_is_a_public_name() {
        let used = |forwarded: Option<&str>, host: &str| {
            Used::of(forwarded.map(str::as_bytes), Some(host.as_bytes()), b"/webhooks/scalekit?x=1")
        };
        let expected = Used { host: "a.ngrok.app".to_owned(), path: "/webhooks/scalekit".to_owned() };
        assert_eq!(used(None, "A.ngrok.app"), Some(expected.clone()));
        assert_eq!(used(Some("a.ngrok.app"), "localhost:3000"), Some(expected.clone()));
        assert!(expected.is_host_of("https://a.ngrok.app") && !expected.is_host_of("https://b.ngrok.app"));
        for host in ["localhost:3000", "127.0.0.1:3000", "[::1]:3000", "app", "", "a b.c", "a.b\u{1b}"] {
            assert_eq!(used(None, host), None, "{host:?}");
        }
    }
}
