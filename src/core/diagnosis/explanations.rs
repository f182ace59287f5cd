//! The causes in words for people: what happened, and what to do next. One table.

use crate::core::signature::{Alteration, Reason};

/// A sentence for `label`, and the next step.
pub fn explanation(label: &Reason) -> (String, &'static str) {
    match label {
        Reason::MissingHeader(name) => (
            format!("the header `{name}` is missing or empty"),
            "see which headers arrived: a proxy may drop it, and an app must hand the SDK all headers under lower-case names",
        ),
        Reason::DuplicateHeader(name) => (
            format!("the header `{name}` came more than once: Node joins the values, the other SDKs take the first"),
            "find the proxy that adds the header again, and stop it",
        ),
        plain => {
            let (sentence, next_step) = plain_explanation(plain);
            (sentence.to_owned(), next_step)
        }
    }
}

fn plain_explanation(label: &Reason) -> (&'static str, &'static str) {
    match label {
        Reason::Unsigned => (
            "the request carries no signature header",
            "if the provider sent it, something on the way drops headers; otherwise it is somebody else's request",
        ),
        Reason::NoSecret => (
            "no signing secret is known, so nothing was checked",
            "give the secret that the dashboard shows for this endpoint: SCALEKIT_WEBHOOK_SECRET, `--secret-file`, or `K` on the screen",
        ),
        Reason::BodyTooLarge => {
            ("the body is over the limit and was not kept", "nothing to do: the provider's events are far smaller")
        }
        Reason::MissingHeader(_) | Reason::DuplicateHeader(_) => ("", ""),
        Reason::TimestampMalformed => (
            "the timestamp is not plain Unix seconds",
            "the provider sends digits alone: whoever signed this must write the same digits that it signs",
        ),
        Reason::TimestampTooOld => (
            "the timestamp is more than 300 s before the arrival",
            "this is an old request sent again, or a clock is wrong: let the provider send the event again, have it signed again with `hookglass replay --sign`, or set this machine's clock",
        ),
        Reason::TimestampInFuture => {
            ("the timestamp is more than 300 s after the arrival", "set this machine's clock, or the sender's, right")
        }
        Reason::SecretMissingPrefix => (
            "the secret does not begin with `whsec_`",
            "copy the signing secret again from the dashboard, prefix and all; a client secret is another thing",
        ),
        Reason::SecretNotBase64 => (
            "what follows the secret's prefix is not base64",
            "copy the signing secret again from the dashboard, whole and without quotes or spaces",
        ),
        Reason::SignatureMalformed => (
            "the signature header is not a list of `v1,<base64>` with 32 bytes each",
            "compare the header with what the sender wrote: something cut it or rewrote it",
        ),
        Reason::UnsupportedVersion => {
            ("the signature header has no entry of version `v1`", "whoever signed this must add a `v1` entry")
        }
        Reason::WrongSecret => (
            "it is signed with another secret that is known",
            "if the endpoint behind this URL signs with that one, give it here and to the app: each endpoint has its own, and a rotation makes a new one",
        ),
        Reason::BodyAltered(alteration) => (altered(*alteration), body_step(*alteration)),
        Reason::SignedWithOtherScheme => (
            "it is signed, but not in the way that the SDKs read",
            "sign as Standard Webhooks does: HMAC-SHA256 of `id.timestamp.body` under the decoded secret, as `v1,<base64>`",
        ),
        Reason::SignatureMismatch => (
            "no known secret gives this signature: it is another endpoint's secret, or the content was changed",
            "compare the secret with the one that the dashboard shows for this very endpoint, then look at what touches the body on its way",
        ),
    }
}

fn altered(alteration: Alteration) -> &'static str {
    match alteration {
        Alteration::Reserialised => "the body was parsed and written again after it was signed",
        Alteration::TrailingNewline => "a newline was added or removed at the end of the body after it was signed",
        Alteration::LineEndings => "the line endings of the body were changed after it was signed",
        Alteration::Bom => "a byte order mark was added or removed after the body was signed",
        Alteration::InvalidUtf8 => "the body is not UTF-8: it was signed as bytes, and is read as text",
    }
}

fn body_step(alteration: Alteration) -> &'static str {
    match alteration {
        Alteration::Reserialised => {
            "what hands it on, as a proxy or a script, must pass the bytes on as they came; an app must verify them before anything parses them"
        }
        Alteration::TrailingNewline => {
            "pass the bytes on as they came; editors and shells like to add a newline to a saved body"
        }
        Alteration::LineEndings => "pass the bytes on as they came; keep git and editors from converting a saved body",
        Alteration::Bom => "pass the bytes on as they came, without a text decoder or an editor between",
        Alteration::InvalidUtf8 => "sign and verify text in UTF-8, or bytes on both sides",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_label_has_a_sentence_and_a_step() {
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
            let (sentence, step) = explanation(&Reason::parse(word).unwrap());
            assert!(!sentence.is_empty() && !step.is_empty(), "{word}");
        }
    }
}
