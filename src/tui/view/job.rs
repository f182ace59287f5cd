//! A job over the panes: how far it is and what came of it.

use super::line::{LineBuilder, grouped};
use super::overlay::panel;
use crate::core::shown::Shown;
use crate::tui::action::Action;
use crate::tui::job::{Job, Phase};
use crate::tui::keymap::key_name;
use crate::tui::layout;
use crate::tui::model::Model;
use crate::tui::theme::{Role, Theme};
use ratatui::Frame;
use ratatui::text::{Line, Span};

pub(super) fn draw(model: &Model, top: usize, theme: &Theme, frame: &mut Frame) {
    let Some(job) = &model.job else { return };
    let size = frame.area().as_size();
    let width = layout::over_width(size);
    let mut lines = vec![bar(job, width, theme), Line::default()];
    let results = job.lines(width).into_iter().skip(top).take(layout::results_height(size));
    lines.extend(results.map(|line| {
        Line::from_iter(line.into_iter().map(|(role, text)| {
            // What the app or the system said may be among it.
            Span::styled(Shown::from_text(&text).into_string(), theme.style(role))
        }))
    }));
    lines.push(foot(job, theme));
    let to = Shown::from_text(&job.target.to_string()).into_string();
    panel(&format!(" To {to} "), lines, theme, frame);
}

/// `█████████░░░░░░  12 of 40`
fn bar(job: &Job, width: usize, theme: &Theme) -> Line<'static> {
    let (done, all) = job.progress();
    let text = format!("  {} of {}", grouped(done), grouped(all));
    let columns = width.saturating_sub(text.len()).min(40);
    let full = usize::try_from(done.min(all) * columns as u64 / all.max(1)).unwrap_or(columns);
    let mut line = LineBuilder::new(theme, width);
    line.put(Role::Good, &"█".repeat(full)).put(Role::Dim, &"░".repeat(columns - full)).put(Role::Text, &text);
    line.build()
}

fn foot(job: &Job, theme: &Theme) -> Line<'static> {
    let (role, text) = match &job.phase {
        Phase::Running => (Role::Dim, format!("{} stops it, Esc hides it", key_name(Action::StopJob))),
        Phase::Stopping => (Role::Warning, "stopping: what is on its way ends first".to_owned()),
        Phase::Ended => (Role::Dim, "Esc closes".to_owned()),
        Phase::Failed(why) => (Role::Bad, why.clone()),
    };
    Line::styled(Shown::from_text(&text).into_string(), theme.style(role))
}
