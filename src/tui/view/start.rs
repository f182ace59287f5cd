//! The page before the first event: the next steps, with the actual address.

use crate::core::printable::Printable;
use crate::core::signature::SECRET_VARIABLE;
use crate::tui::action::Action;
use crate::tui::keymap::key_name;
use crate::tui::model::Model;
use crate::tui::theme::{Role, Theme};
use ratatui::Frame;
use ratatui::layout::{Constraint, Flex, Layout, Rect};
use ratatui::text::{Line, Span, Text};

/// The room that the full page needs.
const WIDTH: u16 = 72;
const HEIGHT: u16 = 13;

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

/// The short page, for 38 columns and 6 lines.
fn short_lines(model: &Model, theme: &Theme) -> Vec<Line<'static>> {
    let span = |role, text: String| Span::styled(text, theme.style(role));
    let port = model.setup.address.rsplit(':').next().unwrap_or_default();
    let secret = match model.setup.secrets.labels.as_slice() {
        [] => vec![
            span(Role::Text, "3 press ".to_owned()),
            span(Role::Key, key_name(Action::EnterSecret)),
            span(Role::Text, " and paste its secret".to_owned()),
        ],
        _ => vec![span(Role::Text, "3 signing secret: ✓ added".to_owned())],
    };
    vec![
        Line::from(vec![
            span(Role::Text, "Waiting on ".to_owned()),
            span(Role::Good, format!("http://{}", model.setup.address)),
        ]),
        Line::from(vec![span(Role::Text, "1 ".to_owned()), span(Role::Strong, format!("ngrok http {port}"))]),
        Line::from(span(Role::Text, "2 add this endpoint in the dashboard:".to_owned())),
        Line::from(span(Role::Strong, "  <its URL>/webhooks/scalekit".to_owned())),
        Line::from(secret),
        Line::from(vec![
            span(Role::Text, "4 send a test event, or press ".to_owned()),
            span(Role::Key, key_name(Action::SendSample)),
        ]),
    ]
}

fn lines(model: &Model, theme: &Theme) -> Vec<Line<'static>> {
    let span = |role, text: String| Span::styled(text, theme.style(role));
    let step = |number: &str, text: &str| {
        Line::from(vec![span(Role::Key, format!("{number} ")), span(Role::Text, text.to_owned())])
    };
    let value = |text: String| Line::from(vec![span(Role::Text, "    ".to_owned()), span(Role::Strong, text)]);
    let port = model.setup.address.rsplit(':').next().unwrap_or_default();
    let mut lines = vec![
        Line::from(vec![
            span(Role::Text, "Waiting for the first webhook on ".to_owned()),
            span(Role::Good, format!("http://{}", model.setup.address)),
        ]),
        Line::default(),
        step("1", "Make it reachable. In another terminal, run:"),
        value(format!("ngrok http {port}")),
        step("2", "In the Scalekit dashboard, Settings > Webhooks > Add Endpoint, paste:"),
        value("https://<host that ngrok shows>/webhooks/scalekit".to_owned()),
        step("3", "Give hookglass the signing secret that the dashboard shows:"),
    ];
    lines.push(match model.setup.secrets.labels.as_slice() {
        [] => Line::from(vec![
            span(Role::Text, "    press ".to_owned()),
            span(Role::Key, key_name(Action::EnterSecret)),
            span(Role::Text, " and paste it, or set ".to_owned()),
            span(Role::Strong, SECRET_VARIABLE.to_owned()),
        ]),
        [one] => value(format!("✓ added: {}", Printable::from_text(one))),
        many => value(format!("✓ {} secrets added", many.len())),
    });
    lines.push(step("4", "Press Send Test Event in the dashboard."));
    lines.push(Line::default());
    lines.push(Line::from(vec![
        span(Role::Text, "No account yet? Press ".to_owned()),
        span(Role::Key, key_name(Action::SendSample)),
        span(Role::Text, " to send a signed sample here.".to_owned()),
    ]));
    lines
}
