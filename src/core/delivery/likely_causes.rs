//! "We verified it, your app refused it": what in the app is likely to be wrong, from what is known of the event.

use crate::core::delivery::{Delivery, Manner};
use crate::core::diagnosis::survives_reserialisation;
use crate::core::request::{Header, values};
use crate::core::signature::headers::{Family, Views};
use crate::core::signature::{Keyring, Part, Scheme, Sdk, Secret, Verdict, Verification, sdk_verdicts, verify_request};

/// The likely causes, what this very delivery tells first; empty where the app did not refuse it, or where it was sent to be
/// refused. They are those of an app that refuses a good signature: one that a secret in `keyring` verifies as of when it was made, or
/// that was verified at the event's `arrival`. No search is made for why another is not.
///
/// `received` is the body of the event and `arrival` what was found of it, if it came from anywhere.
pub fn likely_causes(
    delivery: &Delivery,
    received: &[u8],
    arrival: Option<&Verification>,
    keyring: &Keyring,
) -> Vec<String> {
    let body = delivery.sent_body.as_deref().unwrap_or(received);
    if !is_refused(delivery) {
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
    let age_s = signed_at_s.map(|signed_at_s| delivery.started_at.as_second().saturating_sub(signed_at_s));
    let survives = survives_reserialisation(body);
    [age_s.and_then(out_of_window), refusing_sdks(sdks, scheme), reserialised(survives)]
        .into_iter()
        .flatten()
        .chain([parsed_object(survives), another_secret(label, delivery.manner, arrival.is_some())])
        .chain([title_case(&sent), headers_object(), java(body)])
        .collect()
}

/// Whether the app is likely to have refused the signature of what was to be accepted.
fn is_refused(delivery: &Delivery) -> bool {
    let is_to_be_accepted = match delivery.origin.rehearsal() {
        Some(rehearsal) => !rehearsal.is_to_be_refused(),
        None => delivery.manner != Manner::Rehearsed,
    };
    is_to_be_accepted && matches!(delivery.status(), Some(400 | 401 | 403))
}

/// The secret that verifies what was sent, and what each SDK answers with it.
struct Proof<'k> {
    secret: &'k Secret,
    sdks: [(Sdk, bool); 4],
}

