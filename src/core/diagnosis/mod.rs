//! Why a request got its verdict: one reason, what would still be wrong after fixing it, and the evidence.
//!
//! ```text
//! steps (headers, secret, timestamp, form of the signature)
//!   └── explain (well-formed, but no match)
//!         ├── search ─┬─ undo (layers)                            which body was signed
//!         │           └─ change ── reserialise ── json_nodes
//!         └── other_schemes                                       which headers, key or content
//! ```
//!
//! A diagnosis takes longer than a verdict, but its time and memory are bounded for any input. Run it off the
//! listener's path.

mod change;
mod evidence;
mod explain;
mod explanations;
mod history;
mod json_nodes;
mod json_style;
mod not_json;
mod other_schemes;
mod pages;
mod probe;
mod renamed;
mod report;
mod reserialise;
mod rewritten;
mod search;
mod seen;
mod steps;
mod undo;
mod variant;
mod warnings;
mod writers;

pub use change::Change;
pub use evidence::{ContentForm, Evidence, KeyForm};
pub use explanations::explanation;
pub use history::History;
pub use json_style::{Escapes, KeyOrder, Layout, Style};
pub use not_json::NotJson;
pub use pages::{CHECK, FIX, KNOWN, Page, pages};
pub use report::{
    Check, Examined, Explanation, Fact, Fix, HANDLERS, Line, Report, State, Tone, broken, handlers, lines, report,
};
pub use undo::Step;
pub use variant::BodyVariant;
pub use warnings::Warning;
pub(in crate::core) use writers::Writer;

use crate::core::logout::is_logout;
use crate::core::request::Header;
use crate::core::signature::headers::Views;
use crate::core::signature::verify::Window;
use crate::core::signature::{Keyring, Reason, Scheme, Sdk, Verdict, Verification, sdk_verdicts};
use not_json::not_json;
use std::sync::Arc;
use steps::{Case, Conclusion};

/// Everything hookglass knows about a request's signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnosis {
    pub verdict: Verdict,
    pub scheme: Scheme,
    /// Why the verdict is not `Verified`; `None` for a verified request.
    pub reason: Option<Reason>,
    /// What would still be wrong after fixing `reason`.
    pub also: Vec<Reason>,
    /// What proves or illustrates `reason`.
    pub evidence: Vec<Evidence>,
    /// The label of the secret that verified the request.
    pub secret: Option<Arc<str>>,
    /// Whether each SDK accepts the request with that secret, otherwise with the first verifying one. Empty without a
    /// secret.
    pub sdks: Vec<(Sdk, bool)>,
    pub warnings: Vec<Warning>,
}

impl From<&Verification> for Diagnosis {
    /// Carries the verdict over when nothing was searched or nothing can be.
    fn from(verification: &Verification) -> Self {
        Self {
            verdict: verification.verdict,
            scheme: verification.scheme,
            reason: verification.reason.clone(),
            also: Vec::new(),
            evidence: history::former_secret(verification).into_iter().collect(),
            secret: verification.secret.clone().filter(|_| verification.verdict == Verdict::Verified),
            sdks: Vec::new(),
            warnings: Vec::new(),
        }
    }
}

/// Diagnoses a request that arrived at `now_ms`, in Unix milliseconds. [`Diagnosis::amid`] adds what the history says.
pub fn diagnose(headers: &[Header<'_>], body: &[u8], now_ms: i64, keyring: &Keyring) -> Diagnosis {
    let views = Views::gather(headers);
    let scheme = views.scheme();
    let is_logout = scheme == Scheme::None && is_logout(body);
    let keyring = &*keyring.for_body(body);
    let case = Case { headers, views: &views, scheme, body, now_ms, keyring };
    let conclusion = if is_logout {
        Conclusion::of(Reason::BackChannelLogout, [Evidence::LogoutToken])
    } else if keyring.is_empty() {
        Conclusion::of(Reason::NoSecret, [])
    } else {
        case.examine(Window::Checked)
    };
    let do_sdks_read_it = matches!(scheme, Scheme::Webhook | Scheme::Interceptor);
    let conclusion = match &conclusion.reason {
        None if !do_sdks_read_it => other_schemes::own_scheme(scheme),
        _ => conclusion,
    };
    let verdict = match &conclusion.reason {
        None => Verdict::Verified,
        Some(Reason::NoSecret | Reason::BackChannelLogout) => Verdict::Unchecked,
        Some(_) if scheme == Scheme::None => Verdict::Unsigned,
        Some(_) => Verdict::Invalid,
    };
    let verifying = conclusion.secret.and_then(|index| keyring.verifying.get(index));
    let tested = verifying.or(keyring.verifying.first());
    let tested = tested.filter(|_| !is_logout);
    let sdks = tested.map(|secret| sdk_verdicts(headers, body, now_ms, secret).to_vec()).unwrap_or_default();
    let breaks_when_reserialised = verdict == Verdict::Verified && !warnings::survives_reserialisation(body);
    let warnings = warnings::disagreement(&sdks)
        .into_iter()
        .chain(tested.and_then(|secret| warnings::trigger_verifier(headers, body, now_ms, secret, verdict)))
        .chain(breaks_when_reserialised.then_some(Warning::LostWhenReserialised))
        .chain((verdict == Verdict::Verified).then(|| not_json(body)).flatten().map(Warning::NotJson))
        .collect();
    let secret = verifying.filter(|_| verdict == Verdict::Verified).map(|secret| secret.label.clone());
    let Conclusion { reason, also, evidence, .. } = conclusion;
    Diagnosis { verdict, scheme, reason, also, evidence, secret, sdks, warnings }
}
