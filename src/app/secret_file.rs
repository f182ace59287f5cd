//! Saves a signing secret in the `.env` file of a folder, where hookglass and most apps read it when they start. Changes one value,
//! replaces the file in one step, and refuses every file of which it cannot be sure.

use crate::child;
use crate::config::dot_env::{FILES, variables};
use crate::config::reading::{self, Contents, ReadError, Source};
use crate::core::dot_env::{Change, Refused, with_line};
use crate::core::secret_saving::{Git, SavingPlan};
use crate::core::signature::SECRET_VARIABLE;
use sha2::{Digest, Sha256};
use std::fs::{self, File, Metadata};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tokio::process::Command;

/// The largest file that is changed, in bytes.
const MAX_FILE: u64 = 1 << 20;
/// How long git may take.
const GIT: Duration = Duration::from_secs(5);
/// Variables that would make git look at another repository.
const GIT_VARIABLES: [&str; 5] =
    ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_LITERAL_PATHSPECS"];

/// Why a secret is not saved.
#[derive(Debug, thiserror::Error)]
pub enum SavingError {
    #[error("cannot save the secret in `{path}`: {why}")]
    Refused { path: PathBuf, why: String },
    #[error("cannot read `{path}`: {source}")]
    Read { path: PathBuf, source: ReadError },
    #[error("cannot write `{path}`: {source}")]
    Write { path: PathBuf, source: io::Error },
}

/// A file, with the change of it.
struct Planned {
    path: PathBuf,
    /// `None` if there is no file.
    old: Option<Contents>,
    change: Change,
    git: Git,
}

/// What saving `secret` in `folder` would change. `is_hidden`: an exported variable wins over the file.
///
/// # Errors
/// When the file cannot be read, or must not be changed.
pub async fn plan(folder: &Path, secret: &str, is_hidden: bool) -> Result<SavingPlan, SavingError> {
    let planned = Planned::new(folder, secret).await?;
    Ok(planned.plan(is_hidden))
}

/// Carries out `plan`, unless something has changed since it was made. Returns the path.
///
/// # Errors
/// When a file cannot be written, and as [`plan`].
pub async fn save(folder: &Path, secret: &str, plan: &SavingPlan) -> Result<PathBuf, SavingError> {
    let planned = Planned::new(folder, secret).await?;
    let Planned { path, old, change, git } = &planned;
    if planned.plan(plan.is_hidden) != *plan {
        return Err(refused(path, "it has changed meanwhile; nothing was written"));
    }
    if let Git::NotIgnored(_) = git {
        ignore(path)?;
    }
    let before = old.as_ref().map_or(&[][..], |old| &old.bytes);
    replace(path, &change.apply(before), old.as_ref().map(|old| &old.metadata))?;
    Ok(path.clone())
}

fn refused(path: &Path, why: impl Into<String>) -> SavingError {
    SavingError::Refused { path: path.to_owned(), why: why.into() }
}

impl Planned {
    async fn new(folder: &Path, secret: &str) -> Result<Self, SavingError> {
        let path = file_in(folder);
        let old = read(&path)?;
        let before = old.as_ref().map_or(&[][..], |old| &old.bytes);
        let change = Change::new(before, SECRET_VARIABLE, secret).map_err(|why| match why {
            Refused::Value => refused(&path, "it is not one secret as the dashboard shows it; paste that"),
            Refused::Twice(..) | Refused::OpenQuote(_) | Refused::Utf16 => {
                refused(&path, format!("{why}; correct that first"))
            }
        })?;
        let after = variables(&change.apply(before));
        let is_ours = |(name, _): &&(String, String)| name == SECRET_VARIABLE;
        let others = |all: &[(String, String)]| all.iter().filter(|pair| !is_ours(pair)).cloned().collect::<Vec<_>>();
        let ours: Vec<_> = after.iter().filter(is_ours).map(|(_, value)| value.as_str()).collect();
        if ours != [secret] || others(&after) != others(&variables(before)) {
            return Err(refused(&path, "hookglass cannot read the file with certainty; edit it yourself"));
        }
        let git = git_of(folder, &path).await?;
        Ok(Self { path, old, change, git })
    }

