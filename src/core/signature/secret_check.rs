//! What is odd about a secret, to be said the moment it is read, and what each SDK makes of it. Never shows the secret.

use super::secret::{Keyring, Secret};
use super::{Sdk, base64_reading::Base64Reading};
use std::fmt;
use std::ops::RangeInclusive;

/// Bytes of a signing key (Standard Webhooks, "Signature scheme").
const KEY_BYTES: RangeInclusive<usize> = 24..=64;

const PREFIX: &str = "whsec_";
/// What the secret of an interceptor begins with.
const INTERCEPTOR_PREFIX: &str = "insec_";

/// How the provider's other secrets and identifiers begin.
const CLIENT_SECRETS: [&str; 4] = ["test_", "prod_", "live_", "dev_"];
const IDENTIFIERS: [&str; 8] = ["skc_", "env_", "org_", "conn_", "evt_", "msg_", "ep_", "m2m_"];

/// One thing that is odd. `Display` gives a predicate: "is URL-safe base64".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Oddity {
    Empty,
    NewlineAtEnd,
    SpaceAround,
    /// So many lines, as a file of several secrets has them, or one with a remark.
    SeveralLines(usize),
    Quoted,
    /// As a line of `.env` has it: `NAME=whsec_…`.
    Assignment,
    LooksLikeClientSecret,
    LooksLikeIdentifier,
    NoPrefix,
    NothingAfterPrefix,
    SpaceInside,
    UrlSafe,
    NotBase64,
    Unpadded,
    /// The key has so many bytes, and no signing key has.
    KeyLength(usize),
}

impl fmt::Display for Oddity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "is empty",
            Self::NewlineAtEnd => "ends in a newline",
            Self::SpaceAround => "has white space around it",
            Self::SeveralLines(lines) => {
                return write!(f, "holds {lines} lines, and a secret is one: give each secret a file of its own");
            }
            Self::Quoted => "has quotes around it",
            Self::Assignment => "has the variable's name before it",
            Self::LooksLikeClientSecret => "looks like a client secret, not like a signing secret (`whsec_…`)",
            Self::LooksLikeIdentifier => "looks like an identifier, not like a signing secret (`whsec_…`)",
            Self::NoPrefix => "does not begin with `whsec_`",
            Self::NothingAfterPrefix => "has nothing after its prefix",
            Self::SpaceInside => "has white space in it",
            Self::UrlSafe => "is URL-safe base64 (with `-` or `_`)",
            Self::NotBase64 => "is not base64 after its prefix",
            Self::Unpadded => "lacks the `=` at the end of its base64",
            Self::KeyLength(bytes) => {
                let unit = if *bytes == 1 { "byte" } else { "bytes" };
                let (least, most) = (KEY_BYTES.start(), KEY_BYTES.end());
                return write!(f, "has a key of {bytes} {unit}, and signing keys have {least} to {most}");
            }
        })
    }
}

/// What an SDK makes of a secret, compared with the key that was meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyReading {
    Meant,
    /// Another key, so that nothing verifies.
    Other,
    Refused,
}

/// What is odd about one secret; nothing, mostly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretCheck {
    pub oddities: Vec<Oddity>,
    pub readings: [(Sdk, KeyReading); 4],
}

impl SecretCheck {
    pub fn of(secret: &Secret) -> Self {
        let text = secret.text();
        let (stem, mut oddities) = without_wrapping(text);
        let rest = after_prefix(stem, &mut oddities);
        let key = rest.and_then(|rest| meant(rest, &mut oddities));
        let length = key.as_ref().map(Vec::len).filter(|length| !KEY_BYTES.contains(length));
        oddities.extend(length.map(Oddity::KeyLength));
        let readings = Sdk::ALL.map(|sdk| {
            let reading = match sdk.dialect().key_of(text) {
                None => KeyReading::Refused,
                read if read == key => KeyReading::Meant,
                Some(_) => KeyReading::Other,
            };
            (sdk, reading)
        });
        Self { oddities, readings }
    }

