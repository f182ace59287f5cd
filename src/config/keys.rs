//! The keys of the configuration file, in one table: `hookglass config`, its JSON schema, the reference and the hints all come from it.
//! A test compares it with the fields of [`Layer`](super::Layer).

use crate::core::colours::{Colours, ThemeName};
use crate::core::delivery::{ForwardMode, Forwarded, MAX_PARALLEL};
use crate::core::nearest::nearest;
use crate::core::provider::time_limit_text;
use std::fmt;

/// A key of the file.
pub struct Key {
    pub name: &'static str,
    /// An older name that still works.
    pub old_name: Option<&'static str>,
    pub kind: Kind,
    pub value: Value,
    /// The flag that wins over the key, if there is one.
    pub flag: Option<&'static str>,
    /// What the key sets. One sentence a line.
    pub help: &'static [&'static str],
}

/// The values that a key takes.
pub enum Kind {
    Integer {
        least: u64,
        most: u64,
    },
    Boolean,
    Words(fn() -> Vec<&'static str>),
    Text,
    IpAddress,
    Path,
    Paths,
    /// A text, a number up to 65535, or a list of them.
    Texts,
    /// A table of names and filters.
    Filters,
    /// A table of colours by their names.
    Colours,
    /// A table of actions and their keys on the screen.
    Keys,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Integer { least, most } => write!(f, "a number from {least} to {most}"),
            Self::Boolean => f.write_str("true or false"),
            Self::Words(words) => {
                let words: Vec<_> = words().iter().map(|word| format!("\"{word}\"")).collect();
                f.write_str(&words.join(" or "))
            }
            Self::Text => f.write_str("a string"),
            Self::IpAddress => f.write_str("an IP address in quotes"),
            Self::Path => f.write_str("a path"),
            Self::Paths => f.write_str("a list of paths"),
            Self::Texts => f.write_str("a string, a number, or a list of them"),
            Self::Filters => f.write_str("a table of names and filters"),
            Self::Colours => write!(f, "a table with some of the colours {}", Colours::NAMES.join(", ")),
            Self::Keys => f.write_str("a table of actions and keys; a list gives an action several"),
        }
    }
}

/// What holds when the file does not set the key.
pub enum Value {
    /// The default, as TOML.
    Default(&'static str),
    Unset {
        /// What hookglass does then.
        meaning: &'static str,
        /// A value, as TOML.
        example: &'static str,
    },
}

impl Value {
    /// The default or else the example, as TOML.
    pub fn toml(&self) -> &'static str {
        match self {
            Self::Default(toml) | Self::Unset { example: toml, .. } => toml,
        }
    }
}

const NO_SECRETS: &str = "only the secret in `SCALEKIT_WEBHOOK_SECRET` verifies requests";

impl Key {
    /// The key whose name looks most like `name`, if one looks like it at all.
    pub(crate) fn nearest(name: &str) -> Option<&'static Self> {
        nearest(name, KEYS.iter().map(|key| (key.name, key)))
    }
}

