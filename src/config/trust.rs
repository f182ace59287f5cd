//! Warns about settings and secret files that other users can change.

use super::Notice;
#[cfg(unix)]
use crate::core::export::shell;
use std::fs::Metadata;
use std::path::Path;

/// A warning about the file at `path`, which has `metadata`, if others can change it.
#[cfg(unix)]
pub fn notice(path: &Path, metadata: &Metadata) -> Option<Notice> {
    use std::os::unix::fs::MetadataExt;
    let (owner, mode) = (metadata.uid(), metadata.mode());
    // Nobody can change what came through a pipe or a terminal.
    if !metadata.is_file() {
        return None;
    }
    let (name, word) = (path.display(), shell_word(path));
    if owner != 0 && owner != rustix::process::geteuid().as_raw() {
        return Some(Notice {
            text: format!("`{name}` belongs to another user (uid {owner}), who can change it"),
            hint: format!("check its contents, then run `sudo chown \"$(id -u)\" {word}`"),
        });
    }
    if mode & 0o002 != 0 {
        return Some(Notice {
            text: format!("everyone on this machine can change `{name}`"),
            hint: format!("run `chmod o-w {word}`"),
        });
    }
    None
}

#[cfg(not(unix))]
pub fn notice(_: &Path, _: &Metadata) -> Option<Notice> {
    None
}

#[cfg(unix)]
fn shell_word(path: &Path) -> String {
    use std::os::unix::ffi::OsStrExt;
    let bytes = path.as_os_str().as_bytes();
    let is_bare = |byte: &u8| byte.is_ascii_alphanumeric() || b"/._-".contains(byte);
    if bytes.iter().all(is_bare) && !bytes.starts_with(b"-") {
        return path.display().to_string();
    }
    // Without `--`, a name that begins with `-` would be an option.
    let mut word = "-- ".to_owned();
    shell::push_word(&mut word, bytes);
    word
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::{PermissionsExt, chown};

    fn reported(path: &Path) -> Option<(String, String)> {
        notice(path, &path.metadata().unwrap()).map(|Notice { text, hint }| (text, hint))
    }

    fn file(folder: &Path, mode: u32) -> std::path::PathBuf {
        let path = folder.join("it's");
        std::fs::write(&path, "").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        path
    }

    #[test]
    fn a_world_writable_file_is_reported_with_the_command_that_fixes_it() {
        let folder = tempfile::tempdir().unwrap();
        let (text, hint) = reported(&file(folder.path(), 0o602)).unwrap();
        assert!(text.starts_with("everyone on this machine can change `"), "{text}");
        assert_eq!(hint, format!("run `chmod o-w -- '{}/it'\"'\"'s'`", folder.path().display()));
        assert_eq!(reported(&file(folder.path(), 0o660)), None);
    }

    #[test]
    fn a_file_of_another_user_is_reported() {
        let folder = tempfile::tempdir().unwrap();
        let path = file(folder.path(), 0o600);
        if chown(&path, Some(12_345), None).is_err() {
            eprintln!("skipped: only root can give a file away");
            return;
        }
        let (text, hint) = reported(&path).unwrap();
        assert!(text.contains("belongs to another user (uid 12345)") && hint.contains("sudo chown"), "{text}; {hint}");
    }
}
