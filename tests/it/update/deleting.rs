//! Deleting events and undoing it: what is asked of the store, what the list shows then, and what the notices say.

use super::SIX;
use crate::support::screen::{Screen, WIDE, load, summary};
use hookglass::core::event::{Seq, Summary};
use hookglass::core::index::Index;
use hookglass::core::signature::Verdict::{Invalid, Verified};
use hookglass::tui::effect::Effect;
use hookglass::tui::message::Message;
use hookglass::tui::model::Pane;

fn delete(seqs: &[Seq]) -> Effect {
    Effect::Delete { seqs: seqs.to_vec() }
}

/// The store deletes these events.
fn deleted(screen: &mut Screen, seqs: &[Seq], pending: usize) -> Vec<Effect> {
    let mut effects = screen.send(Message::EventsDeleted { seqs: seqs.to_vec(), pending });
    effects.extend(screen.send(Message::DeletionEnded(Ok(()))));
    effects
}

fn restored(screen: &mut Screen, seqs: &[Seq]) -> Vec<Effect> {
    let mut effects = screen.send(Message::EventsRestored { seqs: seqs.to_vec() });
    effects.extend(screen.send(Message::DeletionEnded(Ok(()))));
    effects
}

#[test]
fn x_deletes_the_selected_event_and_z_restores_it() {
    let mut screen = Screen::listing(WIDE, &SIX);
    screen.press("k k");
    assert_eq!(screen.press("x"), [delete(&[4])]);
    assert_eq!(screen.listed(), [1, 2, 3, 4, 5, 6], "the store has not deleted it yet");
    assert_eq!(deleted(&mut screen, &[4], 0), [load(5)]);
    assert_eq!(screen.listed(), [1, 2, 3, 5, 6]);
    assert!(screen.text().contains("1–5 of 5 ") && !screen.text().contains("messages"), "{}", screen.text());
    assert_eq!(screen.notice(), "event 4 deleted; `Z` restores it until hookglass exits");
    assert_eq!(screen.press("Z"), [Effect::Restore { seqs: vec![4] }]);
    assert_eq!(restored(&mut screen, &[4]), [load(4)]);
    assert_eq!((screen.listed(), screen.selected()), (vec![1, 2, 3, 4, 5, 6], Some(4)));
    assert_eq!(screen.notice(), "1 event restored");
    assert_eq!(screen.press("Z"), []);
    assert!(screen.notice().starts_with("nothing to undo"), "{}", screen.notice());
}

#[test]
fn deletions_are_undone_one_by_one_the_last_first() {
    let mut screen = Screen::listing(WIDE, &SIX);
    for seq in [6, 5] {
        assert_eq!(screen.press("x"), [delete(&[seq])]);
        deleted(&mut screen, &[seq], 0);
    }
    assert!(screen.model.events.is_following, "the newest event was deleted, so the newest is selected");
    assert_eq!(screen.press("Z"), [Effect::Restore { seqs: vec![5] }]);
    restored(&mut screen, &[5]);
    assert_eq!(screen.press("Z"), [Effect::Restore { seqs: vec![6] }]);
    restored(&mut screen, &[6]);
    assert_eq!(screen.listed(), [1, 2, 3, 4, 5, 6]);
}

#[test]
fn the_counts_and_the_types_follow() {
    let mut screen = Screen::listing(WIDE, &SIX);
    screen.press("x");
    deleted(&mut screen, &[1, 3, 5], 0);
    let index = &screen.model.events.index;
    assert_eq!((index.totals().all(), index.totals().of(Invalid)), (3, 1));
    assert_eq!(index.types().map(|seen| seen.name).collect::<Vec<_>>(), ["role.created", "user.signup"]);
    assert!(!screen.text().contains("login"), "{}", screen.text());
    assert_eq!(screen.keep(&[("user.login", Verified)]), [load(7)]);
    assert_eq!(screen.listed(), [2, 4, 6, 7], "no number is used again");
}

