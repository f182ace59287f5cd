//! The requests of every rehearsal, as hookglass verifies them.

use super::{Expectation, Group, Original, Rehearsal, Signer, Staged, stage};
use crate::core::catalog::catalog;
use crate::core::delivery::{DELIVERY_HEADER, Manner};
use crate::core::diagnosis::{Diagnosis, diagnose};
use crate::core::json;
use crate::core::random::tests::Seeded;
use crate::core::request::{Header, values};
use crate::core::signature::{Keyring, Scheme, Sdk, Secret, Verdict, verifies_as_trigger};
use bytes::Bytes;
use jiff::Timestamp;

const NOW_S: i64 = 1_750_000_000;
const SECRET: &str = "whsec_c2VjcmV0LWtleS1mb3ItdGhlLXRlc3Rz";

fn now() -> Timestamp {
    Timestamp::from_second(NOW_S).unwrap()
}

fn keyring() -> Keyring {
    Keyring { verifying: vec![Secret::new("main", SECRET)], known_only: Vec::new() }
}

fn sample() -> Original {
    Original::of_sample(catalog().find("user.signup").unwrap())
}

fn interceptor() -> Original {
    let headers =
        [Header::new("X-Kept", "1"), Header::new("Accept-Encoding", "gzip"), Header::new("Interceptor-Id", "old")];
    Original::of_request(b"POST", &headers, Bytes::from_static(br#"{"trigger_point":"PRE_SIGNUP","data":{"a":"b"}}"#))
}

fn trigger() -> Original {
    Original::of_sample(catalog().find("slack.message.posted").unwrap())
}

fn signer() -> Signer {
    Signer::of(&keyring(), None).unwrap()
}

fn staged(rehearsal: Rehearsal, original: &Original) -> Vec<Staged> {
    stage(rehearsal, original, &signer(), now(), &mut Seeded::new(7))
}

fn diagnosed(staged: &Staged) -> Diagnosis {
    let headers: Vec<_> = staged.outgoing.headers.iter().map(|(name, value)| Header::new(name, value)).collect();
    diagnose(&headers, &staged.outgoing.body, NOW_S * 1000, &keyring())
}

/// The reason of each request, or `verified`; reasons that would remain follow a `+`.
fn reasons(rehearsal: Rehearsal, original: &Original) -> Vec<String> {
    let reason = |staged: &Staged| {
        let Diagnosis { reason, also, .. } = diagnosed(staged);
        let also = also.iter().map(|reason| format!("+{reason}")).collect::<String>();
        reason.map_or("verified".to_owned(), |reason| reason.to_string()) + &also
    };
    staged(rehearsal, original).iter().map(reason).collect()
}

fn value(staged: &Staged, name: &str) -> String {
    let headers: Vec<_> = staged.outgoing.headers.iter().map(|(name, value)| Header::new(name, value)).collect();
    String::from_utf8(values(&headers, name).next().unwrap().to_vec()).unwrap()
}

#[test]
fn each_request_is_wrong_in_exactly_one_way() {
    for original in [sample(), interceptor(), trigger()] {
        let family = original.scheme();
        let missing = ["id", "timestamp", "signature"].map(|part| format!("missing-header:{family}-{part}"));
        for rehearsal in original.rehearsals(&signer()) {
            assert_eq!(staged(rehearsal, &original).len(), rehearsal.requests(), "{rehearsal:?}");
            let expected: &[&str] = match rehearsal {
                Rehearsal::Expired => &["timestamp-too-old"],
                Rehearsal::Future => &["timestamp-in-future"],
                Rehearsal::Tampered
                | Rehearsal::WrongKey
                | Rehearsal::OtherId
                | Rehearsal::OtherTime
                | Rehearsal::Borrowed => &["signature-mismatch"],
                Rehearsal::EmptyEntry | Rehearsal::CutSignature => &["signature-malformed"],
                Rehearsal::V1aOnly => &["unsupported-version"],
                Rehearsal::MissingHeader => &missing.each_ref().map(String::as_str),
                Rehearsal::Unsigned => &["unsigned"],
                Rehearsal::TwiceAtOnce | Rehearsal::HeaderCase | Rehearsal::TwoSignatures | Rehearsal::SameKey => {
                    &["verified"; 2]
                }
                Rehearsal::TenTimes => &["verified"; 10],
                Rehearsal::OutOfOrder | Rehearsal::LateUpdate => &["verified"; 3],
                Rehearsal::GroupDeletion => &["verified"; 9],
                Rehearsal::FirstSync => &["verified"; 15],
                _ => &["verified"],
            };
            assert_eq!(reasons(rehearsal, &original), expected, "{rehearsal:?} {family}");
        }
    }
}

#[test]
fn every_request_has_the_delivery_header_and_those_of_the_original() {
    for original in [sample(), interceptor(), trigger()] {
        let kept = if original.scheme() == Scheme::Interceptor { "x-kept" } else { "content-type" };
        for staged in original.rehearsals(&signer()).into_iter().flat_map(|each| staged(each, &original)) {
            // A value is found under a name in any case.
            assert_eq!(value(&staged, DELIVERY_HEADER), "rehearsed");
            assert_eq!(staged.outgoing.manner, Manner::Rehearsed);
            assert_eq!(staged.outgoing.method, "POST");
            assert!(!value(&staged, kept).is_empty());
            let asks_for_coding = |(name, _): &(Vec<u8>, _)| name.eq_ignore_ascii_case(b"accept-encoding");
            assert!(!staged.outgoing.headers.iter().any(asks_for_coding));
        }
    }
}

#[test]
fn a_tampered_body_differs_in_one_byte_and_is_json() {
    for sample in catalog().events() {
        let original = Original::of_sample(sample);
        let [valid, tampered] = [Rehearsal::Control, Rehearsal::Tampered].map(|each| staged(each, &original).remove(0));
        let (valid, tampered) = (valid.outgoing.body, tampered.outgoing.body);
        assert_eq!(valid.iter().zip(&tampered).filter(|(one, other)| one != other).count(), 1);
        assert!(valid.len() == tampered.len() && json::validate(&tampered).is_ok(), "{}", sample.name);
    }
}

#[test]
fn the_wrong_key_makes_a_well_formed_signature() {
    let staged = staged(Rehearsal::WrongKey, &sample()).remove(0);
    assert_eq!(diagnosed(&staged).verdict, Verdict::Invalid);
    assert!(value(&staged, "webhook-signature").starts_with("v1,"));
}

#[test]
fn duplicates_share_id_and_body_and_retries_have_their_own_timestamps() {
    for (rehearsal, times) in [(Rehearsal::TwiceAtOnce, 1), (Rehearsal::TenTimes, 10)] {
        let all = staged(rehearsal, &sample());
        assert!(all.iter().all(|staged| value(staged, "webhook-id") == value(&all[0], "webhook-id")));
        assert!(all.iter().all(|staged| staged.outgoing.body == all[0].outgoing.body));
        let mut timestamps: Vec<_> = all.iter().map(|staged| value(staged, "webhook-timestamp")).collect();
        assert!(timestamps.is_sorted());
        timestamps.dedup();
        assert_eq!((timestamps.len(), timestamps.last().unwrap()), (times, &NOW_S.to_string()));
    }
}

#[derive(serde::Deserialize)]
struct DirectoryEvent {
    r#type: String,
    occurred_at: String,
    data: DirectoryUser,
}

#[derive(serde::Deserialize)]
struct DirectoryUser {
    id: String,
}

#[test]
fn out_of_order_sends_three_events_of_one_object() {
    for (original, types) in [
        (sample(), ["user_updated", "user_deleted", "user_created"].map(|end| format!("organization.directory.{end}"))),
        (
            Original::of_sample(catalog().find("scalekit.dir.user.create").unwrap()),
            ["update", "delete", "create"].map(|end| format!("scalekit.dir.user.{end}")),
        ),
    ] {
        let all = staged(Rehearsal::OutOfOrder, &original);
        let read = |staged: &Staged| serde_json::from_str(std::str::from_utf8(&staged.outgoing.body).unwrap()).unwrap();
        let events: Vec<DirectoryEvent> = all.iter().map(read).collect();
        assert!(events.iter().map(|event| &event.r#type).eq(&types));
        assert!(events.iter().all(|event| event.data.id == events[0].data.id));
        let [updated, deleted, created] =
            [0, 1, 2].map(|place| events[place].occurred_at.parse::<Timestamp>().unwrap());
        assert!(created < updated && updated < deleted);
        let mut ids: Vec<_> = all.iter().map(|staged| value(staged, "webhook-id")).collect();
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), 3);
    }
}

#[test]
fn the_seed_determines_the_event() {
    let with = |seed| stage(Rehearsal::Control, &sample(), &signer(), now(), &mut Seeded::new(seed));
    assert_eq!(with(1), with(1));
    let [one, other] = [1, 2].map(|seed| with(seed).remove(0));
    assert_ne!(value(&one, "webhook-id"), value(&other, "webhook-id"));
    assert_ne!(one.outgoing.body, other.outgoing.body);
}

#[test]
fn every_sdk_agrees_on_every_request_but_the_interceptors_in_go() {
    for original in [sample(), interceptor()] {
        for rehearsal in original.rehearsals(&signer()) {
            let is_valid = rehearsal.expectation(original.scheme()) != Expectation::Rejected;
            for staged in staged(rehearsal, &original) {
                for (sdk, accepts) in diagnosed(&staged).sdks {
                    let is_blind = sdk == Sdk::Go && original.scheme() == Scheme::Interceptor;
                    assert_eq!(accepts, is_valid && !is_blind, "{sdk} {rehearsal:?} {}", staged.what);
                }
            }
        }
    }
}

#[test]
fn a_second_secret_signs_beside_the_first_and_alone() {
    let secrets = [Secret::new("main", SECRET), Secret::new("old", "whsec_b3RoZXI=")];
    let keyring = Keyring { verifying: vec![secrets[0].clone()], known_only: vec![secrets[1].clone()] };
    let signer = Signer::of(&keyring, None).unwrap();
    let stage = |rehearsal| stage(rehearsal, &sample(), &signer, now(), &mut Seeded::new(7));
    assert!(!sample().rehearsals(&self::signer()).contains(&Rehearsal::OtherSecret));
    assert!(sample().rehearsals(&signer).contains(&Rehearsal::OtherSecret));
    let alone = stage(Rehearsal::OtherSecret).remove(0);
    assert_eq!(alone.what, "an event signed with `old` alone");
    assert_eq!(diagnosed(&alone).reason.unwrap().to_string(), "signature-mismatch");
    let only_old = Keyring { verifying: vec![secrets[1].clone()], known_only: Vec::new() };
    for staged in stage(Rehearsal::TwoSignatures).iter().chain([&alone]) {
        let headers: Vec<_> = staged.outgoing.headers.iter().map(|(name, value)| Header::new(name, value)).collect();
        assert_eq!(diagnose(&headers, &staged.outgoing.body, NOW_S * 1000, &only_old).verdict, Verdict::Verified);
    }
}

#[test]
fn an_event_that_is_not_json_is_replaced_where_its_content_matters() {
    let original = Original::of_request(b"POST", &[], Bytes::from_static(b"no JSON"));
    for rehearsal in original.rehearsals(&signer()) {
        let staged = staged(rehearsal, &original).remove(0);
        let is_json = json::validate(&staged.outgoing.body).is_ok();
        let is_new = matches!(rehearsal.group(), Group::Content | Group::Bursts)
            || matches!(rehearsal, Rehearsal::OutOfOrder | Rehearsal::LateUpdate);
        assert_eq!(is_json, is_new, "{rehearsal:?}");
    }
}

#[test]
fn the_trigger_point_of_the_event_is_asked_with_its_own_request() {
    let own = r#"{"trigger_point":"PRE_SIGNUP","data":{"a":"b"}}"#;
    assert_eq!(interceptor().trigger_point(), Some(Rehearsal::PreSignup));
    assert_eq!(sample().trigger_point(), None);
    assert_eq!(staged(Rehearsal::PreSignup, &interceptor())[0].outgoing.body, own);
    let other = staged(Rehearsal::PreSession, &interceptor()).remove(0);
    assert!(other.outgoing.body.windows(20).any(|window| window == b"PRE_SESSION_CREATION"));
}

#[test]
fn a_trigger_event_comes_again_under_another_id_with_the_same_key() {
    let [first, second] = <[Staged; 2]>::try_from(staged(Rehearsal::SameKey, &trigger())).unwrap();
    assert_eq!(first.outgoing.body, second.outgoing.body);
    assert_ne!(value(&first, "webhook-id"), value(&second, "webhook-id"));
    assert!(!sample().rehearsals(&signer()).contains(&Rehearsal::SameKey));
}

#[test]
fn the_verifier_of_trigger_events_accepts_the_valid_ones_and_no_other() {
    let secret = Secret::new("main", SECRET);
    for rehearsal in trigger().rehearsals(&signer()) {
        let is_valid = rehearsal.expectation(Scheme::Webhook) != Expectation::Rejected;
        for staged in staged(rehearsal, &trigger()) {
            let headers: Vec<_> =
                staged.outgoing.headers.iter().map(|(name, value)| Header::new(name, value)).collect();
            let is_accepted = verifies_as_trigger(&headers, &staged.outgoing.body, NOW_S * 1000, &secret);
            assert_eq!(is_accepted, is_valid, "{rehearsal:?}: {}", staged.what);
        }
    }
}
