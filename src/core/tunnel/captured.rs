//! The requests that ngrok's agent captured, as `GET /api/requests/http` lists them.

use jiff::Timestamp;
use serde::Deserialize;
use std::collections::HashMap;

/// A POST request that came through the tunnel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Captured {
    pub at: Timestamp,
    /// The path without the query.
    pub path: String,
    /// The status that the tunnel passed back. `None` if there is no response yet.
    pub status: Option<u16>,
}

#[derive(Deserialize)]
struct Requests {
    requests: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    start: String,
    request: Request,
    response: Option<Response>,
}

#[derive(Deserialize)]
struct Request {
    method: String,
    uri: String,
    #[serde(default)]
    headers: HashMap<String, Vec<String>>,
}

#[derive(Deserialize)]
struct Response {
    status_code: u16,
}

/// The POST requests to `host` in the response of ngrok's agent: none if it is no such response. An entry that does not name its host
/// counts.
pub fn requests_of_ngrok(body: &[u8], host: &str) -> Vec<Captured> {
    let read = std::str::from_utf8(body).ok().and_then(|text| serde_json::from_str(text).ok());
    let Some(Requests { requests }) = read else { return Vec::new() };
    let is_wanted = |entry: &Entry| {
        let named = entry.request.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("host"));
        let is_ours = named.is_none_or(|(_, values)| values.iter().any(|value| value.eq_ignore_ascii_case(host)));
        entry.request.method == "POST" && is_ours
    };
    let captured = |entry: Entry| {
        Some(Captured {
            at: entry.start.parse().ok()?,
            path: entry.request.uri.split(['?', '#']).next().unwrap_or_default().to_owned(),
            status: entry.response.map(|response| response.status_code),
        })
    };
    requests.into_iter().filter(is_wanted).filter_map(captured).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_post_requests_to_the_host_count() {
        let entry = |method: &str, host: &str, response: &str| {
            format!(
                r#"{{"id":"1","start":"2026-11-30T12:00:00+01:00","request":{{"method":"{method}","proto":"HTTP/1.1",
                "headers":{{"Host":["{host}"]}},"uri":"/hooks?a=1","raw":""}},"response":{response}}}"#
            )
        };
        let entries = [
            entry("POST", "A.ngrok.app", r#"{"status":"201 Created","status_code":201}"#),
            entry("POST", "a.ngrok.app", "null"),
            entry("GET", "a.ngrok.app", "null"),
            entry("POST", "b.ngrok.app", "null"),
        ];
        let body = format!(r#"{{"uri":"/api/requests/http","requests":[{}]}}"#, entries.join(","));
        let at = "2026-11-30T11:00:00Z".parse().unwrap();
        let captured = |status| Captured { at, path: "/hooks".to_owned(), status };
        assert_eq!(requests_of_ngrok(body.as_bytes(), "a.ngrok.app"), [captured(Some(201)), captured(None)]);
        for other in ["", "{}", "<html>", r#"{"requests":[{}]}"#, r#"{"requests":7}"#] {
            assert_eq!(requests_of_ngrok(other.as_bytes(), "a.ngrok.app"), []);
        }
    }
}
