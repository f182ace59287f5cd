//! Why some SDKs reject what others accept, and what to do about it.

use super::super::Diagnosis;
use super::Examined;
use crate::core::signature::dialect::trigger;
use crate::core::signature::headers::{Claim, Family, Part, Views};
use crate::core::signature::timestamp::is_plain;
use crate::core::signature::verify::{Refusal, Window, verify};
use crate::core::signature::{Scheme, Sdk, Secret, SecretCheck};

/// `SDKs disagree: Node accepts the request. Go and Java reject it: the secret has quotes around it. Remove the
/// quotes.`
pub(super) fn disagreement(examined: &Examined<'_>, diagnosis: &Diagnosis, tested: Option<&Secret>) -> String {
    let that = |accept| -> Vec<Sdk> {
        diagnosis.sdks.iter().filter(|(_, accepts)| *accepts == accept).map(|(sdk, _)| *sdk).collect()
    };
    let (accepting, rejecting) = (that(true), that(false));
    let verb =
        |sdks: &[Sdk], verb: &str| format!("{} {verb}{}", Sdk::list(sdks), if sdks.len() == 1 { "s" } else { "" });
    let start = format!("SDKs disagree: {} the request.", verb(&accepting, "accept"));
    let (Some(reference), Some(secret)) = (accepting.first(), tested) else {
        return format!("{start} {} it.", verb(&rejecting, "reject"));
    };
    let views = Views::gather(examined.headers);
    let family = if diagnosis.scheme == Scheme::Interceptor { Family::Interceptor } else { Family::Webhook };
    let comparison = Comparison { examined, views: &views, family, secret, reference: *reference };
    let mut causes: Vec<(Cause, Vec<Sdk>)> = Vec::new();
    for sdk in rejecting {
        let cause = comparison.cause(sdk);
        match causes.iter_mut().find(|(known, _)| *known == cause) {
            Some((_, sdks)) => sdks.push(sdk),
            None => causes.push((cause, vec![sdk])),
        }
    }
    causes
        .iter()
        .fold(start, |text, (Cause { why, fix }, sdks)| format!("{text} {} it: {why}. {fix}.", verb(sdks, "reject")))
}

/// What the verifier of trigger events does with the request, unlike that of webhooks.
pub(super) fn trigger_verifier(examined: &Examined<'_>, tested: Option<&Secret>, accepts: bool) -> String {
    const WHO: &str = "The SDKs' verifier of trigger events";
    if accepts {
        return format!(
            "{WHO} accepts this request, although that of webhooks does not: it skips malformed entries of the signature, \
             and takes repeated headers that agree. Verify this endpoint's requests as trigger events."
        );
    }
    let claim = trigger().claim(&Views::gather(examined.headers), Family::Webhook);
    let verified =
        tested.map(|secret| verify(trigger(), &claim, examined.body, examined.now_ms, Window::Checked, secret));
    let cause = match verified {
        Some(Err(Refusal::HeaderMissing)) => Cause::new(
            "a header is repeated with different values, or is empty",
            "Find the proxy that adds or changes the header",
        ),
        Some(Err(Refusal::SecretUnusable)) => Cause::new(
            "the secret must be `whsec_` and padded base64",
            "Copy the signing secret from the Scalekit dashboard again",
        ),
        Some(Err(Refusal::TimestampUnreadable)) => {
            Cause::new("the timestamp is not digits only", "Make the sender write digits only")
        }
        Some(Err(Refusal::BodyUnreadable)) => {
            Cause::new("the body is not UTF-8", "Make the sender encode the body as UTF-8")
        }
        Some(Ok(())) => Cause::new("the body begins with a byte order mark", "Make the sender leave it out"),
        _ => Cause::new(
            "the signature is not in the strict form of base64",
            "Make the sender write it in the standard alphabet, with padding and nothing else",
        ),
    };
    format!("{WHO} rejects this request, although that of webhooks accepts it: {}. {}.", cause.why, cause.fix)
}

/// Why an SDK rejects a request, and what to do now.
#[derive(Debug, PartialEq, Eq)]
struct Cause {
    why: String,
    fix: String,
}

impl Cause {
    fn new(why: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { why: why.into(), fix: fix.into() }
    }
}

