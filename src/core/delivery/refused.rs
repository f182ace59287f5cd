//! "We verified it, your app refused it": what in the app is likely to be wrong, from what is known of the event.

use super::{Delivery, Manner};
use crate::core::diagnosis::survives_reserialisation;
use crate::core::request::{Header, values};
use crate::core::signature::headers::{Family, Part, Views};
use crate::core::signature::{Keyring, Scheme, Sdk, judge, sdk_answers};

/// Whether an app that answers `status` is likely to have refused the signature.
pub fn is_refusal(status: u16) -> bool {
    matches!(status, 400 | 401 | 403)
}

/// What each SDK answers to what was sent, as of when that says that it was signed, so that its age does not count. `None` unless
/// it verifies then with a secret of `keyring`: no search is made for why it does not. `received` is the body of the event.
pub fn sdks_as_signed(delivery: &Delivery, received: &[u8], keyring: &Keyring) -> Option<Vec<(Sdk, bool)>> {
    let sent = sent_headers(delivery);
    let body = delivery.sent_body.as_deref().unwrap_or(received);
    let signed_ms = signed_at_s(&sent, Views::gather(&sent).scheme())?.checked_mul(1000)?;
    let verifying = judge(&sent, body, signed_ms, keyring).secret?;
    let secret = keyring.verifying.iter().find(|secret| secret.label() == &*verifying)?;
    Some(sdk_answers(&sent, body, signed_ms, secret).to_vec())
}

/// The likely causes, what this very delivery tells first; empty where the app did not refuse it, or where it was sent to be
/// refused. The event is verified, so the signature itself is good.
///
/// `received` is the body of the event; `sdks` is what each SDK answers to it, empty if that is not known.
pub fn likely_causes(delivery: &Delivery, received: &[u8], sdks: &[(Sdk, bool)]) -> Vec<String> {
    let is_to_be_accepted = match delivery.origin.rehearsal() {
        Some(rehearsal) => !rehearsal.is_to_be_refused(),
        None => delivery.manner != Manner::Rehearsed,
    };
    if !delivery.status().is_some_and(is_refusal) || !is_to_be_accepted {
        return Vec::new();
    }
    let sent = sent_headers(delivery);
    let scheme = Views::gather(&sent).scheme();
    let body = delivery.sent_body.as_deref().unwrap_or(received);
    [out_of_window(delivery, &sent, scheme), refusing_sdks(sdks, scheme)]
        .into_iter()
        .flatten()
        .chain([reserialised(body), another_secret(), title_case(&sent), headers_object(), java(body)])
        .collect()
}

fn sent_headers(delivery: &Delivery) -> Vec<Header<'_>> {
    delivery.sent_headers.iter().map(|(name, value)| Header::new(name, value)).collect()
}