#[test]
fn the_last_event_of_the_list_leaves_an_empty_one() {
    let mut screen = Screen::listing(WIDE, &[("user.login", Verified)]);
    screen.press("Tab Tab x");
    assert_eq!(screen.model.focus, Pane::Detail);
    deleted(&mut screen, &[1], 0);
    assert_eq!((screen.selected(), screen.listed()), (None, vec![]));
    assert_eq!(screen.model.focus, Pane::Events);
    screen.press("x");
    assert!(screen.notice().contains("no event to delete"), "{}", screen.notice());
    screen.press("Z");
    restored(&mut screen, &[1]);
    assert_eq!(screen.selected(), Some(1));
}

#[test]
fn x_deletes_the_marked_events_even_those_that_the_filter_hides() {
    let mut screen = Screen::listing(WIDE, &SIX);
    screen.press("g Space Space");
    assert_eq!(screen.press("x"), [delete(&[1, 2])]);
    deleted(&mut screen, &[1, 2], 0);
    assert_eq!(screen.notice(), "2 marked events deleted; `Z` restores them until hookglass exits");
    screen.press("Z");
    restored(&mut screen, &[1, 2]);
    screen.press("/");
    screen.type_text("type:role.*");
    assert_eq!(screen.press("Enter x"), [delete(&[1, 2])], "restored events keep their marks");
    deleted(&mut screen, &[1, 2], 0);
    assert!(screen.notice().starts_with("2 marked events, 1 of them hidden by the filter, deleted"));
    assert_eq!(screen.listed(), [6]);
}

#[test]
fn a_row_of_several_attempts_is_deleted_as_a_whole_as_far_as_the_filter_lists_it() {
    let mut screen = Screen::new(WIDE);
    let attempt = |seq, verdict| Summary { webhook_id: Some("m".into()), ..summary(seq, "user.login", verdict) };
    let attempts = vec![attempt(1, Invalid), summary(2, "a.b", Verified), attempt(3, Invalid), attempt(4, Verified)];
    screen.send(Message::EventsStored(attempts));
    assert_eq!(screen.press("x"), [delete(&[1, 3, 4])]);
    deleted(&mut screen, &[1, 3, 4], 0);
    assert_eq!(screen.listed(), [2]);
    assert_eq!(screen.notice(), "3 attempts of event 4 deleted; `Z` restores them until hookglass exits");
    screen.press("Z");
    restored(&mut screen, &[1, 3, 4]);
    assert_eq!(screen.listed(), [2, 4]);
    screen.press("/");
    screen.type_text("is:invalid");
    assert_eq!(screen.press("Enter x"), [delete(&[1, 3])]);
    deleted(&mut screen, &[1, 3], 0);
    screen.press("Esc Esc");
    assert_eq!(screen.listed(), [2, 4]);
    let index = &screen.model.events.index;
    assert_eq!(index.attempts(index.position_of(4).unwrap(), 9).len(), 1);
}

#[test]
fn clearing_asks_and_names_what_stays() {
    let mut screen = Screen::listing(WIDE, &SIX);
    assert_eq!(screen.press("X"), []);
    let text = screen.text();
    assert!(text.contains("Delete 6 events?") && !text.contains("not listed"), "{text}");
    screen.press("n");
    screen.press("/");
    screen.type_text("type:user.*");
    assert_eq!(screen.press("Enter X"), []);
    let text = screen.text();
    assert!(text.contains("Delete 4 events?") && text.contains("2 events that are not listed stay."), "{text}");
    assert_eq!(screen.press("Enter"), [], "a destructive answer must be typed");
    assert_eq!(screen.press("X y"), [delete(&[1, 3, 4, 5])]);
    deleted(&mut screen, &[1, 3, 4, 5], 0);
    assert_eq!((screen.listed(), screen.selected()), (vec![], None));
    screen.press("Esc Esc");
    assert_eq!(screen.listed(), [2, 6]);
}

#[test]
fn an_event_with_a_pending_delivery_stays() {
    let mut screen = Screen::new(WIDE);
    screen.model.setup.target = Some("4000".parse().unwrap());
    screen.keep(&SIX);
    screen.press("r");
    assert_eq!(screen.press("x"), []);
    assert_eq!(screen.notice(), "cannot delete event 6: a delivery of it is pending");
    screen.press("X");
    let text = screen.text();
    assert!(text.contains("Delete 5 events?") && text.contains("1 event with a pending delivery stays."), "{text}");
    assert_eq!(screen.press("y"), [delete(&[1, 2, 3, 4, 5])]);
    // The store knows of another one.
    deleted(&mut screen, &[1, 2, 3, 4], 1);
    assert_eq!(
        screen.notice(),
        "4 events deleted; 2 stay because deliveries are pending; `Z` restores them until hookglass exits"
    );
    assert_eq!(screen.listed(), [5, 6]);
}

