//! Finds the file that a path leads to. Every path to a history then leads to the same log and the same lock.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Most links followed one after another, as on Linux.
const MAX_LINKS: usize = 40;

/// The file that `path` leads to through any number of symbolic links, whether that file exists or not. Its folder must exist.
///
/// # Errors
/// When a folder of the path is missing or cannot be entered, and when the links form a loop.
pub(super) fn resolve(path: &Path) -> io::Result<PathBuf> {
    let mut path = path.to_owned();
    for _ in 0..MAX_LINKS {
        match fs::canonicalize(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            resolved => return resolved,
        }
        let folder = folder_of(&path).canonicalize()?;
        let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?;
        path = folder.join(name);
        match fs::read_link(&path) {
            Ok(target) => path = folder.join(target),
            Err(_) => return Ok(path),
        }
    }
    Err(io::Error::other("too many levels of symbolic links"))
}

/// The folder of `path`. For a bare file name, the working folder.
pub(super) fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn links_lead_to_one_path_whether_the_file_exists_or_not() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        fs::create_dir(root.join("data")).unwrap();
        symlink("data", root.join("folder")).unwrap();
        symlink("folder/history.db", root.join("link.db")).unwrap();
        symlink(root.join("link.db"), root.join("second.db")).unwrap();
        let expected = root.join("data/history.db");
        for exists in [false, true] {
            if exists {
                fs::write(&expected, b"").unwrap();
            }
            for name in ["data/history.db", "folder/history.db", "link.db", "second.db", "data/../link.db"] {
                assert_eq!(resolve(&root.join(name)).unwrap(), expected, "{name} {exists}");
            }
        }
    }

    #[test]
    fn a_loop_of_links_is_an_error_that_names_it() {
        let folder = tempfile::tempdir().unwrap();
        let (one, other) = (folder.path().join("one.db"), folder.path().join("other.db"));
        symlink(&other, &one).unwrap();
        symlink(&one, &other).unwrap();
        let error = resolve(&one).unwrap_err().to_string().to_lowercase();
        assert!(error.contains("symbolic links"), "{error}");
    }
}
