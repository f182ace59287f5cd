//! The types pane: a tree by namespace that can be folded and filters the list.

use crate::support::screen::{Screen, WIDE, summary};
use crate::support::story;
use hookglass::core::event::Summary;
use hookglass::core::signature::Verdict::{self, Invalid, Verified};
use hookglass::tui::message::Message;
use hookglass::tui::model::Pane;
use jiff::SignedDuration;

const TYPES: [(&str, Verdict); 7] = [
    ("user.login", Verified),
    ("user.login", Invalid),
    ("user.signup", Verified),
    ("organization.directory.user_created", Verified),
    ("organization.directory.user_updated", Verified),
    ("role.created", Verified),
    ("PRE_SIGNUP", Verified),
];

/// The rows of the types pane, without the sparklines.
fn rows(screen: &Screen) -> Vec<String> {
    let text = screen.text();
    let lines = text.lines().skip_while(|line| !line.starts_with("─ Types")).skip(1);
    let lists = lines.take_while(|line| !line.starts_with('─')).map(|line| line.split('│').next().unwrap_or_default());
    let plain = |line: &str| line.replace(['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'], "");
    lists.map(|line| plain(line).split_whitespace().collect::<Vec<_>>().join(" ")).collect()
}

fn listing() -> Screen {
    let mut screen = Screen::listing(WIDE, &TYPES);
    screen.press("Tab");
    assert_eq!(screen.model.focus, Pane::Types);
    screen
}

#[test]
fn types_stand_below_their_namespace_with_total_and_bad() {
    let expected = [
        "▌▾ user 3 1 ✗",
        "login 2 1 ✗",
        "signup 1",
        "▾ organization.directory 2",
        "user_created 1",
        "user_updated 1",
        "role.created 1",
        "PRE_SIGNUP 1",
    ];
    assert_eq!(rows(&listing()), expected);
}

#[test]
fn left_and_right_fold_a_namespace_from_any_of_its_types() {
    let mut screen = listing();
    screen.press("j h");
    assert_eq!(rows(&screen)[..2], ["▌▸ user 3 1 ✗", "▾ organization.directory 2"]);
    screen.press("j j l h");
    assert_eq!(rows(&screen), ["▸ user 3 1 ✗", "▌▸ organization.directory 2", "role.created 1", "PRE_SIGNUP 1"]);
    screen.press("G h");
    assert_eq!(rows(&screen).len(), 4, "a type without a namespace does not fold");
    screen.press("g l");
    assert_eq!(rows(&screen)[..3], ["▌▾ user 3 1 ✗", "login 2 1 ✗", "signup 1"]);
}

#[test]
fn enter_filters_by_the_namespace_or_the_type() {
    for (keys, filter, listed) in [
        ("Enter", "type:user.*", &[1, 2, 3][..]),
        ("j Enter", "type:user.login", &[1, 2]),
        ("G Enter", "type:PRE_SIGNUP", &[7]),
    ] {
        let mut screen = listing();
        screen.press(keys);
        assert_eq!((screen.model.events.filter_text.as_str(), screen.listed()), (filter, listed.to_vec()));
    }
}

#[test]
fn enter_on_a_namespace_lists_what_its_row_counts() {
    let mut screen = Screen::listing(
        WIDE,
        &[
            ("user.login", Verified),
            ("user.signup", Verified),
            ("user.pass.set", Verified),
            ("user.pass.reset", Verified),
        ],
    );
    screen.press("Tab");
    assert_eq!(rows(&screen), ["▌▾ user 2", "login 1", "signup 1", "▾ user.pass 2", "set 1", "reset 1"]);
    screen.press("Enter");
    let filtered = |screen: &Screen| (screen.model.events.filter_text.clone(), screen.listed());
    assert_eq!(filtered(&screen), ("type:user.* -type:user.*.*".to_owned(), vec![1, 2]));
    screen.press("Tab j j j Enter");
    assert_eq!(filtered(&screen), ("type:user.pass.*".to_owned(), vec![3, 4]));
}

#[test]
fn a_sparkline_shows_the_last_ten_minutes() {
    let mut screen = Screen::new(WIDE);
    let minutes_ago = |seq, minutes: i64| {
        let received_at = story::now() - SignedDuration::from_mins(minutes);
        Summary { received_at, ..summary(seq, "user.login", Verified) }
    };
    let events = [30, 9, 4, 4, 4, 4, 0].into_iter().zip(1..).map(|(minutes, seq)| minutes_ago(seq, minutes));
    screen.send(Message::EventsStored(events.collect()));
    assert!(screen.text().contains("▃▁▁▁▁█▁▁▁▃"), "{}", screen.text());
    screen.send(Message::Ticked(story::now() + SignedDuration::from_mins(3)));
    assert!(screen.text().contains("▁▁█▁▁▁▃▁▁▁"), "{}", screen.text());
}

#[test]
fn a_flood_of_types_shows_the_most_frequent() {
    let mut screen = Screen::new(WIDE);
    let names = (1..=2_000).map(|seq| summary(seq, &format!("n{}.t{seq}", seq % 7), Verified));
    // It came last, but more often than any other.
    let frequent = (2_001..=2_300).map(|seq| summary(seq, "late.frequent", Verified));
    screen.send(Message::EventsStored(names.chain(frequent).collect()));
    screen.press("Tab");
    assert_eq!(rows(&screen)[0], "▌ late.frequent 300", "{}", screen.text());
    screen.press("G");
    assert!(rows(&screen).iter().any(|row| row.starts_with('▌')), "{}", screen.text());
}
