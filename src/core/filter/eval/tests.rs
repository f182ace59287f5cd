//! Tests of evaluation, also against a naive one.

use super::*;
use crate::core::check::Accepted;
use crate::core::delivery::Origin;
use crate::core::event::Summary;
use crate::core::filter::node::Filter;
use crate::core::filter::request::Facts;
use crate::core::index::tests::summary;
use crate::core::request::Head;
use crate::core::response::ResponseState;
use crate::core::signature::Verdict;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use proptest::prelude::*;

/// A minute after the first event of [`summary`].
fn query(filter: &str) -> Query {
    Query::new(Filter::parse(filter).unwrap(), Timestamp::from_second(1_900_000_061).unwrap(), TimeZone::UTC)
}

/// The events that match if no request says anything.
fn matching(index: &Index, filter: &str) -> Vec<usize> {
    let mut query = query(filter);
    (0..index.len()).for_each(|position| query.know(index.seq(position), Facts::default()));
    query.select(index, 0..index.len()).matching
}

fn selected(filter: &str) -> Vec<usize> {
    let mut index = Index::default();
    index.push(&summary(1, "user.login", Verdict::Verified));
    index.push(&summary(2, "user.signup", Verdict::Invalid));
    index.push(&summary(3, "organization.created", Verdict::Unsigned));
    index.push(&summary(4, "", Verdict::Unchecked));
    matching(&index, filter)
}

#[test]
fn terms_select_events() {
    for (filter, positions) in [
        ("", &[0, 1, 2, 3][..]),
        ("type:user.*", &[0, 1]),
        ("type:user", &[]),
        ("type:*CREATED", &[2]),
        ("-type:user.*", &[2, 3]),
        ("is:invalid", &[1]),
        ("is:unchecked", &[3]),
        ("-is:verified type:user.*", &[1]),
        ("reason:wrong-*", &[1]),
        ("reason:*", &[1]),
        ("-reason:*", &[0, 2, 3]),
        ("finding:wrong-*", &[1]),
        ("-finding:*", &[0, 2, 3]),
        ("user2@EXAMPLE", &[]),
        ("user2@example", &[1]),
        ("wrong-secret", &[1]),
        ("\"msg_3\"", &[2]),
        ("evt_1 msg_1", &[0]),
    ] {
        assert_eq!(selected(filter), positions, "{filter}");
    }
}

#[test]
fn is_selects_by_delivery_mark_and_attempts() {
    let mut index = Index::default();
    (1..=4).for_each(|seq| index.push(&summary(seq, "a", Verdict::Verified)));
    index.push(&Summary { webhook_id: Some("msg_1".into()), ..summary(5, "a", Verdict::Verified) });
    index.delivered(2, Origin::Asked, Ending::Responded(204), 10, false);
    index.delivered(3, Origin::Asked, Ending::Responded(500), 10, false);
    index.set_marked(3, true);
    let select = |filter: &str| matching(&index, filter);
    for (filter, positions) in
        [("is:delivered", &[1][..]), ("is:failed", &[2]), ("is:marked", &[3]), ("is:retried", &[0, 4])]
    {
        assert_eq!(select(filter), positions, "{filter}");
    }
}

#[test]
fn a_word_is_found_within_one_text_and_not_across_two() {
    // The arena holds `user1@example.com` and `evt_1` side by side.
    assert!(selected("comevt").is_empty());
    assert_eq!(selected("com"), [0, 1, 2, 3]);
}

#[test]
fn overlapping_occurrences_do_not_hide_one_another() {
    let mut index = Index::default();
    for (seq, subject) in (1..).zip(["aab", "ab", "É@example.com", "xaa"]) {
        let texts = Summary {
            subject: Some(subject.into()),
            event_id: None,
            webhook_id: None,
            ..summary(seq, "t", Verdict::Verified)
        };
        index.push(&texts);
    }
    let select = |filter: &str| matching(&index, filter);
    assert_eq!(select("ab"), [0, 1]);
    assert_eq!(select("aa"), [0, 3]);
    assert_eq!(select("é@"), [2]);
    assert!(select("bab").is_empty());
}

