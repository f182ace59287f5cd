//! What developers ran into, rebuilt small: a response of the app, and the cause that comes first.

use super::*;
use crate::core::delivery::{Completeness, Response, Timing};
use crate::core::diagnosis::handlers;
use crate::core::rehearsal::Rehearsal;
use crate::core::signature::{Scheme, Secret, Verdict, Verification, sign};
use bytes::Bytes;
use jiff::Timestamp;
use proptest::prelude::*;

const SECRET: &str = "whsec_QUJD";
const SENT_S: i64 = 1_700_000_000;

type Headers<'a> = &'a [(&'a str, &'a str)];

fn keyring(secret: &str) -> Keyring {
    Keyring { verifying: vec![Secret::new("main", secret)], known_only: Vec::new() }
}

fn response(status: u16, headers: Headers<'_>, body: &[u8]) -> Response {
    let headers = headers.iter().map(|(name, value)| (name.as_bytes().to_vec(), value.as_bytes().to_vec())).collect();
    Response { status, headers, body: Bytes::copy_from_slice(body), completeness: Completeness::Whole }
}

/// A delivery with headers of `family`, signed at [`SENT_S`], sent `age_s` seconds later, and its response.
fn delivery_of(family: &str, body: &[u8], age_s: i64, response: Response) -> Delivery {
    let signature = sign(&Secret::new("", SECRET), b"msg_1", SENT_S, body).unwrap();
    let parts = [("id", "msg_1".to_owned()), ("timestamp", SENT_S.to_string()), ("signature", signature)];
    Delivery {
        event: 7,
        origin: Origin::Asked,
        manner: Manner::AsReceived,
        target: "http://localhost:4000/hooks".into(),
        peer: None,
        started_at: Timestamp::from_second(SENT_S + age_s).unwrap(),
        timing: Timing { connected_us: None, first_byte_us: None, total_us: 77 },
        sent_headers: parts.map(|(part, value)| (format!("{family}-{part}").into(), value.into())).to_vec(),
        sent_body: None,
        outcome: Ok(response),
    }
}

fn of(body: &[u8], arrival: Option<&'static str>) -> (Vec<u8>, Option<Verification>) {
    let verification = arrival.map(|label| Verification {
        verdict: Verdict::Verified,
        scheme: Scheme::Webhook,
        reason: None,
        secret: (!label.is_empty()).then(|| label.into()),
    });
    (body.to_vec(), verification)
}

fn causes_of(delivery: &Delivery, body: &[u8], verification: Option<&Verification>, secret: &str) -> Vec<Cause> {
    causes(
        delivery,
        Received { body, target: Some(b"/hooks"), verification, learned: Learned::Nothing },
        &keyring(secret),
    )
}

/// The causes of a response to a valid event with this body.
fn explained(body: &str, status: u16, headers: Headers<'_>, said: &str) -> Vec<Cause> {
    let delivery = delivery_of("webhook", body.as_bytes(), 0, response(status, headers, said.as_bytes()));
    causes_of(&delivery, body.as_bytes(), None, SECRET)
}

fn reasons(causes: &[Cause]) -> Vec<&'static str> {
    causes.iter().map(|cause| cause.reason).collect()
}

