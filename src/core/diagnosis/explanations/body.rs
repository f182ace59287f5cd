//! The texts about bodies that differ from the signed one.

use super::{Texts, texts};
use crate::core::signature::Alteration;

/// How hookglass knows of a change that it can undo.
const UNDONE: &str =
    "hookglass undid the change, and the result verifies. The facts show what verifies and the first difference.";

const RAW_BODY: &str = "Pass the raw body to the SDK before any parser or middleware touches it. If a proxy or script sits in between, make it forward the bytes unchanged.";

pub(super) fn texts_of(alteration: Alteration) -> Texts {
    match alteration {
        Alteration::Reserialised => texts(
            "The body was parsed and re-serialised after it was signed. The same JSON, written in another way, verifies.",
            UNDONE,
            "Pass the raw body to the SDK before any JSON parser touches it. If a proxy or script sits in between, make it forward the bytes unchanged.",
        ),
        Alteration::TrailingNewline => texts(
            "A newline at the end of the body was added or removed after it was signed.",
            UNDONE,
            "Forward the body unchanged. Editors and shells often add a newline when they save a body; curl keeps every byte only with `--data-binary @FILE`.",
        ),
        Alteration::LineEndings => texts(
            "The line endings of the body were changed after it was signed.",
            UNDONE,
            "Forward the body unchanged. For a body in a file, stop git (`-text` in `.gitattributes`) and your editor from converting line endings.",
        ),
        Alteration::Bom => texts(
            "A byte order mark was added to the body or removed from it after it was signed.",
            UNDONE,
            "Forward the body unchanged: do not decode it as text or save it from an editor on the way.",
        ),
        Alteration::InvalidUtf8 => texts(
            "The body is not valid UTF-8, and the sender and the verifier hash it differently.",
            "The signature covers the raw bytes, or the text with U+FFFD for the invalid ones.",
            "Make the sender encode the body as UTF-8 before it signs it.",
        ),
        Alteration::Padded => texts(
            "White space or NUL bytes at an end of the body were added or removed after it was signed.",
            UNDONE,
            "Forward the body unchanged: do not trim it, and write its exact length, not the size of the buffer that holds it.",
        ),
        Alteration::Doubled => texts(
            "The body arrived twice in a row.",
            UNDONE,
            "Find what writes or appends the body a second time, such as a retry into the same buffer.",
        ),
        Alteration::Base64 => texts(
            "The body is base64 of the one that was signed.",
            UNDONE,
            "Decode the body before you pass it to the SDK. AWS Lambda behind API Gateway sets `isBase64Encoded`: use `Buffer.from(event.body, 'base64')`. Or turn off binary media types for this route.",
        ),
        Alteration::Hex => texts(
            "The body is written in hexadecimal.",
            UNDONE,
            "Pass the bytes themselves to the SDK, not a hexadecimal dump of them.",
        ),
        Alteration::PercentEncoded => texts(
            "The body is percent-encoded, as in a URL or a form.",
            UNDONE,
            "Send the body as it is, with the content type `application/json`. With curl, use `--data-binary`, not `--data-urlencode`.",
        ),
        Alteration::HtmlEscaped => texts(
            "The body is escaped for HTML: `\"` became `&quot;`, for example.",
            UNDONE,
            "Find the template or the input filter that escapes the body, and exempt this route from it.",
        ),
        Alteration::Encoded => texts(
            "The body is encoded as for e-mail or for text without signs: in base32, Ascii85, quoted-printable or uuencode.",
            UNDONE,
            "Decode the body before you pass it to the SDK, or remove what encodes it, such as a mail gateway.",
        ),
        Alteration::MemberAdded => texts(
            "Something added a member to the JSON object of the body after it was signed. Without that member, it verifies.",
            UNDONE,
            "Find the gateway, plug-in or middleware that adds the member, such as a trace id or a tenant. Let it set a header instead.",
        ),
        Alteration::Compressed => texts(
            "The body is compressed, but the sender signed it uncompressed.",
            UNDONE,
            "Decompress the body before you verify it. If a proxy compresses requests, turn that off or make it set `content-encoding`.",
        ),
        Alteration::Decompressed => texts(
            "The body was most likely compressed when it was signed, and something on the way unpacked it.",
            "The `content-encoding` header names a compression, but the body is plain text.",
            "Make the proxy forward the compressed bytes, and verify those. Scalekit does not compress events, so check who sends this request.",
        ),
        Alteration::Wrapped => texts(
            "The signed body is only a part of the one that arrived. Something wrapped it in an envelope, a form or a multipart body.",
            UNDONE,
            "Take that part out before you verify, byte for byte. Queues and gateways such as SQS, SNS, EventBridge and API Gateway put the body into a member of their own JSON.",
        ),
        Alteration::JsonString => texts(
            "The body was serialised twice: it is one JSON string that holds the signed JSON.",
            UNDONE,
            "Remove one `JSON.stringify` or `json.dumps`: pass the body as text, since the HTTP client would serialise a string again.",
        ),
        Alteration::Literal => texts(
            "The body is the signed text as a programming language prints it, such as `b'…'` or a list of byte values.",
            UNDONE,
            "Pass the bytes or the text itself. In Python, use `body.decode()` instead of `str(body)`. In Node, do not serialise a `Buffer` as JSON.",
        ),
        Alteration::PrintedObject => texts(
            "The body is most likely a parsed object that was printed instead of serialised, such as `[object Object]` or a Python dict.",
            "The text looks like an object printed by a programming language. If hookglass could undo it, the result verifies.",
            RAW_BODY,
        ),
        Alteration::Charset => texts(
            "The body was read in one charset and written in another, so its non-ASCII characters changed.",
            UNDONE,
            "Read and write the body as bytes, or as UTF-8 everywhere. In Node do not use the encodings `ascii`, `latin1` or `binary`; in Java name `StandardCharsets.UTF_8`.",
        ),
        Alteration::UnicodeForm => texts(
            "The characters of the body were normalised: composed ones became decomposed, or the reverse.",
            UNDONE,
            "Verify the body before anything normalises Unicode, such as a database or a filter for input.",
        ),
        Alteration::CharactersLost => texts(
            "Some non-ASCII characters of the body were replaced by `?` or U+FFFD, most likely because it was read in the wrong charset.",
            "The body contains the replacement characters. If hookglass could guess what they stood for, the result verifies.",
            "Read the body as UTF-8, or as bytes. A decoder for ASCII, or chunks that are decoded one by one, lose characters.",
        ),
        Alteration::Truncated => texts(
            "The body is most likely truncated: its JSON ends in the middle.",
            "The body is valid JSON up to its last byte, but it is not complete.",
            "Look for a size limit, a timeout or a wrong `content-length` in what passes the body on.",
        ),
    }
}
