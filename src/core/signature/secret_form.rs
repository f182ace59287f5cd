//! Secrets that were mangled between the dashboard and hookglass, and the secrets that they were meant to be.

use super::base64_reading::Base64Reading;

/// The prefixes of the secrets of webhooks and interceptors.
pub(super) const PREFIXES: [&str; 2] = ["whsec_", "insec_"];

/// Fewest and most bytes of a key in base64, as text.
const KEY_TEXT: std::ops::RangeInclusive<usize> = 32..=88;

/// How a text differs from a signing secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SecretForm {
    /// `NAME=whsec_…`, as in a line of `.env`.
    Assignment,
    /// Several secrets, or a secret and a comment.
    SeveralLines,
    /// `whsec_whsec_…`
    PrefixTwice,
    /// Base64 of the secret, or of its base64 part.
    EncodedTwice,
    /// What documentation has in the place of a secret, such as `your_webhook_secret`.
    Placeholder,
    /// What a dashboard shows instead of a secret, such as `whsec_••••`.
    Masked,
    /// The path of a file.
    Path,
}

impl SecretForm {
    pub const ALL: [Self; 7] = [
        Self::Assignment,
        Self::SeveralLines,
        Self::PrefixTwice,
        Self::EncodedTwice,
        Self::Placeholder,
        Self::Masked,
        Self::Path,
    ];

    /// The word of the reason.
    pub fn as_str(self) -> &'static str {
        self.words().0
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|form| form.as_str() == text)
    }

    /// A name for lists, of at most 16 columns.
    pub(super) fn short_name(self) -> &'static str {
        self.words().1
    }

    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Assignment => ("secret-assignment", "secret has NAME="),
            Self::SeveralLines => ("secret-several-lines", "several secrets"),
            Self::PrefixTwice => ("secret-prefix-twice", "whsec_ twice"),
            Self::EncodedTwice => ("secret-encoded-twice", "secret encoded"),
            Self::Placeholder => ("secret-placeholder", "no real secret"),
            Self::Masked => ("secret-masked", "masked secret"),
            Self::Path => ("secret-path", "secret is a path"),
        }
    }

    /// The form of `text`; `None` if it may be a secret.
    pub(crate) fn of(text: &str) -> Option<Self> {
        let bare = bare(text);
        let mut lines = bare.lines().filter(|line| !line.trim().is_empty());
        if lines.next().is_some() && !lines.all(is_base64) {
            return Some(Self::SeveralLines);
        }
        let rest = after_prefix(bare);
        if assigned(bare).is_some() {
            Some(Self::Assignment)
        } else if rest.is_some_and(|rest| after_prefix(rest).is_some()) {
            Some(Self::PrefixTwice)
        } else if decoded(bare).is_some() {
            Some(Self::EncodedTwice)
        } else if is_masked(rest.unwrap_or(bare)) {
            Some(Self::Masked)
        } else if is_placeholder(bare) {
            Some(Self::Placeholder)
        } else {
            (rest.is_none() && is_path(bare)).then_some(Self::Path)
        }
    }

    /// The secrets that `text` may have been meant to be, each with its form. A key that is itself the base64 of a key is only tried: it
    /// may be meant.
    pub(crate) fn candidates(text: &str) -> Vec<(Self, String)> {
        let again = key_again(bare(text)).map(|secret| (Self::EncodedTwice, secret));
        let form = Self::of(text);
        let meant = form.into_iter().flat_map(|form| form.meant(text).into_iter().map(move |secret| (form, secret)));
        meant.chain(again).collect()
    }

    /// The secrets that a text of this form may have been meant to be. None for a form that has lost the secret.
    fn meant(self, text: &str) -> Vec<String> {
        let bare = bare(text);
        let one = |secret: Option<&str>| secret.map(str::to_owned).into_iter().collect();
        match self {
            Self::Assignment => one(assigned(bare)),
            Self::SeveralLines => {
                let lines = bare.lines().map(|line| assigned(line.trim()).unwrap_or_else(|| self::bare(line)));
                lines.filter(|line| after_prefix(line).is_some()).map(str::to_owned).take(MOST_LINES).collect()
            }
            Self::PrefixTwice => one(after_prefix(bare)),
            Self::EncodedTwice => decoded(bare).into_iter().collect(),
            Self::Placeholder | Self::Masked | Self::Path => Vec::new(),
        }
    }
}

/// Most lines that are tried as secrets.
const MOST_LINES: usize = 16;

/// The text without white space, quotes and byte order marks around it.
fn bare(text: &str) -> &str {
    let is_around =
        |each: char| each.is_whitespace() || matches!(each, '"' | '\'' | '\u{201c}' | '\u{201d}' | '\u{feff}');
    text.trim_matches(is_around)
}

fn after_prefix(text: &str) -> Option<&str> {
    PREFIXES.into_iter().find_map(|prefix| {
        let (start, rest) = text.split_at_checked(prefix.len())?;
        start.eq_ignore_ascii_case(prefix).then_some(rest)
    })
}

/// The value of `NAME=value`, if it has the prefix of a secret.
fn assigned(text: &str) -> Option<&str> {
    let (name, value) = text.split_once('=')?;
    let value = bare(value);
    (!name.trim().is_empty() && after_prefix(value).is_some()).then_some(value)
}

/// The secret in base64 of all of it, with or without another prefix.
fn decoded(text: &str) -> Option<String> {
    let inner = base64_text(after_prefix(text).unwrap_or(text))?;
    after_prefix(bare(&inner)).is_some().then(|| bare(&inner).to_owned())
}

