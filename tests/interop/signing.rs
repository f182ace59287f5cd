//! What hookglass signs or sends on, the SDKs accept.

use crate::Report;
use crate::generate::{Plan, SECRETS};
use crate::inspector::{Inspector, program};
use crate::request::{Request, verifying_path};
use crate::sdk_server::SdkServer;
use bytes::Bytes;
use hookglass::app::inbound::intake::verification_of;
use hookglass::app::keyring::SharedKeyring;
use hookglass::app::outbound::runtime::Deliveries;
use hookglass::app::outbound::send::Sender;
use hookglass::client::{Client, Limits};
use hookglass::config::SECRET_VARIABLE;
use hookglass::core::catalog::{Family, catalog};
use hookglass::core::delivery::{Delivery, Form, Manner, Origin, SigningPolicy, Target};
use hookglass::core::envelope::Envelope;
use hookglass::core::event::{Arrival, NewEvent};
use hookglass::core::export::Fixture;
use hookglass::core::request::Head;
use hookglass::core::signature::{Keyring, Scheme, Secret, Verdict};
use hookglass::store::{Queue, Reader, Store, Writer};
use jiff::Timestamp;
use std::sync::Arc;
use tokio::runtime::Handle;

/// Requests of each kind to each SDK.
const EVENTS: usize = 40;
/// Rounds of commands to each SDK.
const COMMANDS: usize = 12;
/// Secrets that every SDK reads alike: the first ones of the table.
const SOUND_SECRETS: usize = 4;
/// How old an event is that is signed again, in seconds.
const AGE_S: i64 = 7200;

pub fn sent_samples(servers: &[SdkServer]) -> Report {
    let (mut count, mut differences) = (0, Vec::new());
    for server in servers {
        for (_, secret) in &SECRETS[..SOUND_SECRETS] {
            for sample in catalog().events().iter().filter(|event| event.family != Family::Trigger) {
                let url = server.url(&verifying_path(sample.scheme(), secret));
                let mut command = program();
                let command = command.env(SECRET_VARIABLE, secret).args(["send", &sample.name, "--to", &url]);
                let output = command.output().unwrap();
                let said = String::from_utf8_lossy(&output.stdout).into_owned();
                if !output.status.success() || !said.contains("responded 200") {
                    differences.push(format!("{} refuses a {}: {said}", server.sdk, sample.name));
                }
                count += 1;
            }
        }
    }
    Report { summary: format!("{count} samples"), differences }
}

pub fn forwarded_events(servers: &[SdkServer]) -> Report {
    let mut random = fastrand::Rng::with_seed(2);
    let (mut count, mut differences) = (0, Vec::new());
    for server in servers {
        for is_interceptor in [false, true] {
            let secret = SECRETS[random.usize(..SOUND_SECRETS)].1;
            let url = server.url(&verifying_path(scheme_of(is_interceptor), secret));
            let inspector = Inspector::start(secret, &["--forward-to", &url]);
            for _ in 0..EVENTS {
                let request = sound_request(&mut random, is_interceptor, Timestamp::now().as_second(), secret);
                inspector.ask("/", &request.wire("/"));
                let said = inspector.forwarded();
                if !said.contains(": responded 200 in ") {
                    differences.push(format!("{}: {said}: {}", server.sdk, request.shown(secret)));
                }
                count += 1;
            }
        }
    }
    Report { summary: format!("{count} events"), differences }
}

/// Samples and fixtures through `send` and `replay`, as they are and changed.
pub fn sent_by_commands(servers: &[SdkServer]) -> Report {
    let mut random = fastrand::Rng::with_seed(4);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("fixture.json");
    let (mut count, mut differences) = (0, Vec::new());
    for server in servers {
        for number in 0..COMMANDS {
            let (is_interceptor, secret) = (number % 2 == 1, SECRETS[random.usize(..SOUND_SECRETS)].1);
            let signed_at = Timestamp::now().as_second() - AGE_S;
            let request = sound_request(&mut random, is_interceptor, signed_at, secret);
            std::fs::write(&file, fixture(&request, signed_at).write()).unwrap();
            let file = file.to_str().unwrap();
            let sample = &catalog().events()[number % 49];
            let events = scheme_of(is_interceptor);
            for (scheme, arguments) in [
                (events, &["replay", file][..]),
                (events, &["send", file]),
                (
                    sample.scheme(),
                    &["send", &sample.name, "--set", "data.added={\"é\": [1e2]}", "--set", "organization_id=x"],
                ),
            ] {
                let url = server.url(&verifying_path(scheme, secret));
                let mut command = program();
                let output =
                    command.env(SECRET_VARIABLE, secret).args(arguments).args(["--to", &url]).output().unwrap();
                if !output.status.success() {
                    let said = String::from_utf8_lossy(&output.stdout);
                    let talk = String::from_utf8_lossy(&output.stderr);
                    differences.push(format!("{} {arguments:?}: {said}{talk}: {}", server.sdk, request.shown(secret)));
                }
                count += 1;
            }
        }
    }
    Report { summary: format!("{count} commands"), differences }
}