#[test]
fn z_stops_a_long_deletion_and_restores_what_is_deleted() {
    let mut index = Index::default();
    (1..=30_000).for_each(|seq| index.push(&summary(seq, "a.b", Verified)));
    let mut screen = Screen::start(WIDE, &["dashboard"], index);
    let all: Vec<Seq> = (1..=30_000).collect();
    assert_eq!(screen.press("X y"), [delete(&all)]);
    screen.send(Message::EventsDeleted { seqs: all[..10_000].to_vec(), pending: 0 });
    assert_eq!(screen.notice(), "deleting 10,000 of 30,000 events; `Z` stops and undoes it");
    assert_eq!(screen.press("x"), [], "one at a time");
    assert_eq!(screen.press("Z"), [Effect::StopDeleting]);
    let effects = screen.send(Message::DeletionEnded(Ok(())));
    assert_eq!(effects, [Effect::Restore { seqs: all[..10_000].to_vec() }]);
    restored(&mut screen, &all[..10_000]);
    assert_eq!((screen.listed().len(), screen.notice()), (30_000, "10,000 events restored"));
}

#[test]
fn a_failed_deletion_says_how_far_it_came_and_can_be_undone() {
    let mut screen = Screen::listing(WIDE, &SIX);
    screen.press("X y");
    screen.send(Message::EventsDeleted { seqs: vec![1, 2], pending: 0 });
    screen.send(Message::DeletionEnded(Err("the disk is full".to_owned())));
    assert_eq!(screen.notice(), "only 2 of 6 events deleted: the disk is full");
    assert_eq!(screen.press("Z"), [Effect::Restore { seqs: vec![1, 2] }]);
}

#[test]
fn events_beyond_the_limits_leave_the_list_and_deletions_stay_undoable() {
    let mut screen = Screen::listing(WIDE, &SIX);
    screen.press("x");
    deleted(&mut screen, &[6], 0);
    screen.press("g g");
    let effects = screen.send(Message::EventsPruned { seqs: vec![1, 2] });
    assert_eq!((screen.listed(), effects), (vec![3, 4, 5], vec![load(3)]));
    assert_eq!(screen.press("Z"), [Effect::Restore { seqs: vec![6] }]);
    assert_eq!(screen.send(Message::EventsPruned { seqs: vec![3, 4, 5] }), [] as [Effect; 0]);
}

#[test]
fn an_event_that_another_program_deleted_leaves_the_list_once_it_is_selected() {
    let mut screen = Screen::listing(WIDE, &SIX);
    assert_eq!(screen.press("k"), [load(5)]);
    assert_eq!(screen.send(Message::EventGone { seq: 5 }), [load(6)]);
    assert_eq!((screen.listed(), screen.notice()), (vec![1, 2, 3, 4, 6], "event 5 was deleted by another program"));
    screen.press("x");
    assert_eq!(screen.send(Message::EventGone { seq: 6 }), [], "this program is deleting it");
    assert_eq!(deleted(&mut screen, &[6], 0), [load(4)]);
    assert_eq!(screen.send(Message::EventGone { seq: 6 }), []);
    assert!(screen.notice().starts_with("event 6 deleted"), "{}", screen.notice());
}

#[test]
fn what_happens_to_a_deleted_event_is_known_when_it_is_restored() {
    let mut screen = Screen::listing(WIDE, &SIX);
    screen.press("g x");
    deleted(&mut screen, &[1], 0);
    screen.send(Message::EventsReverified { verdicts: vec![(1, Invalid, None)], done: 6, all: 6 });
    assert_eq!(screen.model.events.index.totals().of(Invalid), 2);
    screen.press("Z");
    restored(&mut screen, &[1]);
    assert_eq!(screen.model.events.index.totals().of(Invalid), 3);
    assert_eq!((screen.selected(), screen.model.events.row(0).verdict), (Some(1), Invalid));
}
