//! The overlay with the progress and results of a job.

use super::line::{LineBuilder, grouped};
use super::panel::panel_with_foot;
use crate::core::printable::Printable;
use crate::tui::action::Action;
use crate::tui::job::{Job, Phase, Work};
use crate::tui::keymap::key_name;
use crate::tui::layout;
use crate::tui::model::Model;
use crate::tui::theme::{Role, Theme};
use ratatui::Frame;
use ratatui::layout::Size;
use ratatui::text::{Line, Span};

pub(super) fn draw(model: &Model, top: usize, theme: &Theme, frame: &mut Frame) {
    let Some(job) = &model.job else { return };
    let size = frame.area().as_size();
    let width = layout::over_width(size);
    let mut lines = vec![bar(job, width, theme), Line::default()];
    let results = job.lines(width);
    let count = results.len();
    let results = results.into_iter().skip(top).take(layout::results_height(size));
    lines.extend(results.map(|line| {
        Line::from_iter(line.into_iter().map(|(role, text)| {
            // It may contain text from the app or the system.
            Span::styled(Printable::from_text(&text).into_string(), theme.style(role))
        }))
    }));
    panel_with_foot(&format!(" Job · {} ", job.target), Some(foot(job, count, size, theme)), lines, theme, frame);
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

/// The available keys, with those for scrolling if there is more than fits.
fn foot(job: &Job, count: usize, size: Size, theme: &Theme) -> Line<'static> {
    let scrolls = if count > layout::results_height(size) { "j k scroll · " } else { "" };
    let folds = if matches!(job.work, Work::Rehearsing(_)) { "1-9 h l fold · " } else { "" };
    let scroll = format!("{folds}{scrolls}");
    let (role, text) = match &job.phase {
        Phase::Running => (Role::Dim, format!("{} stops it · {scroll}Esc hides it", key_name(Action::StopJob))),
        Phase::Stopping => (Role::Warning, "stopping: deliveries in flight finish first".to_owned()),
        Phase::Ended if job.is_stopped_early() => (Role::Warning, format!("stopped · {scroll}Esc closes")),
        Phase::Ended | Phase::Failed(_) => (Role::Dim, format!("{scroll}Esc closes")),
    };
    Line::styled(format!(" {text} "), theme.style(role))
}
