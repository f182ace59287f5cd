//! `hookglass rehearse` against what does nothing but ask an SDK, and against the handlers that hookglass shows as the fix.

use crate::Report;
use crate::generate::SECRETS;
use crate::inspector::program;
use crate::process::Process;
use crate::request::verifying_path;
use crate::sdk_server::{SdkServer, address_of, script};
use hookglass::config::SECRET_VARIABLE;
use hookglass::core::diagnosis::handlers;
use hookglass::core::export::Fixture;
use hookglass::core::signature::{Scheme, Sdk};
use jiff::Timestamp;
use tempfile::TempDir;

/// Secrets that every SDK reads alike: the first ones of the table.
const SOUND_SECRETS: usize = 4;

pub fn of_sdks(servers: &[SdkServer]) -> Report {
    let rehearsing = Rehearsing::new();
    let (mut count, mut differences) = (0, Vec::new());
    for server in servers {
        for (_, secret) in &SECRETS[..SOUND_SECRETS] {
            for scheme in [Scheme::Webhook, Scheme::Interceptor] {
                let fault = rehearsing.fault(scheme, secret, &server.url(&verifying_path(scheme, secret)));
                differences.extend(fault.map(|fault| format!("{}: {fault}", server.sdk)));
                count += 1;
            }
        }
    }
    Report { summary: format!("{count} runs"), differences }
}

pub fn of_shown_handlers(servers: &[SdkServer]) -> Report {
    let rehearsing = Rehearsing::new();
    let secret = SECRETS[0].1;
    let (mut names, mut differences) = (Vec::new(), Vec::new());
    for (scheme, path) in [(Scheme::Webhook, "/webhooks/scalekit"), (Scheme::Interceptor, "/interceptors/scalekit")] {
        for handler in handlers(scheme) {
            let sdk = match handler.framework {
                "Express" | "Next.js" | "Fastify" | "NestJS" | "Hono" | "AWS Lambda" => Sdk::Node,
                "FastAPI" | "Flask" | "Django" => Sdk::Python,
                _ => continue,
            };
            let Some(mut command) = script(sdk, "handler").filter(|_| servers.iter().any(|server| server.sdk == sdk))
            else {
                continue;
            };
            let process = Process::start(command.args([handler.framework, &handler.code, secret]));
            let url = format!("http://{}{path}", address_of(&process));
            let name = format!("{} {scheme}", handler.framework);
            let fault = rehearsing.fault(scheme, secret, &url);
            differences.extend(fault.map(|fault| format!("{name}: {fault}{}", process.errors())));
            names.push(name);
        }
    }
    Report { summary: names.join(", "), differences }
}

/// A mistake in one of the shown handlers: what is replaced, by what, and how `rehearse` names it.
const MISTAKES: [(&str, &str, &str, &str); 11] = [
    ("Express", "String(req.body)", "JSON.stringify(JSON.parse(req.body))", "reserialised"),
    ("Express", "String(req.body)", "JSON.parse(req.body)", "control"),
    ("Express", "String(req.body)", "req.body.toString('latin1')", "non-ascii"),
    (
        "Express",
        "secret, req.headers, body",
        "secret, { ...req.headers, 'webhook-signature': req.headers['webhook-signature'].split(' ')[0] }, body",
        "v1a-beside",
    ),
    ("Express", "return res.sendStatus(401);", "", "verification-ignored"),
    ("Express", "catch {", "catch (error) { throw error;", "uncaught"),
    ("Express", ", limit: '10mb'", "", "large"),
    ("Express", "app.post(", "app.use((req, res) => res.sendStatus(401)); app.post(", "guard"),
    ("Next.js", "catch {", "catch (error) { throw error;", "app-died"),
    (
        "FastAPI",
        "await request.body()",
        "json.dumps(await request.json(), separators=(',', ':')).encode()",
        "reserialised",
    ),
    ("FastAPI", "raise HTTPException(401)", "return {'error': 'invalid signature'}, 401", "failure-with-2xx"),
];

pub fn of_mistakes(servers: &[SdkServer]) -> Report {
    let secret = SECRETS[0].1;
    let (mut names, mut differences) = (Vec::new(), Vec::new());
    for (framework, right, wrong, cause) in MISTAKES {
        let sdk = if framework == "FastAPI" { Sdk::Python } else { Sdk::Node };
        let shown = handlers(Scheme::Webhook).into_iter().find(|handler| handler.framework == framework).unwrap();
        let code = shown.code.replace(right, wrong);
        assert_ne!(code, shown.code, "{framework} has no `{right}`");
        let Some(mut command) = script(sdk, "handler").filter(|_| servers.iter().any(|server| server.sdk == sdk))
        else {
            continue;
        };
        let process = Process::start(command.args([framework, &code, secret]));
        let url = format!("http://{}/webhooks/scalekit", address_of(&process));
        let mut command = program();
        command.env(SECRET_VARIABLE, secret).args(["rehearse", "--json", "--wait-app", "0s", "--to", &url]);
        let output = command.output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let end: End = serde_json::from_str(said.lines().last().unwrap_or_default()).unwrap();
        let named: Vec<_> = end.causes.iter().map(|named| named.cause.as_str()).collect();
        if named != [cause] || output.status.success() {
            differences
                .push(format!("{framework} with {wrong:?}: {named:?} instead of {cause}: {said}{}", process.errors()));
        }
        names.push(format!("{framework} {cause}"));
    }
    Report { summary: names.join(", "), differences }
}

#[derive(serde::Deserialize)]
struct End {
    causes: Vec<Cause>,
}

#[derive(serde::Deserialize)]
struct Cause {
    cause: String,
}

/// What interceptors' rehearsals are made of.
struct Rehearsing {
    folder: TempDir,
}

impl Rehearsing {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let decision = Fixture {
            method: b"POST".to_vec(),
            path: b"/".to_vec(),
            received_at: Timestamp::UNIX_EPOCH,
            headers: vec![(b"content-type".to_vec(), b"application/json".to_vec())],
            body: br#"{"trigger_point":"PRE_SIGNUP","data":{"email":"jane@example.com"}}"#.to_vec(),
        };
        std::fs::write(folder.path().join("interceptor.json"), decision.write()).unwrap();
        Self { folder }
    }

    /// What the matrix says, unless every rehearsal was passed.
    fn fault(&self, scheme: Scheme, secret: &str, url: &str) -> Option<String> {
        let mut command = program();
        command.env(SECRET_VARIABLE, secret).args(["rehearse", "--to", url]).current_dir(&self.folder);
        let is_interceptor = scheme == Scheme::Interceptor;
        if is_interceptor {
            command.args(["--sign", "--event", "./interceptor.json"]);
        }
        let output = command.output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let passed = if is_interceptor { "31 rehearsals: 31 passed" } else { "30 rehearsals: 30 passed" };
        let is_passed = output.status.success() && said.lines().last() == Some(passed);
        (!is_passed).then(|| said + &String::from_utf8_lossy(&output.stderr))
    }
}
