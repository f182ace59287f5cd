//! What saving a signing secret in a `.env` file would change. The user confirms it first. It never holds the secret.

use super::dot_env::Before;
use super::signature::SECRET_VARIABLE;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavingPlan {
    /// The file, as the system shows it.
    pub path: String,
    /// What the file says now; `None` if there is no file.
    pub before: Option<Before>,
    /// Whether other users of this machine can read the file.
    pub is_readable: bool,
    pub git: Git,
    /// Whether an exported variable hides what the file says.
    pub is_hidden: bool,
    /// Of the contents that the plan was made for.
    pub fingerprint: [u8; 32],
}

/// What git makes of the file. One that git tracks has no plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Git {
    NoRepository,
    Ignored,
    /// The `.gitignore` that gets a line.
    NotIgnored(String),
    /// There is a repository, but git did not run.
    Unknown,
}

impl SavingPlan {
    /// Whether the file says it already.
    pub fn is_done(&self) -> bool {
        matches!(self.before, Some(Before::Same(_)))
    }

    /// What is going to change, in sentences.
    pub fn sentences(&self) -> Vec<String> {
        let change = match self.before {
            None => "The file is created. Only you can read it.".to_owned(),
            Some(Before::Missing) => format!("It does not set `{SECRET_VARIABLE}`: a line is added at the end."),
            Some(Before::Empty(line)) => {
                format!("Line {line} sets `{SECRET_VARIABLE}` to nothing: it gets the secret.")
            }
            Some(Before::Other(line)) => {
                format!("Line {line} sets `{SECRET_VARIABLE}` to another secret: it is replaced.")
            }
            Some(Before::Same(line)) => format!("Line {line} has this secret already."),
        };
        let kept = self.before.map(|_| "Everything else in the file stays, and so do its mode and owner.".to_owned());
        let ignored = match &self.git {
            Git::NotIgnored(path) => Some(format!("git does not ignore the file yet: `{path}` gets a line.")),
            Git::NoRepository | Git::Ignored | Git::Unknown => None,
        };
        [Some(change), kept, ignored].into_iter().flatten().collect()
    }

    /// What the user should know before.
    pub fn warnings(&self) -> Vec<&'static str> {
        let readable = "Other users of this machine can read the file.";
        let git =
            "git did not run here, so hookglass cannot tell whether git tracks the file. Check that before you commit.";
        let hidden = "The exported variable hides it, for hookglass and most likely for your app.";
        [(self.is_readable, readable), (self.git == Git::Unknown, git), (self.is_hidden, hidden)]
            .into_iter()
            .filter_map(|(applies, warning)| applies.then_some(warning))
            .collect()
    }
}
