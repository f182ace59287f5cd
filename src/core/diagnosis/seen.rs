//! The likely reason for a mismatch, guessed from the request. No proof: the texts say "most likely".

use super::Evidence;
use super::steps::{Case, Conclusion};
use super::undo::is_printed_object;
use crate::core::json::{Token, TokenKind, scan, unescape, validate};
use crate::core::request::values;
use crate::core::signature::{Alteration, Reason, Scheme, Sender};

/// Tools with which people post requests by hand, as they begin their `user-agent`.
const TOOLS: [&str; 12] = [
    "curl/",
    "Wget/",
    "HTTPie/",
    "PostmanRuntime/",
    "insomnia/",
    "bruno",
    "Thunder Client",
    "python-requests/",
    "python-httpx/",
    "PowerShell/",
    "Hoppscotch",
    "xh/",
];

/// The likely reason for a mismatch, guessed from the request.
pub(super) fn mismatch(case: &Case<'_>) -> Option<Conclusion> {
    lost(case.body).or_else(|| altered(case)).or_else(|| foreign(case)).or_else(|| standard_webhooks(case.body))
}

/// The likely reason for an incomplete signature, guessed from the request.
pub(super) fn unsigned(case: &Case<'_>) -> Option<Conclusion> {
    foreign(case).or_else(|| hand_made(case).filter(|_| case.scheme == Scheme::None))
}

fn likely(reason: Reason, because: impl Into<Vec<u8>>) -> Conclusion {
    Conclusion::of(reason, [Evidence::Seen { because: because.into() }])
}

fn lost(body: &[u8]) -> Option<Conclusion> {
    let body = body.trim_ascii();
    let is_nothing = matches!(body, b"" | b"undefined" | b"null" | b"None" | b"nil" | b"\"\"");
    let because = if body.is_empty() { b"the body is empty".to_vec() } else { [b"the body is ", body].concat() };
    is_nothing.then(|| likely(Reason::BodyLost, because))
}

fn altered(case: &Case<'_>) -> Option<Conclusion> {
    let text = case.body.trim_ascii();
    let seen = |alteration, because: &str| Some(likely(Reason::BodyAltered(alteration), because));
    const PRINTED: [&[u8]; 7] = [b"[object ", b"map[", b"<Buffer ", b"System.", b"#<", b"[B@", b"Array\n("];
    if PRINTED.iter().any(|start| text.starts_with(start)) || is_printed_object(text) {
        return seen(Alteration::PrintedObject, "the body looks like an object printed by a programming language");
    }
    if memchr::memmem::find(text, "\u{fffd}".as_bytes()).is_some() {
        return seen(
            Alteration::CharactersLost,
            "the body contains U+FFFD, which decoders write for bytes they cannot read",
        );
    }
    if let Err(error) = validate(text)
        && matches!(text, [b'{' | b'[', ..])
        && error.at >= text.len()
    {
        let because = format!("the JSON ends at byte {}, where {} should follow", text.len(), error.expected);
        return seen(Alteration::Truncated, &because);
    }
    let encoding = values(case.headers, "content-encoding").next()?.trim_ascii();
    let is_packed =
        ["gzip", "x-gzip", "deflate", "br", "zstd"].iter().any(|name| encoding.eq_ignore_ascii_case(name.as_bytes()));
    if is_packed && std::str::from_utf8(text).is_ok() {
        return seen(Alteration::Decompressed, "`content-encoding` names a compression, but the body is plain text");
    }
    None
}

fn foreign(case: &Case<'_>) -> Option<Conclusion> {
    let (sender, header) = Sender::of(case.headers)?;
    // A sender may keep its own headers beside Scalekit's, as a relay does.
    let is_its_scheme = match case.scheme {
        Scheme::None => true,
        Scheme::Svix => sender == Sender::Svix,
        _ => false,
    };
    if !is_its_scheme {
        return None;
    }
    Some(likely(Reason::ForeignSender(sender), format!("the request has the header {header}")))
}

/// Whether the body has the members that the specification recommends and none of Scalekit's.
fn standard_webhooks(body: &[u8]) -> Option<Conclusion> {
    let has = |key: &str| members(body).any(|(name, _)| name == key);
    let is_foreign = has("type") && has("timestamp") && has("data");
    let is_scalekit = ["spec_version", "environment_id", "occurred_at", "organization_id"].into_iter().any(has);
    let reason = Reason::ForeignSender(Sender::StandardWebhooks);
    (is_foreign && !is_scalekit).then(|| likely(reason, "the body has none of the members of Scalekit's events"))
}

/// The environment that an event of Scalekit names.
pub(super) fn environment(body: &[u8]) -> Option<String> {
    const LONGEST: usize = 128;
    let (_, mut environment) = members(body).find(|(name, _)| name == "environment_id")?;
    environment.truncate(environment.floor_char_boundary(LONGEST));
    Some(environment).filter(|environment| !environment.is_empty())
}

fn hand_made(case: &Case<'_>) -> Option<Conclusion> {
    let agent = values(case.headers, "user-agent").next()?.trim_ascii();
    let is_tool = TOOLS
        .iter()
        .any(|tool| agent.get(..tool.len()).is_some_and(|start| start.eq_ignore_ascii_case(tool.as_bytes())));
    is_tool.then(|| likely(Reason::HandMade, [b"user-agent is ", agent].concat()))
}

/// The top-level members of a JSON object, each with its text if it is a string. Ends where the text stops being JSON.
fn members(body: &[u8]) -> impl Iterator<Item = (String, String)> {
    let mut depth = 0_usize;
    let mut key: Option<String> = None;
    let tokens = scan(body).map_while(Result::ok);
    tokens.filter_map(move |Token { kind, range }| match kind {
        TokenKind::OpenObject | TokenKind::OpenArray => {
            depth += 1;
            key.take().filter(|_| depth == 2).map(|key| (key, String::new()))
        }
        TokenKind::CloseObject | TokenKind::CloseArray => {
            depth = depth.saturating_sub(1);
            None
        }
        TokenKind::Key if depth == 1 => {
            key = Some(unescape(&body[range]));
            None
        }
        TokenKind::Comma | TokenKind::Colon | TokenKind::Key => None,
        _ => {
            let text = if kind == TokenKind::String { unescape(&body[range]) } else { String::new() };
            key.take().map(|key| (key, text))
        }
    })
}