    /// What is odd, and which SDKs mind, in one line without the secret; `None` if nothing is.
    ///
    /// `subject` is what the line is about, such as `it`.
    pub fn sentence(&self, subject: &str) -> Option<String> {
        let predicates: Vec<_> = self.oddities.iter().map(ToString::to_string).collect();
        (!predicates.is_empty()).then(|| format!("{subject} {}{}", predicates.join(", "), self.consequence()))
    }

    /// What is said of those who read the key that was meant.
    fn as_meant(&self) -> &'static str {
        let has_several = self.oddities.iter().any(|oddity| matches!(oddity, Oddity::SeveralLines(_)));
        if has_several { "read as the first of its secrets alone by" } else { "read as it was meant by" }
    }

    fn consequence(&self) -> String {
        let of = |reading| -> Vec<Sdk> {
            self.readings.iter().filter(|(_, each)| *each == reading).map(|(sdk, _)| *sdk).collect()
        };
        let parts = [
            (self.as_meant(), of(KeyReading::Meant)),
            ("read as another key by", of(KeyReading::Other)),
            ("refused by", of(KeyReading::Refused)),
        ];
        match parts {
            [(words, meant), ..] if meant.len() == Sdk::ALL.len() => format!("; {words} all SDKs"),
            [.., (_, refused)] if refused.len() == Sdk::ALL.len() => "; no SDK takes it".to_owned(),
            parts => {
                let parts = parts.iter().filter(|(_, sdks)| !sdks.is_empty());
                let parts: Vec<_> = parts.map(|(words, sdks)| format!("{words} {}", Sdk::list(sdks))).collect();
                format!("; {}", parts.join(", "))
            }
        }
    }
}

/// A line for each secret that is odd.
pub fn odd_secrets(keyring: &Keyring) -> impl Iterator<Item = String> {
    let secrets = keyring.verifying.iter().chain(&keyring.known_only);
    secrets.filter_map(|secret| SecretCheck::of(secret).sentence(&format!("the secret `{}`", secret.label())))
}

/// The secret without what is only wrapped around it.
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

/// Whether the lines are one, or one whose base64 goes on in the next.
fn is_one_secret(lines: &[&str]) -> bool {
    let is_base64 = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'-');
    lines.iter().skip(1).all(|line| line.trim().bytes().all(is_base64))
}

/// What stands for the key; `None` if nothing does.
fn after_prefix<'t>(stem: &'t str, oddities: &mut Vec<Oddity>) -> Option<&'t str> {
    let begins = |prefix: &str| stem.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix));
    if let Some(prefix) = [PREFIX, INTERCEPTOR_PREFIX].into_iter().find(|prefix| begins(prefix)) {
        return Some(&stem[prefix.len()..]);
    }
    if CLIENT_SECRETS.into_iter().any(begins) {
        oddities.push(Oddity::LooksLikeClientSecret);
    } else if IDENTIFIERS.into_iter().any(begins) {
        oddities.push(Oddity::LooksLikeIdentifier);
    } else if !oddities.contains(&Oddity::Empty) {
        oddities.push(Oddity::NoPrefix);
        // The SDKs do not look at the prefix, only for its underscore.
        return stem.split_once('_').map(|(_, rest)| rest);
    }
    None
}

