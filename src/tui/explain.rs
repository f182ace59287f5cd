//! The page of a reason as lines of text. The views draw it; `update` uses its length to limit scrolling.

use super::help::Pieces;
use super::theme::Role;
use crate::core::diagnosis::Page;

/// The page, wrapped at `width` columns. A longer line of code continues in the next row.
pub fn lines(page: &Page, width: usize) -> Vec<Pieces> {
    page.lines().into_iter().flat_map(|line| line.rows(width)).flat_map(|row| wrapped(row, width)).collect()
}

fn wrapped(row: Vec<(impl Into<Role>, Vec<u8>)>, width: usize) -> Vec<Pieces> {
    let pieces = row.into_iter().map(|(tone, bytes)| (tone.into(), String::from_utf8_lossy(&bytes).into_owned()));
    let pieces: Pieces = pieces.collect();
    match &pieces[..] {
        [(role, text)] if text.chars().count() > width => {
            let characters: Vec<char> = text.chars().collect();
            characters.chunks(width.max(1)).map(|row| vec![(*role, row.iter().collect())]).collect()
        }
        _ => vec![pieces],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::diagnosis::pages;

    #[test]
    fn every_page_fits_and_is_whole_at_every_width() {
        let text = |width| {
            let lines = pages().into_iter().map(move |page| lines(&page, width)).collect::<Vec<_>>().concat();
            lines.into_iter().map(|line| line.into_iter().map(|(_, text)| text).collect::<String>()).collect::<Vec<_>>()
        };
        let whole = text(usize::MAX).concat().replace(' ', "");
        for width in [36, 56, 76, 100] {
            let rows = text(width);
            assert!(rows.iter().all(|row| row.chars().count() <= width), "{width}");
            assert_eq!(rows.concat().replace(' ', ""), whole, "{width}");
        }
    }
}
