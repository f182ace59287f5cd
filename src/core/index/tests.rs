//! Tests of the index, and sample summaries for other tests.

use super::*;
use crate::core::delivery::FailureKind;
use crate::core::response::ResponseState;

/// A summary of type `event_type` with texts made from `seq`.
pub fn summary(seq: Seq, event_type: &str, verdict: Verdict) -> Summary {
    Summary {
        seq,
        received_at: Timestamp::from_second(1_900_000_000 + i64::try_from(seq).unwrap()).unwrap(),
        method: "POST".into(),
        path: "/webhooks/scalekit".into(),
        webhook_id: Some(format!("msg_{seq}")),
        event_id: Some(format!("evt_{seq}")),
        event_type: (!event_type.is_empty()).then(|| event_type.into()),
        organization_id: Some("org_1".into()),
        subject: Some(format!("user{seq}@example.com")),
        verdict,
        reason: (verdict == Verdict::Invalid).then_some(Reason::WrongSecret),
        size: 100,
        response: ResponseState::Sent(201),
    }
}

#[test]
fn a_row_reads_back_as_pushed() {
    let mut index = Index::default();
    let given = summary(7, "user.login", Verdict::Invalid);
    index.push(&given);
    assert_eq!(index.row(0).into_summary(), given);
    assert_eq!(index.position_of(7), Some(0));
    assert_eq!(index.position_of(8), None);
}

#[test]
fn an_event_that_is_not_newer_is_ignored() {
    let mut index = Index::default();
    index.push(&summary(7, "a", Verdict::Verified));
    index.push(&summary(7, "b", Verdict::Verified));
    index.push(&summary(6, "b", Verdict::Verified));
    assert_eq!(index.len(), 1);
}

#[test]
fn reverifying_moves_the_counts() {
    let mut index = Index::default();
    index.push(&summary(1, "a", Verdict::Unchecked));
    index.reverify(1, Verdict::Invalid, Some(&Reason::TimestampTooOld));
    assert_eq!(index.totals().of(Verdict::Unchecked), 0);
    assert_eq!(index.types().next().unwrap().counts.of(Verdict::Invalid), 1);
    assert_eq!(index.row(0).reason, "timestamp-too-old");
}

#[test]
fn a_status_can_be_set_later() {
    let mut index = Index::default();
    index.push(&Summary { response: ResponseState::Pending, ..summary(1, "a", Verdict::Verified) });
    assert_eq!(index.row(0).response, ResponseState::Pending);
    index.set_response(1, ResponseState::Sent(202));
    index.set_response(2, ResponseState::Sent(500));
    assert_eq!(index.row(0).response, ResponseState::Sent(202));
}

#[test]
fn types_are_ranked_by_count() {
    let mut index = Index::default();
    for (seq, name) in (1..).zip(["a", "b", "c", "c", "b", "c", "d", "b", "b"]) {
        index.push(&summary(seq, name, Verdict::Verified));
    }
    let ranked: Vec<_> = index.types().map(|seen| (seen.name.to_owned(), seen.counts.all())).collect();
    assert_eq!(ranked[..2], [("b".to_owned(), 4), ("c".to_owned(), 3)]);
    assert_eq!(ranked[2..].iter().map(|(_, count)| *count).collect::<Vec<_>>(), [1, 1]);
}

#[test]
fn a_row_shows_the_failed_target_until_the_event_is_re_delivered() {
    let mut index = Index::default();
    (1..=3).for_each(|seq| index.push(&summary(seq, "a", Verdict::Verified)));
    let (taken, failed) = (Ending::Responded(201), Ending::Failed(FailureKind::Refused));
    for (seq, endings) in [(1, [failed, taken]), (2, [taken, failed]), (3, [taken, Ending::Responded(204)])] {
        endings.iter().for_each(|ending| index.delivered(seq, Origin::Forwarded, *ending, 1, false));
    }
    let ending = |index: &Index, position| index.row(position).ending.unwrap();
    assert_eq!([0, 1].map(|position| ending(&index, position)), [failed; 2]);
    assert!(ending(&index, 2).is_delivered());
    index.delivered(1, Origin::Rehearsed(None), taken, 1, false);
    assert_eq!(ending(&index, 0), failed);
    index.delivered(1, Origin::Asked, taken, 1, false);
    index.delivered(2, Origin::Retried, taken, 1, false);
    assert_eq!([0, 1].map(|position| ending(&index, position)), [taken; 2]);
}

