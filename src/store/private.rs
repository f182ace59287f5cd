//! Keeps the files of a history readable by their owner alone.

use std::fs::{DirBuilder, OpenOptions};
use std::io;
use std::path::Path;

/// Creates `path` and the folders above it that are missing, with 0700.
pub(super) fn create_folder(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt;
        builder.mode(0o700);
    }
    builder.create(path)
}

/// To write to a file, which gets 0600 if it is created.
pub(super) fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options
}

/// Creates the file before SQLite would, which does not ask for 0600; its log and index take the mode from it.
pub(super) fn create(path: &Path) -> io::Result<()> {
    match options().create_new(true).open(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        other => other.map(drop),
    }
}

/// Takes the rights of everyone else from the files of the history at `path`: an older version, a copy or a restored backup may have
/// left them readable. Files of other owners are left alone, and a file whose mode cannot be changed is used as it is.
#[cfg(unix)]
pub(super) fn tighten(path: &Path) {
    use super::files::beside;
    use std::fs::{self, Permissions};
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    let own = rustix::process::geteuid().as_raw();
    for suffix in ["", "-wal", "-shm", ".lock"] {
        let path = beside(path, suffix);
        let Ok(metadata) = fs::symlink_metadata(&path) else { continue };
        if metadata.is_file() && metadata.uid() == own && metadata.mode() & 0o077 != 0 {
            let _ = fs::set_permissions(&path, Permissions::from_mode(0o600));
        }
    }
}

#[cfg(not(unix))]
pub(super) fn tighten(_: &Path) {}
