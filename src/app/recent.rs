//! The file beside the history with what the user typed last. It is a convenience: without it, or if it is broken, hookglass starts
//! without memories.

use crate::config::reading::{self, MAX_TEXT, Source};
use crate::core::recent::Recent;
use std::ffi::OsString;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// `None` while the history is kept only until hookglass exits.
#[derive(Clone, Debug, Default)]
pub struct RecentFile(Option<Arc<Mutex<PathBuf>>>);

impl RecentFile {
    /// The file of the history at `database`.
    pub fn beside(database: &Path) -> Self {
        let mut name: OsString = database.as_os_str().to_owned();
        name.push(".recent.json");
        Self(Some(Arc::new(Mutex::new(name.into()))))
    }

    pub fn read(&self) -> Recent {
        let read = || {
            let path = self.0.as_ref()?.lock().unwrap_or_else(PoisonError::into_inner).clone();
            let contents = reading::read(&path, Source::File, MAX_TEXT).ok()?;
            Recent::parse(&contents.bytes)
        };
        read().unwrap_or_default()
    }

    /// Replaces the file in one step. Only the user can read it.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write(&self, recent: &Recent) -> io::Result<()> {
        let Some(path) = &self.0 else { return Ok(()) };
        // One writer at a time, so that the newest memory stays.
        let path = path.lock().unwrap_or_else(PoisonError::into_inner);
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        file.write_all(recent.to_json().as_bytes())?;
        file.persist(&*path).map(drop).map_err(|error| error.error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_typed_last_is_read_back() {
        let folder = tempfile::tempdir().unwrap();
        let file = RecentFile::beside(&folder.path().join("events.db"));
        assert_eq!(file.read(), Recent::default());
        let recent = Recent { sample: Some("user.login".to_owned()), ..Recent::default() };
        file.write(&recent).unwrap();
        assert_eq!(file.read(), recent);
        let names: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(names, ["events.db.recent.json"]);
        assert_eq!(RecentFile::default().read(), Recent::default());
        std::fs::remove_file(folder.path().join("events.db.recent.json")).unwrap();
        std::fs::create_dir(folder.path().join("events.db.recent.json")).unwrap();
        assert_eq!(file.read(), Recent::default());
        std::fs::remove_dir(folder.path().join("events.db.recent.json")).unwrap();
        RecentFile::default().write(&recent).unwrap();
    }
}
