//! The signing secrets: from the environment, `.env.local` or `.env`, and from files.

use super::dot_env::DotEnv;
use super::reading::{self, Contents, MAX_TEXT, ReadError, Source};
use super::{ConfigError, Environment, Notice, SECRET_VARIABLE, trust};
use crate::core::signature::{Keyring, Secret, TRIGGER_SECRET_VARIABLE};
use std::path::{Path, PathBuf};

/// The secret files given on the command line.
#[derive(Clone, Copy, Debug, Default)]
pub struct SecretFiles<'a> {
    pub verifying: &'a [PathBuf],
    /// For [`Keyring::known_only`].
    pub known_only: &'a [PathBuf],
}

/// How to treat an empty secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EmptySecret {
    /// An empty variable is ignored, and an empty file is an error.
    IsNone,
    /// It is a secret that verifies nothing. An empty variable counts only if there is no other secret.
    Counts,
}

/// All secrets, those of the environment first, and warnings about the files. Each secret is taken verbatim, except for one newline at
/// the end of a file. Files given on the command line replace those of the configuration file.
///
/// # Errors
/// When a file cannot be read, or a file or the variable is not UTF-8.
pub fn keyring(
    environment: &Environment,
    files: SecretFiles<'_>,
    empty: EmptySecret,
) -> Result<(Keyring, Vec<Notice>), ConfigError> {
    let (mut verifying, mut notices) = (Vec::new(), Vec::new());
    let mut hidden = Vec::new();
    for variable in [SECRET_VARIABLE, TRIGGER_SECRET_VARIABLE] {
        let as_used = |secret: Secret| if variable == SECRET_VARIABLE { secret } else { secret.for_triggers() };
        let files = environment.dot_env.iter().map(|file| in_dot_env(file, variable));
        let mut files = files.filter(|secrets| !secrets.is_empty());
        if environment.has(variable) {
            let text = environment.text(variable).ok_or(ConfigError::VariableNotText { name: variable })?;
            verifying.push(as_used(Secret::new(variable, text)));
        } else {
            verifying.extend(files.next().into_iter().flatten().map(as_used));
        }
        // What the environment or an earlier file hides.
        hidden.extend(files.flatten());
    }
    // A hidden one may be the right one, which is hidden from the app too.
    hidden.retain(|secret| !verifying.iter().any(|known: &Secret| known.text() == secret.text()));
    let mut read = |path: &PathBuf| {
        let (text, notice) = read_secret(path, empty, environment.tell)?;
        notices.extend(notice);
        Ok(Secret::in_file(path.display().to_string(), text))
    };
    let named = |flags: &'_ [PathBuf], file: &Option<Vec<PathBuf>>| match file {
        Some(paths) if flags.is_empty() => paths.clone(),
        _ => flags.to_vec(),
    };
    for path in &named(files.verifying, &environment.file.secret_files) {
        verifying.push(read(path)?);
    }
    let known_only = named(files.known_only, &environment.file.known_secret_files);
    let mut known_only = known_only.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    known_only.extend(hidden);
    if verifying.is_empty() {
        let is_empty_variable = environment.variable(SECRET_VARIABLE).is_some();
        if is_empty_variable && empty == EmptySecret::Counts {
            // It is reported like every secret that looks wrong.
            verifying.push(Secret::new(SECRET_VARIABLE, ""));
        } else if let Some(place) = empty_place(environment, is_empty_variable) {
            let text = format!("`{SECRET_VARIABLE}` in {place} is empty");
            notices.push(Notice { text, hint: "set it to the signing secret from the dashboard".to_owned() });
        }
    }
    Ok((Keyring { verifying, known_only }, notices))
}

/// Where the variable is set, but to nothing.
fn empty_place(environment: &Environment, is_empty_variable: bool) -> Option<String> {
    if is_empty_variable {
        return Some("the environment".to_owned());
    }
    let sets_it = |read: &&DotEnv| read.variables.iter().any(|(name, _)| name == SECRET_VARIABLE);
    environment.dot_env.iter().find(sets_it).map(|read| format!("`{}`", read.file))
}

