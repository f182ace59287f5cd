//! A damaged history: hookglass saves every readable event, and every acknowledged event stays readable.

mod replacing;

use crate::store::{block_on, folder, write};
use crate::support::{arrival, new_event_from};
use bytes::Bytes;
use futures_util::future::join_all;
use hookglass::core::delivery::{Completeness, Delivery, Forward, Manner, Origin, Response, Timing};
use hookglass::core::event::{Event, NewEvent, Seq};
use hookglass::core::reply::AppendError;
use hookglass::core::request::Head;
use hookglass::core::response::ResponseState;
use hookglass::store::{Backup, Check, Queue, Reader, Repair, SalvageError, Store, StoreError, Writer};
use jiff::Timestamp;
use rusqlite::Connection;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;
use tempfile::TempDir;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

const PAGE: usize = 16_384;
const EVENTS: u64 = 200;

/// The event with the number `seq`. Every tenth has a body with overflow pages.
fn numbered(seq: Seq) -> NewEvent {
    let size = if seq.is_multiple_of(10) { 40_000 } else { 500 + seq as usize * 7 % 900 };
    let mut body = format!("{{\"id\":\"evt_{seq}\",\"type\":\"user.created\",\"text\":\"").into_bytes();
    body.resize(size, b'a' + (seq % 26) as u8);
    body.extend_from_slice(b"\"}");
    let verdict = if seq.is_multiple_of(2) { "verified" } else { "unsigned" };
    let head =
        format!("POST /hook HTTP/1.1\r\nwebhook-id: msg_{seq}\r\nx-verdict: {verdict}\r\nx-type: user.created\r\n\r\n");
    let arrival = hookglass::core::event::Arrival {
        received_at: Timestamp::from_second(1_700_000_000 + seq as i64).unwrap(),
        head: Head::parse(head.as_bytes()).unwrap(),
        ..arrival(&body)
    };
    let forward = |place| Forward { place, target: format!("http://localhost:{place}/hook"), is_awaited: place == 0 };
    NewEvent { forwards: (0..seq as usize % 3).map(forward).collect(), ..new_event_from(arrival) }
}

fn delivery(event: Seq) -> Delivery {
    Delivery {
        event,
        origin: Origin::Forwarded,
        manner: Manner::AsReceived,
        target: "http://localhost:3000/hook".into(),
        started_at: Timestamp::from_second(1_700_000_100).unwrap(),
        timing: Timing { connected_us: Some(5), first_byte_us: Some(9), total_us: 77 },
        peer: None,
        sent_headers: vec![(b"x".to_vec(), b"y".to_vec())],
        sent_body: None,
        outcome: Ok(Response {
            status: 200,
            headers: Vec::new(),
            body: Bytes::from(vec![b'o'; 300]),
            completeness: Completeness::Whole,
        }),
    }
}

/// The files of a sound history: the database, and its log if it was not closed.
struct Sound {
    database: Vec<u8>,
    log: Option<Vec<u8>>,
}

/// A history that was closed, and one as a killed process leaves it, with half of the events in the log only.
static SOUND: LazyLock<[Sound; 2]> = LazyLock::new(|| {
    let (_folder, path) = folder();
    let fill = |from: Seq, to: Seq| {
        let path = path.clone();
        move |writer: Writer| async move {
            for seq in from..=to {
                assert_eq!(writer.append(numbered(seq)).await, Ok(seq));
                if seq.is_multiple_of(2) {
                    writer.record_delivery(delivery(seq)).await.unwrap();
                }
            }
            [path.clone(), path.with_extension("db-wal")].map(|path| fs::read(path).unwrap())
        }
    };
    write(Store::open(&path).unwrap(), fill(1, EVENTS / 2));
    let ([database, log], _) = write(Store::open(&path).unwrap(), fill(EVENTS / 2 + 1, EVENTS));
    assert!(log.len() > 40 * PAGE);
    let killed = Sound { database, log: Some(log) };
    drop(Store::open(&path).unwrap());
    [Sound { database: fs::read(&path).unwrap(), log: None }, killed]
});

