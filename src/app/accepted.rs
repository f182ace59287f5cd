//! The file `accepted.toml` beside the history, with the differences from the documentation that the developer accepts.

use crate::config::reading::{self, MAX_TEXT, ReadError, Source};
use crate::core::check::{AcceptError, Acceptance, Accepted, with, without};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

const NAME: &str = "accepted.toml";

/// Why the file cannot be read or changed.
#[derive(Debug, thiserror::Error)]
pub enum AcceptedError {
    #[error("cannot read `{}`", path.display())]
    Read { path: PathBuf, source: ReadError },
    #[error("`{}` is not UTF-8 text", .0.display())]
    NotText(PathBuf),
    #[error("cannot use `{}`", path.display())]
    Text { path: PathBuf, source: AcceptError },
    #[error("cannot write `{}`", path.display())]
    Write { path: PathBuf, source: io::Error },
}

impl AcceptedError {
    /// What to do now.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Read { .. } | Self::Write { .. } => "check the permissions of the file and its folder",
            Self::NotText(_) => "save the file as UTF-8, or delete it",
            Self::Text { source: AcceptError::OtherForm, .. } => "change the file in an editor",
            Self::Text { .. } => "correct the file, or delete it: until then, nothing is accepted",
        }
    }
}

/// The file, and what it accepted when it was read last. Clones share both.
#[derive(Clone, Default)]
pub struct AcceptedFile(Arc<Inner>);

#[derive(Default)]
struct Inner {
    /// `None` while the history is kept only until hookglass exits.
    path: Option<PathBuf>,
    last: Mutex<Last>,
}

#[derive(Default)]
struct Last {
    accepted: Arc<Accepted>,
    /// Instead of the file.
    text: String,
}

impl AcceptedFile {
    /// The file of the history at `database`. Other histories in its folder have the same one.
    pub fn beside(database: &Path) -> Self {
        Self(Arc::new(Inner { path: Some(database.with_file_name(NAME)), last: Mutex::default() }))
    }

    /// Whether what is accepted outlives this run.
    pub fn is_stored(&self) -> bool {
        self.0.path.is_some()
    }

    /// What was accepted when the file was read last.
    pub fn get(&self) -> Arc<Accepted> {
        self.0.last.lock().unwrap_or_else(PoisonError::into_inner).accepted.clone()
    }

    /// Reads the file. A missing one accepts nothing.
    ///
    /// # Errors
    /// When it cannot be read or is not of the right form. What was read before stays.
    pub fn read(&self) -> Result<Arc<Accepted>, AcceptedError> {
        let mut last = self.0.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(path) = &self.0.path {
            let accepted = Accepted::parse(&text_of(path)?);
            last.accepted = Arc::new(accepted.map_err(|source| AcceptedError::Text { path: path.clone(), source })?);
        }
        Ok(last.accepted.clone())
    }

    /// Accepts these differences, or no longer. Replaces the file in one step; only the user can read it.
    ///
    /// # Errors
    /// When the file cannot be read, changed or written. It is as before then.
    pub fn change(&self, acceptances: &[Acceptance], is_accepted: bool) -> Result<(), AcceptedError> {
        // One change at a time.
        let mut last = self.0.last.lock().unwrap_or_else(PoisonError::into_inner);
        let path = self.0.path.as_ref();
        let before = path.map_or_else(|| Ok(last.text.clone()), |path| text_of(path))?;
        let changed = if is_accepted { with(&before, acceptances) } else { without(&before, acceptances) };
        let parsed = changed.and_then(|text| Accepted::parse(&text).map(|accepted| (text, accepted)));
        let (text, accepted) = parsed.map_err(|source| {
            let path = path.cloned().unwrap_or_else(|| NAME.into());
            AcceptedError::Text { path, source }
        })?;
        match path {
            Some(path) => {
                replace(path, &text).map_err(|source| AcceptedError::Write { path: path.clone(), source })?;
            }
            None => last.text = text,
        }
        last.accepted = Arc::new(accepted);
        Ok(())
    }
}

/// The text of the file; empty if it is missing.
fn text_of(path: &Path) -> Result<String, AcceptedError> {
    let bytes = match reading::read(path, Source::File, MAX_TEXT) {
        Err(ReadError::Io(error)) if error.kind() == io::ErrorKind::NotFound => return Ok(String::new()),
        Ok(contents) => contents.bytes,
        Err(source) => return Err(AcceptedError::Read { path: path.to_owned(), source }),
    };
    String::from_utf8(bytes).map_err(|_| AcceptedError::NotText(path.to_owned()))
}

fn replace(path: &Path, text: &str) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    file.persist(path).map(drop).map_err(|error| error.error)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn acceptance() -> Acceptance {
        Acceptance { event_type: "a.b".into(), check: "unknown-field".into(), path: "data.x".into(), value: None }
    }

    #[test]
    fn a_change_is_on_disk_and_a_broken_file_stays_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let (database, path) = (folder.path().join("events.db"), folder.path().join(NAME));
        let file = AcceptedFile::beside(&database);
        assert!(file.read().unwrap().is_empty() && file.is_stored() && !path.exists());
        file.change(&[acceptance()], true).unwrap();
        assert!(file.get().has(&acceptance()));
        assert!(AcceptedFile::beside(&database).read().unwrap().has(&acceptance()));
        fs::write(&path, "version = 9\n").unwrap();
        for error in [file.read().unwrap_err(), file.change(&[], true).unwrap_err()] {
            assert!(
                matches!(error, AcceptedError::Text { source: AcceptError::Unreadable { line: 1, .. }, .. }),
                "{error}"
            );
        }
        assert_eq!(fs::read(&path).unwrap(), b"version = 9\n");
        assert!(file.get().has(&acceptance()), "what was read before stays");
        fs::write(&path, b"\xff").unwrap();
        assert!(matches!(file.read(), Err(AcceptedError::NotText(_))));
    }

    #[test]
    fn without_a_file_it_is_known_until_the_end() {
        let file = AcceptedFile::default();
        file.change(&[acceptance()], true).unwrap();
        assert!(file.get().has(&acceptance()) && file.read().unwrap().has(&acceptance()) && !file.is_stored());
        file.change(&[acceptance()], false).unwrap();
        assert!(file.get().is_empty());
    }
}
