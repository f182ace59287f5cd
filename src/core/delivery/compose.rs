//! Turns a received request into the one to deliver. Nothing in the received request decides where it is sent.

use super::{Manner, Outgoing};
use crate::core::request::{Head, Header};
use crate::core::signature::{Part, Scheme};
use bytes::Bytes;

/// The header that marks a delivery of hookglass, so that it recognises a request that comes back.
pub const DELIVERY_HEADER: &str = "hookglass-delivery";

/// The response header that identifies the run of a forwarding hookglass. A target that responds with it leads back here.
pub const RUN_HEADER: &str = "hookglass-run";

/// Hop-by-hop headers (RFC 9110 section 7.6.1), and those that the client sets itself.
const DROPPED: [&str; 9] =
    ["connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade", "content-length", "expect", "host"];

/// A new timestamp with the signature made over it.
#[derive(Clone, PartialEq, Eq)]
pub struct Fresh {
    /// The id of a new event. Without one the request keeps what it has.
    pub id: Option<String>,
    /// Unix seconds.
    pub timestamp_s: i64,
    /// The whole value of the signature header.
    pub signature: String,
    /// Which headers carry them.
    pub family: Scheme,
}

impl std::fmt::Debug for Fresh {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Fresh")
            .field("id", &self.id)
            .field("timestamp_s", &self.timestamp_s)
            .field("family", &self.family)
            .finish_non_exhaustive()
    }
}

/// Whether hookglass itself delivered this request. Delivering it again could loop forever.
pub fn is_own(head: &Head) -> bool {
    head.headers().iter().any(|header| header.is(DELIVERY_HEADER))
}

/// The request to deliver for a received one.
///
/// Method, headers and body stay as received, the headers in their order and with their case, except that
/// - hop-by-hop headers are dropped, including those that `Connection` names, and so are `Host`, `Content-Length` and `Expect`,
///   which the client sets;
/// - each value in `fresh` replaces the first header of its name, further headers of that name are dropped, and missing ones
///   are added at the end;
/// - [`DELIVERY_HEADER`] is added with the manner.
pub(crate) fn compose(head: &Head, body: &Bytes, manner: Manner, fresh: Option<Fresh>) -> Outgoing {
    let mut fresh = fresh.map(replacements).unwrap_or_default();
    let received = head.headers();
    let mut headers = Vec::with_capacity(received.len() + 1);
    for header in received.iter().filter(|header| !is_dropped(header, &received)) {
        match fresh.iter_mut().find(|replacement| header.is(replacement.name)) {
            None => headers.push((header.name.to_vec(), header.value.to_vec())),
            Some(replacement) => {
                headers.extend(replacement.value.take().map(|value| (header.name.to_vec(), value)));
            }
        }
    }
    for Replacement { name, value } in fresh {
        headers.extend(value.map(|value| (name.as_bytes().to_vec(), value)));
    }
    headers.push((DELIVERY_HEADER.as_bytes().to_vec(), manner.as_str().as_bytes().to_vec()));
    Outgoing { method: String::from_utf8_lossy(head.method()).into_owned(), headers, body: body.clone(), manner }
}

impl Outgoing {
    /// Removes [`DELIVERY_HEADER`], so that a hookglass that receives the request treats it as the provider's.
    pub fn unmark(&mut self) {
        self.headers.retain(|(name, _)| name != DELIVERY_HEADER.as_bytes());
    }
}

/// A header that gets a new value. The first header of that name takes it.
struct Replacement {
    name: &'static str,
    value: Option<Vec<u8>>,
}

fn replacements(fresh: Fresh) -> Vec<Replacement> {
    let Fresh { id, timestamp_s, signature, family } = fresh;
    [(Part::Id, id), (Part::Timestamp, Some(timestamp_s.to_string())), (Part::Signature, Some(signature))]
        .into_iter()
        .filter_map(|(part, value)| Some(Replacement { name: family.header(part)?, value: Some(value?.into_bytes()) }))
        .collect()
}

