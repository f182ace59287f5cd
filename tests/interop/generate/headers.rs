//! How the three headers are arranged, and what stands beside them.

use super::Row;

type Headers = Vec<(String, Vec<u8>)>;

const STALE: &[u8] = b"1000000000";
const WRONG: &[u8] = b"v1,AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
/// The places of the three headers.
const ID: usize = 0;
const TIMESTAMP: usize = 1;
const SIGNATURE: usize = 2;

/// So many of the first arrangements change nothing that an SDK sees.
pub const SOUND: usize = 9;

type Arrangement = fn(&mut Headers);

/// Changes id, timestamp and signature, which come in this order.
pub const ARRANGEMENTS: [Row<Arrangement>; 44] = [
    ("usual headers", |_| ()),
    ("Title-Case names", |h| rename(h, title_case)),
    ("UPPER-CASE names", |h| rename(h, str::to_uppercase)),
    ("mIxEd names", |h| rename(h, mixed_case)),
    ("headers in reverse", |h| h.reverse()),
    ("blanks around values", |h| h.iter_mut().for_each(|(_, value)| *value = [b" \t ", &value[..], b"\t "].concat())),
    ("a hundred other headers", |h| h.extend((0..100).map(|n| (format!("x-other-{n}"), b"v1,QUJD".to_vec())))),
    ("names with underscores besides", |h| {
        let others: Headers = h.iter().map(|(name, _)| (name.replace('-', "_"), WRONG.to_vec())).collect();
        h.extend(others);
    }),
    ("svix headers besides", |h| besides(h, "svix")),
    ("names with underscores alone", |h| rename(h, |name| name.replace('-', "_"))),
    ("svix headers alone", |h| rename(h, |name| in_family(name, "svix"))),
    ("no headers", |h| h.clear()),
    ("id missing", |h| drop(h.remove(ID))),
    ("timestamp missing", |h| drop(h.remove(TIMESTAMP))),
    ("signature missing", |h| drop(h.remove(SIGNATURE))),
    ("id empty", |h| h[ID].1.clear()),
    ("timestamp empty", |h| h[TIMESTAMP].1.clear()),
    ("signature empty", |h| h[SIGNATURE].1.clear()),
    ("id blank", |h| h[ID].1 = b" \t ".to_vec()),
    ("signature blank", |h| h[SIGNATURE].1 = b" ".to_vec()),
    ("id twice", |h| repeat(h, ID)),
    ("id and another", |h| after(h, ID, b"msg_other")),
    ("another id first", |h| before(h, ID, b"msg_other")),
    ("empty id first", |h| before(h, ID, b"")),
    ("empty id after", |h| after(h, ID, b"")),
    ("timestamp twice", |h| repeat(h, TIMESTAMP)),
    ("stale timestamp first", |h| before(h, TIMESTAMP, STALE)),
    ("stale timestamp after", |h| after(h, TIMESTAMP, STALE)),
    ("empty timestamp first", |h| before(h, TIMESTAMP, b"")),
    ("signature twice", |h| repeat(h, SIGNATURE)),
    ("wrong signature first", |h| before(h, SIGNATURE, WRONG)),
    ("wrong signature after", |h| after(h, SIGNATURE, WRONG)),
    ("empty signature first", |h| before(h, SIGNATURE, b"")),
    ("bad signature first", |h| before(h, SIGNATURE, b"v2,A")),
    ("signature twice in two cases", |h| {
        repeat(h, SIGNATURE);
        h[SIGNATURE].0 = title_case(&h[SIGNATURE].0);
    }),
    ("all twice", |h| {
        let copy = h.clone();
        h.extend(copy);
    }),
    ("the other family besides", |h| {
        let other = other_family(h);
        besides(h, other);
    }),
    ("the other family's id besides", |h| {
        let id = (in_family(&h[ID].0, other_family(h)), b"msg_other".to_vec());
        h.push(id);
    }),
    ("id of the other family", |h| h[ID].0 = in_family(&h[ID].0, other_family(h))),
    ("timestamp of the other family", |h| h[TIMESTAMP].0 = in_family(&h[TIMESTAMP].0, other_family(h))),
    ("signature of the other family", |h| h[SIGNATURE].0 = in_family(&h[SIGNATURE].0, other_family(h))),
    ("signature of the other family, own one empty", |h| {
        let other = (in_family(&h[SIGNATURE].0, other_family(h)), h[SIGNATURE].1.clone());
        h[SIGNATURE].1.clear();
        h.push(other);
    }),
    ("empty signature first, the other family's besides", |h| {
        let other = (in_family(&h[SIGNATURE].0, other_family(h)), h[SIGNATURE].1.clone());
        before(h, SIGNATURE, b"");
        h.push(other);
    }),
    ("headers of the documents", |h| {
        let signature = std::mem::take(&mut h[SIGNATURE].1);
        *h = vec![("scalekit-signature".to_owned(), signature.clone()), ("x-scalekit-signature".to_owned(), signature)];
    }),
];

fn rename(headers: &mut Headers, name_of: impl Fn(&str) -> String) {
    headers.iter_mut().for_each(|(name, _)| *name = name_of(name));
}

fn title_case(name: &str) -> String {
    let words = name.split('-').map(|word| word[..1].to_uppercase() + &word[1..]);
    words.collect::<Vec<_>>().join("-")
}

fn mixed_case(name: &str) -> String {
    let letters = name.chars().enumerate();
    letters.map(|(place, letter)| if place % 2 == 1 { letter.to_ascii_uppercase() } else { letter }).collect()
}

fn repeat(headers: &mut Headers, place: usize) {
    headers.push(headers[place].clone());
}

fn before(headers: &mut Headers, place: usize, value: &[u8]) {
    headers.insert(place, (headers[place].0.clone(), value.to_vec()));
}

fn after(headers: &mut Headers, place: usize, value: &[u8]) {
    headers.push((headers[place].0.clone(), value.to_vec()));
}

/// Adds a complete family that does not verify.
fn besides(headers: &mut Headers, family: &str) {
    let named = |part: &str, value: &[u8]| (format!("{family}-{part}"), value.to_vec());
    let timestamp = headers[TIMESTAMP].1.clone();
    headers.extend([named("id", b"msg_other"), named("timestamp", &timestamp), named("signature", WRONG)]);
}

fn in_family(name: &str, family: &str) -> String {
    let part = name.split_once('-').map_or(name, |(_, part)| part);
    format!("{family}-{part}")
}

fn other_family(headers: &Headers) -> &'static str {
    if headers[ID].0.starts_with("webhook") { "interceptor" } else { "webhook" }
}
