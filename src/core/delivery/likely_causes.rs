//! The likely causes when hookglass verified an event but the app rejected it.

use crate::core::delivery::{Delivery, Manner};
use crate::core::diagnosis::survives_reserialisation;
use crate::core::request::{Header, values};
use crate::core::signature::headers::{Family, Views};
use crate::core::signature::timestamp::TOLERANCE_S;
use crate::core::signature::{Keyring, Part, Scheme, Sdk, Secret, Verdict, Verification, sdk_verdicts, verify_request};
use crate::core::times::in_words;
use std::time::Duration;

/// Why the app may have rejected a valid signature. The causes that this delivery points to come first.
///
/// A signature is valid here if a secret in `keyring` verifies it at the time it was made, or if it was verified at the event's
/// `arrival`. The list is empty for any other signature, for a delivery that the app did not reject, and for one that it should
/// reject, as when the timestamp is out of the window.
///
/// `received` is the body of the event. `arrival` is its verification, if the event was received.
pub(crate) fn likely_causes(
    delivery: &Delivery,
    received: &[u8],
    arrival: Option<&Verification>,
    keyring: &Keyring,
) -> Vec<String> {
    let body = delivery.sent_body.as_deref().unwrap_or(received);
    if !is_rejected(delivery) || rightly_rejected(delivery).is_some() {
        return Vec::new();
    }
    let sent: Vec<_> = delivery.sent_headers.iter().map(|(name, value)| Header::new(name, value)).collect();
    let scheme = Views::gather(&sent).scheme();
    let signed_at_s = signed_at_s(&sent, scheme);
    let proof = signed_at_s.and_then(|signed_at_s| Proof::of(&sent, body, signed_at_s, keyring));
    let arrival = arrival.filter(|verification| verification.verdict == Verdict::Verified);
    let (label, sdks) = match (&proof, arrival) {
        (Some(Proof { secret, sdks }), _) => (Some(secret.label()), &sdks[..]),
        (None, Some(arrival)) => (arrival.secret.as_deref(), &[][..]),
        (None, None) => return Vec::new(),
    };
    let survives = survives_reserialisation(body);
    [rejecting_sdks(sdks, scheme), reserialised(survives)]
        .into_iter()
        .flatten()
        .chain([parsed_object(survives), another_secret(label, delivery.manner, arrival.is_some())])
        .chain([title_case(&sent), headers_object(), java(body)])
        .collect()
}

/// Whether the app probably rejected the signature of a delivery that it should have accepted.
fn is_rejected(delivery: &Delivery) -> bool {
    let should_be_accepted = match delivery.origin.rehearsal() {
        Some(rehearsal) => !rehearsal.must_be_rejected(),
        None => delivery.manner != Manner::Rehearsed,
    };
    should_be_accepted && matches!(delivery.status(), Some(400 | 401 | 403))
}

/// The secret that verifies the request as sent, and whether each SDK accepts the request with it.
struct Proof<'k> {
    secret: &'k Secret,
    sdks: [(Sdk, bool); 4],
}

