//! `config.md`: the keys of the configuration file.

use hookglass::config::keys::{KEYS, Value};
use std::fmt::Write;

const INTRODUCTION: &str = "# Configuration keys

hookglass reads `hookglass/config.toml` in your configuration folder (`$XDG_CONFIG_HOME`, else `~/.config`), or the file that `--config`
names. Flags win over the file, and the file over the defaults. A flag that can be repeated replaces the whole list of the file.
Paths are relative to the folder of the file.

`hookglass config` prints the file with every key and its default, `hookglass config --path` the path of the file, and
`hookglass config --schema` a JSON schema for editors.
";

pub fn page() -> String {
    let mut page = INTRODUCTION.to_owned();
    for key in KEYS {
        write!(page, "\n## `{}`\n\n{}\n\n", key.name, key.help.join(" ")).unwrap();
        writeln!(page, "- Value: {}", key.kind).unwrap();
        match key.value {
            Value::Default(toml) => writeln!(page, "- Default: `{toml}`").unwrap(),
            Value::Unset { meaning, .. } => writeln!(page, "- Without it: {meaning}").unwrap(),
        }
        if let Some(flag) = key.flag {
            writeln!(page, "- Flag: `{flag}`").unwrap();
        }
        if let Some(old_name) = key.old_name {
            writeln!(page, "- Old name: `{old_name}`").unwrap();
        }
        if let Value::Unset { example, .. } = key.value {
            write!(page, "\n```toml\n{} = {example}\n```\n", key.name).unwrap();
        }
    }
    page
}
