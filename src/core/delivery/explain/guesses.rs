//! The likely causes in the handler, when a signature is valid but the app rejected it.

use super::cause::{APP_SECRET, Cause, GUARD, Received};
use super::learned::Learned;
use super::signs::Topic;
use super::stack::{Language, Stack};
use crate::core::delivery::{Delivery, Manner};
use crate::core::diagnosis::Writer;
use crate::core::request::{Header, values};
use crate::core::signature::headers::{Family, Views};
use crate::core::signature::timestamp::TOLERANCE_S;
use crate::core::signature::{Keyring, Part, Scheme, Sdk, Secret, Verdict, sdk_verdicts, verify_request};
use crate::core::times::in_words;
use std::time::Duration;

/// The writers of each language.
const WRITERS: [(Writer, Language); 5] = [
    (Writer::Stringify, Language::Node),
    (Writer::Dumps, Language::Python),
    (Writer::Encode, Language::Php),
    (Writer::ToJson, Language::Ruby),
    (Writer::Marshal, Language::Go),
];

/// The longest body, in bytes, that is written again by each writer. Longer ones would delay the next delivery.
const MAX_REWRITTEN: usize = 1 << 20;

/// What is known of a valid signature that the app rejected.
pub(super) struct Guesses<'a> {
    body: &'a [u8],
    sent: Vec<Header<'a>>,
    scheme: Scheme,
    /// The label of the secret that verifies the request, if it is known.
    label: Option<&'a str>,
    /// Whether each SDK accepts the request; empty if no known secret verifies it.
    sdks: Vec<(Sdk, bool)>,
    manner: Manner,
    was_verified: bool,
    stack: Stack,
    learned: Learned,
}

impl<'a> Guesses<'a> {
    /// `None` unless a secret in `keyring` verifies the request at the time it was signed, or it was verified when it arrived.
    pub fn of(delivery: &'a Delivery, received: Received<'a>, keyring: &'a Keyring, stack: Stack) -> Option<Self> {
        let body = delivery.sent_body.as_deref().unwrap_or(received.body);
        let sent: Vec<_> = delivery.sent_headers.iter().map(|(name, value)| Header::new(name, value)).collect();
        let scheme = Views::gather(&sent).scheme();
        let proof = signed_at_s(&sent, scheme).and_then(|signed_at_s| Proof::of(&sent, body, signed_at_s, keyring));
        let arrival = received.verification.filter(|verification| verification.verdict == Verdict::Verified);
        let (label, sdks) = match (proof, arrival) {
            (Some(Proof { secret, sdks }), _) => (Some(secret.label()), sdks.to_vec()),
            (None, Some(arrival)) => (arrival.secret.as_deref(), Vec::new()),
            (None, None) => return None,
        };
        let (manner, was_verified, learned) = (delivery.manner, arrival.is_some(), received.learned);
        Some(Self { body, sent, scheme, label, sdks, manner, was_verified, stack, learned })
    }

    /// Those that fit when the response says nothing.
    pub fn all(&self) -> Vec<Cause> {
        let rewritten = [self.rejecting_sdks(), self.rewritten()].into_iter().flatten();
        let late = [self.title_case(), self.headers_object(), self.java()].into_iter().flatten();
        match self.learned {
            // Only these two explain it without a look at the request.
            Learned::RefusesAlike => [self.another_secret(), self.guard()]
                .into_iter()
                .chain(rewritten)
                .chain([self.parsed_object()])
                .chain(late)
                .collect(),
            Learned::TellsApart => rewritten.chain([self.parsed_object(), self.another_secret()]).chain(late).collect(),
            Learned::Nothing => {
                rewritten.chain([self.parsed_object(), self.another_secret(), self.guard()]).chain(late).collect()
            }
        }
    }