/// Every key, in the order of [`Layer`](super::Layer).
pub const KEYS: &[Key] = &[
    Key {
        name: "port",
        old_name: None,
        kind: Kind::Integer { least: 0, most: u16::MAX as u64 },
        value: Value::Default("3000"),
        flag: Some("--port"),
        help: &["The port to listen on.", "0 picks a free one."],
    },
    Key {
        name: "bind",
        old_name: None,
        kind: Kind::IpAddress,
        value: Value::Default("\"127.0.0.1\""),
        flag: Some("--bind"),
        help: &["The IP address to listen on.", "With any but a loopback address, other machines can post events."],
    },
    Key {
        name: "db",
        old_name: None,
        kind: Kind::Path,
        value: Value::Unset {
            meaning: "hookglass uses `hookglass/events.db` in your data folder",
            example: "\"events.db\"",
        },
        flag: Some("--db"),
        help: &["The database file of the history."],
    },
    Key {
        name: "secret_files",
        old_name: None,
        kind: Kind::Paths,
        value: Value::Unset { meaning: NO_SECRETS, example: "[\"secret\"]" },
        flag: Some("--secret-file"),
        help: &["Files with one signing secret each.", "One newline at the end of a file is ignored."],
    },
    Key {
        name: "known_secret_files",
        old_name: None,
        kind: Kind::Paths,
        value: Value::Unset { meaning: "hookglass knows no other secrets", example: "[\"old-secret\"]" },
        flag: Some("--known-secret-file"),
        help: &[
            "Files with old secrets, or with those of other endpoints.",
            "They never verify a request: hookglass only tells you when one of them signed it.",
        ],
    },
    Key {
        name: "public_url",
        old_name: None,
        kind: Kind::Text,
        value: Value::Unset {
            meaning: "hookglass asks the ngrok and cloudflared agents on this machine",
            example: "\"https://hooks.example.com/webhooks/scalekit\"",
        },
        flag: Some("--public-url"),
        help: &["The public URL of the listener, to show and copy."],
    },
    Key {
        name: "target",
        old_name: None,
        kind: Kind::Text,
        value: Value::Unset {
            meaning: "hookglass asks for it",
            example: "\"http://localhost:4000/webhooks/scalekit\"",
        },
        flag: Some("--target"),
        help: &["Where the key `r` on the screen re-delivers events: a URL, host:port or port."],
    },
    Key {
        name: "forward_to",
        old_name: None,
        kind: Kind::Texts,
        value: Value::Unset { meaning: "hookglass forwards nothing", example: "[\"user.*=4001\", \"4000\"]" },
        flag: Some("--forward-to"),
        help: &[
            "Where to forward events as they arrive: a URL, host:port or port, or a list of them.",
            "A type in front, such as \"user.*=4000\", limits a target to events of matching types.",
            "An event goes to every target that matches.",
        ],
    },
    Key {
        name: "forward_mode",
        old_name: None,
        kind: Kind::Words(|| ForwardMode::ALL.map(ForwardMode::as_str).to_vec()),
        value: Value::Default("\"after\""),
        flag: Some("--forward-mode"),
        help: &[
            "Who responds to senders.",
            "\"after\": hookglass responds at once, then forwards.",
            concat!("\"through\": the sender gets the response of your app, within ", time_limit_text!(), "."),
        ],
    },
    Key {
        name: "forward",
        old_name: None,
        kind: Kind::Words(|| Forwarded::ALL.map(Forwarded::as_str).to_vec()),
        value: Value::Default("\"verified\""),
        flag: Some("--forward"),
        help: &[
            "Which events to forward.",
            "With \"all\", anyone who knows your public URL can send requests to your app.",
        ],
    },
    Key {
        name: "forward_parallel",
        old_name: None,
        kind: Kind::Integer { least: 1, most: MAX_PARALLEL as u64 },
        value: Value::Default("1"),
        flag: Some("--forward-parallel"),
        help: &["Concurrent deliveries per target.", "Above 1, events may arrive out of order."],
    },
    Key {
        name: "keep_path",
        old_name: None,
        kind: Kind::Boolean,
        value: Value::Default("false"),
        flag: Some("--keep-path"),
        help: &["Whether to keep the request's path instead of the path in the target URL."],
    },
    Key {
        name: "keep_alive",
        old_name: None,
        kind: Kind::Boolean,
        value: Value::Default("true"),
        flag: Some("--no-keep-alive"),
        help: &["Whether connections to your app stay open for the next request.", "`send` and `replay` use it too."],
    },
    Key {
        name: "resume_forwarding",
        old_name: None,
        kind: Kind::Boolean,
        value: Value::Default("false"),
        flag: Some("--resume-forwarding"),
        help: &["Whether to forward at startup, unasked, what was still queued when hookglass ended."],
    },
    Key {
        name: "headers",
        old_name: None,
        kind: Kind::Texts,
        value: Value::Unset {
            meaning: "your app gets the headers of the event",
            example: "[\"Host: app.test\", \"x-bypass-token: 123\"]",
        },
        flag: Some("--header"),
        help: &[
            "Headers to add to every request to your app. Each replaces the headers of its name.",
            "hookglass sends the values, but never shows or stores them, except that of `Host`.",
        ],
    },
    Key {
        name: "insecure",
        old_name: None,
        kind: Kind::Boolean,
        value: Value::Default("false"),
        flag: Some("--insecure"),
        help: &["Whether to accept any certificate from an app at a loopback address."],
    },
    Key {
        name: "ca",
        old_name: None,
        kind: Kind::Path,
        value: Value::Unset { meaning: "hookglass trusts the system's certificates", example: "\"app.pem\"" },
        flag: Some("--ca"),
        help: &[
            "A PEM file with certificates to trust besides the system's.",
            "A certificate in it may be the app's own or that of its issuer.",
        ],
    },
    Key {
        name: "override",
        old_name: Some("answer"),
        kind: Kind::Texts,
        value: Value::Unset { meaning: "hookglass or your app responds", example: "\"503 next:2\"" },
        flag: Some("--override"),
        help: &[
            "The response to senders, in the words of `--override`, or a status such as 503.",
            "A list may have two: one for interceptors (`allow` or `deny:`) and one for other events.",
        ],
    },
    Key {
        name: "log",
        old_name: None,
        kind: Kind::Path,
        value: Value::Unset { meaning: "hookglass writes no log", example: "\"hookglass.log\"" },
        flag: Some("--log"),
        help: &[
            "The log for bug reports. It has no secrets and no contents of events.",
            "`HOOKGLASS_LOG` sets the levels, such as `info,store=debug`.",
        ],
    },
    Key {
        name: "fixtures",
        old_name: None,
        kind: Kind::Path,
        value: Value::Unset { meaning: "hookglass uses `fixtures` in the current folder", example: "\"fixtures\"" },
        flag: Some("--fixtures"),
        help: &["The folder that the key `s` on the screen saves events to, as fixtures."],
    },
    Key {
        name: "keep",
        old_name: None,
        kind: Kind::Text,
        value: Value::Unset { meaning: "hookglass keeps all events", example: "\"30d\"" },
        flag: Some("--keep"),
        help: &[
            "How long, or how many, events stay in the history: \"30d\", \"12h\", \"100000\".",
            "Older ones are deleted for good while hookglass listens. Pinned events stay.",
        ],
    },
    Key {
        name: "max_size",
        old_name: None,
        kind: Kind::Text,
        value: Value::Unset { meaning: "the history may have any size", example: "\"2GB\"" },
        flag: Some("--max-size"),
        help: &["Above about this size, the oldest events are deleted for good while hookglass listens."],
    },
    Key {
        name: "filters",
        old_name: None,
        kind: Kind::Filters,
        value: Value::Unset {
            meaning: "no filter is saved",
            example: "{ failed-deletes = \"is:failed type:*.deleted\" }",
        },
        flag: None,
        help: &[
            "Filters with names: `@failed-deletes` on the screen or in `--filter` stands for the filter.",
            "A name has lower-case letters, digits, `-` and `_`. A saved filter cannot use another one.",
        ],
    },
    Key {
        name: "theme",
        old_name: None,
        kind: Kind::Words(|| ThemeName::ALL.map(ThemeName::as_str).to_vec()),
        value: Value::Default("\"terminal\""),
        flag: None,
        help: &[
            "The colours of the screen. \"terminal\" uses those that your terminal is set to.",
            "The others have a background of their own. `NO_COLOR` wins over all of them.",
        ],
    },
    Key {
        name: "colors",
        old_name: None,
        kind: Kind::Colours,
        value: Value::Unset { meaning: "the theme decides", example: "{ green = \"#2a7533\", red = \"#b8262c\" }" },
        flag: None,
        help: &[
            "Colours that replace those of the theme.",
            "`dim` is for less important text, `black` for text on a coloured background.",
        ],
    },
    Key {
        name: "keys",
        old_name: None,
        kind: Kind::Keys,
        value: Value::Unset {
            meaning: "every action has the key in the help",
            example: "{ redeliver = \"Ctrl-r\", suspend = [] }",
        },
        flag: None,
        help: &[
            "Other keys for actions of the screen. docs/reference/keys.md lists the names of the actions.",
            "Menus keep their letters, and Ctrl-c always quits.",
        ],
    },
];