impl Sound {
    fn put(&self) -> (TempDir, PathBuf) {
        let (folder, path) = folder();
        fs::create_dir(path.parent().unwrap()).unwrap();
        fs::write(&path, &self.database).unwrap();
        if let Some(log) = &self.log {
            fs::write(path.with_extension("db-wal"), log).unwrap();
        }
        (folder, path)
    }
}

/// The numbers of the pages of each kind. The first page has number 1.
fn pages(database: &[u8]) -> BTreeMap<&'static str, Vec<usize>> {
    let (_folder, path) = folder();
    fs::create_dir(path.parent().unwrap()).unwrap();
    fs::write(&path, database).unwrap();
    let connection = Connection::open(&path).unwrap();
    let mut statement = connection
        .prepare("SELECT name || ' ' || pagetype, pageno FROM dbstat WHERE name NOT LIKE 'sqlite_schema'")
        .unwrap();
    let rows = statement.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, u32>(1)? as usize))).unwrap();
    let mut pages = BTreeMap::<&'static str, Vec<usize>>::new();
    for (name, page) in rows.map(Result::unwrap) {
        pages.entry(Box::leak(name.into_boxed_str())).or_default().push(page);
    }
    pages
}

/// Every event that a reader can read.
fn readable(path: &Path) -> BTreeMap<Seq, Event> {
    let Ok(reader) = Reader::open(path) else { return BTreeMap::new() };
    (1..=EVENTS + 20).filter_map(|seq| Some((seq, reader.event(seq).ok()??))).collect()
}

fn is_same(event: &Event, new_event: &NewEvent) -> bool {
    event.body == new_event.arrival.body && event.head == new_event.arrival.head
}

/// What a run on a damaged history did.
struct Outcome {
    /// The notice of the opening.
    notice: Option<String>,
    /// The damage that the check found.
    found: Option<String>,
    acknowledged: Vec<Seq>,
}

/// Opens the history, stores `events` events before, during and after the check, and closes it.
fn run(path: &Path, events: u64) -> Outcome {
    let failed = Arc::new(Mutex::new(None));
    let sink = Arc::clone(&failed);
    let mut store = Store::open(path).unwrap();
    store.on_repair(move |step| {
        if let Repair::Failed { why, .. } = step {
            *sink.lock().unwrap() = Some(why);
        }
    });
    let (notice, check) = (store.notice().map(str::to_owned), store.check());
    let ((found, acknowledged), _) = write(store, |writer| async move {
        let append = |count| join_all((0..count).map(|_| writer.append(new_event_from(arrival(b"{\"after\":1}")))));
        let mut acknowledged = append(events).await;
        let checked = start(check);
        acknowledged.extend(append(events).await);
        let found = checked.await.unwrap();
        acknowledged.extend(append(events).await);
        (found, acknowledged)
    });
    assert_eq!(*failed.lock().unwrap(), None);
    Outcome { notice, found, acknowledged: acknowledged.into_iter().map(Result::unwrap).collect() }
}

/// Damages a copy of `sound`, runs twice on it, and checks what is left. Returns how many of the events are.
fn survive(name: &str, sound: &Sound, damage: impl FnOnce(&mut Vec<u8>, Option<&mut Vec<u8>>)) -> usize {
    let mut damaged = Sound { database: sound.database.clone(), log: sound.log.clone() };
    damage(&mut damaged.database, damaged.log.as_mut());
    let before = readable(&damaged.put().1);
    let (_folder, path) = damaged.put();
    let outcome = run(&path, 3);
    let again = run(&path, 0);
    assert_eq!((again.notice, again.found), (None, None), "{name}: the second run finds no damage");
    let after = readable(&path);
    for seq in &outcome.acknowledged {
        assert_eq!(after.get(seq).map(|event| &event.body[..]), Some(&b"{\"after\":1}"[..]), "{name}: event {seq}");
    }
    for (seq, event) in &before {
        assert_eq!(after.get(seq), Some(event), "{name}: event {seq}");
    }
    let reader = Reader::open(&path).unwrap();
    assert_eq!(reader.newest(usize::MAX).unwrap().len(), after.len(), "{name}");
    let routed =
        after.keys().filter(|seq| **seq <= EVENTS && reader.forwards(**seq).unwrap() == numbered(**seq).forwards);
    let (routed, events) = (routed.count(), after.range(..=EVENTS).count());
    let is_forward_damaged = ["forward", "log", "emptied"].iter().any(|start| name.starts_with(start));
    assert!(
        routed == events || is_forward_damaged && routed > events * 3 / 10,
        "{name}: {routed} of {events} events have their forwards"
    );
    for seq in before.keys() {
        assert!(reader.deliveries(*seq, 9).is_ok(), "{name}");
    }
    let first = outcome.acknowledged[0];
    after.iter().filter(|(seq, event)| **seq < first && is_same(event, &numbered(**seq))).count()
}

