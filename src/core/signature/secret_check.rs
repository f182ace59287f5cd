//! What looks wrong with a secret, and what each SDK makes of it. hookglass reports it as soon as it reads the secret,
//! without ever showing the secret itself.

use super::secret::{Keyring, Secret};
use super::secret_form::{PREFIXES, SecretForm};
use super::{Sdk, base64_reading::Base64Reading};
use std::fmt;
use std::ops::RangeInclusive;

/// Bytes of a signing key (Standard Webhooks, "Signature scheme").
const KEY_BYTES: RangeInclusive<usize> = 24..=64;

const PREFIX: &str = PREFIXES[0];

/// The prefixes of Scalekit's other secrets and of its identifiers.
const CLIENT_SECRETS: [&str; 4] = ["test_", "prod_", "live_", "dev_"];
const IDENTIFIERS: [&str; 8] = ["skc_", "env_", "org_", "conn_", "evt_", "msg_", "ep_", "m2m_"];

/// One thing that looks wrong with a secret. `Display` writes a predicate, such as "is URL-safe base64".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Oddity {
    Empty,
    NewlineAtEnd,
    SpaceAround,
    /// The number of lines: the file holds several secrets, or a secret and a comment.
    SeveralLines(usize),
    /// As some editors write it in front of UTF-8.
    ByteOrderMark,
    Quoted,
    /// `NAME=whsec_…`, as in a line of `.env`.
    Assignment,
    /// Never an assignment or several lines, which have oddities of their own.
    Altered(SecretForm),
    LooksLikeClientSecret,
    LooksLikeIdentifier,
    NoPrefix,
    NothingAfterPrefix,
    SpaceInside,
    UrlSafe,
    NotBase64,
    Unpadded,
    /// The length of the key in bytes, which is outside the range of signing keys.
    KeyLength(usize),
}

impl fmt::Display for Oddity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "is empty",
            Self::NewlineAtEnd => "ends in a newline",
            Self::SpaceAround => "has white space around it",
            Self::SeveralLines(lines) => {
                return write!(f, "has {lines} lines instead of one");
            }
            Self::ByteOrderMark => "starts with a byte order mark",
            Self::Quoted => "has quotes around it",
            Self::Assignment => "starts with a variable name and `=`",
            Self::Altered(form) => match form {
                SecretForm::PrefixTwice => "has its prefix twice",
                SecretForm::EncodedTwice => "is encoded in base64 once more",
                SecretForm::Masked => "is masked, as a dashboard shows it",
                SecretForm::Path => "looks like the path of a file",
                _ => "is a placeholder",
            },
            Self::LooksLikeClientSecret => "looks like a client secret, not a signing secret (`whsec_…`)",
            Self::LooksLikeIdentifier => "looks like an identifier, not a signing secret (`whsec_…`)",
            Self::NoPrefix => "does not start with `whsec_`",
            Self::NothingAfterPrefix => "has nothing after its prefix",
            Self::SpaceInside => "has white space in it",
            Self::UrlSafe => "is URL-safe base64 (with `-` or `_`)",
            Self::NotBase64 => "is not base64 after its prefix",
            Self::Unpadded => "lacks the `=` padding at the end",
            Self::KeyLength(bytes) => {
                let unit = if *bytes == 1 { "byte" } else { "bytes" };
                let (least, most) = (KEY_BYTES.start(), KEY_BYTES.end());
                return write!(f, "has a key of {bytes} {unit} instead of {least} to {most}");
            }
        })
    }
}

/// What to do about a secret that is not a signing secret as the dashboard shows it.
const COPY_AGAIN: &str = "copy the signing secret from the Scalekit dashboard again";

impl Oddity {
    /// What to do now, as an imperative.
    fn fix(self) -> &'static str {
        match self {
            Self::NewlineAtEnd => "remove the newline",
            Self::SpaceAround | Self::SpaceInside => "remove the white space",
            Self::SeveralLines(_) => "put each secret in its own file",
            Self::ByteOrderMark => "save the file as UTF-8 without a byte order mark",
            Self::Quoted => "remove the quotes",
            Self::Assignment => "keep only the part after `=`",
            Self::Altered(SecretForm::PrefixTwice) => "remove one `whsec_`",
            Self::Altered(SecretForm::EncodedTwice) => "decode it once, with `base64 -d`",
            Self::Altered(SecretForm::Path) => "pass the path with `--secret-file`",
            Self::UrlSafe => "write `+` for `-` and `/` for `_`",
            Self::Unpadded => "add the `=`",
            Self::Empty
            | Self::Altered(_)
            | Self::LooksLikeClientSecret
            | Self::LooksLikeIdentifier
            | Self::NoPrefix
            | Self::NothingAfterPrefix
            | Self::NotBase64
            | Self::KeyLength(_) => COPY_AGAIN,
        }
    }
}