#[test]
fn a_response_that_shows_its_cause_gets_that_cause_alone() {
    const NONE: Headers<'static> = &[];
    let cases: &[(u16, Headers<'_>, &str, &str, &str, &str)] = &[
        // Guards.
        (
            403,
            NONE,
            "<h1>Forbidden</h1><p>CSRF verification failed. Request aborted.</p>",
            "csrf",
            "CSRF verification failed. Request aborted.",
            "`@csrf_exempt`",
        ),
        (422, NONE, "ActionController::InvalidAuthenticityToken", "csrf", "InvalidAuth", "`skip_before_action"),
        (
            419,
            &[("Content-Type", "text/html")],
            "<title>Page Expired</title>",
            "csrf",
            "Page Expired",
            "validateCsrfTokens",
        ),
        (419, &[("Date", "today")], "", "csrf", "Date: today", "validateCsrfTokens"),
        (403, NONE, "ForbiddenError: invalid csrf token", "csrf", "ForbiddenError", "before the CSRF middleware"),
        (401, &[("WWW-Authenticate", "Basic realm=\"x\"")], "", "password", "WWW-Authenticate: Basic", "Authorization"),
        (401, &[("WWW-Authenticate", "Bearer"), ("server", "uvicorn")], "no", "token", "WWW-Auth", "`Depends`"),
        (403, NONE, "{\"detail\":\"Not authenticated\"}", "login", "Not authenticated", "`Depends`"),
        (
            403,
            NONE,
            "{\"message\":\"Forbidden resource\",\"error\":\"Forbidden\",\"statusCode\":403}",
            "login",
            "Forbidden resource",
            "`@Public()`",
        ),
        (401, NONE, "{\"message\":\"Unauthenticated.\"}", "login", "Unauthenticated.", "`auth` middleware"),
        (404, &[("x-clerk-auth-status", "signed-out")], "", "login", "signed-out", "`clerkMiddleware`"),
        (302, &[("Location", "/login?next=%2Fhooks")], "", "login", "/login", "`config.matcher` in Next.js, Clerk"),
        (302, &[("Location", "/accounts/login/?next=/hooks/")], "", "login", "/accounts", "`@login_not_required`"),
        (307, &[("Location", "/api/auth/signin?callbackUrl=x")], "", "login", "/api/auth", "`config.matcher`"),
        (302, &[("Location", "http://localhost:4000/users/sign_in")], "", "login", "sign_in", "authenticate_user"),
        (
            401,
            &[("set-cookie", "_vercel_sso_nonce=abc; Path=/")],
            "<title>Authentication Required</title>",
            "deployment-protection",
            "_vercel_sso_nonce",
            "x-vercel-protection-bypass",
        ),
        // Not the app.
        (
            404,
            &[("ngrok-error-code", "ERR_NGROK_3200")],
            "offline",
            "tunnel-offline",
            "ERR_NGROK_3200",
            "start the tunnel",
        ),
        (502, NONE, "ERR_NGROK_8012 failed", "tunnel-upstream", "ERR_NGROK_8012", "start your app"),
        (502, &[("Server", "nginx")], "<h1>502 Bad Gateway</h1>", "proxy", "502 Bad Gateway", "start your app"),
        (400, NONE, "The plain HTTP request was sent to HTTPS port", "needs-https", "The plain", "`https://`"),
        (400, NONE, "DisallowedHost at /hooks", "host-not-allowed", "DisallowedHost", "--header 'Host:"),
        (403, NONE, "Blocked request. This host (\"a\") is not allowed.", "host-not-allowed", "Blocked", "--header"),
        // Redirects.
        (308, &[("Location", "/hooks/")], "", "final-slash", "Location: /hooks/", "`/hooks/`"),
        (301, &[("Location", "https://localhost/hooks")], "", "needs-https", "https://localhost", "`https://`"),
        // What the SDK says.
        (400, NONE, "Message timestamp too old", "app-clock", "Message timestamp too old", "`date -u`"),
        (
            400,
            NONE,
            "Base64Coder: incorrect characters for decoding",
            "app-secret-not-base64",
            "Base64Coder",
            "copy the whole",
        ),
        (400, NONE, "Webhook body must be passed as the raw JSON string", "parsed-body", "Webhook body", "raw bytes"),
        (
            500,
            NONE,
            "TypeError: Cannot read properties of undefined (reading 'split')",
            "app-secret-missing",
            "TypeError",
            "environment of the app",
        ),
        // Around the handler.
        (413, NONE, "request entity too large", "body-limit", "request entity", "express.raw"),
        (413, NONE, "", "body-limit", "", "client_max_body_size"),
        (415, NONE, "Unsupported Media Type", "media-type", "Unsupported", "application/json"),
        (405, &[("Allow", "GET, HEAD")], "", "no-post", "Allow: GET, HEAD", "handler for POST"),
        (405, &[("x-powered-by", "Next.js")], "", "no-post", "", "`route.ts`"),
        (404, NONE, "<pre>Cannot POST /hooks</pre>", "no-route", "Cannot POST /hooks", "prefix"),
        (404, NONE, "", "no-route", "", "`/api`"),
        (
            422,
            NONE,
            "{\"detail\":[{\"type\":\"missing\",\"loc\":[\"body\",\"name\"],\"msg\":\"Field required\"}]}",
            "body-model",
            "\"loc\"",
            "`request: Request`",
        ),
        (
            500,
            NONE,
            "TypeError: Body is unusable: Body has already been read",
            "body-read-twice",
            "TypeError",
            "raw bytes",
        ),
        (429, &[("Retry-After", "30")], "", "rate-limit", "Retry-After: 30", "`--rate`"),
        (
            500,
            NONE,
            "TypeError: Cannot read properties of undefined (reading 'email')",
            "exception",
            "TypeError",
            "log",
        ),
        (
            500,
            NONE,
            "Traceback (most recent call last):\n  File \"a.py\"\nKeyError: 'email'\n",
            "exception",
            "KeyError: 'email'",
            "log",
        ),
        (503, NONE, "", "unavailable", "", "log"),
        // 2xx.
        (200, NONE, "{\"error\":\"Invalid signature\"}", "says-failed", "Invalid signature", "respond 401"),
        (200, NONE, "{\"errors\":[{\"message\":\"no\"}]}", "says-failed", "errors", "respond 401"),
        (200, NONE, "{\"statusCode\":401,\"body\":\"\"}", "says-failed", "401", "respond 401"),
        (200, NONE, "Invalid signature", "says-failed", "Invalid", "respond 401"),
        (200, NONE, "{\"message\":\"Invalid signature\"}", "says-failed", "Invalid", "respond 401"),
        (200, NONE, "{\"verified\":false}", "says-failed", "verified", "respond 401"),
        (200, NONE, "[{\"error\":\"no\"},401]", "says-failed", "401", "HTTPException"),
        (200, NONE, "<form><input type=\"password\"></form>", "login", "", "exempt the webhook's path"),
    ];
    for (status, headers, said, reason, seen, next) in cases {
        let causes = explained("{\"a\": 1}", *status, headers, said);
        assert_eq!(reasons(&causes), [*reason], "{status} {headers:?} {said}");
        let cause = &causes[0];
        assert!(cause.seen.as_deref().unwrap_or_default().contains(seen), "{cause:?}");
        assert!(cause.next.contains(next), "{cause:?}");
    }
}

#[test]
fn a_response_that_says_nothing_wrong_has_no_cause() {
    for (status, said) in [
        (200, ""),
        (200, "ok"),
        (201, "{\"success\":true,\"error\":null}"),
        (200, "{\"errors\":[],\"status\":\"ok\"}"),
        (200, "errorless"),
        (200, "{\"message\":\"Webhook received\",\"data\":{\"ok\":false}}"),
        (200, "[1,2]"),
        (200, "see ERR_NGROK_3200"),
        (304, ""),
    ] {
        assert_eq!(explained("{}", status, &[], said), [], "{status} {said}");
    }
    let failed =
        crate::core::delivery::Failure { kind: crate::core::delivery::FailureKind::Refused, text: String::new() };
    let down = Delivery { outcome: Err(failed), ..delivery_of("webhook", b"{}", 0, response(200, &[], b"")) };
    assert_eq!(causes_of(&down, b"{}", None, SECRET), []);
}

#[test]
fn the_words_of_the_sdk_decide_which_causes_follow() {
    let headers = explained("{}", 400, &[], "Missing required headers");
    assert_eq!(reasons(&headers), ["title-case", "headers-object"]);
    assert_eq!(headers[0].seen.as_deref(), Some("Missing required headers"));
    let signature = explained("{\"a\": 1.0}", 401, &[], "{\"error\":\"Invalid Signature\"}");
    assert_eq!(reasons(&signature), ["rewritten-body", "parsed-body", "app-secret", "java-locale"]);
    assert!(signature[0].seen.is_some() && signature[1].seen.is_none());
    // An error of the SDK that nothing catches.
    let thrown = explained("{\"a\":1}", 500, &[], "WebhookVerificationError: Invalid Signature");
    assert_eq!(reasons(&thrown)[0], "rewritten-body");
    let silent = explained("{\"a\":1}", 401, &[], "");
    assert_eq!(reasons(&silent)[..4], ["rewritten-body", "parsed-body", "app-secret", "guard"]);
}

#[test]
fn what_rehearsals_told_of_the_target_decides_on_the_guard() {
    let body = b"{\"a\":1}";
    let delivery = delivery_of("webhook", body, 0, response(401, &[("x-powered-by", "Express")], b""));
    let reasons_after = |learned| {
        let received = Received { body, target: None, verification: None, learned };
        reasons(&causes(&delivery, received, &keyring(SECRET)))
    };
    let (nothing, alike) = (reasons_after(Learned::Nothing), reasons_after(Learned::RefusesAlike));
    assert_eq!(nothing, ["parsed-body", "app-secret", "guard", "headers-object"]);
    assert_eq!(alike, ["app-secret", "guard", "parsed-body", "headers-object"]);
    assert_eq!(reasons_after(Learned::TellsApart), ["parsed-body", "app-secret", "headers-object"]);
}

#[test]
fn only_causes_of_the_apps_language_are_named() {
    let rewritten = |headers: Headers<'_>, body| {
        let causes = explained(body, 401, headers, "no");
        let cause = causes.iter().find(|cause| cause.reason == "rewritten-body").map(|cause| cause.why.clone());
        (cause.unwrap_or_default(), causes.iter().map(|cause| cause.why.as_str()).collect::<Vec<_>>().join("\n"))
    };
    let compact = "{\"a\":1,\"u\":\"x/y\"}";
    for (headers, named, unnamed) in [
        (
            &[("server", "uvicorn")][..],
            "`json.dumps` turns `{\"a\":1,\"u\":\"x/y\"}` into `{\"a\": 1, \"u\"",
            "JSON.stringify",
        ),
        (&[("x-powered-by", "PHP/8.3")], "`json_encode` turns", "json.dumps"),
        (&[], "`json.dumps` turns `{\"a\":1", "`JSON.stringify` turns"),
    ] {
        let (why, all) = rewritten(headers, compact);
        assert!(why.contains(named) && !all.contains(unnamed), "{all}");
    }
    let (why, all) = rewritten(&[("x-powered-by", "Express")], compact);
    assert!(why.is_empty() && all.contains("would not change this body") && !all.contains("Java"), "{all}");
    let (why, _) = rewritten(&[("x-powered-by", "Express")], "{\"a\":1.0}");
    assert!(why.contains("`JSON.stringify(JSON.parse(body))` changes this body"), "{why}");
}

