//! What is known of each rehearsal, in the order they run: a table.

use super::kind::{Group, Rehearsal};
use crate::core::provider::{decision_time_limit_text, time_limit_text};
use Group::{Bursts, Content, Control, Forgeries, Headers, Repeats, Time, TriggerEvents, TriggerPoints};

/// One row of the table.
pub(super) struct Facts {
    pub rehearsal: Rehearsal,
    pub group: Group,
    /// On the command line, in JSON and in the history.
    pub name: &'static str,
    /// In text.
    pub title: &'static str,
    /// What its requests are.
    pub simulates: &'static str,
    /// Why a correct handler responds as expected.
    pub why: &'static str,
}

const fn row(
    rehearsal: Rehearsal,
    group: Group,
    name: &'static str,
    title: &'static str,
    simulates: &'static str,
    why: &'static str,
) -> Facts {
    Facts { rehearsal, group, name, title, simulates, why }
}

const ANY_TYPE: &str = "an endpoint gets an event as soon as its type is chosen in the dashboard, and new types appear. A handler that rejects \
                        an event makes the provider retry it";
const RAW_BYTES: &str = "the signature covers the bytes as sent. An app that parses the body and writes it again, or decodes and encodes it, \
                         verifies other bytes and rejects real events";
const ORDER: &str = "retries change the order in which events arrive. An update or a deletion of an unknown object must get a 2xx too, or the \
                     provider keeps retrying";
const SIGNED_PARTS: &str = "the signature covers id, timestamp and body. An app that leaves one of them out of the check accepts a captured \
                            signature again";
const WHOLE_SIGNATURE: &str = "only the whole signature proves who sent the request. A check that compares a part of it, or accepts an entry \
                               that it cannot read, accepts anyone's request";
const AT_ONCE: &str = concat!(
    "the provider sends such events at the same moment, and counts each one that gets no 2xx within ",
    time_limit_text!(),
    " as failed"
);
const TRIGGER_POINT: &str = concat!(
    "each trigger point has its own form of response. The flow that waits continues only after a decision sent with \
                             200 within ",
    decision_time_limit_text!()
);

