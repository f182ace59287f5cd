//! What was saved of a damaged history, in numbers and in words.

use std::fmt;
use std::path::{Path, PathBuf};

/// What was saved, and where the damaged file is now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Salvaged {
    /// The history, which is a new file.
    pub path: PathBuf,
    /// The damaged file, which was moved here.
    pub damaged: PathBuf,
    pub copied: Copied,
}

/// How much was copied. Unreadable rows cannot be counted, so the totals are the highest known numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Copied {
    pub events: u64,
    pub of_events: u64,
    pub deliveries: u64,
    pub of_deliveries: u64,
    /// Events with new summaries, made from their bytes. They are unchecked until all events are verified again.
    pub summarised: u64,
}

impl fmt::Display for Salvaged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, damaged, copied } = self;
        write!(f, "the history `{}` was damaged: hookglass saved {copied} in a new file", path.display())?;
        write!(f, " and renamed the damaged one to `{}`", damaged.display())?;
        match copied.summarised {
            0 => Ok(()),
            1 => f.write_str("; 1 of these events has an estimated time and is unchecked until hookglass verifies it"),
            count => {
                write!(
                    f,
                    "; {count} of these events have an estimated time and are unchecked until hookglass verifies them"
                )
            }
        }
    }
}

/// The message after a start that completed the repair of an earlier run. `damaged` is the new path of the damaged file.
pub(in crate::store) fn completed_notice(path: &Path, damaged: &Path) -> String {
    let (path, damaged) = (path.display(), damaged.display());
    format!(
        "the history `{path}` was damaged: hookglass completed the repair that an earlier run had begun and renamed the damaged \
         file to `{damaged}`"
    )
}

impl fmt::Display for Copied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&amount(self.events, self.of_events, "event", "events"))?;
        if self.of_deliveries > 0 {
            write!(f, " and {}", amount(self.deliveries, self.of_deliveries, "delivery", "deliveries"))?;
        }
        Ok(())
    }
}

fn amount(count: u64, of: u64, one: &str, many: &str) -> String {
    match (count, of) {
        (0, 0) => format!("no {many}"),
        (1, 1) => format!("the only {one}"),
        _ if count >= of => format!("all {count} {many}"),
        _ => format!("{count} of about {of} {many}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_gives_the_saved_and_the_known_number() {
        let copied = |events, of_events, deliveries, of_deliveries| {
            Copied { events, of_events, deliveries, of_deliveries, summarised: 0 }.to_string()
        };
        assert_eq!(copied(0, 0, 0, 0), "no events");
        assert_eq!(copied(1, 1, 2, 2), "the only event and all 2 deliveries");
        assert_eq!(copied(997, 1000, 0, 1), "997 of about 1000 events and 0 of about 1 deliveries");
    }

    #[test]
    fn the_text_says_how_many_events_have_an_estimated_time() {
        let text = |summarised| {
            let copied = Copied { events: 9, of_events: 9, deliveries: 0, of_deliveries: 0, summarised };
            Salvaged { path: "a".into(), damaged: "b".into(), copied }.to_string()
        };
        assert!(text(0).ends_with("renamed the damaged one to `b`"));
        assert!(
            text(1).ends_with("; 1 of these events has an estimated time and is unchecked until hookglass verifies it")
        );
        assert!(
            text(2).ends_with(
                "; 2 of these events have an estimated time and are unchecked until hookglass verifies them"
            )
        );
    }
}