#[test]
fn sdks_that_reject_the_request_come_first() {
    let first = |family: &str, secret: &str| {
        let delivery = delivery_of(family, b"{}", 0, response(403, &[], b""));
        causes_of(&delivery, b"{}", None, secret).swap_remove(0).why
    };
    assert!(first("webhook", "\"whsec_QUJD\"").starts_with("the SDKs for Go and Java reject this event"));
    assert!(first("interceptor", SECRET).contains("`VerifyInterceptorPayload`"));
}

#[test]
fn the_secret_to_compare_with_is_named_with_what_it_did() {
    let named = |manner, arrival: Option<&'static str>, secret| {
        let delivery = Delivery { manner, ..delivery_of("webhook", b"{}", 0, response(401, &[], b"")) };
        let (body, verification) = of(b"{}", arrival);
        let causes = causes_of(&delivery, &body, verification.as_ref(), secret);
        causes.into_iter().find(|cause| cause.reason == "app-secret").unwrap().next
    };
    let as_received = Manner::AsReceived;
    assert_eq!(named(as_received, Some("other"), SECRET), "compare it with `main`, which verified the event here");
    assert_eq!(named(as_received, None, SECRET), "compare it with `main`, which signed the event");
    for manner in [Manner::Resigned, Manner::New, Manner::Edited] {
        assert_eq!(named(manner, None, SECRET), "compare it with `main`, which signed the event here");
    }
    let gone = "whsec_REVG";
    assert_eq!(named(as_received, Some("other"), gone), "compare it with `other`, which verified the event here");
    assert_eq!(named(as_received, Some(""), gone), "compare it with the one that verified the event here");
}

