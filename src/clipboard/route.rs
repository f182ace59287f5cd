//! Which ways to copy to try, in order: a pure function of the environment.

/// What copying needs to know about the environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Environment {
    /// The session runs over SSH, so this machine's clipboard is not the user's.
    pub is_remote: bool,
    /// There is a display, which has a clipboard.
    pub has_display: bool,
    pub is_tmux: bool,
    /// Output goes to a terminal that understands control sequences.
    pub has_terminal: bool,
}

impl Environment {
    /// Reads environment variables through `variable`. `is_terminal`: whether output goes to a terminal.
    pub(crate) fn from_variables(variable: impl Fn(&str) -> Option<String>, is_terminal: bool) -> Self {
        let is_set = |name| variable(name).is_some_and(|value| !value.is_empty());
        let always_has_display = cfg!(any(target_os = "macos", windows));
        Self {
            is_remote: is_set("SSH_CONNECTION") || is_set("SSH_TTY"),
            has_display: always_has_display || is_set("DISPLAY") || is_set("WAYLAND_DISPLAY"),
            is_tmux: is_set("TMUX"),
            has_terminal: is_terminal && variable("TERM").is_none_or(|term| term != "dumb"),
        }
    }
}

/// A way to copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Route {
    System,
    /// `tmux load-buffer`, which also passes the text to the terminal that tmux runs in.
    Tmux,
    /// OSC 52. Not used inside tmux, whose default configuration drops it.
    Terminal,
    File,
}

/// The ways in the order to try. The last is always a file.
pub fn plan(environment: &Environment) -> Vec<Route> {
    let system = (environment.has_display && !environment.is_remote).then_some(Route::System);
    let terminal = match (environment.is_tmux, environment.has_terminal) {
        (true, _) => Some(Route::Tmux),
        (false, true) => Some(Route::Terminal),
        (false, false) => None,
    };
    system.into_iter().chain(terminal).chain([Route::File]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use Route::{File, System, Terminal, Tmux};

    fn planned(variables: &[(&str, &str)], is_terminal: bool) -> Vec<Route> {
        let find = |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
        plan(&Environment::from_variables(find, is_terminal))
    }

    #[test]
    fn the_clipboard_in_front_of_the_user_comes_first() {
        let display = ("DISPLAY", ":0");
        let (ssh, tmux, term) = (("SSH_TTY", "/dev/pts/1"), ("TMUX", "/tmp/tmux-0/default,1,0"), ("TERM", "xterm"));
        for (variables, is_terminal, expected) in [
            (&[display, term][..], true, &[System, Terminal, File][..]),
            (&[("WAYLAND_DISPLAY", "wayland-0")], true, &[System, Terminal, File]),
            (&[display, tmux], true, &[System, Tmux, File]),
            (&[display, ssh], true, &[Terminal, File]),
            (&[display, ("SSH_CONNECTION", "192.0.2.1 1 192.0.2.2 22"), tmux], true, &[Tmux, File]),
            (&[ssh], false, &[File]),
            (&[ssh, ("TERM", "dumb")], true, &[File]),
        ] {
            assert_eq!(planned(variables, is_terminal), expected, "{variables:?}");
        }
    }

    #[cfg(not(any(target_os = "macos", windows)))]
    #[test]
    fn without_a_display_the_terminal_comes_first() {
        assert_eq!(planned(&[("TERM", "xterm"), ("DISPLAY", "")], true), [Terminal, File]);
        assert_eq!(planned(&[("TMUX", "x")], true), [Tmux, File]);
        assert_eq!(planned(&[], false), [File]);
    }

    #[cfg(any(target_os = "macos", windows))]
    #[test]
    fn there_is_always_a_display() {
        assert_eq!(planned(&[], false), [System, File]);
    }
}
