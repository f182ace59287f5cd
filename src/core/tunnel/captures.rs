//! The POST requests to the listener that ngrok's agent captured, with their bytes.

use super::{LeadsTo, Tunnel, host_of};
use crate::core::import::{Record, RecordError, captured};
use crate::core::numbers::counted;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::HashMap;

/// One request that came through a tunnel to the listener.
#[derive(Debug)]
pub(crate) struct Capture {
    pub at: Timestamp,
    /// The path without the query.
    pub path: String,
    /// The exact request, or why it is not known.
    pub request: Result<Record, RecordError>,
}

/// What an agent responded to `GET /api/requests/http`.
#[derive(Debug)]
pub(crate) struct Captures {
    /// Those to the listener, as listed: the newest first.
    pub list: Vec<Capture>,
    /// How many there are to any tunnel.
    pub listed: usize,
}

/// Captured requests that are not in the history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offer {
    pub count: usize,
    pub first: Timestamp,
    pub last: Timestamp,
}

#[derive(Deserialize)]
struct Requests<'a> {
    #[serde(borrow)]
    requests: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
struct Entry {
    start: String,
    tunnel_name: Option<String>,
    request: Request,
}

#[derive(Deserialize)]
struct Request {
    #[serde(default)]
    method: String,
    #[serde(default)]
    uri: String,
    #[serde(default)]
    headers: HashMap<String, Vec<String>>,
    #[serde(default)]
    raw: String,
}

impl Captures {
    /// The POST requests through those of `tunnels` that lead to `port`. `None` if `body` is no such response.
    pub fn of_ngrok(body: &[u8], tunnels: &[Tunnel], port: u16) -> Option<Self> {
        let Requests { requests } = serde_json::from_str(str::from_utf8(body).ok()?).ok()?;
        let listed = requests.len();
        let entries = requests.into_iter().filter_map(|entry| serde_json::from_str::<Entry>(entry.get()).ok());
        let wanted = entries.filter(|entry| entry.request.method == "POST" && leads_to(entry, tunnels, port));
        let list = wanted.filter_map(|entry| {
            let at = entry.start.parse().ok()?;
            let path = entry.request.uri.split(['?', '#']).next().unwrap_or_default().to_owned();
            Some(Capture { at, path, request: captured(at, &entry.request.raw) })
        });
        Some(Self { list: list.collect(), listed })
    }
}

/// Whether a request came through a tunnel to `port`: its name decides, and the host if the agent names no tunnel that it has.
fn leads_to(entry: &Entry, tunnels: &[Tunnel], port: u16) -> bool {
    let is_ours = |tunnel: &&Tunnel| tunnel.leads_to == LeadsTo::Port(port);
    if let Some(name) = &entry.tunnel_name {
        let mut named = tunnels.iter().filter(|tunnel| tunnel.name.as_ref() == Some(name)).peekable();
        if named.peek().is_some() {
            return named.all(|tunnel| is_ours(&tunnel));
        }
    }
    let values = |wanted| entry.request.headers.iter().find(move |(name, _)| name.eq_ignore_ascii_case(wanted));
    let Some((_, hosts)) = values("x-forwarded-host").or_else(|| values("host")) else { return false };
    let [host] = hosts.as_slice() else { return false };
    let mut same =
        tunnels.iter().filter(|tunnel| host_of(&tunnel.url).is_some_and(|its| its.eq_ignore_ascii_case(host)));
    let is_any_ours = same.clone().any(|tunnel| is_ours(&tunnel));
    is_any_ours && same.all(|tunnel| is_ours(&tunnel))
}

impl Offer {
    /// `None` if there are no requests.
    pub(crate) fn of(records: &[Record]) -> Option<Self> {
        let times = || records.iter().filter_map(|record| record.received_at);
        Some(Self { count: records.len(), first: times().min()?, last: times().max()? })
    }