/// The key that an SDK reads from a secret, compared with the intended one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyReading {
    Intended,
    /// A different key, with which nothing verifies.
    Different,
    /// The SDK rejects the secret.
    Rejected,
}

/// What looks wrong with one secret; usually nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretCheck {
    pub oddities: Vec<Oddity>,
    pub readings: [(Sdk, KeyReading); 4],
}

impl SecretCheck {
    pub fn of(secret: &Secret) -> Self {
        let text = secret.text();
        let (stem, mut oddities) = without_wrapping(text);
        let form = SecretForm::of(stem).filter(|_| !stem.is_empty());
        oddities.extend(form.map(Oddity::Altered));
        let rest = if form.is_none() { after_prefix(stem, &mut oddities) } else { None };
        let key = rest.and_then(|rest| intended_key(rest, &mut oddities));
        let length = key.as_ref().map(Vec::len).filter(|length| !KEY_BYTES.contains(length));
        oddities.extend(length.map(Oddity::KeyLength));
        let readings = Sdk::ALL.map(|sdk| {
            let reading = match sdk.dialect().key_of(text) {
                None => KeyReading::Rejected,
                read if read == key => KeyReading::Intended,
                Some(_) => KeyReading::Different,
            };
            (sdk, reading)
        });
        Self { oddities, readings }
    }

    /// What looks wrong, which SDKs mind, and what to do, in one line without the secret. `None` if nothing looks
    /// wrong.
    ///
    /// `subject` starts the line, such as `it`.
    pub(crate) fn sentence(&self, subject: &str) -> Option<String> {
        let predicates: Vec<_> = self.oddities.iter().map(ToString::to_string).collect();
        (!predicates.is_empty())
            .then(|| format!("{subject} {}: {}; {}", predicates.join(" and "), self.consequence(), self.fix()))
    }

    /// What to do now: the fix of the only oddity, otherwise to copy the secret again.
    pub(crate) fn fix(&self) -> &'static str {
        match self.oddities[..] {
            [oddity] => oddity.fix(),
            _ => COPY_AGAIN,
        }
    }

    fn consequence(&self) -> String {
        let of = |reading| -> Vec<Sdk> {
            self.readings.iter().filter(|(_, each)| *each == reading).map(|(sdk, _)| *sdk).collect()
        };
        let has_several = self.oddities.iter().any(|oddity| matches!(oddity, Oddity::SeveralLines(_)));
        let accepts = if has_several { ("use", "only the first secret") } else { ("accept", "it") };
        let parts = [
            (accepts, of(KeyReading::Intended)),
            (("read", "a different key"), of(KeyReading::Different)),
            (("reject", "it"), of(KeyReading::Rejected)),
        ];
        match parts {
            [((verb, object), sdks), ..] if sdks.len() == Sdk::ALL.len() => format!("all SDKs {verb} {object}"),
            [(_, sdks), ..] if sdks.is_empty() => "nothing verifies with it".to_owned(),
            parts => {
                let parts = parts.iter().filter(|(_, sdks)| !sdks.is_empty());
                let clause = |((verb, object), sdks): &((&str, &str), Vec<Sdk>)| {
                    format!("{} {verb}{} {object}", Sdk::list(sdks), if sdks.len() == 1 { "s" } else { "" })
                };
                parts.map(clause).collect::<Vec<_>>().join(", ")
            }
        }
    }
}

/// A line for each secret that looks wrong.
pub(crate) fn odd_secrets(keyring: &Keyring) -> impl Iterator<Item = String> {
    let secrets = keyring.verifying.iter().chain(&keyring.known_only);
    secrets.filter_map(|secret| SecretCheck::of(secret).sentence(&secret.subject()))
}