impl<'k> Proof<'k> {
    /// Verifies at the second of the timestamp, so that the age does not matter.
    fn of(sent: &[Header<'_>], body: &[u8], signed_at_s: i64, keyring: &'k Keyring) -> Option<Self> {
        let signed_at_ms = signed_at_s.checked_mul(1000)?;
        let label = verify_request(sent, body, signed_at_ms, keyring).secret?;
        let secret = keyring.verifying.iter().find(|secret| secret.label() == &*label)?;
        Some(Self { secret, sdks: sdk_verdicts(sent, body, signed_at_ms, secret) })
    }
}

/// The timestamp in the headers, in Unix seconds.
fn signed_at_s(sent: &[Header<'_>], scheme: Scheme) -> Option<i64> {
    let timestamp = values(sent, scheme.header(Part::Timestamp)?).next()?;
    std::str::from_utf8(timestamp).ok()?.trim().parse().ok()
}

/// Why the app was right to reject the delivery, if its timestamp was out of the window when it was sent.
pub(super) fn rightly_rejected(delivery: &Delivery) -> Option<String> {
    let sent: Vec<_> = delivery.sent_headers.iter().map(|(name, value)| Header::new(name, value)).collect();
    let signed_at_s = signed_at_s(&sent, Views::gather(&sent).scheme()).filter(|_| is_rejected(delivery))?;
    let age_s = delivery.started_at.as_second().saturating_sub(signed_at_s);
    let age = match age_s.unsigned_abs() {
        // Near the limit, minutes would not show on which side it is.
        seconds @ ..600 => format!("{seconds} s"),
        seconds => in_words(Duration::from_secs(seconds)),
    };
    let (timestamp, next_step) = if age_s > TOLERANCE_S {
        (format!("{age} old"), "sign it again, as the provider's retries do")
    } else if age_s < -TOLERANCE_S {
        (format!("{age} ahead of this machine's clock"), "check the clocks of the sender and of this machine")
    } else {
        return None;
    };
    Some(format!(
        "the app was right to reject the request: its timestamp was {timestamp}, and the SDKs accept at most {TOLERANCE_S} s; {next_step}"
    ))
}

/// The SDKs that reject the event although Node accepts it.
fn rejecting_sdks(sdks: &[(Sdk, bool)], scheme: Scheme) -> Option<String> {
    let sdks: Vec<_> = sdks.iter().filter(|(_, accepts)| !accepts).map(|(sdk, _)| *sdk).collect();
    match &sdks[..] {
        [] => None,
        [Sdk::Go] if scheme == Scheme::Interceptor => Some(
            "in Go, `VerifyInterceptorPayload` reads the webhook headers and rejects every interceptor: copy a handler that works \
             from the event's Signature tab or from `hookglass verify`"
                .to_owned(),
        ),
        [_] => Some(format!("the SDK for {} rejects this event: {SEE_WHY}", Sdk::list(&sdks))),
        _ => Some(format!("the SDKs for {} reject this event: {SEE_WHY}", Sdk::list(&sdks))),
    }
}

const SEE_WHY: &str = "see its Signature tab, or run `hookglass verify`, for the reason";

/// `survives` tells whether `JSON.stringify(JSON.parse(body))` leaves this body unchanged.
fn reserialised(survives: bool) -> Option<String> {
    (!survives).then(|| {
        "the app re-serialises the body before it verifies: `JSON.stringify(JSON.parse(body))` changes this body, so pass the raw \
         bytes to the SDK"
            .to_owned()
    })
}

fn parsed_object(survives: bool) -> String {
    let remark = if survives { " (`JSON.stringify(JSON.parse(body))` would not change this body)" } else { "" };
    format!(
        "the app verifies something other than the raw body: a parsed object passed to the SDK always fails{remark}"
    )
}

/// `secret` is the label of the secret that verifies the request as sent, if it is known. `was_verified` is about the event's arrival.
fn another_secret(secret: Option<&str>, manner: Manner, was_verified: bool) -> String {
    let what_it_did = match manner {
        Manner::AsReceived if was_verified => "verified the event here",
        Manner::AsReceived => "signed the event",
        _ => "signed the event here",
    };
    let right = match secret {
        Some(label) => format!("`{label}`, which {what_it_did}"),
        None => format!("the one that {what_it_did}"),
    };
    format!("the app has an old secret or another endpoint's: compare it with {right}")
}

fn title_case(sent: &[Header<'_>]) -> String {
    let names = Family::ALL.into_iter().flat_map(|family| Part::ALL.map(|part| family.name(part)));
    let other_case =
        names.into_iter().find(|name| sent.iter().any(|header| header.is(name) && header.name != name.as_bytes()));
    match other_case {
        Some(name) => {
            format!(
                "the header names were sent in Title-Case, and a plain dict or Map with these names has no `{name}`: lower-case the \
                 names first"
            )
        }
        None => "the framework passes header names in Title-Case, as Flask's `dict(request.headers)` does, and the Python SDK finds \
                 none of them: lower-case the names first"
            .to_owned(),
    }
}

fn headers_object() -> String {
    "the app passes a `Headers` object to the Node SDK, which needs a plain object: use `Object.fromEntries(headers)`"
        .to_owned()
}

fn java(body: &[u8]) -> String {
    if body.is_ascii() {
        "in Java, the default locale writes numbers in its own digits (Arabic, Persian, Marathi and others), so the SDK signs another \
         timestamp: set an English default locale"
            .to_owned()
    } else {
        "in Java, the default charset is not UTF-8 (LANG=C before Java 18), which breaks every body that is not ASCII, or the default \
         locale writes numbers in its own digits (Arabic, Persian, Marathi and others): set UTF-8 and an English default locale"
            .to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::delivery::{Completeness, Origin, Response, Timing};
    use crate::core::rehearsal::Rehearsal;
    use crate::core::signature::{Secret, sign};
    use bytes::Bytes;
    use jiff::Timestamp;

    const SECRET: &str = "whsec_QUJD";
    const SENT_S: i64 = 1_700_000_000;

    fn keyring(secret: &str) -> Keyring {
        Keyring { verifying: vec![Secret::new("main", secret)], known_only: Vec::new() }
    }

    fn verified_with(label: &str) -> Verification {
        let (verdict, secret) = (Verdict::Verified, Some(label.into()));
        Verification { verdict, scheme: Scheme::Webhook, reason: None, secret }
    }

    /// A delivery with headers of `family`, signed at [`SENT_S`], sent `age_s` seconds later and rejected with `status`.
    fn rejected_of(family: &str, body: &[u8], age_s: i64, status: u16) -> Delivery {
        let signature = sign(&Secret::new("", SECRET), b"msg_1", SENT_S, body).unwrap();
        let parts = [("id", "msg_1".to_owned()), ("timestamp", SENT_S.to_string()), ("signature", signature)];
        Delivery {
            event: 7,
            origin: Origin::Asked,
            manner: Manner::AsReceived,
            target: "http://localhost:4000/".into(),
            peer: None,
            started_at: Timestamp::from_second(SENT_S + age_s).unwrap(),
            timing: Timing { connected_us: None, first_byte_us: None, total_us: 77 },
            sent_headers: parts.map(|(part, value)| (format!("{family}-{part}").into(), value.into())).to_vec(),
            sent_body: None,
            outcome: Ok(Response {
                status,
                headers: Vec::new(),
                body: Bytes::new(),
                completeness: Completeness::Whole,
            }),
        }
    }

    fn rejected(status: u16) -> Delivery {
        rejected_of("webhook", b"{}", 0, status)
    }

    fn causes(family: &str, body: &str, age_s: i64) -> String {
        let delivery = rejected_of(family, body.as_bytes(), age_s, 401);
        likely_causes(&delivery, body.as_bytes(), None, &keyring(SECRET)).join("\n")
    }

    #[test]
    fn only_causes_that_fit_the_event_are_named() {
        let plain = causes("webhook", "{\"a\":1}", 300);
        assert!(
            plain.contains("would not change") && !plain.contains("were sent in Title") && !plain.contains("charset"),
            "{plain}"
        );
        assert!(!plain.contains("re-serialises"), "{plain}");
        let odd = causes("Webhook", "{\"a\": \"é\"}", 0);
        assert!(causes("webhook", "{}", -300).starts_with("the app verifies something other"));
        assert!(
            odd.contains("changes this body") && odd.contains("were sent in Title-Case") && odd.contains("charset"),
            "{odd}"
        );
        assert!(causes("Interceptor", "{}", 0).contains("has no `interceptor-id`"));
    }

    #[test]
    fn a_rejection_of_a_timestamp_out_of_the_window_is_right() {
        for (age_s, expected) in [
            (301, Some("its timestamp was 301 s old, and the SDKs accept at most 300 s; sign it again")),
            (7_200, Some("its timestamp was 2 h old")),
            (-301, Some("its timestamp was 301 s ahead of this machine's clock, and the SDKs accept")),
            (300, None),
            (-300, None),
        ] {
            let said = rightly_rejected(&rejected_of("webhook", b"{}", age_s, 401));
            assert_eq!(said.is_some(), expected.is_some(), "{age_s}");
            assert!(said.unwrap_or_default().contains(expected.unwrap_or_default()), "{age_s}");
            assert_eq!(causes("webhook", "{}", age_s).is_empty(), expected.is_some(), "no other cause: {age_s}");
        }
        assert_eq!(rightly_rejected(&rejected_of("webhook", b"{}", 4000, 500)), None);
    }

    #[test]
    fn a_parsed_object_is_always_a_likely_cause() {
        for body in ["{\"a\":1}", "{\"a\": 1.0}"] {
            let causes = causes("webhook", body, 0);
            assert!(causes.contains("a parsed object passed to the SDK always fails"), "{causes}");
        }
    }

    #[test]
    fn the_secret_to_compare_with_is_named_with_what_it_did() {
        let named = |manner, arrival: Option<&Verification>| {
            let delivery = Delivery { manner, ..rejected(401) };
            let causes = likely_causes(&delivery, b"{}", arrival, &keyring(SECRET));
            let cause = causes.into_iter().find(|cause| cause.contains("an old secret")).unwrap();
            cause.split_once("compare it with ").unwrap().1.to_owned()
        };
        let arrival = verified_with("other");
        assert_eq!(named(Manner::AsReceived, Some(&arrival)), "`main`, which verified the event here");
        let too_old = Verification { verdict: Verdict::Invalid, secret: None, ..arrival.clone() };
        for arrival in [None, Some(&too_old)] {
            assert_eq!(named(Manner::AsReceived, arrival), "`main`, which signed the event");
        }
        for manner in [Manner::Resigned, Manner::New, Manner::Edited] {
            assert_eq!(named(manner, None), "`main`, which signed the event here");
        }
        let of_arrival = |arrival: &Verification| {
            let causes = likely_causes(&rejected(401), b"{}", Some(arrival), &Keyring::default());
            causes.into_iter().find(|cause| cause.contains("an old secret")).unwrap()
        };
        assert!(of_arrival(&arrival).ends_with(" `other`, which verified the event here"));
        let unnamed = Verification { secret: None, ..arrival };
        assert!(of_arrival(&unnamed).ends_with(" the one that verified the event here"));
    }

    #[test]
    fn the_body_as_sent_is_examined() {
        let edited =
            Delivery { sent_body: Some(Bytes::from_static(b"[1.0]")), ..rejected_of("webhook", b"[1.0]", 0, 400) };
        assert!(likely_causes(&edited, b"{}", None, &keyring(SECRET)).join("\n").contains("changes this body"));
    }

    #[test]
    fn sdks_that_reject_the_request_are_named() {
        let first = |family: &str, secret: &str| {
            likely_causes(&rejected_of(family, b"{}", 0, 403), b"{}", None, &keyring(secret)).swap_remove(0)
        };
        assert!(first("webhook", "\"whsec_QUJD\"").starts_with("the SDKs for Go and Java reject this event"));
        assert!(first("webhook", SECRET).contains("would not change"));
        let interceptor = first("interceptor", SECRET);
        assert!(interceptor.contains("`VerifyInterceptorPayload`"), "{interceptor}");
    }

    #[test]
    fn other_responses_and_deliveries_that_should_be_rejected_have_no_causes() {
        let has_causes = |delivery: Delivery| !likely_causes(&delivery, b"{}", None, &keyring(SECRET)).is_empty();
        assert!([400, 401, 403].into_iter().all(|status| has_causes(rejected(status))));
        assert!(![200, 201, 404, 500].into_iter().any(|status| has_causes(rejected(status))));
        let rehearsed =
            |rehearsal| Delivery { origin: Origin::Rehearsed(rehearsal), manner: Manner::Rehearsed, ..rejected(401) };
        assert!(has_causes(rehearsed(Some(Rehearsal::TwiceAtOnce))));
        assert!(!has_causes(rehearsed(Some(Rehearsal::Tampered))) && !has_causes(rehearsed(None)));
    }

    #[test]
    fn a_rejection_that_may_be_right_has_no_causes() {
        let other = keyring("whsec_REVG");
        let has_causes =
            |arrival: Option<&Verification>| !likely_causes(&rejected(401), b"{}", arrival, &other).is_empty();
        assert!(!has_causes(None));
        assert!(has_causes(Some(&verified_with("removed"))));
        let invalid = Verification { verdict: Verdict::Invalid, ..verified_with("removed") };
        assert!(!has_causes(Some(&invalid)));
    }
}
