//! Warnings that do not stop hookglass, each with what to do. The screen and stderr show the same ones.

use crate::app::fixtures::arrivals::NotSaved;
use crate::app::forward::loop_guard::Loop;
use crate::config::{Notice, Settings};
use crate::core::delivery::{ForwardMode, Forwarded, Forwarding, Leftovers, Route, Target};
use crate::core::export::shell::push_word;
use crate::core::numbers::{counted, grouped};
use crate::store::{Repair, Store};
use crate::tui::model::Problem;
use jiff::Timestamp;
use std::borrow::Cow;
use std::fmt;
use std::net::SocketAddr;

pub struct Warning {
    pub text: String,
    pub hint: Cow<'static, str>,
}

const DELETE_DAMAGED: &str = "delete the damaged file when you no longer need it";

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; {}", self.text, self.hint)
    }
}

impl From<Warning> for Problem {
    fn from(Warning { text, hint }: Warning) -> Self {
        Self { text, hint: hint.into_owned() }
    }
}

impl From<Notice> for Warning {
    fn from(Notice { text, hint }: Notice) -> Self {
        Self { text, hint: hint.into() }
    }
}

/// Warns of duplicate targets, targets on port 80, an address that other machines reach, files that cannot be used or trusted, and a repaired history. The
/// most important warning is the last.
pub(crate) fn of_the_start(
    settings: &Settings,
    address: SocketAddr,
    store: &Store,
    files: Vec<Notice>,
) -> Vec<Warning> {
    let forwarding = &settings.forwarding;
    let doubled = forwarding.doubled().into_iter().map(|(target, again)| {
        let which = if target == again {
            format!("`{target}` is a target twice")
        } else {
            format!("`{target}` and `{again}` are the same target")
        };
        let text = format!("{which}, so events that match both are forwarded twice");
        Warning { text, hint: "remove one of them".into() }
    });
    let repaired = store.notice().map(|text| Warning { text: text.to_owned(), hint: DELETE_DAMAGED.into() });
    let files = files.into_iter().map(Warning::from);
    doubled.chain(of_port_80(forwarding)).chain(of_exposure(address, forwarding)).chain(files).chain(repaired).collect()
}

/// Warns of targets on port 80, which is what a host without a port means. Apps in development seldom listen there.
fn of_port_80(forwarding: &Forwarding) -> Vec<Warning> {
    let targets = forwarding.routes.iter().map(Route::target);
    let targets = targets.filter(|target| target.port() == 80 && !target.is_https());
    let warning = |target: &Target| Warning {
        text: format!("`{target}` means port 80 of `{}`", target.host()),
        hint: format!("if your app listens on another port, name it, such as `{}:4000`", target.host()).into(),
    };
    targets.map(warning).collect()
}

/// Warns of an address that other machines can reach.
fn of_exposure(address: SocketAddr, forwarding: &Forwarding) -> Option<Warning> {
    if address.ip().to_canonical().is_loopback() {
        return None;
    }
    let who = if address.ip().is_unspecified() { "this machine" } else { "this address" };
    let is_through = forwarding.mode == ForwardMode::Through && !forwarding.routes.is_empty();
    // The listener's own responses reveal nothing, but in this mode they are the app's.
    let what = if is_through { "post events and see your app's responses" } else { "post events, but read none" };
    Some(Warning {
        text: format!("listening on `{address}`: anyone who can reach {who} can {what}"),
        hint: "use `--bind 127.0.0.1` unless a container or another machine must connect".into(),
    })
}

/// Warns of forwarding events that are not verified.
pub(crate) fn of_forwarding_all(forwarding: &Forwarding) -> Option<Warning> {
    let is_open = forwarding.forwarded == Forwarded::All && !forwarding.routes.is_empty();
    is_open.then(|| Warning {
        text: "`--forward all`: anyone who knows the public URL can send requests to your app".to_owned(),
        hint: "verify every request in the app".into(),
    })
}

/// Warns that another program changed the history's files while they were open, as `harm` says. Unlike in [`of_repair`], nothing is
/// repaired before the next start.
pub(crate) fn of_harm(harm: &str) -> Warning {
    Warning {
        text: format!("{harm}: hookglass stores nothing more, and senders get 503"),
        hint: "start hookglass again: it saves every event that can still be read".into(),
    }
}

/// Why events are not saved as fixtures.
pub(crate) fn of_saving(why: NotSaved) -> Warning {
    match why {
        NotSaved::Full { folder, limit } => Warning {
            text: format!("`{folder}` has {limit}: hookglass saves no more events"),
            hint: "start hookglass again with another `--save-dir`".into(),
        },
        NotSaved::Failed { seq, why } => Warning {
            text: format!("cannot save event {seq}: {why}"),
            hint: "it is in the history: `s` on the screen saves it".into(),
        },
        NotSaved::Unreadable(why) => Warning {
            text: format!("cannot read the events to save: {why}"),
            hint: "hookglass tries again with the next event".into(),
        },
    }
}

