//! Folds: the rows that stay visible.

use super::super::*;
use super::json_text;
use bytes::Bytes;
use proptest::prelude::*;

const BODY: &str = r#"{"a":1,"b":{"c":[1,2],"d":{}},"e":[[3]]}"#;

/// The lines that have a row, in order.
fn shown(folds: &Folds) -> Vec<usize> {
    (0..folds.row_count()).map(|row| folds.line(row)).collect()
}

fn with(document: &Document, changes: &[(usize, bool)]) -> Folds {
    let mut folds = Folds::new(document);
    for (line, is_folded) in changes {
        folds.set(document, *line, *is_folded);
    }
    folds
}

#[test]
fn a_folded_container_is_one_row_and_keeps_what_is_folded_in_it() {
    // 0 {, 1 a, 2 b: {, 3 c: [, 4 1, 5 2, 6 ], 7 d: {}, 8 }, 9 e: [, 10 [, 11 3, 12 ], 13 ], 14 }
    let document = Document::new(Bytes::from(BODY));
    for (changes, expected) in [
        (&[][..], &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14][..]),
        (&[(3, true)], &[0, 1, 2, 3, 7, 8, 9, 10, 11, 12, 13, 14]),
        (&[(3, true), (2, true)], &[0, 1, 2, 9, 10, 11, 12, 13, 14]),
        (&[(3, true), (2, true), (2, false)], &[0, 1, 2, 3, 7, 8, 9, 10, 11, 12, 13, 14]),
        (&[(3, true), (9, true)], &[0, 1, 2, 3, 7, 8, 9, 14]),
        (&[(0, true)], &[0]),
        // Nothing to fold: a number, an empty object, a closing bracket, no line.
        (&[(1, true), (7, true), (8, true), (99, true)], &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14]),
    ] {
        assert_eq!(shown(&with(&document, changes)), expected, "{changes:?}");
    }
}

#[test]
fn levels_fold_from_a_depth_on() {
    let document = Document::new(Bytes::from(BODY));
    assert_eq!(document.deepest_fold(), Some(2));
    let mut folds = Folds::new(&document);
    for (depth, expected) in [(0, &[0][..]), (1, &[0, 1, 2, 9, 14]), (2, &[0, 1, 2, 3, 7, 8, 9, 10, 13, 14])] {
        folds.fold_from(&document, depth);
        assert_eq!(shown(&folds), expected, "{depth}");
    }
    folds.unfold_all();
    assert_eq!(folds, Folds::new(&document));
}

#[test]
fn a_line_is_revealed_by_unfolding_only_what_hides_it() {
    let document = Document::new(Bytes::from(BODY));
    let mut folds = Folds::new(&document);
    folds.fold_from(&document, 1);
    folds.reveal(&document, 4);
    assert_eq!(shown(&folds), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 14]);
}

#[test]
fn text_has_nothing_to_fold() {
    let document = Document::new(Bytes::from("a\nb"));
    let folds = with(&document, &[(0, true)]);
    assert_eq!((shown(&folds), document.deepest_fold(), document.opening(1)), (vec![0, 1], None, 1));
}

proptest! {
    #[test]
    fn rows_are_the_lines_that_no_folded_container_hides(
        text in json_text(),
        changes in prop::collection::vec((0..40usize, any::<bool>()), 0..12),
    ) {
        let document = Document::new(Bytes::from(text));
        let folds = with(&document, &changes);
        let state = |line: usize| changes.iter().rev().find(|(changed, _)| *changed == line).is_some_and(|(_, is)| *is);
        let folded: Vec<Fold> =
            (0..document.line_count()).filter_map(|line| document.fold(line)).filter(|fold| state(fold.first)).collect();
        let hides = |line: usize| folded.iter().find(|fold| fold.first < line && line <= fold.last);
        let expected: Vec<usize> = (0..document.line_count()).filter(|line| hides(*line).is_none()).collect();
        prop_assert_eq!(shown(&folds), expected.clone());
        for line in 0..document.line_count() {
            let visible = hides(line).map_or(line, |fold| fold.first);
            prop_assert_eq!(folds.line(folds.row(line)), visible);
            prop_assert_eq!(folds.is_folded(line), expected.contains(&line) && document.fold(line).is_some() && state(line));
            let mut revealed = folds.clone();
            revealed.reveal(&document, line);
            prop_assert_eq!(revealed.line(revealed.row(line)), line);
        }
    }
}
