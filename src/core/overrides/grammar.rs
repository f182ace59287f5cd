//! The grammar of overrides, for the command line, the configuration file and the screen.
//!
//! ```text
//! 503 delay:3s next:2 type:user.*     drop next:3     201 slow:8s     allow     deny:"not from this domain"     default
//! claims:{"plan":"pro"}     membership:org_1,admin
//! ```
//!
//! One word names the response. Without it the response is `default`. Terms come in any order, each at most once.

use crate::core::glob::Glob;
use crate::core::json;
use crate::core::overrides::literals::{Quoted, Time};
use crate::core::overrides::setting::{Decision, Delays, Directive, MAX_WAIT, Override, What};
use crate::core::reply::is_bodyless;
use crate::core::times::from_words;
use serde_json::value::RawValue;
use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;
use std::time::Duration;

/// Where the text of an override is wrong, and what was expected there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("column {column}: expected {expected}")]
pub struct OverrideError {
    /// In characters, from 1.
    pub column: usize,
    pub expected: &'static str,
}

const WHAT: &str =
    "a status from 200 to 599, `drop`, `allow`, `deny:\"message\"`, `claims:{…}`, `membership:org_…` or `default`";
const TERM: &str = "`delay:`, `slow:`, `next:` or `type:`";
const TIME: &str = "a time from `1ms` to `60s`";
const COUNT: &str = "a number of events, such as `2`";
const TYPE: &str = "a type, such as `user.*`";
const MESSAGE: &str = "a message, such as `deny:\"not from this domain\"`";
const CLAIMS: &str = "a JSON object, such as `claims:{\"plan\":\"pro\"}`";
const MEMBERSHIP: &str = "an organization and its roles, such as `membership:org_1,admin`";
const NO_BODY: &str = "no `slow:`, because this response has no body";
const VALUE: &str = "`:` and a value";
const ONCE: &str = "each term only once";
const CHANGE: &str = "something to change: a status, `drop`, `delay:` or `slow:`";

/// The terms read so far.
#[derive(Default)]
struct Terms {
    what: Option<What>,
    delay: Option<Duration>,
    slow: Option<Duration>,
    /// The column of `slow:`.
    slow_at: usize,
    types: Option<Glob>,
    next: Option<NonZeroU32>,
}

impl FromStr for Override {
    type Err = OverrideError;

    fn from_str(text: &str) -> Result<Self, OverrideError> {
        let column = |rest: &str| text[..text.len() - rest.len()].chars().count() + 1;
        let mut terms = Terms::default();
        let mut rest = text.trim_start();
        if rest.is_empty() {
            return Err(OverrideError { column: column(rest), expected: WHAT });
        }
        while !rest.is_empty() {
            rest = terms.take(rest, column)?.trim_start();
        }
        terms.setting(column(""))
    }
}

impl Terms {
    /// Reads the first term of `text` and returns the rest.
    fn take<'t>(&mut self, text: &'t str, column: impl Fn(&str) -> usize) -> Result<&'t str, OverrideError> {
        let at = column(text);
        let failed = |column, expected| Err(OverrideError { column, expected });
        let end = text.find(|c: char| c == ':' || c.is_whitespace()).unwrap_or(text.len());
        let (name, after) = text.split_at(end);
        let name = name.to_ascii_lowercase();
        let Some(after) = after.strip_prefix(':') else {
            let what = match name.as_str() {
                "default" => What::Default,
                "drop" => What::Drop,
                "allow" => What::Decision(Decision::Allow),
                "deny" => return failed(column(after), MESSAGE),
                "claims" => return failed(column(after), CLAIMS),
                "membership" => return failed(column(after), MEMBERSHIP),
                "delay" | "slow" | "next" | "type" => return failed(column(after), VALUE),
                _ => What::Status(status(&name).ok_or(OverrideError { column: at, expected: WHAT })?),
            };
            once(&mut self.what, what, at)?;
            return Ok(after);
        };
        let value_at = column(after);
        if name == "claims" {
            let (claims, rest) = object(after).ok_or(OverrideError { column: value_at, expected: CLAIMS })?;
            once(&mut self.what, What::Decision(Decision::Claims(claims)), at)?;
            return Ok(rest);
        }
        let (value, rest) = value(after, &column)?;
        let time = || duration(&value).ok_or(OverrideError { column: value_at, expected: TIME });
        match name.as_str() {
            "delay" => once(&mut self.delay, time()?, at)?,
            "slow" => {
                self.slow_at = at;
                once(&mut self.slow, time()?, at)?;
            }
            "next" => match value.parse() {
                Ok(next) => once(&mut self.next, next, at)?,
                Err(_) => return failed(value_at, COUNT),
            },
            "type" if value.is_empty() => return failed(value_at, TYPE),
            "type" => once(&mut self.types, Glob::new(value), at)?,
            "deny" if value.trim().is_empty() => return failed(value_at, MESSAGE),
            "deny" => once(&mut self.what, What::Decision(Decision::Deny { message: value }), at)?,
            "membership" => {
                let decision = membership(&value).ok_or(OverrideError { column: value_at, expected: MEMBERSHIP })?;
                once(&mut self.what, What::Decision(decision), at)?;
            }
            _ => return failed(at, if self.what.is_some() { TERM } else { WHAT }),
        }
        Ok(rest)
    }

    fn setting(self, end: usize) -> Result<Override, OverrideError> {
        let what = self.what.unwrap_or(What::Default);
        let has_no_body = what == What::Drop || matches!(what, What::Status(status) if is_bodyless(status));
        if has_no_body && self.slow.is_some() {
            return Err(OverrideError { column: self.slow_at, expected: NO_BODY });
        }
        let delays = Delays { delay: self.delay.unwrap_or_default(), slow: self.slow.unwrap_or_default() };
        let setting = Override { directive: Directive { what, delays }, types: self.types, next: self.next };
        if setting.is_default() && (setting.types.is_some() || setting.next.is_some()) {
            return Err(OverrideError { column: end, expected: CHANGE });
        }
        Ok(setting)
    }
}

