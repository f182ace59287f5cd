//! What the screen says about deletions: what was deleted, what stays and why, and how to undo it.

use super::action::Action;
use super::keymap::key_name;
use super::model::{Deletion, Model, Pane, Tone, What};
use crate::core::event::Seq;
use crate::core::numbers::{counted, grouped};

/// Why `action` cannot delete or restore anything now; `None` if it can.
pub(super) fn why_not(model: &Model, action: Action) -> Option<String> {
    let running = model.deletions.running.as_ref();
    if action == Action::Undo {
        return match running {
            Some(running) if running.what == What::Restored => Some(progress(running)),
            None if model.deletions.done.is_empty() => Some("nothing to undo: no event was deleted".to_owned()),
            _ => None,
        };
    }
    if let Some(running) = running {
        return Some(progress(running));
    }
    if model.events.awaits_history {
        return Some("older events are still being read; try again in a moment".to_owned());
    }
    match action {
        Action::Clear if model.events.is_empty() => Some("no event is listed".to_owned()),
        Action::Delete if model.focus == Pane::Types && model.events.index.marked().next().is_none() => {
            let key = key_name(Action::FocusNext);
            Some(format!("this deletes events, not types; press `{key}` to go to one"))
        }
        _ => None,
    }
}

/// How far a running deletion is.
pub(super) fn progress(running: &Deletion) -> String {
    let done = grouped((running.seqs.len() + running.pending) as u64);
    let all = events(running.all);
    if running.what == What::Restored {
        return format!("restoring {done} of {all}");
    }
    let key = key_name(Action::Undo);
    format!("deleting {done} of {all}; `{key}` stops and undoes it")
}

/// What was deleted, what stays, and how to undo it.
pub(super) fn outcome(ended: &Deletion) -> (Tone, String) {
    let count = ended.seqs.len();
    if ended.what == What::Restored {
        if count < ended.all {
            let text = format!("{} of {} restored; a repair of the history dropped the rest", count, events(ended.all));
            return (Tone::Warning, text);
        }
        return (Tone::Good, format!("{} restored", events(count)));
    }
    let what = match ended.what {
        What::Event(seq) if ended.all + ended.pending <= 1 => format!("event {seq}"),
        What::Event(seq) => format!("{} attempts of event {seq}", grouped(count as u64)),
        What::Marked { unlisted: 0 } if count == 1 => "the marked event".to_owned(),
        What::Marked { unlisted: 0 } => format!("{} marked events", grouped(count as u64)),
        What::Marked { unlisted } => {
            format!(
                "{} marked events, {} of them hidden by the filter,",
                grouped(count as u64),
                grouped(unlisted as u64)
            )
        }
        What::Listed | What::Restored => events(count),
    };
    if count == 0 {
        let text = match (ended.what, ended.pending) {
            (What::Event(seq), 1) => format!("cannot delete event {seq}: a delivery of it is pending"),
            (_, 0) => "stopped before any event was deleted".to_owned(),
            (_, 1) => "cannot delete the event: a delivery of it is pending".to_owned(),
            (_, pending) => format!("cannot delete the {pending} events: deliveries of them are pending"),
        };
        return (Tone::Warning, text);
    }
    let stays = match ended.pending {
        0 => String::new(),
        1 => "; 1 stays because a delivery is pending".to_owned(),
        pending => format!("; {} stay because deliveries are pending", grouped(pending as u64)),
    };
    let (key, it) = (key_name(Action::Undo), if count == 1 { "it" } else { "them" });
    (Tone::Good, format!("{what} deleted{stays}; `{key}` restores {it} until hookglass exits"))
}

pub(super) fn events(count: usize) -> String {
    counted(count as u64, "event")
}

/// The question before all listed events are deleted, and what stays.
pub(super) fn question(model: &Model, seqs: &[Seq], pending: usize, pinned: usize) -> Vec<String> {
    let index = &model.events.index;
    let mut lines = vec![format!("Delete {}?", events(seqs.len()))];
    let hidden = index.count().saturating_sub(seqs.len() + pending + pinned);
    if hidden > 0 && !model.events.query.filter().is_empty() {
        let (stay, it) = if hidden == 1 { ("stays", "is") } else { ("stay", "are") };
        lines.push(format!("{} that {it} not listed {stay}.", events(hidden)));
    }
    match pinned {
        0 => {}
        1 => lines.push("1 pinned event stays.".to_owned()),
        _ => lines.push(format!("{} pinned events stay.", grouped(pinned as u64))),
    }
    match pending {
        0 => {}
        1 => lines.push("1 event with a pending delivery stays.".to_owned()),
        _ => lines.push(format!("{} events with pending deliveries stay.", grouped(pending as u64))),
    }
    lines
}
