//! Makes a large history.

use crate::histories::Texts;
use hookglass::core::envelope;
use hookglass::core::event::{Arrival, NewEvent};
use hookglass::core::request::Head;
use hookglass::core::signature::{Keyring, verify_request};
use hookglass::store::{Queue, Store};
use std::error::Error;
use std::path::Path;
use std::sync::Arc;

/// Makes a history of `count` events with bodies of about 400 bytes.
pub fn fill(path: &Path, count: u64) -> Result<(), Box<dyn Error>> {
    let (writer, task) = Store::open(path)?.into_writer(Queue::default(), Arc::new(()));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let writing = tokio::spawn(task.run());
        let mut appends = tokio::task::JoinSet::new();
        for number in 1..=count {
            let (writer, event) = (writer.clone(), event(number)?);
            appends.spawn(async move { writer.append(event).await });
            if appends.len() >= 512 {
                appends.join_next().await.expect("some are running")??;
            }
        }
        while let Some(appended) = appends.join_next().await {
            appended??;
        }
        drop(writer);
        writing.await?;
        Ok(())
    })
}

fn event(number: u64) -> Result<NewEvent, Box<dyn Error>> {
    let texts = Texts::new(number);
    let head = format!(
        "POST /webhooks/scalekit HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\nuser-agent: \
         Svix-Webhooks/1.100.0\r\nwebhook-id: {}\r\nwebhook-timestamp: {}\r\n\r\n",
        texts.webhook_id,
        texts.received_at.as_second(),
    );
    let body = format!(
        r#"{{"spec_version":"1","id":"{}","type":"{}","object":"User","occurred_at":"{}","environment_id":"env_58345499215790610","organization_id":"{}","data":{{"id":"usr_{}","email":"{}","given_name":"Ada","family_name":"Lovelace","active":true}}}}"#,
        texts.event_id,
        texts.event_type,
        texts.received_at,
        texts.organization_id,
        64_737_250_391_820_801 + number,
        texts.subject,
    );
    let arrival = Arrival { received_at: texts.received_at, head: Head::parse(head.as_bytes())?, body: body.into() };
    let headers = arrival.head.headers();
    let at_ms = texts.received_at.as_millisecond();
    let verification = verify_request(&headers, &arrival.body, at_ms, &Keyring::default());
    drop(headers);
    let envelope = envelope::read(&arrival.body).unwrap_or_default();
    Ok(NewEvent::new(arrival, envelope, verification, 201))
}
