//! Why a verdict is what it is: one label, what would remain if that were put right, and the evidence.
//!
//! ```text
//! steps (headers, secret, timestamp, form of the signature)
//!   └── explain (well-formed, but no match)
//!         ├── probe ── alterations ── reserialise ── json_nodes   which body was signed
//!         └── other_schemes                                       which headers, key or content
//! ```
//!
//! Slower than a verdict, but bounded in time and memory on any input; to be run off the listener's path.

mod alterations;
mod evidence;
mod explain;
mod explanations;
mod json_nodes;
mod json_style;
mod other_schemes;
mod probe;
mod report;
mod reserialise;
mod steps;
mod warnings;

pub use alterations::BodyVariant;
pub use evidence::{ContentForm, Evidence, KeyForm};
pub use explanations::explanation;
pub use json_style::{Escapes, KeyOrder, Layout, Style};
pub use report::{Check, Examined, Fact, Finding, Fix, Line, Report, State, Tone, broken, handlers, lines, report};
pub use warnings::Warning;
pub(in crate::core) use warnings::survives_reserialisation;

use crate::core::request::Header;
use crate::core::signature::headers::Views;
use crate::core::signature::verify::Window;
use crate::core::signature::{Keyring, Reason, Scheme, Sdk, Verdict, Verification, sdk_verdicts};
use std::sync::Arc;
use steps::Case;

/// Everything that can be said of a request's signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnosis {
    pub verdict: Verdict,
    pub scheme: Scheme,
    /// Why the verdict is not `Verified`; `None` for a verified request.
    pub reason: Option<Reason>,
    /// What would remain if `label` were put right.
    pub also: Vec<Reason>,
    /// What proves or illustrates `label`.
    pub evidence: Vec<Evidence>,
    /// The label of the secret that verified the request.
    pub secret: Option<Arc<str>>,
    /// What each SDK would answer with that secret, else with the first verifying one; empty if there is none.
    pub answers: Vec<(Sdk, bool)>,
    pub warnings: Vec<Warning>,
}

impl From<&Verification> for Diagnosis {
    /// The verdict as it was given, where no search was made or none is possible.
    fn from(verification: &Verification) -> Self {
        Self {
            verdict: verification.verdict,
            scheme: verification.scheme,
            reason: verification.reason.clone(),
            also: Vec::new(),
            evidence: Vec::new(),
            secret: verification.secret.clone(),
            answers: Vec::new(),
            warnings: Vec::new(),
        }
    }
}

/// Diagnoses a request that arrived at `now_ms`, Unix time in milliseconds.
pub fn diagnose(headers: &[Header<'_>], body: &[u8], now_ms: i64, keyring: &Keyring) -> Diagnosis {
    let views = Views::gather(headers);
    let scheme = views.scheme();
    let case = Case { views: &views, scheme, body, now_ms, keyring };
    let finding =
        if keyring.is_empty() { steps::Finding::of(Reason::NoSecret, []) } else { case.examine(Window::Checked) };
    let is_read_by_sdks = matches!(scheme, Scheme::Webhook | Scheme::Interceptor);
    let finding = match &finding.reason {
        None if !is_read_by_sdks => other_schemes::own_scheme(scheme),
        _ => finding,
    };
    let verdict = match &finding.reason {
        None => Verdict::Verified,
        Some(Reason::NoSecret) => Verdict::Unchecked,
        Some(Reason::Unsigned) => Verdict::Unsigned,
        Some(_) => Verdict::Invalid,
    };
    let verifying = finding.secret.and_then(|index| keyring.verifying.get(index));
    let asked = verifying.or(keyring.verifying.first());
    let answers = asked.map(|secret| sdk_verdicts(headers, body, now_ms, secret).to_vec()).unwrap_or_default();
    let is_lost = verdict == Verdict::Verified && !warnings::survives_reserialisation(body);
    let warnings =
        warnings::disagreement(&answers).into_iter().chain(is_lost.then_some(Warning::LostWhenReserialised)).collect();
    let secret = verifying.filter(|_| verdict == Verdict::Verified).map(|secret| secret.label.clone());
    let steps::Finding { reason, also, evidence, .. } = finding;
    Diagnosis { verdict, scheme, reason, also, evidence, secret, answers, warnings }
}