#[test]
fn each_field_looks_at_its_own_part_of_an_event() {
    let mut index = Index::default();
    let given = |seq| summary(seq, "a", Verdict::Verified);
    index.push(&Summary { organization_id: Some("org_2".into()), size: 20_000, ..given(1) });
    index.push(&Summary { path: "/Hooks?x=1".into(), response: ResponseState::Sent(400), ..given(2) });
    index.push(&Summary { organization_id: None, response: ResponseState::Pending, ..given(50) });
    index.delivered(1, Origin::Asked, Ending::Responded(503), 10, false);
    index.delivered(2, Origin::Asked, Ending::Responded(204), 10, false);
    for (filter, positions) in [
        ("org:org_1", &[1][..]),
        ("org:org_?", &[0, 1]),
        ("org:ORG_1", &[]),
        ("-org:*", &[2]),
        ("id:evt_5", &[2]),
        ("id:msg_1", &[0]),
        ("id:*_2", &[1]),
        ("path:/hooks*", &[1]),
        ("path:/Hooks*", &[1]),
        ("path:/HOOKS*", &[]),
        ("path:/webhooks*", &[0, 2]),
        ("status:5xx", &[0]),
        ("status:204", &[1]),
        ("-status:xxx", &[2]),
        ("response:400", &[1]),
        ("response:201", &[0]),
        ("size:>10kb", &[0]),
        ("size:<=100", &[1, 2]),
        ("after:15s", &[2]),
        ("before:1m", &[]),
        ("after:1m", &[0, 1, 2]),
        ("before:2030-03-17T17:46:42Z", &[0]),
        ("(org:org_2 OR path:/hooks*) -status:5xx", &[1]),
        ("NOT (status:5xx OR status:2xx)", &[2]),
    ] {
        assert_eq!(matching(&index, filter), positions, "{filter}");
    }
}

#[test]
fn an_event_is_undecided_only_while_its_request_matters() {
    let mut index = Index::default();
    (1..=3).for_each(|seq| index.push(&summary(seq, if seq == 1 { "a" } else { "b" }, Verdict::Verified)));
    for (filter, matches, undecided) in [
        ("user2", &[1][..], &[0, 2][..]),
        ("-user2", &[], &[0, 2]),
        ("type:a data.x:1", &[], &[0]),
        ("type:a OR data.x:1", &[0], &[1, 2]),
        ("type:a OR -data.x:1", &[0], &[1, 2]),
        ("type:c header.a:b", &[], &[]),
        ("\"\"", &[0, 1, 2], &[]),
    ] {
        let selected = query(filter).select(&index, 0..3);
        assert_eq!((&selected.matching[..], &selected.undecided[..]), (matches, undecided), "{filter}");
    }
}

/// A small world in which filters often match.
#[derive(Clone, Debug)]
struct Given {
    event_type: &'static str,
    subject: &'static str,
    organization: &'static str,
    size: u64,
    header: &'static str,
    body: &'static str,
}

fn given() -> impl Strategy<Value = Given> {
    let one_of = prop::sample::select::<&'static str>;
    (
        one_of(vec!["user.login", "user.signup", "role"]),
        one_of(vec!["jane@x", "Jane@X", "bob", ""]),
        one_of(vec!["org_1", "org_2", ""]),
        0..4_u64,
        one_of(vec!["svix", "Curl", ""]),
        one_of(vec![
            "{\"data\":{\"email\":\"jane@x\"}}",
            "{\"data\":{\"email\":\"J\\u0061ne@X\",\"n\":[1,{\"n\":2}]}}",
            "{\"data\":[{\"email\":\"bob\"}]}",
            "bob not JSON",
            "",
        ]),
    )
        .prop_map(|(event_type, subject, organization, size, header, body)| Given {
            event_type,
            subject,
            organization,
            size,
            header,
            body,
        })
}

const TERMS: [&str; 16] = [
    "type:user.*",
    "type:ROLE",
    "org:org_1",
    "-org:*",
    "size:>1",
    "size:<=0",
    "jane",
    "Jane",
    "bob",
    "user",
    "header.user-agent:s*",
    "header.user-agent:Curl",
    "data.email:jane@*",
    "data.email:*",
    "data.n.n:2",
    "data:*",
];

