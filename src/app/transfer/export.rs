//! Writes events in one of the formats of [`ExportFormat`], one event after the other. A file has its name only once it is complete.

use crate::app::fixtures::folder::{FixtureFolder, SaveError, Saved};
use crate::core::delivery::{Delivery, Origin};
use crate::core::errors::with_causes;
use crate::core::event::{Event, Seq};
use crate::core::export::{
    ExportFormat, HAR_END, HAR_SEPARATOR, NoBody, har_entry, har_start, mask_credentials, mask_credentials_of_response,
    record_line,
};
use crate::core::signature::Reason;
use crate::store::{Reader, StoreError};
use std::io::{self, BufWriter, ErrorKind, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// How many of the newest deliveries of an event are looked at for the response of the app.
const DELIVERIES: usize = 16;

/// What the files contain of an event.
#[derive(Clone, Copy, Debug)]
pub struct Contents {
    /// Whether headers that grant access stay.
    pub has_credentials: bool,
}

/// What became of the events.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exported {
    pub written: u64,
    /// The files of fixtures that were already there.
    pub there: u64,
    /// The events that could not be written, and why.
    pub failed: Vec<(Seq, String)>,
}

#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    #[error("`{0}` already exists")]
    Exists(PathBuf),
    #[error("cannot write `{path}`")]
    File { path: PathBuf, source: io::Error },
    #[error("cannot save the fixtures")]
    Folder(#[from] SaveError),
    /// The receiver of the data wants no more, or the disk is full.
    #[error("cannot write the export")]
    Write(#[from] io::Error),
    #[error(transparent)]
    History(#[from] StoreError),
    #[error("the export was interrupted after {0} events and left no file")]
    Interrupted(u64),
}

impl ExportError {
    /// What the user can do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Exists(_) => "choose another name: an export never overwrites a file",
            Self::File { .. } | Self::Folder(_) => "choose a folder that you can write to",
            Self::Write(_) => "make room, or choose a folder on another disk",
            Self::History(error) => error.hint(),
            Self::Interrupted(_) => "run it again",
        }
    }
}

/// Exports the events `seqs` to the new file `path`, or as fixtures to the folder `path`. `progress` gets the number of events so far, and
/// may stop the export.
///
/// # Errors
/// When the history cannot be read or the file cannot be written. The file is then not there; fixtures that are complete stay.
pub fn export_to(
    path: &Path,
    format: ExportFormat,
    contents: Contents,
    reader: &Reader,
    seqs: &[Seq],
    progress: impl FnMut(u64) -> ControlFlow<()>,
) -> Result<Exported, ExportError> {
    if format == ExportFormat::Fixtures {
        let folder = FixtureFolder::new(path.to_owned());
        return Work { contents, reader, seqs, progress }.write_folder(&folder);
    }
    let failed = |source: io::Error| match source.kind() {
        ErrorKind::AlreadyExists => ExportError::Exists(path.to_owned()),
        _ => ExportError::File { path: path.to_owned(), source },
    };
    if path.symlink_metadata().is_ok() {
        return Err(ExportError::Exists(path.to_owned()));
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // Only the user can read it, and it goes when this returns early.
    let mut part = NamedTempFile::with_prefix_in(".hookglass-export-", folder).map_err(failed)?;
    let exported = Work { contents, reader, seqs, progress }.write_file(format, &mut part)?;
    part.as_file().sync_all().map_err(failed)?;
    part.persist_noclobber(path).map_err(|error| failed(error.error))?;
    Ok(exported)
}

/// Writes the events `seqs` to `out` in a format of one file.
///
/// # Errors
/// As [`export_to`].
pub fn export_into(
    out: impl Write,
    format: ExportFormat,
    contents: Contents,
    reader: &Reader,
    seqs: &[Seq],
    progress: impl FnMut(u64) -> ControlFlow<()>,
) -> Result<Exported, ExportError> {
    Work { contents, reader, seqs, progress }.write_file(format, out)
}

struct Work<'w, P> {
    contents: Contents,
    reader: &'w Reader,
    seqs: &'w [Seq],
    progress: P,
}

impl<P: FnMut(u64) -> ControlFlow<()>> Work<'_, P> {
    fn write_folder(mut self, folder: &FixtureFolder) -> Result<Exported, ExportError> {
        let mut exported = Exported::default();
        for (done, seq) in (0..).zip(self.seqs) {
            self.tell(done)?;
            let Some(event) = self.event(*seq, &mut exported)? else { continue };
            match folder.save(&event) {
                Ok(Saved::New { .. }) => exported.written += 1,
                Ok(Saved::There { .. }) => exported.there += 1,
                Err(error @ (SaveError::NoBody(_) | SaveError::Taken { .. })) => {
                    exported.failed.push((*seq, with_causes(&error)));
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(exported)
    }

    fn write_file(mut self, format: ExportFormat, out: impl Write) -> Result<Exported, ExportError> {
        let mut out = BufWriter::new(out);
        let is_har = format == ExportFormat::Har;
        if is_har {
            out.write_all(har_start().as_bytes())?;
        }
        let mut exported = Exported::default();
        for (done, seq) in (0..).zip(self.seqs) {
            self.tell(done)?;
            let Some(event) = self.event(*seq, &mut exported)? else { continue };
            if is_har {
                let separator = if exported.written > 0 { HAR_SEPARATOR } else { "" };
                let delivery = self.answered(*seq)?;
                write!(out, "{separator}{}", har_entry(&event, delivery.as_ref()))?;
            } else {
                writeln!(out, "{}", record_line(&event))?;
            }
            exported.written += 1;
        }
        if is_har {
            out.write_all(HAR_END.as_bytes())?;
        }
        out.flush()?;
        Ok(exported)
    }

    fn tell(&mut self, done: u64) -> Result<(), ExportError> {
        match (self.progress)(done) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(ExportError::Interrupted(done)),
        }
    }

    /// The event as it is to be written. `None` if it was deleted meanwhile, or cannot be written.
    fn event(&self, seq: Seq, exported: &mut Exported) -> Result<Option<Event>, ExportError> {
        let Some(event) = self.reader.event(seq)? else { return Ok(None) };
        if event.summary.reason.as_ref().is_some_and(Reason::lacks_body) {
            exported.failed.push((seq, NoBody.to_string()));
            return Ok(None);
        }
        Ok(Some(if self.contents.has_credentials { event } else { mask_credentials(&event) }))
    }

    /// The last delivery of the event that got a response. Rehearsals say nothing about the event.
    fn answered(&self, seq: Seq) -> Result<Option<Delivery>, ExportError> {
        let deliveries = self.reader.deliveries(seq, DELIVERIES)?;
        let is_answer =
            |delivery: &Delivery| delivery.outcome.is_ok() && !matches!(delivery.origin, Origin::Rehearsed(_));
        let mut answered = deliveries.into_iter().rfind(is_answer);
        if let (Some(delivery), false) = (&mut answered, self.contents.has_credentials) {
            mask_credentials_of_response(delivery);
        }
        Ok(answered)
    }
}