/// When the headers say that the request was signed, in Unix seconds.
fn signed_at_s(sent: &[Header<'_>], scheme: Scheme) -> Option<i64> {
    let timestamp = values(sent, &format!("{scheme}-timestamp")).next()?;
    std::str::from_utf8(timestamp).ok()?.trim().parse().ok()
}

fn out_of_window(delivery: &Delivery, sent: &[Header<'_>], scheme: Scheme) -> Option<String> {
    let age_s = delivery.started_at.as_second().saturating_sub(signed_at_s(sent, scheme)?);
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

fn reserialised(body: &[u8]) -> String {
    if survives_reserialisation(body) {
        "the app verifies another text than the body: a parsed object given to the SDK always fails (this very body would survive \
         `JSON.stringify(JSON.parse(body))`)"
            .to_owned()
    } else {
        "the app re-serialises the body before it verifies: this body does not survive `JSON.stringify(JSON.parse(body))`, so give \
         the SDK the raw bytes"
            .to_owned()
    }
}

fn another_secret() -> String {
    "the app has another endpoint's secret, or an old one: compare it with the one that verified the event here"
        .to_owned()
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
    use super::super::{Answer, Completeness, Origin, Timing};
    use super::*;
    use crate::core::rehearsal::Rehearsal;
    use crate::core::signature::{Secret, sign};
    use bytes::Bytes;
    use jiff::Timestamp;

    /// An event of 1,700,000,000 Unix seconds that was refused so many seconds later.
    fn refused(name: &str, age_s: i64, status: u16) -> Delivery {
        let sent_headers =
            vec![(name.into(), b"msg_1".to_vec()), (b"webhook-timestamp".to_vec(), b"1700000000".to_vec())];
        Delivery {
            event: 7,
            origin: Origin::Asked,
            manner: Manner::AsReceived,
            target: "http://localhost:4000/".into(),
            peer: None,
            started_at: Timestamp::from_second(1_700_000_000 + age_s).unwrap(),
            timing: Timing { connected_us: None, first_byte_us: None, total_us: 77 },
            sent_headers,
            sent_body: None,
            outcome: Ok(Answer { status, headers: Vec::new(), body: Bytes::new(), completeness: Completeness::Whole }),
        }
    }

    fn causes(name: &str, body: &str, age_s: i64) -> String {
        likely_causes(&refused(name, age_s, 401), body.as_bytes(), &[]).join("\n")
    }

    #[test]
    fn what_the_event_tells_is_said_and_nothing_else() {
        let plain = causes("webhook-id", "{\"a\":1}", 300);
        assert!(
            plain.contains("would survive") && !plain.contains("came in Title-Case") && !plain.contains("charset"),
            "{plain}"
        );
        assert!(!plain.contains("s old"), "{plain}");
        let odd = causes("Webhook-Id", "{\"a\": \"é\"}", 4000);
        assert!(odd.starts_with("the timestamp was 4000 s old"), "{odd}");
        assert!(causes("webhook-id", "{}", -301).starts_with("the timestamp was 301 s ahead of this machine's clock"));
        assert!(causes("webhook-id", "{}", -300).starts_with("the app verifies another text"));
        assert!(
            odd.contains("does not survive") && odd.contains("came in Title-Case") && odd.contains("charset"),
            "{odd}"
        );
        assert!(causes("Interceptor-Id", "{}", 0).contains("has no `interceptor-id`"));
    }

    #[test]
    fn what_is_looked_at_is_the_body_that_was_sent() {
        let edited = Delivery { sent_body: Some(Bytes::from_static(b"[1.0]")), ..refused("webhook-id", 0, 400) };
        assert!(likely_causes(&edited, b"{}", &[]).join("\n").contains("does not survive"));
    }

    #[test]
    fn sdks_that_refuse_the_event_are_named() {
        let first =
            |name: &str, sdks: &[(Sdk, bool)]| likely_causes(&refused(name, 0, 403), b"{}", sdks).swap_remove(0);
        let quotes = [(Sdk::Node, true), (Sdk::Python, true), (Sdk::Go, false), (Sdk::Java, false)];
        assert!(first("webhook-id", &quotes).starts_with("the SDK for Go and Java refuses this event"));
        assert!(first("webhook-id", &[(Sdk::Node, true), (Sdk::Go, true)]).contains("would survive"));

        let mut interceptor = refused("interceptor-id", 0, 401);
        for part in ["timestamp", "signature"] {
            interceptor.sent_headers.push((format!("interceptor-{part}").into(), b"x".to_vec()));
        }
        let causes = likely_causes(&interceptor, b"{}", &[(Sdk::Node, true), (Sdk::Go, false)]);
        assert!(causes[0].contains("`VerifyInterceptorPayload`"), "{causes:?}");
    }

    #[test]
    fn what_sdks_answer_is_known_of_what_verifies_however_old_it_is() {
        let other = Secret::new("other", "whsec_REVG");
        let keyring = Keyring { verifying: vec![other, Secret::new("main", "whsec_QUJD")], known_only: Vec::new() };
        let signature = sign(&keyring.verifying[1], b"msg_1", 1_700_000_000, b"{}").unwrap();
        let answers = |name: &str, signature: &str, sent_body: Option<&'static [u8]>| {
            let mut sent = refused(name, 100_000, 401);
            sent.sent_headers.push((b"webhook-signature".to_vec(), signature.into()));
            sent.sent_body = sent_body.map(Bytes::from_static);
            sdks_as_signed(&sent, b"{}", &keyring)
        };
        assert_eq!(answers("webhook-id", &signature, None), Some(Sdk::ALL.map(|sdk| (sdk, true)).to_vec()));
        assert_eq!(answers("webhook-id", &signature, Some(b"[]")), None);
        assert_eq!(answers("webhook-id", "v1,x", None), None);
        assert_eq!(answers("x-id", &signature, None), None);
        let unsigned = Delivery { sent_headers: Vec::new(), ..refused("webhook-id", 0, 401) };
        assert_eq!(sdks_as_signed(&unsigned, b"{}", &keyring), None);
    }

    #[test]
    fn nothing_is_said_of_other_answers_and_of_what_is_sent_to_be_refused() {
        let is_said = |delivery: Delivery| !likely_causes(&delivery, b"{}", &[]).is_empty();
        assert!([400, 401, 403].into_iter().all(|status| is_said(refused("webhook-id", 0, status))));
        assert!(![200, 201, 404, 500].into_iter().any(|status| is_said(refused("webhook-id", 0, status))));
        let rehearsed = |rehearsal| Delivery {
            origin: Origin::Rehearsed(rehearsal),
            manner: Manner::Rehearsed,
            ..refused("webhook-id", 0, 401)
        };
        assert!(is_said(rehearsed(Some(Rehearsal::TwiceAtOnce))));
        assert!(!is_said(rehearsed(Some(Rehearsal::Tampered))) && !is_said(rehearsed(None)));
    }
}
