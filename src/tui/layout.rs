//! The screen layout. `update` uses it for page sizes and clicks, the views for drawing.
//!
//! ```text
//! wide (116 columns or more)             narrow                  low (under 16 rows)
//!  header                                 header                  header
//!  problem, when there is one            ─ events ──────         ─ the pane with ─
//! ─ events ──────┬─ detail ──────         …                       the focus
//!  …             │ tabs                  ─ detail ─ tabs ─       ────────────────
//! ─ types ───────┤ …                      …                       footer
//!  …             │                       ────────────────
//! ───────────────┴───────────────         footer
//!  footer
//! ```
//!
//! The first line of a pane is its rule. Notices stand on the rule above the footer. While the filter is typed, its field has the line above
//! the events, and their rule tells what it searches.

use super::content::Loaded;
use super::model::{Model, Overlay, Pane, Tab};
use super::tree;
use ratatui::layout::{Constraint, Layout, Rect, Size};

const WIDE: u16 = 116;
const LOW: u16 = 16;
/// The palette on a large terminal.
const MAX_PALETTE: Size = Size::new(100, 21);
/// The least height of the events with a field above them. With less, the field stands on their rule.
const LEAST_FILTERED: u16 = 3;

/// Where everything is drawn. A pane without room is `None`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Regions {
    pub header: Rect,
    pub problem: Rect,
    pub events: Option<Rect>,
    /// The line of the open filter field.
    pub filter: Option<Rect>,
    pub types: Option<Rect>,
    pub detail: Option<Rect>,
    /// The column between the lists and the detail.
    pub divider: Option<Rect>,
    /// The rule above the footer.
    pub rule: Rect,
    pub footer: Rect,
    /// The lines about the payload above its text.
    pub notes: u16,
}

impl Regions {
    /// These regions clipped to `area`: the terminal may have shrunk since the model last heard of its size.
    pub fn within(self, area: Rect) -> Self {
        let clip = |pane: Option<Rect>| pane.map(|pane| pane.intersection(area)).filter(|pane| !pane.is_empty());
        Self {
            header: self.header.intersection(area),
            problem: self.problem.intersection(area),
            events: clip(self.events),
            filter: clip(self.filter),
            types: clip(self.types),
            detail: clip(self.detail),
            divider: clip(self.divider),
            rule: self.rule.intersection(area),
            footer: self.footer.intersection(area),
            notes: self.notes,
        }
    }

    /// Whether the tabs have a line of their own below the rule of the detail pane. Otherwise they stand on the rule.
    pub(crate) fn has_tab_line(&self) -> bool {
        self.divider.is_some()
    }

    /// The lines of text in the detail pane.
    pub fn detail_text(&self) -> Option<Rect> {
        self.detail.map(|area| below(area, self.above_text() + self.note().map_or(0, |notes| notes.height)))
    }

    /// The lines about the payload, unless they would leave no room for the text.
    pub fn note(&self) -> Option<Rect> {
        let rest = below(self.detail.filter(|_| self.notes > 0)?, self.above_text());
        (rest.height > self.notes + 1).then_some(Rect { height: self.notes, ..rest })
    }

    /// The rule of the detail pane and the line of tabs.
    fn above_text(&self) -> u16 {
        1 + u16::from(self.has_tab_line())
    }
}

/// `area` without its first `lines`.
fn below(area: Rect, lines: u16) -> Rect {
    let lines = lines.min(area.height);
    Rect { y: area.y + lines, height: area.height - lines, ..area }
}

/// The lines of a pane below its rule.
pub fn inner(pane: Rect) -> Rect {
    below(pane, 1)
}

pub fn regions(model: &Model) -> Regions {
    let regions = panes(model);
    match (regions.events, &model.overlay) {
        (Some(events), Some(Overlay::Filter(_))) if events.height >= LEAST_FILTERED => {
            Regions { filter: Some(Rect { height: 1, ..events }), events: Some(below(events, 1)), ..regions }
        }
        _ => regions,
    }
}

