//! Finds secrets and credentials in text that is about to be shown to a person, and masks them.
//!
//! People paste a secret where a file name, a port or a URL belongs. The error message must not repeat it, because terminals are
//! recorded, logged and shared. In doubt a word is masked. It keeps its prefix or its name, so the reader still recognises it.
//!
//! | in the text | shown |
//! | --- | --- |
//! | `whsec_…` anywhere; `sk_…` and other prefixes at the start of a word | `whsec_***` |
//! | a JSON Web Token | `eyJ***` |
//! | `Bearer …`, `Basic …` | `Bearer ***` |
//! | a value whose name suggests a secret: `WEBHOOK_SECRET=…`, `?token=…` | `?token=***` |
//! | user name and password of a URL | `http://***@host` |
//! | a long run of random base64 | `***` |

mod headers;

pub(crate) use headers::{is_credential, shown_value};

/// What to do with a signing secret that was typed in the wrong place.
pub(crate) const WHERE_A_SECRET_BELONGS: &str = "put a signing secret into `SCALEKIT_WEBHOOK_SECRET`, into `.env`, or into a file for \
                                          `--secret-file FILE`, or press `K` on the screen and paste it";

const MASK: &str = "***";

/// The prefixes of credentials, and how many characters must follow. All but the first count only at the start of a word.
const PREFIXES: [(&str, usize); 10] = [
    ("whsec_", 1),
    ("sk_", 8),
    ("rk_", 8),
    // Scalekit's client ids. Its client secrets are found as random runs, because `test_` also begins file names.
    ("skc_", 8),
    ("ghp_", 8),
    ("github_pat_", 8),
    ("glpat-", 8),
    ("xoxb-", 8),
    ("xoxp-", 8),
    ("AKIA", 16),
];

/// How a JSON Web Token begins.
const WEB_TOKEN: &str = "eyJ";

/// Parts of names whose values are secret.
const SECRET_NAMES: [&str; 8] =
    ["secret", "token", "passw", "apikey", "api_key", "api-key", "private_key", "credential"];
/// Parts of the names of secret values in a URL's query, besides [`SECRET_NAMES`].
const SECRET_QUERY_NAMES: [&str; 7] = ["key", "sig", "auth", "code", "pwd", "pass", "jwt"];

/// The fewest characters in a run of base64 that can be a key.
const KEY_LENGTH: usize = 24;

/// Text whose secrets are masked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Masked {
    pub text: String,
    /// Whether one of the masked secrets was a signing secret.
    pub has_signing_secret: bool,
}

/// `text` with its secrets masked. Text in backticks stays if it `is_known`: the user must be able to read the name of an existing file,
/// even if it looks like a secret.
pub(crate) fn masked(text: &str, is_known: impl Fn(&str) -> bool) -> Masked {
    let mut masked = Masked { text: String::with_capacity(text.len()), has_signing_secret: false };
    let mut at = 0;
    while let Some(character) = text[at..].chars().next() {
        if let Some(quoted) = in_backticks(&text[at..]).filter(|quoted| is_known(quoted)) {
            masked.text.push_str(&text[at..at + quoted.len() + 2]);
            at += quoted.len() + 2;
        } else if let Some(found) = find(&text[..at], &text[at..]) {
            masked.text.push_str(&text[at..at + found.shown]);
            masked.text.push_str(MASK);
            masked.has_signing_secret |= found.is_signing_secret;
            at += found.length;
        } else {
            masked.text.push(character);
            at += character.len_utf8();
        }
    }
    masked
}

/// Whether a text that starts with `byte` can begin with a credential.
pub(crate) fn starts_like_credential(byte: u8) -> bool {
    let is_start = |text: &str| text.as_bytes()[0].eq_ignore_ascii_case(&byte);
    is_start(WEB_TOKEN) || PREFIXES.iter().any(|(prefix, _)| is_start(prefix))
}

/// Whether `text` begins with a credential that its prefix gives away.
pub(crate) fn begins_with_credential(text: &str) -> bool {
    prefixed(text, true).or_else(|| web_token(text)).is_some()
}

fn in_backticks(rest: &str) -> Option<&str> {
    let (quoted, _) = rest.strip_prefix('`')?.split_once('`')?;
    Some(quoted).filter(|quoted| !quoted.is_empty())
}

/// A secret at the start of a text.
struct Found {
    /// Bytes before the secret, which stay.
    shown: usize,
    /// Bytes up to the end of the secret.
    length: usize,
    is_signing_secret: bool,
}

fn find(before: &str, rest: &str) -> Option<Found> {
    let is_word_start = !before.ends_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
    prefixed(rest, is_word_start)
        .or_else(|| is_word_start.then(|| web_token(rest).or_else(|| authorization(rest))).flatten())
        .or_else(|| named_value(before, rest))
        .or_else(|| user_info(before, rest))
        .or_else(|| random_run(before, rest))
}

/// Bytes of `text` before the first white space or quote.
fn word_length(text: &str) -> usize {
    text.find(is_delimiter).unwrap_or(text.len())
}

fn is_delimiter(c: char) -> bool {
    c.is_whitespace() || matches!(c, '`' | '"' | '\'')
}

fn run_length(text: &str, is_part: impl Fn(char) -> bool) -> usize {
    text.find(|c| !is_part(c)).unwrap_or(text.len())
}