    fn plan(&self, is_hidden: bool) -> SavingPlan {
        let mut hasher = Sha256::new();
        hasher.update(self.old.as_ref().map_or(&[][..], |old| &old.bytes));
        SavingPlan {
            path: self.path.display().to_string(),
            before: self.old.as_ref().map(|_| self.change.before),
            is_readable: self.old.as_ref().is_some_and(|old| is_readable(&old.metadata)),
            git: self.git.clone(),
            is_hidden,
            fingerprint: hasher.finalize().into(),
        }
    }
}

/// The file that has the variable and wins, or else `.env`.
fn file_in(folder: &Path) -> PathBuf {
    let [local, usual] = FILES.map(|file| folder.join(file));
    let bytes = reading::read(&local, Source::File, MAX_FILE).map(|contents| contents.bytes);
    let has_it = bytes
        .is_ok_and(|bytes| variables(&bytes).iter().any(|(name, value)| name == SECRET_VARIABLE && !value.is_empty()));
    if has_it { local } else { usual }
}

/// Reads a file that may be replaced: a regular one with one name, and no link. `None` if there is none.
fn read(path: &Path) -> Result<Option<Contents>, SavingError> {
    let metadata = match fs::symlink_metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        other => other.map_err(|error| SavingError::Read { path: path.to_owned(), source: error.into() })?,
    };
    if metadata.is_symlink() {
        return Err(refused(path, "it is a symbolic link; put the secret into the file that it leads to"));
    }
    let contents = reading::read(path, Source::File, MAX_FILE)
        .map_err(|source| SavingError::Read { path: path.to_owned(), source })?;
    if has_more_names(&contents.metadata) {
        return Err(refused(path, "the file has a second name (a hard link); edit it yourself"));
    }
    Ok(Some(contents))
}

#[cfg(unix)]
fn has_more_names(metadata: &Metadata) -> bool {
    std::os::unix::fs::MetadataExt::nlink(metadata) > 1
}

#[cfg(not(unix))]
fn has_more_names(_: &Metadata) -> bool {
    false
}

#[cfg(unix)]
fn is_readable(metadata: &Metadata) -> bool {
    std::os::unix::fs::MetadataExt::mode(metadata) & 0o044 != 0
}

#[cfg(not(unix))]
fn is_readable(_: &Metadata) -> bool {
    false
}

/// Asks git about the file at `path`.
async fn git_of(folder: &Path, path: &Path) -> Result<Git, SavingError> {
    let whole = fs::canonicalize(folder)
        .map_err(|error| SavingError::Read { path: folder.to_owned(), source: error.into() })?;
    if !whole.ancestors().any(|folder| folder.join(".git").exists()) {
        return Ok(Git::NoRepository);
    }
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    match git(&whole, &["ls-files", "--error-unmatch", "--", name]).await {
        Some(0) => Err(refused(path, format!("git tracks it; run `git rm --cached {name}` first"))),
        Some(1) => match git(&whole, &["check-ignore", "--quiet", "--", name]).await {
            Some(0) => Ok(Git::Ignored),
            Some(1) => Ok(Git::NotIgnored(ignoring(path).display().to_string())),
            _ => Ok(Git::Unknown),
        },
        _ => Ok(Git::Unknown),
    }
}

/// The exit status of git with `arguments`, if it ran to its end.
async fn git(folder: &Path, arguments: &[&str]) -> Option<i32> {
    let mut command = child::command("git");
    for name in GIT_VARIABLES {
        command.env_remove(name);
    }
    // A repository must not make git start other programs.
    command.args(["-c", "core.fsmonitor=false", "-C"]).arg(folder).args(arguments);
    command.env("GIT_OPTIONAL_LOCKS", "0").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut command = Command::from(command);
    let status = command.kill_on_drop(true).status();
    tokio::time::timeout(GIT, status).await.ok()?.ok()?.code()
}

