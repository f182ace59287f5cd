//! Signs that something else than the app responded: a tunnel, a platform, a proxy, or a check of the host name.

use super::sign::Kind::Elsewhere;
use super::sign::Mark::{Body, Both, Header};
use super::sign::Next::Say;
use super::sign::{Mark, Sign};

const fn sign(reason: &'static str, marks: &'static [Mark], why: &'static str, next: &'static str) -> Sign {
    Sign { kind: Elsewhere, reason, statuses: &[], marks, why, next: Say(next) }
}

pub(super) const SIGNS: &[Sign] = &[
    sign(
        "tunnel-offline",
        &[Header("ngrok-error-code", "err_ngrok_3200"), Body("err_ngrok_3200")],
        "ngrok responded, not your app: no tunnel is online at this URL",
        "start the tunnel, or use your app's own address as the target, such as `http://localhost:4000`",
    ),
    sign(
        "tunnel-upstream",
        &[Header("ngrok-error-code", "err_ngrok_8012"), Body("err_ngrok_8012")],
        "ngrok responded, not your app: its agent cannot connect to your app",
        "start your app on the port that the tunnel leads to",
    ),
    sign(
        "tunnel-upstream",
        &[Header("ngrok-error-code", "err_ngrok_3004"), Body("err_ngrok_3004")],
        "ngrok responded, not your app: what the tunnel leads to did not respond in HTTP",
        "make the tunnel lead to `http://` if your app has no TLS, and to `https://` if it has",
    ),
    sign(
        "tunnel-warning",
        &[Header("ngrok-error-code", "err_ngrok_6024"), Body("err_ngrok_6024")],
        "ngrok responded with its warning for browsers",
        "add `--header 'ngrok-skip-browser-warning: 1'`",
    ),
    sign(
        "tunnel",
        &[Header("ngrok-error-code", ""), Body("err_ngrok_")],
        "ngrok responded, not your app",
        "look the code up at `https://ngrok.com/docs/errors`",
    ),
    sign(
        "tunnel-offline",
        &[Both("error 1033", "cloudflare"), Body("error code: 1033")],
        "Cloudflare responded, not your app: no `cloudflared` serves this host name",
        "start `cloudflared tunnel run`, or use your app's own address as the target",
    ),
    sign(
        "deployment-protection",
        &[
            Header("set-cookie", "_vercel_sso_nonce="),
            Header("location", "vercel.com/sso-api"),
            Body("vercel.com/sso-api"),
            Both("authentication required", "vercel"),
        ],
        "Vercel's deployment protection stopped the request before your app",
        "turn on Protection Bypass for Automation in the project, and add `--header 'x-vercel-protection-bypass: SECRET'`; \
         the provider needs the same as a query parameter of the endpoint's URL",
    ),
    sign(
        "platform",
        &[Header("x-vercel-error", "")],
        "Vercel responded, not your handler",
        "open the deployment's log in Vercel, and check that the URL is the deployment's",
    ),
    sign(
        "deployment-protection",
        &[Header("location", "cloudflareaccess.com"), Body("cloudflareaccess.com")],
        "Cloudflare Access stopped the request before your app",
        "add a bypass policy for the path, or the headers of a service token: `--header 'CF-Access-Client-Id: …'` and \
         `--header 'CF-Access-Client-Secret: …'`",
    ),
    sign(
        "bot-protection",
        &[
            Header("cf-mitigated", "challenge"),
            Body("<title>just a moment..."),
            Body("attention required! | cloudflare"),
        ],
        "Cloudflare's bot protection stopped the request before your app",
        "add a rule that skips the protection for the webhook's path",
    ),
    sign(
        "platform-login",
        &[
            Both("does not have permission to get url", "error 403"),
            Body("your client does not have permission to get url"),
        ],
        "Google Cloud stopped the request: the service does not allow unauthenticated calls",
        "allow unauthenticated invocations of the service",
    ),
    sign(
        "platform-route",
        &[Header("x-amzn-errortype", "missingauthenticationtoken"), Body("\"missing authentication token\"")],
        "API Gateway has no POST method at this path, or it wants IAM authorization",
        "check the stage and the path in the URL, deploy the API, and set the method's authorization to `NONE`",
    ),
    sign(
        "platform-login",
        &[Header("x-amzn-errortype", "forbiddenexception"), Header("x-amzn-errortype", "unauthorizedexception")],
        "API Gateway stopped the request: it wants an API key or an authorizer's consent",
        "leave the webhook's method without API key and authorizer",
    ),
    sign(
        "platform-login",
        &[Both("missing authorization header", "\"code\":"), Body("{\"msg\":\"error: missing authorization header\"}")],
        "Supabase stopped the request: the function wants a JWT",
        "deploy the function with `--no-verify-jwt`",
    ),
    sign(
        "platform",
        &[Both("application error", "heroku"), Body("no such app")],
        "the platform responded, not your app: the app crashed, or no app has this host name",
        "check the app's log, and the host in the URL",
    ),
    sign(
        "host-not-allowed",
        &[Body("disallowedhost"), Body("invalid http_host header")],
        "Django does not serve this host name",
        "add the host to `ALLOWED_HOSTS`, or send one that is in it: `--header 'Host: localhost'`",
    ),
    sign(
        "host-not-allowed",
        &[Body("blocked hosts:"), Body("blocked host:")],
        "Rails does not serve this host name",
        "add the host to `config.hosts`, or send one that is in it: `--header 'Host: localhost'`",
    ),
    sign(
        "host-not-allowed",
        &[Body("blocked request. this host"), Body("invalid host header"), Body("unknown app")],
        "the server does not serve this host name",
        "allow the host in the server's settings, or send one that it knows: `--header 'Host: app.test'`",
    ),
    sign(
        "needs-https",
        &[
            Body("the plain http request was sent to https port"),
            Body("client sent an http request to an https server"),
            Body("speaking plain http to an ssl-enabled server port"),
        ],
        "the port speaks TLS",
        "start the URL of the target with `https://`",
    ),
    Sign {
        kind: Elsewhere,
        reason: "proxy",
        statuses: &[413],
        marks: &[Both("request entity too large", "nginx"), Both("payload too large", "nginx")],
        why: "nginx rejected the body as too large before your app",
        next: Say("raise `client_max_body_size` in nginx: events of 1 MB occur"),
    },
    Sign {
        kind: Elsewhere,
        reason: "proxy",
        statuses: &[502, 503, 504],
        marks: &[
            Both("bad gateway", "<"),
            Both("service temporarily unavailable", "<"),
            Both("gateway time-out", "<"),
            Body("no available server"),
            Body("upstream connect error"),
        ],
        why: "a proxy in front of your app responded: it got no response from your app",
        next: Say("start your app, and check the address that the proxy passes requests to"),
    },
    Sign {
        kind: Elsewhere,
        reason: "proxy",
        statuses: &[502, 504, 520, 521, 522, 523, 524, 525, 526],
        marks: &[
            Header("server", "awselb"),
            Header("server", "cloudflare"),
            Header("server", "nginx"),
            Header("server", "envoy"),
            Header("via", "caddy"),
            Header("server", "caddy"),
        ],
        why: "a proxy in front of your app responded: it got no response from your app",
        next: Say("start your app, and check the address that the proxy passes requests to"),
    },
];
