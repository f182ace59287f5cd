//! Events as an HTTP Archive (HAR 1.2), which browsers and proxies read.
//!
//! The request is the event. The response is that of the app to its last delivery, or else what the sender got. What HAR has no place for
//! is in members that begin with `_`, so reading the file again gives the same bytes.

use super::lines::{json_text, utc_text};
use crate::core::delivery::{Completeness, Delivery};
use crate::core::event::Event;
use crate::core::request::{Header, values};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::percent_decode;
use serde::Serialize;
use std::borrow::Cow;

/// What stands between two entries.
pub(crate) const HAR_SEPARATOR: &str = ",\n";
/// The end of the file.
pub(crate) const HAR_END: &str = "\n]}}\n";

/// The start of the file, up to the first entry.
pub(crate) fn har_start() -> String {
    format!(
        "{{\"log\":{{\"version\":\"1.2\",\"creator\":{{\"name\":\"hookglass\",\"version\":\"{}\"}},\"entries\":[\n",
        env!("CARGO_PKG_VERSION")
    )
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Entry<'a> {
    started_date_time: String,
    time: f64,
    request: Request<'a>,
    response: Response<'a>,
    cache: Empty,
    timings: Timings,
    #[serde(skip_serializing_if = "String::is_empty")]
    comment: String,
    #[serde(rename = "_hookglass")]
    own: Own<'a>,
}

#[derive(Serialize)]
struct Empty {}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Request<'a> {
    method: Cow<'a, str>,
    url: String,
    http_version: &'static str,
    cookies: [Empty; 0],
    headers: Vec<Pair<'a>>,
    query_string: Vec<Pair<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    post_data: Option<PostData<'a>>,
    headers_size: i32,
    body_size: u64,
}

#[derive(Serialize)]
struct Pair<'a> {
    name: Cow<'a, str>,
    value: Cow<'a, str>,
    /// The value, if it is not UTF-8.
    #[serde(rename = "_base64", skip_serializing_if = "Option::is_none")]
    base64: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PostData<'a> {
    mime_type: Cow<'a, str>,
    text: Cow<'a, str>,
    /// `base64`, if the body is not UTF-8.
    #[serde(skip_serializing_if = "Option::is_none")]
    encoding: Option<&'static str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Response<'a> {
    /// 0 if there was none.
    status: u16,
    status_text: &'static str,
    http_version: &'static str,
    cookies: [Empty; 0],
    headers: Vec<Pair<'a>>,
    content: Content<'a>,
    #[serde(rename = "redirectURL")]
    redirect_url: &'static str,
    headers_size: i32,
    body_size: i32,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Content<'a> {
    size: usize,
    mime_type: Cow<'a, str>,
    text: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    encoding: Option<&'static str>,
}

#[derive(Serialize)]
struct Timings {
    send: f64,
    wait: f64,
    receive: f64,
}

/// What is known of the event beside its request.
#[derive(Serialize)]
struct Own<'a> {
    seq: u64,
    /// The request target as received.
    path: Cow<'a, str>,
    verdict: &'static str,
    reason: Option<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pinned: bool,
    #[serde(skip_serializing_if = "str::is_empty")]
    note: &'a str,
}

/// One entry, without line ends. Characters that act on a terminal are escaped.
pub(crate) fn har_entry(event: &Event, delivery: Option<&Delivery>) -> String {
    let summary = &event.summary;
    let headers = event.head.headers();
    let answered = delivery.and_then(|delivery| Some((delivery, delivery.outcome.as_ref().ok()?)));
    let response = match answered {
        Some((_, response)) => {
            let headers: Vec<_> = response.headers.iter().map(|(name, value)| Header::new(name, value)).collect();
            let (text, encoding) = spelled(&response.body);
            let content = Content { size: response.body.len(), mime_type: mime_type(&headers), text, encoding };
            Response { headers: pairs(&headers), content, ..Response::empty(response.status) }
        }
        None => Response::empty(summary.response.status().unwrap_or(0)),
    };
    let milliseconds = answered.map_or(0.0, |(delivery, _)| delivery.timing.total_us as f64 / 1000.0);
    let entry = Entry {
        started_date_time: utc_text(summary.received_at),
        time: milliseconds,
        request: Request {
            method: String::from_utf8_lossy(event.head.method()),
            url: url(event),
            http_version: "HTTP/1.1",
            cookies: [],
            query_string: query(event.head.target()),
            post_data: (!event.body.is_empty()).then(|| {
                let (text, encoding) = spelled(&event.body);
                PostData { mime_type: mime_type(&headers), text, encoding }
            }),
            headers: pairs(&headers),
            headers_size: -1,
            body_size: event.body.len() as u64,
        },
        response,
        cache: Empty {},
        timings: Timings { send: 0.0, wait: milliseconds, receive: 0.0 },
        comment: answered.map_or_else(String::new, |(delivery, response)| comment(delivery, response.completeness)),
        own: Own {
            seq: summary.seq,
            path: String::from_utf8_lossy(event.head.target()),
            verdict: summary.verdict.as_str(),
            reason: summary.reason.as_ref().map(ToString::to_string),
            pinned: event.annotation.is_pinned,
            note: &event.annotation.note,
        },
    };
    json_text(&entry)
}

