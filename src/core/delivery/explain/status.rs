//! What a status means on its own, when nothing else in the response tells more.

use super::cause::Cause;
use super::page::Page;
use super::stack::{Framework, Stack};
use crate::core::delivery::{Delivery, Target};
use crate::core::printable::Printable;
use crate::core::provider::time_limit_text;

/// The most columns of a path that is shown.
const PATH: usize = 60;

pub(super) fn cause(delivery: &Delivery, page: &Page<'_>, stack: Stack) -> Option<Cause> {
    let path = path_of(delivery);
    Some(match page.status() {
        404 => Cause::likely(
            "no-route",
            format!("the app found nothing at `{path}`: it has no route for POST there, or does not know what the event is about"),
            "compare the path with the app's routes, a prefix such as `/api` and the final slash included",
        )
        .seen(page.first_line()),
        405 => Cause::likely("no-post", format!("`{path}` has a route, but not for POST"), post_handler(stack))
            .seen(page.header_line_with("allow", "")),
        408 => Cause::likely(
            "slow-body",
            "the app, or a proxy in front of it, waited too long for the body",
            "check that the handler reads the body, and that it reads it only once",
        ),
        411 | 501 => Cause::likely(
            "method",
            "the app does not understand the request",
            "check that a web server listens on this port, and see the app's log",
        )
        .seen(page.first_line()),
        413 => Cause::likely(
            "body-limit",
            "the body is larger than the app accepts",
            "raise the limit for the webhook's route: `express.raw({ limit: '2mb' })`, `client_max_body_size` in nginx, `bodyLimit` in Fastify",
        )
        .seen(page.first_line()),
        415 => Cause::likely(
            "media-type",
            "the route does not accept the request's `Content-Type`",
            "make the route accept `application/json`, or any type, as raw bytes",
        )
        .seen(page.first_line()),
        422 => Cause::likely(
            "invalid",
            "the app understood the request, but something in it does not fit: a model, a rule, or in Rails a CSRF token",
            "verify the raw body before any model checks it, and see the app's log",
        )
        .seen(page.first_line()),
        429 => Cause::likely(
            "rate-limit",
            "the app, or a service in front of it, limits the request rate",
            "exempt the webhook's path from the limit, or send more slowly with `--rate`",
        )
        .seen(page.header_line_with("retry-after", "").or_else(|| page.first_line())),
        431 => Cause::likely(
            "header-limit",
            "the request's headers are larger than the app accepts",
            "raise the server's limit for headers, such as `--max-http-header-size` in Node",
        ),
        502 => Cause::likely(
            "proxy",
            "a proxy in front of the app got no response from it",
            "start the app, and check the address that the proxy passes requests to",
        )
        .seen(page.first_line()),
        503 => Cause::likely(
            "unavailable",
            "the app, or a proxy in front of it, says that it is not available",
            "wait until the app has started, and see its log",
        )
        .seen(page.first_line()),
        504 => Cause::likely(
            "slow",
            "a proxy in front of the app gave up waiting for it",
            concat!("respond first, then do the work: the provider waits ", time_limit_text!()),
        )
        .seen(page.first_line()),
        500..600 => crashed(page),
        _ => return None,
    })
}

fn crashed(page: &Page<'_>) -> Cause {
    match exception(page.text()) {
        Some(line) => Cause::likely(
            "exception",
            "the handler threw an exception",
            "find the line in the app's log, and check what the handler expects of this event's fields",
        )
        .seen(Some(line)),
        None => Cause::likely(
            "exception",
            "the app failed while it handled the event",
            "see the app's log for the exception",
        )
        .seen(page.first_line()),
    }
}

/// The line that names an exception. A Python traceback ends with it, every other stack trace begins with it.
fn exception(text: &str) -> Option<String> {
    let names = |line: &&str| {
        let name = line.split([':', ' ', '(']).find(|word| word.ends_with("Error") || word.ends_with("Exception"));
        name.is_some_and(|name| name.len() > "Error".len())
    };
    let mut lines = text.lines().flat_map(|line| line.split(['<', '>', '"'])).map(str::trim).filter(names);
    let line = if text.contains("Traceback (most recent call last)") { lines.next_back() } else { lines.next() };
    line.map(|line| Printable::first_columns(line.as_bytes(), 120).into_string())
}

fn post_handler(stack: Stack) -> &'static str {
    match stack.framework {
        Some(Framework::NextJs) => "export an async function `POST` from the route's `route.ts`",
        Some(Framework::Django) => "let the view accept POST: `@require_POST`, or a `post` method",
        Some(Framework::FastApi) => "declare the handler with `@app.post(…)`",
        Some(Framework::Flask) => "declare the handler with `methods=[\"POST\"]`",
        Some(Framework::Laravel) => "declare the route with `Route::post(…)`",
        _ => "add a handler for POST at this path, or correct the path in the target",
    }
}

fn path_of(delivery: &Delivery) -> String {
    let target = Target::parse(&delivery.target).ok();
    let path = target.as_ref().map_or("/", Target::path).split('?').next().unwrap_or("/");
    Printable::first_columns(path.as_bytes(), PATH).into_string()
}
