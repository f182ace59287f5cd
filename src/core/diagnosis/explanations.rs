//! What each reason means, how hookglass knows, and what to do about it. One table, for the screen, the command line
//! and the documentation.

mod body;
mod secrets;

use crate::core::signature::{Reason, Sender};

/// The texts about a reason. `{}` stands for the header or the sender that the reason names.
pub(super) struct Texts {
    /// What happened, in one or two sentences.
    pub(super) why: &'static str,
    /// How hookglass knows.
    pub(super) proof: &'static str,
    /// What to do now.
    pub(super) next: &'static str,
}

const fn texts(why: &'static str, proof: &'static str, next: &'static str) -> Texts {
    Texts { why, proof, next }
}

/// The end of a next step that can name the command for a stored event.
pub(super) const SIGN_AGAIN: &str = "sign it again.";

/// What happened, and what to do now.
pub fn explanation(reason: &Reason) -> (String, &'static str) {
    let texts = texts_of(reason);
    (filled(texts.why, reason), texts.next)
}

/// `text` with the header or the sender that `reason` names.
pub(super) fn filled(text: &str, reason: &Reason) -> String {
    match reason {
        Reason::MissingHeader(name)
        | Reason::HeaderRenamed(name)
        | Reason::HeaderAltered(name)
        | Reason::DuplicateHeader(name) => text.replace("{}", name),
        Reason::ForeignSender(sender) => text.replace("{}", sender.name()),
        _ => text.to_owned(),
    }
}

pub(super) fn texts_of(reason: &Reason) -> Texts {
    match reason {
        Reason::BodyAltered(alteration) => body::texts_of(*alteration),
        Reason::SecretAltered(form) => secrets::texts_of(*form),
        Reason::Unsigned
        | Reason::HandMade
        | Reason::ForeignSender(_)
        | Reason::MissingHeader(_)
        | Reason::HeaderRenamed(_)
        | Reason::HeaderAltered(_)
        | Reason::DuplicateHeader(_) => about_headers(reason),
        other => about_the_rest(other),
    }
}

fn about_headers(reason: &Reason) -> Texts {
    match reason {
        Reason::HandMade => texts(
            "A command-line tool or a test client most likely sent this request without a signature.",
            "The `user-agent` header names the tool.",
            "Send a signed event instead: `hookglass send TYPE`. To sign a body of your own, save the event as a fixture and run `hookglass send FILE --sign --to URL`.",
        ),
        Reason::ForeignSender(Sender::StandardWebhooks) => texts(
            "The event is most likely from another sender that follows Standard Webhooks.",
            "Its body has the members that the specification recommends (`type`, `timestamp` and `data`), and none of the members of Scalekit's events.",
            "Give that sender a URL of its own, and verify its requests with its own secret.",
        ),
        Reason::ForeignSender(_) => texts(
            "Scalekit most likely did not send this request: its headers are those of {}.",
            "The request has a header that belongs to that sender.",
            "Give that sender a URL of its own, and verify its requests with its own library. Scalekit signs with the headers `webhook-id`, `webhook-timestamp` and `webhook-signature`.",
        ),
        Reason::MissingHeader(_) => texts(
            "The header `{}` is missing or empty.",
            "No header with this name has a value (case does not matter).",
            "Compare the headers that arrived with those that were sent, and make your proxy forward all of them. In your app, pass every header to the SDK, with lower-case names.",
        ),
        Reason::HeaderRenamed(_) => texts(
            "The header `{}` arrived under another name, which no SDK reads.",
            "A header with a similar name has its value. The facts show the names, and whether the request verifies with the right ones.",
            "Find what renames headers. CGI, WSGI and PHP write `HTTP_WEBHOOK_ID`, nginx drops or rewrites names with `_`, and gateways add prefixes such as `x-`. Give the SDK the names with hyphens.",
        ),
        Reason::HeaderAltered(_) => texts(
            "The value of `{}` was rewritten on the way.",
            "The request verifies once the value is put right. The facts show both.",
            "Forward header values unchanged. Do not print a list of values as text, quote a value, change its case or convert the time.",
        ),
        Reason::DuplicateHeader(_) => texts(
            "The request has more than one `{}` header. Node joins the values; the other SDKs take the first.",
            "The request verifies with the first value of each header, or with the last one.",
            "Find the proxy that adds the header a second time, and turn that off.",
        ),
        _ => texts(
            "The request has no signature header.",
            "None of the headers that carry a signature is there, under any name that hookglass knows.",
            "If Scalekit sent it, find the proxy or tunnel that drops the headers. Otherwise ignore it: anyone who knows the URL can send such a request.",
        ),
    }
}