/// Damage as a bad disk causes it: an empty sector, or changed bits.
#[derive(Clone, Copy, Debug)]
enum How {
    Zeroed,
    Flipped,
}

impl How {
    const ALL: [Self; 2] = [Self::Zeroed, Self::Flipped];

    fn damage(self, bytes: &mut [u8], random: &mut fastrand::Rng) {
        match self {
            Self::Zeroed => bytes.fill(0),
            Self::Flipped => (0..20).for_each(|_| bytes[random.usize(..bytes.len())] ^= 1 << random.u8(..8)),
        }
    }
}

#[test]
fn events_survive_damage_to_every_kind_of_page() {
    let mut random = fastrand::Rng::with_seed(1);
    let [sound, _] = &*SOUND;
    for (kind, pages) in pages(&sound.database) {
        for how in How::ALL {
            let page = pages[random.usize(..pages.len())];
            let name = format!("{kind} {page} {how:?}");
            let saved = survive(&name, sound, |database, _| {
                how.damage(&mut database[(page - 1) * PAGE..page * PAGE], &mut random);
            });
            // Only a page of request bytes holds something that no other page holds.
            let fewest = if kind.starts_with("request leaf") { EVENTS - 20 } else { EVENTS - 1 };
            assert!(saved as u64 >= fewest, "{name}: {saved}");
        }
    }
}

#[test]
fn events_survive_damage_to_the_first_page() {
    let mut random = fastrand::Rng::with_seed(8);
    let [sound, killed] = &*SOUND;
    for (name, range, byte) in [
        ("everything", 0..PAGE, 0),
        ("the magic", 0..16, 0),
        ("the page size", 16..18, 0),
        ("the schema", 100..PAGE, 0),
        ("the encoding", 56..60, 9),
        ("the formats", 44..48, 0xff),
        ("the versions", 18..20, 0xff),
        ("the freelist", 32..40, 0x01),
        ("the application id", 68..72, 0),
        ("a byte of the application id", 70..71, 0),
    ] {
        let saved = survive(name, sound, |database, _| database[range].fill(byte));
        assert_eq!(saved as u64, EVENTS, "{name}");
    }
    let saved = survive("the application id before a log", killed, |database, _| database[68..72].fill(0));
    assert_eq!(saved as u64, EVENTS);
    survive("bits", sound, |database, _| How::Flipped.damage(&mut database[100..PAGE], &mut random));
    let saved = survive("behind a log", killed, |database, _| database[..PAGE].fill(0));
    assert_eq!(saved as u64, EVENTS);
    let saved = survive("emptied beside a log", killed, |database, _| database.clear());
    assert!(saved as u64 >= EVENTS / 2, "{saved}");
}

#[test]
fn events_survive_damage_to_the_log() {
    let mut random = fastrand::Rng::with_seed(9);
    let [_, killed] = &*SOUND;
    for how in How::ALL {
        for place in 0..3 {
            let name = format!("log {how:?} {place}");
            let saved = survive(&name, killed, |_, log| {
                let log = log.unwrap();
                let frame = 32 + random.usize(..(log.len() - 32) / (PAGE + 24)) * (PAGE + 24);
                let range = [0..32, frame..frame + 24, frame + 24..frame + 24 + PAGE][place].clone();
                how.damage(&mut log[range], &mut random);
            });
            assert!(saved as u64 >= EVENTS - 20, "{name}: {saved}");
        }
    }
}

