//! The order of a timeline and its marks.

use super::*;
use jiff::tz::TimeZone;

const START: i64 = 1_800_000_000;

fn time(after_s: i64) -> Timestamp {
    Timestamp::from_second(START + after_s).unwrap()
}

/// Of one organization, which happened and arrived so many seconds after the start.
fn told(seq: Seq, event_type: &str, occurred_s: i64, received_s: i64) -> Told {
    Told {
        seq,
        received_at: time(received_s),
        occurred_at: Some(time(occurred_s)),
        event_type: event_type.to_owned(),
        event_id: format!("evt_{seq}"),
        subject: "Acme".to_owned(),
        verdict: Verdict::Verified,
        attempts: 1,
        object: Some("org_1".to_owned()),
    }
}

/// The number of an event, how late it is, after which event it arrived, and the gap before it.
type Marked = (Seq, Option<u64>, Option<Seq>, Option<String>);

fn marked(events: Vec<Told>) -> Vec<Marked> {
    let events = Timeline::new(events).events.into_iter();
    events.map(|(told, marks)| (told.seq, marks.late.map(|late| late.as_secs()), marks.after, marks.gap)).collect()
}

#[test]
fn events_stand_in_the_order_in_which_they_happened() {
    let events = vec![
        told(1, "organization.created", 0, 1),
        told(2, "organization.updated", 30, 31),
        told(3, "organization.updated", 10, 32),
        told(4, "organization.updated", 20, 400),
        told(5, "organization.deleted", 40, 401),
    ];
    assert_eq!(
        marked(events),
        [
            (1, None, None, None),
            (3, None, Some(2), None),
            (4, Some(380), Some(2), None),
            (2, None, None, None),
            (5, Some(361), None, None)
        ]
    );
}

#[test]
fn events_of_one_moment_are_in_order_however_they_arrive() {
    let events = vec![told(2, "organization.created", 0, 2), told(1, "organization.updated", 0, 1)];
    assert!(marked(events).iter().all(|(_, _, after, _)| after.is_none()));
}

#[test]
fn a_gap_is_named_once_where_something_should_have_come_before() {
    let other = Told { object: Some("org_2".to_owned()), ..told(4, "organization.updated", 30, 30) };
    let forged = Told { verdict: Verdict::Invalid, ..told(5, "organization.created", 5, 40) };
    let gaps =
        |events| -> Vec<_> { marked(events).into_iter().filter_map(|(seq, _, _, gap)| Some((seq, gap?))).collect() };
    let no_created = "no `organization.created` before it".to_owned();
    assert_eq!(
        gaps(vec![
            told(1, "organization.updated", 0, 0),
            told(2, "organization.updated", 10, 10),
            told(3, "organization.deleted", 20, 20),
            other,
            forged,
            told(6, "organization.updated", 60, 60),
            told(7, "organization.created", 70, 70),
            told(8, "organization.updated", 80, 80),
            told(9, "user.login", 90, 90),
            told(10, "organization.sso_enabled", 91, 91),
        ]),
        [
            (1, no_created.clone()),
            (4, no_created),
            (6, "`organization.deleted` came before it, without `organization.created` in between".to_owned()),
            (10, "no `organization.sso_created` before it".to_owned()),
        ]
    );
}

#[test]
fn an_id_is_mentioned_only_as_a_whole_string() {
    for (body, expected) in [
        (r#"{"data":{"user":{"id":"usr_1"}}}"#, true),
        (r#"{"ids":["usr_2","usr_1"]}"#, true),
        (r#"{"id":"usr_\u0031"}"#, true),
        (r#"{"id":"usr_12"}"#, false),
        (r#"{"usr_1":"id"}"#, false),
        (r#"{"text":"about usr_1"}"#, false),
        ("usr_1", false),
        (r#"{"id":"usr_1""#, true),
    ] {
        assert_eq!(mentions(body.as_bytes(), "usr_1"), expected, "{body}");
    }
}

#[test]
fn an_event_is_about_its_user_before_its_own_object() {
    for (body, expected) in [
        (r#"{"organization_id":"org_1","data":{"id":"mem_1","user":{"id":"usr_1"}}}"#, Some("usr_1")),
        (r#"{"organization_id":"org_1","data":{"id":"conn_1"}}"#, Some("conn_1")),
        (r#"{"organization_id":"org_1","data":{}}"#, Some("org_1")),
        (r#"{"data":{"id":1}}"#, None),
        ("no JSON", None),
    ] {
        assert_eq!(about(body.as_bytes()).as_deref(), expected, "{body}");
    }
}

#[test]
fn the_lines_show_the_marks_and_no_foreign_control_character() {
    let hostile =
        Told { subject: "a\n\u{1b}[2Jb".to_owned(), attempts: 3, ..told(3, "organization.updated", 10, 9000) };
    let untimed = Told { occurred_at: None, verdict: Verdict::Invalid, ..told(4, "x", 0, 300_000) };
    let timeline = Timeline::new(vec![told(2, "organization.created", 20, 21), hostile, untimed]);
    assert_eq!(summary(&timeline), "3 events, 1 late, 1 out of order, 1 gap");
    assert_eq!(
        lines(&timeline, &TimeZone::UTC),
        [
            "                                  gap: no `organization.created` before it",
            "2027-01-15 08:00:10.000        3  organization.updated  verified  a␊␛[2Jb  ×3",
            "                                    arrived 2.4 h after it happened",
            "                                    arrived after event 2, which happened later",
            "2027-01-15 08:00:20.000        2  organization.created  verified  Acme",
            "                                  … 3 days later",
            "2027-01-18 19:20:00.000        4  x  invalid  Acme",
            "                                    says no time; shown at its arrival",
        ]
    );
}