/// The regions without the filter field.
fn panes(model: &Model) -> Regions {
    let area = Rect::new(0, 0, model.size.width, model.size.height);
    let problem_height = u16::try_from(model.all_problems().len()).unwrap_or(u16::MAX).min(most_problems(area.height));
    let [header, problem, body, rule, footer] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Length(problem_height),
        Constraint::Fill(1),
        Constraint::Length(u16::from(area.height > 4)),
        Constraint::Length(1),
    ])
    .areas(area);
    let frame = Regions { header, problem, rule, footer, notes: notes(model), ..Regions::default() };
    if model.is_zoomed || body.height + 3 < LOW {
        return match model.focus {
            Pane::Events => Regions { events: Some(body), ..frame },
            Pane::Types => Regions { types: Some(body), ..frame },
            Pane::Detail => Regions { detail: Some(body), ..frame },
        };
    }
    if body.width >= WIDE {
        let [left, divider, right] =
            Layout::horizontal([Constraint::Percentage(52), Constraint::Length(1), Constraint::Fill(1)]).areas(body);
        let (events, types) = with_types(left, model);
        Regions { events, types, divider: Some(divider), detail: Some(right), ..frame }
    } else {
        let [top, bottom] = Layout::vertical([Constraint::Percentage(40), Constraint::Fill(1)]).areas(body);
        if model.focus == Pane::Types {
            Regions { types: Some(top), detail: Some(bottom), ..frame }
        } else {
            Regions { events: Some(top), detail: Some(bottom), ..frame }
        }
    }
}

/// The lines that say what the open payload is, and that it differs from the documentation.
fn notes(model: &Model) -> u16 {
    let loaded = model.detail.loaded.as_ref().filter(|_| model.detail.tab == Tab::Payload);
    let count = |loaded: &Loaded| u16::from(loaded.payload.note.is_some()) + u16::from(loaded.checked.differences > 0);
    loaded.map_or(0, |loaded| count(loaded))
}

/// The most lines for problems: a tenth of the height, but at least one; none on 4 rows or fewer.
fn most_problems(height: u16) -> u16 {
    if height > 4 { (height / 10).max(1) } else { 0 }
}

/// The events with the types below. The types get a line each, at most a third of the height.
fn with_types(area: Rect, model: &Model) -> (Option<Rect>, Option<Rect>) {
    if !model.types.is_shown {
        return (Some(area), None);
    }
    let count = u16::try_from(tree::rows(model).len()).unwrap_or(u16::MAX);
    let height = count.saturating_add(1).clamp(3, (area.height / 3).max(3));
    let [events, types] = Layout::vertical([Constraint::Fill(1), Constraint::Length(height)]).areas(area);
    (Some(events), Some(types))
}

/// The lines of text that fit in a full-screen overlay such as the help.
pub(crate) fn over_height(size: Size) -> usize {
    usize::from(size.height.saturating_sub(4))
}

/// The lines of the help below its field.
pub(crate) fn help_height(size: Size) -> usize {
    over_height(size).saturating_sub(1)
}

/// The palette with its border. Its size does not depend on what it lists, so that it does not move while one types.
pub fn palette(size: Size) -> Rect {
    let width = size.width.min(MAX_PALETTE.width);
    let height = size.height.min(MAX_PALETTE.height);
    Rect::new((size.width - width) / 2, (size.height - height) / 2, width, height)
}

/// The lines of the palette below its field.
pub(crate) fn palette_entries(size: Size) -> Rect {
    let area = palette(size);
    let [sides, above] = [4.min(area.width), 2.min(area.height)];
    let below = 1.min(area.height - above);
    Rect { x: area.x + sides / 2, y: area.y + above, width: area.width - sides, height: area.height - above - below }
}

/// The lines that fit in a menu. It may cover the whole screen.
pub(crate) fn menu_height(size: Size) -> usize {
    usize::from(size.height.saturating_sub(2))
}

/// The lines that fit below the progress bar of a job.
pub(crate) fn results_height(size: Size) -> usize {
    over_height(size).saturating_sub(2)
}

/// The columns of text in an overlay, at most 100.
pub(crate) fn over_width(size: Size) -> usize {
    usize::from(size.width.saturating_sub(4)).min(100)
}

/// The columns of text in the detail pane: without the truncation marker on each side.
pub fn text_columns(detail: Option<Rect>) -> usize {
    detail.map_or(0, |area| usize::from(area.width.saturating_sub(2)))
}

/// The lines of a pane below its rule.
pub fn inner_height(pane: Option<Rect>) -> usize {
    pane.map_or(0, |area| inner(area).height.into())
}

/// The lines of text in the detail pane.
pub fn detail_height(model: &Model) -> usize {
    regions(model).detail_text().map_or(0, |area| area.height.into())
}