/// Whether `header`, one of `received`, is not delivered.
pub(crate) fn is_dropped(header: &Header<'_>, received: &[Header<'_>]) -> bool {
    let is_named_by_connection = || {
        let lists = received.iter().filter(|other| other.is("connection"));
        let mut names = lists.flat_map(|list| list.value.split(|byte| *byte == b','));
        names.any(|name| name.trim_ascii().eq_ignore_ascii_case(header.name))
    };
    DROPPED.iter().any(|name| header.is(name))
        || header.is(DELIVERY_HEADER)
        || header.name.get(..6).is_some_and(|start| start.eq_ignore_ascii_case(b"proxy-"))
        || is_named_by_connection()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(lines: &str) -> Head {
        Head::parse(format!("POST http://elsewhere.example/x HTTP/1.1\r\n{lines}\r\n").as_bytes()).unwrap()
    }

    fn composed(lines: &str, fresh: Option<Fresh>) -> String {
        let outgoing = compose(&head(lines), &Bytes::from_static(b"{}"), Manner::Resigned, fresh);
        assert_eq!((outgoing.method.as_str(), &outgoing.body[..]), ("POST", &b"{}"[..]));
        let line = |(name, value): &(Vec<u8>, Vec<u8>)| {
            format!("{}: {}\n", String::from_utf8_lossy(name), String::from_utf8_lossy(value))
        };
        outgoing.headers.iter().map(line).collect()
    }

    fn fresh(family: Scheme) -> Option<Fresh> {
        Some(Fresh { id: None, timestamp_s: 1_700_000_000, signature: "v1,new".into(), family })
    }

    #[test]
    fn headers_keep_order_case_and_duplicates() {
        let lines = "B: 1\r\na: 2\r\nb: 3\r\nB: 1\r\nContent-Type: x\r\n";
        assert_eq!(composed(lines, None), "B: 1\na: 2\nb: 3\nB: 1\nContent-Type: x\nhookglass-delivery: resigned\n");
    }

    #[test]
    fn hop_by_hop_headers_are_dropped() {
        let lines = "Host: h\r\nConnection: close, X-Hop\r\nx-hop: 1\r\nconnection: keep-alive ,y\r\nY: 2\r\nyy: 3\r\n\
            Keep-Alive: 5\r\nProxy-Authorization: secret\r\nProxy-Connection: x\r\nTE: trailers\r\nTrailer: t\r\n\
            Transfer-Encoding: chunked\r\nUpgrade: h2c\r\nContent-Length: 2\r\nExpect: 100-continue\r\nproxy: stays\r\n";
        assert_eq!(composed(lines, None), "yy: 3\nproxy: stays\nhookglass-delivery: resigned\n");
    }

    #[test]
    fn fresh_values_replace_the_old_ones_in_place() {
        let lines = "Webhook-Signature: v1,old\r\nwebhook-id: m\r\nWebhook-Timestamp: 1\r\nwebhook-signature: v1,other\r\n\
            webhook-timestamp: 2\r\nsvix-timestamp: 3\r\n";
        assert_eq!(
            composed(lines, fresh(Scheme::Webhook)),
            "Webhook-Signature: v1,new\nwebhook-id: m\nWebhook-Timestamp: 1700000000\nsvix-timestamp: 3\n\
             hookglass-delivery: resigned\n"
        );
    }

    #[test]
    fn missing_headers_are_added_at_the_end() {
        assert_eq!(
            composed("interceptor-id: m\r\n", fresh(Scheme::Interceptor)),
            "interceptor-id: m\ninterceptor-timestamp: 1700000000\ninterceptor-signature: v1,new\n\
             hookglass-delivery: resigned\n"
        );
        assert_eq!(composed("a: 1\r\n", fresh(Scheme::None)), "a: 1\nhookglass-delivery: resigned\n");
    }

    #[test]
    fn a_new_id_replaces_the_old_one_in_place() {
        let new = |lines: &str, family| {
            let fresh = Fresh { id: Some("msg_new".into()), ..fresh(family).unwrap() };
            let outgoing = compose(&head(lines), &Bytes::from_static(b"{}"), Manner::Edited, Some(fresh));
            outgoing
                .headers
                .into_iter()
                .map(|(name, value)| [name, b": ".to_vec(), value, b"\n".to_vec()].concat())
                .collect()
        };
        let text = |bytes: Vec<Vec<u8>>| String::from_utf8(bytes.concat()).unwrap();
        assert_eq!(
            text(new("Webhook-Id: a\r\nb: 1\r\nwebhook-id: c\r\nWebhook-Timestamp: 1\r\n", Scheme::Webhook)),
            "Webhook-Id: msg_new\nb: 1\nWebhook-Timestamp: 1700000000\nwebhook-signature: v1,new\n\
             hookglass-delivery: edited\n"
        );
        assert_eq!(
            text(new("webhook-id: a\r\n", Scheme::Interceptor)),
            "webhook-id: a\ninterceptor-id: msg_new\ninterceptor-timestamp: 1700000000\ninterceptor-signature: v1,new\n\
             hookglass-delivery: edited\n"
        );
    }

    #[test]
    fn the_delivery_header_is_recognised_and_not_duplicated() {
        let lines = "HookGlass-Delivery: as-received\r\na: 1\r\n";
        assert!(is_own(&head(lines)));
        assert!(!is_own(&head("a: 1\r\n")));
        assert_eq!(composed(lines, None), "a: 1\nhookglass-delivery: resigned\n");
    }

    #[test]
    fn debug_hides_the_signature() {
        assert!(!format!("{:?}", fresh(Scheme::Svix)).contains("new"));
    }
}