#[test]
fn a_history_repaired_while_open_stays_locked_and_leaves_one_file() {
    let (_folder, path) = put_damaged();
    let mut store = Store::open(&path).unwrap();
    let (sender, steps) = mpsc::channel();
    store.on_repair(move |step| sender.send(step).unwrap());
    let (reader, check, closing) = (store.reader().unwrap(), store.check(), store.closing());
    let link = path.with_file_name("link.db");
    let (second, linked, answer, backed_up) = {
        let path = path.clone();
        let work = |writer: Writer| async move {
            writer.append(numbered(EVENTS + 1)).await.unwrap();
            assert!(start(check).await.unwrap().is_some());
            let seq = writer.append(new_event_from(arrival(b"{}"))).await;
            assert!(matches!(steps.try_iter().last(), Some(Repair::Done(_))));
            fs::hard_link(&path, &link).unwrap();
            let (second, linked) = (Store::open(&path), Store::open(&link));
            let copy = path.with_file_name("copy.db");
            let backed_up = Backup::prepare(&path, &copy).unwrap().run().unwrap();
            fs::remove_file(link).unwrap();
            (
                second.map(drop),
                linked.map(drop),
                writer.record_response(seq.clone().unwrap(), ResponseState::SenderLeft).await.map(|()| seq),
                backed_up,
            )
        };
        write(store, work).0
    };
    assert!(matches!(second, Err(StoreError::Locked { .. })), "{second:?}");
    assert!(matches!(linked, Err(StoreError::LockedByLink { .. })), "{linked:?}");
    assert_eq!(answer, Ok(Ok(EVENTS + 2)));
    let events = reader.newest(usize::MAX).unwrap().len() as u64;
    assert!(events > EVENTS - 20 && backed_up.events == events, "{backed_up:?}");
    assert_eq!(reader.event(EVENTS + 1).unwrap().unwrap().summary.response, numbered(1).response);
    drop((reader, closing));
    assert_eq!((beside(&path, "history.db-").len(), beside(&path, ".damaged-").len()), (0, 3));
    assert_eq!(Reader::open(&path).unwrap().last_seq().unwrap(), EVENTS + 2);
}

#[test]
fn a_pending_response_stays_pending_during_a_repair() {
    let (_folder, path) = put_damaged();
    let store = Store::open(&path).unwrap();
    let (check, reader) = (store.check(), store.reader().unwrap());
    write(store, |writer| async move {
        let pending = NewEvent { response: ResponseState::Pending, ..numbered(2) };
        let forwards = pending.forwards.clone();
        assert_eq!(writer.append(pending).await, Ok(EVENTS + 1));
        assert!(start(check).await.unwrap().is_some());
        assert_eq!(writer.append(new_event_from(arrival(b"{}"))).await, Ok(EVENTS + 2));
        assert_eq!(beside(&path, ".damaged-").len(), 3, "the damaged files were renamed");
        assert_eq!(reader.event(EVENTS + 1).unwrap().unwrap().summary.response, ResponseState::Pending);
        assert_eq!(reader.forwards(EVENTS + 1).unwrap(), forwards);
    });
}

/// Writes a history in which a page with the bytes of events is empty.
fn put_damaged() -> (TempDir, PathBuf) {
    let [sound, _] = &*SOUND;
    let page = pages(&sound.database)["request leaf"][3];
    let mut database = sound.database.clone();
    database[(page - 1) * PAGE..page * PAGE].fill(0);
    Sound { database, log: None }.put()
}

/// The names of the files beside the history at `path` that contain `part`.
fn beside(path: &Path, part: &str) -> Vec<PathBuf> {
    let names = fs::read_dir(path.parent().unwrap()).unwrap().map(|entry| entry.unwrap().path());
    names.filter(|name| name.to_str().unwrap().contains(part)).collect()
}

/// Starts the check. The receiver gets the damage that it finds.
fn start(check: Check) -> oneshot::Receiver<Option<String>> {
    let (sender, receiver) = oneshot::channel();
    check.start(move |found| sender.send(found).unwrap());
    receiver
}

/// A repair that has begun to copy, and that is held until `resume` is sent to or dropped.
struct HeldRepair {
    reader: Reader,
    writer: Writer,
    writing: JoinHandle<()>,
    resume: Sender<()>,
    /// Disconnects when the repair has ended.
    ended: Receiver<()>,
}