    /// `3 requests, 14:02:11 to 14:05:40`, with the dates unless all are of the day of `now`.
    pub fn sentence(&self, now: Timestamp, zone: &TimeZone) -> String {
        let [first, last, now] = [self.first, self.last, now].map(|time| time.to_zoned(zone.clone()));
        let is_today = first.date() == now.date() && last.date() == now.date();
        let format = if is_today { "%H:%M:%S" } else { "%b %-d %H:%M:%S" };
        let count = counted(self.count as u64, "request");
        let first = first.strftime(format).to_string();
        match last.strftime(format).to_string() {
            last if last == first => format!("{count}, {first}"),
            last => format!("{count}, {first} to {last}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;

    fn tunnel(name: &str, host: &str, port: u16) -> Tunnel {
        Tunnel { name: Some(name.to_owned()), url: format!("https://{host}"), leads_to: LeadsTo::Port(port) }
    }

    /// An entry of the list. `tunnel` is the member `tunnel_name`, with the comma behind it.
    fn entry(tunnel: &str, method: &str, host: &str) -> String {
        let raw = STANDARD.encode(format!("{method} /hooks HTTP/1.1\r\nHost: {host}\r\nContent-Length: 2\r\n\r\n{{}}"));
        format!(
            r#"{{"uri":"/api/requests/http/1","id":"1",{tunnel}"start":"2026-11-30T12:00:00+01:00","duration":1,"request":
            {{"method":"{method}","proto":"HTTP/1.1","headers":{{"Host":["{host}"]}},"uri":"/hooks?a","raw":"{raw}"}},"response":null}}"#
        )
    }

    fn count(entries: &[String]) -> (usize, usize) {
        let tunnels = [tunnel("web", "a.ngrok.app", 3000), tunnel("api", "b.ngrok.app", 4000)];
        let body = format!(r#"{{"uri":"","requests":[{}]}}"#, entries.join(","));
        let captures = Captures::of_ngrok(body.as_bytes(), &tunnels, 3000).unwrap();
        (captures.list.iter().filter(|capture| capture.request.is_ok()).count(), captures.listed)
    }

    #[test]
    fn only_post_requests_through_the_tunnel_to_the_port_are_taken() {
        let named = |name: &str| format!(r#""tunnel_name":"{name}","#);
        for (tunnel, host, expected) in [
            (named("web"), "a.ngrok.app", 1),
            // `--host-header` changes the host.
            (named("web"), "localhost:3000", 1),
            (named("api"), "b.ngrok.app", 0),
            (named("api"), "a.ngrok.app", 0),
            (named("gone"), "a.ngrok.app", 1),
            (named("gone"), "c.ngrok.app", 0),
            (String::new(), "A.ngrok.app", 1),
            (String::new(), "b.ngrok.app", 0),
            (String::new(), "localhost:3000", 0),
        ] {
            assert_eq!(count(&[entry(&tunnel, "POST", host)]), (expected, 1), "{tunnel} {host}");
            assert_eq!(count(&[entry(&tunnel, "GET", host)]), (0, 1), "{tunnel} {host}");
        }
        let good = entry(&named("web"), "POST", "a.ngrok.app");
        let odd = ["{}", "7", r#"{"start":"noon","tunnel_name":"web","request":{"method":"POST"}}"#].map(str::to_owned);
        assert_eq!(count(&[&odd[..], &[good]].concat()), (1, 4), "one bad entry does not hide the others");
        for other in ["", "{}", "<html>", r#"{"requests":7}"#, "\u{1b}[31m"] {
            assert!(Captures::of_ngrok(other.as_bytes(), &[], 3000).is_none(), "{other}");
        }
    }

    #[test]
    fn an_offer_names_the_count_and_the_times() {
        let time = |text: &str| text.parse::<Timestamp>().unwrap();
        let (first, last) = (time("2026-11-30T10:00:00Z"), time("2026-11-30T10:05:09.5Z"));
        let sentence = |offer: Offer, now: &str| offer.sentence(time(now), &TimeZone::UTC);
        let offer = Offer { count: 3, first, last };
        assert_eq!(sentence(offer, "2026-11-30T12:00:00Z"), "3 requests, 10:00:00 to 10:05:09");
        assert_eq!(sentence(offer, "2026-12-01T12:00:00Z"), "3 requests, Nov 30 10:00:00 to Nov 30 10:05:09");
        assert_eq!(sentence(Offer { count: 1, first, last: first }, "2026-11-30T12:00:00Z"), "1 request, 10:00:00");
    }
}
