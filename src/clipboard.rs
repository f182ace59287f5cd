//! Copies text to the system clipboard, tmux or the terminal; if none works, to a file.
//!
//! It never writes to the terminal itself, but returns the sequence to write. It copies text unchanged: the caller
//! removes what must not be pasted.

mod route;
mod system;
mod tmux;

pub use route::{Environment, Route, plan};

use crate::core::printable::{Unpasteable, pasteable};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::ffi::OsString;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{fmt, io};
use system::SystemClipboard;

/// The most bytes of base64 in an OSC 52 sequence. Many terminals drop longer ones.
pub const MAX_TERMINAL_PAYLOAD: usize = 64 * 1024;

/// How long a clipboard or tmux may take before the next way is tried.
const TIMEOUT: Duration = Duration::from_secs(1);

/// Where the text went. `Display` is the notice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Way {
    System,
    Tmux,
    /// The sequence for the caller to write to the terminal. hookglass cannot tell whether the terminal accepts it.
    Terminal(Vec<u8>),
    /// `reason`: why the text must not be pasted, so that no clipboard was tried.
    File {
        path: PathBuf,
        reason: Option<Unpasteable>,
    },
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::System => f.write_str("copied to the clipboard"),
            Self::Tmux => f.write_str("copied to the tmux buffer"),
            Self::Terminal(_) => f.write_str("sent to the terminal (OSC 52)"),
            Self::File { path, reason: None } => write!(f, "written to `{}`", path.display()),
            Self::File { path, reason: Some(reason) } => write!(f, "{reason}; written to `{}`", path.display()),
        }
    }
}

/// No other way worked, and the file could not be written either.
#[derive(Debug, thiserror::Error)]
#[error("cannot write a file in `{}`", folder.display())]
pub struct CopyError {
    pub folder: PathBuf,
    #[source]
    pub source: io::Error,
}

/// All ways to copy. Keep it as long as the process runs: on X11 the text is lost when its owner exits.
pub struct Clipboard {
    environment: Environment,
    folder: PathBuf,
    system: SystemClipboard,
    tmux: Vec<OsString>,
}

impl Clipboard {
    /// Files go to `folder`, which is created (mode 0700) when first needed.
    pub fn new(environment: Environment, folder: PathBuf) -> Self {
        Self::with(environment, folder, system::arboard, vec!["tmux".into()])
    }

    fn with(environment: Environment, folder: PathBuf, open: system::Open, tmux: Vec<OsString>) -> Self {
        Self { environment, folder, system: SystemClipboard::new(open), tmux }
    }

    /// Copies `bytes` by the first way that works. Blocks for up to 2 s if a clipboard hangs, so call it on a thread
    /// that may block. Bytes that are not [`pasteable`] go to a file, unchanged.
    pub fn copy(&mut self, bytes: &[u8]) -> Result<Way, CopyError> {
        let text = match pasteable(bytes) {
            Ok(text) => text,
            Err(reason) => return self.write_file(bytes, ".bin", Some(reason)),
        };
        for route in plan(&self.environment) {
            let way = match route {
                Route::System => self.system.set(text, TIMEOUT).then_some(Way::System),
                Route::Tmux => tmux::load(&self.tmux, text, TIMEOUT).then_some(Way::Tmux),
                Route::Terminal => terminal_sequence(text).map(Way::Terminal),
                Route::File => None,
            };
            if let Some(way) = way {
                return Ok(way);
            }
        }
        self.write_file(bytes, ".txt", None)
    }

    fn write_file(&self, bytes: &[u8], suffix: &str, reason: Option<Unpasteable>) -> Result<Way, CopyError> {
        let written = create_folder(&self.folder).and_then(|()| {
            // A new file (mode 0600) with an unpredictable name; never an existing file or the target of a link.
            let mut file = tempfile::Builder::new().prefix("copied-").suffix(suffix).tempfile_in(&self.folder)?;
            file.write_all(bytes)?;
            Ok(file.keep()?.1)
        });
        written
            .map(|path| Way::File { path, reason })
            .map_err(|source| CopyError { folder: self.folder.clone(), source })
    }
}

fn create_folder(folder: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(folder)
}

/// The OSC 52 sequence that puts `text` in the terminal's clipboard; `None` if it is too long.
fn terminal_sequence(text: &str) -> Option<Vec<u8>> {
    let is_short = text.len().div_ceil(3) * 4 <= MAX_TERMINAL_PAYLOAD;
    is_short.then(|| format!("\x1b]52;c;{}\x07", STANDARD.encode(text)).into_bytes())
}

#[cfg(test)]
mod tests {
    use super::system::Writer;
    use super::*;
    use std::sync::mpsc;

