//! Why an app did not accept a request: first what its response shows, then what is likely.
//!
//! ```text
//! Response ── Page ──┬─ signs (tables of texts and headers) ─┐
//!                    ├─ stack (which framework responded)    ├── causes, the one that the response shows first
//!                    ├─ redirect, said_failed, status        │
//! Delivery, secrets ─┴─ guesses (in the handler) ────────────┘
//! ```
//!
//! A response is foreign text of any size: only its first part is read, in one pass per sign, and what is shown of it is printable.

mod advice;
mod cause;
mod guesses;
mod learned;
mod lines;
mod page;
mod redirect;
mod said_failed;
mod signs;
mod stack;
mod status;
#[cfg(test)]
mod tests;

pub use cause::Cause;
pub(crate) use cause::{APP_SECRET, GUARD, Received};
pub use learned::Learned;
pub(crate) use lines::cause_lines;
pub(in crate::core) use redirect::is_login;
pub(in crate::core) use said_failed::says_failed;

use super::{Delivery, Manner, Origin};
use crate::core::signature::Keyring;
use advice::{undecided, without_path};
use guesses::{Guesses, rightly_rejected};
use page::Page;
use signs::{Kind, guard_in, sign_in};
use stack::Stack;

/// Why the app did not accept the request, the most likely cause first. Empty if it did, if nothing is known, or if the request is one
/// that an app should reject: an unverified one, or a rehearsal.
///
/// Causes in the handler are given only for a signature that is valid: if a secret in `keyring` verifies it at the time it was made, or
/// if it was verified when the event arrived.
pub(crate) fn causes(delivery: &Delivery, received: Received<'_>, keyring: &Keyring) -> Vec<Cause> {
    let Ok(response) = &delivery.outcome else { return Vec::new() };
    if !is_to_be_accepted(delivery) {
        return Vec::new();
    }
    let page = Page::of(response);
    // Most forwards end here, so this comes before the slow search.
    if matches!(response.status, 200..300) && !said_failed::is_shown(&page) && undecided(delivery).is_none() {
        return Vec::new();
    }
    let stack = stack::of(&page);
    let mut causes = on_page(delivery, received, keyring, &page, stack);
    if let Some(cause) = causes.first_mut().filter(|cause| cause.is_fixed_by_code()) {
        cause.handler = stack.handler();
    }
    causes
}

fn on_page(
    delivery: &Delivery,
    received: Received<'_>,
    keyring: &Keyring,
    page: &Page<'_>,
    stack: Stack,
) -> Vec<Cause> {
    // The handler did not run, so what it would say does not matter.
    if let Some(found) = guard_in(page) {
        return vec![found.cause(stack)];
    }
    let plain =
        without_path(delivery, received.target).or_else(|| undecided(delivery)).or_else(|| rightly_rejected(delivery));
    if let Some(plain) = plain {
        return vec![plain];
    }
    if let 200..300 = page.status() {
        return said_failed::cause(delivery, page, stack).into_iter().collect();
    }
    if let 300..400 = page.status() {
        return redirect::cause(delivery, page, stack).into_iter().collect();
    }
    let seen = sign_in(page);
    let guesses = Guesses::of(delivery, received, keyring, stack);
    match seen {
        Some(found) if found.sign.kind != Kind::Signature => vec![found.cause(stack)],
        // The app speaks of the signature: right, unless hookglass knows better.
        Some(found) => guesses.map_or_else(Vec::new, |guesses| guesses.after(found.sign.topic(), found.line)),
        None if matches!(page.status(), 400 | 401 | 403) => guesses.map_or_else(Vec::new, |guesses| guesses.all()),
        None => status::cause(delivery, page, stack).into_iter().collect(),
    }
}

/// How to exempt the webhook's route from a guard, for all frameworks.
pub(in crate::core) fn exemption() -> &'static str {
    Stack::default().exemption()
}

/// Whether a correct app accepts the request, as far as hookglass knows without verifying it.
fn is_to_be_accepted(delivery: &Delivery) -> bool {
    match delivery.origin {
        Origin::Rehearsed(Some(rehearsal)) => !rehearsal.must_be_rejected(),
        _ => delivery.manner != Manner::Rehearsed,
    }
}
