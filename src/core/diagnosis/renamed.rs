//! Headers of a signature that arrived under another name.

use super::Evidence;
use super::steps::{Case, Conclusion};
use crate::core::request::Header;
use crate::core::signature::Reason;
use crate::core::signature::headers::{Family, Part, Views};
use crate::core::signature::verify::Window;

/// Longest name that is compared. What proxies put in front of a name is short.
const LONGEST_NAME: usize = 64;

/// Diagnoses the request with the names put right, if it has all headers of a family and some under other names.
pub(super) fn renamed(case: &Case<'_>, window: Window) -> Option<Conclusion> {
    let (family, found) = Family::ALL.into_iter().find_map(|family| Some((family, found(case.headers, family)?)))?;
    let headers: Vec<_> = Part::ALL
        .into_iter()
        .zip(&found)
        .map(|(part, header)| Header { name: family.name(part).as_bytes(), value: header.value })
        .collect();
    let views = Views::gather(&headers);
    let right = Case { views: &views, headers: &headers, scheme: views.scheme(), ..*case };
    let names = Part::ALL.into_iter().zip(&found).filter(|(part, header)| !header.is(family.name(*part)));
    let renamed: Vec<_> = names.map(|(part, header)| (family.name(part), header.name.to_vec())).collect();
    let (first, _) = renamed.first()?;
    let reason = Reason::HeaderRenamed((*first).to_owned());
    let evidence = renamed.into_iter().map(|(name, found)| Evidence::Renamed { name, found });
    Some(Conclusion::of(reason, evidence).leaving(right.examine(window)))
}

/// The header that carries each part of `family`, by its own name or by one that resembles it.
fn found<'h>(headers: &[Header<'h>], family: Family) -> Option<[Header<'h>; 3]> {
    let [id, timestamp, signature] = Part::ALL.map(|part| {
        let name = family.name(part);
        let has_value = |header: &&Header<'_>| !header.value.trim_ascii().is_empty();
        let mut valued = headers.iter().filter(has_value);
        valued.clone().find(|header| header.is(name)).or_else(|| valued.find(|header| resembles(header.name, name)))
    });
    Some([*id?, *timestamp?, *signature?])
}

/// Whether `name` ends with the words of `right`, whatever is between the words or in front of them.
fn resembles(name: &[u8], right: &str) -> bool {
    let letters = |name: &[u8]| -> Vec<u8> {
        name.iter().filter(|byte| byte.is_ascii_alphanumeric()).map(u8::to_ascii_lowercase).collect()
    };
    let (name_letters, right) = (letters(name), letters(right.as_bytes()));
    // Some name the headers after the provider.
    let by_provider = right.strip_prefix(b"webhook").map(|part| [b"scalekit", part].concat());
    let is_like = |right: &[u8]| name_letters.ends_with(right);
    name.len() <= LONGEST_NAME && (is_like(&right) || by_provider.is_some_and(|right| is_like(&right)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_recognised_with_other_separators_case_and_prefix() {
        for name in [
            "webhook_id",
            "HTTP_WEBHOOK_ID",
            "x-webhook-id",
            "WebhookId",
            "webhook.id",
            "X-Original-Webhook-Id",
            "webhookid",
            "scalekit-id",
            "X-Scalekit-Id",
        ] {
            assert!(resembles(name.as_bytes(), "webhook-id"), "{name}");
        }
        for name in ["webhook-ids", "hook-id", "id", "webhook-id-2", &format!("{}webhook-id", "x".repeat(64))] {
            assert!(!resembles(name.as_bytes(), "webhook-id"), "{name}");
        }
    }
}
