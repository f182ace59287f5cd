//! Signs of a check in front of the handler, which then did not run: CSRF protection, a log-in, a password, a token.

use super::sign::Kind::Guard;
use super::sign::Mark::{Body, Both, Header};
use super::sign::Next::{Exempt, Say};
use super::sign::{Mark, Sign};

/// The statuses of CSRF checks.
const CSRF: &[u16] = &[400, 401, 403, 419, 422, 500];
const DENIED: &[u16] = &[401, 403];

const fn csrf(marks: &'static [Mark], why: &'static str, next: &'static str) -> Sign {
    Sign { kind: Guard, reason: "csrf", statuses: CSRF, marks, why, next: Say(next) }
}

const fn login(statuses: &'static [u16], marks: &'static [Mark], why: &'static str, next: &'static str) -> Sign {
    Sign { kind: Guard, reason: "login", statuses, marks, why, next: Say(next) }
}

pub(super) const SIGNS: &[Sign] = &[
    login(
        &[401, 403, 404],
        &[Header("x-clerk-auth-status", "signed-out"), Header("x-clerk-auth-reason", "")],
        "Clerk's middleware stopped the request before your handler ran",
        "leave the webhook's path out of `auth.protect()` in `clerkMiddleware`: list it in a `createRouteMatcher` of public routes",
    ),
    csrf(
        &[
            Body("csrf verification failed"),
            Body("csrf failed:"),
            Body("csrf cookie not set"),
            Body("csrf token missing"),
        ],
        "Django's CSRF check rejected the request before your handler ran",
        "mark the view with `@csrf_exempt`; in Django REST framework, give it `authentication_classes = []`",
    ),
    csrf(
        &[
            Body("invalidauthenticitytoken"),
            Body("can&#39;t verify csrf token authenticity"),
            Body("can't verify csrf token authenticity"),
            Body("the change you wanted was rejected"),
        ],
        "Rails' CSRF check rejected the request before your action ran",
        "add `skip_before_action :verify_authenticity_token` to the webhook's controller, or derive it from `ActionController::API`",
    ),
    csrf(
        &[Body("csrf token mismatch"), Body("page expired"), Body("tokenmismatchexception")],
        "Laravel's CSRF check rejected the request before your handler ran",
        "list the path in `validateCsrfTokens(except: […])` in `bootstrap/app.php`, or move the route to `routes/api.php`",
    ),
    csrf(
        &[
            Body("could not verify the provided csrf token"),
            Body("was found on the request parameter '_csrf'"),
            Body("expected csrf token not found"),
        ],
        "Spring Security's CSRF check rejected the request before your handler ran",
        "exempt the path: `csrf.ignoringRequestMatchers(\"/webhooks/**\")`",
    ),
    csrf(
        &[Body("antiforgery")],
        "the antiforgery check of ASP.NET rejected the request before your handler ran",
        "mark the action with `[IgnoreAntiforgeryToken]`, or the endpoint with `.DisableAntiforgery()`",
    ),
    csrf(
        &[Body("invalid csrf token"), Body("ebadcsrftoken"), Body("csrf token validation failed")],
        "a CSRF middleware rejected the request before your handler ran",
        "mount the webhook's route before the CSRF middleware",
    ),
    csrf(
        &[Body("cross-site post form submissions are forbidden")],
        "the framework's check of the origin rejected the request before your handler ran",
        "exempt the path from the check: `csrf` in SvelteKit's configuration, `security.checkOrigin` in Astro's",
    ),
    csrf(
        // Not each page that has a token in it, as Rails and Django put one into every page.
        &[
            Body("csrf token "),
            Body("csrf check"),
            Body("csrf error"),
            Body("csrf validation"),
            Body("csrf protection"),
            Body("csrf attack"),
            Body("csrf failure"),
            Body("csrf detected"),
            Body("invalid csrf"),
            Body("missing csrf"),
            Body("csrf_error"),
            Body("csrferror"),
            Body("xsrf token"),
            Body("cross-site request forgery"),
        ],
        "a CSRF check rejected the request before your handler ran",
        "exempt the webhook's path from the CSRF check",
    ),
    Sign {
        kind: Guard,
        reason: "csrf",
        statuses: &[419],
        marks: &[Header("content-type", ""), Header("content-length", ""), Header("date", "")],
        why: "status 419 is Laravel's CSRF check, which rejected the request before your handler ran",
        next: Say(
            "list the path in `validateCsrfTokens(except: […])` in `bootstrap/app.php`, or move the route to `routes/api.php`",
        ),
    },
    login(
        DENIED,
        &[Body("authentication credentials were not provided")],
        "Django REST framework wants a log-in, so your view did not run",
        "give the webhook's view `authentication_classes = []` and `permission_classes = [AllowAny]`",
    ),
    login(
        DENIED,
        &[Body("{\"detail\":\"not authenticated\"}"), Body("\"detail\": \"not authenticated\"")],
        "a security dependency of FastAPI wants a log-in, so your handler did not run",
        "leave the security dependency (`Depends` or `Security`) out of the webhook's route and its router",
    ),
    login(
        DENIED,
        &[Both("forbidden resource", "statuscode")],
        "a guard of Nest stopped the request before your handler ran",
        "mark the webhook's route as public for your guard, for example with a `@Public()` decorator that it reads",
    ),
    login(
        DENIED,
        &[Body("\"unauthenticated.\"")],
        "Laravel's `auth` middleware stopped the request before your handler ran",
        "move the webhook's route out of the `auth` middleware",
    ),
    login(
        DENIED,
        &[Body("you need to sign in or sign up before continuing")],
        "Devise stopped the request before your action ran",
        "add `skip_before_action :authenticate_user!` to the webhook's controller",
    ),
    login(
        DENIED,
        &[Body("no authorization token was found"), Body("credentials_required")],
        "a JWT middleware stopped the request before your handler ran",
        "exempt the webhook's path, in express-jwt with `.unless({ path: […] })`",
    ),
    Sign {
        kind: Guard,
        reason: "password",
        statuses: &[401],
        marks: &[Header("www-authenticate", "basic"), Header("www-authenticate", "digest")],
        why: "a password guards the path, so your handler did not run",
        next: Say("exempt the webhook's path from the password; for a test, add `--header 'Authorization: Basic …'`"),
    },
    Sign {
        kind: Guard,
        reason: "token",
        statuses: DENIED,
        marks: &[Header("www-authenticate", "")],
        why: "a guard wants credentials that a webhook does not have, so your handler did not run",
        next: Exempt,
    },
    Sign {
        kind: Guard,
        reason: "login",
        statuses: DENIED,
        marks: &[Body("type=\"password\""), Body("type='password'")],
        why: "the app responded with a log-in page, so your handler did not run",
        next: Exempt,
    },
];
