//! The one way to start another program. What it starts must not learn the signing secret, which nothing but hookglass needs: an
//! editor loads plug-ins, and a shell passes its environment on.

use std::ffi::OsStr;
use std::process::Command;

/// What the names of the variables begin with that no other program gets: the secret's and whatever else belongs to the provider.
const WITHHELD: &[u8] = b"SCALEKIT_";

/// A command for `program` with our environment, less the provider's variables.
pub fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os().filter(|(name, _)| is_withheld(name)) {
        command.env_remove(name);
    }
    command
}

/// A command for the line `text` of the shell. It leads a group of its own, so that what the shell starts ends with [`end_group`].
pub fn shell(text: &str) -> Command {
    let mut command = command("sh");
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    command.arg("-c").arg(text);
    command
}

/// Ends what still runs of the group that a child leads. `id`: its id; `None` if it has been waited for.
pub fn end_group(id: Option<u32>) {
    #[cfg(unix)]
    {
        use rustix::process::{Pid, Signal, kill_process_group};
        if let Some(id) = id.and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw) {
            // It may have ended at this moment.
            let _ = kill_process_group(id, Signal::KILL);
        }
    }
    #[cfg(not(unix))]
    let _ = id;
}

/// Names differ by case on Unix alone, and a secret in lower case is one all the same.
fn is_withheld(name: &OsStr) -> bool {
    let start = name.as_encoded_bytes().get(..WITHHELD.len());
    start.is_some_and(|start| start.eq_ignore_ascii_case(WITHHELD))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_providers_variables_are_withheld_and_no_others() {
        for (name, expected) in [
            ("SCALEKIT_WEBHOOK_SECRET", true),
            ("scalekit_client_secret", true),
            ("SCALEKIT_", true),
            ("SCALEKI", false),
            ("PATH", false),
            ("MY_SCALEKIT_URL", false),
            ("", false),
        ] {
            assert_eq!(is_withheld(OsStr::new(name)), expected, "{name}");
        }
    }
}
