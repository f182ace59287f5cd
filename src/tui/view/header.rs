//! The top line: address, overrides, target with its last delivery, background activity, event counts. Problems are
//! below it.
//!
//! ```text
//!  hookglass  ● 127.0.0.1:3000   override 503 ×2   ⇒ localhost:4000 +1 all 201 12 ms     1,284 events  3 ✗
//!  hookglass  ● 127.0.0.1:3000   → localhost:4000 201 12 ms     ↻ rehearsing 3 of 10  1,284 events  3 ✗
//! ```

use super::line::{LineBuilder, grouped};
use crate::core::delivery::{ForwardMode, Forwarded, Target};
use crate::core::signature::Verdict;
use crate::core::times::in_words;
use crate::core::tunnel::PublicUrl;
use crate::tui::model::Model;
use crate::tui::theme::{Role, Theme, glyph};
use ratatui::Frame;
use ratatui::layout::Rect;
use std::time::Duration;

/// The most columns of the address.
const ADDRESS: usize = 60;
/// Shown when unverified events are forwarded too.
const ALL: &str = " all";

pub fn draw(model: &Model, theme: &Theme, area: Rect, frame: &mut Frame) {
    let width = usize::from(area.width);
    let brief = brief_activity(model);
    // The activity is always shown.
    let reserved = brief.iter().map(|(_, text)| text.chars().count() + 1).sum();
    let left = width.saturating_sub(reserved);
    let forwards_all = model.setup.forwarding.forwarded == Forwarded::All && !model.setup.forwarding.routes.is_empty();
    // So is the warning that all events are forwarded.
    let mut line = LineBuilder::new(theme, left.saturating_sub(if forwards_all { ALL.len() } else { 0 }));
    let overrides =
        if model.setup.overrides.is_off() { String::new() } else { format!(" override {} ", model.setup.overrides) };
    let (brand, gap) = (" hookglass ", "  ");
    let override_columns = if overrides.is_empty() { 0 } else { gap.len() + overrides.chars().count() };
    // The forwarding target matters more than the target of `r`.
    let target = model.setup.forward_to().next().or(model.setup.target.as_ref());
    let target_columns = target.filter(|_| forwards_all).map_or(0, |target| 5 + target.address().len());
    let is_calm = overrides.is_empty() && brief.is_empty() && !forwards_all;
    let needed = brand.len() + 3 + model.setup.address.len() + override_columns + target_columns;
    // Overrides, activity and `all` are more important than the name of the program.
    if is_calm || needed <= line.room() {
        line.put(Role::Brand, brand);
    }
    line.put(Role::Good, " ● ").put_foreign(Role::Strong, &model.setup.address, ADDRESS);
    if !overrides.is_empty() {
        line.put(Role::Text, gap).put_foreign(Role::Badge, &overrides, 48);
    }
    put_public_url(model, &mut line, target.map_or(0, |target| 12 + target.address().len()));
    if let Some(target) = target {
        put_target(model, target, &mut line);
        line.widen(left);
        if forwards_all {
            line.put(Role::Warning, ALL);
        }
    }
    put_last_delivery(model, target, &mut line);
    line.widen(width);
    put_key(model, &mut line);
    // The longest version that fits. Activity matters most, then the counts, then the loading of the history.
    let (activity, counts, short_counts) = (activity(model), counts(model), short_counts(model));
    let versions = [
        [loading(model), activity.clone(), counts.clone()].concat(),
        [activity.clone(), counts].concat(),
        [activity.clone(), short_counts].concat(),
        activity,
        brief,
    ];
    if let Some(parts) = versions.iter().find(|parts| line.has_room_for(parts)) {
        line.put_right(parts);
    }
    frame.render_widget(line.build(), area);
}

/// The target, with the way in which events are forwarded to it, and the number of further ones.
fn put_target(model: &Model, target: &Target, line: &mut LineBuilder<'_>) {
    let arrow = match model.setup.forwarding.mode {
        _ if model.setup.forwarding.routes.is_empty() => "   → ",
        ForwardMode::After => "   ⇒ ",
        // The sender gets the app's response.
        ForwardMode::Through => "   ⇄ ",
    };
    line.put(Role::Dim, arrow).put_foreign(Role::Text, &target.address(), 44);
    let others = model.setup.forwarding.routes.len().saturating_sub(1);
    if others > 0 {
        line.put(Role::Dim, &format!(" +{others}"));
    }
}

/// How the last delivery ended, and to whom if not to `target`.
fn put_last_delivery(model: &Model, target: Option<&Target>, line: &mut LineBuilder<'_>) {
    let Some(last) = model.last_delivery() else { return };
    let role = Role::of(last.ending, last.doubt);
    let mark = if last.doubt.is_some() { "!" } else { "" };
    if target.is_none_or(|target| target.address() != last.address) {
        line.put(Role::Dim, " · ").put_foreign(Role::Text, &last.address, 44);
    }
    line.put(Role::Text, " ")
        .put(role, &format!("{mark}{}", last.ending))
        .put(Role::Dim, &format!(" {}", in_words(Duration::from_micros(last.total_us))));
}

