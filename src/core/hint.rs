//! What a value of JSON is besides a string or a number: a time, a JWT, a URL, JSON in a string, or an id.

use super::catalog::{Field, catalog};
use super::json::{self, Document, Form};
use super::numbers::grouped;
use super::times::in_words;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::time::Duration;

/// The most bytes of a string that are looked at.
const MOST: usize = 64 * 1024;
/// Unix times from 2001 to 2100, in seconds. A number outside of them is more likely something else.
const UNIX_TIMES: std::ops::Range<i64> = 1_000_000_000..4_102_444_800;
const DAY: u64 = 24 * 60 * 60;
const TWO_DAYS: u64 = 2 * DAY;
/// The claims of a JWT that the hint shows first.
const CLAIMS: [&str; 4] = ["sub", "iss", "aud", "exp"];

/// What the value of `token`, a string or a number of JSON, is, in words. Times are in `zone`, and relative to `arrived`.
/// The text holds foreign text: show it only through [`printable`](super::printable).
pub fn hint(token: &[u8], arrived: Timestamp, zone: &TimeZone) -> Option<String> {
    let time = |time: Timestamp| when(time, arrived, zone);
    if !token.starts_with(b"\"") {
        return unix_time(token).map(time);
    }
    if token.len() > MOST {
        return None;
    }
    let text = json::unescape(token);
    if let Ok(moment) = text.parse() {
        return Some(time(moment));
    }
    let id = || catalog().kind_of_id(&text).map(|kind| format!("id: {kind}"));
    jwt(&text, time).or_else(|| url(&text)).or_else(|| json_in(&text)).or_else(id)
}

/// What is documented about a field: `What it is used for; one of ORGANIZATION_DOMAIN, ALLOWED_EMAIL_DOMAIN`.
pub(crate) fn meaning(field: &Field) -> String {
    match &field.one_of[..] {
        [] | [_] => field.about.clone(),
        values => format!("{}; one of {}", field.about, values.join(", ")),
    }
}

/// `Thu 15 Jan 2026 14:58:30 CET, 5 min before it arrived`
fn when(time: Timestamp, arrived: Timestamp, zone: &TimeZone) -> String {
    let local = time.to_zoned(zone.clone()).strftime("%a %-d %b %Y %H:%M:%S %Z").to_string();
    let distance = match time.as_second().abs_diff(arrived.as_second()) {
        seconds @ 0..TWO_DAYS => in_words(Duration::from_secs(seconds)),
        seconds => format!("{} days", grouped(seconds / DAY)),
    };
    match time.as_second().cmp(&arrived.as_second()) {
        std::cmp::Ordering::Less => format!("{local}, {distance} before it arrived"),
        std::cmp::Ordering::Equal => format!("{local}, when it arrived"),
        std::cmp::Ordering::Greater => format!("{local}, {distance} after it arrived"),
    }
}

/// Seconds or milliseconds since 1970.
fn unix_time(token: &[u8]) -> Option<Timestamp> {
    let number: i64 = std::str::from_utf8(token).ok()?.parse().ok()?;
    if UNIX_TIMES.contains(&number) {
        return Timestamp::from_second(number).ok();
    }
    UNIX_TIMES.contains(&(number / 1000)).then(|| Timestamp::from_millisecond(number).ok())?
}

fn jwt(text: &str, time: impl Fn(Timestamp) -> String) -> Option<String> {
    let [header, claims, _signature] = text.split('.').collect::<Vec<_>>().try_into().ok()?;
    let part = |part: &str| Some(Document::new(URL_SAFE_NO_PAD.decode(part).ok()?.into()));
    let (header, claims) = (part(header)?, part(claims)?);
    let (header, claims) = (header.members()?, claims.members()?);
    let value_of = |name: &str| claims.iter().find(|(found, _)| found == name).map(|(_, value)| *value);
    let algorithm = header.iter().find(|(name, value)| name == "alg" && value.starts_with(b"\""))?.1;
    let shown = |name: &&str| {
        let value = value_of(name)?;
        let seconds = std::str::from_utf8(value).ok().and_then(|text| text.parse().ok());
        let moment = seconds.filter(|_| *name == "exp").and_then(|seconds| Timestamp::from_second(seconds).ok());
        Some(format!("{name} {}", moment.map_or_else(|| plain(value), &time)))
    };
    let known = CLAIMS.iter().filter_map(shown);
    let rest = claims.iter().map(|(name, _)| name).filter(|name| !CLAIMS.contains(&name.as_str())).cloned();
    let claims: Vec<String> = known.chain(rest).collect();
    Some(format!("JWT, not verified: {}; {}", plain(algorithm), claims.join(", ")))
}

/// A string without its quotes and escapes, anything else as received.
fn plain(value: &[u8]) -> String {
    if value.starts_with(b"\"") { json::unescape(value) } else { String::from_utf8_lossy(value).into_owned() }
}

