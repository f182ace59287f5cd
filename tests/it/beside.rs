//! Several programs on one history: one receives, others keep what they deliver.

use crate::store::{append, folder, write};
use crate::support::judged;
use crate::support::story::answered;
use hookglass::store::{Queue, Reader, Store, StoreError, Writer};
use std::sync::Arc;

#[test]
fn several_may_keep_deliveries_at_once_and_are_told_apart() {
    let (_folder, path) = folder();
    let receiving = Store::open(&path).unwrap();
    let (own, beside, third) =
        (receiving.opening(), Store::open_beside(&path).unwrap(), Store::open_beside(&path).unwrap());
    let others = beside.opening();
    let (kept, told) = write(receiving, |receiving| async move {
        let start = |store: Store| {
            let (writer, task) = store.into_writer(Queue::default(), Arc::new(()));
            (writer, tokio::spawn(task.run()))
        };
        let ((beside, first_task), (third, second_task)) = (start(beside), start(third));
        let seq = receiving.append(judged(b"{}")).await.unwrap();
        let sent = |writer: Writer| async move {
            for _ in 0..20 {
                writer.record_delivery(answered(seq, 200)).await.unwrap();
            }
        };
        tokio::join!(sent(receiving.clone()), sent(beside), sent(third));
        first_task.await.unwrap();
        second_task.await.unwrap();
        receiving.append(judged(b"{}")).await
    });
    assert_eq!((kept, told.len()), (Ok(2), 2));
    let reader = Reader::open(&path).unwrap();
    assert_eq!((reader.delivery_count(1).unwrap(), reader.last_delivery().unwrap()), (60, 60));
    let found = |own| reader.deliveries_of_others(0, own, 100).unwrap().len();
    assert_eq!((found(own), found(others)), (40, 40));
    let rest = reader.deliveries_of_others(10, own, 3).unwrap();
    assert!(rest.len() == 3 && rest.iter().all(|(id, each)| *id > 10 && *each == answered(1, 200)), "{rest:?}");
}

#[test]
fn whoever_keeps_deliveries_alone_leaves_the_history_to_one_who_receives() {
    let (_folder, path) = folder();
    append(Store::open(&path).unwrap(), &[b"{}"]);
    let beside = Store::open_beside(&path).unwrap();
    let receiving = Store::open(&path).unwrap();
    let (kept, _) = write(beside, |writer| async move { writer.record_delivery(answered(1, 200)).await });
    assert_eq!(kept, Ok(1));
    let (kept, _) = write(receiving, |writer| async move { writer.append(judged(b"{}")).await });
    assert_eq!(kept, Ok(2));
    assert_eq!(Reader::open(&path).unwrap().delivery_count(1).unwrap(), 1);
}

#[test]
fn a_history_that_an_older_version_has_open_is_not_written_to() {
    let (_folder, path) = folder();
    let _receiving = Store::open(&path).unwrap();
    let connection = rusqlite::Connection::open(&path).unwrap();
    connection.pragma_update(None, "user_version", 2).unwrap();
    assert!(matches!(Store::open_beside(&path).unwrap_err(), StoreError::Locked { .. }));
}
