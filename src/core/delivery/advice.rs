//! What an answer calls for that is no refusal: a target that is not the handler's URL, or a decision that an interceptor owes.

use super::{Delivery, Origin, Target};
use crate::core::overrides::decision_in;
use crate::core::request::Header;
use crate::core::signature::Scheme;
use crate::core::signature::headers::Views;

/// The path of the provider's own documents.
const DOCUMENTED_PATH: &[u8] = b"/webhooks/scalekit";

/// What to do where the target has no path and nothing is there, where the app sends on to another, or where an interceptor's request
/// is answered without a decision; `None` of any other answer. `received` is the request target of the event, if it came from anywhere.
pub fn advice(delivery: &Delivery, received: Option<&[u8]>) -> Option<String> {
    match delivery.status()? {
        300..400 => redirected(delivery),
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
            format!("the target has no path: give `{as_received}`, or `--keep-path` with `--forward-to`")
        }
        Some(as_received) => {
            format!("the target has no path: give `{as_received}`, if the handler is where the event came to")
        }
        None => {
            let example = target.with_path(DOCUMENTED_PATH).ok()?;
            format!("the target has no path: give that of the handler, as in `{example}`")
        }
    })
}

fn undecided(delivery: &Delivery) -> Option<String> {
    // Of a rehearsal it is said with what was expected.
    if matches!(delivery.origin, Origin::Rehearsed(_)) {
        return None;
    }
    let sent: Vec<_> = delivery.sent_headers.iter().map(|(name, value)| Header::new(name, value)).collect();
    let answer = delivery.outcome.as_ref().ok().filter(|_| Views::gather(&sent).scheme() == Scheme::Interceptor)?;
    // What is compressed may be a decision.
    let is_coded = answer.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case(b"content-encoding"));
    let is_right = answer.status == 200 && decision_in(&answer.body).is_some();
    (!is_coded && !is_right).then(|| {
        "no decision: what waits for it, as a log-in, is blocked; answer 200 with `{\"decision\":\"ALLOW\"}` or `DENY`".to_owned()
    })
}

fn redirected(delivery: &Delivery) -> Option<String> {
    let place = delivery.outcome.as_ref().ok()?.location()?;
    Some(format!("a redirect to `{place}` is not followed: give the URL that it leads to"))
}

#[cfg(test)]
mod tests {
    use super::super::{Completeness, Failure, FailureKind, Manner, Response, Timing};
    use super::*;
    use bytes::Bytes;
    use jiff::Timestamp;

    fn delivery(target: &str, origin: Origin, status: u16, location: Option<&str>) -> Delivery {
        let headers = location.map(|place| (b"Location".to_vec(), place.into())).into_iter().collect();
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
    fn a_target_without_a_path_is_given_the_one_that_the_event_came_to() {
        let said = |target, origin, received: Option<&[u8]>| {
            advice(&delivery(target, origin, 404, None), received).unwrap_or_default()
        };
        for (origin, received, expected) in [
            (
                Origin::Forwarded,
                Some(&b"/hooks?a=b"[..]),
                "the target has no path: give `http://localhost:4000/hooks?a=b`, or `--keep-path` with `--forward-to`",
            ),
            (
                Origin::Asked,
                Some(b"/hooks"),
                "the target has no path: give `http://localhost:4000/hooks`, if the handler is where the event came to",
            ),
            (
                Origin::Forwarded,
                Some(b"/"),
                "the target has no path: give that of the handler, as in `http://localhost:4000/webhooks/scalekit`",
            ),
            (
                Origin::Asked,
                None,
                "the target has no path: give that of the handler, as in `http://localhost:4000/webhooks/scalekit`",
            ),
        ] {
            assert_eq!(said("4000", origin, received), expected);
        }
        assert!(said("https://app", Origin::Asked, Some(b"/a b")).ends_with("`https://app/webhooks/scalekit`"));
        assert_eq!(said("4000/hooks", Origin::Asked, Some(b"/a")), "");
    }

    #[test]
    fn where_a_redirect_leads_is_said() {
        let said = |status, location| advice(&delivery("4000", Origin::Asked, status, location), None);
        assert_eq!(
            said(308, Some("/hooks/\x1b[2J")).unwrap(),
            "a redirect to `/hooks/␛[2J` is not followed: give the URL that it leads to"
        );
        assert_eq!(said(304, None), None);
    }

    #[test]
    fn an_interceptor_is_to_decide() {
        let said = |status, body: &'static str, name: &str, origin| {
            let mut delivery = delivery("4000", origin, status, None);
            let parts = ["id", "timestamp", "signature"];
            delivery.sent_headers = parts.map(|part| (format!("{name}-{part}").into(), b"x".to_vec())).to_vec();
            delivery.outcome.as_mut().unwrap().body = Bytes::from_static(body.as_bytes());
            advice(&delivery, None).is_some()
        };
        let allow = "{\"decision\":\"ALLOW\"}";
        for (status, body, is_said) in
            [(201, "", true), (201, allow, true), (200, "ok", true), (200, allow, false), (500, "", false)]
        {
            assert_eq!(said(status, body, "interceptor", Origin::Forwarded), is_said, "{status} {body}");
        }
        let mut coded = delivery("4000", Origin::Forwarded, 200, None);
        coded.sent_headers = vec![(b"interceptor-signature".to_vec(), b"x".to_vec())];
        assert!(advice(&coded, None).is_some());
        let encoding = (b"Content-Encoding".to_vec(), b"gzip".to_vec());
        coded.outcome.as_mut().unwrap().headers.push(encoding);
        assert_eq!(advice(&coded, None), None);
        assert!(!said(201, "", "webhook", Origin::Forwarded) && !said(201, "", "interceptor", Origin::Rehearsed(None)));
    }

    #[test]
    fn of_other_answers_and_of_none_nothing_is_said() {
        for status in [200, 201, 401, 410, 500] {
            assert_eq!(advice(&delivery("4000", Origin::Asked, status, Some("/a")), Some(b"/a")), None, "{status}");
        }
        let failure = Failure { kind: FailureKind::Refused, text: String::new() };
        let down = Delivery { outcome: Err(failure), ..delivery("4000", Origin::Asked, 404, None) };
        assert_eq!(advice(&down, Some(b"/a")), None);
    }
}