fn in_dot_env(DotEnv { file, variables }: &DotEnv, variable: &str) -> Vec<Secret> {
    let lines = variables.iter().filter(|(name, value)| name == variable && !value.is_empty());
    let secret = |(place, (name, value)): (usize, &(String, String))| {
        let label = if place == 0 { format!("{name} in {file}") } else { format!("{name}#{} in {file}", place + 1) };
        Secret::new(label, value.as_str())
    };
    lines.enumerate().map(secret).collect()
}

/// Whether the path is a secret, which must not be shown.
fn is_secret(path: &Path) -> bool {
    /// The shortest key, in base64.
    const KEY: usize = 32;
    let text = path.to_string_lossy();
    let is_key = || {
        let is_base64 = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=');
        let has = |is: fn(&u8) -> bool| text.as_bytes().iter().any(is);
        text.len() >= KEY
            && text.bytes().all(is_base64)
            && has(u8::is_ascii_uppercase)
            && has(u8::is_ascii_lowercase)
            && has(u8::is_ascii_digit)
    };
    ["whsec_", "insec_"].iter().any(|prefix| text.contains(prefix)) || is_key()
}

fn read_secret(path: &Path, empty: EmptySecret, tell: fn(&str)) -> Result<(String, Option<Notice>), ConfigError> {
    let path_buf = || path.to_owned();
    let read = reading::read(path, Source::FileOrStream(&tell), MAX_TEXT);
    let Contents { bytes, metadata } = read.map_err(|error| match error {
        ReadError::TooLarge(_) => ConfigError::SecretTooLarge { path: path_buf() },
        _ if is_secret(path) => ConfigError::SecretAsPath,
        source => ConfigError::SecretFile { path: path_buf(), source },
    })?;
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") || bytes.contains(&0) {
        return Err(ConfigError::SecretUtf16 { path: path_buf() });
    }
    let text = String::from_utf8(bytes).map_err(|_| ConfigError::SecretNotText { path: path_buf() })?;
    let text = text.strip_suffix('\n').map_or(text.as_str(), |line| line.strip_suffix('\r').unwrap_or(line));
    if text.is_empty() && empty == EmptySecret::IsNone {
        return Err(ConfigError::SecretEmpty { path: path_buf() });
    }
    Ok((text.to_owned(), trust::notice(path, &metadata)))
}

#[cfg(test)]
mod tests {
    use super::super::Layer;
    use super::*;
    use crate::core::signature::HIDDEN_SECRET;

    fn environment(variables: &[(&str, &str)], dot_env: &[(&str, &str)]) -> Environment {
        let dot_env = dot_env.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Environment {
            variables: variables.iter().map(|(name, value)| (name.into(), value.into())).collect(),
            dot_env: vec![DotEnv { file: ".env", variables: dot_env }],
            file: Layer::default(),
            notices: Vec::new(),
            tell: |_| (),
        }
    }

    fn labels_and_texts(keyring: &Keyring) -> Vec<(&str, &str)> {
        keyring.verifying.iter().map(|secret| (secret.label(), secret.text())).collect()
    }