impl<'k> Proof<'k> {
    /// As of the second in which it says that it was signed, so that its age does not count.
    fn of(sent: &[Header<'_>], body: &[u8], signed_at_s: i64, keyring: &'k Keyring) -> Option<Self> {
        let signed_at_ms = signed_at_s.checked_mul(1000)?;
        let label = verify_request(sent, body, signed_at_ms, keyring).secret?;
        let secret = keyring.verifying.iter().find(|secret| secret.label() == &*label)?;
        Some(Self { secret, sdks: sdk_verdicts(sent, body, signed_at_ms, secret) })
    }
}

/// When the headers say that the request was signed, in Unix seconds.
fn signed_at_s(sent: &[Header<'_>], scheme: Scheme) -> Option<i64> {
    let timestamp = values(sent, scheme.header(Part::Timestamp)?).next()?;
    std::str::from_utf8(timestamp).ok()?.trim().parse().ok()
}

/// `age_s` is how old the timestamp was when it was sent; negative where it was ahead.
fn out_of_window(age_s: i64) -> Option<String> {
    match age_s {
        301.. => Some(format!(
            "the timestamp was {age_s} s old when it was sent: SDKs refuse more than 300 s, so have it signed again, as the \
             provider's retry is"
        )),
        ..=-301 => Some(format!(
            "the timestamp was {} s ahead of this machine's clock when it was sent: SDKs refuse more than 300 s",
            age_s.unsigned_abs()
        )),
        _ => None,
    }
}

/// The SDKs that refuse the event although Node accepts it.
fn refusing_sdks(sdks: &[(Sdk, bool)], scheme: Scheme) -> Option<String> {
    let sdks: Vec<_> = sdks.iter().filter(|(_, accepts)| !accepts).map(|(sdk, _)| *sdk).collect();
    match &sdks[..] {
        [] => None,
        [Sdk::Go] if scheme == Scheme::Interceptor => Some(
            "in Go, `VerifyInterceptorPayload` reads the webhook headers and refuses every interceptor's request: the event's \
             Signature tab, and `hookglass verify`, have a handler that works"
                .to_owned(),
        ),
        sdks => Some(format!(
            "the SDK for {} refuses this event: its Signature tab, and `hookglass verify`, say why",
            Sdk::list(sdks)
        )),
    }
}

/// `survives`: this very body is the same after `JSON.stringify(JSON.parse(body))`.
fn reserialised(survives: bool) -> Option<String> {
    (!survives).then(|| {
        "the app re-serialises the body before it verifies: this body does not survive `JSON.stringify(JSON.parse(body))`, so give \
         the SDK the raw bytes"
            .to_owned()
    })
}

fn parsed_object(survives: bool) -> String {
    let remark = if survives { " (this very body would survive `JSON.stringify(JSON.parse(body))`)" } else { "" };
    format!("the app verifies another text than the body: a parsed object given to the SDK always fails{remark}")
}

/// `secret` is the label of the one that verifies what was sent, as far as that is known. `was_verified`: as of the event's arrival.
fn another_secret(secret: Option<&str>, manner: Manner, was_verified: bool) -> String {
    let what_it_did = match manner {
        Manner::AsReceived if was_verified => "which verified the event here",
        Manner::AsReceived => "with which it was signed",
        _ => "with which it was signed here",
    };
    let right = match secret {
        Some(label) => format!("`{label}`, {what_it_did}"),
        None => format!("the one {what_it_did}"),
    };
    format!("the app has another endpoint's secret, or an old one: compare it with {right}")
}

fn title_case(sent: &[Header<'_>]) -> String {
    let names = Family::ALL.into_iter().flat_map(|family| Part::ALL.map(|part| family.name(part)));
    let other_case =
        names.into_iter().find(|name| sent.iter().any(|header| header.is(name) && header.name != name.as_bytes()));
    match other_case {
        Some(name) => {
            format!("the header names came in Title-Case: a plain dict or Map keyed by the names as sent has no `{name}`")
        }
        None => "the framework hands the header names over in Title-Case, as Flask's `dict(request.headers)` does, and the Python SDK \
                 finds none of them: lower the names first"
            .to_owned(),
    }
}

fn headers_object() -> String {
    "a `Headers` object is given to the Node SDK, which wants a plain object: `Object.fromEntries(headers)`".to_owned()
}

fn java(body: &[u8]) -> String {
    if body.is_ascii() {
        "in Java, the default locale writes numbers in digits of its own (Arabic, Persian, Marathi and others do): the SDK then signs \
         another timestamp"
            .to_owned()
    } else {
        "in Java, the default charset is not UTF-8 (LANG=C before Java 18), which breaks every body that is not ASCII, or the default \
         locale writes numbers in digits of its own (Arabic, Persian, Marathi and others do)"
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

    /// An event of these names and `body`, signed at [`SENT_S`], that was refused so many seconds later.
    fn refused_of(family: &str, body: &[u8], age_s: i64, status: u16) -> Delivery {
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

    fn refused(status: u16) -> Delivery {
        refused_of("webhook", b"{}", 0, status)
    }

    fn causes(family: &str, body: &str, age_s: i64) -> String {
        let delivery = refused_of(family, body.as_bytes(), age_s, 401);
        likely_causes(&delivery, body.as_bytes(), None, &keyring(SECRET)).join("\n")
    }

    #[test]
    fn what_the_event_tells_is_said_and_nothing_else() {
        let plain = causes("webhook", "{\"a\":1}", 300);
        assert!(
            plain.contains("would survive") && !plain.contains("came in Title-Case") && !plain.contains("charset"),
            "{plain}"
        );
        assert!(!plain.contains("s old") && !plain.contains("re-serialises"), "{plain}");
        let odd = causes("Webhook", "{\"a\": \"é\"}", 4000);
        assert!(odd.starts_with("the timestamp was 4000 s old"), "{odd}");
        assert!(causes("webhook", "{}", -301).starts_with("the timestamp was 301 s ahead of this machine's clock"));
        assert!(causes("webhook", "{}", -300).starts_with("the app verifies another text"));
        assert!(
            odd.contains("does not survive") && odd.contains("came in Title-Case") && odd.contains("charset"),
            "{odd}"
        );
        assert!(causes("Interceptor", "{}", 0).contains("has no `interceptor-id`"));
    }

    #[test]
    fn a_parsed_object_is_a_cause_whatever_the_body() {
        for body in ["{\"a\":1}", "{\"a\": 1.0}"] {
            let causes = causes("webhook", body, 0);
            assert!(causes.contains("a parsed object given to the SDK always fails"), "{causes}");
        }
    }

    #[test]
    fn the_secret_to_compare_with_is_named_and_who_used_it() {
        let named = |manner, arrival: Option<&Verification>, age_s| {
            let delivery = Delivery { manner, ..refused_of("webhook", b"{}", age_s, 401) };
            let causes = likely_causes(&delivery, b"{}", arrival, &keyring(SECRET));
            let cause = causes.into_iter().find(|cause| cause.contains("an old one")).unwrap();
            cause.split_once("compare it with ").unwrap().1.to_owned()
        };
        let arrival = verified_with("other");
        assert_eq!(named(Manner::AsReceived, Some(&arrival), 0), "`main`, which verified the event here");
        let too_old = Verification { verdict: Verdict::Invalid, secret: None, ..arrival.clone() };
        for arrival in [None, Some(&too_old)] {
            assert_eq!(named(Manner::AsReceived, arrival, 400), "`main`, with which it was signed");
        }
        for manner in [Manner::Resigned, Manner::New, Manner::Edited] {
            assert_eq!(named(manner, None, 0), "`main`, with which it was signed here");
        }
        let of_arrival = |arrival: &Verification| {
            let causes = likely_causes(&refused(401), b"{}", Some(arrival), &Keyring::default());
            causes.into_iter().find(|cause| cause.contains("an old one")).unwrap()
        };
        assert!(of_arrival(&arrival).ends_with(" `other`, which verified the event here"));
        let unnamed = Verification { secret: None, ..arrival };
        assert!(of_arrival(&unnamed).ends_with(" the one which verified the event here"));
    }

    #[test]
    fn what_is_looked_at_is_the_body_that_was_sent() {
        let edited =
            Delivery { sent_body: Some(Bytes::from_static(b"[1.0]")), ..refused_of("webhook", b"[1.0]", 0, 400) };
        assert!(likely_causes(&edited, b"{}", None, &keyring(SECRET)).join("\n").contains("does not survive"));
    }

    #[test]
    fn sdks_that_refuse_what_was_sent_are_named() {
        let first = |family: &str, secret: &str| {
            likely_causes(&refused_of(family, b"{}", 0, 403), b"{}", None, &keyring(secret)).swap_remove(0)
        };
        assert!(first("webhook", "\"whsec_QUJD\"").starts_with("the SDK for Go and Java refuses this event"));
        assert!(first("webhook", SECRET).contains("would survive"));
        let old = likely_causes(&refused_of("webhook", b"{}", 100_000, 401), b"{}", None, &keyring("\"whsec_QUJD\""));
        assert!(old[1].starts_with("the SDK for Go and Java"), "{old:?}");
        let interceptor = first("interceptor", SECRET);
        assert!(interceptor.contains("`VerifyInterceptorPayload`"), "{interceptor}");
    }

    #[test]
    fn nothing_is_said_of_other_answers_and_of_what_is_sent_to_be_refused() {
        let is_said = |delivery: Delivery| !likely_causes(&delivery, b"{}", None, &keyring(SECRET)).is_empty();
        assert!([400, 401, 403].into_iter().all(|status| is_said(refused(status))));
        assert!(![200, 201, 404, 500].into_iter().any(|status| is_said(refused(status))));
        let rehearsed =
            |rehearsal| Delivery { origin: Origin::Rehearsed(rehearsal), manner: Manner::Rehearsed, ..refused(401) };
        assert!(is_said(rehearsed(Some(Rehearsal::TwiceAtOnce))));
        assert!(!is_said(rehearsed(Some(Rehearsal::Tampered))) && !is_said(rehearsed(None)));
    }

    #[test]
    fn an_app_that_refuses_what_no_known_secret_verifies_may_be_right() {
        let other = keyring("whsec_REVG");
        let is_said = |arrival: Option<&Verification>| !likely_causes(&refused(401), b"{}", arrival, &other).is_empty();
        assert!(!is_said(None));
        assert!(is_said(Some(&verified_with("gone"))));
        let invalid = Verification { verdict: Verdict::Invalid, ..verified_with("gone") };
        assert!(!is_said(Some(&invalid)));
    }
}
