//! Keys of the screen as the user sets them, before the table of keys has looked at them.

/// Other keys for one action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rebinding {
    /// The name of the action, such as `redeliver`.
    pub action: String,
    /// The names of its keys, such as `r` or `Ctrl-r`. Without any, the action is only in the palette.
    pub keys: Vec<String>,
    /// The line of the configuration file.
    pub line: usize,
}