    /// A system clipboard that fails at once.
    fn absent() -> Result<Writer, String> {
        Err("no clipboard".into())
    }

    fn hanging() -> Result<Writer, String> {
        let (keep_open, never) = mpsc::channel::<()>();
        Ok(Box::new(move |_| {
            let _ = (&keep_open, never.recv());
            Ok(())
        }))
    }

    fn working() -> Result<Writer, String> {
        Ok(Box::new(|text| if text == "refuse" { Err("refused".into()) } else { Ok(()) }))
    }

    fn local() -> Environment {
        Environment { is_remote: false, has_display: true, is_tmux: false, has_terminal: true }
    }

    fn clipboard(environment: Environment, open: system::Open, folder: &Path) -> Clipboard {
        Clipboard::with(environment, folder.join("new/copies"), open, vec!["no-such-command-for-tmux".into()])
    }

    fn path_of(way: Way) -> PathBuf {
        match way {
            Way::File { path, .. } => path,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_notice_says_where_the_text_went() {
        let folder = tempfile::tempdir().unwrap();
        let mut works = clipboard(local(), working, folder.path());
        assert_eq!(works.copy(b"text").unwrap().to_string(), "copied to the clipboard");
        assert_eq!(works.copy(b"refuse").unwrap().to_string(), "sent to the terminal (OSC 52)");
        assert_eq!(works.copy(b"text").unwrap(), Way::System);
        assert_eq!(Way::Tmux.to_string(), "copied to the tmux buffer");
        let file = |reason| Way::File { path: "/a/b".into(), reason }.to_string();
        assert_eq!(file(None), "written to `/a/b`");
        assert_eq!(file(Some(Unpasteable::Control)), "contains control characters; written to `/a/b`");
    }

    #[test]
    fn text_for_the_terminal_is_returned_as_a_sequence() {
        let folder = tempfile::tempdir().unwrap();
        let mut clipboard = clipboard(local(), absent, folder.path());
        let sequence = b"\x1b]52;c;w6kKeA==\x07".to_vec();
        assert_eq!(clipboard.copy("\u{e9}\nx".as_bytes()).unwrap(), Way::Terminal(sequence));
        let longest = MAX_TERMINAL_PAYLOAD / 4 * 3;
        assert!(matches!(clipboard.copy(&vec![b'x'; longest]).unwrap(), Way::Terminal(_)));
        let path = path_of(clipboard.copy(&vec![b'x'; longest + 1]).unwrap());
        assert_eq!(std::fs::read(path).unwrap().len(), longest + 1);
    }

    #[test]
    fn bytes_that_must_not_be_pasted_go_to_a_private_file_unchanged() {
        let folder = tempfile::tempdir().unwrap();
        let mut clipboard = clipboard(local(), working, folder.path());
        for bytes in [
            &b"\xff\x00\x1b[31m\r\n"[..],
            b"nul\0",
            b"\xc3",
            b"a\x1b[201~\nrm -rf ~\n",
            b"{\r\n}",
            "\u{9b}201~".as_bytes(),
            "\u{202e}".as_bytes(),
        ] {
            let path = path_of(clipboard.copy(bytes).unwrap());
            assert_eq!(std::fs::read(&path).unwrap(), bytes);
            let name = path.file_name().unwrap().to_str().unwrap();
            assert!(name.starts_with("copied-") && name.ends_with(".bin"), "{name}");
            #[cfg(unix)]
            {
                use std::os::unix::fs::PermissionsExt;
                let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
                assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
            }
        }
    }

    #[test]
    fn a_hanging_clipboard_is_waited_for_once_and_does_not_delay_the_exit() {
        let folder = tempfile::tempdir().unwrap();
        // As many as would take an hour, each waited for.
        const COPIES: usize = 3600;
        let mut clipboard = clipboard(local(), hanging, folder.path());
        let (ended, end) = mpsc::channel();
        std::thread::spawn(move || {
            let mut copy = || matches!(clipboard.copy(b"text").unwrap(), Way::Terminal(_));
            let passed_over = (0..COPIES).filter(|_| copy()).count();
            drop(clipboard);
            ended.send(passed_over)
        });
        assert_eq!(end.recv_timeout(std::time::Duration::from_secs(30)), Ok(COPIES));
    }

    #[test]
    fn the_error_names_the_folder_when_nothing_works() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("new"), b"a file where a folder should be").unwrap();
        let nowhere = Environment { is_remote: false, has_display: false, is_tmux: false, has_terminal: false };
        let error = clipboard(nowhere, absent, folder.path()).copy(b"text").unwrap_err();
        assert!(error.to_string().ends_with("new/copies`"), "{error}");
    }
}
