//! `hookglass doctor`: what it finds on the way from Scalekit to the history.

use crate::support::closed_address;
use crate::support::sandbox::{Ran, Sandbox};
use crate::support::webhook::Webhook;
use serde_json::Value;

/// The state and the text of each check, by its name.
fn checks(ran: &Ran) -> impl Fn(&str) -> (String, String) {
    let lines: Vec<Value> = ran.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    move |name| {
        let line =
            lines.iter().find(|line| line["check"] == name).unwrap_or_else(|| panic!("no `{name}` in {lines:?}"));
        let text = |key: &str| line[key].as_str().unwrap().to_owned();
        (text("state"), text("text"))
    }
}

fn good(text: impl Into<String>) -> (String, String) {
    ("good".to_owned(), text.into())
}

#[test]
fn nothing_is_wrong_when_a_request_to_the_public_url_comes_back() {
    let sandbox = Sandbox::new();
    let mut listening = sandbox.listen(&[]);
    Webhook::default().send(listening.address);
    let (port, url) = (listening.address.port().to_string(), format!("http://{}/webhooks/scalekit", listening.address));
    let arguments = ["doctor", "--port", &port, "--public-url", &url, "--json"];
    let untried = sandbox.run(&arguments);
    assert_eq!(checks(&untried)("reach"), ("unknown".to_owned(), "not tried".to_owned()));
    let ran = sandbox.run(&[&arguments[..], &["--reach"]].concat());
    assert_eq!(ran.code, Some(0), "{}", ran.text());
    let found = checks(&ran);
    assert_eq!(found("listener"), good(format!("hookglass listens on port {port}")));
    assert!(found("reach").1.starts_with(&format!("a request to `{url}` arrived here, in ")));
    assert_eq!(found("clock").0, "good");
    assert_eq!(found("secret"), good("known from `SCALEKIT_WEBHOOK_SECRET`"));
    assert!(found("history").1.starts_with("1 event; the newest, number 1, came "), "{}", found("history").1);
    let text = sandbox.run(&arguments[..5]);
    assert!(text.text().contains("press Send Test Event"), "{}", text.text());
    assert!(listening.stop().success());
}

#[test]
fn a_url_that_leads_to_another_hookglass_does_not_reach_this_one() {
    let (sandbox, other) = (Sandbox::new(), Sandbox::new());
    let (mut here, mut there) = (sandbox.listen(&[]), other.listen(&[]));
    let (port, url) = (here.address.port().to_string(), format!("http://{}", there.address));
    let ran = sandbox.run(&["doctor", "--port", &port, "--public-url", &url, "--reach", "--json"]);
    assert_eq!(ran.code, Some(1));
    let text = format!("something else responded 200 to a request to `{url}/webhooks/scalekit`");
    assert_eq!(checks(&ran)("reach"), ("bad".to_owned(), text));
    assert!(here.stop().success() && there.stop().success());
}

#[test]
fn each_broken_link_is_named_with_what_to_do() {
    let (sandbox, nobody) = (Sandbox::bare().with("NGROK_WEB_ADDR", &closed_address().to_string()), closed_address());
    let port = nobody.port().to_string();
    let ran = sandbox.run(&["doctor", "--port", &port]);
    assert_eq!(ran.code, Some(1));
    for expected in [
        format!("✗ listener  nothing listens on port {port}"),
        "✗ tunnel    no ngrok or cloudflared runs on this machine".to_owned(),
        format!("            Start it with `ngrok http {port}`."),
        "✗ secret    no signing secret".to_owned(),
        "○ history   no event has been stored".to_owned(),
    ] {
        assert!(ran.text().contains(&expected), "{expected}\n{}", ran.text());
    }
}