/// A request, and an SDK that accepts it.
struct Comparison<'a> {
    examined: &'a Examined<'a>,
    views: &'a Views<'a>,
    family: Family,
    secret: &'a Secret,
    reference: Sdk,
}

impl Comparison<'_> {
    /// Why `sdk` rejects what the reference accepts.
    fn cause(&self, sdk: Sdk) -> Cause {
        const DIGITS: &str = "Make the sender write the timestamp in digits only";
        const UTF8: &str = "Make the sender encode the body as UTF-8";
        let accepted = self.claim(self.reference);
        let Err(refusal) = self.verify(sdk, &accepted) else { return self.headers(sdk) };
        // With the headers that the reference reads, the cause is the secret, the timestamp, the signature or the body.
        let is_same_key =
            sdk.dialect().key_of(self.secret.text()) == self.reference.dialect().key_of(self.secret.text());
        let timestamp = accepted.part(Part::Timestamp).unwrap_or_default();
        match refusal {
            Refusal::SecretUnusable => self.secret(),
            Refusal::Mismatch | Refusal::SignatureMalformed | Refusal::NoVersion if !is_same_key => self.secret(),
            Refusal::TimestampUnreadable | Refusal::TooOld | Refusal::InFuture if is_plain(timestamp) => Cause::new(
                "the timestamp is at the edge of the 300 s window, which each SDK rounds differently",
                "Check the clocks of this machine and the sender",
            ),
            Refusal::TimestampUnreadable | Refusal::TooOld | Refusal::InFuture => {
                Cause::new("the timestamp is not digits only", DIGITS)
            }
            Refusal::HeaderMissing => Cause::new("a header is empty", "Find what removes its value"),
            Refusal::BodyUnreadable => Cause::new("the body is not UTF-8", UTF8),
            Refusal::SignatureMalformed | Refusal::NoVersion => Cause::new(
                "an entry in the signature header is malformed",
                "Make the sender write every entry as `v1,<base64>`",
            ),
            Refusal::Mismatch if !is_plain(timestamp) => Cause::new("the timestamp is not digits only", DIGITS),
            Refusal::Mismatch if std::str::from_utf8(self.examined.body).is_err() => {
                Cause::new("the body is not UTF-8", UTF8)
            }
            Refusal::Mismatch if !accepted.part(Part::Id).unwrap_or_default().is_ascii() => {
                Cause::new("the id contains non-ASCII characters", "Make the sender use an ASCII id")
            }
            Refusal::Mismatch => Cause::new(
                "the signature is not in the usual form of base64",
                "Make the sender write it in the standard alphabet, with padding and nothing else",
            ),
        }
    }

    fn headers(&self, sdk: Sdk) -> Cause {
        let repeated = Part::ALL.into_iter().find(|part| !self.views.repeated(self.family, *part).is_empty());
        match repeated {
            _ if self.family == Family::Interceptor && sdk == Sdk::Go => Cause::new(
                "its VerifyInterceptorPayload reads the webhook-* headers, so it never verifies an interceptor",
                "Pass it the interceptor-* values under those names",
            ),
            Some(part) => {
                let name = self.family.name(part);
                Cause::new(
                    format!("`{name}` is repeated, and Node joins the values while the other SDKs take the first"),
                    "Find the proxy that adds the header a second time",
                )
            }
            None => Cause::new("they read other headers", "Send only the headers of one scheme"),
        }
    }

    fn secret(&self) -> Cause {
        let check = SecretCheck::of(self.secret);
        let why = check.oddities.first().map_or_else(
            || "they read a different key from the secret".to_owned(),
            |oddity| format!("the secret {oddity}"),
        );
        let mut fix = check.fix().to_owned();
        fix.get_mut(..1).map(str::make_ascii_uppercase);
        Cause::new(why, fix)
    }

    fn claim(&self, sdk: Sdk) -> Claim<'_> {
        sdk.dialect().claim(self.views, self.family)
    }

    fn verify(&self, sdk: Sdk, claim: &Claim<'_>) -> Result<(), Refusal> {
        verify(sdk.dialect(), claim, self.examined.body, self.examined.now_ms, Window::Checked, self.secret)
    }
}
