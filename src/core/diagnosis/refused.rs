//! "We verified it, your app refused it": what in the app is likely to be wrong, from what is known of the event.

use super::warnings::survives_reserialisation;
use crate::core::request::Header;
use crate::core::signature::Sdk;
use crate::core::signature::headers::{Family, Part};

/// What is known of a delivery that the app refused although the event is verified.
#[derive(Clone, Copy, Debug)]
pub struct Refusal<'a> {
    /// The headers as they were sent to the app.
    pub sent_headers: &'a [Header<'a>],
    pub body: &'a [u8],
    /// Seconds between the timestamp in the headers and the delivery; `None` if there is no such number.
    pub age_s: Option<i64>,
    /// What each SDK answers to the event; empty if that is not known.
    pub sdks: &'a [(Sdk, bool)],
    pub is_interceptor: bool,
}

/// Whether an app that answers `status` is likely to have refused the signature.
pub fn is_refusal(status: u16) -> bool {
    matches!(status, 400 | 401 | 403)
}

/// The likely causes, what this very event tells first. The event is verified, so the signature itself is good.
pub fn likely_causes(refusal: Refusal<'_>) -> Vec<String> {
    let mut causes = Vec::new();
    if let Some(age_s) = refusal.age_s.filter(|age_s| age_s.abs() > 300) {
        causes.push(format!(
            "the timestamp was {} s old when it was sent: SDKs refuse more than 300 s, so sign it again with `r`",
            age_s.abs()
        ));
    }
    causes.extend(refusing_sdks(refusal));
    causes.push(if survives_reserialisation(refusal.body) {
        "the app verifies another text than the body: a parsed object given to the SDK always fails (this very body would survive \
         `JSON.stringify(JSON.parse(body))`)"
            .to_owned()
    } else {
        "the app re-serialises the body before it verifies: this body does not survive `JSON.stringify(JSON.parse(body))`, so give \
         the SDK the raw bytes"
            .to_owned()
    });
    causes.push(
        "the app has another endpoint's secret, or an old one: compare it with the one that verified the event here"
            .to_owned(),
    );
    causes.push(match title_case(refusal.sent_headers) {
        Some(name) => {
            format!("the header names came in Title-Case: a plain dict or Map keyed by the names as sent has no `{name}`")
        }
        None => "the framework hands the header names over in Title-Case, as Flask's `dict(request.headers)` does, and the Python SDK \
                 finds none of them: lower the names first"
            .to_owned(),
    });
    causes.push(
        "a `Headers` object is given to the Node SDK, which wants a plain object: `Object.fromEntries(headers)`"
            .to_owned(),
    );
    causes.push(if refusal.body.is_ascii() {
        "in Java, the default locale writes numbers in digits of its own (Arabic, Persian, Marathi and others do): the SDK then signs \
         another timestamp"
            .to_owned()
    } else {
        "in Java, the default charset is not UTF-8 (LANG=C before Java 18), which breaks every body that is not ASCII, or the default \
         locale writes numbers in digits of its own (Arabic, Persian, Marathi and others do)"
            .to_owned()
    });
    causes
}

/// The SDKs that refuse the event although Node accepts it.
fn refusing_sdks(refusal: Refusal<'_>) -> Option<String> {
    let sdks: Vec<_> = refusal.sdks.iter().filter(|(_, accepts)| !accepts).map(|(sdk, _)| *sdk).collect();
    match &sdks[..] {
        [] => None,
        [Sdk::Go] if refusal.is_interceptor => Some(
            "in Go, `VerifyInterceptorPayload` reads the webhook headers and refuses every interceptor's request: tab 3 has a handler that \
             works"
                .to_owned(),
        ),
        sdks => Some(format!("the SDK for {} refuses this event: tab 3 says why", Sdk::list(sdks))),
    }
}

/// The lower-case name of the first signature header that was sent in another case, if any was.
fn title_case(sent: &[Header<'_>]) -> Option<&'static str> {
    let names = Family::ALL.into_iter().flat_map(|family| Part::ALL.map(|part| family.name(part)));
    names.into_iter().find(|name| sent.iter().any(|header| header.is(name) && header.name != name.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn causes(name: &str, body: &str, age_s: i64) -> String {
        let headers = [Header::new("Host", "localhost"), Header::new(name, "msg_1")];
        let refusal = Refusal {
            sent_headers: &headers,
            body: body.as_bytes(),
            age_s: Some(age_s),
            sdks: &[],
            is_interceptor: false,
        };
        likely_causes(refusal).join("\n")
    }

    #[test]
    fn what_the_event_tells_is_said_and_nothing_else() {
        let plain = causes("webhook-id", "{\"a\":1}", 3);
        assert!(
            plain.contains("would survive") && !plain.contains("came in Title-Case") && !plain.contains("charset"),
            "{plain}"
        );
        assert!(!plain.contains("s old"), "{plain}");
        let odd = causes("Webhook-Id", "{\"a\": \"é\"}", 4000);
        assert!(odd.starts_with("the timestamp was 4000 s old"), "{odd}");
        assert!(
            odd.contains("does not survive") && odd.contains("came in Title-Case") && odd.contains("charset"),
            "{odd}"
        );
        assert!(causes("Interceptor-Id", "{}", 0).contains("has no `interceptor-id`"));
    }

    #[test]
    fn sdks_that_refuse_the_event_are_named() {
        let first = |sdks: &[(Sdk, bool)], is_interceptor| {
            let refusal = Refusal { sent_headers: &[], body: b"{}", age_s: None, sdks, is_interceptor };
            likely_causes(refusal).swap_remove(0)
        };
        let quotes = [(Sdk::Node, true), (Sdk::Python, true), (Sdk::Go, false), (Sdk::Java, false)];
        assert_eq!(first(&quotes, false), "the SDK for Go and Java refuses this event: tab 3 says why");
        assert!(first(&[(Sdk::Node, true), (Sdk::Go, false)], true).contains("`VerifyInterceptorPayload`"));
        assert!(first(&[(Sdk::Node, true), (Sdk::Go, true)], false).contains("would survive"));
    }

    #[test]
    fn only_answers_that_refuse_count() {
        assert!([400, 401, 403].into_iter().all(is_refusal));
        assert!(![200, 201, 404, 500].into_iter().any(is_refusal));
    }
}
