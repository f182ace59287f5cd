//! Header values that were rewritten on the way: quoted, swapped, in other units, or a digest in another encoding.
//! Each way of putting them right is verified.

use super::Evidence;
use super::steps::{Case, Conclusion};
use crate::core::signature::Reason;
use crate::core::signature::headers::{Claim, Family, Part};
use crate::core::signature::sign_stamped;
use crate::core::signature::timestamp::TimestampReading;
use crate::core::signature::verify::{Window, tokens};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use std::borrow::Cow;

/// How a signature compares whose letters something changed to one case.
const ANY_CASE: &str = "compared without regard to case";

/// A header that was put right: what it should have been, in words.
struct Repair {
    part: Part,
    meant: String,
}

/// The conclusion that the request verifies once its headers are put right. `None` if it does not.
pub(super) fn rewritten(case: &Case<'_>, family: Family, claim: &Claim<'_>, window: Window) -> Option<Conclusion> {
    let repairs = repairs(case, claim, window)?;
    let name = |part| family.name(part);
    let reason = |repair: &Repair| match repair.part {
        Part::Signature if repair.meant != ANY_CASE => Reason::SignatureEncoding,
        part => Reason::HeaderAltered(name(part).to_owned()),
    };
    let evidence = repairs.iter().map(|repair| Evidence::Rewritten {
        name: name(repair.part),
        found: claim.part(repair.part).unwrap_or_default().to_vec(),
        meant: repair.meant.clone(),
    });
    let mut conclusion = Conclusion::of(reason(repairs.first()?), evidence);
    conclusion.also = repairs.iter().skip(1).map(reason).collect();
    Some(conclusion)
}

/// The values that make the request verify, where they differ from those received.
fn repairs(case: &Case<'_>, claim: &Claim<'_>, window: Window) -> Option<Vec<Repair>> {
    let [id, timestamp, signature] = Part::ALL.map(|part| claim.part(part).unwrap_or_default());
    let mut pairs: Vec<(Value<'_>, Value<'_>)> = Vec::new();
    for (new_id, id_meant) in cleaned(id) {
        for (new_timestamp, timestamp_meant) in cleaned(timestamp).into_iter().chain(times(timestamp)) {
            pairs.push(((new_id.clone(), id_meant.clone()), (new_timestamp, timestamp_meant)));
        }
    }
    pairs.push((
        (Cow::Borrowed(timestamp), "swapped with the timestamp".to_owned()),
        (Cow::Borrowed(id), "swapped with the id".to_owned()),
    ));
    for ((id, id_meant), (timestamp, timestamp_meant)) in pairs {
        let Some(stamp) = TimestampReading::Node.read(&timestamp, case.now_ms) else { continue };
        for secret in &case.keyring.verifying {
            let Some(expected) = sign_stamped(secret, &id, &stamp, case.body) else { continue };
            let Some(encoding) = encoding(signature, &expected) else { continue };
            let right = Claim {
                id: Some(Cow::Borrowed(&*id)),
                timestamp: Some(Cow::Borrowed(&*timestamp)),
                signature: Some(Cow::Borrowed(expected.as_bytes())),
            };
            if case.verify(&right, window, secret).is_err() {
                continue;
            }
            let meant =
                [(Part::Id, id_meant), (Part::Timestamp, timestamp_meant), (Part::Signature, encoding.to_owned())];
            let repairs = meant.into_iter().filter(|(_, meant)| !meant.is_empty());
            return Some(repairs.map(|(part, meant)| Repair { part, meant }).collect());
        }
    }
    None
}

/// A value, and what it is beside the one received. Empty for the value received.
type Value<'v> = (Cow<'v, [u8]>, String);