    fn only(verifying: &[PathBuf]) -> SecretFiles<'_> {
        SecretFiles { verifying, known_only: &[] }
    }

    #[test]
    fn a_known_secret_does_not_verify() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("old");
        std::fs::write(&path, "whsec_b2xk\n").unwrap();
        let files = SecretFiles { verifying: &[], known_only: std::slice::from_ref(&path) };
        let keyring = keyring(&environment(&[], &[]), files, EmptySecret::IsNone).unwrap().0;
        assert!(keyring.is_empty());
        assert_eq!(keyring.known_only[0].text(), "whsec_b2xk");
    }

    #[test]
    fn the_environment_wins_over_dot_env_and_is_used_verbatim() {
        let both = environment(&[(SECRET_VARIABLE, " whsec_a \n")], &[(SECRET_VARIABLE, "whsec_b")]);
        assert_eq!(
            labels_and_texts(&keyring(&both, SecretFiles::default(), EmptySecret::IsNone).unwrap().0),
            [(SECRET_VARIABLE, " whsec_a \n")]
        );
    }

    #[test]
    fn a_secret_in_dot_env_that_the_environment_hides_is_known_but_does_not_verify() {
        let both =
            environment(&[(SECRET_VARIABLE, "whsec_a")], &[(SECRET_VARIABLE, "whsec_b"), (SECRET_VARIABLE, "whsec_a")]);
        let keyring = keyring(&both, SecretFiles::default(), EmptySecret::IsNone).unwrap().0;
        let known: Vec<_> = keyring.known_only.iter().map(|secret| (secret.label(), secret.text())).collect();
        assert_eq!(known, [(HIDDEN_SECRET, "whsec_b")]);
    }

    #[test]
    fn dot_env_local_wins_over_dot_env() {
        let mut both = environment(&[], &[(SECRET_VARIABLE, "whsec_b"), (SECRET_VARIABLE, "whsec_a")]);
        let local = |value: &str| DotEnv {
            file: ".env.local",
            variables: vec![(SECRET_VARIABLE.to_owned(), value.to_owned()), ("OTHER".to_owned(), "x".to_owned())],
        };
        both.dot_env.insert(0, local("whsec_a"));
        let read = keyring(&both, SecretFiles::default(), EmptySecret::IsNone).unwrap().0;
        assert_eq!(labels_and_texts(&read), [("SCALEKIT_WEBHOOK_SECRET in .env.local", "whsec_a")]);
        let known: Vec<_> = read.known_only.iter().map(|secret| (secret.label(), secret.text())).collect();
        assert_eq!(known, [(HIDDEN_SECRET, "whsec_b")]);
        both.dot_env[0] = local("");
        let read = keyring(&both, SecretFiles::default(), EmptySecret::IsNone).unwrap().0;
        assert_eq!(labels_and_texts(&read)[0], (HIDDEN_SECRET, "whsec_b"), "an empty one hides nothing");
        both.dot_env[0].variables[0].0 = TRIGGER_SECRET_VARIABLE.to_owned();
        both.dot_env[0].variables[0].1 = "whsec_t".to_owned();
        let read = keyring(&both, SecretFiles::default(), EmptySecret::IsNone).unwrap().0;
        let labels: Vec<_> = read.verifying.iter().map(Secret::label).collect();
        assert_eq!(labels[0], HIDDEN_SECRET, "each variable for itself");
        assert_eq!(labels[2], "SCALEKIT_TRIGGER_SECRET in .env.local");
    }

    #[test]
    fn a_secret_given_as_a_path_is_not_shown() {
        for secret in ["whsec_b2xk", "./whsec_b2xk", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"] {
            let error = keyring(&environment(&[], &[]), only(&[secret.into()]), EmptySecret::IsNone).unwrap_err();
            let text = format!("{error} {}", error.hint());
            assert!(matches!(error, ConfigError::SecretAsPath) && !text.contains(secret), "{text}");
        }
    }

    #[test]
    fn dot_env_can_hold_several_secrets() {
        let two = environment(&[], &[(SECRET_VARIABLE, "whsec_a"), ("OTHER", "x"), (SECRET_VARIABLE, "whsec_b")]);
        assert_eq!(
            labels_and_texts(&keyring(&two, SecretFiles::default(), EmptySecret::IsNone).unwrap().0),
            [("SCALEKIT_WEBHOOK_SECRET in .env", "whsec_a"), ("SCALEKIT_WEBHOOK_SECRET#2 in .env", "whsec_b")]
        );
    }

    #[test]
    fn the_secret_for_trigger_events_is_read_like_the_first() {
        let both = environment(&[(TRIGGER_SECRET_VARIABLE, "whsec_a")], &[(SECRET_VARIABLE, "whsec_b")]);
        let (ring, _) = keyring(&both, SecretFiles::default(), EmptySecret::IsNone).unwrap();
        let expected = [("SCALEKIT_WEBHOOK_SECRET in .env", "whsec_b"), (TRIGGER_SECRET_VARIABLE, "whsec_a")];
        assert_eq!(labels_and_texts(&ring), expected);
        let in_file = environment(&[], &[(TRIGGER_SECRET_VARIABLE, "whsec_a")]);
        let (ring, _) = keyring(&in_file, SecretFiles::default(), EmptySecret::IsNone).unwrap();
        assert_eq!(labels_and_texts(&ring), [("SCALEKIT_TRIGGER_SECRET in .env", "whsec_a")]);
        assert_eq!(ring.signing().count(), 0, "it signs no webhook");
    }

    #[test]
    fn an_empty_variable_is_not_a_secret() {
        let empty = environment(&[(SECRET_VARIABLE, "")], &[]);
        let with = |files, empty_secret| keyring(&empty, files, empty_secret).unwrap().0;
        assert!(with(SecretFiles::default(), EmptySecret::IsNone).is_empty());
        // For `verify` it is one, unless there is another secret.
        assert_eq!(labels_and_texts(&with(SecretFiles::default(), EmptySecret::Counts)), [(SECRET_VARIABLE, "")]);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        std::fs::write(&path, "").unwrap();
        let files = SecretFiles { verifying: std::slice::from_ref(&path), known_only: &[] };
        assert_eq!(labels_and_texts(&with(files, EmptySecret::Counts)), [(path.to_str().unwrap(), "")]);
    }

    #[test]
    fn files_on_the_command_line_replace_those_of_the_configuration_file() {
        let folder = tempfile::tempdir().unwrap();
        let [a, b] = ["a", "b"].map(|name| {
            let path = folder.path().join(name);
            std::fs::write(&path, format!("whsec_{name}")).unwrap();
            path
        });
        let mut configured = environment(&[], &[]);
        configured.file.secret_files = Some(vec![a]);
        let texts = |files| {
            let keyring = keyring(&configured, files, EmptySecret::IsNone).unwrap().0;
            keyring.verifying.iter().map(|secret| secret.text().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(texts(SecretFiles::default()), ["whsec_a"]);
        assert_eq!(texts(only(&[b])), ["whsec_b"]);
    }

    #[test]
    fn a_file_loses_one_final_newline_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        std::fs::write(&path, "whsec_a \n\n").unwrap();
        let keyring =
            keyring(&environment(&[], &[]), only(std::slice::from_ref(&path)), EmptySecret::IsNone).unwrap().0;
        assert_eq!(keyring.verifying[0].text(), "whsec_a \n");
    }

    #[test]
    fn each_unusable_secret_file_has_its_own_error() {
        let folder = tempfile::tempdir().unwrap();
        let none = environment(&[], &[]);
        let attempt = |name: &str, bytes: &[u8]| {
            let path = folder.path().join(name);
            std::fs::write(&path, bytes).unwrap();
            keyring(&none, only(&[path]), EmptySecret::IsNone).unwrap_err()
        };
        assert!(matches!(attempt("empty", b"\n"), ConfigError::SecretEmpty { .. }));
        assert!(matches!(attempt("bytes", b"\xff"), ConfigError::SecretNotText { .. }));
        assert!(matches!(attempt("marked", b"\xff\xfew\0"), ConfigError::SecretUtf16 { .. }));
        assert!(matches!(attempt("unmarked", b"w\0h\0"), ConfigError::SecretUtf16 { .. }));
        assert!(matches!(attempt("large", &vec![b'a'; 2_100_000]), ConfigError::SecretTooLarge { .. }));
        let missing = keyring(&none, only(&[folder.path().join("missing")]), EmptySecret::Counts).unwrap_err();
        assert!(matches!(missing, ConfigError::SecretFile { .. }));
    }
}
