//! The fields that arrived, and types made of them.

use crate::support::sandbox::Sandbox;

#[test]
fn what_arrived_is_shown_beside_the_documentation_and_exported_if_it_verified() {
    let sandbox = Sandbox::new();
    let mut listening = sandbox.listen(&[]);
    let to = listening.address.to_string();
    let extra = ["--set", "data.extra_field=1", "--to", &to];
    assert_eq!(sandbox.run(&[&["send", "role.created"], &extra[..]].concat()).code, Some(0));
    let forged = Sandbox::bare().with("SCALEKIT_WEBHOOK_SECRET", "whsec_YW5vdGhlci1zZWNyZXQtb2Ytc29tZWJvZHk=");
    assert_eq!(forged.run(&["send", "role.deleted", "--to", &to]).code, Some(1));
    assert!(listening.stop().success());
    let shown = sandbox.run(&["types", "--seen"]);
    assert!(shown.text().contains("role.created: 1 event, 1 verified\n"), "{}", shown.text());
    assert!(shown.text().contains("role.deleted: 1 event, 0 verified\n"), "{}", shown.text());
    let extra = shown.text().lines().find(|line| line.contains("data.extra_field")).unwrap();
    assert!(extra.contains("integer") && extra.ends_with("1 of 1  not documented"), "{extra}");
    let code = sandbox.run(&["types", "--seen", "--export", "typescript"]);
    assert!(
        code.text().contains("type: \"role.created\";") && !code.text().contains("role.deleted"),
        "{}",
        code.text()
    );
    let none = sandbox.run(&["types", "--seen", "role.deleted", "--export", "pydantic"]);
    assert_eq!(none.code, Some(1));
    assert!(none.stderr.contains("no verified event of type `role.deleted` has arrived yet"), "{}", none.stderr);
}
