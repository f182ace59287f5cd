//! Requests to be judged: tables of peculiarities, and plans that pick from them. The first row of each table is the usual one.
//!
//! ```text
//! secret, id, body, age ── signed ──┬── timestamp and signature written ── headers arranged ── sent
//!                                   └── body altered ───────────────────────────────────────────┘
//! ```

mod bodies;
mod headers;
mod signatures;
mod timestamps;

use crate::request::Request;
use bodies::{ALTERATIONS, BODIES};
use fastrand::Rng;
use headers::ARRANGEMENTS;
use hookglass::core::signature::{Secret, sign};
use signatures::{SIGNATURES, Signature};
use timestamps::{AGES, TIMESTAMPS};

/// A name for people and the peculiarity itself.
type Row<T> = (&'static str, T);

/// Of these the first four are sound: every SDK reads them alike.
pub const SECRETS: [Row<&str>; 20] = [
    ("usual secret", "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="),
    ("interceptor's secret", "insec_c2VjcmV0IG9mIGFuIGludGVyY2VwdG9yLCAzMiBieXRlcw=="),
    ("short secret", "whsec_QUJD"),
    ("upper-case prefix", "WHSEC_ampqampqampqampqampqamo="),
    ("secret without padding", "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY"),
    ("secret with `-`", "whsec_-z8_Pz8-Pz8/Pz8="),
    ("URL-safe secret", "whsec_-z8-Pz8-Pz8-Pz8="),
    ("secret with three parts", "whsec_live_MDEyMzQ1Njc4OWFiY2RlZg=="),
    ("secret with a blank after it", "whsec_MDEyMzQ1Njc4OWFiY2RlZg== "),
    ("secret with a blank before it", " whsec_MDEyMzQ1Njc4OWFiY2RlZg=="),
    ("secret with a newline after it", "whsec_MDEyMzQ1Njc4OWFiY2RlZg==\n"),
    ("secret with a newline inside", "whsec_MDEyMzQ1Njc4\nOWFiY2RlZg=="),
    ("secret in quotes", "\"whsec_MDEyMzQ1Njc4OWFiY2RlZg==\""),
    ("secret with a foreign character", "whsec_MDEyMzQ1!Njc4OWFiY2RlZg=="),
    ("secret beyond Latin-1", "whsec_MDEyMzQ1\u{141}Njc4OWFiY2RlZg=="),
    ("secret with `=` inside", "whsec_MDEy=MzQ1Njc4OWFiY2RlZg=="),
    ("secret of impossible length", "whsec_MDEyMzQ1Njc4OWFiY2RlZ"),
    ("secret with trailing bits", "whsec_MDEyMzQ1Njc4OWFiY2RlZh=="),
    ("nothing but a prefix", "whsec_"),
    ("secret without a prefix", "MDEyMzQ1Njc4OWFiY2RlZg=="),
];
const SOUND_BODIES: usize = bodies::UTF8;
const SOUND_ARRANGEMENTS: usize = headers::SOUND;

const IDS: [Row<&[u8]>; 10] = [
    ("usual id", b"msg_2mFz9tXw0Qk3aBcDeFgHiJkLmNo"),
    ("id of one character", b"0"),
    ("id with dots", b"msg.1.2"),
    ("id with blanks", b"msg 1  2"),
    ("id with a tab", b"msg\t1"),
    ("id with commas", b"msg_1, msg_2"),
    ("id in Latin-1", b"msg_\xe9\xff\x80"),
    ("id in UTF-8", "msg_\u{e9}\u{1f600}".as_bytes()),
    ("id with odd characters", b"\"<msg>\\%00\x7e'`{}"),
    ("id like a timestamp", b"1752556707.1"),
];

/// Which row of each table a request has.
#[derive(Clone, Copy, Debug, Default)]
pub struct Plan {
    pub is_interceptor: bool,
    pub secret: usize,
    id: usize,
    body: usize,
    age: usize,
    timestamp: usize,
    signature: usize,
    alteration: usize,
    arrangement: usize,
}

impl Plan {
    /// Nothing peculiar.
    pub fn usual(is_interceptor: bool) -> Self {
        Self { is_interceptor, ..Self::default() }
    }

    /// Every row of every table in an otherwise usual request, as a webhook and as an interceptor.
    pub fn each_peculiarity_alone() -> Vec<Self> {
        let mut plans = Vec::new();
        for is_interceptor in [false, true] {
            let usual = Self::usual(is_interceptor);
            plans.extend((0..SECRETS.len()).map(|secret| Self { secret, ..usual }));
            plans.extend((1..IDS.len()).map(|id| Self { id, ..usual }));
            plans.extend((1..BODIES.len()).map(|body| Self { body, ..usual }));
            plans.extend((1..AGES.len()).map(|age| Self { age, ..usual }));
            plans.extend((1..TIMESTAMPS.len()).map(|timestamp| Self { timestamp, ..usual }));
            plans.extend((1..SIGNATURES.len()).map(|signature| Self { signature, ..usual }));
            plans.extend((1..ALTERATIONS.len()).map(|alteration| Self { alteration, ..usual }));
            plans.extend((1..ARRANGEMENTS.len()).map(|arrangement| Self { arrangement, ..usual }));
        }
        plans
    }

    /// Several peculiarities at once, most things usual.
    pub fn mixed(random: &mut Rng) -> Self {
        let mut pick = |rows: usize, usual_of_ten: u8| {
            if random.u8(..10) < usual_of_ten { 0 } else { random.usize(..rows) }
        };
        Self {
            is_interceptor: pick(4, 0) == 0,
            secret: pick(SECRETS.len(), 6),
            id: pick(IDS.len(), 6),
            body: pick(BODIES.len(), 5),
            age: pick(AGES.len(), 8),
            timestamp: pick(TIMESTAMPS.len(), 7),
            signature: pick(SIGNATURES.len(), 6),
            alteration: pick(ALTERATIONS.len(), 8),
            arrangement: pick(ARRANGEMENTS.len(), 7),
        }
    }

    /// What every SDK accepts: any id, any body that is UTF-8, header names in any case and order.
    pub fn sound(random: &mut Rng, is_interceptor: bool) -> Self {
        Self {
            id: random.usize(..IDS.len()),
            body: random.usize(..SOUND_BODIES),
            arrangement: random.usize(..SOUND_ARRANGEMENTS),
            ..Self::usual(is_interceptor)
        }
    }

    /// The request, made at `now_s` in Unix seconds; `secret` is what it is signed with.
    pub fn request(&self, random: &mut Rng, now_s: i64, secret: &str) -> Request {
        let (_, id) = IDS[self.id];
        let body = (BODIES[self.body].1)(random);
        let timestamp_s = now_s - AGES[self.age].1;
        let signed = sign(&Secret::new("main", secret), id, timestamp_s, &body);
        let timestamp = (TIMESTAMPS[self.timestamp].1)(timestamp_s);
        let signature = (SIGNATURES[self.signature].1)(&Signature::read(signed.as_deref()));

        let family = if self.is_interceptor { "interceptor" } else { "webhook" };
        let mut headers = vec![
            (format!("{family}-id"), id.to_vec()),
            (format!("{family}-timestamp"), timestamp),
            (format!("{family}-signature"), signature),
        ];
        (ARRANGEMENTS[self.arrangement].1)(&mut headers);
        Request { notes: self.notes(), headers, body: (ALTERATIONS[self.alteration].1)(body, random) }
    }

    fn notes(&self) -> Vec<&'static str> {
        let names = [
            (self.secret, SECRETS[self.secret].0),
            (self.id, IDS[self.id].0),
            (self.body, BODIES[self.body].0),
            (self.age, AGES[self.age].0),
            (self.timestamp, TIMESTAMPS[self.timestamp].0),
            (self.signature, SIGNATURES[self.signature].0),
            (self.alteration, ALTERATIONS[self.alteration].0),
            (self.arrangement, ARRANGEMENTS[self.arrangement].0),
        ];
        let family = if self.is_interceptor { "interceptor" } else { "webhook" };
        let peculiar = names.into_iter().filter(|(row, _)| *row != 0).map(|(_, name)| name);
        [family].into_iter().chain(peculiar).collect()
    }
}
