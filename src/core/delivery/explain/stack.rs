//! Which language and framework responded, as far as the response tells. Texts that fit no other are left out by it.

use super::page::Page;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Language {
    Node,
    Python,
    Ruby,
    Php,
    Go,
    Java,
    DotNet,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Framework {
    NextJs,
    Nest,
    Express,
    Fastify,
    Django,
    FastApi,
    Flask,
    Rails,
    Laravel,
    Spring,
}

/// What responded; `None` for what the response does not tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Stack {
    pub language: Option<Language>,
    pub framework: Option<Framework>,
}

/// Where a mark stands, and what it is. Header names and texts are in lower case.
enum Place {
    Header(&'static str, &'static str),
    Body(&'static str),
}

use Framework as F;
use Language as L;
use Place::{Body, Header};

/// Marks of frameworks and servers. The first one that names a framework counts, and else the first one that names a language.
const MARKS: &[(Place, Language, Option<Framework>)] = &[
    (Header("x-powered-by", "next.js"), L::Node, Some(F::NextJs)),
    (Header("x-nextjs-", ""), L::Node, Some(F::NextJs)),
    (Header("vary", "next-router-state-tree"), L::Node, Some(F::NextJs)),
    (Header("vary", "rsc"), L::Node, Some(F::NextJs)),
    (Body("fst_err_"), L::Node, Some(F::Fastify)),
    (Body("\"route post:"), L::Node, Some(F::Fastify)),
    (Body("{\"statuscode\":"), L::Node, Some(F::Fastify)),
    (Body("@nestjs"), L::Node, Some(F::Nest)),
    (Body("\",\"statuscode\":"), L::Node, Some(F::Nest)),
    (Header("x-powered-by", "express"), L::Node, Some(F::Express)),
    (Body("<pre>cannot post /"), L::Node, Some(F::Express)),
    (Header("set-cookie", "connect.sid="), L::Node, Some(F::Express)),
    (Header("set-cookie", "laravel_session="), L::Php, Some(F::Laravel)),
    (Header("set-cookie", "xsrf-token="), L::Php, Some(F::Laravel)),
    (Body("illuminate\\"), L::Php, Some(F::Laravel)),
    (Body("csrf token mismatch"), L::Php, Some(F::Laravel)),
    (Header("x-runtime", "0."), L::Ruby, Some(F::Rails)),
    (Body("actioncontroller::"), L::Ruby, Some(F::Rails)),
    (Body("activerecord::"), L::Ruby, Some(F::Rails)),
    (Header("server", "wsgiserver"), L::Python, Some(F::Django)),
    (Header("set-cookie", "csrftoken="), L::Python, Some(F::Django)),
    (Header("location", "/accounts/login/"), L::Python, Some(F::Django)),
    (Body("csrf verification failed"), L::Python, Some(F::Django)),
    (Body("django"), L::Python, Some(F::Django)),
    (Header("server", "werkzeug"), L::Python, Some(F::Flask)),
    (Header("server", "uvicorn"), L::Python, Some(F::FastApi)),
    (Header("server", "hypercorn"), L::Python, Some(F::FastApi)),
    (Body("{\"detail\":"), L::Python, Some(F::FastApi)),
    (Header("x-application-context", ""), L::Java, Some(F::Spring)),
    (Body("org.springframework"), L::Java, Some(F::Spring)),
    (Body("whitelabel error page"), L::Java, Some(F::Spring)),
    (Header("server", "gunicorn"), L::Python, None),
    (Header("server", "waitress"), L::Python, None),
    (Header("server", "daphne"), L::Python, None),
    (Body("traceback (most recent call last)"), L::Python, None),
    (Header("x-powered-by", "php"), L::Php, None),
    (Body("uncaught exception"), L::Php, None),
    (Header("server", "puma"), L::Ruby, None),
    (Header("server", "webrick"), L::Ruby, None),
    (Header("server", "passenger"), L::Ruby, None),
    (Header("server", "kestrel"), L::DotNet, None),
    (Header("x-powered-by", "asp.net"), L::DotNet, None),
    (Header("set-cookie", "jsessionid="), L::Java, None),
    (Header("server", "jetty"), L::Java, None),
    (Body("java.lang."), L::Java, None),
    (Body("goroutine "), L::Go, None),
    (Body("node_modules/"), L::Node, None),
    (Body("typeerror: cannot read propert"), L::Node, None),
    (Body("node:internal"), L::Node, None),
];

pub(super) fn of(page: &Page<'_>) -> Stack {
    let mut stack = Stack::default();
    for (place, language, framework) in MARKS {
        let is_found = match place {
            Header(name, wanted) => has_header(page, name, wanted),
            Body(wanted) => page.has(wanted),
        };
        if is_found {
            stack.language.get_or_insert(*language);
            stack.framework = stack.framework.or(*framework);
            if framework.is_some() {
                break;
            }
        }
    }
    stack
}

/// Whether the value of a header has the text. A name that ends in `-` stands for all that begin with it.
fn has_header(page: &Page<'_>, name: &str, wanted: &str) -> bool {
    let is_named = |header: &[u8]| {
        let start = header.get(..name.len()).unwrap_or_default();
        start.eq_ignore_ascii_case(name.as_bytes()) && (name.ends_with('-') || header.len() == name.len())
    };
    let mut headers = page.response.headers.iter();
    headers.any(|(name, value)| is_named(name) && String::from_utf8_lossy(value).to_ascii_lowercase().contains(wanted))
}

impl Stack {
    /// Whether the app may be written in the language: nothing says otherwise.
    pub fn could_be(self, language: Language) -> bool {
        self.language.is_none_or(|known| known == language)
    }