/// The key that was meant by the text after the prefix, in either alphabet, with or without padding.
fn meant(rest: &str, oddities: &mut Vec<Oddity>) -> Option<Vec<u8>> {
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
    fn an_ordinary_secret_is_not_odd() {
        assert_eq!(sentence(&format!("whsec_{KEY}")), None);
        assert_eq!(sentence(&format!("whsec_{KEY}{KEY}")), None);
        assert_eq!(sentence(&format!("insec_{KEY}")), None);
    }

    #[test]
    fn what_is_odd_is_named_with_the_sdks_that_mind() {
        let cases = [
            (
                format!("whsec_{KEY}\n"),
                "it ends in a newline; read as it was meant by Node, Python and Go, refused by Java",
            ),
            (format!(" whsec_{KEY}"), "it has white space around it; read as it was meant by all SDKs"),
            (format!("secret_{KEY}"), "it does not begin with `whsec_`; read as it was meant by all SDKs"),
            (
                format!("\"whsec_{KEY}\""),
                "it has quotes around it; read as it was meant by Node and Python, refused by Go and Java",
            ),
            (
                format!("SCALEKIT_WEBHOOK_SECRET=whsec_{KEY}"),
                "it has the variable's name before it; read as another key by Node and Java, refused by Python and Go",
            ),
            (KEY.to_owned(), "it does not begin with `whsec_`; no SDK takes it"),
            (String::new(), "it is empty; no SDK takes it"),
            ("\n".to_owned(), "it has white space around it, does not begin with `whsec_`; no SDK takes it"),
            (
                "whsec_-fKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".to_owned(),
                "it is URL-safe base64 (with `-` or `_`); read as it was meant by Node, refused by Python, Go and Java",
            ),
            (
                format!("whsec_{KEY}QQ"),
                "it lacks the `=` at the end of its base64; read as it was meant by Node and Java, refused by Python and Go",
            ),
            (
                "whsec_QUJD".to_owned(),
                "it has a key of 3 bytes, and signing keys have 24 to 64; read as it was meant by all SDKs",
            ),
            (
                "whsec_QQ==".to_owned(),
                "it has a key of 1 byte, and signing keys have 24 to 64; read as it was meant by all SDKs",
            ),
            (
                format!("whsec_{}", KEY.repeat(1 << 15)),
                "it has a key of 786432 bytes, and signing keys have 24 to 64; read as it was meant by all SDKs",
            ),
        ];
        for (text, expected) in cases {
            assert_eq!(sentence(&text).as_deref(), Some(expected), "{text:?}");
        }
    }

    #[test]
    fn of_several_lines_it_is_said_which_sdks_read_the_first_secret_alone() {
        let padded = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwQUI=";
        let lines = "it holds 2 lines, and a secret is one: give each secret a file of its own";
        let alone = "read as the first of its secrets alone by";
        for (text, consequence) in [
            // Node and Python read no further than the padding.
            (format!("{padded}\nwhsec_{KEY}\n"), format!("{alone} Node and Python, refused by Go and Java")),
            (format!("{padded}\r\n\r\n{padded}"), format!("{alone} Node and Python, refused by Go and Java")),
            (format!("whsec_{KEY}\n{padded}"), "read as another key by Node, refused by Python, Go and Java".into()),
            (format!("# of production\nwhsec_{KEY}"), format!("{alone} all SDKs")),
            (format!("{padded}\n# of production"), format!("{alone} Node and Python, refused by Go and Java")),
        ] {
            assert_eq!(sentence(&text), Some(format!("{lines}; {consequence}")), "{text:?}");
        }
        let folded = sentence("whsec_MfKQ9r8GKYqrTwjU\nPD8ILPZIo2LaLaSw").unwrap();
        assert!(folded.starts_with("it has white space in it; read as it was meant by Node"), "{folded}");
    }

    #[test]
    fn other_credentials_are_only_said_to_look_like_them() {
        for (text, words) in [
            ("test_MfKQ9r8GKYqrTwjUPD8I", "looks like a client secret"),
            ("prod_MfKQ9r8GKYqrTwjUPD8I", "looks like a client secret"),
            ("skc_12345678901234567890", "looks like an identifier"),
            ("env_12345678901234567890", "looks like an identifier"),
            ("whsec_!", "is not base64 after its prefix"),
            ("whsec_", "has nothing after its prefix"),
            ("whsec_MfKQ 9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "has white space in it"),
        ] {
            let said = sentence(text).unwrap();
            assert!(said.contains(words), "{said}");
        }
    }

    #[test]
    fn the_secret_is_never_in_the_sentence() {
        for text in ["whsec_hunter2hunter2!", " test_hunter2", "NAME=whsec_hunter2", "hunter2"] {
            assert!(!sentence(text).unwrap().contains("hunter2"));
        }
    }
}