/// The value itself, and without quotes, brackets and repetitions.
fn cleaned(value: &[u8]) -> Vec<Value<'_>> {
    let mut values = vec![(Cow::Borrowed(value), String::new())];
    let is_around = |byte: &u8| b"[]()\"'`<>,; \t".contains(byte);
    let start = value.iter().position(|byte| !is_around(byte)).unwrap_or(value.len());
    let end = value.iter().rposition(|byte| !is_around(byte)).map_or(start, |last| last + 1);
    let inner = &value[start..end];
    if inner != value {
        values.push((Cow::Borrowed(inner), "read without what is around it".to_owned()));
    }
    if let Some(place) = memchr::memmem::find(inner, b", ")
        && inner.split(|byte| *byte == b',').all(|each| each.trim_ascii() == &inner[..place])
    {
        values.push((Cow::Borrowed(&inner[..place]), "read as one of its equal values".to_owned()));
    }
    let decoded: Cow<'_, [u8]> = percent_encoding::percent_decode(inner).into();
    if *decoded != *inner {
        values.push((decoded, "percent-decoded".to_owned()));
    }
    values
}

/// The time in whole seconds, if `value` is a date or counts smaller parts of a second.
fn times(value: &[u8]) -> Vec<Value<'static>> {
    let Some(text) = std::str::from_utf8(value).ok().map(str::trim) else { return Vec::new() };
    let text = text.trim_matches(['"', '\'']);
    let mut values = Vec::new();
    if let Ok(number) = text.parse::<i64>() {
        for (unit, of_second) in [("milliseconds", 1_000), ("microseconds", 1_000_000), ("nanoseconds", 1_000_000_000)]
        {
            let seconds = number / of_second;
            if seconds > 100_000_000 {
                values.push((seconds, format!("read as {seconds}, since it counts {unit}")));
            }
        }
    }
    let date = text.parse::<jiff::Timestamp>().ok();
    let mail = || jiff::fmt::rfc2822::parse(text).ok().map(|date| date.timestamp());
    if let Some(date) = date.or_else(mail) {
        let seconds = date.as_second();
        values.push((seconds, format!("read as {seconds}, since it is a date")));
    }
    values.into_iter().map(|(seconds, meant)| (Cow::Owned(seconds.to_string().into_bytes()), meant)).collect()
}

/// How `header` writes the signature that `expected` writes as `v1,<base64>`. Empty if it is written like that.
fn encoding(header: &[u8], expected: &str) -> Option<&'static str> {
    if tokens(header).any(|(version, text)| {
        version == b"v1" && text.is_some_and(|text| expected.as_bytes().strip_prefix(b"v1,") == Some(text))
    }) {
        return Some("");
    }
    let base64 = expected.strip_prefix("v1,")?;
    let digest = STANDARD.decode(base64).ok()?;
    let contains = |text: &[u8], part: &str| memchr::memmem::find(text, part.as_bytes()).is_some();
    let unpadded = base64.trim_end_matches('=');
    if contains(header, base64) {
        return Some("read as base64 outside a `v1,` entry");
    }
    let lower = header.to_ascii_lowercase();
    let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    if contains(&lower, &hex) {
        return Some("read as hexadecimal");
    }
    let again = |text: &str| STANDARD.encode(text).trim_end_matches('=').to_owned();
    if contains(header, &again(&hex)) {
        return Some("read as base64 of hexadecimal digits");
    }
    if contains(header, &again(expected)) {
        return Some("read as base64 of the whole value");
    }
    if contains(header, unpadded) || contains(header, URL_SAFE.encode(&digest).trim_end_matches('=')) {
        return Some("read as base64 in another alphabet, or without its `=`");
    }
    let decoded: Cow<'_, [u8]> = percent_encoding::percent_decode(header).into();
    if contains(&decoded, unpadded) {
        return Some("percent-decoded");
    }
    let plus: Vec<u8> = decoded.iter().map(|byte| if *byte == b' ' { b'+' } else { *byte }).collect();
    if contains(&plus, unpadded) {
        return Some("read with `+` for its spaces");
    }
    // Base64 in one case alone has lost what it stood for, but no other digest leaves the same letters.
    contains(&lower, &unpadded.to_ascii_lowercase()).then_some(ANY_CASE)
}
