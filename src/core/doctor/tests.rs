//! Tests of the checks.

use super::*;
use crate::core::signature::Secret;
use crate::core::tunnel::Used;

const SECRET: &str = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";

fn now() -> Timestamp {
    "2026-11-30T12:00:00Z".parse().unwrap()
}

fn keyring() -> Keyring {
    Keyring { verifying: vec![Secret::new(".env", SECRET)], ..Keyring::default() }
}

/// Everything is right, and nothing was sent.
fn facts(keyring: &Keyring) -> Facts<'_> {
    Facts {
        now: now(),
        port: 3000,
        listener: Listener::Hookglass(Some(b"1".to_vec())),
        tunnel: Found { public: PublicUrl::Here("https://a.ngrok.app".to_owned()), used: None },
        is_url_named: false,
        captured: Some(Captured {
            at: now() - SignedDuration::from_secs(120),
            path: "/a".to_owned(),
            status: Some(201),
        }),
        reach: None,
        keyring,
        history: History::Events {
            count: 7,
            newest: Newest { seq: 9, at: now(), verdict: Verdict::Verified, reason: None },
        },
    }
}

fn bad(facts: &Facts<'_>) -> Vec<&'static str> {
    checks(facts).iter().filter(|check| check.state == State::Bad).map(|check| check.check).collect()
}

fn responded(is_here: Option<bool>, ahead_s: i64) -> Reach {
    let ahead = Some(SignedDuration::from_secs(ahead_s));
    Reach::Responded { status: 200, is_here, tunnel_error: None, took: Duration::from_millis(85), ahead }
}

#[test]
fn each_fault_is_the_only_one_that_is_reported() {
    let keyring = keyring();
    assert_eq!(bad(&facts(&keyring)), [""; 0]);
    let used = |host: &str| Some(Used { host: host.to_owned(), path: "/hooks".to_owned() });
    let public = PublicUrl::Here("https://a.ngrok.app".to_owned());
    let other_port = PublicUrl::OtherPort { url: "https://a.ngrok.app".to_owned(), port: 4000 };
    let refused = Newest { seq: 9, at: now(), verdict: Verdict::Invalid, reason: Some(Reason::WrongSecret) };
    let captured = Captured { at: now(), path: "/".to_owned(), status: Some(502) };
    let none = Keyring::default();
    let cases: [(Facts<'_>, &str); 10] = [
        (Facts { listener: Listener::Nothing, ..facts(&keyring) }, "listener"),
        (Facts { listener: Listener::OtherProgram, ..facts(&keyring) }, "listener"),
        (Facts { tunnel: Found::default(), ..facts(&keyring) }, "tunnel"),
        (Facts { tunnel: Found { public: other_port, used: None }, ..facts(&keyring) }, "tunnel"),
        (Facts { tunnel: Found { public, used: used("old.ngrok.app") }, ..facts(&keyring) }, "endpoint"),
        (Facts { reach: Some(responded(Some(false), 0)), ..facts(&keyring) }, "reach"),
        (Facts { reach: Some(responded(Some(true), -400)), ..facts(&keyring) }, "clock"),
        (Facts { captured: Some(captured), ..facts(&keyring) }, "requests"),
        (facts(&none), "secret"),
        (Facts { history: History::Events { count: 1, newest: refused }, ..facts(&keyring) }, "history"),
    ];
    for (facts, expected) in cases {
        assert_eq!(bad(&facts), [expected]);
        let all = checks(&facts);
        let failed = all.iter().find(|check| check.state == State::Bad).unwrap();
        assert!(failed.next.as_deref().is_some_and(|next| next.ends_with('.')), "{failed:?}");
    }
}

#[test]
fn a_request_that_came_back_shows_the_time_it_took_and_the_clock() {
    let keyring = keyring();
    let facts = Facts { reach: Some(responded(Some(true), 2)), ..facts(&keyring) };
    let texts: Vec<_> = checks(&facts).into_iter().map(|check| check.text).collect();
    assert!(texts.contains(&"a request to `https://a.ngrok.app/webhooks/scalekit` arrived here, in 85 ms".to_owned()));
    assert!(texts.contains(&"within 2 s of the tunnel's server".to_owned()), "{texts:?}");
}

#[test]
fn an_error_of_the_tunnel_is_named() {
    let keyring = keyring();
    let reach = Reach::Responded {
        status: 404,
        is_here: Some(false),
        tunnel_error: Some("ERR_NGROK_3200".to_owned()),
        took: Duration::ZERO,
        ahead: None,
    };
    let checks = checks(&Facts { reach: Some(reach), ..facts(&keyring) });
    let found = checks.iter().find(|check| check.check == "reach").unwrap();
    assert_eq!(found.text, "ngrok itself responded 404 with `ERR_NGROK_3200`");
    assert!(found.next.as_ref().unwrap().contains("err_ngrok_3200"));
}