fn ignoring(path: &Path) -> PathBuf {
    path.with_file_name(".gitignore")
}

/// Adds the name of the file at `path` to the `.gitignore` beside it.
fn ignore(path: &Path) -> Result<(), SavingError> {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let list = ignoring(path);
    match read(&list)? {
        Some(old) => replace(&list, &with_line(&old.bytes, name), Some(&old.metadata)),
        None => {
            let written = File::create_new(&list).and_then(|mut file| {
                file.write_all(format!("{name}\n").as_bytes())?;
                file.sync_all()
            });
            written.map_err(|source| SavingError::Write { path: list, source })
        }
    }
}

/// Replaces the file at `path`, or creates it with mode 0600. At every moment there is the old file or the new one.
fn replace(path: &Path, bytes: &[u8], old: Option<&Metadata>) -> Result<(), SavingError> {
    let write = || {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut file = tempfile::Builder::new().prefix(".hookglass-").tempfile_in(folder)?;
        file.write_all(bytes)?;
        if let Some(old) = old {
            take_over(file.as_file(), old)?;
        }
        file.as_file().sync_all()?;
        match old {
            Some(_) => file.persist(path),
            None => file.persist_noclobber(path),
        }
        .map_err(|error| error.error)?;
        // So that the name is on the disk too. Not every system can sync a folder.
        let _ = File::open(folder).and_then(|folder| folder.sync_all());
        Ok(())
    };
    write().map_err(|source| SavingError::Write { path: path.to_owned(), source })
}

/// Gives `file` the owner and the mode of the old one.
#[cfg(unix)]
fn take_over(file: &File, old: &Metadata) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt, fchown};
    let new = file.metadata()?;
    if (new.uid(), new.gid()) != (old.uid(), old.gid()) {
        fchown(file, Some(old.uid()), Some(old.gid()))?;
    }
    file.set_permissions(old.permissions())
}

