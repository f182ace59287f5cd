//! The request in an object that a program printed or exported: headers alone, or with a body, as an event of AWS Lambda or a HAR file.

use super::value::{self, Member, Value};
use super::{Headers, PasteError, Pasted, PastedBody};
use crate::core::signature::SIGNATURE_HEADERS;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// How Node prints an object without a prototype.
const NULL_PROTOTYPE: &[u8] = b"[Object: null prototype] ";
/// The members that hold the body as it was sent.
const BODIES: [&str; 2] = ["body", "rawBody"];
/// The members of a header in a list of objects.
const PAIRS: [[&str; 2]; 2] = [["name", "value"], ["key", "value"]];

/// Where the object in `text` begins, if that is one: at its bracket, or behind the name of a class, as in `Headers({'a': 'b'})`.
pub(super) fn start(text: &[u8]) -> Option<usize> {
    let rest = text.trim_ascii_start();
    let rest = rest.strip_prefix(NULL_PROTOTYPE).unwrap_or(rest);
    let named = rest.strip_prefix(b"<").unwrap_or(rest);
    let length = named.iter().take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.')).count();
    let behind = named[length..].trim_ascii_start();
    let behind = if length > 0 { behind.strip_prefix(b"(").unwrap_or(behind).trim_ascii_start() } else { behind };
    let bracket = [rest, behind].into_iter().find(|text| matches!(text.first(), Some(b'{' | b'[' | b'(')))?;
    Some(text.len() - bracket.len())
}

pub(super) fn read(text: &[u8], start: usize) -> Result<Pasted, PasteError> {
    request(&value::read(text, start)?)
}

fn request(value: &Value) -> Result<Pasted, PasteError> {
    if value.member("hookglass_fixture").is_some() {
        return Err(PasteError::Whole("it is a fixture; pass it without `--headers`"));
    }
    if let Some(Value::List(entries)) = value.member("log").and_then(|log| log.member("entries")) {
        return request(signed(entries)?);
    }
    match value {
        Value::List(values) if matches!(&values[..], [only] if has_headers(only)) => request(&values[0]),
        value if has_headers(value) => Ok(Pasted { headers: envelope(value)?, body: body(value)? }),
        value => match value.member("request").filter(|request| has_headers(request)) {
            Some(request) => self::request(request),
            None => Ok(Pasted { headers: headers(value)?, body: PastedBody::Missing }),
        },
    }
}

fn has_headers(value: &Value) -> bool {
    ["headers", "multiValueHeaders"].iter().any(|name| value.member(name).is_some_and(Value::is_container))
}

/// The headers of a request. `multiValueHeaders` has every value of a repeated one, which `headers` has not.
fn envelope(value: &Value) -> Result<Headers, PasteError> {
    let all = value.member("multiValueHeaders").filter(|all| all.is_container());
    all.or(value.member("headers")).map_or(Ok(Vec::new()), headers)
}

/// The only request of a HAR file, or the only one that has a signature.
fn signed(entries: &[Value]) -> Result<&Value, PasteError> {
    let requests: Vec<_> = entries.iter().filter_map(|entry| entry.member("request")).collect();
    if let [only] = requests[..] {
        return Ok(only);
    }
    let is_signed = |request: &&&Value| {
        let headers = envelope(request).unwrap_or_default();
        let is_signature =
            |name: &[u8]| SIGNATURE_HEADERS.iter().any(|known| name.eq_ignore_ascii_case(known.as_bytes()));
        headers.iter().any(|(name, _)| is_signature(name))
    };
    let mut signed = requests.iter().filter(is_signed);
    match (signed.next(), signed.next()) {
        (Some(only), None) => Ok(only),
        (Some(_), Some(_)) => {
            Err(PasteError::Whole("it has several requests with signature headers; keep one of them"))
        }
        (None, _) => Err(PasteError::Whole("it has no request with a signature header")),
    }
}

/// The headers in a map from names to values or lists of values, or in a list of names and values.
fn headers(value: &Value) -> Result<Headers, PasteError> {
    let mut headers = Vec::new();
    match value {
        Value::Map(members) => {
            for Member { name, line, value } in members {
                add(&mut headers, name, value).ok_or(PasteError::at(*line, "has a value that is not a string"))?;
            }
        }
        Value::List(values) => {
            let added = if values.iter().all(|value| matches!(value, Value::Text(_))) {
                // As in Node's `rawHeaders`.
                values.chunks(2).try_for_each(|pair| add_pair(&mut headers, pair.first()?, pair.get(1)?))
            } else {
                values.iter().try_for_each(|value| {
                    let (name, value) = pair(value)?;
                    add_pair(&mut headers, name, value)
                })
            };
            added.ok_or(PasteError::Whole("its list is not one of names and values"))?;
        }
        _ => return Err(PasteError::Whole("it has no headers")),
    }
    Ok(headers)
}

fn pair(value: &Value) -> Option<(&Value, &Value)> {
    match value {
        Value::List(pair) => match &pair[..] {
            [name, value] => Some((name, value)),
            _ => None,
        },
        value => PAIRS.iter().find_map(|names| Some((value.member(names[0])?, value.member(names[1])?))),
    }
}

fn add_pair(headers: &mut Headers, name: &Value, value: &Value) -> Option<()> {
    let Value::Text(name) = name else { return None };
    add(headers, name, value)
}

/// Adds the header `name` with each of its values. Without one, it was not sent.
fn add(headers: &mut Headers, name: &[u8], value: &Value) -> Option<()> {
    match value {
        Value::Text(text) | Value::Number(text) => headers.push((name.to_vec(), text.clone())),
        Value::List(values) if values.iter().all(|value| !value.is_container()) => {
            values.iter().try_for_each(|value| add(headers, name, value))?;
        }
        Value::Null => {}
        _ => return None,
    }
    Some(())
}

fn body(value: &Value) -> Result<PastedBody, PasteError> {
    let posted = value.member("postData");
    let found = BODIES.iter().find_map(|name| value.member(name)).or(posted.and_then(|posted| posted.member("text")));
    let is_base64 = value.member("isBase64Encoded") == Some(&Value::Truth(true))
        || posted.and_then(|posted| posted.member("encoding")) == Some(&Value::Text(b"base64".to_vec()));
    match found {
        None | Some(Value::Null) => Ok(PastedBody::Missing),
        Some(Value::Text(text)) if is_base64 => STANDARD
            .decode(text)
            .map(PastedBody::Bytes)
            .map_err(|_| PasteError::Whole("its body is not base64, although it says so")),
        Some(Value::Text(text)) => Ok(PastedBody::Bytes(text.clone())),
        Some(_) => Ok(PastedBody::Parsed),
    }
}