fn url(text: &str) -> Option<String> {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"))?;
    let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (host, path) = place.split_once('/').map_or((place, ""), |(host, path)| (host, path));
    if host.is_empty() || host.contains(char::is_whitespace) {
        return None;
    }
    let names: Vec<_> =
        query.split('&').filter_map(|pair| pair.split('=').next()).filter(|name| !name.is_empty()).collect();
    let query = if names.is_empty() { String::new() } else { format!(", query: {}", names.join(", ")) };
    Some(format!("URL: host {host}, path /{}{query}", path.split('#').next().unwrap_or_default()))
}

fn json_in(text: &str) -> Option<String> {
    if !text.starts_with(['{', '[']) {
        return None;
    }
    let document = Document::new(Bytes::copy_from_slice(text.as_bytes()));
    if document.form() != &Form::Json {
        return None;
    }
    let (children, is_object) =
        document.fold(0).map_or((0, text.starts_with('{')), |fold| (fold.children, fold.is_object));
    let what = match (is_object, children) {
        (true, 1) => "member",
        (true, _) => "members",
        (false, 1) => "item",
        (false, _) => "items",
    };
    Some(format!("JSON in a string: {children} {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hint_of(token: &str) -> Option<String> {
        let zone = TimeZone::fixed(jiff::tz::offset(1));
        hint(token.as_bytes(), "2026-01-15T14:00:00Z".parse().unwrap(), &zone)
    }

    #[test]
    fn times_are_shown_in_the_local_zone_and_relative_to_the_arrival() {
        for (token, expected) in [
            (r#""2026-01-15T13:58:30Z""#, "Thu 15 Jan 2026 14:58:30 +01, 90 s before it arrived"),
            (r#""2026-01-15T14:00:00.123+00:00""#, "Thu 15 Jan 2026 15:00:00 +01, when it arrived"),
            (r#""2026-01-15T14:00:05\u005a""#, "Thu 15 Jan 2026 15:00:05 +01, 5 s after it arrived"),
            (r#""2025-01-15T14:00:00Z""#, "Wed 15 Jan 2025 15:00:00 +01, 365 days before it arrived"),
            ("1768485600", "Thu 15 Jan 2026 15:00:00 +01, when it arrived"),
            ("1768485600123", "Thu 15 Jan 2026 15:00:00 +01, when it arrived"),
        ] {
            assert_eq!(hint_of(token).as_deref(), Some(expected), "{token}");
        }
        for token in
            ["12", "-1768485600", "1768485600.5", "1e9", "99999999999999999999", "true", r#""2026-01-15""#, "{"]
        {
            assert_eq!(hint_of(token), None, "{token}");
        }
    }

    #[test]
    fn the_claims_of_a_jwt_are_shown_as_not_verified() {
        let encoded = |text: &str| URL_SAFE_NO_PAD.encode(text);
        let token = |header: &str, claims: &str| format!("\"{}.{}.c2ln\"", encoded(header), encoded(claims));
        let claims = r#"{"roles":["a"],"exp":1768485540,"sub":"usr_1","aud":["x","y"]}"#;
        assert_eq!(
            hint_of(&token(r#"{"alg":"RS256"}"#, claims)).as_deref(),
            Some(
                "JWT, not verified: RS256; sub usr_1, aud [\"x\",\"y\"], exp Thu 15 Jan 2026 14:59:00 +01, 60 s before it \
                 arrived, roles"
            )
        );
        for (header, claims) in [("{}", "{}"), (r#"{"alg":"none"}"#, "[]"), ("", ""), (r#"{"alg":1}"#, "{}")] {
            assert_eq!(hint_of(&token(header, claims)), None, "{header} {claims}");
        }
        assert_eq!(hint_of(r#""a.b.c""#), None);
    }

    #[test]
    fn urls_and_json_in_strings_are_recognised() {
        for (token, expected) in [
            (
                r#""https://example.com/a/b?code=1&state=x#f""#,
                Some("URL: host example.com, path /a/b, query: code, state"),
            ),
            (r#""http:\/\/localhost:3000""#, Some("URL: host localhost:3000, path /")),
            (r#""https:// ""#, None),
            (r#""ftp://x""#, None),
            (r#""{\"a\":1,\"b\":[]}""#, Some("JSON in a string: 2 members")),
            (r#""[1]""#, Some("JSON in a string: 1 item")),
            (r#""{}""#, Some("JSON in a string: 0 members")),
            (r#""{not JSON""#, None),
            (r#""diruser_123""#, Some("id: directory user")),
            (r#""org_""#, None),
            (r#""org_a b""#, None),
            (r#""other_123""#, None),
            (r#""""#, None),
        ] {
            assert_eq!(hint_of(token).as_deref(), expected, "{token}");
        }
        assert_eq!(hint_of(&format!("\"https://{}\"", "x".repeat(MOST))), None, "only short strings are looked at");
    }
}
