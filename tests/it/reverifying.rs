//! Stored events are verified again when the set of secrets has changed, and only then.

use crate::store::{append, folder, write};
use hookglass::app::inbound::reverify::Reverifier;
use hookglass::app::keyring::SharedKeyring;
use hookglass::core::signature::{Keyring, Secret, Verdict};
use hookglass::store::{Reader, Store};
use std::path::Path;
use tokio::sync::mpsc;

/// How many events a start with these secrets verifies again.
fn verified_at_start(path: &Path, secrets: &[(&str, &str)]) -> usize {
    let verifying = secrets.iter().map(|(label, text)| Secret::new(*label, *text)).collect();
    let keyring = SharedKeyring::new(Keyring { verifying, known_only: Vec::new() });
    let (steps, mut told) = mpsc::channel(16);
    let store = Store::open(path).unwrap();
    let last = store.reader().unwrap().last_seq().unwrap();
    let (ended, _) = write(store, |writer| async move {
        Reverifier { database: path.to_owned(), keyring, writer }.if_secrets_changed(last, &steps).await
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