/// Fills a slot that must be empty.
fn once<T>(slot: &mut Option<T>, value: T, column: usize) -> Result<(), OverrideError> {
    match slot.replace(value) {
        None => Ok(()),
        Some(_) => Err(OverrideError { column, expected: ONCE }),
    }
}

fn status(text: &str) -> Option<u16> {
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|status| is_number && (200..=599).contains(status))
}

/// `500ms`, `3s`, `1m`: above zero, at most [`MAX_WAIT`].
fn duration(text: &str) -> Option<Duration> {
    let time = from_words(text)?;
    (!time.is_zero() && time <= MAX_WAIT).then_some(time)
}

/// Reads a JSON object, and returns it in compact form with the rest.
fn object(text: &str) -> Option<(String, &str)> {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<&RawValue>();
    let object = values.next()?.ok()?.get();
    let rest = &text[values.byte_offset()..];
    let is_end = rest.is_empty() || rest.starts_with(char::is_whitespace);
    let compact = json::compact(object.as_bytes()).filter(|_| is_end && object.starts_with('{'))?;
    Some((String::from_utf8(compact).ok()?, rest))
}

/// `org_1,admin,member`: an organization and roles.
fn membership(text: &str) -> Option<Decision> {
    let mut parts = text.split(',').map(|part| part.trim().to_owned());
    let (organization, roles) = (parts.next()?, parts.collect::<Vec<_>>());
    let is_empty = organization.is_empty() || roles.iter().any(String::is_empty);
    (!is_empty).then_some(Decision::Membership { organization, roles })
}

/// Reads a value and returns it with the rest: a quoted text, in which `\` escapes the next character, or a run without white space.
fn value(text: &str, column: impl Fn(&str) -> usize) -> Result<(String, &str), OverrideError> {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find(char::is_whitespace).unwrap_or(text.len());
        return Ok((text[..end].to_owned(), &text[end..]));
    };
    let mut value = String::new();
    let mut characters = quoted.chars();
    while let Some(c) = characters.next() {
        match c {
            '"' => {
                let rest = characters.as_str();
                if rest.is_empty() || rest.starts_with(char::is_whitespace) {
                    return Ok((value, rest));
                }
                return Err(OverrideError { column: column(rest), expected: "a space after `\"`" });
            }
            '\\' => value.extend(characters.next()),
            c => value.push(c),
        }
    }
    Err(OverrideError { column: column(""), expected: "a closing `\"`" })
}

