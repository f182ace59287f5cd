//! Pins, notes, exporting and importing: what is asked of the executor, and what the list shows then.

use super::SIX;
use crate::support::screen::{Screen, WIDE};
use hookglass::core::annotation::{Annotation, AnnotationChange};
use hookglass::core::event::Seq;
use hookglass::core::export::ExportFormat;
use hookglass::tui::effect::Effect;
use hookglass::tui::message::Message;
use hookglass::tui::model::Tone;

/// The store changes these events.
fn change(screen: &mut Screen, effects: &[Effect]) {
    let [Effect::Annotate { seqs, change }] = effects else { panic!("{effects:?}") };
    screen.send(Message::AnnotationChanged { seqs: seqs.clone(), change: change.clone() });
}

fn pin(seqs: &[Seq], is_pinned: bool) -> Effect {
    Effect::Annotate { seqs: seqs.to_vec(), change: AnnotationChange::Pinned(is_pinned) }
}

#[test]
fn pinned_events_survive_the_deletion_of_everything_listed() {
    let mut screen = Screen::listing(WIDE, &SIX);
    let effects = screen.press("*");
    assert_eq!(effects, [pin(&[6], true)]);
    change(&mut screen, &effects);
    assert_eq!(screen.notice(), "event 6 pinned; deleting all listed events leaves it");
    screen.press("X");
    assert!(screen.text().contains("Delete 5 events?") && screen.text().contains("1 pinned event stays."));
    assert_eq!(screen.press("y"), [Effect::Delete { seqs: vec![1, 2, 3, 4, 5] }]);
    screen.send(Message::DeletionEnded(Ok(())));
    screen.go("/").type_text("is:pinned");
    screen.press("Enter");
    assert_eq!(screen.listed(), [6]);
    screen.press("X");
    assert!(screen.notice().starts_with("nothing to delete: every listed event is pinned"), "{}", screen.notice());
    let effects = screen.press("*");
    assert_eq!(effects, [pin(&[6], false)]);
    change(&mut screen, &effects);
    assert!(screen.listed().is_empty());
}

#[test]
fn marked_events_are_pinned_together() {
    let mut screen = Screen::listing(WIDE, &SIX);
    screen.press("k k Space Space");
    assert_eq!(screen.press("*"), [pin(&[4, 5], true)]);
}

#[test]
fn a_note_is_one_line_that_the_filter_finds() {
    let mut screen = Screen::listing(WIDE, &SIX);
    screen.press("i");
    screen.send(Message::TextPasted("see\tticket 12".to_owned()));
    let effects = screen.press("Enter");
    let change_of = |note: &str| AnnotationChange::Note(note.to_owned());
    assert_eq!(effects, [Effect::Annotate { seqs: vec![6], change: change_of("see ticket 12") }]);
    change(&mut screen, &effects);
    assert!(screen.text().contains(" · see"), "{}", screen.text());
    screen.go("/").type_text("ticket");
    screen.press("Enter");
    assert!(screen.listed().contains(&6));
    screen.press("Esc Esc i Ctrl-u");
    assert_eq!(screen.press("Enter"), [Effect::Annotate { seqs: vec![6], change: change_of("") }]);
}

#[test]
fn the_listed_events_are_exported_in_the_format_of_the_name() {
    let mut screen = Screen::listing(WIDE, &SIX);
    screen.go("/").type_text("is:invalid");
    screen.press("Enter");
    screen.press("S");
    assert!(screen.text().contains("Export 2 events"));
    screen.press("Ctrl-u a Enter");
    assert!(screen.text().contains("the name must end with"), "{}", screen.text());
    screen.press("Ctrl-u");
    screen.send(Message::TextPasted("a.har".to_owned()));
    let expected = Effect::Export { name: "a.har".to_owned(), format: ExportFormat::Har, seqs: vec![2, 5] };
    assert_eq!(screen.press("Enter"), [expected]);
    assert_eq!(screen.press("S"), [Effect::StopTransfer], "the same key stops it");
    screen.send(Message::TransferEnded { tone: Tone::Good, text: "exported 2 events to `a.har`".to_owned() });
    assert_eq!(screen.notice(), "exported 2 events to `a.har`");
    assert_eq!(screen.press("S"), []);
}

#[test]
fn imported_events_are_read_from_the_store_in_their_order() {
    let mut screen = Screen::listing(WIDE, &SIX);
    screen.press("I");
    screen.send(Message::TextPasted("~/a.har".to_owned()));
    assert_eq!(screen.press("Enter"), [Effect::Import { name: "~/a.har".to_owned() }]);
    // Event 7 was imported by another program, so the listener does not tell of it.
    let arrived = crate::support::screen::summary(8, "a.b", hookglass::core::signature::Verdict::Verified);
    assert_eq!(screen.send(Message::EventsStored(vec![arrived])), [Effect::CatchUp { after: 6 }]);
    let annotation = Annotation { is_imported: true, ..Annotation::default() };
    screen.send(Message::EventsAnnotated(vec![(7, annotation)]));
    let read =
        [7, 8].map(|seq| crate::support::screen::summary(seq, "a.b", hookglass::core::signature::Verdict::Verified));
    screen.send(Message::CaughtUp { summaries: read.to_vec(), is_end: true });
    screen.go("/").type_text("is:imported");
    screen.press("Enter");
    assert_eq!(screen.listed(), [7]);
}
