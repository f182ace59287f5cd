//! The top line: who listens where, what is answered by order, what goes where, what goes on behind the panes, how many there are.
//! Beneath it, what is broken.
//!
//! ```text
//!  hookglass  ● 127.0.0.1:3000   answers 503 ×2    ⇒ localhost:4000 +1 all 201 12 ms     1,284 events  3 ✗
//!  hookglass  ● 127.0.0.1:3000   → localhost:4000 201 12 ms     ↻ rehearsing 3 of 10  1,284 events  3 ✗
//! ```

use super::line::{LineBuilder, grouped};
use crate::core::delivery::{ForwardMode, Forwarded};
use crate::core::signature::Verdict;
use crate::core::times::duration;
use crate::tui::model::Model;
use crate::tui::theme::{Role, Theme, glyph};
use ratatui::Frame;
use ratatui::layout::Rect;

/// Most columns of the address.
const ADDRESS: usize = 60;
/// Whatever comes reaches the app, forged or not.
const ALL: &str = " all";

pub fn draw(model: &Model, theme: &Theme, area: Rect, frame: &mut Frame) {
    let width = usize::from(area.width);
    let brief = brief_activity(model);
    // What goes on is told in any case.
    let kept_free = brief.iter().map(|(_, text)| text.chars().count() + 1).sum();
    let left = width.saturating_sub(kept_free);
    let is_open = model.setup.forwarded == Forwarded::All && !model.setup.forward_to.is_empty();
    // So must be whether the app is open to all.
    let mut line = LineBuilder::new(theme, left.saturating_sub(if is_open { ALL.len() } else { 0 }));
    let answers =
        if model.setup.answers.is_off() { String::new() } else { format!(" answers {} ", model.setup.answers) };
    let (brand, gap) = (" hookglass ", "  ");
    let answers_columns = if answers.is_empty() { 0 } else { gap.len() + answers.chars().count() };
    // Where events go of themselves matters more than where `r` sends.
    let target = model.setup.forward_to.first().or(model.setup.target.as_ref());
    let target_columns = target.filter(|_| is_open).map_or(0, |target| 5 + target.address().len());
    let is_calm = answers.is_empty() && brief.is_empty() && !is_open;
    let needed = brand.len() + 3 + model.setup.address.len() + answers_columns + target_columns;
    // What is answered by order must not be forgotten, nor what goes on or who is open to all; whose screen this is, is known.
    if is_calm || needed <= line.room() {
        line.put(Role::Brand, brand);
    }
    line.put(Role::Good, " ● ").put_foreign(Role::Strong, &model.setup.address, ADDRESS);
    if !answers.is_empty() {
        line.put(Role::Text, gap).put_foreign(Role::Badge, &answers, 48);
    }
    if let Some(target) = target {
        let arrow = match model.setup.forward_mode {
            _ if model.setup.forward_to.is_empty() => "   → ",
            ForwardMode::After => "   ⇒ ",
            // The app's answer comes back to the sender.
            ForwardMode::Through => "   ⇄ ",
        };
        line.put(Role::Dim, arrow).put_foreign(Role::Text, &target.address(), 44);
        let others = model.setup.forward_to.len().saturating_sub(1);
        if others > 0 {
            line.put(Role::Dim, &format!(" +{others}"));
        }
        line.widen(left);
        if is_open {
            line.put(Role::Warning, ALL);
        }
    }
    if let Some(last) = model.last_delivery() {
        let role = if last.ending.is_delivered() { Role::Good } else { Role::Bad };
        if target.is_none_or(|target| target.address() != last.address) {
            line.put(Role::Dim, " · ").put_foreign(Role::Text, &last.address, 44);
        }
        line.put(Role::Text, " ")
            .put(role, &last.ending.to_string())
            .put(Role::Dim, &format!(" {}", duration(last.total_us)));
    }
    line.widen(width);
    // What there is room for: how many there are goes before the history, and what goes on before both.
    let (activity, counts, short_counts) = (activity(model), counts(model), short_counts(model));
    let versions = [
        [reading(model), activity.clone(), counts.clone()].concat(),
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

fn reading(model: &Model) -> Vec<(Role, String)> {
    let is_loading = model.events.is_history_loading;
    is_loading.then(|| (Role::Dim, "reading the history  ".to_owned())).into_iter().collect()
}

/// What goes on behind the panes, and how far it is: what, done, of how much.
fn going_on(model: &Model) -> impl Iterator<Item = (&'static str, u64, u64)> {
    let job = model.job.as_ref().filter(|job| job.is_running()).map(|job| {
        let (done, all) = job.progress();
        (job.word(), done, all)
    });
    job.into_iter().chain(model.judging.map(|(done, all)| ("judging", done, all)))
}

fn activity(model: &Model) -> Vec<(Role, String)> {
    let part = |(word, done, all)| (Role::Warning, format!("↻ {word} {} of {}  ", grouped(done), grouped(all)));
    going_on(model).map(part).collect()
}

/// The first of [`activity`] without its word.
fn brief_activity(model: &Model) -> Vec<(Role, String)> {
    let part = |(_, done, all)| (Role::Warning, format!("↻ {}/{} ", grouped(done), grouped(all)));
    going_on(model).take(1).map(part).collect()
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

/// What is wrong and what to do about it, the last first, as far as the lines go.
pub fn draw_problems(model: &Model, theme: &Theme, area: Rect, frame: &mut Frame) {
    let wrong = model.wrong();
    let left_out = wrong.len().saturating_sub(area.height.into());
    let width = usize::from(area.width);
    for (row, problem) in area.rows().zip(&wrong) {
        let is_last = row.bottom() == area.bottom();
        let more = if is_last && left_out > 0 { format!(" and {left_out} more ") } else { String::new() };
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