    /// The framework, as [`handlers`](crate::core::diagnosis::handlers) names it. Not all of them have a handler there.
    pub fn handler(self) -> Option<&'static str> {
        Some(match (self.framework, self.language) {
            (Some(F::NextJs), _) => "Next.js",
            (Some(F::Nest), _) => "NestJS",
            (Some(F::Express), _) => "Express",
            (Some(F::Fastify), _) => "Fastify",
            (Some(F::Django), _) => "Django",
            (Some(F::FastApi), _) => "FastAPI",
            (Some(F::Flask), _) => "Flask",
            (Some(F::Spring), _) => "Spring",
            (_, Some(L::Go)) => "Go net/http",
            _ => return None,
        })
    }

    /// How to get the raw body to the SDK.
    pub fn raw_body(self) -> &'static str {
        match (self.framework, self.language) {
            (Some(F::NextJs), _) => "pass `await request.text()` to the SDK, and parse that text afterwards",
            (Some(F::Express), _) => {
                "mount `express.raw({ type: '*/*' })` on the webhook's route, before `express.json()`"
            }
            (Some(F::Nest), _) => "create the app with `rawBody: true`, and pass `req.rawBody` to the SDK",
            (Some(F::Fastify), _) => {
                "add `addContentTypeParser('application/json', { parseAs: 'string' }, …)` that returns the text, and pass it to the SDK"
            }
            (Some(F::Django), _) => "pass `request.body` to the SDK",
            (Some(F::FastApi), _) => "pass `await request.body()` to the SDK",
            (Some(F::Flask), _) => "pass `request.get_data()` to the SDK",
            (Some(F::Rails), _) | (_, Some(L::Ruby)) => "verify `request.raw_post`",
            (Some(F::Laravel), _) => "verify `$request->getContent()`",
            (Some(F::Spring), _) | (_, Some(L::Java)) => {
                "take the body as `@RequestBody String`, and pass that to the SDK"
            }
            (_, Some(L::Php)) => "verify `file_get_contents('php://input')`",
            (_, Some(L::Go)) => "pass the bytes of `io.ReadAll(r.Body)` to the SDK",
            (_, Some(L::Python)) => "pass the body's bytes to the SDK, before anything parses them",
            _ => "pass the raw bytes of the body to the SDK, before anything parses them",
        }
    }

    /// How to exempt the webhook's route from a guard such as a log-in.
    pub fn exemption(self) -> &'static str {
        match self.framework {
            Some(F::NextJs) => "leave the webhook's path out of `config.matcher` in `middleware.ts`",
            Some(F::Nest) => {
                "mark the webhook's route as public for your guard, for example with a `@Public()` decorator that it reads"
            }
            Some(F::Express) | Some(F::Fastify) => {
                "mount the webhook's route before the middleware that checks the session"
            }
            Some(F::Django) => {
                "mark the webhook's view with `@login_not_required` and `@csrf_exempt`, and without `@login_required`"
            }
            Some(F::FastApi) => "leave the security dependency (`Depends` or `Security`) out of the webhook's route",
            Some(F::Flask) => "leave `@login_required` or `@requires_auth` off the webhook's view",
            Some(F::Rails) => {
                "add `skip_before_action :authenticate_user!` and `skip_before_action :verify_authenticity_token` to the webhook's controller"
            }
            Some(F::Laravel) => "move the webhook's route out of the `auth` middleware",
            Some(F::Spring) => {
                "add `requestMatchers(\"/webhooks/**\").permitAll()` and `csrf.ignoringRequestMatchers(\"/webhooks/**\")`"
            }
            None => {
                "exempt the webhook's path from the guard: `config.matcher` in Next.js, Clerk and Auth.js, `@csrf_exempt` and no `@requires_auth` \
                 in Django, `skip_before_action` in Rails, no `auth` middleware in Laravel, `@Public()` in Nest, no `Depends` in FastAPI"
            }
        }
    }
}
