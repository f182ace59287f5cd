//! What to change after a response that names its cause: the URL of the target, an old timestamp, or a missing decision.

use super::likely_causes::rightly_rejected;
use super::{Delivery, Origin, Target};
use crate::core::provider::DOCUMENTED_PATH;
use crate::core::request::Header;
use crate::core::signature::Scheme;
use crate::core::signature::headers::Views;

/// The next step after a 404 or 405 from a target without a path, a redirect, the rejection of an old timestamp, or a 2xx to an
/// interceptor without a decision.
/// `None` for every other response. `received` is the request target of the event, if the event was received.
pub fn advice(delivery: &Delivery, received: Option<&[u8]>) -> Option<String> {
    match delivery.status()? {
        300..400 => redirected(delivery),
        400 | 401 | 403 => rightly_rejected(delivery),
        404 | 405 => without_path(delivery, received),
        200..300 => undecided(delivery),
        _ => None,
    }
}

fn without_path(delivery: &Delivery, received: Option<&[u8]>) -> Option<String> {
    let target = Target::parse(&delivery.target).ok().filter(|target| target.path() == "/")?;
    let as_received = received.and_then(|received| target.with_path(received).ok());
    Some(match as_received.filter(|as_received| as_received.path() != "/") {
        Some(as_received) if delivery.origin == Origin::Forwarded => {
            format!("the target has no path: use `{as_received}`, or add `--keep-path` to `--forward-to`")
        }
        Some(as_received) => {
            format!("the target has no path: use `{as_received}` if your handler has the path the event was sent to")
        }
        None => {
            let example = target.with_path(DOCUMENTED_PATH.as_bytes()).ok()?;
            format!("the target has no path: add your handler's path, for example `{example}`")
        }
    })
}

fn undecided(delivery: &Delivery) -> Option<String> {
    // The assessment of a rehearsal says it already.
    if matches!(delivery.origin, Origin::Rehearsed(_)) {
        return None;
    }
    let sent: Vec<_> = delivery.sent_headers.iter().map(|(name, value)| Header::new(name, value)).collect();
    let response = delivery.outcome.as_ref().ok().filter(|_| Views::gather(&sent).scheme() == Scheme::Interceptor)?;
    response.lacks_decision().then(|| {
        "no decision in the response, so the flow that waits for it, such as a login, is blocked: respond 200 with \
         `{\"decision\":\"ALLOW\"}` or `DENY`"
            .to_owned()
    })
}

fn redirected(delivery: &Delivery) -> Option<String> {
    let location = delivery.outcome.as_ref().ok()?.location()?;
    Some(format!("the app redirects to `{location}`, which hookglass does not follow: use the final URL as the target"))
}

#[cfg(test)]
mod tests {
    use super::super::{Completeness, Failure, FailureKind, Manner, Response, Timing};
    use super::*;
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
            advice(&delivery(target, origin, 404, None), received).unwrap_or_default()
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
    fn a_redirect_is_named_with_its_location() {
        let advised = |status, location| advice(&delivery("4000", Origin::Asked, status, location), None);
        assert_eq!(
            advised(308, Some("/hooks/\x1b[2J")).unwrap(),
            "the app redirects to `/hooks/␛[2J`, which hookglass does not follow: use the final URL as the target"
        );
        assert_eq!(advised(304, None), None);
    }

    #[test]
    fn a_2xx_to_an_interceptor_needs_a_decision_and_status_200() {
        let is_advised = |status, body: &'static str, name: &str, origin| {
            let mut delivery = delivery("4000", origin, status, None);
            let parts = ["id", "timestamp", "signature"];
            delivery.sent_headers = parts.map(|part| (format!("{name}-{part}").into(), b"x".to_vec())).to_vec();
            delivery.outcome.as_mut().unwrap().body = Bytes::from_static(body.as_bytes());
            advice(&delivery, None).is_some()
        };
        let allow = "{\"decision\":\"ALLOW\"}";
        for (status, body, expected) in
            [(201, "", true), (201, allow, true), (200, "ok", true), (200, allow, false), (500, "", false)]
        {
            assert_eq!(is_advised(status, body, "interceptor", Origin::Forwarded), expected, "{status} {body}");
        }
        let mut coded = delivery("4000", Origin::Forwarded, 200, None);
        coded.sent_headers = vec![(b"interceptor-signature".to_vec(), b"x".to_vec())];
        assert!(advice(&coded, None).is_some());
        let encoding = (b"Content-Encoding".to_vec(), b"gzip".to_vec());
        coded.outcome.as_mut().unwrap().headers.push(encoding);
        assert_eq!(advice(&coded, None), None);
        assert!(!is_advised(201, "", "webhook", Origin::Forwarded));
        assert!(!is_advised(201, "", "interceptor", Origin::Rehearsed(None)));
    }

    #[test]
    fn other_responses_and_failures_get_no_advice() {
        for status in [200, 201, 401, 410, 500] {
            assert_eq!(advice(&delivery("4000", Origin::Asked, status, Some("/a")), Some(b"/a")), None, "{status}");
        }
        let failure = Failure { kind: FailureKind::Refused, text: String::new() };
        let down = Delivery { outcome: Err(failure), ..delivery("4000", Origin::Asked, 404, None) };
        assert_eq!(advice(&down, Some(b"/a")), None);
    }
}
