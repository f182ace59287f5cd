//! The behaviour of the screen: messages in, state and effects out. No terminal, no waiting.

mod any_input;
mod attempts;
mod checks;
mod comparing;
mod deleting;
mod detail;
mod feed;
mod filtering;
mod grid;
mod jobs;
mod leftovers;
mod moving;
mod overlays;
mod overrides;
mod palette;
mod payload;
mod raw;
mod samples;
mod searching;
mod secrets;
mod sending;
mod shown_text;
mod targets;
mod text_search;
mod transfer;
mod tunnel;
mod types;

use hookglass::core::signature::Verdict::{self, Invalid, Unsigned, Verified};

/// Six events of three types; the second and the fifth are invalid.
const SIX: [(&str, Verdict); 6] = [
    ("user.login", Verified),
    ("role.created", Invalid),
    ("user.login", Unsigned),
    ("user.signup", Verified),
    ("user.login", Invalid),
    ("role.created", Verified),
];
