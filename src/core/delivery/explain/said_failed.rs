//! A 2xx response that says that something failed. The provider counts it as delivered and never retries.

use super::cause::Cause;
use super::page::Page;
use super::stack::{Framework, Stack};
use crate::core::delivery::{Delivery, Response};
use crate::core::json::{TokenKind, scan, unescape};
use crate::core::provider::decision_in;

/// The longest JSON that is read.
const LONGEST: usize = 16 * 1024;

/// How texts begin that say so.
const BEGINNINGS: [&str; 10] = [
    "error",
    "webhook error",
    "invalid signature",
    "invalid webhook",
    "unauthorized",
    "forbidden",
    "missing required headers",
    "message timestamp too",
    "bad request",
    "internal server error",
];

/// Whether a 2xx response shows that the request failed, or that the handler did not run.
pub(super) fn is_shown(page: &Page<'_>) -> bool {
    is_login_page(page) || says_failed(page.response)
}

fn is_login_page(page: &Page<'_>) -> bool {
    page.is_html() && (page.has("type=\"password\"") || page.has("type='password'"))
}

pub(super) fn cause(delivery: &Delivery, page: &Page<'_>, stack: Stack) -> Option<Cause> {
    let status = page.status();
    // The assessment of a rehearsal says what it means there.
    if delivery.origin.rehearsal().is_some() {
        return None;
    }
    if is_login_page(page) {
        let why = format!(
            "the app responded {status}, which counts as delivered, with a log-in page: your handler did not run"
        );
        return Some(
            Cause::likely("login", why, stack.exemption())
                .seen(page.line_with("<title").or(page.first_line()))
                .in_front(),
        );
    }
    says_failed(page.response).then(|| {
        let why = format!("the app responded {status}, which counts as delivered, but its body says that it failed");
        let next = match stack.framework {
            _ if page.text().trim_start().starts_with('[') => {
                "raise `HTTPException(status_code=401)` instead of returning a tuple, which FastAPI sends as a list with status 200"
            }
            Some(Framework::FastApi) => "raise `HTTPException(status_code=401)` instead of returning the error",
            Some(Framework::NextJs) => "return `Response.json(…, { status: 401 })`, or 500 if the event should come again",
            _ => "respond 401 if verification failed, and 5xx if the event should come again",
        };
        Cause::likely("says-failed", why, next).seen(page.first_line())
    })
}

/// Whether the body of a 2xx response says that the request failed.
pub(in crate::core) fn says_failed(response: &Response) -> bool {
    let body = response.body.trim_ascii();
    if body.is_empty() || body.len() > LONGEST || decision_in(body).is_some() {
        return false;
    }
    match members(body) {
        Some(members) => members.iter().any(|member| member.says_failed()) || is_tuple(&members),
        None => begins(&String::from_utf8_lossy(&body[..body.len().min(64)])),
    }
}

fn begins(text: &str) -> bool {
    let text = text.trim_start().to_ascii_lowercase();
    let is_whole = |rest: &str| !rest.starts_with(|next: char| next.is_alphanumeric());
    BEGINNINGS.iter().any(|beginning| text.strip_prefix(beginning).is_some_and(is_whole))
}

/// A member of the outermost object, or an item of the outermost array, which has no name.
struct Member {
    name: String,
    value: Value,
}

enum Value {
    Text(String),
    Number(String),
    True,
    False,
    Null,
    /// An object or an array.
    Nested {
        is_empty: bool,
    },
}

impl Member {
    fn says_failed(&self) -> bool {
        match (self.name.as_str(), &self.value) {
            ("error" | "errors" | "exception", value) => value.is_something(),
            ("statusCode" | "status_code" | "status" | "code", Value::Number(_)) => self.value.is_error_status(),
            ("status", Value::Text(text)) => {
                ["error", "failed", "failure", "fail"].iter().any(|word| text.eq_ignore_ascii_case(word))
            }
            ("success" | "ok" | "verified" | "valid" | "accepted", Value::False) => true,
            // No name: the whole body is one string.
            ("" | "message" | "msg" | "detail" | "reason", Value::Text(text)) => begins(text),
            _ => false,
        }
    }
}

impl Value {
    fn is_something(&self) -> bool {
        match self {
            Self::Text(text) => !text.is_empty(),
            Self::Number(number) => number != "0",
            Self::True => true,
            Self::False | Self::Null => false,
            Self::Nested { is_empty } => !is_empty,
        }
    }

    fn is_error_status(&self) -> bool {
        matches!(self, Self::Number(number) if number.parse().is_ok_and(|status: u16| (400..600).contains(&status)))
    }
}

/// What FastAPI makes of `return {…}, 401`: a list of two, the second one a status.
fn is_tuple(members: &[Member]) -> bool {
    matches!(members, [first, second] if first.name.is_empty() && second.name.is_empty() && second.value.is_error_status())
}

/// The members of the outermost object, the items of the outermost array, or the only value. `None` if it is not JSON.
fn members(body: &[u8]) -> Option<Vec<Member>> {
    let (mut members, mut name, mut depth) = (Vec::<Member>::new(), String::new(), 0_usize);
    let mut is_list = false;
    for token in scan(body) {
        let token = token.ok()?;
        let text = || unescape(&body[token.range.clone()]);
        let value = match token.kind {
            TokenKind::OpenObject | TokenKind::OpenArray => {
                depth += 1;
                is_list |= depth == 1 && token.kind == TokenKind::OpenArray;
                if depth != 2 {
                    fill(&mut members, depth);
                    continue;
                }
                Value::Nested { is_empty: true }
            }
            TokenKind::CloseObject | TokenKind::CloseArray => {
                depth = depth.saturating_sub(1);
                continue;
            }
            TokenKind::Key => {
                if depth == 1 {
                    name = text();
                }
                fill(&mut members, depth);
                continue;
            }
            TokenKind::String if depth < 2 => Value::Text(text()),
            TokenKind::Number if depth < 2 => Value::Number(text()),
            TokenKind::True if depth < 2 => Value::True,
            TokenKind::False if depth < 2 => Value::False,
            TokenKind::Null if depth < 2 => Value::Null,
            TokenKind::Colon | TokenKind::Comma => continue,
            _ => {
                fill(&mut members, depth);
                continue;
            }
        };
        let name = if is_list { String::new() } else { std::mem::take(&mut name) };
        members.push(Member { name, value });
    }
    Some(members)
}

/// Notes that the nested value which is open has something in it.
fn fill(members: &mut [Member], depth: usize) {
    if let (2.., Some(Member { value: Value::Nested { is_empty }, .. })) = (depth, members.last_mut()) {
        *is_empty = false;
    }
}
