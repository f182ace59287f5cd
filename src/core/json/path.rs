//! Where a line stands in its document: `data.user.email`, `roles[0].name`, `data["a b"]`.

use super::document::Document;

/// Steps that a path has at most; of a deeper one the first are left out and `…` stands for them.
const MAX_STEPS: usize = 256;

impl Document {
    /// The path of the value on `line` as it would be written after a variable in most languages, without that
    /// variable; `$` for the whole document. Keys that are not plain names keep quotes and escapes as received.
    /// Empty for what is not JSON; a very deep one begins with `…`. Reads back over the lines before it.
    pub fn path(&self, line: usize) -> String {
        let Some(layout) = self.layout().filter(|layout| line < layout.lines.len()) else {
            return String::new();
        };
        let mut steps = Vec::new();
        let mut line = self.opening_line(layout, line);
        while layout.lines[line].depth > 0 && steps.len() < MAX_STEPS {
            let depth = layout.lines[line].depth;
            let key = self.key(layout, line);
            let mut before = line;
            let mut siblings = 0_usize;
            while layout.lines[before - 1].depth >= depth {
                before -= 1;
                siblings += usize::from(
                    key.is_none() && layout.lines[before].depth == depth && !self.is_closing(layout, before),
                );
            }
            line = before - 1;
            steps.push(key.map_or(Step::Index(siblings), Step::Key));
        }
        let mut path = if layout.lines[line].depth > 0 { "…".to_owned() } else { String::new() };
        for step in steps.iter().rev() {
            step.write(&mut path);
        }
        if path.is_empty() { "$".to_owned() } else { path }
    }
}

enum Step<'a> {
    /// With its quotes.
    Key(&'a [u8]),
    Index(usize),
}

impl Step<'_> {
    fn write(&self, path: &mut String) {
        match self {
            Self::Index(index) => path.extend(["[", &index.to_string(), "]"]),
            Self::Key(token) => {
                let token = String::from_utf8_lossy(token);
                let name = &token[1..token.len() - 1];
                if is_name(name) {
                    if !path.is_empty() {
                        path.push('.');
                    }
                    path.push_str(name);
                } else {
                    path.extend(["[", &*token, "]"]);
                }
            }
        }
    }
}

/// Whether a key can stand after a dot.
fn is_name(key: &str) -> bool {
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$');
    key.as_bytes().first().is_some_and(|first| is_part(first) && !first.is_ascii_digit())
        && key.bytes().all(|byte| is_part(&byte))
}
