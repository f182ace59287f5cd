//! A diagnosis for the user: what happened, how we know, what to do now, every check in order, and what each SDK says.
//!
//! The screen and the command line show the same [`lines()`]. A report shows signatures and bodies, but never a secret.

mod checks;
mod lines;
mod mistakes;
mod proof;
mod sdks;
mod snippets;

pub use checks::{Check, State};
pub use lines::{HANDLERS, Line, Tone, broken, lines};
pub use proof::Fact;
pub use snippets::{Fix, handlers};

use super::explanations::{SIGN_AGAIN, explanation};
use super::{Diagnosis, Warning};
use crate::core::event::Seq;
use crate::core::request::Header;
use crate::core::signature::{Alteration, Keyring, Reason, Scheme, Sdk, Secret, Verdict};
use jiff::tz::TimeZone;
use std::borrow::Cow;
use std::sync::Arc;

/// The request that was diagnosed, and the secrets used for it.
#[derive(Clone, Copy, Debug)]
pub struct Examined<'a> {
    pub headers: &'a [Header<'a>],
    pub body: &'a [u8],
    /// When the request arrived, in Unix milliseconds.
    pub now_ms: i64,
    pub keyring: &'a Keyring,
}

/// See the module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    pub verdict: Verdict,
    /// The label of the secret that verified the request.
    pub secret: Option<Arc<str>>,
    pub checks: Vec<Check>,
    /// `None` for a verified request.
    pub explanation: Option<Explanation>,
    pub sdks: Vec<(Sdk, bool)>,
    pub warnings: Vec<String>,
    /// Correct handlers, where the app's code may be the cause of the verdict, or of an SDK rejecting the request.
    pub fixes: Vec<Fix>,
}

/// The reason in words: what happened, how we know, what to do now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    pub reason: Reason,
    /// What happened.
    pub sentence: String,
    /// How we know.
    pub facts: Vec<Fact>,
    /// What to do now.
    pub next_step: Cow<'static, str>,
    /// What would still be wrong after that, in sentences.
    pub also: Vec<String>,
    /// Where the page of the reason is.
    pub more: String,
}

impl Report {
    /// The reason, if it says more than the verdict does.
    pub fn reason(&self) -> Option<&Reason> {
        self.verdict.explained_by(self.explanation.as_ref().map(|explanation| &explanation.reason))
    }

    /// The same report on the stored event `seq`, with commands that name it.
    pub fn of_event(mut self, seq: Seq) -> Self {
        if let Some(explanation) = &mut self.explanation
            && let Some(before) = explanation.next_step.strip_suffix(SIGN_AGAIN)
        {
            explanation.next_step =
                format!("{before}sign it again with `hookglass replay {seq} --sign --to URL`.").into();
        }
        self
    }

    /// Whether code is the way to fix what is wrong, and not only one of several.
    pub fn is_code_the_fix(&self) -> bool {
        let reason = self.explanation.as_ref().map(|explanation| &explanation.reason);
        matches!(reason, None | Some(Reason::BodyAltered(_)))
    }
}

/// The report on `diagnosis`, which was made of `examined`. Times are in `zone`.
pub fn report(examined: &Examined<'_>, diagnosis: &Diagnosis, zone: &TimeZone) -> Report {
    let keyring = examined.keyring.for_body(examined.body);
    let examined = &Examined { keyring: &keyring, ..*examined };
    let tested = tested(examined.keyring, diagnosis);
    let explanation = diagnosis.reason.as_ref().map(|reason| {
        let (sentence, next_step) = explanation(reason);
        let mut facts: Vec<_> =
            diagnosis.evidence.iter().flat_map(|evidence| proof::facts(evidence, examined, zone)).collect();
        let mistake = mistakes::common(examined, diagnosis);
        let next_step = mistakes::step_by_history(diagnosis).unwrap_or(next_step);
        let next_step = mistakes::step_by_place(examined, diagnosis).unwrap_or(next_step);
        let next_step = mistake.map_or(next_step, |mistake| mistake.next_step()).into();
        facts.extend(mistake.and_then(|mistake| mistake.fact()));
        if *reason == Reason::BodyIncomplete {
            facts.extend(proof::about_incomplete(examined));
        }
        let also = diagnosis.also.iter().map(|reason| explanation(reason).0).collect();
        let more = format!("`hookglass explain {reason}`");
        Explanation { reason: reason.clone(), sentence, facts, next_step, also, more }
    });
    let is_json = !diagnosis.warnings.iter().any(|warning| matches!(warning, Warning::NotJson(_)));
    let warnings = diagnosis.warnings.iter().filter_map(|warning| match warning {
        Warning::SdksDisagree { .. } => Some(sdks::disagreement(examined, diagnosis, tested)),
        Warning::TriggerVerifier { accepts } => Some(sdks::trigger_verifier(examined, tested, *accepts)),
        Warning::LostWhenReserialised => is_json.then(|| {
            "An app that re-serialises the body rejects this event. Make sure that yours passes the raw body to the SDK.".to_owned()
        }),
        Warning::NotJson(defect) => {
            Some(format!("The signature is valid, but the body is {defect}. Make the sender send one JSON document."))
        }
    });
    Report {
        verdict: diagnosis.verdict,
        secret: diagnosis.secret.clone(),
        // Without the body, nothing can be checked. A logout has nothing that hookglass can check.
        checks: if diagnosis.reason.as_ref().is_some_and(|it| it.lacks_body() || *it == Reason::BackChannelLogout) {
            Vec::new()
        } else {
            checks::checks(examined, diagnosis, tested, zone)
        },
        explanation,
        sdks: diagnosis.sdks.clone(),
        warnings: warnings.collect(),
        fixes: fixes(diagnosis),
    }
}

/// The secret that the SDKs' results refer to: the one that verified the request, otherwise the first.
fn tested<'k>(keyring: &'k Keyring, diagnosis: &Diagnosis) -> Option<&'k Secret> {
    let verified = keyring.verifying.iter().find(|secret| Some(secret.label()) == diagnosis.secret.as_deref());
    verified.or(keyring.verifying.first())
}

/// Whether the code of the app may be the cause of `reason`.
pub(super) fn is_fixed_by_code(reason: &Reason) -> bool {
    match reason {
        // A proxy did it, not the app.
        Reason::BodyAltered(Alteration::Decompressed) => false,
        Reason::BodyAltered(_) | Reason::SignatureMismatch | Reason::MissingHeader(_) => true,
        _ => false,
    }
}

fn fixes(diagnosis: &Diagnosis) -> Vec<Fix> {
    if diagnosis.reason.as_ref().is_some_and(is_fixed_by_code) {
        handlers(diagnosis.scheme)
    } else if diagnosis.scheme == Scheme::Interceptor && diagnosis.sdks.contains(&(Sdk::Go, false)) {
        vec![snippets::go_interceptor()]
    } else {
        Vec::new()
    }
}

#[cfg(test)]
mod tests;
