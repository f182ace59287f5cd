//! The line that stays in the terminal when the screen has closed.

use crate::core::export::shell::push_word;
use crate::core::numbers::grouped;
use crate::core::printable::Printable;
use std::path::Path;

/// Where the events are, and the command that lists them. `count`: how many, if all of them were counted. `named`: the file that
/// `hookglass events` must be told, because it would open another one.
pub(super) fn farewell(count: Option<u64>, database: &Path, named: Option<&Path>) -> String {
    let mut command = "hookglass events".to_owned();
    if let Some(path) = named {
        command.push_str(" --db ");
        push_word(&mut command, path.as_os_str().as_encoded_bytes());
    }
    let (events, them) = match count {
        Some(1) => ("1 event is".to_owned(), "it"),
        Some(count) => (format!("{} events are", grouped(count)), "them"),
        None => ("the events are".to_owned(), "them"),
    };
    let place = Printable::from_bytes(database.as_os_str().as_encoded_bytes());
    format!("{events} in `{place}`; `{}` lists {them}", Printable::from_text(&command))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_names_the_file_only_if_it_must() {
        let path = Path::new("/data/it is.db");
        assert_eq!(farewell(Some(1), path, None), "1 event is in `/data/it is.db`; `hookglass events` lists it");
        assert_eq!(
            farewell(Some(1_284), path, Some(path)),
            "1,284 events are in `/data/it is.db`; `hookglass events --db '/data/it is.db'` lists them"
        );
    }

    #[test]
    fn events_that_were_not_all_loaded_are_not_counted() {
        let said = farewell(None, Path::new("/data/events.db"), None);
        assert_eq!(said, "the events are in `/data/events.db`; `hookglass events` lists them");
    }
}
