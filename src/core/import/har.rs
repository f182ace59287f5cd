//! An entry of an HTTP Archive as a request.

use super::{Record, RecordError, imported, microseconds};
use crate::core::request::{Head, Header};
use crate::core::signature::SIGNATURE_HEADERS;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde::Deserialize;

/// What is read of an entry. Everything else is skipped without being stored.
#[derive(Deserialize)]
pub(crate) struct HarEntry {
    #[serde(rename = "startedDateTime")]
    started: Option<String>,
    request: Request,
    #[serde(rename = "_hookglass")]
    own: Option<Own>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Request {
    method: String,
    url: String,
    #[serde(default)]
    headers: Vec<Pair>,
    post_data: Option<PostData>,
    #[serde(default)]
    body_size: i64,
}

#[derive(Deserialize)]
struct Pair {
    name: String,
    value: String,
    #[serde(rename = "_base64")]
    base64: Option<String>,
}

#[derive(Deserialize)]
struct PostData {
    text: Option<String>,
    encoding: Option<String>,
}

/// What hookglass added.
#[derive(Deserialize)]
struct Own {
    path: String,
    #[serde(default)]
    pinned: bool,
    #[serde(default)]
    note: String,
}

impl HarEntry {
    /// The request; `None` if it can be no webhook, because it has neither a body nor a signature, such as the loading of a page.
    pub fn record(self) -> Result<Option<Record>, RecordError> {
        let Request { method, url, headers, post_data, body_size } = self.request;
        let body = match post_data {
            Some(PostData { text: Some(text), encoding }) if encoding.as_deref() == Some("base64") => decoded(&text)?,
            Some(PostData { text: Some(text), .. }) => text.into_bytes(),
            _ => Vec::new(),
        };
        // HTTP/2 has pseudo headers such as `:path`.
        let headers = headers.into_iter().filter(|pair| !pair.name.starts_with(':'));
        let headers = headers.map(|Pair { name, value, base64 }| {
            Ok((name.into_bytes(), base64.map_or(Ok(value.into_bytes()), |text| decoded(&text))?))
        });
        let headers = headers.collect::<Result<Vec<(Vec<u8>, Vec<u8>)>, RecordError>>()?;
        let headers: Vec<_> = headers.iter().map(|(name, value)| Header::new(name, value)).collect();
        let is_signed = headers.iter().any(|header| SIGNATURE_HEADERS.iter().any(|name| header.is(name)));
        if body.is_empty() && self.own.is_none() {
            if !is_signed {
                return Ok(None);
            }
            if body_size > 0 {
                return Err(RecordError::NoBody);
            }
        }
        let target = match &self.own {
            Some(own) => &own.path,
            None => path_of(&url)?,
        };
        let head = Head::of(method.as_bytes(), target.as_bytes(), &headers)?;
        let time = |text: String| text.parse::<Timestamp>().map(microseconds).map_err(|_| RecordError::Time);
        let received_at = self.started.map(time).transpose()?;
        let annotation = self.own.map_or(imported(false, ""), |own| imported(own.pinned, &own.note));
        Ok(Some(Record { head, body: body.into(), received_at, annotation }))
    }
}

fn decoded(text: &str) -> Result<Vec<u8>, RecordError> {
    STANDARD.decode(text).map_err(|_| RecordError::Base64)
}

/// Path and query of an absolute URL.
fn path_of(url: &str) -> Result<&str, RecordError> {
    let url = url.split('#').next().unwrap_or_default();
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    match rest.find(['/', '?']) {
        Some(place) if rest[place..].starts_with('/') => Ok(&rest[place..]),
        None if !rest.is_empty() => Ok("/"),
        _ => Err(RecordError::Url),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(json: &str) -> Result<Option<Record>, RecordError> {
        serde_json::from_str::<HarEntry>(json).unwrap().record()
    }

    #[test]
    fn an_entry_of_another_program_becomes_its_request() {
        let entry = r#"{"startedDateTime":"2026-01-31T11:00:00.5+01:00","time":3,"request":{"method":"POST",
            "url":"https://x.example/a?b=c#d","httpVersion":"h2","headers":[{"name":":path","value":"/a"},
            {"name":"webhook-id","value":"msg_1"}],"postData":{"mimeType":"a","text":"{\"é\":1}"},"bodySize":8},
            "response":{"content":{"text":"x"}}}"#;
        let record = record(entry).unwrap().unwrap();
        assert_eq!((record.head.method(), record.head.target()), (&b"POST"[..], &b"/a?b=c"[..]));
        assert_eq!(record.head.headers(), [Header::new("webhook-id", "msg_1")]);
        assert_eq!(record.body, "{\"é\":1}".as_bytes());
        assert_eq!(record.received_at.unwrap(), "2026-01-31T10:00:00.5Z".parse().unwrap());
        assert!(record.annotation.is_imported);
    }

    #[test]
    fn an_entry_that_is_no_webhook_is_skipped_and_a_broken_one_is_an_error() {
        let page = r#"{"request":{"method":"GET","url":"http://x/"}}"#;
        assert!(record(page).unwrap().is_none());
        for (entry, why) in [
            (
                r#"{"request":{"method":"POST","url":"http://x/","bodySize":9,"headers":[{"name":"Webhook-Signature","value":"v1,x"}]}}"#,
                "its body is not in the file",
            ),
            (
                r#"{"startedDateTime":"noon","request":{"method":"POST","url":"http://x/","postData":{"text":"a"}}}"#,
                "time",
            ),
            (r#"{"request":{"method":"P T","url":"http://x/","postData":{"text":"a"}}}"#, "HTTP/1"),
            (r#"{"request":{"method":"POST","url":"?","postData":{"text":"a"}}}"#, "URL"),
            (
                r#"{"request":{"method":"POST","url":"http://x/","postData":{"text":"?","encoding":"base64"}}}"#,
                "base64",
            ),
            (
                r#"{"request":{"method":"POST","url":"http://x/","headers":[{"name":"a","value":"b\r\nc: d"}],"postData":{"text":"a"}}}"#,
                "HTTP/1",
            ),
        ] {
            let error = record(entry).unwrap_err().to_string();
            assert!(error.contains(why), "{error}: {entry}");
        }
    }
}
