//! Several programs use one history: one receives events, and the others add deliveries.

use crate::store::{append, folder, write};
use crate::support::new_event;
use crate::support::story::answered;
use hookglass::store::{Queue, Reader, Store, StoreError, Writer};
use std::sync::Arc;

#[test]
fn several_programs_add_deliveries_at_once_and_each_recognizes_its_own() {
    let (_folder, path) = folder();
    let receiving = Store::open(&path).unwrap();
    let (own, beside, third) =
        (receiving.opening(), Store::open_beside(&path).unwrap(), Store::open_beside(&path).unwrap());
    let others = beside.opening();
    let (appended, stored) = write(receiving, |receiving| async move {
        let start = |store: Store| {
            let (writer, task) = store.into_writer(Queue::default(), Arc::new(()));
            (writer, tokio::spawn(task.run()))
        };
        let ((beside, first_task), (third, second_task)) = (start(beside), start(third));
        let seq = receiving.append(new_event(b"{}")).await.unwrap();
        let sent = |writer: Writer| async move {
            for _ in 0..20 {
                writer.record_delivery(answered(seq, 200)).await.unwrap();
            }
        };
        tokio::join!(sent(receiving.clone()), sent(beside), sent(third));
        first_task.await.unwrap();
        second_task.await.unwrap();
        receiving.append(new_event(b"{}")).await
    });
    assert_eq!((appended, stored.len()), (Ok(2), 2));
    let reader = Reader::open(&path).unwrap();
    assert_eq!((reader.delivery_count(1).unwrap(), reader.last_delivery().unwrap()), (60, 60));
    let found = |own| reader.deliveries_of_others(0, own, 100).unwrap().len();
    assert_eq!((found(own), found(others)), (40, 40));
    let rest = reader.deliveries_of_others(10, own, 3).unwrap();
    assert!(rest.len() == 3 && rest.iter().all(|(id, each)| *id > 10 && *each == answered(1, 200)), "{rest:?}");
}

#[test]
fn a_program_that_adds_deliveries_does_not_keep_another_from_receiving() {
    let (_folder, path) = folder();
    append(Store::open(&path).unwrap(), &[b"{}"]);
    let beside = Store::open_beside(&path).unwrap();
    let receiving = Store::open(&path).unwrap();
    let (recorded, _) = write(beside, |writer| async move { writer.record_delivery(answered(1, 200)).await });
    assert_eq!(recorded, Ok(1));
    let (appended, _) = write(receiving, |writer| async move { writer.append(new_event(b"{}")).await });
    assert_eq!(appended, Ok(2));
    assert_eq!(Reader::open(&path).unwrap().delivery_count(1).unwrap(), 1);
}

#[test]
fn nothing_is_added_to_a_history_that_an_older_version_has_open() {
    let (_folder, path) = folder();
    let _receiving = Store::open(&path).unwrap();
    let connection = rusqlite::Connection::open(&path).unwrap();
    connection.pragma_update(None, "user_version", 2).unwrap();
    assert!(matches!(Store::open_beside(&path).unwrap_err(), StoreError::Locked { .. }));
}