#[test]
fn the_body_as_sent_is_examined() {
    let delivery = delivery_of("webhook", b"[1.0]", 0, response(400, &[("x-powered-by", "Express")], b""));
    let edited = Delivery { sent_body: Some(Bytes::from_static(b"[1.0]")), ..delivery };
    assert_eq!(causes_of(&edited, b"{}", None, SECRET)[0].reason, "rewritten-body");
    let odd = delivery_of("Webhook", "{\"a\": \"é\"}".as_bytes(), 0, response(401, &[], b""));
    let whys: Vec<_> =
        causes_of(&odd, "{\"a\": \"é\"}".as_bytes(), None, SECRET).into_iter().map(|it| it.why).collect();
    assert!(whys.iter().any(|why| why.contains("were sent in Title-Case")), "{whys:?}");
    assert!(whys.iter().any(|why| why.contains("charset")), "{whys:?}");
}

#[test]
fn a_rejection_of_a_timestamp_out_of_the_window_is_right() {
    for (age_s, expected) in [
        (301, Some("its timestamp was 301 s old, and the SDKs accept at most 300 s")),
        (7_200, Some("its timestamp was 2 h old")),
        (-301, Some("its timestamp was 301 s ahead of this machine's clock, and the SDKs accept")),
        (300, None),
        (-300, None),
    ] {
        let delivery = delivery_of("webhook", b"{}", age_s, response(401, &[], b"Message timestamp too old"));
        let causes = causes_of(&delivery, b"{}", None, SECRET);
        assert_eq!(reasons(&causes), [if expected.is_some() { "timestamp" } else { "app-clock" }], "{age_s}");
        assert!(causes[0].why.contains(expected.unwrap_or_default()), "{age_s}");
    }
}