#[cfg(test)]
mod tests {
    use super::super::{Layer, Settings};
    use super::*;
    use std::collections::BTreeSet;
    use std::path::Path;

    fn parse(text: &str) -> Layer {
        Layer::parse(text, Path::new("config.toml")).unwrap()
    }

    #[test]
    fn the_table_has_the_fields_of_the_layer() {
        let error = toml::from_str::<Layer>("no_such_key = 1").unwrap_err();
        let (_, known) = error.message().split_once("expected one of ").unwrap();
        let known: BTreeSet<_> = known.split(", ").map(|name| name.trim_matches('`')).collect();
        let names: BTreeSet<_> = KEYS.iter().flat_map(|key| [Some(key.name), key.old_name]).flatten().collect();
        assert_eq!(names, known);
    }

    #[test]
    fn a_mistyped_key_has_a_nearest_one() {
        for (typed, nearest) in [
            ("prot", Some("port")),
            ("forward-to", Some("forward_to")),
            ("secret_file", Some("secret_files")),
            ("overide", Some("override")),
            ("zebra", None),
            ("", None),
        ] {
            assert_eq!(Key::nearest(typed).map(|key| key.name), nearest, "{typed}");
        }
    }

    #[test]
    fn every_example_is_valid() {
        for key in KEYS {
            for name in [Some(key.name), key.old_name].into_iter().flatten() {
                let layer = parse(&format!("{name} = {}", key.value.toml()));
                assert_eq!(layer.set_keys(), [key.name]);
                assert_ne!(layer, Layer::default(), "{name}");
                assert!(Settings::merge(Layer::default(), &layer).is_ok(), "{name}");
            }
        }
    }

    #[test]
    fn a_word_that_the_table_lists_is_valid_and_so_are_both_ends_of_a_range() {
        for key in KEYS {
            let valid = match key.kind {
                Kind::Words(words) => words().iter().map(|word| format!("\"{word}\"")).collect(),
                Kind::Integer { least, most } => vec![least.to_string(), most.to_string()],
                _ => continue,
            };
            for value in valid {
                parse(&format!("{} = {value}", key.name));
            }
            if let Kind::Integer { most, .. } = key.kind {
                let above = format!("{} = {}", key.name, most + 1);
                assert!(Layer::parse(&above, Path::new("config.toml")).is_err(), "{above}");
            }
        }
    }
}
