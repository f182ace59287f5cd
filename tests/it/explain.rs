//! `explain`: the page of a reason.

use crate::support::sandbox::Sandbox;
use hookglass::core::signature::Reason;

#[test]
fn every_reason_has_a_page() {
    let sandbox = Sandbox::bare();
    for reason in Reason::all() {
        let reason = reason.to_string();
        let ran = sandbox.run(&["explain", &reason]);
        assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""), "{reason}");
        assert!(ran.text().starts_with(&format!("{reason}\n\n")), "{}", ran.text());
        for heading in ["\nHow hookglass knows\n", "\nHow to fix it\n", "\nHow to check the fix\n"] {
            assert!(ran.text().contains(heading), "{}", ran.text());
        }
    }
}

#[test]
fn a_page_has_handlers_for_each_framework() {
    let ran = Sandbox::bare().run(&["explain", "body-altered:reserialised"]);
    for framework in [
        "Express",
        "Next.js",
        "Fastify",
        "NestJS",
        "Hono",
        "AWS Lambda",
        "FastAPI",
        "Flask",
        "Django",
        "Go net/http (not run by hookglass's tests: check it with `hookglass rehearse`)",
        "Spring (not run by hookglass's tests: check it with `hookglass rehearse`)",
    ] {
        assert!(ran.text().contains(&format!("\n  {framework}\n    ")), "{}", ran.text());
    }
}

#[test]
fn without_a_reason_all_are_listed() {
    let sandbox = Sandbox::bare();
    let ran = sandbox.run(&["explain"]);
    assert_eq!(ran.code, Some(0));
    for reason in ["unsigned ", "missing-header:NAME ", "body-altered:base64 ", "signature-mismatch "] {
        assert!(ran.text().lines().any(|line| line.starts_with(reason)), "{}", ran.text());
    }
    let ran = sandbox.run(&["explain", "body-altered"]);
    assert_eq!(ran.code, Some(0));
    assert!(ran.text().lines().all(|line| line.starts_with("body-altered:") || line.starts_with("  ")));
}

#[test]
fn an_unknown_reason_is_refused_with_the_nearest() {
    let sandbox = Sandbox::bare();
    for (asked, said) in [
        (
            "timestamp-to-old",
            "hookglass: there is no reason `timestamp-to-old`\nhint: did you mean `hookglass explain timestamp-too-old`?\n",
        ),
        (
            "whsec_c2VjcmV0LWtleQ==",
            "hookglass: there is no reason `whsec_***`\nhint: list the reasons with `hookglass explain`; put a signing secret into \
             `SCALEKIT_WEBHOOK_SECRET`, into `.env`, or into a file for `--secret-file FILE`, or press `K` on the screen and paste it\n",
        ),
        ("xyz", "hookglass: there is no reason `xyz`\nhint: list the reasons with `hookglass explain`\n"),
    ] {
        let ran = sandbox.run(&["explain", asked]);
        assert_eq!((ran.code, ran.text(), ran.stderr.as_str()), (Some(2), "", said));
    }
}

#[test]
fn verify_names_the_page_of_its_reason() {
    let sandbox = Sandbox::new();
    let headers = sandbox.file("headers", "webhook-id: msg_1\n");
    let body = sandbox.file("body", "{}");
    let ran = sandbox.run(&["verify", "--headers", &headers, "--body", &body]);
    let command = ran.text().lines().find_map(|line| line.strip_prefix("more  `hookglass ")).unwrap();
    let arguments: Vec<_> = command.trim_end_matches('`').split(' ').collect();
    assert_eq!(sandbox.run(&arguments).code, Some(0), "{arguments:?}");
}
