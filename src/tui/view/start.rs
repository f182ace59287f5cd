//! The page before the first event: a checklist that ticks itself.

use super::line::LineBuilder;
use crate::core::provider::DOCUMENTED_PATH;
use crate::core::signature::SECRET_VARIABLE;
use crate::core::tunnel::PublicUrl;
use crate::tui::action::Action;
use crate::tui::keymap::key_name;
use crate::tui::model::Model;
use crate::tui::theme::{Role, Theme};
use ratatui::Frame;
use ratatui::layout::{Constraint, Flex, Layout, Rect};
use ratatui::text::{Line, Text};

/// The room that the full page needs.
const WIDTH: u16 = 76;
const HEIGHT: u16 = 12;
/// The columns of the names of the steps, on the full and on the short page.
const NAME: usize = 16;
const SHORT_NAME: usize = 12;

/// A piece of text, and whether it is a key, a command or an address.
type Pieces = Vec<(Role, String)>;

/// A line of the checklist.
struct Step {
    is_done: bool,
    name: &'static str,
    /// What to do, or what is known.
    text: Pieces,
    /// The same in at most 24 columns.
    short: Pieces,
    /// A second line of the full page.
    more: Option<String>,
}

pub fn draw(model: &Model, theme: &Theme, area: Rect, frame: &mut Frame) {
    let is_small = area.width < WIDTH || area.height < HEIGHT;
    let lines = if is_small { short_lines(model, theme) } else { lines(model, theme) };
    let width = lines.iter().map(Line::width).max().unwrap_or(0);
    let height = u16::try_from(lines.len()).unwrap_or(u16::MAX).min(area.height);
    let [column] = Layout::horizontal([Constraint::Length(u16::try_from(width).unwrap_or(u16::MAX))])
        .flex(Flex::Center)
        .areas(area);
    let [block] = Layout::vertical([Constraint::Length(height)]).flex(Flex::Center).areas(column);
    frame.render_widget(Text::from(lines), block);
}

fn steps(model: &Model) -> Vec<Step> {
    let text = |text: &str| (Role::Text, text.to_owned());
    let strong = |text: String| (Role::Strong, text);
    let key = |action| (Role::Key, key_name(action));
    let url = format!("http://{}", model.setup.address);
    let secret = match model.setup.secrets.labels.as_slice() {
        [] => None,
        [one] => Some(one.clone()),
        many => Some(format!("{} secrets", many.len())),
    };
    let app = model.setup.forward_to().next().or(model.setup.target.as_ref()).map(ToString::to_string);
    let known = |value: String| (vec![strong(value.clone())], vec![strong(value)]);
    let (secret_text, secret_short) = secret.clone().map_or_else(
        || {
            let long =
                vec![key(Action::EnterSecret), text(" to paste it, or set "), strong(SECRET_VARIABLE.to_owned())];
            (long, vec![key(Action::EnterSecret), text(" to paste it")])
        },
        known,
    );
    let (app_text, app_short) = app.clone().map_or_else(
        || {
            let long = vec![
                key(Action::EnterTarget),
                text(" to set its URL; then "),
                key(Action::Redeliver),
                text(" sends events to it"),
            ];
            (long, vec![key(Action::EnterTarget), text(" to set its URL")])
        },
        known,
    );
    vec![
        Step {
            is_done: true,
            name: "listening",
            text: vec![text("on "), (Role::Good, url.clone())],
            short: vec![(Role::Good, url)],
            more: None,
        },
        Step { name: "public URL", ..public_url(model) },
        Step { is_done: secret.is_some(), name: "signing secret", text: secret_text, short: secret_short, more: None },
        Step {
            is_done: false,
            name: "first event",
            text: vec![
                text("Send Test Event in the dashboard, or "),
                key(Action::SendSample),
                text(" for a sample now"),
            ],
            short: vec![key(Action::SendSample), text(" to send a sample")],
            more: None,
        },
        Step { is_done: app.is_some(), name: "your app", text: app_text, short: app_short, more: None },
    ]
}

/// The tunnel, or how to start one.
fn public_url(model: &Model) -> Step {
    let text = |text: &str| (Role::Text, text.to_owned());
    let command = || (Role::Strong, model.setup.tunnel_command());
    let todo = |why: String, more: Option<String>| Step {
        is_done: false,
        name: "",
        text: vec![command(), (Role::Text, why)],
        short: vec![command()],
        more,
    };
    match (&model.tunnel.public, model.tunnel.endpoint()) {
        (PublicUrl::Here(url), Some(endpoint)) => Step {
            is_done: true,
            name: "",
            text: vec![(Role::Good, endpoint)],
            short: vec![(Role::Good, url.trim_start_matches("https://").to_owned())],
            more: Some(format!("{} copies it for the dashboard", key_name(Action::CopyPublicUrl))),
        },
        (PublicUrl::OtherPort { url, port }, _) => {
            todo(format!("; `{}` leads to port {port}", url.trim_start_matches("https://")), None)
        }
        (PublicUrl::Down(_), _) => todo(" again: the tunnel is down".to_owned(), None),
        _ => Step {
            is_done: false,
            name: "",
            text: vec![command(), text(" in another terminal, then in the dashboard")],
            short: vec![command()],
            more: Some(format!("add the endpoint https://<its host>{DOCUMENTED_PATH}")),
        },
    }
}

/// The short page, for 38 columns and 6 lines.
fn short_lines(model: &Model, theme: &Theme) -> Vec<Line<'static>> {
    let heading = Line::styled("Waiting for the first webhook", theme.style(Role::Title));
    let step = |step: Step| {
        let name = step.name.trim_start_matches("signing ");
        line(theme, step.is_done, name, SHORT_NAME, &step.short, 38)
    };
    std::iter::once(heading).chain(steps(model).into_iter().map(step)).collect()
}

fn lines(model: &Model, theme: &Theme) -> Vec<Line<'static>> {
    let mut lines = vec![Line::styled("Waiting for the first webhook", theme.style(Role::Title)), Line::default()];
    for step in steps(model) {
        lines.push(line(theme, step.is_done, step.name, NAME, &step.text, WIDTH.into()));
        let more = step.more.map(|text| Line::styled(format!("{:1$}{text}", "", NAME + 2), theme.style(Role::Strong)));
        lines.extend(more);
    }
    lines
}

fn line(theme: &Theme, is_done: bool, name: &str, columns: usize, text: &Pieces, width: usize) -> Line<'static> {
    let mut line = LineBuilder::new(theme, width);
    let (role, mark) = if is_done { (Role::Good, "✓ ") } else { (Role::Dim, "○ ") };
    line.put(role, mark).put(Role::Text, &format!("{name:columns$}"));
    for (role, text) in text {
        line.put_foreign(*role, text, width);
    }
    line.build()
}
