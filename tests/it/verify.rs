//! `hookglass verify`: the conformance corpus through the program, its sources, its secrets and what it prints.

use crate::signatures::{Case, cases};
use crate::support::sandbox::{PROGRAM, Ran, SECRET, SECRET_VARIABLE, Sandbox};
use crate::support::webhook::{BODY, Webhook};
use hookglass::core::export::Fixture;
use hookglass::core::signature::{Sdk, Secret, sign};
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

const NOW_S: i64 = 1_700_000_000;

/// The members that the JSON always has.
#[derive(serde::Deserialize)]
struct Said {
    verdict: String,
    scheme: String,
    reason: Option<String>,
    label: Option<String>,
    also: Vec<String>,
    sdks: std::collections::HashMap<String, String>,
    secret: Option<String>,
    warnings: Vec<String>,
}

fn said(ran: &Ran) -> Said {
    serde_json::from_str(ran.text()).unwrap_or_else(|error| panic!("{error}: {ran:?}"))
}

/// A request in files, signed at [`NOW_S`] with [`SECRET`].
fn files(sandbox: &Sandbox, body: &[u8]) -> [String; 4] {
    let signature = sign(&Secret::new("", SECRET), b"msg_1", NOW_S, BODY).unwrap();
    let headers = format!("Webhook-Id: msg_1\r\nwebhook-timestamp:{NOW_S}\r\nwebhook-signature: {signature}\r\n");
    files_of(sandbox, &headers, body)
}

fn files_of(sandbox: &Sandbox, headers: &str, body: &[u8]) -> [String; 4] {
    ["--headers".to_owned(), sandbox.file("headers", headers), "--body".to_owned(), sandbox.file("body", body)]
}

fn run(sandbox: &Sandbox, files: &[String], further: &[&str]) -> Ran {
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    sandbox.run(&[&["verify"], &files[..], further].concat())
}

/// One case through the program, in a folder of its own.
fn check(case: &Case, folder: &Path, number: usize) -> Result<(), String> {
    let write = |name: &str, bytes: &[u8]| {
        std::fs::write(folder.join(name), bytes).unwrap();
        name.to_owned()
    };
    // With CR LF and LF alternately.
    let end = if number.is_multiple_of(2) { "\n" } else { "\r\n" };
    let headers: String = case.headers.iter().map(|(name, value)| format!("{name}:{value}{end}")).collect();
    let mut arguments = vec!["--headers".to_owned(), write("headers", headers.as_bytes())];
    arguments.extend(["--body".to_owned(), write("body", &case.body())]);
    arguments.extend(["--secret-file".to_owned(), write("secret", format!("{}\n", case.secret).as_bytes())]);
    for (place, secret) in case.other_secrets.iter().enumerate() {
        let file = write(&format!("other {place}"), format!("{secret}\n").as_bytes());
        arguments.extend(["--known-secret-file".to_owned(), file]);
    }
    arguments.extend(["--at".to_owned(), format!("{}.{:03}", case.now_ms / 1000, case.now_ms % 1000)]);
    let output = Command::new(PROGRAM)
        .args(["verify", "--json"])
        .args(arguments)
        .env_clear()
        .current_dir(folder)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let ran = Ran { code: output.status.code(), stdout: output.stdout, stderr: String::new() };
    let found = said(&ran);
    let verdict = match (case.expected.as_str(), case.scheme.as_str()) {
        ("valid", _) => "verified",
        (_, "none") => "unsigned",
        _ => "invalid",
    };
    same("verdict", &found.verdict, &verdict.to_owned())?;
    same("code", &ran.code, &Some(i32::from(verdict != "verified")))?;
    same("scheme", &found.scheme, &case.scheme)?;
    same("reason", &found.reason, &case.reason())?;
    same("label", &found.label, &found.reason)?;
    same("also", &found.also, &case.also)?;
    for sdk in Sdk::ALL {
        let word = if case.accepts(&format!("scalekit_{sdk}")) { "accept" } else { "reject" };
        same(sdk.as_str(), &found.sdks[sdk.as_str()], &word.to_owned())?;
    }
    same("secret", &found.secret.as_deref(), &(verdict == "verified").then_some("secret"))?;
    let disagreement = found.warnings.iter().find(|warning| warning.starts_with("SDKs disagree: "));
    same("disagreement", &disagreement.is_some(), &case.sdks_disagree)?;
    let is_vague = |warning: &&String| warning.contains(" they read ") || !warning.contains(" it: ");
    same("vague warning", &disagreement.filter(is_vague), &None)
}