/// See the module.
pub(super) const FACTS: [Facts; 40] = [
    row(
        Rehearsal::Control,
        Control,
        "control",
        "a valid event",
        "an event as the provider sends it, signed now",
        concat!(
            "the provider counts any 2xx within ",
            time_limit_text!(),
            " as delivered. Until the app accepts a valid event, its rejections of \
         other requests prove nothing"
        ),
    ),
    row(
        Rehearsal::Expired,
        Time,
        "expired",
        "expired timestamp",
        "an event signed correctly 6 minutes ago, like a captured request that is replayed",
        "anyone who captured a request could send it again for ever, so the SDKs reject requests that are older than 300 s",
    ),
    row(
        Rehearsal::Future,
        Time,
        "future",
        "future timestamp",
        "an event signed correctly, with a timestamp 6 minutes ahead",
        "the SDKs reject timestamps more than 300 s ahead: an accepted request could be captured and sent again until that time has passed",
    ),
    row(
        Rehearsal::Tampered,
        Forgeries,
        "tampered",
        "tampered body",
        "an event with one byte of a value changed after signing; it is still JSON",
        "the signature covers every byte of the body: an app that accepts a changed body acts on what anyone wrote",
    ),
    row(
        Rehearsal::WrongKey,
        Forgeries,
        "wrong-key",
        "wrong key",
        "an event signed with another secret",
        "only the provider has this secret: an app that accepts a signature made with another one accepts anyone's",
    ),
    row(
        Rehearsal::MissingHeader,
        Forgeries,
        "missing-header",
        "missing header",
        "a signed event without its id, then without its timestamp, then without its signature",
        "id, timestamp and signature are verified together. The handler must reject a request without one of them, and must not crash",
    ),
    row(
        Rehearsal::Unsigned,
        Forgeries,
        "unsigned",
        "unsigned",
        "an event without signature headers, as anyone who knows the URL can send it",
        "the URL is not a secret: without a signature, nothing proves who sent the request",
    ),
    row(
        Rehearsal::EmptyEntry,
        Forgeries,
        "empty-entry",
        "empty signature",
        "an event whose signature is `v1,` and nothing after it",
        WHOLE_SIGNATURE,
    ),
    row(
        Rehearsal::CutSignature,
        Forgeries,
        "cut-signature",
        "truncated signature",
        "an event with the first half of its signature",
        WHOLE_SIGNATURE,
    ),
    row(
        Rehearsal::OtherId,
        Forgeries,
        "other-id",
        "signature of another id",
        "an event with the right signature, but under another `webhook-id`",
        SIGNED_PARTS,
    ),
    row(
        Rehearsal::OtherTime,
        Forgeries,
        "other-time",
        "signature of another timestamp",
        "an event with the signature of a minute ago, under the timestamp of now",
        SIGNED_PARTS,
    ),
    row(
        Rehearsal::Borrowed,
        Forgeries,
        "borrowed",
        "signature of another event",
        "an event with the id, the timestamp and the signature of another event",
        SIGNED_PARTS,
    ),
    row(
        Rehearsal::V1aOnly,
        Forgeries,
        "v1a-only",
        "`v1a` signature only",
        "an event whose only signature is of version `v1a`, made with some other key",
        "Scalekit signs with `v1`. An entry of another version proves nothing, so it must not be skipped as if it were right",
    ),
    row(
        Rehearsal::NonAscii,
        Content,
        "non-ascii",
        "text that is not ASCII",
        "an event with ë, an emoji, U+2028 and a decomposed letter in its texts",
        RAW_BYTES,
    ),
    row(
        Rehearsal::Escapes,
        Content,
        "escapes",
        "escaped text",
        r"an event with `\u00eb` and `\/` in its texts",
        RAW_BYTES,
    ),
    row(
        Rehearsal::Numbers,
        Content,
        "numbers",
        "unusual numbers",
        "an event with `1.0`, `1e2` and a number of 20 digits",
        RAW_BYTES,
    ),
    row(
        Rehearsal::Layout,
        Content,
        "layout",
        "unusual spaces and order",
        "an event with spaces before its colons and commas, and keys in an order that parsers change",
        RAW_BYTES,
    ),
    row(
        Rehearsal::Padded,
        Content,
        "padded",
        "white space around the body",
        "an event with white space before and after its JSON",
        RAW_BYTES,
    ),
    row(
        Rehearsal::Large,
        Content,
        "large",
        "an event of 900 KB",
        "an event of 900 KB, as of a user with thousands of groups",
        "events have no small limit. A parser's or a proxy's default, such as 100 KB, rejects the largest ones for good",
    ),
    row(
        Rehearsal::UnknownType,
        Content,
        "unknown-type",
        "unknown type",
        "an event of a type that no documentation names",
        ANY_TYPE,
    ),
    row(
        Rehearsal::NullFields,
        Content,
        "null-fields",
        "`null` and extra fields",
        "an event with `null` in its optional fields and with fields that no documentation names",
        "the provider sends `null` where a field is optional, and adds fields without notice",
    ),
    row(
        Rehearsal::V1aBeside,
        Headers,
        "v1a-beside",
        "`v1a` beside `v1`",
        "an event with an entry of version `v1a` before its right signature",
        "a signature header may have several entries. The event is valid if one of them is right",
    ),
    row(
        Rehearsal::HeaderCase,
        Headers,
        "header-case",
        "header names in other case",
        "an event with Title-Case header names, then one with upper-case names",
        "HTTP header names are the same in any case, and the provider, proxies and tunnels write them differently",
    ),
    row(
        Rehearsal::TwoSignatures,
        Headers,
        "two-signatures",
        "two signatures",
        "an event as during a rotation of the secret: the right signature first, then second",
        "after a rotation the provider signs with both secrets for 24 h. The event is valid if one of the signatures is right",
    ),
    row(
        Rehearsal::OtherSecret,
        Headers,
        "other-secret",
        "another known secret",
        "an event signed with another of your secrets alone, as before or after a rotation",
        "both are right: an app accepts the old secret as long as its configuration has it",
    ),
    row(
        Rehearsal::TwiceAtOnce,
        Repeats,
        "twice-at-once",
        "twice at once",
        "two simultaneous deliveries of one event, with the same id",
        "the provider delivers at least once, and a retry can arrive before a slow response. The second delivery must get a 2xx and change \
         nothing",
    ),
    row(
        Rehearsal::TenTimes,
        Repeats,
        "ten-times",
        "ten times",
        "ten deliveries of one event with the same id, one after another, like retries",
        "retries have the same id. One that was already processed must get a 2xx, because the provider retries everything else",
    ),
    row(
        Rehearsal::OutOfOrder,
        Repeats,
        "out-of-order",
        "create, update, delete out of order",
        "three valid events of one directory user in the wrong order: update, deletion, creation",
        ORDER,
    ),
    row(
        Rehearsal::LateUpdate,
        Repeats,
        "late-update",
        "update after delete",
        "three valid events of one directory user: creation, deletion, then an update from before the deletion",
        "a retried update can arrive after the deletion. It must get a 2xx, and must not bring the user back",
    ),
    row(
        Rehearsal::GroupDeletion,
        Bursts,
        "group-deletion",
        "a group is deleted",
        "the deletion of a group and the updates of its 8 members, all at once",
        AT_ONCE,
    ),
    row(
        Rehearsal::FirstSync,
        Bursts,
        "first-sync",
        "first directory sync",
        "the 15 events of a first directory sync, all at once",
        AT_ONCE,
    ),
    row(
        Rehearsal::SameKey,
        TriggerEvents,
        "same-key",
        "one `dedupe_key` under two ids",
        "a trigger event delivered twice, each time under another `webhook-id`",
        "`dedupe_key` with the connected account identifies a trigger event, not `webhook-id`. The second delivery must get a 2xx and change \
         nothing",
    ),
    row(
        Rehearsal::ByReference,
        TriggerEvents,
        "by-reference",
        "payload by reference",
        "a trigger event whose `payload_state` is `reference` and whose `payload` is `null`",
        "the payload of such an event is not sent: the app fetches the resource. The event must get a 2xx too, or the provider keeps \
         retrying",
    ),
    row(
        Rehearsal::NewValues,
        TriggerEvents,
        "new-values",
        "unknown values",
        "a trigger event with values of `delivery_scope` and `detection_mode` that no documentation names",
        "the SDKs accept values that they do not know, and the provider adds new ones without notice",
    ),
    row(
        Rehearsal::PreSignup,
        TriggerPoints,
        "pre-signup",
        "PRE_SIGNUP",
        "an interceptor's request before a sign-up",
        TRIGGER_POINT,
    ),
    row(
        Rehearsal::PreSession,
        TriggerPoints,
        "pre-session",
        "PRE_SESSION_CREATION",
        "an interceptor's request before a session begins",
        TRIGGER_POINT,
    ),
    row(
        Rehearsal::PreInvitation,
        TriggerPoints,
        "pre-invitation",
        "PRE_USER_INVITATION",
        "an interceptor's request before a user is invited",
        TRIGGER_POINT,
    ),
    row(
        Rehearsal::PreM2mToken,
        TriggerPoints,
        "pre-m2m-token",
        "PRE_M2M_TOKEN_CREATION",
        "an interceptor's request before a machine client gets a token",
        TRIGGER_POINT,
    ),
    row(
        Rehearsal::PostAuth,
        TriggerPoints,
        "post-auth",
        "POST_USER_AUTHENTICATION",
        "an interceptor's request after a user has authenticated",
        TRIGGER_POINT,
    ),
    row(
        Rehearsal::AccessToken,
        TriggerPoints,
        "access-token",
        "ACCESS_TOKEN_CREATION",
        "an interceptor's request before an access token is issued",
        TRIGGER_POINT,
    ),
];
