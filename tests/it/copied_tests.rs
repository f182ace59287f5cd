//! The tests that hookglass writes for the user's handler, run by their runners where these are installed.

use crate::support::recorder::Recorder;
use crate::support::sandbox::{SECRET, Sandbox};
use crate::support::webhook::Webhook;
use hookglass::core::export::TEST_SECRET;
use hookglass::core::signature::{Keyring, Secret, Verdict, verify_request};
use jiff::Timestamp;
use std::process::Command;

/// It would end the runner, or its file, if it stood in the code.
const HOSTILE: &str =
    "{\"type\":\"user.signup\",\"a\":\"${process.exit(0)} `'\\\"\\\"\\\" ''' */ \u{2028}\u{202e} \\\\ %s\"}";

fn is_installed(program: &str, arguments: &[&str]) -> bool {
    let ran = Command::new(program).args(arguments).output();
    let is_here = ran.is_ok_and(|ran| ran.status.success());
    if !is_here {
        eprintln!("skipped: `{program} {}` does not run here", arguments.join(" "));
    }
    is_here
}

/// A history with one hostile event, and the test of it as `runner` runs it.
fn copied(runner: &str) -> (Sandbox, String) {
    let sandbox = Sandbox::new();
    let mut listening = sandbox.listen(&[]);
    Webhook { body: HOSTILE.as_bytes(), headers: "X-Odd: ${process.exit(0)} */ \"\"\"\r\n", ..Webhook::default() }
        .send(listening.address);
    listening.stop();
    let ran = sandbox.run(&["events", "show", "1", "--test", runner]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let code = String::from_utf8(ran.stdout).unwrap();
    assert!(code.is_ascii() && code.contains(TEST_SECRET) && !code.contains(SECRET), "{code}");
    (sandbox, code)
}

/// Runs a command in the sandbox's folder, and gives whether it succeeded with what it wrote.
fn run(sandbox: &Sandbox, program: &str, arguments: &[&str]) -> (bool, String) {
    let ran = sandbox.command_of(program, arguments).output().unwrap();
    let text = [ran.stdout, ran.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    (ran.status.success(), text)
}

#[test]
fn node_runs_the_test_against_an_app() {
    if !is_installed("node", &["--test", "--help"]) {
        return;
    }
    let (sandbox, code) = copied("vitest");
    let verify = "
        const { createHmac } = require('node:crypto');
        const isValid = (headers, body) => {
          const key = Buffer.from(process.env.SCALEKIT_WEBHOOK_SECRET.split('_')[1], 'base64');
          const stamp = headers['webhook-timestamp'];
          const expected = createHmac('sha256', key).update(`${headers['webhook-id']}.${stamp}.`).update(body).digest('base64');
          const isNow = Math.abs(new Date() / 1000 - stamp) < 300 && Math.abs(Date.now() / 1000 - stamp) < 300;
          return isNow && headers['webhook-signature'] === `v1,${expected}` && JSON.parse(body).type === 'user.signup';
        };";
    let server = "
        exports.app = async (request, response) => {
          const chunks = [];
          for await (const chunk of request) chunks.push(chunk);
          response.writeHead(isValid(request.headers, Buffer.concat(chunks)) ? 201 : 401).end();
        };";
    let route = "
        exports.POST = async (request) => {
          const body = Buffer.from(await request.arrayBuffer());
          return new Response(null, { status: isValid(Object.fromEntries(request.headers), body) ? 201 : 401 });
        };";
    sandbox.file("webhook.test.mjs", code.replace("'vitest'", "'node:test'"));
    for (app, is_accepted) in [
        (format!("{verify}{server}"), true),
        (format!("{verify}{route}"), true),
        ("exports.app = (request, response) => response.writeHead(401).end();".to_owned(), false),
    ] {
        sandbox.file("app.js", &app);
        let (passed, text) = run(&sandbox, "node", &["--test", "webhook.test.mjs"]);
        assert_eq!(passed, is_accepted, "{app}\n{text}");
        assert!(text.contains("the handler accepts the webhook"), "{text}");
    }
}

#[test]
fn pytest_runs_the_test_against_an_app() {
    if !is_installed("python3", &["-c", "import pytest, freezegun, flask"]) {
        return;
    }
    let (sandbox, code) = copied("pytest");
    let app = "
import base64, hashlib, hmac, os
from datetime import datetime, timezone
from flask import Flask, request

app = Flask('app')

@app.post('/webhooks/scalekit')
def webhook():
    key = base64.b64decode(os.environ['SCALEKIT_WEBHOOK_SECRET'].split('_')[1])
    stamp = request.headers['webhook-timestamp']
    content = f\"{request.headers['webhook-id']}.{stamp}.\".encode() + request.get_data()
    expected = 'v1,' + base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
    is_now = abs(datetime.now(timezone.utc).timestamp() - int(stamp)) < 300
    return '', 201 if is_now and expected == request.headers['webhook-signature'] else 401
";
    sandbox.file("test_webhook.py", code);
    for (code, is_accepted) in [("201 if is_now", true), ("500 if is_now", false)] {
        sandbox.file("app.py", app.replace("201 if is_now", code));
        let arguments = ["-m", "pytest", "-q", "-p", "no:cacheprovider", "test_webhook.py"];
        let (passed, text) = run(&sandbox, "python3", &arguments);
        assert_eq!(passed, is_accepted, "{text}");
    }
}

#[test]
fn go_runs_the_test_against_an_app() {
    if !is_installed("go", &["doc", "testing/synctest"]) {
        return;
    }
    let (sandbox, code) = copied("go");
    let app = |status: u16| {
        format!(
            "package main\n\nimport \"net/http\"\n\nfunc webhook(w http.ResponseWriter, r *http.Request) {{\n\tw.WriteHeader({status})\n}}\n\n\
             func main() {{}}\n"
        )
    };
    sandbox.file("go.mod", "module app\n\ngo 1.25\n");
    sandbox.file("webhook_test.go", code);
    for (status, is_accepted) in [(201, true), (401, false)] {
        sandbox.file("app.go", app(status));
        let (passed, text) = run(&sandbox, "go", &["test", "./..."]);
        assert_eq!(passed, is_accepted, "{text}");
    }
}

/// With the two names of JUnit that the test uses, since the machine rarely has the library.
#[test]
fn java_runs_the_test_against_an_app() {
    if !is_installed("javac", &["-version"]) {
        return;
    }
    let (sandbox, code) = copied("junit");
    let junit = sandbox.folder().join("org/junit/jupiter/api");
    std::fs::create_dir_all(&junit).unwrap();
    let annotation = "package org.junit.jupiter.api;\npublic @interface Test {}\n";
    std::fs::write(junit.join("Test.java"), annotation).unwrap();
    let assertions = "package org.junit.jupiter.api;\npublic class Assertions {\n\
        public static void assertEquals(int a, int b, java.util.function.Supplier<String> why) {\n\
        if (a != b) throw new AssertionError(why.get()); } }\n";
    std::fs::write(junit.join("Assertions.java"), assertions).unwrap();
    sandbox.file("WebhookTest.java", code);
    sandbox.file(
        "Main.java",
        "class Main { public static void main(String[] a) throws Exception { new WebhookTest().theHandlerAcceptsTheWebhook(); } }",
    );
    let (is_compiled, text) =
        run(&sandbox, "javac", &["-d", "classes", "Main.java", "WebhookTest.java", "-sourcepath", "."]);
    assert!(is_compiled, "{text}");
    for (status, is_accepted) in [(201, true), (401, false)] {
        let app = Recorder::start(status, "");
        let url = format!("http://{}/webhooks/scalekit", app.address);
        let mut command = sandbox.command_of("java", &["-cp", "classes", "Main"]);
        let ran = command.env("WEBHOOK_URL", url).output().unwrap();
        assert_eq!(ran.status.success(), is_accepted, "{}", String::from_utf8_lossy(&ran.stderr));
        let request = app.next();
        assert_eq!(request.body, HOSTILE.as_bytes());
        assert_eq!(request.value("x-odd").as_deref(), Some("${process.exit(0)} */ \"\"\""));
        let keyring = Keyring { verifying: vec![Secret::new("test", TEST_SECRET)], known_only: Vec::new() };
        let now_ms = Timestamp::now().as_millisecond();
        let verification = verify_request(&request.head.headers(), &request.body, now_ms, &keyring);
        assert_eq!(verification.verdict, Verdict::Verified);
    }
}