fn prefixed(rest: &str, is_word_start: bool) -> Option<Found> {
    let (prefix, least) = PREFIXES.into_iter().find(|(prefix, _)| {
        rest.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
            && (is_word_start || *prefix == PREFIXES[0].0)
    })?;
    // A copied secret may contain invisible characters. They must not end it here.
    let is_part = |c: char| c.is_ascii_alphanumeric() || "+/=_-%".contains(c) || !c.is_ascii() && c != '…';
    let length = run_length(&rest[prefix.len()..], is_part);
    let is_signing_secret = prefix == PREFIXES[0].0;
    (length >= least).then_some(Found { shown: prefix.len(), length: prefix.len() + length, is_signing_secret })
}

fn web_token(rest: &str) -> Option<Found> {
    let length = run_length(rest.strip_prefix(WEB_TOKEN)?, |c| c.is_ascii_alphanumeric() || "_-.=".contains(c));
    (length >= 8).then_some(Found { shown: 3, length: 3 + length, is_signing_secret: false })
}

fn authorization(rest: &str) -> Option<Found> {
    let scheme = run_length(rest, |c| c.is_ascii_alphabetic());
    let space = run_length(&rest[scheme..], |c| c == ' ');
    let word = &rest[scheme + space..][..word_length(&rest[scheme + space..])];
    let is_secret = match &rest[..scheme] {
        name if name.eq_ignore_ascii_case("bearer") => !word.starts_with('…'),
        // "basic" is also an ordinary word.
        name if name.eq_ignore_ascii_case("basic") => {
            word.len() >= 6 && !word.bytes().all(|byte| byte.is_ascii_lowercase())
        }
        _ => false,
    };
    let shown = scheme + space;
    let is_there = is_secret && space > 0 && !word.is_empty() && !word.starts_with(MASK);
    is_there.then_some(Found { shown, length: shown + word.len(), is_signing_secret: false })
}

/// The value after the `=` at the start of `rest`.
fn named_value(before: &str, rest: &str) -> Option<Found> {
    let value = rest.strip_prefix('=')?;
    let is_part = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
    let name = before[before.trim_end_matches(is_part).len()..].to_ascii_lowercase();
    let is_query = before[..before.len() - name.len()].ends_with(['?', '&']);
    let is_secret = |parts: &[&str]| parts.iter().any(|part| name.contains(part));
    let names_a_file = name.ends_with("file") || name.ends_with("files");
    if names_a_file || !(is_secret(&SECRET_NAMES) || is_query && is_secret(&SECRET_QUERY_NAMES)) {
        return None;
    }
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''));
    let (opening, length) = match quote {
        Some(quote) => (1, value[1..].find(quote).unwrap_or(value.len() - 1)),
        None if is_query => (0, run_length(value, |c| !is_delimiter(c) && c != '&' && c != '#')),
        None => (0, word_length(value)),
    };
    let value = &value[opening..opening + length];
    let is_there = !value.is_empty() && !value.starts_with(['*', '…', '<']);
    let is_signing_secret = !is_query && name.contains("secret");
    is_there.then_some(Found { shown: 1 + opening, length: 1 + opening + length, is_signing_secret })
}

/// User name and password, at the start of a word or after a `://` at the start of `rest`. They may contain any character, so they end at
/// the last `@` before the path or, if that leaves no valid host, at the last `@` of the word.
fn user_info(before: &str, rest: &str) -> Option<Found> {
    let (shown, word) = match rest.strip_prefix("://") {
        Some(after) => (3, &after[..word_length(after)]),
        None if before.is_empty() || before.ends_with(is_delimiter) => (0, &rest[..word_length(rest)]),
        None => return None,
    };
    let authority = &word[..word.find(['/', '?', '#']).unwrap_or(word.len())];
    let has_port = |(_, port): (&str, &str)| !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    let is_host =
        !authority.contains('@') && (!authority.contains(':') || authority.rsplit_once(':').is_some_and(has_port));
    let place = if authority.contains('@') { authority.rfind('@') } else { word.rfind('@') };
    let user = &word[..place.filter(|_| !is_host)?];
    let is_there = if shown == 0 { user.contains(':') && !user.contains("://") } else { !user.is_empty() };
    (is_there && user != MASK).then_some(Found { shown, length: shown + user.len(), is_signing_secret: false })
}

/// A key without a name or a prefix.
fn random_run(before: &str, rest: &str) -> Option<Found> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || "+/_-".contains(c);
    if before.ends_with(is_part) {
        return None;
    }
    let length = run_length(rest, is_part);
    let padding = run_length(&rest[length..], |c| c == '=').min(2);
    let is_padded = padding > 0 && (length + padding).is_multiple_of(4);
    let is_key = length >= KEY_LENGTH && is_random(&rest.as_bytes()[..length], is_padded);
    is_key.then_some(Found { shown: 0, length: length + padding, is_signing_secret: true })
}

/// Whether upper case, lower case and digits alternate as in the base64 of random bytes. There, three in five neighbouring pairs differ;
/// in words and paths, one in five. Padded text needs only to have all three classes.
fn is_random(run: &[u8], is_padded: bool) -> bool {
    let class = |byte: u8| match byte {
        b'A'..=b'Z' => Some(0),
        b'a'..=b'z' => Some(1),
        b'0'..=b'9' => Some(2),
        _ => None,
    };
    let has_every_class = (0..3).all(|wanted| run.iter().any(|byte| class(*byte) == Some(wanted)));
    let pairs = run.windows(2).filter_map(|pair| class(pair[0]).zip(class(pair[1])));
    let (all, changes) = pairs.fold((0, 0), |(all, changes), (a, b)| (all + 1, changes + usize::from(a != b)));
    has_every_class && (is_padded || changes * 5 >= all * 2)
}

#[cfg(test)]
mod tests;
