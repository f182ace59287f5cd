//! The log for bug reports, `--log FILE`: what happens when, and how long it takes.
//!
//! It holds nothing that a person sent or typed: no secret, header value, body, path, query or e-mail address. So an event of the log has
//! only numbers, words from hookglass's own tables, addresses that it listens on, and the host and port of a target. Text that may quote
//! something foreign goes through [`told()`]. Only events with one of [`TARGETS`] are written, none of other crates.

mod file;
mod tail;
mod told;

pub use file::LogError;
use file::LogFile;
pub(crate) use tail::last_lines;
pub use told::told;

use std::path::Path;
use std::str::FromStr;
use std::sync::Mutex;
use tracing_subscriber::filter::{FilterExt, Targets, filter_fn};
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;

/// The start and the end of hookglass.
pub const PROCESS: &str = "process";
/// Requests and responses of the listener.
pub const REQUEST: &str = "request";
/// Writes to the history.
pub const STORE: &str = "store";
/// Requests to apps.
pub const DELIVERY: &str = "delivery";
/// Frames of the screen.
pub const SCREEN: &str = "screen";

/// What `HOOKGLASS_LOG` can set a level for.
pub const TARGETS: [&str; 5] = [PROCESS, REQUEST, STORE, DELIVERY, SCREEN];
/// The variable with the levels.
pub const LEVELS: &str = "HOOKGLASS_LOG";
const DEFAULT_LEVELS: &str = "info";

/// Starts to log to the file at `path`, with `levels` such as `info,store=debug`.
///
/// # Errors
/// When the file cannot be opened, or the levels are invalid.
pub fn start(path: &Path, levels: Option<&str>) -> Result<(), LogError> {
    let levels = parse(levels.unwrap_or(DEFAULT_LEVELS))?;
    let file = LogFile::open(path)?;
    let is_ours = filter_fn(|metadata| TARGETS.contains(&metadata.target()));
    let layer = tracing_subscriber::fmt::layer().with_ansi(false).with_writer(Mutex::new(file));
    // Only a test starts twice in one process.
    let _ = tracing_subscriber::registry().with(layer.with_filter(levels.and(is_ours))).try_init();
    Ok(())
}

fn parse(levels: &str) -> Result<Targets, LogError> {
    let failed = || LogError::Levels { text: levels.to_owned() };
    let parsed = Targets::from_str(levels).map_err(|_| failed())?;
    let is_known = |target: &str| TARGETS.contains(&target);
    if parsed.iter().all(|(target, _)| is_known(target)) { Ok(parsed) } else { Err(failed()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_for_all_or_for_one_target() {
        for (levels, is_valid) in [
            ("info", true),
            ("off", true),
            ("warn,store=debug", true),
            ("request=trace", true),
            ("loud", false),
            ("info,listener=debug", false),
            ("store=loud", false),
        ] {
            assert_eq!(parse(levels).is_ok(), is_valid, "{levels}");
        }
    }
}
