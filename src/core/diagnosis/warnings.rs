//! Problems that a request can cause although it verifies.

use super::change::Change;
use super::not_json::NotJson;
use super::{Escapes, KeyOrder, Layout, Style};
use crate::core::diagnosis::json_nodes::{Document, Kind};
use crate::core::envelope;
use crate::core::request::Header;
use crate::core::signature::{Sdk, Secret, Verdict, verifies_as_trigger};
use std::fmt;

/// A problem for a correct integration, whatever the verdict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Warning {
    /// Some SDKs accept the request, others reject it.
    SdksDisagree { accepted: Vec<Sdk>, rejected: Vec<Sdk> },
    /// The body is a trigger event, and the SDKs' verifier of trigger events decides otherwise than that of webhooks.
    TriggerVerifier { accepts: bool },
    /// The request verifies, but an app that verifies `JSON.stringify(JSON.parse(body))` rejects it.
    LostWhenReserialised,
    /// The request verifies, but its body is not JSON.
    NotJson(NotJson),
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = |sdks: &[Sdk]| sdks.iter().map(|sdk| sdk.as_str()).collect::<Vec<_>>().join(", ");
        match self {
            Self::SdksDisagree { accepted, rejected } => {
                write!(f, "SDKs disagree: accepted by {}, rejected by {}", names(accepted), names(rejected))
            }
            Self::TriggerVerifier { accepts: true } => f.write_str("the SDKs accept it as a trigger event"),
            Self::TriggerVerifier { accepts: false } => f.write_str("the SDKs reject it as a trigger event"),
            Self::NotJson(defect) => write!(f, "{defect}"),
            Self::LostWhenReserialised => {
                f.write_str("an app that re-serialises the body before it verifies it rejects this request")
            }
        }
    }
}

pub(super) fn disagreement(sdks: &[(Sdk, bool)]) -> Option<Warning> {
    let (accepted, rejected): (Vec<_>, Vec<_>) = sdks.iter().partition(|(_, accepts)| *accepts);
    let names = |sdks: Vec<(Sdk, bool)>| sdks.into_iter().map(|(sdk, _)| sdk).collect::<Vec<_>>();
    let is_split = !accepted.is_empty() && !rejected.is_empty();
    is_split.then(|| Warning::SdksDisagree { accepted: names(accepted), rejected: names(rejected) })
}

