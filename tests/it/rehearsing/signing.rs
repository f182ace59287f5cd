//! Which events rehearsals may be based on.

use super::{rehearse, results};
use crate::support::app::App;
use crate::support::sandbox::{SECRET, SECRET_VARIABLE, Sandbox};
use crate::support::webhook::{BODY, Webhook};
use hookglass::core::delivery::Origin;
use hookglass::core::export::Fixture;
use hookglass::core::rehearsal::Rehearsal;
use hookglass::core::request::Head;
use hookglass::store::Reader;
use jiff::Timestamp;

#[test]
fn a_stored_event_must_be_verified_or_given_sign() {
    let sandbox = Sandbox::new();
    let listening = sandbox.listen(&[]);
    assert_eq!(Webhook::default().send(listening.address).status, 201);
    let forged = Webhook { secret: "whsec_b3RoZXI=", id: "msg_forged", ..Webhook::default() };
    assert_eq!(forged.send(listening.address).status, 401);

    let app = App::start(|request| Some(if request.body == BODY { 200 } else { 401 }));
    let (code, found, _) = results(&sandbox, &app.url(), &["--event", "1", "--only", "tampered"]);
    let expected = ["control", "tampered"].map(|name| (name.to_owned(), "passed".to_owned()));
    assert_eq!((code, found), (Some(0), expected.to_vec()));
    let kept_of = |seq| Reader::open(&sandbox.data().join("events.db")).unwrap().deliveries(seq, usize::MAX).unwrap();
    let origins: Vec<_> = kept_of(1).iter().map(|delivery| delivery.origin).collect();
    assert_eq!(origins, [Rehearsal::Control, Rehearsal::Tampered].map(|which| Origin::Rehearsed(Some(which))));

    let refused = rehearse(&sandbox, &app.url(), &["--event", "2"]);
    assert_eq!((refused.code, refused.stdout.len()), (Some(2), 0));
    let hint = "\nhint: pass `--sign` to sign them anyway";
    assert!(refused.stderr.contains("was never verified") && refused.stderr.contains(hint), "{}", refused.stderr);
    let (code, found, _) = results(&sandbox, &app.url(), &["--event", "2", "--sign", "--only", "tampered"]);
    assert_eq!((code, found), (Some(0), expected.to_vec()));
    assert_eq!(kept_of(2).len(), 2);
}

/// The fixture of a request that was signed with `secret` and arrived at `received_at`.
fn fixture(secret: &str, received_at: Timestamp) -> String {
    let request = Webhook { secret, ..Webhook::default() }.bytes();
    let head = Head::parse(&request).unwrap();
    let headers = head.headers().iter().map(|header| (header.name.to_vec(), header.value.to_vec())).collect();
    let (method, path) = (head.method().to_vec(), head.target().to_vec());
    Fixture { method, path, received_at, headers, body: BODY.to_vec() }.write()
}

#[test]
fn a_fixture_must_verify_as_of_its_arrival_or_be_given_sign() {
    let (sandbox, app) = (Sandbox::new(), App::start(|request| Some(if request.body == BODY { 200 } else { 401 })));
    let now = Timestamp::now();
    let verified = sandbox.file("verified.json", fixture(SECRET, now));
    let forged = sandbox.file("forged.json", fixture("whsec_b3RoZXI=", now));
    let stale = sandbox.file("stale.json", fixture(SECRET, Timestamp::UNIX_EPOCH));
    let other = Sandbox::bare().with(SECRET_VARIABLE, "whsec_b3RoZXI=");
    for (sandbox, path, is_verified) in
        [(&sandbox, &verified, true), (&sandbox, &forged, false), (&sandbox, &stale, false), (&other, &verified, false)]
    {
        let arguments = ["--event", path, "--only", "tampered"];
        let ran = rehearse(sandbox, &app.url(), &arguments);
        assert_eq!(ran.code, Some(if is_verified { 0 } else { 2 }), "{path}: {ran:?}");
        assert_eq!(ran.stderr.contains("\nhint: pass `--sign` to sign them anyway"), !is_verified, "{path}: {ran:?}");
        let ran = rehearse(sandbox, &app.url(), &[&arguments[..], &["--sign"]].concat());
        assert_eq!(ran.code, Some(0), "{path}: {ran:?}");
    }
}