/// The public URL, or its host, if it fits beside the counts and `reserved` columns.
fn put_public_url(model: &Model, line: &mut LineBuilder<'_>, reserved: usize) {
    let room = line.room().saturating_sub(columns(&[activity(model), counts(model)].concat()) + reserved + 6);
    let (role, versions) = match &model.tunnel.public {
        PublicUrl::Here(url) => {
            let host = url.split_once("://").map_or(url.as_str(), |(_, host)| host).to_owned();
            (Role::Text, vec![model.tunnel.endpoint().unwrap_or_default(), host])
        }
        PublicUrl::Down(_) => (Role::Bad, vec!["tunnel down".to_owned()]),
        PublicUrl::None | PublicUrl::OtherPort { .. } => return,
    };
    if let Some(text) = versions.iter().find(|text| text.chars().count() <= room) {
        line.put(Role::Dim, " ← ").put_foreign(role, text, room);
    }
}

/// The signing secret that verifies, if there is room for it and the counts.
fn put_key(model: &Model, line: &mut LineBuilder<'_>) {
    let (role, text) = match model.setup.secrets.labels.as_slice() {
        [] => (Role::Warning, "○ none".to_owned()),
        [one] => (Role::Text, one.clone()),
        many => (Role::Text, format!("{} secrets", many.len())),
    };
    let check = if model.setup.secrets.labels.is_empty() { "" } else { "✓ " };
    let parts = [(Role::Dim, "   key ".to_owned()), (Role::Good, check.to_owned()), (role, text)];
    if columns(&[activity(model), counts(model)].concat()) + columns(&parts) + 2 < line.room() {
        for (role, text) in &parts {
            line.put_foreign(*role, text, 32);
        }
    }
}

fn columns(parts: &[(Role, String)]) -> usize {
    parts.iter().map(|(_, text)| text.chars().count()).sum()
}

fn loading(model: &Model) -> Vec<(Role, String)> {
    if !model.events.is_history_loading {
        return Vec::new();
    }
    vec![match model.events.history_read {
        (0, _) => (Role::Dim, "loading the history  ".to_owned()),
        (read, all) => (Role::Dim, format!("loading {} of {}  ", grouped(read), grouped(all))),
    }]
}

/// The background activities: name, steps done, steps planned.
fn activities(model: &Model) -> impl Iterator<Item = (&'static str, u64, u64)> {
    let job = model.job.as_ref().filter(|job| job.is_running()).map(|job| {
        let (done, all) = job.progress();
        (job.word(), done, all)
    });
    job.into_iter().chain(model.reverifying.map(|(done, all)| ("verifying", done, all)))
}

fn activity(model: &Model) -> Vec<(Role, String)> {
    let part = |(word, done, all)| (Role::Warning, format!("↻ {word} {} of {}  ", grouped(done), grouped(all)));
    let pending = model.in_flight.count();
    // A single one is visible in its row.
    let pending = (pending > 1).then(|| (Role::Warning, format!("◐ {} pending  ", grouped(pending as u64))));
    activities(model).map(part).chain(pending).collect()
}

/// The first activity without its name.
fn brief_activity(model: &Model) -> Vec<(Role, String)> {
    let part = |(_, done, all)| (Role::Warning, format!("↻ {}/{} ", grouped(done), grouped(all)));
    activities(model).take(1).map(part).collect()
}

fn short_counts(model: &Model) -> Vec<(Role, String)> {
    let totals = model.events.index.totals();
    let mut parts = vec![(Role::Strong, format!("{} ", grouped(totals.all())))];
    let invalid = totals.of(Verdict::Invalid);
    if invalid > 0 {
        parts.push((Role::Verdict(Verdict::Invalid), format!(" {} {} ", grouped(invalid), glyph(Verdict::Invalid))));
    }
    parts
}

fn counts(model: &Model) -> Vec<(Role, String)> {
    let totals = model.events.index.totals();
    let events = if totals.all() == 1 { " event " } else { " events " };
    let mut parts = vec![(Role::Strong, grouped(totals.all())), (Role::Dim, events.to_owned())];
    for verdict in [Verdict::Verified, Verdict::Invalid, Verdict::Unsigned] {
        let count = totals.of(verdict);
        if count > 0 {
            parts.push((Role::Verdict(verdict), format!(" {} {} ", grouped(count), glyph(verdict))));
        }
    }
    parts
}

/// The problems and what to do about them, the latest first, as many as fit.
pub(crate) fn draw_problems(model: &Model, theme: &Theme, area: Rect, frame: &mut Frame) {
    let problems = model.all_problems();
    let hidden = problems.len().saturating_sub(area.height.into());
    let width = usize::from(area.width);
    for (row, problem) in area.rows().zip(&problems) {
        let is_last = row.bottom() == area.bottom();
        let more = if is_last && hidden > 0 { format!(" and {hidden} more ") } else { String::new() };
        let mut line = LineBuilder::new(theme, width.saturating_sub(more.len()));
        line.put(Role::Warning, " ! ")
            .put(Role::Warning, &problem.text)
            .put(Role::Dim, " · ")
            .put(Role::Text, &problem.hint)
            .widen(width)
            .put_right(&[(Role::Dim, more)]);
        frame.render_widget(line.build(), row);
    }
}