    fn guard(&self) -> Cause {
        const GUARDED: &str =
            "a guard in front of the handler, such as a log-in or a CSRF check, rejects every request";
        let exemption = self.stack.exemption();
        match (self.manner, self.learned) {
            // Rehearsals themselves tell whether it is one.
            (Manner::Rehearsed, _) => Cause::likely(GUARD, GUARDED, exemption),
            (_, Learned::RefusesAlike) => {
                let why = format!("{GUARDED}: in the last rehearsal, a valid and a forged event got the same response");
                Cause::likely(GUARD, why, exemption)
            }
            _ => {
                let next = "rehearse the app to see whether it rejects a valid and a forged event alike; if so, ";
                Cause::likely(GUARD, GUARDED, format!("{next}{exemption}"))
            }
        }
    }

    /// Those that fit what the SDK says in `line`.
    pub fn after(&self, topic: Topic, line: String) -> Vec<Cause> {
        let mut causes: Vec<_> = match topic {
            Topic::Headers => {
                [self.rejecting_sdks(), self.title_case(), self.headers_object()].into_iter().flatten().collect()
            }
            Topic::Signature => {
                let before = [self.rejecting_sdks(), self.rewritten()].into_iter().flatten();
                before.chain([self.parsed_object(), self.another_secret()]).chain(self.java()).collect()
            }
        };
        if causes.is_empty() {
            causes.push(Cause::likely(
                "no-headers",
                "the SDK found no signature headers in what the app passed to it",
                "pass all headers of the request to the SDK, with lower-case names",
            ));
        }
        causes[0].seen = Some(line);
        causes
    }

    /// The SDKs that reject the event although Node accepts it.
    fn rejecting_sdks(&self) -> Option<Cause> {
        let is_possible = |sdk: Sdk| self.stack.language.is_none_or(|language| language == language_of(sdk));
        let rejecting = self.sdks.iter().filter(|(sdk, accepts)| !accepts && is_possible(*sdk));
        let sdks: Vec<_> = rejecting.map(|(sdk, _)| *sdk).collect();
        let next = "see its Signature tab, or run `hookglass verify`, for the reason";
        match &sdks[..] {
            [] => None,
            [Sdk::Go] if self.scheme == Scheme::Interceptor => Some(Cause::likely(
                "sdk",
                "in Go, `VerifyInterceptorPayload` reads the webhook headers and rejects every interceptor",
                "copy a handler that works from the event's Signature tab or from `hookglass verify`",
            )),
            [_] => Some(Cause::likely("sdk", format!("the SDK for {} rejects this event", Sdk::list(&sdks)), next)),
            _ => Some(Cause::likely("sdk", format!("the SDKs for {} reject this event", Sdk::list(&sdks)), next)),
        }
    }

    /// The app writes the parsed body again. Only for writers that change this body.
    fn rewritten(&self) -> Option<Cause> {
        if self.body.len() > MAX_REWRITTEN {
            return None;
        }
        let possible = WRITERS.into_iter().filter(|(_, language)| self.stack.could_be(*language));
        let mut changes = possible.filter_map(|(writer, _)| match writer.rewritten(self.body) {
            Some(text) => {
                Some((writer, format!("`{}` turns `{}` into `{}`", writer.name(), text.received, text.written)))
            }
            // It keeps the text, but not the numbers.
            None if writer == Writer::Stringify && !writer.keeps(self.body) => {
                Some((writer, "`JSON.stringify(JSON.parse(body))` changes this body".to_owned()))
            }
            None => None,
        });
        let (_, first) = changes.next()?;
        let others: Vec<_> = changes.map(|(writer, _)| format!("`{}`", writer.name())).collect();
        let others = match &others[..] {
            [] => String::new(),
            [one] => format!("; {one} changes it too"),
            [rest @ .., last] => format!("; {} and {last} change it too", rest.join(", ")),
        };
        let why = format!("the app writes the parsed body again before it verifies: {first}{others}");
        Some(Cause::likely("rewritten-body", why, self.stack.raw_body()))
    }