/// Whether the event matches `term`, found out with nothing of the real filter but its syntax.
fn is_naive_match(term: &str, given: &Given) -> bool {
    if let Some(rest) = term.strip_prefix('-') {
        return !is_naive_match(rest, given);
    }
    let json: serde_json::Value = serde_json::from_str(given.body).unwrap_or_default();
    let emails = || {
        let of = |value: &serde_json::Value| value.get("email").and_then(|email| email.as_str().map(str::to_owned));
        let data = &json["data"];
        data.as_array()
            .map_or_else(|| of(data).into_iter().collect(), |all| all.iter().filter_map(of).collect::<Vec<_>>())
    };
    let lower = |text: &str| text.to_lowercase();
    match term {
        "type:user.*" => given.event_type.starts_with("user."),
        "type:ROLE" => given.event_type == "role",
        "org:org_1" => given.organization == "org_1",
        "org:*" => !given.organization.is_empty(),
        "size:>1" => given.size > 1,
        "size:<=0" => given.size == 0,
        "header.user-agent:s*" => lower(given.header).starts_with('s'),
        "header.user-agent:Curl" => given.header == "Curl",
        "data.email:jane@*" => emails().iter().any(|email| lower(email).starts_with("jane@")),
        "data.email:*" => !emails().is_empty(),
        "data.n.n:2" => given.body.contains("\"n\":2"),
        "data:*" => !json["data"].is_null(),
        word => {
            let texts = [given.event_type, given.subject, given.organization, given.body];
            texts.iter().any(|text| text.contains(word) || word == lower(word) && lower(text).contains(word))
        }
    }
}

#[derive(Clone, Debug)]
enum Tree {
    Term(&'static str),
    Not(Box<Tree>),
    And(Vec<Tree>),
    Or(Vec<Tree>),
}

impl Tree {
    fn text(&self) -> String {
        let joined = |trees: &[Self], with| trees.iter().map(Self::text).collect::<Vec<_>>().join(with);
        match self {
            Self::Term(term) => (*term).to_owned(),
            Self::Not(tree) => format!("NOT {}", tree.text()),
            Self::And(trees) => format!("({})", joined(trees, " ")),
            Self::Or(trees) => format!("({})", joined(trees, " OR ")),
        }
    }

    fn is_match(&self, given: &Given) -> bool {
        match self {
            Self::Term(term) => is_naive_match(term, given),
            Self::Not(tree) => !tree.is_match(given),
            Self::And(trees) => trees.iter().all(|tree| tree.is_match(given)),
            Self::Or(trees) => trees.iter().any(|tree| tree.is_match(given)),
        }
    }
}

fn trees() -> impl Strategy<Value = Tree> {
    prop::sample::select(&TERMS[..]).prop_map(Tree::Term).prop_recursive(3, 16, 3, |inner| {
        prop_oneof![
            inner.clone().prop_map(|tree| Tree::Not(Box::new(tree))),
            prop::collection::vec(inner.clone(), 1..=3).prop_map(Tree::And),
            prop::collection::vec(inner, 1..=3).prop_map(Tree::Or),
        ]
    })
}

proptest! {
    #[test]
    fn a_filter_selects_what_a_naive_one_selects(
        tree in trees(), all in prop::collection::vec((given(), any::<bool>()), 0..12),
    ) {
        let mut index = Index::default();
        let mut query = query(&tree.text());
        let filter = query.filter().clone();
        let expected: Vec<_> = (0..all.len()).filter(|position| tree.is_match(&all[*position].0)).collect();
        let facts: Vec<_> = all.iter().map(|(given, _)| {
            let agent = if given.header.is_empty() { String::new() } else { format!("User-Agent: {}\r\n", given.header) };
            let head = Head::parse(format!("POST / HTTP/1.1\r\n{agent}\r\n").as_bytes()).unwrap();
            filter.request_test(&Accepted::default()).facts(&head, given.body.as_bytes())
        }).collect();
        for (seq, (given, is_known)) in (1..).zip(&all) {
            index.push(&Summary {
                subject: Some(given.subject.into()),
                organization_id: Some(given.organization.into()),
                event_id: None,
                webhook_id: None,
                path: "/".into(),
                size: given.size,
                ..summary(seq, given.event_type, Verdict::Verified)
            });
            if *is_known {
                query.know(seq, facts[seq as usize - 1]);
            }
        }
        let some = query.select(&index, 0..all.len());
        prop_assert!(some.matching.iter().all(|position| expected.contains(position)));
        let candidates = [&some.matching[..], &some.undecided[..]].concat();
        prop_assert!(expected.iter().all(|position| candidates.contains(position)));
        prop_assert!(some.undecided.iter().all(|position| !all[*position].1));
        (1..).zip(&facts).for_each(|(seq, facts)| query.know(seq, *facts));
        let selected = query.select(&index, 0..all.len());
        prop_assert_eq!(&selected.matching, &expected);
        prop_assert!(selected.undecided.is_empty());
        // One event at a time goes another way.
        prop_assert!((0..all.len()).all(|at| query.is_match(&index, at) == expected.contains(&at)));
    }
}
