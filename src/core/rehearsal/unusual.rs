//! Bodies of valid events that broken handlers reject: a base event, changed by the table below. Every other byte stays as it was.

use super::kind::Rehearsal;
use crate::core::catalog::{EventType, Kind, catalog};
use crate::core::envelope;
use crate::core::json::{Setting, TokenKind, scan, validate};
use bytes::Bytes;
use std::fmt::Write as _;

/// The size of a large event. Below 1 MB, which proxies and serverless platforms have as their limit.
const LARGE: usize = 900 * 1024;

/// Values to set, as JSON: a member of the envelope, and attributes as an identity provider may send them. `e` and U+0308 is a
/// decomposed `ë`.
const CHANGES: [(Rehearsal, &[(&str, &str)]); 7] = [
    (
        Rehearsal::NonAscii,
        &[
            ("display_name", "\"Zoë 😊 \u{2028} Zoe\u{308}\""),
            ("data.raw_attributes", "{\"name\":\"Zoë Zoe\u{308}\",\"motto\":\"日本 😊\u{2028}\"}"),
        ],
    ),
    (
        Rehearsal::Escapes,
        &[
            ("display_name", r#""Zo\u00eb \/ \u0026""#),
            ("data.raw_attributes", r#"{"name":"Zo\u00EB","site":"https:\/\/example.com"}"#),
        ],
    ),
    (Rehearsal::Numbers, &[("data.raw_attributes", r#"{"score":1.0,"rate":1e2,"badge":12345678901234567890}"#)]),
    // Sorting parsers move `b`, JavaScript moves `10` and `9`.
    (Rehearsal::Layout, &[("data.raw_attributes", r#"{"b":"1","10":"2","9":"3","a":"4"}"#)]),
    (
        Rehearsal::NullFields,
        &[("new_field", r#"{"nested":[1,true,null]}"#), ("data.new_field", r#""added without notice""#)],
    ),
    (Rehearsal::ByReference, &[("payload_state", r#""reference""#), ("payload", "null")]),
    (Rehearsal::NewValues, &[("delivery_scope", r#""workspace""#), ("detection_mode", r#""stream""#)]),
];

/// `base` as `rehearsal` sends it. `None` if `base` is not a JSON object, or if the rehearsal is not about the body.
pub(super) fn body(rehearsal: Rehearsal, base: &Bytes) -> Option<Bytes> {
    let changes = CHANGES.iter().find(|(other, _)| *other == rehearsal).map_or(&[][..], |(_, changes)| changes);
    let mut changed = base.to_vec();
    for (path, value) in changes {
        changed = set(&changed, path, value)?;
    }
    match rehearsal {
        Rehearsal::NonAscii
        | Rehearsal::Escapes
        | Rehearsal::Numbers
        | Rehearsal::ByReference
        | Rehearsal::NewValues => Some(changed.into()),
        Rehearsal::Layout => spaced(&changed).map(Bytes::from),
        Rehearsal::Padded => is_object(base).then(|| [b" \n", &base[..], b" \r\n"].concat().into()),
        Rehearsal::Large => enlarged(base),
        Rehearsal::UnknownType => {
            let member = if is_trigger(base) { "trigger_type" } else { "type" };
            set(base, member, "\"organization.something_new\"").map(Bytes::from)
        }
        Rehearsal::NullFields => Some(nulled(changed)?.into()),
        _ => None,
    }
}

/// Sets a value; if the body has no `data`, in the payload of a trigger event or in the body itself.
fn set(body: &[u8], path: &str, value: &str) -> Option<Vec<u8>> {
    let member = path.strip_prefix("data.");
    let holders = member.into_iter().flat_map(|member| [format!("payload.{member}"), member.to_owned()]);
    std::iter::once(path.to_owned()).chain(holders).find_map(|path| {
        let setting: Setting = format!("{path}={value}").parse().ok()?;
        setting.apply(body).ok()
    })
}

/// With a space before each colon and comma, as no serialiser writes them.
fn spaced(body: &[u8]) -> Option<Vec<u8>> {
    let mut spaced = Vec::with_capacity(body.len() + body.len() / 8);
    for token in scan(body) {
        let token = token.ok()?;
        match token.kind {
            TokenKind::Colon => spaced.extend(b" :"),
            TokenKind::Comma => spaced.extend(b" ,"),
            _ => spaced.extend(&body[token.range]),
        }
    }
    Some(spaced)
}

fn is_trigger(body: &[u8]) -> bool {
    envelope::read(body).is_some_and(|envelope| envelope.is_trigger)
}

fn is_object(body: &[u8]) -> bool {
    validate(body).is_ok() && body.trim_ascii_start().starts_with(b"{")
}

/// With groups as attributes until it is large. The rest is plain ASCII, so that only the size can be the cause of a rejection.
fn enlarged(base: &[u8]) -> Option<Bytes> {
    let mut groups = String::with_capacity(LARGE);
    for number in 0.. {
        if base.len() + groups.len() >= LARGE {
            break;
        }
        let comma = if number == 0 { "" } else { "," };
        write!(groups, r#"{comma}{{"id":"group-{number:06}","name":"Group {number}"}}"#)
            .expect("a text takes any text");
    }
    set(base, "data.raw_attributes", &format!(r#"{{"groups":[{groups}]}}"#)).map(Bytes::from)
}

/// With `null` in the optional fields of its type, as far as they are texts that it has.
fn nulled(mut body: Vec<u8>) -> Option<Vec<u8>> {
    if is_trigger(&body) {
        return set(&set(&body, "resource_id", "null")?, "occurred_at", "null");
    }
    body = set(&body, "display_name", "null")?;
    let event_type = envelope::read(&body)?.event_type;
    let Some(event_type) = event_type.and_then(|name| catalog().find(&name)) else { return Some(body) };
    for path in optional_texts(event_type) {
        let setting: Setting = format!("{path}=null").parse().ok()?;
        // It may be within an object that this event does not have.
        body = setting.apply(&body).unwrap_or(body);
    }
    Some(body)
}

fn optional_texts(event_type: &EventType) -> impl Iterator<Item = String> {
    let is_text = |kind: Kind| matches!(kind, Kind::String | Kind::Url);
    let fields = catalog().fields(event_type);
    fields.into_iter().filter_map(move |(path, field)| {
        let is_direct = path.strip_prefix("data.").is_some_and(|member| !member.contains(['.', '[']));
        (is_direct && is_text(field.kind) && !field.required).then_some(path)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::catalog::{Family, SampleFacts};
    use crate::core::diagnosis::Writer;

    const ABOUT_THE_BODY: [Rehearsal; 8] = [
        Rehearsal::NonAscii,
        Rehearsal::Escapes,
        Rehearsal::Numbers,
        Rehearsal::Layout,
        Rehearsal::Padded,
        Rehearsal::Large,
        Rehearsal::UnknownType,
        Rehearsal::NullFields,
    ];

    fn sample(name: &str) -> Bytes {
        catalog().find(name).unwrap().sample(SampleFacts::FIXED).into()
    }

    #[test]
    fn every_change_of_every_sample_is_json_and_differs() {
        for event_type in catalog().events() {
            let base = sample(&event_type.name);
            for rehearsal in ABOUT_THE_BODY {
                if rehearsal == Rehearsal::UnknownType && event_type.family == Family::Interceptor {
                    continue;
                }
                let changed = body(rehearsal, &base).unwrap();
                assert!(validate(&changed).is_ok() && changed != base, "{rehearsal:?} {}", event_type.name);
            }
        }
    }

    #[test]
    fn only_what_is_rehearsed_is_unusual() {
        let base = sample("organization.directory.user_created");
        for rehearsal in ABOUT_THE_BODY {
            let changed = body(rehearsal, &base).unwrap();
            let is_lost =
                matches!(rehearsal, Rehearsal::Escapes | Rehearsal::Numbers | Rehearsal::Layout | Rehearsal::Padded);
            assert_eq!(Writer::Stringify.keeps(&changed), !is_lost, "{rehearsal:?}");
            assert_eq!(changed.is_ascii(), rehearsal != Rehearsal::NonAscii, "{rehearsal:?}");
            assert_eq!(changed.len() > 10_000, rehearsal == Rehearsal::Large, "{rehearsal:?}");
        }
    }

    #[test]
    fn a_large_event_is_just_below_a_limit_of_1_mb() {
        let length = body(Rehearsal::Large, &sample("user.signup")).unwrap().len();
        assert!((LARGE..1_000_000).contains(&length), "{length}");
    }

    #[test]
    fn optional_texts_become_null_and_required_ones_stay() {
        let base = Bytes::from_static(
            br#"{"type":"organization.directory.user_created","data":{"email":"jane@example.com"}}"#,
        );
        let changed = body(Rehearsal::NullFields, &base).unwrap();
        let text = String::from_utf8(changed.to_vec()).unwrap();
        assert!(text.contains(r#""email":"jane@example.com""#) && text.contains(r#""given_name":null"#), "{text}");
        assert!(
            text.contains(r#""new_field":"added without notice""#) && text.contains(r#""display_name":null"#),
            "{text}"
        );
    }

    #[test]
    fn trigger_events_change_in_their_own_fields() {
        let base = sample("slack.message.posted");
        for (rehearsal, members) in [
            (Rehearsal::ByReference, &[r#""payload_state":"reference""#, r#""payload":null"#][..]),
            (Rehearsal::NewValues, &[r#""delivery_scope":"workspace""#, r#""detection_mode":"stream""#]),
            (Rehearsal::UnknownType, &[r#""trigger_type":"organization.something_new""#]),
            (Rehearsal::NullFields, &[r#""resource_id":null"#, r#""occurred_at":null"#, r#""new_field":"#]),
        ] {
            let changed = body(rehearsal, &base).unwrap();
            let text = String::from_utf8(changed.to_vec()).unwrap();
            assert!(members.iter().all(|member| text.contains(member)), "{rehearsal:?} {text}");
            assert!(is_trigger(&changed) && !text.contains("display_name"), "{rehearsal:?} {text}");
        }
    }

    #[test]
    fn other_bodies_get_what_they_can_hold() {
        let of = |text: &'static str| body(Rehearsal::Numbers, &Bytes::from_static(text.as_bytes()));
        assert!(
            of(r#"{"payload":{"a":1}}"#).unwrap().starts_with(br#"{"payload":{"a":1,"raw_attributes":{"score":1.0"#)
        );
        assert!(of(r#"{"a":1}"#).unwrap().starts_with(br#"{"a":1,"raw_attributes":"#));
        for other in ["", "[]", "1", "{", "no JSON"] {
            assert_eq!(of(other), None, "{other}");
        }
        assert_eq!(body(Rehearsal::Control, &sample("user.signup")), None);
    }
}