/// Offers what earlier runs left to one target: what was queued, unless `resumes` forwards that anyway, and what may have arrived.
pub(crate) fn of_leftovers(left: &Leftovers, resumes: bool, now: Timestamp) -> Vec<Warning> {
    let them = |count| if count == 1 { "it" } else { "them" };
    let queued_hint = match (resumes, them(left.queued.len())) {
        (true, them) => format!("hookglass forwards {them} now"),
        (false, them) => format!("`--resume-forwarding` forwards {them} at startup"),
    };
    let queued = left.queued_sentence(now).map(|text| Warning { text, hint: queued_hint.into() });
    let mut to = String::new();
    push_word(&mut to, left.target.as_bytes());
    let again = them(left.unknown.len());
    let unknown = left.unknown_sentence().map(|text| Warning {
        text,
        hint: format!("`hookglass replay {} --to {to}` sends {again} again", left.unknown_arguments()).into(),
    });
    queued.into_iter().chain(unknown).collect()
}

/// Reports that what an earlier run left stays where it is.
pub(crate) fn of_not_resumed(count: usize, why: &str) -> Warning {
    let (events, are, them) =
        if count == 1 { ("1 event".to_owned(), "is", "it") } else { (counted(count as u64, "event"), "are", "them") };
    Warning {
        text: format!("{events} of an earlier run {are} not forwarded: {why}"),
        hint: format!("start hookglass again: it offers {them} again").into(),
    }
}

/// Reports the repair of a history that was found damaged while it is open.
pub(crate) fn of_repair(repair: &Repair) -> Warning {
    match repair {
        Repair::Copying { events, of, damage } => {
            let text = match of {
                0 => format!("the history is damaged ({damage}): hookglass copies every readable event to a new file"),
                _ => copying(*events, *of),
            };
            Warning { text, hint: "until that is done, senders get 503 and try again".into() }
        }
        Repair::Done(salvaged) => Warning { text: salvaged.to_string(), hint: DELETE_DAMAGED.into() },
        Repair::Failed { why, hint, is_full } => Warning {
            text: format!("the history is damaged, and hookglass stores nothing more: {why}"),
            hint: if *is_full { "make room on the disk; hookglass tries again after 30 s" } else { hint }.into(),
        },
    }
}

/// The progress of copying a damaged history.
pub fn copying(events: u64, of: u64) -> String {
    if events == 0 {
        return "the history is damaged: hookglass copies every readable event to a new file".to_owned();
    }
    let (events, of) = (grouped(events), grouped(of));
    format!("the history is damaged: hookglass copied {events} of about {of} events to a new file")
}

/// Warns that nothing more is forwarded to a target.
pub(crate) fn of_leading_back(target: &str) -> Warning {
    Warning {
        text: format!("{}: nothing more is forwarded to it", Loop::Found(target.to_owned())),
        hint: "restart hookglass with the URL of your app".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_without_a_port_is_named() {
        let routes = ["nonsense", "user.*=http://app/x", "4000", "https://app"].map(|text| Route::parse(text).unwrap());
        let forwarding = Forwarding { routes: routes.into(), ..Forwarding::default() };
        let texts: Vec<_> = of_port_80(&forwarding).into_iter().map(|warning| warning.text).collect();
        assert_eq!(texts, ["`http://nonsense/` means port 80 of `nonsense`", "`http://app/x` means port 80 of `app`"]);
    }

    #[test]
    fn only_an_address_that_other_machines_reach_causes_a_warning() {
        let of = |address: &str, forwarding: &Forwarding| {
            of_exposure(address.parse().unwrap(), forwarding).map(|warning| warning.text)
        };
        let none = Forwarding::default();
        for address in ["127.0.0.1:1", "127.9.9.9:1", "[::1]:1", "[::ffff:127.0.0.1]:1"] {
            assert_eq!(of(address, &none), None, "{address}");
        }
        for (address, who) in
            [("0.0.0.0:1", "machine"), ("[::]:1", "machine"), ("192.0.2.1:1", "address"), ("[fe80::1]:1", "address")]
        {
            let expected =
                format!("listening on `{address}`: anyone who can reach this {who} can post events, but read none");
            assert_eq!(of(address, &none), Some(expected));
        }
        let route = Route::parse("4000").unwrap();
        let through = Forwarding { routes: vec![route], mode: ForwardMode::Through, ..Forwarding::default() };
        assert!(of("0.0.0.0:1", &through).unwrap().ends_with("can post events and see your app's responses"));
    }
}
