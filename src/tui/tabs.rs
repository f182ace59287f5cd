//! The tabs of the detail pane: what each shows of its state, and where it stands.

use super::layout::Regions;
use super::model::{Model, Tab};
use super::outcome::outcome;
use super::theme::{Role, glyph};
use crate::core::index::Row;
use ratatui::layout::Rect;

/// The columns that the title keeps when the tabs stand on the rule.
const TITLE: usize = 24;

/// How much of the tabs fits, the widest first.
const FORMS: [Form; 7] = [
    Form { active: true, others: Tab::ALL.len(), state: true, gap: 2 },
    Form { active: true, others: 4, state: true, gap: 2 },
    Form { active: true, others: 4, state: true, gap: 1 },
    Form { active: true, others: 0, state: true, gap: 2 },
    Form { active: true, others: 0, state: true, gap: 1 },
    Form { active: true, others: 0, state: false, gap: 2 },
    Form { active: false, others: 0, state: false, gap: 2 },
];

#[derive(Clone, Copy)]
struct Form {
    /// Whether the active tab has its title.
    active: bool,
    /// How many tabs, from the first on, have theirs although they are not active.
    others: usize,
    /// Whether the other tabs show their state.
    state: bool,
    /// The columns between two tabs.
    gap: usize,
}

/// A tab as it is drawn.
pub(crate) struct ShownTab {
    pub tab: Tab,
    /// Columns from the start of the line.
    pub column: usize,
    pub pieces: Vec<(Role, String)>,
}

impl ShownTab {
    pub fn width(&self) -> usize {
        self.pieces.iter().map(|(_, text)| text.chars().count()).sum()
    }
}

/// The tabs in `room` columns. Titles go first, then states; a number always stays.
pub(crate) fn tabs(model: &Model, room: usize) -> Vec<ShownTab> {
    let mut fitting = FORMS.iter().map(|form| in_form(model, *form)).filter(|shown| width(shown) <= room);
    fitting.next().unwrap_or_else(|| in_form(model, FORMS[FORMS.len() - 1]))
}

pub fn width(shown: &[ShownTab]) -> usize {
    shown.last().map_or(0, |last| last.column + last.width())
}

/// The line of the tabs and the columns they may use: below the rule, or at the right end of it.
pub fn area(model: &Model, regions: &Regions, title: usize) -> Option<(Rect, Vec<ShownTab>)> {
    let detail = regions.detail?;
    if regions.has_tab_line() {
        let line = Rect { x: detail.x + 2, y: detail.y + 1, width: detail.width.saturating_sub(2), height: 1 };
        let shown = tabs(model, line.width.into());
        return (detail.height > 1).then_some((line, shown));
    }
    // A corner, the title and a space before the tabs, a space and a corner behind them.
    let room = usize::from(detail.width).saturating_sub(title.min(TITLE) + 6);
    let shown = tabs(model, room);
    let columns = u16::try_from(width(&shown)).unwrap_or(u16::MAX).min(detail.width);
    let x = detail.right().saturating_sub(columns + 2).max(detail.x);
    Some((Rect { x, y: detail.y, width: columns, height: 1 }, shown))
}

fn in_form(model: &Model, form: Form) -> Vec<ShownTab> {
    let row = model.detail.loaded.as_ref().and_then(|loaded| {
        let index = &model.events.index;
        index.position_of(loaded.event.summary.seq).map(|position| index.row(position))
    });
    let mut column = 0;
    let tab = |(place, tab): (usize, Tab)| {
        let is_active = tab == model.detail.tab;
        let (name, others) = if is_active { (Role::ActiveTab, Role::ActiveTab) } else { (Role::Text, Role::Dim) };
        let mut pieces = vec![(others, (place + 1).to_string())];
        if if is_active { form.active } else { place < form.others } {
            pieces.push((others, " ".to_owned()));
            pieces.push((name, tab.title().to_owned()));
        }
        if let Some((role, state)) = row.as_ref().and_then(|row| state(model, row, tab))
            && (is_active || form.state)
        {
            pieces.push((Role::Text, " ".to_owned()));
            pieces.push((role, state));
        }
        let shown = ShownTab { tab, column, pieces };
        column += shown.width() + form.gap;
        shown
    };
    Tab::ALL.into_iter().enumerate().map(tab).collect()
}

fn state(model: &Model, row: &Row<'_>, tab: Tab) -> Option<(Role, String)> {
    match tab {
        Tab::Payload | Tab::Headers | Tab::Raw | Tab::Diff => None,
        Tab::Signature => Some((Role::Verdict(row.verdict), glyph(row.verdict).to_owned())),
        Tab::Deliveries => {
            let (role, text) = outcome(model, row);
            let text = text.trim();
            (text != "·").then(|| (role, text.to_owned()))
        }
    }
}
