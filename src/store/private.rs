//! Keeps the files of a history readable by their owner alone.

use std::fs::{DirBuilder, OpenOptions};
use std::io;
use std::path::Path;

/// Creates `path` and its missing parents with mode 0700.
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

/// Options to open a file for writing. A new file gets mode 0600.
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

/// Creates the file with mode 0600 if it is missing. SQLite would use another mode, and gives the log and its index that of the database.
pub(super) fn create(path: &Path) -> io::Result<()> {
    match options().create_new(true).open(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        other => other.map(drop),
    }
}

/// Removes the permissions of other users from the files of the history at `path`. A file that was copied or restored may be readable by
/// everyone. Files of other owners stay as they are, and so does a file whose mode cannot be changed.
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
