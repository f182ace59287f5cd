//! Whole events with real signatures, received at fixed times: what a day of integrating looks like.

use bytes::Bytes;
use hookglass::core::catalog::{EventType, SampleFacts, catalog};
use hookglass::core::delivery::{Completeness, Delivery, Failure, FailureKind, Manner, Origin, Response, Timing};
use hookglass::core::dot_env::Before;
use hookglass::core::envelope;
use hookglass::core::event::{Event, Seq, Summary};
use hookglass::core::request::{Head, values};
use hookglass::core::response::ResponseState;
use hookglass::core::secret_saving::{Git, SavingPlan};
use hookglass::core::signature::{Keyring, Secret, sign, verify_request};
use jiff::{SignedDuration, Timestamp};
use std::sync::LazyLock;

/// The time at which all stories are read.
pub fn now() -> Timestamp {
    "2026-01-15T14:03:30Z".parse().unwrap()
}

/// The secret that the dashboard shows.
pub fn secret() -> Secret {
    Secret::new("dashboard", "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz")
}

pub fn other_secret() -> Secret {
    Secret::new("staging", "whsec_YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4")
}

/// The secret that is known: the dashboard's.
pub fn keyring() -> Keyring {
    Keyring { verifying: vec![secret()], ..Keyring::default() }
}

/// How a request is signed.
pub enum Signed {
    With(Secret),
    /// With a timestamp so many seconds before the arrival.
    Late(Secret, i64),
    Not,
}

/// A sample as the provider sends it, so many seconds before [`now`].
pub fn sample(seq: Seq, sample: &EventType, seconds_ago: i64, signed: &Signed) -> Event {
    attempt(seq, sample, seconds_ago, seconds_ago, signed)
}

/// A later attempt of what happened `occurred_ago` seconds before [`now`].
fn attempt(seq: Seq, sample: &EventType, occurred_ago: i64, seconds_ago: i64, signed: &Signed) -> Event {
    let received_at = now() - SignedDuration::from_secs(seconds_ago);
    let occurred_at = now() - SignedDuration::from_secs(occurred_ago);
    let body = sample.sample(SampleFacts { occurred_at, number: seq });
    let id = format!("msg_2r9xEvAbCdEfGhJkLmNpQrS{seq:04}");
    let signature = match signed {
        Signed::With(secret) => Some((secret, 0)),
        Signed::Late(secret, seconds) => Some((secret, *seconds)),
        Signed::Not => None,
    };
    let mut headers = String::from("Content-Type: application/json\r\nUser-Agent: Svix-Webhooks/1.62.0\r\n");
    if let Some((secret, late)) = signature {
        let timestamp = received_at.as_second() - late;
        let value = sign(secret, id.as_bytes(), timestamp, &body).unwrap();
        headers += &format!("webhook-id: {id}\r\nwebhook-timestamp: {timestamp}\r\nwebhook-signature: {value}\r\n");
    }
    let head = format!(
        "POST /webhooks/scalekit HTTP/1.1\r\nHost: ab12.ngrok-free.app\r\n{headers}Content-Length: {}\r\n\r\n",
        body.len()
    );
    event(seq, received_at, head.as_bytes(), body)
}

/// An event from the very bytes of a request, verified as the program does.
pub fn event(seq: Seq, received_at: Timestamp, head: &[u8], body: Vec<u8>) -> Event {
    let keyring = keyring();
    let head = Head::parse(head).unwrap();
    let verification = verify_request(&head.headers(), &body, received_at.as_millisecond(), &keyring);
    let envelope = envelope::read(&body).unwrap_or_default();
    let headers = head.headers();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let summary = Summary {
        seq,
        received_at,
        method: text(head.method()),
        path: text(head.target()),
        webhook_id: values(&headers, "webhook-id").next().map(text),
        event_id: envelope.event_id,
        event_type: envelope.event_type,
        organization_id: envelope.organization_id,
        subject: envelope.subject,
        verdict: verification.verdict,
        reason: verification.reason.clone(),
        size: body.len() as u64,
        response: ResponseState::Sent(201),
    };
    Event {
        summary,
        verification,
        head: head.clone(),
        body: body.into(),
        override_text: None,
        annotation: Default::default(),
    }
}

/// Seven events of three types with every verdict that a known secret gives, the fourth sent twice.
pub fn events() -> Vec<Event> {
    static EVENTS: LazyLock<Vec<Event>> = LazyLock::new(|| {
        let [directory, signup, create] =
            ["organization.directory.user_created", "user.signup", "scalekit.dir.user.create"]
                .map(|event_type| catalog().find(event_type).expect("it is a sample"));
        let again = attempt(4, create, 300, 1, &Signed::With(secret()));
        vec![
            sample(1, directory, 86_500, &Signed::With(secret())),
            sample(2, directory, 3_700, &Signed::With(secret())),
            sample(3, signup, 610, &Signed::Not),
            sample(4, create, 300, &Signed::With(secret())),
            sample(5, directory, 42, &Signed::Late(secret(), 4_000)),
            sample(6, signup, 9, &Signed::With(other_secret())),
            Event { summary: Summary { seq: 7, ..again.summary }, ..again },
        ]
    });
    EVENTS.clone()
}

/// A delivery of event `seq` whose response has a JSON body.
pub fn answered(seq: Seq, status: u16) -> Delivery {
    let body = br#"{"ok":true,"received":"evt_000000000000000007"}"#;
    Delivery {
        outcome: Ok(Response {
            status,
            headers: headers(&[("content-type", "application/json"), ("x-request-id", "9f1c")]),
            body: Bytes::from_static(body),
            completeness: Completeness::Whole,
        }),
        ..refused(seq)
    }
}

/// A delivery of event `seq` to an app that is not running.
pub fn refused(seq: Seq) -> Delivery {
    Delivery {
        event: seq,
        origin: Origin::Asked,
        manner: Manner::Resigned,
        target: "http://localhost:4000/webhooks/scalekit".to_owned(),
        peer: None,
        started_at: now() - SignedDuration::from_secs(5),
        timing: Timing { connected_us: Some(412), first_byte_us: Some(11_900), total_us: 12_345 },
        sent_headers: headers(&[("host", "localhost:4000"), ("webhook-id", "msg_1"), ("content-length", "412")]),
        sent_body: None,
        outcome: Err(Failure {
            kind: FailureKind::Refused,
            text: "cannot connect to `localhost:4000`: connection refused".to_owned(),
        }),
    }
}

fn headers(pairs: &[(&str, &str)]) -> Vec<(Vec<u8>, Vec<u8>)> {
    pairs.iter().map(|(name, value)| (name.as_bytes().to_vec(), value.as_bytes().to_vec())).collect()
}

/// What saving a secret would change.
pub fn saving_plan() -> SavingPlan {
    SavingPlan {
        path: "/home/jane/app/.env".to_owned(),
        before: Some(Before::Other(4)),
        is_readable: true,
        git: Git::NotIgnored("/home/jane/app/.gitignore".to_owned()),
        is_hidden: false,
        fingerprint: [0; 32],
    }
}
