//! Which event types arrived, as a command with an exit code.

use crate::support::sandbox::Sandbox;
use crate::support::webhook::Webhook;

#[test]
fn a_type_that_did_not_get_as_far_as_required_fails_the_command() {
    let sandbox = Sandbox::new();
    let mut listening = sandbox.listen(&[]);
    assert_eq!(Webhook::default().send(listening.address).status, 201);
    assert!(listening.stop().success());
    let file = sandbox.file("required.txt", "user.signup\nuser.login seen\n");
    let ran = sandbox.run(&["coverage", "--require", &file]);
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    assert!(ran.text().contains("1 of 41 webhook types seen, 1 verified, 0 accepted by the app"), "{}", ran.text());
    assert!(ran.stderr.contains("`user.login` is required to be seen, but is not"), "{}", ran.stderr);
    let ran = sandbox.run(&["coverage", "--json", "--require", &sandbox.file("met.txt", "user.signup")]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let total = r#"{"webhook_types":41,"seen":1,"verified":1,"accepted":0,"missing":[]}"#;
    assert_eq!(ran.text().lines().last(), Some(total));
    assert!(ran.text().contains(r#"{"type":"user.signup","family":"webhook","legacy":false,"seen":1,"verified":1,"#));
    let ran = sandbox.run(&["coverage", "--require", &sandbox.file("wrong.txt", "user.created")]);
    assert_eq!(ran.code, Some(2));
    assert!(
        ran.stderr.contains("line 1: Scalekit sends no `user.created`\nhint: require `user.signup`"),
        "{}",
        ran.stderr
    );
}
