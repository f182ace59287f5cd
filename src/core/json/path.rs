//! The path of a line in its document: `data.user.email`, `roles[0].name`, `data["a b"]`.

use super::document::Document;

/// Most steps in a path. In a longer one `…` replaces the first steps.
const MAX_STEPS: usize = 256;

impl Document {
    /// The path of the value on `line`, as most languages write it after a variable. `$` is the whole document. Keys
    /// that are not plain names keep their quotes and escapes as received. The path is empty outside JSON, and a very
    /// deep one starts with `…`. The time depends on the depth, not on the lines before.
    pub fn path(&self, line: usize) -> String {
        let Some(layout) = self.layout().filter(|layout| line < layout.lines.len()) else {
            return String::new();
        };
        let mut steps = Vec::new();
        let mut line = self.opening_line(layout, line);
        let mut around = layout.around(line);
        while let Some(container) = around.filter(|_| steps.len() < MAX_STEPS) {
            steps.push(self.key(line).map_or_else(|| Step::Index(layout.place(container, line)), Step::Key));
            line = layout.spans[container].first as usize;
            around = layout.parent(container);
        }
        let mut path = if around.is_some() { "…".to_owned() } else { String::new() };
        for step in steps.iter().rev() {
            step.write(&mut path);
        }
        if path.is_empty() { "$".to_owned() } else { path }
    }
}

/// `a[0].b[12]` becomes `a[].b[]`.
pub(crate) fn without_indexes(path: &str) -> String {
    let mut general = String::with_capacity(path.len());
    let mut rest = path;
    while let Some(open) = rest.find('[') {
        let (before, inner) = rest.split_at(open + 1);
        general.push_str(before);
        let digits = inner.len() - inner.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        rest = if inner[digits..].starts_with(']') { &inner[digits..] } else { inner };
    }
    general + rest
}

/// A step of a path.
pub(crate) enum Step<'a> {
    /// With its quotes.
    Key(&'a [u8]),
    Index(usize),
}

impl Step<'_> {
    pub(crate) fn write(&self, path: &mut String) {
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

/// Whether a key can be written after a dot.
fn is_name(key: &str) -> bool {
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$');
    key.as_bytes().first().is_some_and(|first| is_part(first) && !first.is_ascii_digit())
        && key.bytes().all(|byte| is_part(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indexes_are_left_out_of_paths() {
        for (path, general) in [
            ("data.a", "data.a"),
            ("data.a[0].b[12]", "data.a[].b[]"),
            ("[3]", "[]"),
            ("data[\"x[1\"].b[2]", "data[\"x[1\"].b[]"),
            ("$", "$"),
        ] {
            assert_eq!(without_indexes(path), general);
        }
    }
}
