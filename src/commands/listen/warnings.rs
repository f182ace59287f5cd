//! What is wrong from the start or found to be so later, and what to do about it, for the screen and for lines alike.

use crate::config::Environment;
use crate::core::delivery::{Forwarded, Forwarding};
use crate::store::Store;
use crate::tui::model::Problem;
use std::fmt;

pub struct Warning {
    pub text: String,
    pub hint: &'static str,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; {}", self.text, self.hint)
    }
}

impl From<Warning> for Problem {
    fn from(Warning { text, hint }: Warning) -> Self {
        Self { text, hint: hint.to_owned() }
    }
}

/// Targets given twice, a line of `.env` that is not understood, a damaged history that was moved aside: the last one matters most.
pub fn of_the_start(forwarding: &Forwarding, store: &Store, environment: &Environment) -> Vec<Warning> {
    let doubled = forwarding.doubled().into_iter().map(|(target, again)| {
        let which = if target == again {
            format!("`{target}` is given twice")
        } else {
            format!("`{target}` and `{again}` lead to the same place")
        };
        let text = format!("{which}: an event that is for both is forwarded to it twice");
        Warning { text, hint: "leave one of them out" }
    });
    let unread = environment.warning.clone().map(|text| Warning { text, hint: "mend the file and start again" });
    let moved = store
        .notice()
        .map(|text| Warning { text: text.to_owned(), hint: "SQLite's `.recover` copies what the old one still holds" });
    doubled.chain(unread).chain(moved).collect()
}

/// What forwarding everything means.
pub fn of_forwarding_all(forwarding: &Forwarding) -> Option<Warning> {
    let is_open = forwarding.forwarded == Forwarded::All && !forwarding.routes.is_empty();
    is_open.then(|| Warning {
        text: "`--forward all`: whoever knows the public URL reaches your app, signed or not".to_owned(),
        hint: "the app must refuse what does not verify",
    })
}

/// What another program did to the history's files, of which `harm` tells.
pub fn of_harm(harm: &str) -> Warning {
    Warning {
        text: format!("{harm}: nothing more is stored, and senders get 503"),
        hint: "keep a copy of the file and start hookglass again",
    }
}

/// Why nothing more is sent to a target.
pub fn of_leading_back(target: &str) -> Warning {
    Warning {
        text: format!("`{target}` leads back to hookglass itself: nothing more is forwarded to it"),
        hint: "give the application's URL and start again",
    }
}
