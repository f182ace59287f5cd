//! What the request itself shows: a target without a path, and an interceptor without a decision.

use super::cause::Cause;
use crate::core::delivery::{Delivery, Origin, Target};
use crate::core::provider::DOCUMENTED_PATH;
use crate::core::request::Header;
use crate::core::signature::Scheme;
use crate::core::signature::headers::Views;

/// After a 404 or 405 from a target without a path. `received` is the request target of the event, if the event was received.
pub(super) fn without_path(delivery: &Delivery, received: Option<&[u8]>) -> Option<Cause> {
    if !matches!(delivery.status(), Some(404 | 405)) {
        return None;
    }
    let target = Target::parse(&delivery.target).ok().filter(|target| target.path() == "/")?;
    let as_received = received.and_then(|received| target.with_path(received).ok());
    let next = match as_received.filter(|as_received| as_received.path() != "/") {
        Some(as_received) if delivery.origin == Origin::Forwarded => {
            format!("use `{as_received}`, or add `--keep-path` to `--forward-to`")
        }
        Some(as_received) => {
            format!("use `{as_received}` if your handler has the path the event was sent to")
        }
        None => {
            let example = target.with_path(DOCUMENTED_PATH.as_bytes()).ok()?;
            format!("add your handler's path, for example `{example}`")
        }
    };
    Some(Cause::likely("no-path", "the target has no path", next))
}

/// After a 2xx to an interceptor without a decision.
pub(super) fn undecided(delivery: &Delivery) -> Option<Cause> {
    // The assessment of a rehearsal says it already.
    if !matches!(delivery.status(), Some(200..300)) || matches!(delivery.origin, Origin::Rehearsed(_)) {
        return None;
    }
    let sent: Vec<_> = delivery.sent_headers.iter().map(|(name, value)| Header::new(name, value)).collect();
    let response = delivery.outcome.as_ref().ok().filter(|_| Views::gather(&sent).scheme() == Scheme::Interceptor)?;
    response.lacks_decision().then(|| {
        let why = "no decision in the response, so the flow that waits for it, such as a login, is blocked";
        Cause::likely("no-decision", why, "respond 200 with `{\"decision\":\"ALLOW\"}` or `DENY`")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::delivery::{Completeness, Failure, FailureKind, Manner, Response, Timing};
    use bytes::Bytes;
    use jiff::Timestamp;

    fn delivery(target: &str, origin: Origin, status: u16, location: Option<&str>) -> Delivery {
        let headers = location.map(|location| (b"Location".to_vec(), location.into())).into_iter().collect();
        Delivery {
            event: 1,
            origin,
            manner: Manner::AsReceived,
            target: target.parse::<Target>().unwrap().to_string(),
            peer: None,
            started_at: Timestamp::UNIX_EPOCH,
            timing: Timing::default(),
            sent_headers: Vec::new(),
            sent_body: None,
            outcome: Ok(Response { status, headers, body: Bytes::new(), completeness: Completeness::Whole }),
        }
    }

    #[test]
    fn a_target_without_a_path_gets_the_one_the_event_was_sent_to() {
        let advised = |target, origin, received: Option<&[u8]>| {
            let cause = without_path(&delivery(target, origin, 404, None), received);
            cause.map(|cause| format!("{}: {}", cause.why, cause.next)).unwrap_or_default()
        };
        for (origin, received, expected) in [
            (
                Origin::Forwarded,
                Some(&b"/hooks?a=b"[..]),
                "the target has no path: use `http://localhost:4000/hooks?a=b`, or add `--keep-path` to `--forward-to`",
            ),
            (
                Origin::Asked,
                Some(b"/hooks"),
                "the target has no path: use `http://localhost:4000/hooks` if your handler has the path the event was sent to",
            ),
            (
                Origin::Forwarded,
                Some(b"/"),
                "the target has no path: add your handler's path, for example `http://localhost:4000/webhooks/scalekit`",
            ),
            (
                Origin::Asked,
                None,
                "the target has no path: add your handler's path, for example `http://localhost:4000/webhooks/scalekit`",
            ),
        ] {
            assert_eq!(advised("4000", origin, received), expected);
        }
        assert!(advised("https://app", Origin::Asked, Some(b"/a b")).ends_with("`https://app/webhooks/scalekit`"));
        assert_eq!(advised("4000/hooks", Origin::Asked, Some(b"/a")), "");
    }

    #[test]
    fn a_2xx_to_an_interceptor_needs_a_decision_and_status_200() {
        let is_advised = |status, body: &'static str, name: &str, origin| {
            let mut delivery = delivery("4000", origin, status, None);
            let parts = ["id", "timestamp", "signature"];
            delivery.sent_headers = parts.map(|part| (format!("{name}-{part}").into(), b"x".to_vec())).to_vec();
            delivery.outcome.as_mut().unwrap().body = Bytes::from_static(body.as_bytes());
            undecided(&delivery).is_some()
        };
        let allow = "{\"decision\":\"ALLOW\"}";
        for (status, body, expected) in
            [(201, "", true), (201, allow, true), (200, "ok", true), (200, allow, false), (500, "", false)]
        {
            assert_eq!(is_advised(status, body, "interceptor", Origin::Forwarded), expected, "{status} {body}");
        }
        let mut coded = delivery("4000", Origin::Forwarded, 200, None);
        coded.sent_headers = vec![(b"interceptor-signature".to_vec(), b"x".to_vec())];
        assert!(undecided(&coded).is_some());
        let encoding = (b"Content-Encoding".to_vec(), b"gzip".to_vec());
        coded.outcome.as_mut().unwrap().headers.push(encoding);
        assert_eq!(undecided(&coded), None);
        assert!(!is_advised(201, "", "webhook", Origin::Forwarded));
        assert!(!is_advised(201, "", "interceptor", Origin::Rehearsed(None)));
    }

    #[test]
    fn other_responses_and_failures_get_no_advice() {
        for status in [200, 201, 401, 410, 500] {
            let delivery = delivery("4000", Origin::Asked, status, Some("/a"));
            assert_eq!(without_path(&delivery, Some(b"/a")).or_else(|| undecided(&delivery)), None, "{status}");
        }
        let failure = Failure { kind: FailureKind::Refused, text: String::new() };
        let down = Delivery { outcome: Err(failure), ..delivery("4000", Origin::Asked, 404, None) };
        assert_eq!(without_path(&down, Some(b"/a")), None);
    }
}