/// The secret in base64 of its base64 part.
fn key_again(text: &str) -> Option<String> {
    let rest = after_prefix(text)?;
    let inner = base64_text(rest)?;
    let is_key = KEY_TEXT.contains(&inner.len()) && is_base64(&inner);
    is_key.then(|| format!("{}{inner}", &text[..text.len() - rest.len()]))
}

/// The text that `encoded` is the base64 of.
fn base64_text(encoded: &str) -> Option<String> {
    const SHORTEST: usize = 8;
    let data = encoded.trim_end_matches('=');
    let is_encoded = data.len() >= SHORTEST && data.bytes().all(is_base64_byte);
    String::from_utf8(Base64Reading::Node.decode(data.as_bytes()).filter(|_| is_encoded)?).ok()
}

fn is_base64(text: &str) -> bool {
    text.trim().bytes().all(is_base64_byte)
}

fn is_base64_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'-')
}

fn is_masked(text: &str) -> bool {
    ["•••", "●●●", "···", "***", "...", "…"].iter().any(|mask| text.contains(mask))
}

fn is_placeholder(text: &str) -> bool {
    const WORDS: [&str; 12] = [
        "your",
        "xxx",
        "changeme",
        "change_me",
        "change-me",
        "replace",
        "placeholder",
        "example",
        "secret_here",
        "secret-here",
        "webhook_secret",
        "todo",
    ];
    let rest = after_prefix(text).unwrap_or(text);
    let mut characters = rest.chars();
    let first = characters.next();
    if rest.len() >= 3 && characters.all(|each| Some(each) == first) || text.starts_with(['<', '[', '{', '$']) {
        return true;
    }
    // A key of the right length is no placeholder, whatever its letters spell.
    if rest.len() < text.len() && KEY_TEXT.contains(&rest.len()) && is_base64(rest) {
        return false;
    }
    let lower = text.to_ascii_lowercase();
    WORDS.iter().any(|word| lower.contains(word))
}

fn is_path(text: &str) -> bool {
    let has_drive = matches!(text.as_bytes(), [drive, b':', b'\\' | b'/', ..] if drive.is_ascii_alphabetic());
    ["/", "./", "../", "~/", "file:"].iter().any(|start| text.starts_with(start)) || has_drive
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    /// [`KEY`] and the whole secret, encoded once more.
    const KEY_AGAIN: &str = "TWZLUTlyOEdLWXFyVHdqVVBEOElMUFpJbzJMYUxhU3c=";
    const SECRET_AGAIN: &str = "d2hzZWNfTWZLUTlyOEdLWXFyVHdqVVBEOElMUFpJbzJMYUxhU3c=";

    #[test]
    fn each_form_is_recognised_and_gives_back_the_secret_where_it_still_has_it() {
        let secret = format!("whsec_{KEY}");
        for (text, form) in [
            (format!("SCALEKIT_WEBHOOK_SECRET={secret}"), SecretForm::Assignment),
            (format!("export NAME = \"{secret}\"\n"), SecretForm::Assignment),
            (format!("{secret}\nwhsec_QUJD\n"), SecretForm::SeveralLines),
            (format!("# of production\nNAME='{secret}'"), SecretForm::SeveralLines),
            (format!("whsec_{secret}"), SecretForm::PrefixTwice),
            (format!("{SECRET_AGAIN}\n"), SecretForm::EncodedTwice),
            (format!("whsec_{SECRET_AGAIN}"), SecretForm::EncodedTwice),
        ] {
            assert_eq!(SecretForm::of(&text), Some(form), "{text}");
            assert!(form.meant(&text).contains(&secret), "{text}: {:?}", form.meant(&text));
        }
        let again = format!("whsec_{KEY_AGAIN}");
        assert_eq!(SecretForm::candidates(&again), [(SecretForm::EncodedTwice, secret)]);
        assert_eq!(SecretForm::of(&again), None, "it may be meant");
        for (text, form) in [
            ("whsec_••••••••", SecretForm::Masked),
            ("whsec_MfKQ...aSw", SecretForm::Masked),
            ("********", SecretForm::Masked),
            ("your_webhook_secret", SecretForm::Placeholder),
            ("whsec_xxx", SecretForm::Placeholder),
            ("whsec_your_secret_here", SecretForm::Placeholder),
            ("<signing secret>", SecretForm::Placeholder),
            ("${SCALEKIT_WEBHOOK_SECRET}", SecretForm::Placeholder),
            ("/run/secrets/webhook", SecretForm::Path),
            ("C:\\secrets\\webhook.txt", SecretForm::Path),
        ] {
            assert_eq!(SecretForm::of(text), Some(form), "{text}");
            assert_eq!(form.meant(text), Vec::<String>::new());
        }
        let repeated = format!("whsec_{}", "x".repeat(32));
        assert_eq!(SecretForm::of(&repeated), Some(SecretForm::Placeholder));
    }

    #[test]
    fn a_secret_has_no_such_form() {
        let spelled = "whsec_yourMfKQ9r8GKYqrTwjUPxxxILPZIo2L";
        for text in [&format!("whsec_{KEY}"), &format!("\"insec_{KEY}\"\n"), KEY, "whsec_", "", "test_abc", spelled] {
            assert_eq!(SecretForm::of(text), None, "{text}");
        }
        assert_eq!(SecretForm::of("whsec_MfKQ9r8GKYqrTwjU\nPD8ILPZIo2LaLaSw"), None, "wrapped base64");
    }
}
