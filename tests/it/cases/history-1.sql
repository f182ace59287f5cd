-- A history as the first format has it: two events, one of them verified and delivered twice.
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
PRAGMA application_id = 0x686b676c;
PRAGMA user_version = 1;

INSERT INTO event VALUES
    (4, 1700000000123456, 'POST', '/webhooks', 'msg_4', 'evt_4', 'user.signup', 'org_1', 'jane@example.com',
     'verified', NULL, 'webhook', 'main', 10, 201),
    (7, 1700000001000000, 'PUT', '/?a=1', NULL, NULL, NULL, NULL, NULL,
     'unsigned', NULL, 'none', NULL, 3, 401);
INSERT INTO request VALUES
    (4, CAST('POST /webhooks HTTP/1.1' || char(13, 10) || 'Webhook-Id: msg_4' || char(13, 10, 13, 10) AS BLOB),
     CAST('{"n": 1e2}' AS BLOB)),
    (7, CAST('PUT /?a=1 HTTP/1.1' || char(13, 10, 13, 10) AS BLOB), X'00FF0A');
-- Headers are names and values, each behind its length: `a: 1`, and `x` without a value.
INSERT INTO delivery VALUES
    (1, 4, 'asked', 'resigned', 'http://localhost:4000/', 1700000002123456789, 50, 60, 77,
     X'01000000610100000031010000007800000000', 201, X'', X'006F6B', 1, NULL, NULL),
    (2, 4, 'asked', 'as-received', 'http://localhost:4000/', 1700000003000000000, NULL, NULL, 5,
     X'', NULL, NULL, NULL, NULL, 'refused', 'nobody listens');
