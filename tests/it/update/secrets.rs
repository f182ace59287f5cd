//! Saving a pasted secret in `.env`: offered, shown, confirmed.

use super::SIX;
use crate::support::screen::{Screen, WIDE, known};
use crate::support::story::saving_plan;
use hookglass::core::dot_env::Before;
use hookglass::core::secret_saving::SavingPlan;
use hookglass::tui::effect::Effect;
use hookglass::tui::message::Message;
use hookglass::tui::model::{Overlay, Secrets};

/// After a secret was pasted.
fn pasted() -> Screen {
    let mut screen = Screen::listing(WIDE, &SIX);
    let secrets =
        Secrets { last_added: Some("pasted".to_owned()), is_worth_saving: true, ..known(&["pasted", "dashboard"]) };
    screen.send(Message::SecretsChanged(secrets));
    screen
}

#[test]
fn a_pasted_secret_is_offered_and_no_other_key_takes_the_offer() {
    let mut screen = pasted();
    assert_eq!(screen.notice(), "secret `pasted` added; `Ctrl-s` saves it in `.env`");
    screen.send(Message::EventsReverified { verdicts: Vec::new(), done: 6, all: 6 });
    assert_eq!(screen.notice(), "re-verified 6 stored events; `Ctrl-s` saves the secret in `.env`");
    for key in ["y", "Esc", "Enter", "s"] {
        let effects = screen.press(key);
        assert!(!effects.contains(&Effect::PlanSaving), "{key}");
        screen.press("Esc");
    }
    assert_eq!(screen.press("Ctrl-s"), [Effect::PlanSaving]);
}

#[test]
fn a_secret_that_looks_wrong_is_not_offered() {
    let mut screen = Screen::listing(WIDE, &SIX);
    let secrets = Secrets { last_added: Some("pasted".to_owned()), ..known(&["pasted", "dashboard"]) };
    screen.send(Message::SecretsChanged(secrets));
    assert_eq!(screen.notice(), "secret `pasted` added; re-verifying the stored events");
}

#[test]
fn nothing_is_saved_before_the_plan_is_shown_and_confirmed() {
    let mut screen = pasted();
    screen.press("Ctrl-s");
    assert_eq!(screen.press("y Enter y"), [], "there is no plan yet");
    let plan = saving_plan();
    screen.send(Message::SavingPlanned(Ok(plan.clone())));
    assert_eq!(screen.press("Enter j"), []);
    assert_eq!(screen.press("y"), [Effect::SaveSecret(plan)]);
    screen.send(Message::SecretSaved(Ok("/app/.env".to_owned())));
    assert_eq!(screen.notice(), "secret saved in `/app/.env`; restart your app");
}

#[test]
fn a_refusal_and_a_secret_that_is_there_are_said() {
    let mut screen = pasted();
    screen.press("Ctrl-s");
    screen.send(Message::SavingPlanned(Err("git tracks it".to_owned())));
    assert!(screen.text().contains("git tracks it"));
    assert_eq!(screen.press("y Esc"), []);
    assert!(screen.model.overlay.is_none());
    screen.press("Ctrl-s");
    let plan = SavingPlan { before: Some(Before::Same(3)), ..saving_plan() };
    screen.send(Message::SavingPlanned(Ok(plan)));
    assert_eq!(screen.notice(), "`/home/jane/app/.env` has this secret already");
    screen.press("Ctrl-s Esc");
    screen.send(Message::SavingPlanned(Ok(saving_plan())));
    assert!(!matches!(screen.model.overlay, Some(Overlay::SaveSecret(_))), "a late plan opens nothing");
}

#[test]
fn without_a_pasted_secret_the_key_says_so() {
    let mut screen = Screen::listing(WIDE, &SIX);
    assert_eq!(screen.press("Ctrl-s"), []);
    assert_eq!(screen.notice(), "no secret to save; press `K` to paste one");
}
