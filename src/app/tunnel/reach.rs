//! Sends one request through the tunnel, and sees whether it comes back to the listener of this machine.

use crate::client::{Client, Limits};
use crate::core::delivery::{Manner, Outgoing, RUN_HEADER, Response, Target};
use crate::core::doctor::{Listener, Reach};
use crate::core::reply::PAGE;
use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use std::net::SocketAddr;
use std::time::Duration;

/// ngrok names its own errors in this header.
const NGROK_ERROR: &str = "ngrok-error-code";
/// How long a listener on this machine may take.
const LOCAL: Duration = Duration::from_secs(2);

/// What responds at `address`.
pub(crate) async fn listener(address: SocketAddr) -> Listener {
    let client = Client::new(Limits { connect: LOCAL, whole: LOCAL, ..Limits::default() });
    let target = Target::parse(&format!("http://{address}/")).expect("an address is a target");
    let exchange = client.deliver(&target, &get()).await;
    match exchange.outcome {
        Ok(response) if response.body.as_ref() == PAGE.as_bytes() => {
            Listener::Hookglass(header(&response, RUN_HEADER).map(<[u8]>::to_vec))
        }
        Err(_) if exchange.peer.is_none() => Listener::Nothing,
        Ok(_) | Err(_) => Listener::OtherProgram,
    }
}

/// Sends a GET request to `url` and compares the response with that of `listener`.
pub(crate) async fn reach(url: &Target, listener: &Listener) -> Reach {
    let exchange = Client::new(Limits::default()).deliver(url, &get()).await;
    let now = Timestamp::now();
    let response = match exchange.outcome {
        Ok(response) => response,
        Err(failure) => return Reach::Failed(failure.text),
    };
    let is_here = match listener {
        Listener::Hookglass(Some(run)) => Some(header(&response, RUN_HEADER) == Some(run.as_slice())),
        Listener::Hookglass(None) => Some(response.body.as_ref() == PAGE.as_bytes()),
        Listener::Nothing | Listener::OtherProgram => None,
    };
    let text = |name| header(&response, name).and_then(|value| std::str::from_utf8(value).ok());
    Reach::Responded {
        status: response.status,
        is_here,
        tunnel_error: text(NGROK_ERROR).map(str::to_owned),
        took: exchange.timing.total(),
        ahead: text("date").and_then(|date| ahead(now, date)),
    }
}

/// How far `now` is ahead of the `Date` of a response, which has whole seconds.
fn ahead(now: Timestamp, date: &str) -> Option<SignedDuration> {
    let theirs = jiff::fmt::rfc2822::parse(date).ok()?.timestamp();
    Some(SignedDuration::from_secs(now.duration_since(theirs).as_secs()))
}

fn get() -> Outgoing {
    // A free tunnel of ngrok shows browsers a page of its own first.
    let headers = vec![(b"ngrok-skip-browser-warning".to_vec(), b"1".to_vec())];
    Outgoing { method: "GET".to_owned(), headers, body: Bytes::new(), manner: Manner::AsReceived }
}

fn header<'r>(response: &'r Response, name: &str) -> Option<&'r [u8]> {
    response.headers.iter().find(|(its, _)| its.eq_ignore_ascii_case(name.as_bytes())).map(|(_, value)| &value[..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_is_compared_with_the_date_of_the_response() {
        let now = "2026-11-30T12:00:02.5Z".parse().unwrap();
        let ahead_s = |date| ahead(now, date).map(|ahead| ahead.as_secs());
        assert_eq!(ahead_s("Mon, 30 Nov 2026 12:00:00 GMT"), Some(2));
        assert_eq!(ahead_s("Mon, 30 Nov 2026 12:10:00 GMT"), Some(-597));
        assert_eq!(ahead_s("yesterday"), None);
    }
}
