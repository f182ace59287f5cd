//! The texts about secrets that are not as the dashboard shows them.

use super::{Texts, texts};
use crate::core::signature::SecretForm;

/// How hookglass knows of a form that still has the secret.
const PUT_RIGHT: &str =
    "hookglass recognises the form. If the request verifies once the secret is put right, the facts say so.";

/// How hookglass knows of a form that has lost the secret.
const LOST: &str =
    "hookglass recognises the form. A signing secret is `whsec_` and the base64 of 24 to 64 random bytes.";

const COPY: &str = "Copy the signing secret from the Scalekit dashboard (Settings > Webhooks > your endpoint).";

pub(super) fn texts_of(form: SecretForm) -> Texts {
    match form {
        SecretForm::Assignment => texts(
            "The secret is a whole line `NAME=whsec_…`, not only the part after `=`.",
            PUT_RIGHT,
            "Keep only the part after `=`, here and in your app: set `SCALEKIT_WEBHOOK_SECRET` to it, or put it alone into the secret file.",
        ),
        SecretForm::SeveralLines => texts(
            "The secret has several lines. The SDKs take all of them for one secret.",
            PUT_RIGHT,
            "Put each secret into a file of its own, without comments, and pass `--secret-file` once for each.",
        ),
        SecretForm::PrefixTwice => texts(
            "The secret has its prefix twice: `whsec_whsec_…`.",
            PUT_RIGHT,
            "Remove one `whsec_`. If your code adds the prefix, make it use the secret as the dashboard shows it.",
        ),
        SecretForm::EncodedTwice => texts(
            "The secret was encoded in base64 once more.",
            PUT_RIGHT,
            "Decode it once, with `base64 -d`. In Kubernetes, values under `data` are base64; put the secret under `stringData`, or encode it only once.",
        ),
        SecretForm::Placeholder => {
            texts("The secret is a placeholder, such as `your_webhook_secret`, not a signing secret.", LOST, COPY)
        }
        SecretForm::Masked => texts(
            "The secret is masked, as a dashboard or a log shows it, so most of it is missing.",
            LOST,
            "Reveal the signing secret in the Scalekit dashboard (Settings > Webhooks > your endpoint), and copy it from there.",
        ),
        SecretForm::Path => texts(
            "The secret is the path of a file, not a signing secret.",
            LOST,
            "Pass the path with `--secret-file FILE`, or set `SCALEKIT_WEBHOOK_SECRET` to the content of the file.",
        ),
    }
}
