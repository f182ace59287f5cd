//! A diagnosis made ready for people: every check in order, the finding with its proof and the next step, what each SDK says.
//!
//! The screen and the command line show the same [`lines()`]. A report shows signatures and bodies, never a secret.

mod checks;
mod lines;
mod mistakes;
mod proof;
mod sdks;
mod snippets;

pub use checks::{Check, State};
pub use lines::{Line, Tone, broken, lines};
pub use proof::Fact;
pub use snippets::{Fix, handlers};

use super::{Diagnosis, Warning, explanation};
use crate::core::request::Header;
use crate::core::signature::Reason;
use crate::core::signature::{Keyring, Scheme, Sdk, Secret, Verdict};
use jiff::tz::TimeZone;
use std::sync::Arc;

/// What was diagnosed, and with which secrets.
#[derive(Clone, Copy, Debug)]
pub struct Examined<'a> {
    pub headers: &'a [Header<'a>],
    pub body: &'a [u8],
    /// When it arrived, Unix milliseconds.
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
    pub finding: Option<Finding>,
    pub sdks: Vec<(Sdk, bool)>,
    pub warnings: Vec<String>,
    /// Handlers that would do it right, where the app's code may be the cause of the verdict, or of an SDK's refusal.
    pub fixes: Vec<Fix>,
}

/// The cause, what proves it, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub reason: Reason,
    pub sentence: String,
    pub facts: Vec<Fact>,
    pub next_step: &'static str,
    /// What would remain after that, in sentences.
    pub also: Vec<String>,
}

impl Report {
    /// The label of the cause, where it says more than the verdict does.
    pub fn cause(&self) -> Option<&Reason> {
        self.verdict.explained_by(self.finding.as_ref().map(|finding| &finding.reason))
    }
}

/// The report of `diagnosis`, which is that of `examined`. Times are written in `zone`.
pub fn report(examined: &Examined<'_>, diagnosis: &Diagnosis, zone: &TimeZone) -> Report {
    let asked = asked(examined.keyring, diagnosis);
    let finding = diagnosis.reason.as_ref().map(|label| {
        let (sentence, next_step) = explanation(label);
        let mut facts: Vec<_> =
            diagnosis.evidence.iter().flat_map(|evidence| proof::facts(evidence, examined, zone)).collect();
        let mistake = mistakes::common(examined, diagnosis);
        let next_step = mistake.map_or(next_step, |mistake| mistake.next_step());
        facts.extend(mistake.and_then(|mistake| mistake.fact()));
        let also = diagnosis.also.iter().map(|label| explanation(label).0).collect();
        Finding { reason: label.clone(), sentence, facts, next_step, also }
    });
    let warnings = diagnosis.warnings.iter().map(|warning| match warning {
        Warning::SdksDisagree { .. } => sdks::disagreement(examined, diagnosis, asked),
        Warning::LostWhenReserialised => {
            "an app that parses the body and signs JSON that it writes itself rejects this event: it must verify the bytes".to_owned()
        }
    });
    Report {
        verdict: diagnosis.verdict,
        secret: diagnosis.secret.clone(),
        // Of a body that was not kept nothing can be checked.
        checks: if diagnosis.reason == Some(Reason::BodyTooLarge) {
            Vec::new()
        } else {
            checks::checks(examined, diagnosis, asked, zone)
        },
        finding,
        sdks: diagnosis.answers.clone(),
        warnings: warnings.collect(),
        fixes: fixes(diagnosis),
    }
}

/// The secret that the SDKs' answers are about: the one that verified, else the first.
fn asked<'k>(keyring: &'k Keyring, diagnosis: &Diagnosis) -> Option<&'k Secret> {
    let verified = keyring.verifying.iter().find(|secret| Some(secret.label()) == diagnosis.secret.as_deref());
    verified.or(keyring.verifying.first())
}

fn fixes(diagnosis: &Diagnosis) -> Vec<Fix> {
    let is_for_code =
        matches!(diagnosis.reason, Some(Reason::BodyAltered(_) | Reason::SignatureMismatch | Reason::MissingHeader(_)));
    if is_for_code {
        handlers(diagnosis.scheme)
    } else if diagnosis.scheme == Scheme::Interceptor && diagnosis.answers.contains(&(Sdk::Go, false)) {
        vec![snippets::go_interceptor()]
    } else {
        Vec::new()
    }
}

#[cfg(test)]
mod tests;
