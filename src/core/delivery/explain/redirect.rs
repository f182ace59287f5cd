//! A redirect: to a log-in page, to HTTPS, to the same path with a slash, or elsewhere.

use super::cause::Cause;
use super::page::Page;
use super::stack::Stack;
use crate::core::delivery::{Delivery, Target};

/// Parts of the paths of log-in pages, in lower case.
const LOGIN: [&str; 15] = [
    "login",
    "log-in",
    "log_in",
    "signin",
    "sign-in",
    "sign_in",
    "logon",
    "/sso",
    "/oauth",
    "/authorize",
    "/auth/",
    "session/new",
    "/sessions/new",
    "accounts.google.com",
    "/unauthorized",
];

pub(super) fn cause(delivery: &Delivery, page: &Page<'_>, stack: Stack) -> Option<Cause> {
    let location = page.response.location()?;
    let line = page.header_line_with("location", "");
    if is_login(&location) {
        let why = "the app redirects to a log-in page: a guard stopped the request before your handler ran";
        return Some(Cause::likely("login", why, exemption(&location, stack)).seen(line).in_front());
    }
    let (target, to) = (Target::parse(&delivery.target).ok(), Target::parse(&location).ok());
    let path = to.as_ref().filter(|_| location.contains("://")).map_or(location.as_str(), Target::path);
    if let Some(target) = &target
        && !target.is_https()
        && to.as_ref().is_some_and(|to| to.is_https() && to.host() == target.host())
    {
        let next = "start the URL of the target with `https://`, or turn that redirect off for local requests";
        return Some(Cause::likely("needs-https", "the app redirects to HTTPS", next).seen(line));
    }
    let is_same_but_slash =
        |target: &Target| target.path() != path && target.path().trim_end_matches('/') == path.trim_end_matches('/');
    if target.as_ref().is_some_and(is_same_but_slash) {
        let next =
            format!("use the path `{path}` in the target, and at the provider, which follows no redirects either");
        return Some(
            Cause::likely("final-slash", "the app redirects to the same path with another end", next).seen(line),
        );
    }
    let why = format!("the app redirects to `{location}`, which hookglass does not follow");
    Some(Cause::likely("redirect", why, "use the final URL as the target"))
}

/// Whether the page at `location` asks for a log-in, by its path.
pub(in crate::core) fn is_login(location: &str) -> bool {
    let lower = location.to_ascii_lowercase();
    let path = lower.split(['?', '#']).next().unwrap_or_default();
    LOGIN.iter().any(|part| path.contains(part))
}

fn exemption(location: &str, stack: Stack) -> &'static str {
    let lower = location.to_ascii_lowercase();
    if lower.contains("/api/auth/signin") {
        "leave the webhook's path out of Auth.js: exclude it in `config.matcher` of `middleware.ts`"
    } else if lower.contains("/users/sign_in") {
        "add `skip_before_action :authenticate_user!` to the webhook's controller"
    } else if lower.contains("clerk.") || lower.contains("accounts.dev/") {
        "leave the webhook's path out of `auth.protect()` in `clerkMiddleware`"
    } else {
        stack.exemption()
    }
}
