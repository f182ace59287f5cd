//! Why the SDKs do not all give the same answer, where the cause can be named.

use super::super::Diagnosis;
use super::Examined;
use crate::core::signature::headers::{Claim, Family, Part, Views};
use crate::core::signature::timestamp::is_plain;
use crate::core::signature::verify::{Refusal, Window, verify};
use crate::core::signature::{Scheme, Sdk, Secret, SecretCheck};

/// `SDKs disagree: accepted by Node; rejected by Go and Java: the secret is URL-safe base64`.
pub(super) fn disagreement(examined: &Examined<'_>, diagnosis: &Diagnosis, asked: Option<&Secret>) -> String {
    let with = |answer| -> Vec<Sdk> {
        diagnosis.answers.iter().filter(|(_, accepts)| *accepts == answer).map(|(sdk, _)| *sdk).collect()
    };
    let (accepting, refusing) = (with(true), with(false));
    let start = format!("SDKs disagree: accepted by {}; rejected by", Sdk::list(&accepting));
    let (Some(reference), Some(secret)) = (accepting.first(), asked) else {
        return format!("{start} {}", Sdk::list(&refusing));
    };
    let views = Views::gather(examined.headers);
    let family = if diagnosis.scheme == Scheme::Interceptor { Family::Interceptor } else { Family::Webhook };
    let comparison = Comparison { examined, views: &views, family, secret, reference: *reference };
    let mut causes: Vec<(String, Vec<Sdk>)> = Vec::new();
    for sdk in refusing {
        let cause = comparison.cause(sdk);
        match causes.iter_mut().find(|(known, _)| *known == cause) {
            Some((_, sdks)) => sdks.push(sdk),
            None => causes.push((cause, vec![sdk])),
        }
    }
    match &causes[..] {
        [(cause, sdks)] => format!("{start} {}: {cause}", Sdk::list(sdks)),
        causes => {
            let parts: Vec<_> = causes.iter().map(|(cause, sdks)| format!("{} ({cause})", Sdk::list(sdks))).collect();
            format!("{start} {}", parts.join(", "))
        }
    }
}

/// A request seen by two SDKs, of which the reference accepts it.
struct Comparison<'a> {
    examined: &'a Examined<'a>,
    views: &'a Views<'a>,
    family: Family,
    secret: &'a Secret,
    reference: Sdk,
}

impl Comparison<'_> {
    /// Why `sdk` refuses what the reference accepts.
    fn cause(&self, sdk: Sdk) -> String {
        let (own, accepted) = (self.claim(sdk), self.claim(self.reference));
        let Err(refusal) = self.verify(sdk, &own) else { return String::new() };
        if self.verify(sdk, &accepted).is_ok() {
            return self.headers(sdk);
        }
        // What remains is the secret, the timestamp, the signature or the body, in the headers that the reference reads.
        let is_same_key =
            sdk.dialect().key_of(self.secret.text()) == self.reference.dialect().key_of(self.secret.text());
        let timestamp = accepted.part(Part::Timestamp).unwrap_or_default();
        match self.verify(sdk, &accepted).err().unwrap_or(refusal) {
            Refusal::SecretUnusable => self.secret(),
            Refusal::Mismatch | Refusal::SignatureMalformed | Refusal::NoVersion if !is_same_key => self.secret(),
            Refusal::TimestampUnreadable | Refusal::TooOld | Refusal::InFuture if is_plain(timestamp) => {
                "the timestamp is at the edge of the 300 s that are allowed".to_owned()
            }
            Refusal::TimestampUnreadable | Refusal::TooOld | Refusal::InFuture => {
                "the timestamp is not digits alone".to_owned()
            }
            Refusal::HeaderMissing => "a header is empty".to_owned(),
            Refusal::BodyUnreadable => "the body is not UTF-8".to_owned(),
            Refusal::SignatureMalformed | Refusal::NoVersion => "an entry of the signature is malformed".to_owned(),
            Refusal::Mismatch if !is_plain(timestamp) => "the timestamp is not digits alone".to_owned(),
            Refusal::Mismatch if std::str::from_utf8(self.examined.body).is_err() => "the body is not UTF-8".to_owned(),
            Refusal::Mismatch if !accepted.part(Part::Id).unwrap_or_default().is_ascii() => {
                "the id has characters beyond ASCII".to_owned()
            }
            Refusal::Mismatch => "the signature is not in the usual form of base64".to_owned(),
        }
    }

    fn headers(&self, sdk: Sdk) -> String {
        let repeated = Part::ALL.into_iter().find(|part| !self.views.repeated(self.family, *part).is_empty());
        match repeated {
            _ if self.family == Family::Interceptor && sdk == Sdk::Go => {
                "Go's VerifyInterceptorPayload looks for webhook-* headers, so it never verifies an interceptor"
                    .to_owned()
            }
            Some(part) => format!(
                "`{}` came more than once: Node joins the values, the others take the first",
                self.family.name(part)
            ),
            None => "they read other headers".to_owned(),
        }
    }

    fn secret(&self) -> String {
        let oddity = SecretCheck::of(self.secret).oddities.into_iter().next();
        oddity.map_or_else(|| "they read the secret in another way".to_owned(), |oddity| format!("the secret {oddity}"))
    }

    fn claim(&self, sdk: Sdk) -> Claim<'_> {
        sdk.dialect().claim(self.views, self.family)
    }

    fn verify(&self, sdk: Sdk, claim: &Claim<'_>) -> Result<(), Refusal> {
        verify(sdk.dialect(), claim, self.examined.body, self.examined.now_ms, Window::Checked, self.secret)
    }
}