    fn parsed_object(&self) -> Cause {
        let keeps = self.stack.could_be(Language::Node) && Writer::Stringify.keeps(self.body);
        let remark = if keeps { " (`JSON.stringify(JSON.parse(body))` would not change this body)" } else { "" };
        let why = format!(
            "the app verifies something other than the raw body: a parsed object passed to the SDK always fails{remark}"
        );
        Cause::likely("parsed-body", why, self.stack.raw_body())
    }

    fn another_secret(&self) -> Cause {
        let what_it_did = match self.manner {
            Manner::AsReceived if self.was_verified => "verified the event here",
            Manner::AsReceived => "signed the event",
            _ => "signed the event here",
        };
        let right = match self.label {
            Some(label) => format!("`{label}`, which {what_it_did}"),
            None => format!("the one that {what_it_did}"),
        };
        Cause::likely(APP_SECRET, "the app has an old secret or another endpoint's", format!("compare it with {right}"))
    }

    fn title_case(&self) -> Option<Cause> {
        let names = Family::ALL.into_iter().flat_map(|family| Part::ALL.map(|part| family.name(part)));
        let is_other = |name: &str| self.sent.iter().any(|header| header.is(name) && header.name != name.as_bytes());
        let why = match names.into_iter().find(|name| is_other(name)) {
            Some(name) => {
                format!("the header names were sent in Title-Case, and a plain dict or Map with these names has no `{name}`")
            }
            None if !self.stack.could_be(Language::Python) => return None,
            None => "the framework passes header names in Title-Case, as Flask's `dict(request.headers)` does, and the Python SDK \
                     finds none of them"
                .to_owned(),
        };
        Some(Cause::likely("title-case", why, "lower-case the names first"))
    }

    fn headers_object(&self) -> Option<Cause> {
        self.stack.could_be(Language::Node).then(|| {
            let why = "the app passes a `Headers` object to the Node SDK, which needs a plain object";
            Cause::likely("headers-object", why, "use `Object.fromEntries(headers)`")
        })
    }

    fn java(&self) -> Option<Cause> {
        const DIGITS: &str =
            "the default locale writes numbers in its own digits (Arabic, Persian, Marathi and others)";
        self.stack.could_be(Language::Java).then(|| {
            if self.body.is_ascii() {
                let why = format!("in Java, {DIGITS}, so the SDK signs another timestamp");
                Cause::likely("java-locale", why, "set an English default locale")
            } else {
                let why = format!(
                    "in Java, the default charset is not UTF-8 (LANG=C before Java 18), which breaks every body that is not ASCII, or {DIGITS}"
                );
                Cause::likely("java-locale", why, "set UTF-8 and an English default locale")
            }
        })
    }
}

fn language_of(sdk: Sdk) -> Language {
    match sdk {
        Sdk::Node => Language::Node,
        Sdk::Python => Language::Python,
        Sdk::Go => Language::Go,
        Sdk::Java => Language::Java,
    }
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
pub(super) fn rightly_rejected(delivery: &Delivery) -> Option<Cause> {
    let sent: Vec<_> = delivery.sent_headers.iter().map(|(name, value)| Header::new(name, value)).collect();
    let is_rejected = matches!(delivery.status(), Some(400 | 401 | 403));
    let signed_at_s = signed_at_s(&sent, Views::gather(&sent).scheme()).filter(|_| is_rejected)?;
    let age_s = delivery.started_at.as_second().saturating_sub(signed_at_s);
    let age = match age_s.unsigned_abs() {
        // Near the limit, minutes would not show on which side it is.
        seconds @ ..600 => format!("{seconds} s"),
        seconds => in_words(Duration::from_secs(seconds)),
    };
    let (timestamp, next) = if age_s > TOLERANCE_S {
        (format!("{age} old"), "sign it again, as the provider's retries do")
    } else if age_s < -TOLERANCE_S {
        (format!("{age} ahead of this machine's clock"), "check the clocks of the sender and of this machine")
    } else {
        return None;
    };
    let why = format!(
        "the app was right to reject the request: its timestamp was {timestamp}, and the SDKs accept at most {TOLERANCE_S} s"
    );
    Some(Cause::likely("timestamp", why, next))
}
