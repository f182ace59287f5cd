//! The search in the detail pane.

use super::Tab;
use crate::core::find::{Hits, Needle};
use crate::core::numbers::grouped;
use crate::tui::content::Highlight;

/// See the module.
#[derive(Clone, Debug)]
pub struct TextSearch {
    /// The tab that is searched.
    pub tab: Tab,
    pub text: String,
    pub needle: Needle,
    /// Tells this search from earlier ones.
    pub number: u64,
    /// `None` while the search runs.
    pub hits: Option<Hits>,
    /// The index of the hit that was gone to last.
    pub current: Option<usize>,
    /// The offset from which the first hit is chosen.
    pub origin: usize,
}

impl TextSearch {
    /// The offsets of the hits so far.
    pub fn offsets(&self) -> &[usize] {
        self.hits.as_ref().map_or(&[], |hits| &hits.offsets)
    }

    /// Which hit of how many, as `3/12`.
    pub fn count(&self) -> String {
        let Some(hits) = &self.hits else { return "…".to_owned() };
        let more = if hits.is_truncated { "+" } else { "" };
        let all = grouped(hits.offsets.len() as u64);
        match self.current {
            Some(current) => format!("{}/{all}{more}", grouped(current as u64 + 1)),
            None => format!("{all}{more}"),
        }
    }

    pub fn highlight(&self) -> Highlight<'_> {
        let offsets = self.offsets();
        Highlight { offsets, length: self.needle.length(), current: self.current.map(|current| offsets[current]) }
    }
}
