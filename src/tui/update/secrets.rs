//! Signing secrets: pasting, forgetting, and saving one in `.env`.

use super::field;
use crate::core::secret_saving::SavingPlan;
use crate::tui::action::Action;
use crate::tui::effect::{Effect, SecretText};
use crate::tui::keymap::key_name;
use crate::tui::model::{Model, Overlay, Saving, Secrets, Tone};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use tui_input::Input;

/// Handles a key in the field for a secret.
pub(super) fn in_field(model: &mut Model, key: KeyEvent, mut input: Input) -> Vec<Effect> {
    match key.code {
        KeyCode::Esc => return Vec::new(),
        KeyCode::Enter if input.value().is_empty() => return Vec::new(),
        KeyCode::Enter => return vec![Effect::AddSecret(SecretText(input.value().to_owned()))],
        KeyCode::Char('x') if key.modifiers.contains(KeyModifiers::CONTROL) => {
            return if model.setup.secrets.last_added.is_some() { vec![Effect::ForgetSecret] } else { Vec::new() };
        }
        _ => field::edit(&mut input, key),
    }
    model.overlay = Some(Overlay::Secret { input });
    Vec::new()
}

pub(super) fn changed(model: &mut Model, secrets: Secrets) {
    let before = std::mem::replace(&mut model.setup.secrets, secrets);
    let now = &model.setup.secrets;
    let forgotten = before.labels.iter().rfind(|label| !now.labels.contains(label));
    let added = now.labels.iter().rfind(|label| !before.labels.contains(label));
    let is_added = forgotten.is_none() && added.is_some();
    let text = match (forgotten, added) {
        (Some(forgotten), _) => format!("secret `{forgotten}` forgotten; re-verifying the stored events"),
        (None, Some(added)) if now.is_worth_saving => format!("secret `{added}` added; {}", offer_text()),
        (None, Some(added)) => format!("secret `{added}` added; re-verifying the stored events"),
        // An earlier message already included this change: each one carries the state at the time it is sent.
        (None, None) => return,
    };
    model.is_saving_offered = is_added && model.setup.secrets.is_worth_saving;
    model.say(Tone::Good, text);
}

fn offer_text() -> String {
    format!("`{}` saves it in `.env`", key_name(Action::SaveSecret))
}

/// The offer to save the secret that was just added. The notice about it disappears once the stored events are verified.
pub(super) fn offer(model: &mut Model) -> Option<String> {
    std::mem::take(&mut model.is_saving_offered)
        .then(|| format!("`{}` saves the secret in `.env`", key_name(Action::SaveSecret)))
}

/// Asks what saving would change. Until that is known, the question takes only the keys that close it.
pub(super) fn begin_saving(model: &mut Model) -> Vec<Effect> {
    model.is_saving_offered = false;
    model.overlay = Some(Overlay::SaveSecret(Saving::Reading));
    vec![Effect::PlanSaving]
}

pub(super) fn planned(model: &mut Model, plan: Result<SavingPlan, String>) {
    let Some(Overlay::SaveSecret(shown)) = &mut model.overlay else { return };
    match plan {
        Ok(plan) if plan.is_done() => {
            model.overlay = None;
            model.say(Tone::Good, format!("`{}` has this secret already", plan.path));
        }
        Ok(plan) => *shown = Saving::Planned(plan),
        Err(why) => *shown = Saving::Refused(why),
    }
}

/// Handles a key while the question is open.
pub(super) fn confirmed(model: &mut Model, key: KeyEvent, saving: Saving) -> Vec<Effect> {
    match (key.code, saving) {
        (KeyCode::Char('y'), Saving::Planned(plan)) => vec![Effect::SaveSecret(plan)],
        (KeyCode::Esc | KeyCode::Char('n' | 'q'), _) => {
            model.say(Tone::Plain, "the secret was not saved; it stays known until hookglass exits");
            Vec::new()
        }
        (_, saving) => {
            model.overlay = Some(Overlay::SaveSecret(saving));
            Vec::new()
        }
    }
}

pub(super) fn saved(model: &mut Model, saved: Result<String, String>) {
    match saved {
        Ok(path) => model.say(Tone::Good, format!("secret saved in `{path}`; restart your app")),
        Err(why) => model.say(Tone::Bad, why),
    }
}
