//! What the SDKs for Node, Python, Go and Java, and the libraries for Standard Webhooks, say of a request that they reject.

use super::sign::Kind::{Handler, Signature};
use super::sign::Mark::{Body, Both};
use super::sign::Next::{RawBody, Say};
use super::sign::{NO_HEADERS, Sign};

pub(super) const SIGNS: &[Sign] = &[
    Sign {
        kind: Handler,
        reason: "parsed-body",
        statuses: &[],
        marks: &[
            Body("must be passed as the raw json string"),
            Body("expected payload to be of type string or buffer"),
            Body("payload must be a string or a buffer"),
            Body("must be of type string or an instance of buffer"),
            Body("\"[object object]\" is not valid json"),
            Body("unexpected token o in json at position 1"),
            Body("the json object must be str, bytes or bytearray, not dict"),
            Body("'dict' object has no attribute"),
            Body("a bytes-like object is required, not 'dict'"),
        ],
        why: "the app passes the parsed body to the SDK, which needs the raw one",
        next: RawBody,
    },
    Sign {
        kind: Handler,
        reason: "app-clock",
        statuses: &[],
        marks: &[Body("message timestamp too old"), Body("message timestamp too new")],
        why: "the SDK in the app found the timestamp out of the 300 s window, and hookglass did not: their clocks differ, or a queue \
              in the app holds the event up",
        next: Say(
            "compare `date -u` on the app's machine, or in its container, with this one, and verify before queueing",
        ),
    },
    Sign {
        kind: Handler,
        reason: "signature-header",
        statuses: &[],
        marks: &[Body("invalid signature headers")],
        why: "the app did not pass the signature header to the SDK as it came",
        next: Say(
            "pass the value of `webhook-signature` unchanged: one string, not a list, a part of it or a decoded form",
        ),
    },
    Sign {
        kind: Handler,
        reason: "app-secret-not-base64",
        statuses: &[],
        marks: &[
            Body("base64coder"),
            Body("illegal base64"),
            Body("incorrect padding"),
            Body("invalid base64-encoded string"),
            Body("last unit does not have enough valid bits"),
            Body("binascii.error"),
        ],
        why: "the app's secret is not base64, so the SDK cannot use it",
        next: Say(
            "copy the whole secret, `whsec_…`, from the dashboard into the app's settings, without quotes and spaces",
        ),
    },
    Sign {
        kind: Handler,
        reason: "app-secret-missing",
        statuses: &[],
        marks: &[
            Body("invalid secret"),
            Body("empty key"),
            Body("secret can't be empty"),
            Body("secret is required"),
            Body("reading 'split'"),
            Body("'nonetype' object has no attribute 'split'"),
            Body("reading 'startswith'"),
        ],
        why: "the app passes no secret, or one without `whsec_`, to the SDK",
        next: Say(
            "set the secret in the environment of the app's process under the name that the app reads, and restart it",
        ),
    },
    Sign {
        kind: Signature,
        reason: NO_HEADERS,
        statuses: &[],
        marks: &[
            Body("missing required headers"),
            Body("missing required header"),
            Body("missing webhook headers"),
            Body("missing svix headers"),
        ],
        why: "the SDK found no signature headers in what the app passed to it",
        next: Say("pass all headers, with lower-case names"),
    },
    Sign {
        kind: Signature,
        reason: "signature",
        statuses: &[],
        marks: &[
            Body("invalid signature"),
            Body("no matching signature"),
            Body("signature invalid"),
            Body("signature mismatch"),
            Body("signature verification failed"),
            Body("signature does not match"),
            Body("webhook verification failed"),
            Body("invalid webhook"),
            Both("verification failed", "signature"),
        ],
        why: "the app computed another signature",
        next: RawBody,
    },
];
