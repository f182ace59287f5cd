//! The line that stays in the terminal when the screen has closed.

use crate::core::export::shell::push_word;
use crate::core::numbers::grouped;
use crate::core::printable::Printable;
use std::path::Path;

/// Where `count` events are, and the command that lists them. `flag`: the file named with `--db`.
pub(super) fn farewell(count: u64, database: &Path, flag: Option<&Path>) -> String {
    let mut command = "hookglass events".to_owned();
    if let Some(path) = flag {
        command.push_str(" --db ");
        push_word(&mut command, path.as_os_str().as_encoded_bytes());
    }
    let (events, are, them) = if count == 1 { ("event", "is", "it") } else { ("events", "are", "them") };
    let place = Printable::from_bytes(database.as_os_str().as_encoded_bytes());
    format!("{} {events} {are} in `{place}`; `{}` lists {them}", grouped(count), Printable::from_text(&command))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_names_the_file_only_if_the_user_did() {
        let path = Path::new("/data/it is.db");
        assert_eq!(farewell(1, path, None), "1 event is in `/data/it is.db`; `hookglass events` lists it");
        assert_eq!(
            farewell(1_284, path, Some(path)),
            "1,284 events are in `/data/it is.db`; `hookglass events --db '/data/it is.db'` lists them"
        );
    }
}