#[test]
fn the_doubt_is_about_the_ending_that_the_row_shows() {
    let mut index = Index::default();
    (1..=4).for_each(|seq| index.push(&summary(seq, "a", Verdict::Invalid)));
    (5..=6).for_each(|seq| index.push(&summary(seq, "a", Verdict::Verified)));
    let (accepted, failed, late_us) = (Ending::Responded(200), Ending::Responded(500), 11_000_000);
    let forwarded = [
        // A success does not hide the failure of another target, and is no reason to doubt it.
        (1, [(failed, 1), (accepted, 1)]),
        (2, [(accepted, 1), (failed, 1)]),
        (3, [(accepted, 1), (accepted, 1)]),
        (5, [(accepted, late_us), (accepted, 1)]),
        (6, [(accepted, 1), (accepted, late_us)]),
    ];
    for (seq, endings) in forwarded {
        for (ending, total_us) in endings {
            index.delivered(seq, Origin::Forwarded, ending, total_us, true);
        }
    }
    let doubt = |index: &Index, seq| index.row(index.position_of(seq).unwrap()).doubt;
    let doubts = [1, 2, 3, 4, 5, 6].map(|seq| doubt(&index, seq));
    assert_eq!(doubts, [None, None, Some(Doubt::Accepted), None, Some(Doubt::Late), Some(Doubt::Late)]);
    // Whether the app was wrong follows the verdict; the next delivery ends the doubt.
    index.reverify(3, Verdict::Verified, None);
    index.delivered(5, Origin::Asked, accepted, 1, false);
    assert_eq!([3, 5].map(|seq| doubt(&index, seq)), [None, None]);
    let mut older = Index::default();
    (1..=3).for_each(|seq| older.push(&summary(seq, "a", Verdict::Invalid)));
    older.delivered(1, Origin::Forwarded, failed, 1, true);
    older.extend_from(&index);
    assert_eq!([1, 6].map(|seq| doubt(&older, seq)), [None, Some(Doubt::Late)]);
}

#[test]
fn newer_events_are_appended_once() {
    let (mut older, mut newer) = (Index::default(), Index::default());
    (1..=3).for_each(|seq| older.push(&summary(seq, "a", Verdict::Verified)));
    (2..=5).for_each(|seq| newer.push(&summary(seq, "", Verdict::Verified)));
    older.delivered(2, Origin::Asked, Ending::Responded(500), 1000, false);
    older.delivered(3, Origin::Asked, Ending::Responded(201), 1000, false);
    newer.delivered(2, Origin::Asked, Ending::Responded(201), 2000, false);
    newer.delivered(5, Origin::Asked, Ending::Responded(201), 2000, false);
    newer.set_marked(0, true);
    older.extend_from(&newer);
    let endings: Vec<_> = (0..5).map(|position| older.row(position).ending.map(|ending| ending.to_string())).collect();
    assert_eq!(endings, [None, Some("201".into()), Some("201".into()), None, Some("201".into())]);
    assert!(older.row(1).is_marked && !older.row(2).is_marked);
    assert_eq!(older.types().map(|seen| seen.times.map_or(0, Times::count)).sum::<u64>(), 4);
    assert_eq!((0..older.len()).map(|position| older.row(position).seq).collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
    assert_eq!(older.row(4).event_type, NO_TYPE);
}
