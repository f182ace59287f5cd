//! The public URL: in the header, on the start page, as a problem and copied.

use super::SIX;
use crate::support::screen::{Screen, WIDE};
use hookglass::core::tunnel::{Found, Offer, PublicUrl, Used};
use hookglass::tui::effect::Effect;
use hookglass::tui::message::Message;
use hookglass::tui::model::Tone;
use jiff::ToSpan;

const URL: &str = "https://ab12.ngrok-free.app";

fn here(url: &str) -> PublicUrl {
    PublicUrl::Here(url.to_owned())
}

fn found(public: PublicUrl, host: Option<&str>) -> Message {
    let used = host.map(|host| Used { host: host.to_owned(), path: "/hooks".to_owned() });
    Message::TunnelFound(Found { public, used })
}

#[test]
fn the_start_page_ticks_the_tunnel_and_u_copies_the_url() {
    let mut screen = Screen::new(WIDE);
    assert!(screen.text().contains("○ public URL      ngrok http 3000 in another terminal"), "{}", screen.text());
    assert_eq!(screen.press("u"), []);
    assert_eq!(screen.notice(), "no public URL is known; start a tunnel with `ngrok http 3000`");
    screen.send(found(here(URL), None));
    assert!(screen.text().contains(&format!("✓ public URL      {URL}/webhooks/scalekit")), "{}", screen.text());
    assert_eq!(screen.notice(), format!("public URL: {URL}/webhooks/scalekit · u copies it"));
    for keys in ["u", "y u"] {
        let mut screen = Screen::listing(WIDE, &SIX);
        screen.send(found(here(URL), Some("ab12.ngrok-free.app")));
        let effects = keys.split(' ').flat_map(|key| screen.press(key)).collect::<Vec<_>>();
        assert_eq!(effects, [Effect::CopyPublicUrl(format!("{URL}/hooks"))], "{keys}");
    }
}

#[test]
fn the_start_page_says_when_the_tunnel_leads_elsewhere_or_is_down() {
    let mut screen = Screen::new(WIDE);
    screen.send(found(PublicUrl::OtherPort { url: URL.to_owned(), port: 4000 }, None));
    assert!(screen.text().contains("○ public URL      ngrok http 3000; `ab12.ngrok-free.app` leads to port 4000"));
    screen.send(found(PublicUrl::Down(URL.to_owned()), None));
    let text = screen.text();
    assert!(text.contains("○ public URL      ngrok http 3000 again: the tunnel is down"), "{text}");
    assert!(text.contains(&format!("the tunnel `{URL}` is down: no event can arrive through it")), "{text}");
    assert!(text.lines().next().unwrap().contains("← tunnel down"), "{text}");
}

#[test]
fn a_changed_url_is_a_problem_until_an_event_comes_through_it() {
    let mut screen = Screen::listing((160, 40), &SIX);
    let problem = "the last event came through `old.ngrok-free.app`, but the public URL is now";
    screen.send(found(here(URL), Some("old.ngrok-free.app")));
    assert!(screen.text().contains(problem), "{}", screen.text());
    screen.send(found(here(URL), Some("ab12.ngrok-free.app")));
    assert!(!screen.text().contains(problem), "{}", screen.text());
}

#[test]
fn a_new_url_is_searched_for_captures_and_what_is_missing_is_offered_until_it_was_seen() {
    let mut screen = Screen::new(WIDE);
    assert_eq!(screen.send(found(here(URL), None)), [Effect::LookForCaptures]);
    assert_eq!(screen.send(found(here(URL), Some("ab12.ngrok-free.app"))), [], "the same tunnel");
    assert_eq!(screen.send(found(PublicUrl::Down(URL.to_owned()), None)), []);
    assert_eq!(screen.send(found(here("https://b.ngrok.app"), None)), [Effect::LookForCaptures]);
    let (first, last) = (screen.model.now - 90.minutes(), screen.model.now - 5.minutes());
    screen.send(Message::CapturesFound(Offer { count: 3, first, last }));
    let offer = "captured by ngrok, but not in the history: 3 requests, ";
    assert!(screen.text().contains(offer), "{}", screen.text());
    assert!(screen.text().contains("press `I` to import them"), "{}", screen.text());
    screen.press("I");
    assert!(screen.text().contains("from ngrok; forwards nothing"), "{}", screen.text());
    screen.press("Esc");
    assert!(!screen.text().contains(offer), "who declined is not asked again");
    // Typing replaces the suggestion.
    screen.press("I a");
    assert_eq!(screen.press("Enter"), [Effect::Import { name: "a".to_owned() }]);
    screen.send(Message::TransferEnded { tone: Tone::Good, text: String::new() });
    assert_eq!(screen.press("I Enter"), [Effect::ImportCaptured]);
    screen.send(Message::TransferEnded { tone: Tone::Good, text: String::new() });
    screen.press("I");
    assert!(!screen.text().contains("from ngrok"), "{}", screen.text());
}

#[test]
fn the_header_shortens_the_url_before_it_leaves_it_out() {
    for (columns, expected) in
        [(140, " ← https://ab12.ngrok-free.app/hooks "), (90, " ← ab12.ngrok-free.app "), (60, "")]
    {
        let mut screen = Screen::listing((columns, 24), &SIX);
        screen.send(found(here(URL), Some("ab12.ngrok-free.app")));
        screen.model.notice = None;
        let header = screen.text().lines().next().unwrap().to_owned();
        assert!(header.contains(expected) && header.contains("events"), "{columns}: {header}");
        assert_eq!(header.contains('←'), !expected.is_empty(), "{columns}: {header}");
    }
}

#[test]
fn a_hostile_url_is_shown_without_acting_on_the_terminal() {
    let mut screen = Screen::new(WIDE);
    screen.send(found(here("https://a\u{1b}[31m.app\u{202e}"), None));
    assert!(!screen.text().contains(['\u{1b}', '\u{202e}']));
}