impl Response<'_> {
    fn empty(status: u16) -> Self {
        let content = Content { size: 0, mime_type: "".into(), text: "".into(), encoding: None };
        Self {
            status,
            status_text: "",
            http_version: "HTTP/1.1",
            cookies: [],
            headers: Vec::new(),
            content,
            redirect_url: "",
            headers_size: -1,
            body_size: -1,
        }
    }
}

fn comment(delivery: &Delivery, completeness: Completeness) -> String {
    let at = utc_text(delivery.started_at);
    let cut = if completeness == Completeness::Whole { "" } else { "; its body is truncated" };
    format!("the response is that of the app to the delivery of {at}{cut}")
}

/// Text, or base64 and the word that says so.
fn spelled(bytes: &[u8]) -> (Cow<'_, str>, Option<&'static str>) {
    match str::from_utf8(bytes) {
        Ok(text) => (text.into(), None),
        Err(_) => (STANDARD.encode(bytes).into(), Some("base64")),
    }
}

fn pairs<'a>(headers: &[Header<'a>]) -> Vec<Pair<'a>> {
    let pair = |header: &Header<'a>| Pair {
        name: String::from_utf8_lossy(header.name),
        value: String::from_utf8_lossy(header.value),
        base64: str::from_utf8(header.value).is_err().then(|| STANDARD.encode(header.value)),
    };
    headers.iter().map(pair).collect()
}

fn mime_type<'a>(headers: &[Header<'a>]) -> Cow<'a, str> {
    let value = headers.iter().find(|header| header.is("content-type")).map(|header| header.value);
    value.map_or("".into(), String::from_utf8_lossy)
}

/// An absolute URL, as HAR wants it.
fn url(event: &Event) -> String {
    let headers = event.head.headers();
    let is_plain = |host: &&str| {
        let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte);
        !host.is_empty() && host.bytes().all(is_part)
    };
    let host = values(&headers, "host").next().and_then(|host| str::from_utf8(host).ok()).filter(is_plain);
    let target = String::from_utf8_lossy(event.head.target());
    let path = if target.starts_with('/') { &target } else { "/" };
    format!("http://{}{path}", host.unwrap_or("localhost"))
}

fn query(target: &[u8]) -> Vec<Pair<'_>> {
    let Some(start) = memchr::memchr(b'?', target) else { return Vec::new() };
    let decoded = |text| percent_decode(text).decode_utf8_lossy();
    let parts = target[start + 1..].split(|byte| *byte == b'&').filter(|part| !part.is_empty());
    parts
        .map(|part| {
            let equals = memchr::memchr(b'=', part).unwrap_or(part.len());
            let value = part.get(equals + 1..).unwrap_or_default();
            Pair { name: decoded(&part[..equals]), value: decoded(value), base64: None }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::event::Arrival;
    use crate::core::request::Head;
    use crate::core::signature::{Keyring, verify_request};

    #[test]
    fn an_entry_has_what_har_requires_and_the_exact_request() {
        let raw = b"POST /a?b=c%20d&e HTTP/1.1\r\nHost: ab.ngrok.app\r\nContent-Type: application/json\r\nX-Odd: \xff\r\n\r\n";
        let arrival = Arrival {
            received_at: "2026-01-31T10:00:00.123456Z".parse().unwrap(),
            head: Head::parse(raw).unwrap(),
            body: b"{\"name\":\"\x1b\xc3\xa9\"}"[..].into(),
        };
        let verification = verify_request(&arrival.head.headers(), &arrival.body, 0, &Keyring::default());
        let entry = har_entry(&Event::unstored(arrival, verification), None);
        let expected = concat!(
            r#"{"startedDateTime":"2026-01-31T10:00:00.123456Z","time":0.0,"request":{"method":"POST","#,
            r#""url":"http://ab.ngrok.app/a?b=c%20d&e","httpVersion":"HTTP/1.1","cookies":[],"headers":["#,
            r#"{"name":"Host","value":"ab.ngrok.app"},{"name":"Content-Type","value":"application/json"},"#,
            r#"{"name":"X-Odd","value":"�","_base64":"/w=="}],"queryString":[{"name":"b","value":"c d"},"#,
            r#"{"name":"e","value":""}],"postData":{"mimeType":"application/json","text":"{\"name\":\"\u001bé\"}"},"#,
            r#""headersSize":-1,"bodySize":14},"response":{"status":0,"statusText":"","httpVersion":"HTTP/1.1","#,
            r#""cookies":[],"headers":[],"content":{"size":0,"mimeType":"","text":""},"redirectURL":"","#,
            r#""headersSize":-1,"bodySize":-1},"cache":{},"timings":{"send":0.0,"wait":0.0,"receive":0.0},"#,
            r#""_hookglass":{"seq":0,"path":"/a?b=c%20d&e","verdict":"unchecked","reason":"no-secret"}}"#,
        );
        assert_eq!(entry, expected);
    }
}