/// What the verifier of trigger events says about one, if that differs from the verdict.
pub(super) fn trigger_verifier(
    headers: &[Header<'_>],
    body: &[u8],
    now_ms: i64,
    secret: &Secret,
    verdict: Verdict,
) -> Option<Warning> {
    let is_trigger = envelope::read(body).is_some_and(|envelope| envelope.is_trigger);
    let accepts = is_trigger.then(|| verifies_as_trigger(headers, body, now_ms, secret))?;
    (accepts != (verdict == Verdict::Verified)).then_some(Warning::TriggerVerifier { accepts })
}

/// Whether `JSON.stringify(JSON.parse(body))` returns the text that Node hashes for the body.
pub(in crate::core) fn survives_reserialisation(body: &[u8]) -> bool {
    const STRINGIFY: Style = Style { order: KeyOrder::AsReceived, escapes: Escapes::Minimal, layout: Layout::Compact };
    let compact = Change::Reserialised { style: STRINGIFY, has_final_newline: false };
    let text = String::from_utf8_lossy(body);
    let Some(document) = Document::parse(&text) else { return false };
    compact.first_difference(text.as_bytes()).is_none()
        && document.nodes().iter().all(|node| match node.kind {
            Kind::Scalar => is_stringified(document.text(*node)),
            Kind::Object => has_stringified_order(&document, node.range()),
            Kind::String | Kind::Array => true,
        })
}

/// Whether JavaScript keeps the order of the keys: it puts those that are array indexes first, in ascending order.
fn has_stringified_order(document: &Document<'_>, range: std::ops::Range<usize>) -> bool {
    let keys =
        document.members(KeyOrder::AsReceived)[range].iter().map(|member| document.text(document.node(member.key)));
    keys.map(|key| array_index(key).map_or(u64::MAX, u64::from)).is_sorted()
}

fn array_index(key: &str) -> Option<u32> {
    let is_canonical =
        key == "0" || (key.starts_with(|first: char| first != '0') && key.bytes().all(|byte| byte.is_ascii_digit()));
    // The largest array index is 2^32 - 2.
    key.parse().ok().filter(|index| is_canonical && *index < u32::MAX)
}

/// Whether JavaScript writes this number, `true`, `false` or `null` in the same way.
fn is_stringified(token: &str) -> bool {
    if !token.ends_with(|last: char| last.is_ascii_digit()) {
        return true;
    }
    token.parse::<f64>().is_ok_and(|number| number.is_finite() && stringified(number) == token)
}

/// `Number::toString` of ECMA-262 for a finite number, and `0` for negative zero as in JSON.
fn stringified(number: f64) -> String {
    let scientific = format!("{:e}", number.abs());
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let digits = mantissa.replace('.', "");
    let count = i32::try_from(digits.len()).unwrap_or(i32::MAX);
    // The number is 0.digits × 10^point.
    let point = exponent.parse::<i32>().unwrap_or(0).saturating_add(1);
    let sign = if number < 0.0 { "-" } else { "" };
    let zeros = |count: i32| "0".repeat(usize::try_from(count).unwrap_or(0));
    let body = match point {
        1..=21 if count <= point => format!("{digits}{}", zeros(point - count)),
        1..=21 => {
            let (whole, fraction) = digits.split_at(usize::try_from(point).unwrap_or(0));
            format!("{whole}.{fraction}")
        }
        -5..=0 => format!("0.{}{digits}", zeros(-point)),
        _ => {
            let (first, rest) = digits.split_at(1);
            let dot = if rest.is_empty() { "" } else { "." };
            format!("{first}{dot}{rest}e{:+}", point - 1)
        }
    };
    format!("{sign}{body}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_javascript_writes_them() {
        let cases = [
            (0.0, "0"),
            (-0.0, "0"),
            (1.0, "1"),
            (-1.5, "-1.5"),
            (100.0, "100"),
            (0.1, "0.1"),
            (123.456, "123.456"),
            (1e20, "100000000000000000000"),
            (123_456_789_012_345_680_000.0, "123456789012345680000"),
            (1e21, "1e+21"),
            (1.5e21, "1.5e+21"),
            (0.000_001, "0.000001"),
            (0.000_000_1, "1e-7"),
            (-1.5e-7, "-1.5e-7"),
            (5e-324, "5e-324"),
            (f64::MAX, "1.7976931348623157e+308"),
            (9_007_199_254_740_993.0, "9007199254740992"),
        ];
        for (number, expected) in cases {
            assert_eq!(stringified(number), expected);
        }
    }

    #[test]
    fn a_body_survives_only_if_javascript_writes_the_same_bytes() {
        for body in [
            r#"{"a":1,"b":[true,null,-1.5,1e+21],"é":"\n\"\u0001"}"#,
            "null",
            "1",
            r#"{"0":1,"10":2,"a":3,"01":4}"#,
            "[]",
        ] {
            assert!(survives_reserialisation(body.as_bytes()), "{body}");
        }
        let lost = [
            r#"{"a": 1}"#,
            r#"{"a":1.0}"#,
            "-0",
            "1e3",
            "12345678901234567890",
            r#"{"a":1,"0":2}"#,
            r#"{"2":1,"1":2}"#,
            "1e400",
            r#"{"a":1,"a":2}"#,
            r#""\/""#,
            r#""\u00e9""#,
            "\u{feff}{}",
            "",
            "text",
            "1\n",
            r#"{"a":1,"4294967294":2}"#,
        ];
        for body in lost {
            assert!(!survives_reserialisation(body.as_bytes()), "{body}");
        }
        assert!(survives_reserialisation(br#"{"a":1,"4294967295":2}"#));
        assert!(survives_reserialisation(b"\"\xff\""));
    }
}
