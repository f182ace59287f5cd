//! The tables, as an append-only list of migrations over `PRAGMA user_version`.
//!
//! A released migration never changes: every change of the tables is a new migration. An event's summary and its bytes are in separate
//! tables, so that reading all summaries does not read the bodies. `event` has only partial indexes, so that inserts stay cheap.

use rusqlite::{Connection, TransactionBehavior};

/// Marks a database as a history: `hkgl`.
pub(super) const APPLICATION_ID: i32 = 0x686b_676c;

const MIGRATIONS: &[&str] = &[
    "
    CREATE TABLE event (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        received_at_us INTEGER NOT NULL,
        method TEXT NOT NULL,
        path TEXT NOT NULL,
        webhook_id TEXT,
        event_id TEXT,
        event_type TEXT,
        organization_id TEXT,
        subject TEXT,
        verdict TEXT NOT NULL,
        reason TEXT,
        scheme TEXT NOT NULL,
        secret TEXT,
        size INTEGER NOT NULL,
        status INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE request (
        seq INTEGER PRIMARY KEY,
        head BLOB NOT NULL,
        body BLOB NOT NULL
    ) STRICT;
    CREATE TABLE delivery (
        id INTEGER PRIMARY KEY,
        event INTEGER NOT NULL REFERENCES event (seq),
        origin TEXT NOT NULL,
        manner TEXT NOT NULL,
        target TEXT NOT NULL,
        started_at_ns INTEGER NOT NULL,
        connected_us INTEGER,
        first_byte_us INTEGER,
        total_us INTEGER NOT NULL,
        sent_headers BLOB NOT NULL,
        status INTEGER,
        answer_headers BLOB,
        answer_body BLOB,
        is_cut INTEGER,
        failure_kind TEXT,
        failure_text TEXT
    ) STRICT;
    CREATE INDEX delivery_by_event ON delivery (event);
",
    "
    ALTER TABLE delivery ADD COLUMN peer TEXT;
    ALTER TABLE delivery ADD COLUMN sent_body BLOB;
",
    "
    ALTER TABLE delivery ADD COLUMN rehearsal TEXT;
    ALTER TABLE delivery ADD COLUMN opening INTEGER;
    CREATE TABLE judged_with (
        only INTEGER PRIMARY KEY CHECK (only = 0),
        fingerprint BLOB NOT NULL
    ) STRICT;
",
    "
    CREATE TABLE answered_by_order (
        seq INTEGER PRIMARY KEY,
        directive TEXT NOT NULL
    ) STRICT;
",
    "
    CREATE TABLE forward (
        event INTEGER NOT NULL REFERENCES event (seq) ON DELETE CASCADE,
        place INTEGER NOT NULL,
        target TEXT NOT NULL,
        is_awaited INTEGER NOT NULL,
        state TEXT NOT NULL,
        PRIMARY KEY (event, place)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX forward_pending ON forward (event) WHERE state = 'pending';
    CREATE INDEX event_pending ON event (seq) WHERE status = 1;
",
    "
    CREATE TABLE deleted (
        seq INTEGER PRIMARY KEY
    ) STRICT;
    CREATE TABLE erased (
        only INTEGER PRIMARY KEY CHECK (only = 0),
        count INTEGER NOT NULL,
        highest INTEGER NOT NULL
    ) STRICT;
",
    "
    CREATE TABLE annotation (
        seq INTEGER PRIMARY KEY,
        is_pinned INTEGER NOT NULL,
        is_imported INTEGER NOT NULL,
        note TEXT NOT NULL
    ) STRICT;
    CREATE TABLE redaction (
        only INTEGER PRIMARY KEY CHECK (only = 0),
        key BLOB NOT NULL
    ) STRICT;
",
];

/// The first format with the table `forward`. Earlier ones store 0 as the status of every event without a response.
pub(super) const FORWARD_VERSION: i64 = 5;

/// The first format with the tables of deleted events.
const DELETED_VERSION: i64 = 6;

/// The first format with pins, notes and the key of stand-ins.
const ANNOTATION_VERSION: i64 = 7;

/// The newest format this build knows.
pub(super) fn newest_version() -> i64 {
    i64::try_from(MIGRATIONS.len()).expect("the list of migrations is short")
}

/// Adds temporary tables and views, so that a history of format `found` can be read like one of the newest. Does not change the file.
pub(super) fn view_as_newest(connection: &Connection, found: i64) -> rusqlite::Result<()> {
    if found >= newest_version() {
        return Ok(());
    }
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    if found < ANNOTATION_VERSION {
        connection.execute_batch(
            "CREATE TEMP TABLE annotation (seq INTEGER PRIMARY KEY, is_pinned INTEGER, is_imported INTEGER, note TEXT);
             CREATE TEMP TABLE redaction (only INTEGER PRIMARY KEY, key BLOB)",
        )?;
    }
    if found < DELETED_VERSION {
        connection.execute_batch("CREATE TEMP TABLE deleted (seq INTEGER PRIMARY KEY)")?;
    }
    if found >= FORWARD_VERSION {
        return Ok(());
    }
    connection.execute_batch(
        "CREATE TEMP TABLE forward (event INTEGER, place INTEGER, target TEXT, is_awaited INTEGER, state TEXT)",
    )?;
    if found < 4 {
        connection
            .execute_batch("CREATE TEMP TABLE answered_by_order (seq INTEGER PRIMARY KEY, directive TEXT NOT NULL)")?;
    }
    let missing = match found {
        ..2 => "NULL AS peer, NULL AS sent_body, NULL AS rehearsal, NULL AS opening",
        2 => "NULL AS rehearsal, NULL AS opening",
        3.. => return Ok(()),
    };
    connection.execute_batch("CREATE TEMP TABLE judged_with (fingerprint BLOB NOT NULL)")?;
    // SQLite looks up a name among the temporary views first.
    connection.execute_batch(&format!("CREATE TEMP VIEW delivery AS SELECT *, {missing} FROM main.delivery;"))
}

/// Adds a temporary view that leaves out deleted events. To a history of an older format, add [`view_as_newest`] first.
pub(super) fn view_without_deleted(connection: &Connection) -> rusqlite::Result<()> {
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection
        .execute_batch("CREATE TEMP VIEW event AS SELECT * FROM main.event WHERE seq NOT IN (SELECT seq FROM deleted)")
}

/// Migrates the file to [`newest_version`], one transaction per migration. A newer file stays as it is.
pub(super) fn migrate(connection: &mut Connection) -> rusqlite::Result<()> {
    let version: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let done = usize::try_from(version).unwrap_or(0);
    for (step, next) in MIGRATIONS.iter().zip(1i64..).skip(done) {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction.execute_batch(step)?;
        transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
        transaction.pragma_update(None, "user_version", next)?;
        transaction.commit()?;
    }
    Ok(())
}
