//! Reading the payload: keys, and the rows that are shown then.

use crate::support::reading::{foot, reading, rows};
use crate::support::screen::Screen;
use hookglass::tui::action::Part;
use hookglass::tui::effect::Effect;
use hookglass::tui::layout::regions;
use hookglass::tui::message::Message;

const BODY: &str = r#"{"type":"user.signup","data":{"user":{"email":"jane@example.com","a b":[1.0,{}]},"list":[[1,2],"x"]},"data":null}"#;

const UNFOLDED: &[&str] = &[
    "▌{",
    r#"   "type": "user.signup","#,
    r#"   "data": {"#,
    r#"     "user": {"#,
    r#"       "email": "jane@example.com","#,
    r#"       "a b": ["#,
    "         1.0,",
    "         {}",
    "       ]",
    "     },",
    r#"     "list": ["#,
    "       [",
    "         1,",
    "         2",
    "       ],",
    r#"       "x""#,
    "     ]",
    "   },",
    r#"   "data": null"#,
    " }",
];

#[test]
fn keys_fold_and_unfold() {
    let level_1 = ["▌{", r#"   "type": "user.signup","#, r#"   "data": {…} 2 members"#, r#"   "data": null"#, " }"];
    let level_2 = [
        "▌{",
        r#"   "type": "user.signup","#,
        r#"   "data": {"#,
        r#"     "user": {…} 2 members"#,
        r#"     "list": […] 2 items"#,
        "   },",
        r#"   "data": null"#,
        " }",
    ];
    for (keys, expected) in [
        ("g", UNFOLDED),
        ("h", &["▌{…} 3 members"][..]),
        ("h h h", &["▌{…} 3 members"]),
        ("h l", UNFOLDED),
        ("Enter", &["▌{…} 3 members"]),
        ("Enter Enter", UNFOLDED),
        ("C", &level_1),
        ("C E", UNFOLDED),
        ("G C g", &level_1),
        ("C +", &level_2),
        ("- -", &level_2),
        ("- - - - - -", &level_1),
        ("- - - - - - + + + + +", UNFOLDED),
        // Inside a folded container, folds stay.
        ("j j j h k h l g", &{
            let mut rows = UNFOLDED.to_vec();
            rows.splice(3..10, [r#"     "user": {…} 2 members"#]);
            rows
        }),
    ] {
        let mut screen = reading((60, 40), BODY);
        screen.press(keys);
        assert_eq!(rows(&screen), expected, "{keys}");
    }
}

#[test]
fn the_cursor_walks_the_tree_and_the_rule_shows_its_path() {
    for (keys, path) in [
        ("g", "$"),
        ("j", "type"),
        ("l", "type"),
        ("j j", "data"),
        ("j j l", "data.user"),
        ("j j l l l", "data.user.email"),
        ("j j l l j", r#"data.user["a b"]"#),
        ("j j l l j l l", r#"data.user["a b"][0]"#),
        ("j j l l j l h", r#"data.user["a b"]"#),
        ("j j l l j l h h h", "data.user"),
        // From a closing bracket, its container is folded.
        ("G k k h", "data"),
        ("G h", "$"),
        ("j j j j j j j j j j j j j", "data.list[0][1]"),
        ("G k", "data"),
    ] {
        let mut screen = reading((60, 40), BODY);
        screen.press(keys);
        let foot = foot(&screen);
        assert!(foot.contains(&format!(" {path} ─ ")), "{keys}: {foot}");
    }
}

#[test]
fn folding_keeps_the_cursor_where_it_is_on_the_screen() {
    let body = format!("[{}]", vec![r#"{"a":1,"b":[2]}"#; 100].join(","));
    let mut screen = reading((60, 20), body);
    screen.press("PgDn PgDn j j j");
    let place = |screen: &Screen| rows(screen).iter().position(|row| row.starts_with('▌'));
    let before = place(&screen);
    for key in ["h", "h", "l", "-", "+", "C", "E"] {
        screen.press(key);
        assert!(place(&screen).is_some(), "{key}");
    }
    assert_eq!(place(&screen), before);
}

#[test]
fn the_path_and_the_value_at_the_cursor_are_copied_as_received() {
    for (keys, part, expected) in [
        ("j y p", Part::Path, "type"),
        ("j y v", Part::Value, r#""user.signup""#),
        ("j j l l j y p", Part::Path, r#"data.user["a b"]"#),
        ("j j l l j y v", Part::Value, "[1.0,{}]"),
        ("j j l l j l y v", Part::Value, "1.0"),
        ("G y v", Part::Value, BODY),
        ("C j j y v", Part::Value, r#"{"user":{"email":"jane@example.com","a b":[1.0,{}]},"list":[[1,2],"x"]}"#),
    ] {
        let mut screen = reading((60, 40), BODY);
        assert_eq!(screen.press(keys), [Effect::CopyPart { part, text: expected.into() }], "{keys}");
    }
    let mut screen = reading((60, 40), "not JSON");
    assert_eq!(screen.press("y v"), []);
    assert_eq!(screen.notice(), "no value to copy: the payload is not JSON");
}

#[test]
fn a_payload_with_nothing_to_fold_says_so() {
    for body in ["1", "{}", "text\nlines", ""] {
        let mut screen = reading((60, 20), body);
        for key in ["h", "l", "Enter"] {
            screen.press(key);
            assert_eq!(screen.notice(), "", "{key}");
        }
        for key in ["C", "-", "+"] {
            screen.press(key);
            assert_eq!(screen.notice(), "the payload has nothing to fold", "{body}");
        }
    }
}

#[test]
fn clicks_and_the_wheel_move_the_cursor() {
    // The body is not as documented, which takes a line of the pane.
    let mut screen = reading((60, 11), BODY);
    let top = regions(&screen.model).detail_text().unwrap().y;
    screen.send(Message::Clicked { column: 5, row: top + 2 });
    assert_eq!(screen.model.detail.reading.line(), 2);
    screen.send(Message::Clicked { column: 5, row: top + 2 });
    assert_eq!(rows(&screen)[2], r#"▌  "data": {…} 2 members"#);
    screen.press("E g");
    for (is_down, line) in [(true, 3), (true, 6), (false, 6), (false, 5)] {
        screen.send(Message::Scrolled { column: 5, row: top, is_down });
        assert_eq!(screen.model.detail.reading.line(), line, "{is_down}");
    }
    screen.send(Message::Clicked { column: 5, row: top });
    screen.press("C");
    screen.send(Message::Clicked { column: 5, row: top + 5 });
    assert_eq!(screen.model.detail.reading.line(), 0, "there is no row to click on");
}

#[test]
fn fold_keys_open_the_payload_from_another_tab() {
    let mut screen = reading((60, 40), BODY);
    screen.press("2 h C");
    assert_eq!(rows(&screen)[2], r#"   "data": {…} 2 members"#);
}

#[test]
fn long_lines_wrap_or_scroll_sideways() {
    let body = format!(r#"{{"a":"{}","b":1}}"#, ["abcdefghij"; 7].concat());
    let mut screen = reading((40, 12), body.clone());
    assert_eq!(rows(&screen)[1], r#"   "a": "abcdefghijabcdefghijabcdefghij›"#);
    screen.press("j l");
    assert_eq!(rows(&screen)[1], "‹abcdefghijabcdefghijabcdefghijabcdefgh›");
    screen.press("w");
    let wrapped = [
        " {",
        r#"▌  "a": "abcdefghijabcdefghijabcdefghij"#,
        "▌abcdefghijabcdefghijabcdefghijabcdefgh",
        r#"▌ij","#,
        r#"   "b": 1"#,
        " }",
    ];
    assert_eq!(rows(&screen), wrapped);
    screen.press("j");
    assert_eq!(screen.model.detail.reading.line(), 2, "a wrapped line is one line to the cursor");
    screen.press("w");
    assert_eq!(rows(&screen)[1], r#"   "a": "abcdefghijabcdefghijabcdefghij›"#);
    // A line that is higher than the pane is marked as cut off.
    let mut screen = reading((40, 10), body.replace("abc", &"x".repeat(100)));
    screen.press("w j");
    let shown = rows(&screen);
    assert!(shown.iter().all(|row| row.starts_with('▌')) && shown[shown.len() - 1].ends_with('›'), "{shown:?}");
    for key in ["G", "g", "PgDn", "PgDn", "PgUp", "Ctrl-u"] {
        screen.press(key);
        assert!(rows(&screen).iter().any(|row| row.starts_with('▌')), "{key}: {}", screen.text());
    }
}

#[test]
fn a_page_of_wrapped_lines_leaves_none_out() {
    let body = format!("[{}]", vec![format!("\"{}\"", "x".repeat(100)); 30].join(","));
    let mut screen = reading((40, 16), body);
    screen.press("w");
    let mut last_shown = 0;
    while last_shown + 1 < screen.model.detail.line_count() {
        let detail = &screen.model.detail;
        let shown = detail.visible(detail.offset().line, 12, 38);
        assert!(shown[0].0 <= last_shown + 1, "{shown:?}");
        last_shown = shown[shown.len() - 1].0;
        screen.press("PgDn");
    }
}

#[test]
fn the_rule_says_what_a_value_is() {
    let body = r#"{"at":"2026-01-15T14:03:00Z","unix":1768485600,"url":"https://example.com/x?y=1","json":"{\"a\":1}","n":7,"o":{}}"#;
    for (keys, hint) in [
        ("j", "Thu 15 Jan 2026 14:03:00 UTC, 30 s before it arrived ─ at ─"),
        ("j j", "Thu 15 Jan 2026 14:00:00 UTC, 4 min before it arrived ─ unix ─"),
        ("j j j", "URL: host example.com, path /x, query: y ─ url ─"),
        ("j j j j", "JSON in a string: 1 member ─ json ─"),
        ("j j j j j", "2026-01-15 14:03:30.000 UTC"),
        ("j j j j j j", "2026-01-15 14:03:30.000 UTC"),
        ("g", "2026-01-15 14:03:30.000 UTC"),
        ("G", "2026-01-15 14:03:30.000 UTC"),
    ] {
        let mut screen = reading((120, 20), body);
        screen.press(keys);
        assert!(foot(&screen).contains(hint), "{keys}: {}", foot(&screen));
    }
    let documented =
        r#"{"type":"organization.domain_created","data":{"verification_status":"PENDING"},"mine":"usr_1"}"#;
    for (keys, hint) in [
        ("j j j", "How far the proof is; one of PENDING, VERIFIED, FAILED, AUTO_VERIFIED ─ data.verification_status ─"),
        ("G k", "id: user ─ mine ─"),
    ] {
        let mut screen = reading((140, 20), documented);
        screen.press(keys);
        assert!(foot(&screen).contains(hint), "{keys}: {}", foot(&screen));
    }
    let mut screen = reading((40, 20), body);
    screen.press("j");
    assert!(
        foot(&screen).contains(" Thu 15 Jan 2026 14:03") && foot(&screen).contains("… ─ at ─ 2/8"),
        "{}",
        foot(&screen)
    );
}

#[test]
fn hostile_payloads_can_be_folded_searched_and_walked() {
    let deep = [vec![b'['; 100_000], vec![b']'; 100_000]].concat();
    let keys: Vec<String> = (0..10_000).map(|number| format!("\"key{number}\":{number}")).collect();
    let bodies: [Vec<u8>; 9] = [
        format!("{{\"a\":\"{}\"}}", "x".repeat(10_000_000)).into(),
        format!("{{\"a\":\"e{}\"}}", "\u{301}".repeat(1_000_000)).into(),
        deep,
        format!("{{{}}}", keys.join(",")).into(),
        format!("[{}1]", "1,".repeat(100_000)).into(),
        vec![b'\n'; 1_000_000],
        b"{\"\xff\xfe\":1}".to_vec(),
        b"{\"a\\u001b[2J\\u202e\":\"\\u009b31m\xc2\x9b\"}".to_vec(),
        Vec::new(),
    ];
    for body in bodies {
        let start = String::from_utf8_lossy(&body[..body.len().min(12)]).into_owned();
        let mut screen = reading((60, 20), body);
        for keys in
            ["G", "h", "g", "j l l h", "C", "E", "- +", "G Enter", "w G g PgDn", "y p", "y v", "w G", "/ e 1 Enter n N"]
        {
            screen.go(keys);
            let text = screen.text();
            assert!(text.chars().all(|c| c == '\n' || !c.is_control()), "{start}: {keys}");
        }
    }
}
