//! Handlers that pass the raw body and the headers to the SDK, for common frameworks.

use crate::core::signature::Scheme;

/// A correct handler for one framework.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    pub framework: &'static str,
    /// Several lines.
    pub code: String,
}

/// The frameworks whose handlers the comparison with the SDKs does not run.
const NOT_RUN: [&str; 2] = [GO, "Spring"];

impl Fix {
    /// The framework, and whether anybody has run the handler.
    pub fn heading(&self) -> String {
        let is_run = !NOT_RUN.contains(&self.framework);
        let note = if is_run { "" } else { " (not run by hookglass's tests: check it with `hookglass rehearse`)" };
        format!("{}{note}", self.framework)
    }
}

/// The handlers for webhooks. For interceptors the names are replaced. The SDKs throw when a signature is invalid; no
/// framework turns that into the 401 that Scalekit asks for, so the handlers catch it.
const WEBHOOK: [(&str, &str); 11] = [
    (
        "Express",
        "\
// register this before app.use(express.json())
const raw = express.raw({ type: () => true, limit: '10mb' });
app.post('/webhooks/scalekit', raw, (req, res) => {
  const body = String(req.body);
  try {
    scalekit.verifyWebhookPayload(secret, req.headers, body);
  } catch {
    return res.sendStatus(401);
  }
  const event = JSON.parse(body);
  res.sendStatus(201);
});",
    ),
    (
        "Next.js",
        "\
export async function POST(req: Request) {
  const body = await req.text();
  try {
    scalekit.verifyWebhookPayload(secret, Object.fromEntries(req.headers), body);
  } catch {
    return new Response(null, { status: 401 });
  }
  const event = JSON.parse(body);
  return new Response(null, { status: 201 });
}",
    ),
    (
        "Fastify",
        "\
app.register(async (routes) => {
  // in this plugin the body stays as received
  routes.removeAllContentTypeParsers();
  const raw = { parseAs: 'string', bodyLimit: 10_000_000 };
  routes.addContentTypeParser('*', raw, (req, body, done) => done(null, body));
  routes.post('/webhooks/scalekit', async (req, reply) => {
    try {
      scalekit.verifyWebhookPayload(secret, req.headers, req.body);
    } catch {
      return reply.code(401).send();
    }
    const event = JSON.parse(req.body);
    return reply.code(201).send();
  });
});",
    ),
    (
        "NestJS",
        "\
// in main.ts: NestFactory.create(AppModule, { rawBody: true }), then app.useBodyParser('json', { limit: '10mb' })
@Controller()
export class ScalekitController {
  @Post('/webhooks/scalekit')
  webhook(@Req() req: RawBodyRequest<Request>, @Headers() headers: Record<string, string>) {
    const body = String(req.rawBody);
    try {
      scalekit.verifyWebhookPayload(secret, headers, body);
    } catch {
      throw new UnauthorizedException(); // 401
    }
    const event = JSON.parse(body);
  }
}",
    ),
    (
        "Hono",
        "\
app.post('/webhooks/scalekit', async (c) => {
  const body = await c.req.text();
  try {
    scalekit.verifyWebhookPayload(secret, c.req.header(), body);
  } catch {
    return c.body(null, 401);
  }
  const event = JSON.parse(body);
  return c.body(null, 201);
});",
    ),
    (
        "AWS Lambda",
        "\
export const handler = async (request) => {
  // API Gateway and function URLs may pass the body on as base64
  const body = Buffer.from(request.body ?? '', request.isBase64Encoded ? 'base64' : 'utf8').toString();
  const headers = {};
  for (const name in request.headers) headers[name.toLowerCase()] = request.headers[name];
  try {
    scalekit.verifyWebhookPayload(secret, headers, body);
  } catch {
    return { statusCode: 401 };
  }
  const event = JSON.parse(body);
  return { statusCode: 201 };
};",
    ),
    (
        "FastAPI",
        "\
@app.post('/webhooks/scalekit', status_code=201)
async def webhook(request: Request):
    body = await request.body()
    try:
        client.verify_webhook_payload(secret=secret, headers=request.headers, payload=body)
    except Exception:
        raise HTTPException(401)
    event = json.loads(body)",
    ),
    (
        "Flask",
        "\
@app.post('/webhooks/scalekit')
def webhook():
    body = request.get_data()
    try:
        # pass request.headers itself: dict(request.headers) has no 'webhook-id'
        client.verify_webhook_payload(secret=secret, headers=request.headers, payload=body)
    except Exception:
        return '', 401
    event = json.loads(body)
    return '', 201",
    ),
    (
        "Django",
        "\
# in urls.py: path('webhooks/scalekit', webhook)
@csrf_exempt
def webhook(request):
    body = request.body
    try:
        client.verify_webhook_payload(secret=secret, headers=request.headers, payload=body)
    except Exception:
        return HttpResponse(status=401)
    event = json.loads(body)
    return HttpResponse(status=201)",
    ),
    (GO, GO_WEBHOOK),
    (
        "Spring",
        "\
@PostMapping(\"/webhooks/scalekit\")
ResponseEntity<Void> webhook(@RequestBody byte[] body, @RequestHeader HttpHeaders headers) throws IOException {
    var signed = new HashMap<String, String>();
    for (var name : List.of(\"webhook-id\", \"webhook-timestamp\", \"webhook-signature\"))
        signed.put(name, headers.getFirst(name));
    try {
        new ScalekitWebhook().verifyWebhookPayload(secret, signed, body);
    } catch (Exception refused) {
        return ResponseEntity.status(401).build();
    }
    var event = new ObjectMapper().readTree(body);
    return ResponseEntity.status(201).build();
}",
    ),
];

const GO: &str = "Go net/http";

const GO_WEBHOOK: &str = "\
body, err := io.ReadAll(r.Body)
if err != nil {
\thttp.Error(w, \"unreadable body\", http.StatusBadRequest)
\treturn
}
headers := map[string]string{}
for _, name := range []string{\"webhook-id\", \"webhook-timestamp\", \"webhook-signature\"} {
\theaders[name] = r.Header.Get(name)
}
if ok, err := client.VerifyWebhookPayload(secret, headers, body); err != nil || !ok {
\thttp.Error(w, \"invalid signature\", http.StatusUnauthorized)
\treturn
}
w.WriteHeader(http.StatusCreated)";

/// Go's interceptor method reads the webhook headers. It verifies an interceptor if it gets the values under those
/// names.
const GO_INTERCEPTOR: &str = "\
body, err := io.ReadAll(r.Body)
if err != nil {
\thttp.Error(w, \"unreadable body\", http.StatusBadRequest)
\treturn
}
// VerifyInterceptorPayload reads webhook-*: pass it the values under those names
headers := map[string]string{}
for _, part := range []string{\"id\", \"timestamp\", \"signature\"} {
\theaders[\"webhook-\"+part] = r.Header.Get(\"interceptor-\" + part)
}
if ok, err := client.VerifyInterceptorPayload(secret, headers, body); err != nil || !ok {
\thttp.Error(w, \"invalid signature\", http.StatusUnauthorized)
\treturn
}
w.Header().Set(\"Content-Type\", \"application/json\")
io.WriteString(w, `{\"decision\":\"ALLOW\"}`)";

/// The handlers of all frameworks for requests of `scheme`.
pub fn handlers(scheme: Scheme) -> Vec<Fix> {
    let of = |(framework, code): (&'static str, &str)| match scheme {
        Scheme::Interceptor if framework == GO => go_interceptor(),
        Scheme::Interceptor => Fix { framework, code: for_interceptors(code) },
        _ => Fix { framework, code: code.to_owned() },
    };
    WEBHOOK.into_iter().map(of).collect()
}

pub(super) fn go_interceptor() -> Fix {
    Fix { framework: GO, code: GO_INTERCEPTOR.to_owned() }
}

/// The same handler for an interceptor, which must respond with a decision.
fn for_interceptors(code: &str) -> String {
    const NAMES: [(&str, &str); 18] = [
        ("verifyWebhookPayload", "verifyInterceptorPayload"),
        ("verify_webhook_payload", "verify_interceptor_payload"),
        ("ScalekitWebhook", "ScalekitInterceptor"),
        ("webhooks/scalekit", "interceptors/scalekit"),
        ("\"webhook-", "\"interceptor-"),
        ("'webhook-", "'interceptor-"),
        ("res.sendStatus(201)", "res.json({ decision: 'ALLOW' })"),
        ("new Response(null, { status: 201 })", "Response.json({ decision: 'ALLOW' })"),
        ("reply.code(201).send()", "reply.send({ decision: 'ALLOW' })"),
        ("  webhook(@Req()", "  @HttpCode(200)\n  interceptor(@Req()"),
        (
            "    const event = JSON.parse(body);\n  }\n}",
            "    const event = JSON.parse(body);\n    return { decision: 'ALLOW' };\n  }\n}",
        ),
        ("c.body(null, 201)", "c.json({ decision: 'ALLOW' })"),
        ("{ statusCode: 201 }", "{ statusCode: 200, body: JSON.stringify({ decision: 'ALLOW' }) }"),
        ("HttpResponse(status=201)", "JsonResponse({'decision': 'ALLOW'})"),
        ("scalekit', webhook)", "scalekit', interceptor)"),
        (", status_code=201)", ")"),
        ("return '', 201", "return {'decision': 'ALLOW'}"),
        ("ResponseEntity.status(201).build()", "ResponseEntity.ok(Map.of(\"decision\", \"ALLOW\"))"),
    ];
    let mut code =
        NAMES.into_iter().fold(code.to_owned(), |code, (webhook, interceptor)| code.replace(webhook, interceptor));
    if code.contains("request.body()") {
        code.push_str("\n    return {'decision': 'ALLOW'}");
    }
    code.replace("ResponseEntity<Void> webhook", "ResponseEntity<Map<String, String>> interceptor")
        .replace("def webhook(", "def interceptor(")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interceptor_handlers_verify_an_interceptor_and_respond_with_a_decision() {
        for fix in handlers(Scheme::Interceptor) {
            let code = &fix.code;
            assert!(code.contains("ALLOW") && !code.contains("201"), "{code}");
            assert!(!code.contains("verifyWebhook") && !code.contains("verify_webhook"), "{code}");
            assert!(code.to_lowercase().replace('_', "").contains("verifyinterceptorpayload("), "{code}");
        }
    }

    #[test]
    fn every_handler_responds_401_when_the_sdk_rejects_the_request() {
        for fix in [Scheme::Webhook, Scheme::Interceptor].into_iter().flat_map(handlers) {
            assert!(fix.code.contains("401") || fix.code.contains("http.StatusUnauthorized"), "{}", fix.code);
        }
    }

    #[test]
    fn every_handler_reads_the_raw_body_before_it_parses_it() {
        for fix in handlers(Scheme::Webhook) {
            let raw = [
                "express.raw",
                "req.text()",
                "parseAs: 'string'",
                "req.rawBody",
                "isBase64Encoded",
                "request.body()",
                "get_data()",
                "= request.body\n",
                "io.ReadAll",
                "byte[] body",
            ];
            let read = raw.iter().find_map(|word| fix.code.find(word)).unwrap();
            let parsed = ["JSON.parse", "json.loads", "readTree"].iter().find_map(|word| fix.code.find(word));
            assert!(parsed.is_none_or(|parsed| read < parsed), "{}", fix.code);
        }
    }
}
