//! The hits of a search in the segments of a line.

use crate::core::printable::Printable;
use crate::tui::theme::Role;
use std::ops::Range;

/// Text of another script in front of a hit whose width is measured, in bytes. For more, the pane does not scroll
/// sideways to the hit.
const MAX_MEASURED: usize = 1 << 18;

/// The hits to show.
#[derive(Clone, Copy)]
pub struct Highlight<'a> {
    /// Where they start in the searched text, in order.
    pub offsets: &'a [usize],
    /// The length of each in bytes.
    pub length: usize,
    /// The start of the one that was gone to.
    pub current: Option<usize>,
}

/// A part of a line, with its offset in the searched text. Parts of hookglass's own have none.
pub(super) type Part<'a> = (Role, &'a [u8], Option<usize>);

impl<'a> Highlight<'a> {
    /// The role of the byte at `offset` of the searched text, if it is in a hit.
    pub(super) fn role_at(self, offset: usize) -> Option<Role> {
        let next = self.offsets.partition_point(|start| *start <= offset);
        let start = *self.offsets[..next].last().filter(|start| offset < **start + self.length)?;
        Some(if self.current == Some(start) { Role::CurrentHit } else { Role::Hit })
    }

    /// The part in pieces, those in a hit with the role of a hit.
    fn pieces(self, (role, bytes, start): Part<'a>) -> impl Iterator<Item = (Role, &'a [u8])> {
        let mut start = start.unwrap_or(usize::MAX - bytes.len());
        let mut rest = bytes;
        let mut next = self.offsets.partition_point(|offset| offset.saturating_add(self.length) <= start);
        std::iter::from_fn(move || {
            let (role, end) = match self.offsets.get(next).map(|offset| (*offset, offset + self.length)) {
                Some((offset, end)) if offset <= start => {
                    next += 1;
                    (if self.current == Some(offset) { Role::CurrentHit } else { Role::Hit }, end)
                }
                Some((offset, _)) => (role, offset),
                None => (role, usize::MAX),
            };
            let (piece, after) = rest.split_at(rest.len().min(end - start));
            (start, rest) = (end, after);
            (!piece.is_empty()).then_some((role, piece))
        })
    }
}

/// The pieces of all parts.
pub(super) fn pieces<'a>(
    parts: impl Iterator<Item = Part<'a>>,
    highlight: Option<Highlight<'a>>,
) -> impl Iterator<Item = (Role, &'a [u8])> {
    let highlight = highlight.unwrap_or(Highlight { offsets: &[], length: 1, current: None });
    parts.flat_map(move |part| highlight.pieces(part))
}

/// Parts that follow each other in the searched text from `start` on.
pub(super) fn in_a_row<'a>(
    segments: impl Iterator<Item = (Role, &'a [u8])>,
    mut start: usize,
) -> impl Iterator<Item = Part<'a>> {
    segments.map(move |(role, bytes)| {
        let offset = start;
        start += bytes.len();
        (role, bytes, Some(offset))
    })
}

/// The columns of the `length` bytes at `offset`. `None` if they are not in these parts, or too far in.
pub(super) fn columns<'a>(parts: impl Iterator<Item = Part<'a>>, offset: usize, length: usize) -> Option<Range<usize>> {
    let mut column = 0;
    for (_, bytes, start) in parts {
        if let Some(start) = start
            && (start..start + bytes.len()).contains(&offset)
        {
            let at = offset - start;
            let first = column + width(&bytes[..at])?;
            return Some(first..first + width(&bytes[at..bytes.len().min(at + length)])?);
        }
        column += width(bytes)?;
    }
    None
}

fn width(bytes: &[u8]) -> Option<usize> {
    if bytes.iter().all(|byte| matches!(byte, b' '..=b'~')) {
        return Some(bytes.len());
    }
    (bytes.len() <= MAX_MEASURED).then(|| Printable::from_bytes(bytes).width())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hits_split_parts_and_may_span_several() {
        let parts = [(Role::Text, &b"one "[..], Some(10)), (Role::Dim, b": ", None), (Role::Strong, b"two", Some(14))];
        for (offsets, length, expected) in [
            (&[][..], 2, "one |: |two"),
            (&[10], 2, "[on]|e |: |two"),
            (&[12, 14], 2, "on|[e ]|: |[tw]|o"),
            (&[12], 4, "on|[e ]|: |[tw]|o"),
            (&[8, 15, 16], 1, "one |: |t|[w]|[o]"),
            (&[9], 20, "[one ]|: |[two]"),
        ] {
            let highlight = Highlight { offsets, length, current: None };
            let shown = pieces(parts.into_iter(), Some(highlight)).map(|(role, bytes)| {
                let text = String::from_utf8_lossy(bytes).into_owned();
                if role == Role::Hit { format!("[{text}]") } else { text }
            });
            assert_eq!(shown.collect::<Vec<_>>().join("|"), expected, "{offsets:?}");
        }
        assert_eq!(columns(parts.into_iter(), 15, 9), Some(7..9));
        assert_eq!(columns(parts.into_iter(), 17, 1), None);
    }
}
