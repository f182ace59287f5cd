//! Stored events are verified again when the set of secrets has changed, and only then.

use crate::store::{append, folder, write};
use crate::support::new_event;
use hookglass::app::inbound::reverify::{EXAMINED, Reverifier};
use hookglass::app::keyring::SharedKeyring;
use hookglass::core::request::Head;
use hookglass::core::signature::{Keyring, Secret, Verdict};
use hookglass::store::{Reader, Store};
use std::path::Path;
use tokio::sync::mpsc;

/// How many events a start with these secrets verifies again.
fn verified_at_start(path: &Path, secrets: &[(&str, &str)]) -> usize {
    verified(path, secrets, EXAMINED)
}

/// The same, if so many of the newest are examined.
fn verified(path: &Path, secrets: &[(&str, &str)], examined: u64) -> usize {
    let verifying = secrets.iter().map(|(label, text)| Secret::new(*label, *text)).collect();
    let keyring = SharedKeyring::new(Keyring { verifying, known_only: Vec::new() });
    let (steps, mut told) = mpsc::channel(16);
    let store = Store::open(path).unwrap();
    let last = store.reader().unwrap().last_seq().unwrap();
    let (ended, _) = write(store, |writer| async move {
        Reverifier { database: path.to_owned(), keyring, writer, examined }.if_secrets_changed(last, &steps).await
    });
    assert_eq!(ended, Ok(()));
    std::iter::from_fn(|| told.try_recv().ok()).map(|step| step.verifications.len()).sum()
}

fn verdicts(path: &Path) -> Vec<Verdict> {
    Reader::open(path).unwrap().newest(10).unwrap().into_iter().map(|summary| summary.verdict).collect()
}

#[test]
fn only_a_changed_set_of_secrets_verifies_events_again() {
    let (_folder, path) = folder();
    let (one, other) = ([("a", "whsec_QQ==")], [("a", "whsec_Qg==")]);
    assert_eq!(verified_at_start(&path, &one), 0, "the history is empty");
    append(Store::open(&path).unwrap(), &[b"{}", b"[]"]);
    assert_eq!(verified_at_start(&path, &one), 0);
    assert_eq!(verdicts(&path), [Verdict::Unchecked; 2], "as stored");
    assert_eq!(verified_at_start(&path, &other), 2);
    assert_eq!(verdicts(&path), [Verdict::Invalid; 2]);
    assert_eq!(verified_at_start(&path, &other), 0);
    assert_eq!(verified_at_start(&path, &[]), 0, "without a secret the verdicts stay");
    assert_eq!(verdicts(&path), [Verdict::Invalid; 2]);
    assert_eq!(verified_at_start(&path, &other), 2, "the events of the run without a secret were not verified");
}

#[test]
fn only_the_newest_events_are_examined_again() {
    let (_folder, path) = folder();
    let head = format!(
        "POST / HTTP/1.1\r\nwebhook-id: m\r\nwebhook-timestamp: 1700000000\r\nwebhook-signature: v1,{}=\r\n\r\n",
        "A".repeat(43)
    );
    write(Store::open(&path).unwrap(), |writer| async move {
        for _ in 0..5 {
            let mut event = new_event(b"{}");
            event.arrival.head = Head::parse(head.as_bytes()).unwrap();
            writer.append(event).await.unwrap();
        }
    });
    assert_eq!(verified(&path, &[("a", "whsec_QQ==")], 2), 5);
    let reasons = || -> Vec<String> {
        let newest = Reader::open(&path).unwrap().newest(10).unwrap();
        newest.into_iter().map(|summary| summary.reason.unwrap().to_string()).collect()
    };
    let first = reasons();
    assert_eq!(first[..3], ["not-examined"; 3]);
    assert!(first[3..].iter().all(|reason| reason != "not-examined"), "{first:?}");
    assert_eq!(verified(&path, &[("a", "whsec_Qg==")], 5), 5);
    assert!(reasons().iter().all(|reason| reason != "not-examined"), "{:?}", reasons());
}