#[cfg(not(unix))]
fn take_over(_: &File, _: &Metadata) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::dot_env::Before;
    use tempfile::TempDir;

    const SECRET: &str = "whsec_bmV3";

    struct Project(TempDir);

    impl Project {
        fn new(files: &[(&str, &str)]) -> Self {
            let folder = tempfile::tempdir().unwrap();
            for (name, text) in files {
                fs::write(folder.path().join(name), text).unwrap();
            }
            Self(folder)
        }

        /// `false`: git is not on this machine.
        fn git(&self, arguments: &[&str]) -> bool {
            let status = std::process::Command::new("git").arg("-C").arg(self.0.path()).args(arguments).output();
            let has_run = status.is_ok_and(|output| output.status.success());
            if !has_run {
                eprintln!("skipped: git does not run here");
            }
            has_run
        }

        fn text(&self, name: &str) -> String {
            fs::read_to_string(self.0.path().join(name)).unwrap()
        }

        async fn plan(&self) -> Result<SavingPlan, String> {
            plan(self.0.path(), SECRET, false).await.map_err(|error| error.to_string())
        }

        async fn save(&self) -> Result<PathBuf, String> {
            let plan = self.plan().await?;
            save(self.0.path(), SECRET, &plan).await.map_err(|error| error.to_string())
        }

        fn names(&self) -> Vec<String> {
            let names = fs::read_dir(self.0.path()).unwrap().map(|entry| entry.unwrap().file_name());
            let mut names: Vec<_> =
                names.map(|name| name.into_string().unwrap()).filter(|name| name != ".git").collect();
            names.sort();
            names
        }
    }

    #[cfg(unix)]
    fn mode(path: &Path) -> u32 {
        use std::os::unix::fs::PermissionsExt;
        path.metadata().unwrap().permissions().mode() & 0o7777
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn a_new_file_is_for_the_user_alone_and_an_old_one_keeps_its_mode() {
        use std::os::unix::fs::PermissionsExt;
        let project = Project::new(&[]);
        let path = project.save().await.unwrap();
        assert_eq!((mode(&path), project.text(".env")), (0o600, format!("{SECRET_VARIABLE}={SECRET}\n")));
        assert_eq!(project.names(), [".env"]);
        fs::write(&path, format!("A=1\r\n{SECRET_VARIABLE}=old # mine\r\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        let plan = project.plan().await.unwrap();
        assert!(plan.is_readable && plan.before == Some(Before::Other(2)));
        project.save().await.unwrap();
        assert_eq!(mode(&path), 0o640);
        assert_eq!(project.text(".env"), format!("A=1\r\n{SECRET_VARIABLE}={SECRET} # mine\r\n"));
        assert_eq!(project.names(), [".env"], "no temporary file stays");
        assert!(project.plan().await.unwrap().is_done());
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn links_are_refused() {
        let project = Project::new(&[("real", "A=1\n")]);
        let (real, env) = (project.0.path().join("real"), project.0.path().join(".env"));
        std::os::unix::fs::symlink(&real, &env).unwrap();
        assert!(project.save().await.unwrap_err().contains("symbolic link"));
        fs::remove_file(&env).unwrap();
        fs::hard_link(&real, &env).unwrap();
        assert!(project.save().await.unwrap_err().contains("hard link"));
        fs::remove_file(&env).unwrap();
        fs::create_dir(&env).unwrap();
        assert!(project.save().await.unwrap_err().contains("it is a folder"));
        assert_eq!(project.text("real"), "A=1\n");
    }

    #[tokio::test]
    async fn a_file_that_changed_since_the_plan_stays() {
        let project = Project::new(&[(".env", "A=1\n")]);
        let plan = project.plan().await.unwrap();
        fs::write(project.0.path().join(".env"), "A=2\n").unwrap();
        let error = save(project.0.path(), SECRET, &plan).await.unwrap_err();
        assert!(error.to_string().ends_with("it has changed meanwhile; nothing was written"), "{error}");
        assert_eq!(project.text(".env"), "A=2\n");
    }

    #[tokio::test]
    async fn the_file_that_wins_is_changed() {
        let line = format!("{SECRET_VARIABLE}=old\n");
        let project = Project::new(&[(".env.local", &line), (".env", &line)]);
        assert!(project.save().await.unwrap().ends_with(".env.local"));
        assert_eq!(project.text(".env"), line);
        let project = Project::new(&[(".env.local", "B=1\n"), (".env", &line)]);
        assert!(project.save().await.unwrap().ends_with(".env"));
    }

    #[tokio::test]
    async fn a_file_that_git_tracks_is_refused() {
        let project = Project::new(&[(".env", "A=1\n")]);
        if !project.git(&["init", "--quiet"]) || !project.git(&["add", ".env"]) {
            return;
        }
        let why = project.save().await.unwrap_err();
        assert!(why.ends_with("git tracks it; run `git rm --cached .env` first"), "{why}");
        assert_eq!((project.text(".env"), project.names()), ("A=1\n".to_owned(), vec![".env".to_owned()]));
    }

    #[tokio::test]
    async fn gitignore_gets_a_line_only_in_a_repository_that_does_not_ignore_the_file() {
        let project = Project::new(&[(".gitignore", "node_modules")]);
        assert_eq!(project.plan().await.unwrap().git, Git::NoRepository);
        if !project.git(&["init", "--quiet"]) {
            return;
        }
        assert!(matches!(project.plan().await.unwrap().git, Git::NotIgnored(_)));
        project.save().await.unwrap();
        assert_eq!(project.text(".gitignore"), "node_modules\n.env\n");
        fs::remove_file(project.0.path().join(".env")).unwrap();
        assert_eq!(project.plan().await.unwrap().git, Git::Ignored);
        project.save().await.unwrap();
        assert_eq!(project.text(".gitignore"), "node_modules\n.env\n");
        fs::remove_file(project.0.path().join(".gitignore")).unwrap();
        project.save().await.unwrap();
        assert_eq!(project.text(".gitignore"), ".env\n");
    }
}
