//! What each reason means and what to do about it, in sentences for the user. One table.

use crate::core::signature::{Alteration, Reason};

/// What happened, and what to do now.
pub fn explanation(reason: &Reason) -> (String, &'static str) {
    match reason {
        Reason::MissingHeader(name) => (
            format!("The header `{name}` is missing or empty."),
            "Compare the headers that arrived with those that were sent, and make your proxy forward all of them. In your app, pass every header to the SDK, with lower-case names.",
        ),
        Reason::DuplicateHeader(name) => (
            format!(
                "The request has more than one `{name}` header. Node joins the values; the other SDKs take the first."
            ),
            "Find the proxy that adds the header a second time, and turn that off.",
        ),
        plain => {
            let (sentence, next_step) = plain_explanation(plain);
            (sentence.to_owned(), next_step)
        }
    }
}

fn plain_explanation(reason: &Reason) -> (&'static str, &'static str) {
    match reason {
        Reason::Unsigned => (
            "The request has no signature header.",
            "If Scalekit sent it, find the proxy or tunnel that drops the headers. Otherwise ignore it: anyone who knows the URL can send such a request.",
        ),
        Reason::NoSecret => (
            "hookglass has no signing secret, so it did not verify the signature.",
            "Copy the signing secret from the Scalekit dashboard (Settings > Webhooks > your endpoint). Set `SCALEKIT_WEBHOOK_SECRET` to it, pass it with `--secret-file FILE`, or press `K` on the screen and paste it.",
        ),
        Reason::BodyTooLarge => (
            "The body is over the size limit, so hookglass neither stored nor verified it.",
            "Ignore this request: Scalekit's events are far smaller. If it is yours, send a smaller body.",
        ),
        Reason::MissingHeader(_) | Reason::DuplicateHeader(_) => ("", ""),
        Reason::TimestampMalformed => (
            "The timestamp is not a plain number of Unix seconds.",
            "Make the sender sign and send the same timestamp: Unix seconds, digits only, as Scalekit does.",
        ),
        Reason::TimestampTooOld => (
            "The request arrived more than 300 s after its timestamp. Either it was replayed, or a clock is wrong.",
            "To re-deliver it, sign it again with `hookglass replay SEQ --sign`. If it is new, synchronise the clocks of this machine and the sender.",
        ),
        Reason::TimestampInFuture => (
            "The timestamp is more than 300 s in the future.",
            "Synchronise the clocks of this machine and the sender, for example with NTP.",
        ),
        Reason::SecretMissingPrefix => (
            "The secret does not start with `whsec_`.",
            "Copy the signing secret from the Scalekit dashboard again, including the prefix. A client secret does not work here.",
        ),
        Reason::SecretNotBase64 => (
            "The part of the secret after its prefix is not base64.",
            "Copy the whole signing secret from the Scalekit dashboard again, without quotes or spaces.",
        ),
        Reason::SignatureMalformed => (
            "The signature header is not a list of `v1,<base64>` entries of 32 bytes each.",
            "Compare the header with the one that was sent, and find what truncates or rewrites it on the way.",
        ),
        Reason::UnsupportedVersion => (
            "The signature header has no `v1` entry. The SDKs accept no other version.",
            "Make the sender add a signature of the form `v1,<base64>`.",
        ),
        Reason::WrongSecret => (
            "The request is signed with another secret that hookglass knows.",
            "If that secret belongs to the endpoint that sends to this URL, use it here and in your app. Each endpoint has its own secret, and a rotation creates a new one.",
        ),
        Reason::BodyAltered(alteration) => (altered(*alteration), body_step(*alteration)),
        Reason::SignedWithOtherScheme => (
            "The request is signed, but not in the way the SDKs verify.",
            "Make the sender sign as Standard Webhooks does: HMAC-SHA256 of `id.timestamp.body`, keyed with the base64-decoded secret, sent as `v1,<base64>` in the `webhook-*` headers (interceptors: `interceptor-*`).",
        ),
        Reason::SignatureMismatch => (
            "No known secret produces this signature. Either the secret is the wrong one, or the request changed on the way.",
            "Compare your secret with the one in the Scalekit dashboard (Settings > Webhooks > your endpoint). If they match, find the proxy or script that changes the request.",
        ),
    }
}

fn altered(alteration: Alteration) -> &'static str {
    match alteration {
        Alteration::Reserialised => {
            "The body was parsed and re-serialised after it was signed. The same JSON, written in another way, verifies."
        }
        Alteration::TrailingNewline => "A newline at the end of the body was added or removed after it was signed.",
        Alteration::LineEndings => "The line endings of the body were changed after it was signed.",
        Alteration::Bom => "A byte order mark was added to the body or removed from it after it was signed.",
        Alteration::InvalidUtf8 => "The body is not valid UTF-8, and the sender and the verifier hash it differently.",
    }
}

fn body_step(alteration: Alteration) -> &'static str {
    match alteration {
        Alteration::Reserialised => {
            "Pass the raw body to the SDK before any JSON parser touches it. If a proxy or script sits in between, make it forward the bytes unchanged."
        }
        Alteration::TrailingNewline => {
            "Forward the body unchanged. Editors and shells often add a newline when they save a body; curl keeps every byte only with `--data-binary @FILE`."
        }
        Alteration::LineEndings => {
            "Forward the body unchanged. For a body in a file, stop git (`-text` in `.gitattributes`) and your editor from converting line endings."
        }
        Alteration::Bom => "Forward the body unchanged: do not decode it as text or save it from an editor on the way.",
        Alteration::InvalidUtf8 => "Make the sender encode the body as UTF-8 before it signs it.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_says_what_happened_and_what_to_do() {
        let words = [
            "unsigned",
            "no-secret",
            "body-too-large",
            "missing-header:webhook-id",
            "duplicate-header:webhook-id",
            "timestamp-malformed",
            "timestamp-too-old",
            "timestamp-in-future",
            "secret-missing-prefix",
            "secret-not-base64",
            "signature-malformed",
            "unsupported-version",
            "wrong-secret",
            "body-altered:reserialised",
            "body-altered:trailing-newline",
            "body-altered:line-endings",
            "body-altered:bom",
            "body-altered:invalid-utf8",
            "signed-with-other-scheme",
            "signature-mismatch",
        ];
        for word in words {
            let (sentence, next_step) = explanation(&Reason::parse(word).unwrap());
            assert!(sentence.ends_with('.') && next_step.ends_with('.'), "{word}");
        }
    }
}
