//! Signs of what happens around the handler: body parsers, size limits, and routes that do not exist.

use super::sign::Kind::Handler;
use super::sign::Mark::{Body, Both};
use super::sign::Next::{RawBody, Say};
use super::sign::{Mark, Next, Sign};

const fn sign(
    reason: &'static str,
    statuses: &'static [u16],
    marks: &'static [Mark],
    why: &'static str,
    next: Next,
) -> Sign {
    Sign { kind: Handler, reason, statuses, marks, why, next }
}

pub(super) const SIGNS: &[Sign] = &[
    sign(
        "body-read-twice",
        &[],
        &[
            Body("body is unusable"),
            Body("body has already been"),
            Body("body stream already read"),
            Body("stream is not readable"),
            Body("disturbed or locked"),
            Body("rawpostdataexception"),
            Body("you cannot access body after reading"),
            Body("stream consumed"),
            Body("getinputstream() has already been called"),
            Body("invalid read on closed body"),
        ],
        "the handler reads the body after something else has read it",
        RawBody,
    ),
    sign(
        "body-model",
        &[400, 422],
        &[Both("\"loc\"", "\"body\"")],
        "FastAPI checked the body against a model before your handler ran",
        Say("declare `request: Request` instead of a model, and verify `await request.body()`"),
    ),
    sign(
        "body-limit",
        &[413, 500],
        &[Body("fst_err_ctp_body_too_large")],
        "the body is larger than Fastify's limit",
        Say("raise `bodyLimit` for the webhook's route: events of 1 MB occur"),
    ),
    sign(
        "body-limit",
        &[413, 500],
        &[
            Body("entity.too.large"),
            Body("request entity too large"),
            Body("payloadtoolargeerror"),
            Body("body exceeded"),
        ],
        "the body is larger than the limit of the app's body parser",
        Say("raise the limit for the webhook's route, in Express with `express.raw({ type: '*/*', limit: '2mb' })`"),
    ),
    sign(
        "media-type",
        &[400, 415],
        &[Body("fst_err_ctp_invalid_media_type")],
        "Fastify has no parser for the request's `Content-Type`",
        Say("add one that keeps the bytes: `addContentTypeParser('*', { parseAs: 'buffer' }, …)`"),
    ),
    sign(
        "no-route",
        &[404],
        &[Body("cannot post /"), Body("\"route post:")],
        "the app has no route for POST at this path",
        Say("compare the path in the target with the app's routes: a router's prefix counts"),
    ),
    sign(
        "no-route",
        &[404],
        &[Body("no route matches [post]")],
        "Rails has no route for POST at this path",
        Say("add `post` with this path to `config/routes.rb`, or correct the path in the target"),
    ),
    sign(
        "no-route",
        &[404],
        &[Both("the route ", "could not be found"), Body("using the urlconf defined in")],
        "the app has no route at this path",
        Say("compare the path in the target with the app's routes: a prefix such as `/api` and the final slash count"),
    ),
    sign(
        "body-parser",
        &[400, 415, 422, 500],
        &[
            Body("is not valid json"),
            Body("unexpected token"),
            Body("unexpected end of json input"),
            Body("jsondecodeerror"),
            Body("json decode error"),
            Body("json parse error"),
            Body("malformed json"),
            Body("entity.parse.failed"),
            Body("bad control character"),
        ],
        "a parser in the app did not understand the body",
        RawBody,
    ),
];