/// The secret without the white space, variable name and quotes around it.
fn without_wrapping(text: &str) -> (&str, Vec<Oddity>) {
    let mut oddities = Vec::new();
    let bare = text.trim();
    let mut stem = bare;
    let lines: Vec<_> = bare.lines().filter(|line| !line.trim().is_empty()).collect();
    if text.is_empty() {
        oddities.push(Oddity::Empty);
    } else if !is_one_secret(&lines) {
        oddities.push(Oddity::SeveralLines(lines.len()));
        let first = lines.iter().find(|line| line.contains(PREFIX)).or(lines.first());
        stem = first.map_or(bare, |line| line.trim());
    } else if bare.len() < text.len() {
        let is_newline = !bare.is_empty() && matches!(&text[bare.len()..], "\n" | "\r\n");
        oddities.push(if is_newline { Oddity::NewlineAtEnd } else { Oddity::SpaceAround });
    }
    if let Some(rest) = stem.strip_prefix('\u{feff}') {
        oddities.push(Oddity::ByteOrderMark);
        stem = rest;
    }
    if let Some((name, value)) = stem.split_once('=')
        && value.trim_start_matches(['"', '\'']).starts_with(PREFIX)
        && !name.is_empty()
    {
        oddities.push(Oddity::Assignment);
        stem = value;
    }
    let unquoted = stem.trim_matches(|each| matches!(each, '"' | '\'' | '\u{201c}' | '\u{201d}'));
    if unquoted.len() < stem.len() {
        oddities.push(Oddity::Quoted);
    }
    (unquoted.trim(), oddities)
}

/// Whether there is one line, or one whose base64 is wrapped over the others.
fn is_one_secret(lines: &[&str]) -> bool {
    let is_base64 = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'-');
    lines.iter().skip(1).all(|line| line.trim().bytes().all(is_base64))
}

/// The part of the secret that encodes the key, if there is one.
fn after_prefix<'t>(stem: &'t str, oddities: &mut Vec<Oddity>) -> Option<&'t str> {
    let begins = |prefix: &str| stem.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix));
    if let Some(prefix) = PREFIXES.into_iter().find(|prefix| begins(prefix)) {
        return Some(&stem[prefix.len()..]);
    }
    if CLIENT_SECRETS.into_iter().any(begins) {
        oddities.push(Oddity::LooksLikeClientSecret);
    } else if IDENTIFIERS.into_iter().any(begins) {
        oddities.push(Oddity::LooksLikeIdentifier);
    } else if !oddities.contains(&Oddity::Empty) {
        oddities.push(Oddity::NoPrefix);
        // The SDKs do not check the prefix. They only look for its underscore.
        return stem.split_once('_').map(|(_, rest)| rest);
    }
    None
}

