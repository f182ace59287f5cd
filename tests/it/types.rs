//! `hookglass types`: the list, one type with its fields and sample, and JSON.

use crate::support::sandbox::Sandbox;
use serde_json::Value;

fn printed(arguments: &[&str]) -> String {
    let ran = Sandbox::new().run(&[&["types"], arguments].concat());
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    String::from_utf8(ran.stdout).unwrap()
}

#[test]
fn the_list_has_every_type_and_the_names_that_nothing_sends() {
    let text = printed(&[]);
    for line in ["  user.signup  ", "  PRE_SIGNUP  ", "  scalekit.dir.user.create  ", "  user.created  "] {
        assert_eq!(text.matches(line).count(), 1, "{line}");
    }
    assert!(text.lines().any(|line| line.starts_with("  user.created ") && line.ends_with("use user.signup")));
}

#[test]
fn a_type_is_shown_with_its_fields_and_a_sample() {
    let text = printed(&["organization.domain_created"]);
    for part in [
        "* data.domain ",
        "; secret",
        "  \"type\": \"organization.domain_created\"",
        "hookglass send organization.domain_created",
    ] {
        assert!(text.contains(part), "{part} in\n{text}");
    }
}

#[test]
fn json_has_a_line_per_type_with_every_field_and_the_sample() {
    let text = printed(&["--json"]);
    let types: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(types.len(), 56);
    let signup = types.iter().find(|described| described["type"] == "user.signup").unwrap();
    assert_eq!(signup["sample"]["type"], "user.signup");
    assert!(
        signup["fields"].as_array().unwrap().iter().any(|field| field["path"] == "id" && field["required"] == true)
    );
    assert_eq!(serde_json::from_str::<Value>(&printed(&["user.signup", "--json"])).unwrap(), *signup);
}

#[test]
fn an_unknown_type_is_an_error_with_a_suggestion() {
    for (name, problem, hint) in [
        ("user.sinup", "`user.sinup` is not an event type", "did you mean `user.signup`?"),
        ("user.created", "Scalekit sends no event `user.created`", "use `user.signup`"),
        ("nonsense", "`nonsense` is not an event type", "`hookglass types`"),
    ] {
        let ran = Sandbox::new().run(&["types", name]);
        assert_eq!(ran.code, Some(2));
        assert!(ran.stderr.contains(problem) && ran.stderr.contains(hint), "{}", ran.stderr);
    }
}