impl fmt::Display for Directive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.what {
            What::Default => f.write_str("default")?,
            What::Status(status) => write!(f, "{status}")?,
            What::Drop => f.write_str("drop")?,
            What::Decision(Decision::Allow) => f.write_str("allow")?,
            What::Decision(Decision::Claims(claims)) => write!(f, "claims:{claims}")?,
            What::Decision(Decision::Membership { organization, roles }) => {
                let parts: Vec<_> = std::iter::once(organization).chain(roles).map(String::as_str).collect();
                write!(f, "membership:{}", Quoted(&parts.join(",")))?;
            }
            What::Decision(Decision::Deny { message }) => write!(f, "deny:{}", Quoted(message))?,
        }
        for (name, time) in [("delay", self.delays.delay), ("slow", self.delays.slow)] {
            if !time.is_zero() {
                write!(f, " {name}:{}", Time(time))?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for Override {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.directive.fmt(f)?;
        if let Some(pattern) = self.types.as_ref().map(Glob::as_str) {
            let is_quoted = pattern.contains(char::is_whitespace) || pattern.starts_with('"');
            if is_quoted { write!(f, " type:{}", Quoted(pattern))? } else { write!(f, " type:{pattern}")? }
        }
        self.next.map_or(Ok(()), |next| write!(f, " next:{next}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_kind_is_read_with_its_terms_in_any_order() {
        let time = Duration::from_secs;
        let all = Override {
            directive: Directive { what: What::Status(503), delays: Delays { delay: time(3), slow: Duration::ZERO } },
            types: Some(Glob::new("user.*")),
            next: NonZeroU32::new(2),
        };
        let deny = |message: &str| Override::what(What::Decision(Decision::Deny { message: message.to_owned() }));
        let claims = |claims: &str| Override::what(What::Decision(Decision::Claims(claims.to_owned())));
        let member = |organization: &str, roles: &[&str]| {
            let roles = roles.iter().map(|role| (*role).to_owned()).collect();
            Override::what(What::Decision(Decision::Membership { organization: organization.to_owned(), roles }))
        };
        let slow = |what, slow| Override {
            directive: Directive { what, delays: Delays { delay: Duration::ZERO, slow } },
            ..Override::status(200)
        };
        for (text, setting) in [
            ("503", Override::status(503)),
            ("503 delay:3s next:2 type:user.*", all.clone()),
            ("  type:\"user.*\"  next:2 delay:3000ms 503 ", all),
            ("201 slow:8s", slow(What::Status(201), time(8))),
            ("slow:1m", slow(What::Default, time(60))),
            ("Drop", Override::what(What::Drop)),
            ("ALLOW", Override::what(What::Decision(Decision::Allow))),
            ("deny:no", deny("no")),
            (r#"DENY:"a \"b\" \\ c""#, deny(r#"a "b" \ c"#)),
            ("claims:{\"a\": [1, {}]}  next:2", Override { next: NonZeroU32::new(2), ..claims("{\"a\":[1,{}]}") }),
            ("membership:org_1", member("org_1", &[])),
            ("membership:\"Acme Ltd,admin, a b\"", member("Acme Ltd", &["admin", "a b"])),
            ("default", Override::what(What::Default)),
        ] {
            assert_eq!(text.parse(), Ok(setting), "{text}");
        }
    }

    #[test]
    fn errors_give_the_column_and_what_was_expected() {
        for (text, column, expected) in [
            ("", 1, WHAT),
            ("  ", 3, WHAT),
            ("199", 1, WHAT),
            ("600", 1, WHAT),
            ("+503", 1, WHAT),
            ("ü", 1, WHAT),
            ("next:2 nothing", 8, WHAT),
            ("503 500", 5, ONCE),
            ("503 next:1 next:2", 12, ONCE),
            ("503 colour:red", 5, TERM),
            ("colour:red", 1, WHAT),
            ("503 delay", 10, VALUE),
            ("503 delay:3", 11, TIME),
            ("503 delay:0s", 11, TIME),
            ("503 delay:61s", 11, TIME),
            ("503 delay:-1s", 11, TIME),
            ("503 slow:99999999999999999999s", 10, TIME),
            ("503 next:0", 10, COUNT),
            ("503 next:", 10, COUNT),
            ("503 type:", 10, TYPE),
            ("deny", 5, MESSAGE),
            ("deny:\" \"", 6, MESSAGE),
            ("claims:[1]", 8, CLAIMS),
            ("claims:{\"a\":1}x", 8, CLAIMS),
            ("claims", 7, CLAIMS),
            ("membership:org_1,", 12, MEMBERSHIP),
            ("deny:\"é open", 13, "a closing `\"`"),
            ("deny:\"a\"b", 9, "a space after `\"`"),
            ("drop slow:3s", 6, NO_BODY),
            ("slow:3s 204", 1, NO_BODY),
            ("default next:2", 15, CHANGE),
        ] {
            assert_eq!(text.parse::<Override>(), Err(OverrideError { column, expected }), "{text}");
        }
    }

    fn setting() -> impl Strategy<Value = Override> {
        let message = ".*".prop_filter("a message is not blank", |text| !text.trim().is_empty());
        let what = prop_oneof![
            (200..600u16).prop_map(What::Status),
            Just(What::Drop),
            Just(What::Decision(Decision::Allow)),
            message.prop_map(|message| What::Decision(Decision::Deny { message })),
            (".*", any::<u8>()).prop_map(|(key, value)| {
                What::Decision(Decision::Claims(serde_json::json!({ key: value }).to_string()))
            }),
            prop::collection::vec("[^, \\s][^,\\s]*", 1..4).prop_map(|mut roles| {
                let organization = roles.remove(0);
                What::Decision(Decision::Membership { organization, roles })
            }),
        ];
        let time = || prop::option::of(1..=60_000u64);
        let next = prop::option::of(1..u32::MAX);
        (what, time(), time(), prop::option::of(".+"), next).prop_map(|(what, delay, slow, types, next)| {
            let slow = match what {
                What::Drop | What::Status(204 | 205 | 304) => None,
                _ => slow,
            };
            let time = |time: Option<u64>| Duration::from_millis(time.unwrap_or_default());
            let delays = Delays { delay: time(delay), slow: time(slow) };
            Override {
                directive: Directive { what, delays },
                types: types.map(Glob::new),
                next: next.and_then(NonZeroU32::new),
            }
        })
    }

    proptest! {
        #[test]
        fn every_override_reads_back_as_written(setting in setting()) {
            prop_assert_eq!(setting.to_string().parse(), Ok(setting));
        }

        #[test]
        fn no_text_panics_and_every_error_points_into_it(text in "[ 0-9a-z:\"\\\\é]{0,30}") {
            if let Err(error) = text.parse::<Override>() {
                prop_assert!((1..=text.chars().count() + 1).contains(&error.column));
            }
        }
    }
}