fn same<T: PartialEq + std::fmt::Debug>(what: &str, found: &T, expected: &T) -> Result<(), String> {
    if found == expected { Ok(()) } else { Err(format!("{what} {found:?}, not {expected:?}")) }
}

#[test]
fn every_case_of_the_corpus_agrees_with_the_real_sdks() {
    let folder = tempfile::tempdir().unwrap();
    let failures: Vec<_> = cases()
        .iter()
        .enumerate()
        .filter_map(|(number, case)| {
            Some(format!("{}: {} ({})", case.name, check(case, folder.path(), number).err()?, case.note))
        })
        .collect();
    assert!(failures.is_empty(), "{} cases differ:\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn files_are_verified_at_the_given_time_or_now() {
    let sandbox = Sandbox::new();
    let files = files(&sandbox, BODY);
    let at = NOW_S.to_string();
    let verified = run(&sandbox, &files, &["--at", &at]);
    assert_eq!((verified.code, verified.stderr.as_str()), (Some(0), ""));
    assert!(verified.text().starts_with("verified with SCALEKIT_WEBHOOK_SECRET\n\n✓ scheme "), "{}", verified.text());
    let replayed = run(&sandbox, &files, &[]);
    assert_eq!(replayed.code, Some(1));
    assert!(replayed.text().starts_with("invalid: timestamp-too-old\n"), "{}", replayed.text());
    let edge = |at: i64| run(&sandbox, &files, &["--at", &format!("{at}.999"), "--json"]).code;
    assert_eq!((edge(NOW_S + 300), edge(NOW_S + 301)), (Some(0), Some(1)));
    for wrong in ["soon", "1.x", ""] {
        assert_eq!(run(&sandbox, &files, &["--at", wrong]).code, Some(2));
    }
}

#[test]
fn an_altered_body_is_explained_in_words() {
    let sandbox = Sandbox::new();
    let files = files(&sandbox, &[BODY, b"\n"].concat());
    let ran = run(&sandbox, &files, &["--at", &NOW_S.to_string()]);
    assert_eq!(ran.code, Some(1));
    let place = format!("first difference  byte {} of {}", BODY.len(), BODY.len() + 1);
    for words in [
        "invalid: body-altered:trailing-newline\n",
        "why   A newline at the end of the body was added",
        &place,
        "✗ HMAC ",
        "Express\n",
    ] {
        assert!(ran.text().contains(words), "{words} in {}", ran.text());
    }
    assert!(!ran.text().contains(SECRET) && ran.text().lines().all(|line| !line.contains('\u{1b}')));
}

#[test]
fn a_reason_is_not_repeated_and_code_is_shown_only_where_it_helps() {
    let sandbox = Sandbox::new();
    let unsigned = run(&sandbox, &files_of(&sandbox, "a: 1\n", b"{}"), &[]);
    assert!(unsigned.text().starts_with("unsigned\n\nwhy   The request has no signature header.\n"), "{unsigned:?}");
    let unsigned = run(&sandbox, &files_of(&sandbox, "a: 1\n", b"{}"), &["--json"]);
    assert_eq!(said(&unsigned).reason.as_deref(), Some("unsigned"));

    let body = b"{\"a\": 1.0}";
    let signature = sign(&Secret::new("", SECRET), b"msg_1", NOW_S, body).unwrap();
    let headers = format!("webhook-id: msg_1\nwebhook-timestamp: {NOW_S}\nwebhook-signature: {signature}\n");
    let lost = run(&sandbox, &files_of(&sandbox, &headers, body), &["--at", &NOW_S.to_string()]);
    assert!(lost.text().starts_with("verified with SCALEKIT_WEBHOOK_SECRET\n"), "{lost:?}");
    assert!(
        lost.text().contains("note  An app that re-serialises the body") && !lost.text().contains("Express"),
        "{lost:?}"
    );
}

#[test]
fn code_that_may_not_be_the_fix_is_shown_on_request() {
    let sandbox = Sandbox::new();
    let files = files_of(&sandbox, "webhook-id: msg_1\n", b"{}");
    let short = run(&sandbox, &files, &[]);
    assert!(
        short.text().ends_with("\ncode  `--code` prints handlers that pass the raw body and the headers to the SDK\n")
    );
    assert!(!short.text().contains("Express"), "{short:?}");
    let long = run(&sandbox, &files, &["--code"]);
    assert!(long.text().contains("\nExpress\n") && !long.text().contains("--code"), "{long:?}");
    let unsigned = run(&sandbox, &files_of(&sandbox, "a: 1\n", b"{}"), &["--code"]);
    assert!(unsigned.text().contains("\nExpress\n"), "{unsigned:?}");
}

#[test]
fn an_empty_variable_is_named_with_its_place() {
    let sandbox = Sandbox::bare();
    sandbox.file(".env", "SCALEKIT_WEBHOOK_SECRET=\n");
    let ran = run(&sandbox, &files(&sandbox, BODY), &[]);
    assert!(ran.stderr.contains("`SCALEKIT_WEBHOOK_SECRET` in `.env` is empty; set it"), "{ran:?}");
}

#[test]
fn long_values_are_truncated() {
    let sandbox = Sandbox::new();
    let entries = vec!["v1,AAAA"; 20_000].join(" ");
    let digits = "9".repeat(10_000);
    let headers = format!("webhook-id: msg_1\nwebhook-timestamp: {digits}\nwebhook-signature: {entries}\n");
    let ran = run(&sandbox, &files_of(&sandbox, &headers, b"{}"), &[]);
    assert_eq!(ran.code, Some(1));
    assert!(ran.text().lines().all(|line| line.chars().count() < 300), "{}", ran.text());
    assert!(ran.text().contains("age        more than 10,000 years ahead of this machine's clock"), "{}", ran.text());
}

#[test]
fn one_of_the_files_can_be_stdin() {
    let sandbox = Sandbox::new();
    let mut arguments = files(&sandbox, b"");
    arguments[3] = "-".to_owned();
    let at = NOW_S.to_string();
    let mut child = sandbox
        .command(&[&["verify", "--at", &at], &arguments.each_ref().map(String::as_str)[..]].concat())
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(BODY).unwrap();
    assert_eq!(child.wait_with_output().unwrap().status.code(), Some(0));
    let both = sandbox.run(&["verify", "--headers", "-", "--body", "-"]);
    assert_eq!(both.code, Some(2));
    assert!(both.stderr.contains("cannot read both headers and body from stdin"), "{}", both.stderr);
}

#[test]
fn a_stored_event_is_verified_as_of_its_arrival() {
    let sandbox = Sandbox::new();
    let mut listening = sandbox.listen(&[]);
    assert_eq!(Webhook::default().send(listening.address).status, 201);
    assert!(listening.stop().success());
    assert_eq!(sandbox.run(&["verify", "1"]).code, Some(0));
    let late = sandbox.run(&["verify", "1", "--at", "4000000000", "--json"]);
    assert_eq!((late.code, said(&late).reason.as_deref()), (Some(1), Some("timestamp-too-old")));
    let late = sandbox.run(&["verify", "1", "--at", "4000000000"]);
    assert!(late.text().contains("`hookglass replay 1 --sign --to URL`"), "{late:?}");
    let missing = sandbox.run(&["verify", "9"]);
    assert_eq!((missing.code, missing.stdout.len()), (Some(2), 0));
    assert!(missing.stderr.starts_with("hookglass: there is no event 9 in the history\nhint: "), "{}", missing.stderr);
}

#[test]
fn a_fixture_is_verified_as_of_its_own_time() {
    let sandbox = Sandbox::new();
    let signature = sign(&Secret::new("", SECRET), b"msg_\xe9", NOW_S, b"\xff{}").unwrap();
    let header = |name: &str, value: &[u8]| (name.as_bytes().to_vec(), value.to_vec());
    let fixture = Fixture {
        method: b"POST".to_vec(),
        path: b"/".to_vec(),
        received_at: jiff::Timestamp::from_second(NOW_S + 5).unwrap(),
        headers: vec![
            header("webhook-id", b"msg_\xe9"),
            header("webhook-timestamp", NOW_S.to_string().as_bytes()),
            header("webhook-signature", signature.as_bytes()),
        ],
        body: b"\xff{}".to_vec(),
    };
    let path = sandbox.file("event.json", fixture.write());
    let verified = sandbox.run(&["verify", &path, "--json"]);
    assert_eq!((verified.code, said(&verified).verdict.as_str()), (Some(0), "verified"), "{verified:?}");
    assert_eq!(sandbox.run(&["verify", &path, "--at", "0"]).code, Some(1));
    let path = sandbox.file("other.json", "{}");
    let refused = sandbox.run(&["verify", &path]);
    assert_eq!(refused.code, Some(2));
    assert!(refused.stderr.contains("` is not a fixture: it has no `hookglass_fixture`"), "{}", refused.stderr);
}

#[test]
fn nothing_is_verified_without_a_secret_and_an_empty_one_is_reported() {
    let bare = Sandbox::bare();
    let files = files(&bare, BODY);
    let at = NOW_S.to_string();
    let unchecked = run(&bare, &files, &["--at", &at, "--json"]);
    let found = said(&unchecked);
    assert_eq!(
        (unchecked.code, found.verdict.as_str(), found.reason.as_deref()),
        (Some(1), "unchecked", Some("no-secret"))
    );
    assert!(found.sdks.is_empty());
    let empty = Sandbox::bare().with(SECRET_VARIABLE, "");
    let ran = run(&empty, &files, &["--at", &at, "--json"]);
    assert_eq!((ran.code, said(&ran).reason.as_deref()), (Some(1), Some("secret-missing-prefix")));
    let line = "hookglass: the secret `SCALEKIT_WEBHOOK_SECRET` is empty: nothing verifies with it; \
                copy the signing secret from the Scalekit dashboard again\n";
    assert_eq!(ran.stderr, line);
}

#[test]
fn a_known_secret_is_named_but_never_verifies() {
    let bare = Sandbox::bare();
    let files = files(&bare, BODY);
    let (known, at) = (bare.file("old", SECRET), NOW_S.to_string());
    let alone = run(&bare, &files, &["--at", &at, "--known-secret-file", &known, "--json"]);
    assert_eq!(said(&alone).verdict, "unchecked");
    let other = bare.file("other", "whsec_b3RoZXItb3RoZXItb3RoZXItb3RoZXIt");
    let ran = run(&bare, &files, &["--at", &at, "--secret-file", &other, "--known-secret-file", &known]);
    assert_eq!(ran.code, Some(1));
    assert!(ran.text().starts_with("invalid: wrong-secret\n"), "{}", ran.text());
    assert!(ran.text().contains(&format!("verifies with     {known}")), "{}", ran.text());
}

#[test]
fn an_odd_secret_is_reported_by_every_command_that_reads_it() {
    let odd = Sandbox::bare().with(SECRET_VARIABLE, &format!("\"{SECRET}\""));
    let line = "the secret `SCALEKIT_WEBHOOK_SECRET` has quotes around it: \
                Node and Python accept it, Go and Java reject it; remove the quotes";
    let ran = run(&odd, &files(&odd, BODY), &["--at", &NOW_S.to_string()]);
    assert_eq!((ran.code, ran.stderr), (Some(0), format!("hookglass: {line}\n")));
    let mut listening = odd.listen(&[]);
    assert_eq!(listening.talk(), format!("hookglass: {line}"));
    let port = listening.address.port().to_string();
    assert!(odd.run(&["send", "user.signup", "--to", &port]).stderr.contains(line));
    assert!(listening.stop().success());
}

#[test]
fn unreadable_input_is_an_error() {
    let sandbox = Sandbox::new();
    let headers = sandbox.file("headers", "webhook-id: 1\nnonsense\n");
    let body = sandbox.file("body", "");
    let ran = sandbox.run(&["verify", "--headers", &headers, "--body", &body]);
    assert_eq!(ran.code, Some(2));
    assert!(
        ran.stderr.contains("line 2 is not a header: it has no `:`\nhint: write one `name: value` per line"),
        "{}",
        ran.stderr
    );
    for arguments in [
        &["verify"][..],
        &["verify", "--headers", &headers],
        &["verify", "--headers", &body],
        &["verify", "1", "--body", &body],
        &["verify", "absent.json"],
    ] {
        let ran = sandbox.run(arguments);
        assert_eq!((ran.code, ran.stdout.len()), (Some(2), 0), "{arguments:?}");
    }
}

/// The headers of a signed request, and a body with quotes, a line end and what is not ASCII.
fn signed_request() -> ([(&'static str, String); 3], &'static str) {
    let body = "{\"name\": \"Zo\u{eb} \\\\ 'x'\"}\n";
    let signature = sign(&Secret::new("", SECRET), b"msg_1", NOW_S, body.as_bytes()).unwrap();
    (
        [
            ("Webhook-Id", "msg_1".to_owned()),
            ("webhook-timestamp", NOW_S.to_string()),
            ("webhook-signature", signature),
        ],
        body,
    )
}

#[test]
fn a_request_is_verified_as_it_was_copied() {
    let sandbox = Sandbox::new();
    let (headers, body) = signed_request();
    let of = |write: &dyn Fn(&str, &str) -> String, between: &str| {
        headers.each_ref().map(|(name, value)| write(name, value)).join(between)
    };
    let json =
        serde_json::Map::from_iter(headers.iter().map(|(name, value)| ((*name).to_owned(), value.clone().into())));
    let list: Vec<_> = headers.iter().map(|(name, value)| serde_json::json!({"name": name, "value": value})).collect();
    let base64 = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, body);
    let whole = [
        format!("POST /x HTTP/1.1\r\n{}\r\n\r\n{body}", of(&|name, value| format!("{name}: {value}"), "\r\n")),
        serde_json::json!({"version": "2.0", "headers": json, "body": body, "isBase64Encoded": false}).to_string(),
        serde_json::json!({"headers": json, "body": base64, "isBase64Encoded": true}).to_string(),
        serde_json::json!({"log": {"entries": [{"request": {"headers": list, "postData": {"text": body}}}]}})
            .to_string(),
        format!(
            "curl http://x \\\n {} \\\n --data-binary '{}'",
            of(&|name, value| format!("-H '{name}: {value}'"), " \\\n "),
            body.replace('\'', "'\\''")
        ),
    ];
    let alone = [
        of(&|name, value| format!("> {name}: {value}\r"), "\n"),
        of(&|name, value| format!("-H '{name}: {value}'"), " "),
        serde_json::to_string_pretty(&json).unwrap(),
        format!("{{{}}}", of(&|name, value| format!("'{name}': '{value}'"), ", ")),
        format!("\u{feff}{}", of(&|name, value| format!("{name}: {value}"), "\r\n")),
    ];
    let body_file = sandbox.file("body", body);
    let at = NOW_S.to_string();
    for text in whole.iter().chain(&alone) {
        let headers = sandbox.file("pasted", text);
        let ran = sandbox.run(&["verify", "--at", &at, "--headers", &headers, "--body", &body_file]);
        assert!(ran.code == Some(0) && ran.text().starts_with("verified"), "{text}\n{ran:?}");
        let ran = sandbox.run(&["verify", "--at", &at, "--headers", &headers]);
        if whole.contains(text) {
            assert!(ran.code == Some(0) && ran.text().starts_with("verified"), "{text}\n{ran:?}");
        } else {
            assert_eq!((ran.code, ran.stdout.len()), (Some(2), 0), "{text}");
            assert!(
                ran.stderr.ends_with("` has no body\nhint: pass the file with its exact bytes: `--body FILE`\n"),
                "{ran:?}"
            );
        }
    }
    // Of the same request, altered, every form gives the same reason.
    for text in &whole {
        let altered = sandbox.file("pasted", text.replace("msg_1", "msg_2"));
        let ran = sandbox.run(&["verify", "--json", "--at", &at, "--headers", &altered]);
        assert_eq!(said(&ran).reason.as_deref(), Some("signature-mismatch"), "{text}");
    }
}

#[test]
fn a_pasted_request_without_the_bytes_of_its_body_is_refused() {
    let sandbox = Sandbox::new();
    let parsed = sandbox.file("parsed", "{\"headers\": {\"webhook-id\": \"1\"}, \"body\": {\"a\": 1}}");
    let ran = sandbox.run(&["verify", "--headers", &parsed]);
    assert!(ran.stderr.contains("has the body as an object, not as the text that was sent\n"), "{ran:?}");
    let odd = sandbox.file("odd", "{\n\"webhook-id\": \"\x1b]0;x\x07\",\n\"\x1b[31m\": {}\n}");
    let ran = sandbox.run(&["verify", "--headers", &odd]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.contains("line 3 has a value that is not a string") && !ran.stderr.contains('\x1b'), "{ran:?}");
    let hostile =
        sandbox.file("hostile", "{\"headers\": {\"webhook-signature\": \"\x1b]0;x\x07\"}, \"body\": \"\x1b[31m\"}");
    let ran = sandbox.run(&["verify", "--headers", &hostile]);
    assert!(ran.code == Some(1) && !ran.text().contains('\x1b') && !ran.stderr.contains('\x1b'), "{ran:?}");
}