fn fixture(request: &Request, received_s: i64) -> Fixture {
    let head = Head::parse(&request.wire("/")).unwrap();
    Fixture {
        method: head.method().to_vec(),
        path: head.target().to_vec(),
        received_at: Timestamp::from_second(received_s).unwrap(),
        headers: head.headers().iter().map(|header| (header.name.to_vec(), header.value.to_vec())).collect(),
        body: request.body.clone(),
    }
}

/// What the key `r` does: events that were verified long ago are sent with a fresh time and signature.
pub fn events_signed_again(servers: &[SdkServer]) -> Report {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(sign_again(servers))
}

async fn sign_again(servers: &[SdkServer]) -> Report {
    let mut random = fastrand::Rng::with_seed(3);
    let secrets = SECRETS[..SOUND_SECRETS].iter().map(|(label, text)| Secret::new(*label, *text));
    let keyring = SharedKeyring::new(Keyring { verifying: secrets.collect(), known_only: Vec::new() });
    let store = Store::ephemeral().unwrap();
    let reader = store.reader().unwrap();
    let (writer, task) = store.into_writer(Queue::default(), Arc::new(()));
    let writing = tokio::spawn(task.run());
    let deliveries = Deliveries::on(Handle::current());
    let appending = writer.clone();
    let sender = Sender { client: Client::new(Limits::default()), keyring, writer: Some(writer), deliveries };

    let (mut count, mut differences) = (0, Vec::new());
    for server in servers {
        for number in 0..EVENTS * 2 {
            let (is_interceptor, secret) = (number % 2 == 1, SECRETS[random.usize(..SOUND_SECRETS)].1);
            let signed_at = Timestamp::now().as_second() - AGE_S;
            let request = sound_request(&mut random, is_interceptor, signed_at, secret);
            let target = Target::parse(&server.url(&verifying_path(scheme_of(is_interceptor), secret))).unwrap();
            for delivery in keep_and_send(&sender, &appending, &reader, &request, signed_at, &target).await {
                let is_accepted = matches!(&delivery.outcome, Ok(answer) if answer.status == 200);
                if !is_accepted {
                    let (sdk, manner, outcome) = (server.sdk, delivery.manner, delivery.outcome);
                    differences.push(format!("{sdk} {manner:?}: {outcome:?}: {}", request.shown(secret)));
                }
                count += 1;
            }
        }
    }
    drop((sender, appending));
    writing.await.unwrap();
    Report { summary: format!("{count} deliveries"), differences }
}

/// Sends it as the provider's retry, and with another body as a new event.
async fn keep_and_send(
    sender: &Sender,
    appending: &Writer,
    reader: &Reader,
    request: &Request,
    arrived_s: i64,
    target: &Target,
) -> [Delivery; 2] {
    let arrival = Arrival {
        received_at: Timestamp::from_second(arrived_s).unwrap(),
        head: Head::parse(&request.wire("/")).unwrap(),
        body: Bytes::copy_from_slice(&request.body),
    };
    let verification = verification_of(&arrival, &sender.keyring);
    assert_eq!(verification.verdict, Verdict::Verified, "{}", request.shown(""));
    let event = NewEvent::new(arrival, Envelope::default(), verification, 200);
    let seq = appending.append(event).await.unwrap();
    let event = reader.event(seq).unwrap().unwrap();
    let send = async |form| {
        let prepared = sender.prepare(&event, &form, SigningPolicy::Verified).unwrap();
        sender.send(&prepared, Timestamp::now(), target, Origin::Asked).await.stored().unwrap()
    };
    let again = send(Form::Resigned).await;
    assert_eq!(again.manner, Manner::Resigned);
    let body = [&event.body[..], " é\n".as_bytes()].concat();
    [again, send(Form::Edited(body.into())).await]
}

/// A request that every SDK accepts: any id, any body that is UTF-8, header names in any case.
fn sound_request(random: &mut fastrand::Rng, is_interceptor: bool, timestamp_s: i64, secret: &str) -> Request {
    Plan::sound(random, is_interceptor).request(random, timestamp_s, secret)
}

fn scheme_of(is_interceptor: bool) -> Scheme {
    if is_interceptor { Scheme::Interceptor } else { Scheme::Webhook }
}