#[test]
fn a_guard_comes_before_what_the_request_shows() {
    let csrf = response(403, &[], b"CSRF verification failed. Request aborted.");
    assert_eq!(reasons(&causes_of(&delivery_of("webhook", b"{}", 7_200, csrf), b"{}", None, SECRET)), ["csrf"]);
    let offline = response(404, &[("ngrok-error-code", "ERR_NGROK_3200")], b"");
    let delivery = Delivery { target: "https://a.ngrok.app/".into(), ..delivery_of("webhook", b"{}", 0, offline) };
    assert_eq!(reasons(&causes_of(&delivery, b"{}", None, SECRET)), ["tunnel-offline"]);
}

#[test]
fn the_framework_that_responded_gets_its_handler_where_code_is_the_cause() {
    let handler = |status, headers: Headers<'_>, said| explained("{\"a\": 1.0}", status, headers, said)[0].handler;
    for (headers, expected) in [
        (&[("x-powered-by", "Express")][..], Some("Express")),
        (&[("x-powered-by", "Next.js")], Some("Next.js")),
        (&[("server", "uvicorn")], Some("FastAPI")),
        (&[("server", "Werkzeug/3.0")], Some("Flask")),
        (&[("server", "WSGIServer/0.2")], Some("Django")),
        (&[], None),
    ] {
        assert_eq!(handler(401, headers, "{\"error\":\"Invalid signature\"}"), expected);
        assert_eq!(handler(429, headers, ""), None);
    }
    let known: Vec<_> = handlers(Scheme::Webhook).into_iter().map(|fix| fix.framework).collect();
    for name in ["Express", "Next.js", "FastAPI", "Flask", "Spring", "Go net/http"] {
        assert!(known.contains(&name), "{name}");
    }
}

#[test]
fn a_rejection_that_may_be_right_has_no_causes() {
    let has_causes = |delivery: &Delivery, arrival| {
        let (body, verification) = of(b"{}", arrival);
        !causes_of(delivery, &body, verification.as_ref(), "whsec_REVG").is_empty()
    };
    for said in ["", "Invalid Signature", "Missing required headers"] {
        let delivery = delivery_of("webhook", b"{}", 0, response(401, &[], said.as_bytes()));
        assert!(!has_causes(&delivery, None) && has_causes(&delivery, Some("removed")), "{said}");
        let rehearsed = |rehearsal| {
            let (origin, manner) = (Origin::Rehearsed(rehearsal), Manner::Rehearsed);
            !causes_of(&Delivery { origin, manner, ..delivery.clone() }, b"{}", None, SECRET).is_empty()
        };
        assert!(rehearsed(Some(Rehearsal::TwiceAtOnce)));
        assert!(!rehearsed(Some(Rehearsal::Tampered)) && !rehearsed(None));
    }
}

proptest! {
    #[test]
    fn nothing_of_a_hostile_response_is_shown_unescaped(
        status in 200_u16..600,
        name in "(location|www-authenticate|allow|server|retry-after|x-clerk-auth-reason|ngrok-error-code)",
        value in proptest::collection::vec(any::<u8>(), 0..80),
        head in "(csrf|invalid signature|TypeErrorError: |<title>login|\\{\"error\":|missing required headers|)",
        noise in proptest::collection::vec(any::<u8>(), 0..400),
    ) {
        let mut said = response(status, &[], &[head.as_bytes(), &noise[..]].concat());
        said.headers.push((name.into_bytes(), value));
        let delivery = delivery_of("webhook", b"{\"a\": 1.0}", 0, said);
        for cause in causes_of(&delivery, b"{\"a\": 1.0}", None, SECRET) {
            for text in [Some(cause.why), cause.seen, Some(cause.next)].into_iter().flatten() {
                let printable = crate::core::printable::Printable::from_text(&text).into_string();
                prop_assert_eq!(printable, text);
            }
        }
    }
}