impl HeldRepair {
    /// Opens the damaged history at `path` and lets the check find the damage. Senders lose patience after 1 ms.
    async fn begin(path: &Path) -> Self {
        const QUEUE: Queue = Queue { capacity: 8, patience: Duration::from_millis(1) };
        let ((begin, begun), (resume, resumed), (alive, ended)) =
            (oneshot::channel(), mpsc::channel(), mpsc::channel());
        let hold = Mutex::new((Some(begin), resumed, alive));
        let mut store = Store::open(path).unwrap();
        store.on_repair(move |step| {
            let (begin, resumed, _) = &mut *hold.lock().unwrap();
            if let Repair::Copying { of: 1.., .. } = step
                && let Some(begin) = begin.take()
            {
                begin.send(()).unwrap();
                // An error means that `resume` was dropped.
                let _ = resumed.recv();
            }
        });
        let (reader, check) = (store.reader().unwrap(), store.check());
        let (writer, task) = store.into_writer(QUEUE, Arc::new(()));
        let writing = tokio::spawn(task.run());
        check.start(|_| ());
        begun.await.unwrap();
        Self { reader, writer, writing, resume, ended }
    }
}

#[test]
fn senders_are_refused_during_a_repair_and_deliveries_wait_for_its_end() {
    let (_folder, path) = put_damaged();
    block_on(async {
        let HeldRepair { reader, writer, writing, resume, .. } = HeldRepair::begin(&path).await;
        let recording = tokio::spawn({
            let writer = writer.clone();
            async move { writer.record_delivery(delivery(200)).await }
        });
        assert_eq!(writer.append(new_event_from(arrival(b"{}"))).await, Err(AppendError::Busy));
        assert!(beside(&path, "damaged").is_empty(), "the damaged file stays until the copy is complete");
        assert_eq!(reader.last_seq().unwrap(), EVENTS);
        resume.send(()).unwrap();
        assert_eq!(recording.await.unwrap(), Ok(EVENTS / 2 + 1));
        assert_eq!(writer.append(new_event_from(arrival(b"{}"))).await, Ok(EVENTS + 1));
        assert_eq!(reader.last_seq().unwrap(), EVENTS + 1, "the reader opens the new file");
        drop(writer);
        writing.await.unwrap();
    });
    // The database, its log and the index of the log.
    assert_eq!((beside(&path, "damaged").len(), beside(&path, "copying").len()), (3, 0));
}

#[test]
fn an_aborted_repair_leaves_the_damaged_history_unchanged() {
    let (_folder, path) = put_damaged();
    let before = fs::read(&path).unwrap();
    block_on(async {
        let HeldRepair { writing, resume, ended, .. } = HeldRepair::begin(&path).await;
        writing.abort();
        assert!(writing.await.is_err());
        drop(resume);
        ended.recv().unwrap_err();
    });
    assert_eq!(fs::read(&path).unwrap(), before);
    assert_eq!((beside(&path, "damaged").len(), beside(&path, "copying").len()), (0, 0));
    assert!(run(&path, 1).found.is_some());
    assert_eq!(run(&path, 1).found, None);
}

#[test]
fn a_history_that_cannot_be_copied_stays_and_acknowledges_nothing() {
    let (_folder, path) = put_damaged();
    let before = fs::read(&path).unwrap();
    // A folder in the place of the copy makes every repair fail.
    fs::create_dir_all(path.with_file_name("history.db.copying/x")).unwrap();
    let error = Store::open(&path).unwrap_err();
    assert!(matches!(error, StoreError::Salvage { source: SalvageError::Replace(_), .. }), "{error:?}");
    fs::remove_dir_all(path.with_file_name("history.db.copying")).unwrap();

    let store = Store::open(&path).unwrap();
    fs::create_dir_all(path.with_file_name("history.db.copying/x")).unwrap();
    let check = store.check();
    let (result, _) = write(store, |writer| async move {
        assert!(start(check).await.unwrap().is_some());
        writer.append(new_event_from(arrival(b"{}"))).await
    });
    assert!(matches!(result, Err(AppendError::Failed(_))), "{result:?}");
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn the_error_of_a_damaged_history_says_how_to_repair_it() {
    let (_folder, path) = put_damaged();
    let reader = Reader::open(&path).unwrap();
    let error = reader.requests_to_reverify(0, usize::MAX).unwrap_err();
    assert!(matches!(error, StoreError::Damaged { .. }), "{error:?}");
    assert!(error.hint().contains("start `hookglass`"));
}
