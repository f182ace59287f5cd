//! Back-channel logouts: a form with a token, which the provider posts to a URL of the app. It is not a webhook and carries no
//! signature header. The token is signed, but hookglass has no key to verify it with.

use super::json::{self, Document};
use super::times::in_words;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use std::time::Duration;

/// The type under which lists show it.
pub const LOGOUT_TYPE: &str = "back-channel-logout";

const FIELD: &[u8] = b"logout_token=";
/// The most fields of a form, and the longest token, that are looked at.
const MOST_FIELDS: usize = 16;
const LONGEST_TOKEN: usize = 64 * 1024;
/// The longest subject in a list, in bytes.
const MAX_SUBJECT: usize = 256;
/// The claims that tell who is logged out, the best first.
const SUBJECTS: [&str; 2] = ["sub", "sid"];

/// Whether `body` is the form of a back-channel logout.
pub fn is_logout(body: &[u8]) -> bool {
    token(body).is_some()
}

/// Who is logged out, by the claims of the token: the user, otherwise the session.
pub fn subject(body: &[u8]) -> Option<String> {
    let claims = claims(body);
    let text = |name: &&str| claims.iter().find(|(claim, value)| claim == name && value.starts_with(b"\""));
    SUBJECTS.iter().find_map(text).map(|(_, value)| json::unescape_prefix(value, MAX_SUBJECT))
}

/// The claims of the token as JSON, in their order; times also in words. None of it is verified.
pub fn claims_in_words(body: &[u8], arrived: Timestamp) -> Vec<(String, String)> {
    let shown = |(name, value): (String, Vec<u8>)| {
        let text = String::from_utf8_lossy(&value).into_owned();
        let time = matches!(name.as_str(), "iat" | "exp" | "nbf").then(|| in_time(&text, arrived)).flatten();
        (name, time.map_or_else(|| text.clone(), |time| format!("{text} ({time})")))
    };
    claims(body).into_iter().map(shown).collect()
}

/// `2026-01-15T13:58:30Z, 90 s before it arrived`
fn in_time(seconds: &str, arrived: Timestamp) -> Option<String> {
    let time = Timestamp::from_second(seconds.parse().ok()?).ok()?;
    let (distance, side) = match time.as_second() - arrived.as_second() {
        0 => return Some(format!("{time}, when it arrived")),
        later @ 1.. => (later, "after"),
        earlier => (-earlier, "before"),
    };
    Some(format!("{time}, {} {side} it arrived", in_words(Duration::from_secs(distance.unsigned_abs()))))
}

/// The claims with their values as in the token.
fn claims(body: &[u8]) -> Vec<(String, Vec<u8>)> {
    let document = || {
        let payload = token(body)?.split(|byte| *byte == b'.').nth(1)?;
        Some(Document::new(URL_SAFE_NO_PAD.decode(payload).ok()?.into()))
    };
    let Some(document) = document() else { return Vec::new() };
    let members = document.members().unwrap_or_default();
    members.into_iter().map(|(name, value)| (name, value.to_vec())).collect()
}

/// The token in the form: three parts of base64url, separated by dots.
fn token(body: &[u8]) -> Option<&[u8]> {
    let fields = body.split(|byte| *byte == b'&').take(MOST_FIELDS);
    let token = fields.into_iter().find_map(|field| field.strip_prefix(FIELD))?.trim_ascii_end();
    let is_part = |part: &[u8]| {
        !part.is_empty() && part.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    let parts: Vec<_> = token.splitn(4, |byte| *byte == b'.').collect();
    (token.len() <= LONGEST_TOKEN && parts.len() == 3 && parts.into_iter().all(is_part)).then_some(token)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(claims: &str) -> Vec<u8> {
        let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
        format!("logout_token={}.{}.{}", part(r#"{"alg":"RS256"}"#), part(claims), part("signature")).into_bytes()
    }

    #[test]
    fn only_a_form_with_a_token_is_a_logout() {
        assert!(is_logout(&form("{}")));
        assert!(is_logout(&[b"state=1&", &form("{}")[..], b"&x=2\n"].concat()));
        for body in
            ["", "logout_token=", "logout_token=a.b", "logout_token=a.b.c.d", "logout_token=a..c", "token=a.b.c"]
        {
            assert!(!is_logout(body.as_bytes()), "{body}");
        }
        assert!(!is_logout(format!("logout_token=a.b.{}", "c".repeat(LONGEST_TOKEN)).as_bytes()));
    }

    #[test]
    fn claims_are_shown_in_their_order_with_times_in_words() {
        let body = form(r#"{"iss":"https://x","iat":1768485510,"sub":"usr_1","events":{"a":{}}}"#);
        let claims = claims_in_words(&body, Timestamp::from_second(1_768_485_600).unwrap());
        let shown: Vec<_> = claims.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let iat = "iat=1768485510 (2026-01-15T13:58:30Z, 90 s before it arrived)";
        assert_eq!(shown, [r#"iss="https://x""#, iat, r#"sub="usr_1""#, r#"events={"a":{}}"#]);
        assert_eq!(subject(&body).as_deref(), Some("usr_1"));
        assert_eq!(subject(&form(r#"{"sid":"ses_1","sub":7}"#)).as_deref(), Some("ses_1"));
        assert_eq!(
            (subject(&form("[]")), claims_in_words(b"logout_token=a.b.c", Timestamp::UNIX_EPOCH)),
            (None, Vec::new())
        );
    }
}