fn about_the_rest(reason: &Reason) -> Texts {
    match reason {
        Reason::NoSecret => texts(
            "hookglass has no signing secret, so it did not verify the signature.",
            "No secret was given in the environment, in `.env`, in a file or on the screen.",
            "Copy the signing secret from the Scalekit dashboard (Settings > Webhooks > your endpoint). Set `SCALEKIT_WEBHOOK_SECRET` to it, pass it with `--secret-file FILE`, or press `K` on the screen and paste it.",
        ),
        Reason::BackChannelLogout => texts(
            "Scalekit logs a user out of your app: a back-channel logout. It is not a webhook, and it is signed in its token alone.",
            "The request has no signature header, and its body is a form with a `logout_token`. hookglass has no key to verify the token with, so the claims that it shows are not verified.",
            "Make your app verify the token with the keys of your Scalekit environment, end the user's session, and respond 200. hookglass responded 200.",
        ),
        Reason::BodyTooLarge => texts(
            "The body is over the size limit, so hookglass neither stored nor verified it.",
            "The body is longer than 32 MiB.",
            "Ignore this request: Scalekit's events are far smaller. If it is yours, send a smaller body.",
        ),
        Reason::BodyIncomplete => texts(
            "The body ended before it was complete, so hookglass did not verify it. It stored what came.",
            "The connection ended, the time was up, or the chunks were malformed before the body was complete. The facts show how many bytes came, and how many `Content-Length` declared.",
            "Look for a limit or a timeout in the tunnel or proxy, and for a `Content-Length` that does not fit the body. The sender got 400 or 408, so Scalekit sends the event again.",
        ),
        Reason::TimestampMalformed => texts(
            "The timestamp is not a plain number of Unix seconds.",
            "The header contains characters other than digits, or the sender signed a different text from the number that the SDKs read.",
            "Make the sender sign and send the same timestamp: Unix seconds, digits only, as Scalekit does.",
        ),
        Reason::TimestampTooOld => texts(
            "The request arrived more than 300 s after its timestamp. Either it was replayed, or a clock is wrong.",
            "The facts show when the request was signed, when it arrived, and the difference.",
            "If it is new, synchronise the clocks of this machine and the sender. To re-deliver it, sign it again.",
        ),
        Reason::TimestampInFuture => texts(
            "The timestamp is more than 300 s in the future.",
            "The facts show when the request was signed, when it arrived, and the difference.",
            "Synchronise the clocks of this machine and the sender, for example with NTP.",
        ),
        Reason::SecretMissingPrefix => texts(
            "The secret does not start with `whsec_`.",
            "The SDKs read the key from the text after the first underscore. If the request verifies with `whsec_` in front of the secret, the facts say so.",
            "Copy the signing secret from the Scalekit dashboard again, including the prefix. A client secret does not work here.",
        ),
        Reason::SecretNotBase64 => texts(
            "The part of the secret after its prefix is not base64.",
            "It has a character that is not base64, or a length that base64 cannot have.",
            "Copy the whole signing secret from the Scalekit dashboard again, without quotes or spaces.",
        ),
        Reason::FormerSecret => texts(
            "The request verified when it arrived, with a secret that hookglass no longer knows.",
            "The history says that the request was verified. None of the secrets at hand verifies it.",
            "If the secret was rotated, all is well. To verify the event again, pass the former secret with `--secret-file FILE`.",
        ),
        Reason::SignatureMalformed => texts(
            "The signature header is not a list of `v1,<base64>` entries of 32 bytes each.",
            "An entry is missing, is not base64 or has another length, and the right digest is nowhere in the header.",
            "Compare the header with the one that was sent, and find what truncates or rewrites it on the way.",
        ),
        Reason::SignatureEncoding => texts(
            "The signature is right, but the header writes it in another form than `v1,<base64>`.",
            "The digest that your secret produces for this request is in the header, in the form that the facts show.",
            "Make the sender write the digest as `v1,` and 44 characters of base64, with a space between entries. If Scalekit sent it, find what rewrites the header.",
        ),
        Reason::UnsupportedVersion => texts(
            "The signature header has no `v1` entry. The SDKs accept no other version.",
            "Every entry of the header names another version.",
            "Make the sender add a signature of the form `v1,<base64>`.",
        ),
        Reason::WrongSecret => texts(
            "The request is signed with another secret that hookglass knows.",
            "The request verifies with that secret. The facts name it.",
            "If that secret belongs to the endpoint that sends to this URL, use it here and in your app. Each endpoint has its own secret, and a rotation creates a new one.",
        ),
        Reason::BodyLost => texts(
            "The body is most likely lost: the request has none, and the signature is not that of an empty body.",
            "The body is empty, or a word for no value, such as `undefined`.",
            "Find what reads the body before it is passed on: a body parser, a middleware that logs requests, a redirect that turns POST into GET. A stream can be read only once.",
        ),
        Reason::BodySwapped => texts(
            "The request most likely carries another event's body.",
            "The history contains another event with exactly this body, and its signature verifies.",
            "If your own code, a queue or a proxy passes events on, check that it keeps the headers and the body of each request together.",
        ),
        Reason::SignedWithOtherScheme => texts(
            "The request is signed, but not in the way the SDKs verify.",
            "The signature is valid with the key and the content that the facts show. Scalekit never signs like this.",
            "Make the sender sign as Standard Webhooks does: HMAC-SHA256 of `id.timestamp.body`, keyed with the base64-decoded secret, sent as `v1,<base64>` in the `webhook-*` headers (interceptors: `interceptor-*`).",
        ),
        Reason::OtherEnvironment => texts(
            "The event is from a different Scalekit environment than your verified events, so your secret most likely belongs to the wrong environment.",
            "The `environment_id` in the body differs from those of the newest verified events in the history.",
            "Switch to this environment in the Scalekit dashboard, copy the signing secret of its endpoint, and add it with `--secret-file FILE`.",
        ),
        Reason::NotExamined => texts(
            "No known secret produces this signature, and hookglass did not look for the reason: too many invalid requests arrived at once.",
            "hookglass verified the request with every known secret, and tried nothing else.",
            "Open the event on the screen, or run `hookglass verify NUMBER` with its number. Both look for the reason.",
        ),
        _ => texts(
            "No known secret produces this signature. Either the secret is the wrong one, or the request changed on the way.",
            "hookglass tried every known secret, and undid every change to the body and the headers that it knows. If the history has other signed events, the facts say whether they verify.",
            "Compare your secret with the one in the Scalekit dashboard (Settings > Webhooks > your endpoint). If they match, find the proxy or script that changes the request.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_says_what_happened_how_we_know_and_what_to_do() {
        for reason in Reason::all() {
            let (sentence, next_step) = explanation(&reason);
            let proof = texts_of(&reason).proof;
            assert!([&sentence, next_step, proof].iter().all(|text| text.ends_with('.')), "{reason}");
            assert!(!sentence.contains("{}"), "{reason}");
            let is_default =
                sentence.starts_with("No known secret") || sentence == "The request has no signature header.";
            let may_be = matches!(reason, Reason::SignatureMismatch | Reason::NotExamined | Reason::Unsigned);
            assert_eq!(is_default, may_be, "{reason}");
        }
    }
}