/// The key that the text after the prefix is meant to encode, in either base64 alphabet, with or without padding.
fn intended_key(rest: &str, oddities: &mut Vec<Oddity>) -> Option<Vec<u8>> {
    if rest.is_empty() {
        oddities.push(Oddity::NothingAfterPrefix);
        return None;
    }
    let has_space = rest.contains(char::is_whitespace);
    if has_space {
        oddities.push(Oddity::SpaceInside);
    }
    let data = rest.trim_end_matches('=');
    let count = data.chars().filter(|each| !each.is_whitespace()).count();
    let is_data = |each: char| each.is_ascii_alphanumeric() || matches!(each, '+' | '/' | '-' | '_');
    if !data.chars().all(|each| is_data(each) || each.is_whitespace()) || count % 4 == 1 {
        oddities.push(Oddity::NotBase64);
        return None;
    }
    if data.contains(['-', '_']) {
        oddities.push(Oddity::UrlSafe);
    }
    if !(count + rest.len() - data.len()).is_multiple_of(4) {
        oddities.push(Oddity::Unpadded);
    }
    Base64Reading::Node.decode(data.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 24 bytes.
    const KEY: &str = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    fn sentence(text: &str) -> Option<String> {
        SecretCheck::of(&Secret::new("main", text)).sentence("it")
    }

    #[test]
    fn an_ordinary_secret_looks_right() {
        assert_eq!(sentence(&format!("whsec_{KEY}")), None);
        assert_eq!(sentence(&format!("whsec_{KEY}{KEY}")), None);
        assert_eq!(sentence(&format!("insec_{KEY}")), None);
    }

    #[test]
    fn an_odd_secret_is_described_with_the_sdks_that_mind_and_the_fix() {
        let cases = [
            (
                format!("whsec_{KEY}\n"),
                "it ends in a newline: Node, Python and Go accept it, Java rejects it; remove the newline",
            ),
            (format!(" whsec_{KEY}"), "it has white space around it: all SDKs accept it; remove the white space"),
            (
                format!("secret_{KEY}"),
                "it does not start with `whsec_`: all SDKs accept it; copy the signing secret from the Scalekit dashboard again",
            ),
            (
                format!("\"whsec_{KEY}\""),
                "it has quotes around it: Node and Python accept it, Go and Java reject it; remove the quotes",
            ),
            (
                format!("SCALEKIT_WEBHOOK_SECRET=whsec_{KEY}"),
                "it starts with a variable name and `=`: nothing verifies with it; keep only the part after `=`",
            ),
            (
                KEY.to_owned(),
                "it does not start with `whsec_`: nothing verifies with it; copy the signing secret from the Scalekit dashboard again",
            ),
            (
                String::new(),
                "it is empty: nothing verifies with it; copy the signing secret from the Scalekit dashboard again",
            ),
            (
                "\n".to_owned(),
                "it has white space around it and does not start with `whsec_`: nothing verifies with it; copy the signing secret from the Scalekit dashboard again",
            ),
            (
                "whsec_-fKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".to_owned(),
                "it is URL-safe base64 (with `-` or `_`): Node accepts it, Python, Go and Java reject it; write `+` for `-` and `/` for `_`",
            ),
            (
                format!("whsec_{KEY}QQ"),
                "it lacks the `=` padding at the end: Node and Java accept it, Python and Go reject it; add the `=`",
            ),
            (
                "whsec_QUJD".to_owned(),
                "it has a key of 3 bytes instead of 24 to 64: all SDKs accept it; copy the signing secret from the Scalekit dashboard again",
            ),
            (
                "whsec_QQ==".to_owned(),
                "it has a key of 1 byte instead of 24 to 64: all SDKs accept it; copy the signing secret from the Scalekit dashboard again",
            ),
            (
                format!("whsec_{}", KEY.repeat(1 << 15)),
                "it has a key of 786432 bytes instead of 24 to 64: all SDKs accept it; copy the signing secret from the Scalekit dashboard again",
            ),
        ];
        for (text, expected) in cases {
            assert_eq!(sentence(&text).as_deref(), Some(expected), "{text:?}");
        }
    }

    #[test]
    fn the_sdks_that_use_only_the_first_of_several_lines_are_named() {
        let padded = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwQUI=";
        let first = "use only the first secret";
        for (text, consequence) in [
            // Node and Python stop at the padding.
            (format!("{padded}\nwhsec_{KEY}\n"), format!("Node and Python {first}, Go and Java reject it")),
            (format!("{padded}\r\n\r\n{padded}"), format!("Node and Python {first}, Go and Java reject it")),
            (format!("whsec_{KEY}\n{padded}"), "nothing verifies with it".into()),
            (format!("# of production\nwhsec_{KEY}"), format!("all SDKs {first}")),
            (format!("{padded}\n# of production"), format!("Node and Python {first}, Go and Java reject it")),
        ] {
            let expected = format!("it has 2 lines instead of one: {consequence}; put each secret in its own file");
            assert_eq!(sentence(&text), Some(expected), "{text:?}");
        }
        let folded = sentence("whsec_MfKQ9r8GKYqrTwjU\nPD8ILPZIo2LaLaSw").unwrap();
        assert!(folded.starts_with("it has white space in it: Node"), "{folded}");
    }

    #[test]
    fn other_credentials_are_recognised_by_their_prefix() {
        for (text, words) in [
            ("test_MfKQ9r8GKYqrTwjUPD8I", "looks like a client secret"),
            ("prod_MfKQ9r8GKYqrTwjUPD8I", "looks like a client secret"),
            ("skc_12345678901234567890", "looks like an identifier"),
            ("env_12345678901234567890", "looks like an identifier"),
            ("whsec_!", "is not base64 after its prefix"),
            ("whsec_", "has nothing after its prefix"),
            ("whsec_MfKQ 9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "has white space in it"),
        ] {
            let sentence = sentence(text).unwrap();
            assert!(sentence.contains(words), "{sentence}");
        }
    }

    #[test]
    fn the_sentence_never_contains_the_secret() {
        for text in ["whsec_hunter2hunter2!", " test_hunter2", "NAME=whsec_hunter2", "hunter2"] {
            assert!(!sentence(text).unwrap().contains("hunter2"));
        }
    }
}
