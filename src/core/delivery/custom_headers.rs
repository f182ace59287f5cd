//! Headers that the user adds to every request to the app, such as `Host` for a router or the token that passes a protection.
//!
//! A value may be a credential. It is sent, and nothing else: what is shown, stored and exported has a mask in its place.

use crate::core::signature::Part;
use crate::core::signature::headers::Family;
use std::fmt;

/// What stands for a value wherever the request is shown.
const MASK: &[u8] = b"***";

/// Headers that frame the request or belong to its connection. The client sets them.
const FRAMING: [&str; 10] = [
    "connection",
    "content-length",
    "expect",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "http2-settings",
];

/// The beginning of the names that hookglass keeps for itself.
const OWN: &str = "hookglass-";

/// The custom headers, in the order given. A name may occur several times.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CustomHeaders(Vec<CustomHeader>);

/// One header as the user wrote it.
#[derive(Clone, PartialEq, Eq)]
pub struct CustomHeader {
    name: String,
    value: String,
}

/// Why a text is not a header that can be added. No message repeats the value, which may be a credential.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CustomHeaderError {
    #[error("expected `name: value`")]
    NoColon,
    #[error("the name before the `:` is not a header name")]
    Name,
    #[error("the value of `{0}` has a line break or another control character")]
    Value(String),
    #[error("hookglass sets `{0}` itself, because it frames the request")]
    Framing(String),
    #[error("hookglass sets `{0}` itself; `hookglass send` and `hookglass replay` sign a request")]
    Own(String),
}

impl fmt::Debug for CustomHeader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ***", self.name)
    }
}

impl CustomHeader {
    /// Reads `name: value`. White space around the value is not part of it.
    ///
    /// # Errors
    /// When it is not a header, or one that only hookglass may set.
    pub fn parse(text: &str) -> Result<Self, CustomHeaderError> {
        let (name, value) = text.split_once(':').ok_or(CustomHeaderError::NoColon)?;
        let (name, value) = (name.trim().to_owned(), value.trim_matches([' ', '\t']).to_owned());
        let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
        if name.is_empty() || !name.bytes().all(is_token) {
            return Err(CustomHeaderError::Name);
        }
        if value.chars().any(|char| char.is_control() && char != '\t') {
            return Err(CustomHeaderError::Value(name));
        }
        let is = |other: &str| name.eq_ignore_ascii_case(other);
        let is_signature =
            || Family::ALL.into_iter().any(|family| Part::ALL.into_iter().any(|part| is(family.name(part))));
        if FRAMING.into_iter().any(is) {
            return Err(CustomHeaderError::Framing(name));
        }
        let is_own = name.get(..OWN.len()).is_some_and(|start| start.eq_ignore_ascii_case(OWN));
        if is_own || is_signature() {
            return Err(CustomHeaderError::Own(name));
        }
        Ok(Self { name, value })
    }

    fn is_host(&self) -> bool {
        self.name.eq_ignore_ascii_case("host")
    }

    /// The header as it is sent.
    fn sent(&self) -> (Vec<u8>, Vec<u8>) {
        (self.name.as_bytes().to_vec(), self.value.as_bytes().to_vec())
    }
}

impl CustomHeaders {
    pub fn new(headers: Vec<CustomHeader>) -> Self {
        Self(headers)
    }

    /// The value of `Host`, if the user set it. Of several, the last one counts, as a request has only one.
    pub(crate) fn host(&self) -> Option<&str> {
        self.0.iter().rfind(|header| header.is_host()).map(|header| header.value.as_str())
    }

    /// Whether a header of the request gives way to one of these.
    pub(crate) fn replace(&self, name: &[u8]) -> bool {
        self.0.iter().any(|header| header.name.as_bytes().eq_ignore_ascii_case(name))
    }

    /// The headers to send besides `Host`.
    pub(crate) fn others(&self) -> impl Iterator<Item = (Vec<u8>, Vec<u8>)> {
        self.0.iter().filter(|header| !header.is_host()).map(CustomHeader::sent)
    }

    /// `sent`, a request's headers, as they may be shown and stored: every custom value but that of `Host` is masked.
    pub(crate) fn masked(&self, mut sent: Vec<(Vec<u8>, Vec<u8>)>) -> Vec<(Vec<u8>, Vec<u8>)> {
        for (name, value) in &mut sent {
            if self.replace(name) && !name.eq_ignore_ascii_case(b"host") {
                *value = MASK.to_vec();
            }
        }
        sent
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_read_as_a_name_and_a_value() {
        for (text, name, value) in [
            ("X-Bypass: abc", "X-Bypass", "abc"),
            ("host:app.test", "host", "app.test"),
            ("Cookie:  a=b; c=d ", "Cookie", "a=b; c=d"),
            ("x-empty:", "x-empty", ""),
            ("x-url: http://a:1/", "x-url", "http://a:1/"),
        ] {
            let header = CustomHeader::parse(text).unwrap();
            assert_eq!((header.name.as_str(), header.value.as_str()), (name, value), "{text}");
        }
    }

    #[test]
    fn a_header_that_cannot_be_added_is_refused_without_its_value() {
        use CustomHeaderError::{Framing, Name, NoColon, Own, Value};
        for (text, error) in [
            ("hunter2", NoColon),
            ("", NoColon),
            (": hunter2", Name),
            ("a b: hunter2", Name),
            ("X-É: hunter2", Name),
            ("x: hunter2\r\ny: z", Value("x".into())),
            ("Content-Length: 2", Framing("Content-Length".into())),
            ("transfer-encoding: chunked", Framing("transfer-encoding".into())),
            ("Webhook-Signature: hunter2", Own("Webhook-Signature".into())),
            ("interceptor-id: hunter2", Own("interceptor-id".into())),
            ("Hookglass-Delivery: hunter2", Own("Hookglass-Delivery".into())),
        ] {
            let refused = CustomHeader::parse(text).unwrap_err();
            assert!(!refused.to_string().contains("hunter2"), "{refused}");
            assert_eq!(refused, error, "{text}");
        }
    }

    #[test]
    fn a_value_is_masked_where_the_request_is_shown() {
        let headers = ["Host: app.test", "X-Token: hunter2", "x-token: hunter3"];
        let custom = CustomHeaders::new(headers.map(|text| CustomHeader::parse(text).unwrap()).to_vec());
        assert!(!format!("{custom:?}").contains("hunter"));
        assert_eq!(custom.host(), Some("app.test"));
        assert_eq!(custom.others().count(), 2);
        let mut sent = vec![(b"host".to_vec(), b"app.test".to_vec()), (b"webhook-id".to_vec(), b"m".to_vec())];
        sent.extend(custom.others());
        let shown: Vec<_> = custom
            .masked(sent)
            .into_iter()
            .map(|(name, value)| String::from_utf8([name, b"=".to_vec(), value].concat()).unwrap())
            .collect();
        assert_eq!(shown, ["host=app.test", "webhook-id=m", "X-Token=***", "x-token=***"]);
    }
}
