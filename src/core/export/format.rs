//! The formats that a list of events can be exported in.

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ExportFormat {
    /// HTTP Archive 1.2.
    Har,
    /// One JSON object per line.
    Ndjson,
    /// A folder with a file for each event.
    Fixtures,
}

impl ExportFormat {
    pub const ALL: [Self; 3] = [Self::Har, Self::Ndjson, Self::Fixtures];

    /// The word on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Har => "har",
            Self::Ndjson => "ndjson",
            Self::Fixtures => "fixtures",
        }
    }

    /// The format that a name of a file or a folder asks for: `a.har`, `a.ndjson`, `a/`.
    pub fn of_name(name: &str) -> Option<Self> {
        let ends = |end: &str| name.len() > end.len() && name.to_ascii_lowercase().ends_with(end);
        if ends(".har") {
            Some(Self::Har)
        } else if ends(".ndjson") || ends(".jsonl") {
            Some(Self::Ndjson)
        } else {
            name.ends_with('/').then_some(Self::Fixtures)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_says_its_format() {
        for (name, format) in [
            ("a.har", Some(ExportFormat::Har)),
            ("b/a.HAR", Some(ExportFormat::Har)),
            ("a.ndjson", Some(ExportFormat::Ndjson)),
            ("a.jsonl", Some(ExportFormat::Ndjson)),
            ("fixtures/", Some(ExportFormat::Fixtures)),
            ("a.json", None),
            (".har", None),
            ("", None),
        ] {
            assert_eq!(ExportFormat::of_name(name), format, "{name}");
        }
    }
}
