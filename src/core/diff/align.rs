//! Which elements of two arrays belong together.

use super::digest::Digest;
use similar::{Algorithm, DiffOp, capture_diff_slices};

/// The most elements that are aligned, after what is the same at both ends. More are compared place by place.
const MAX_ALIGNED: usize = 1000;

/// A pair of places, or a place without a partner. Pairs of equal elements are left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Aligned {
    Both(usize, usize),
    Removed(usize),
    Added(usize),
}

pub(super) fn align(before: &[Digest], after: &[Digest]) -> Vec<Aligned> {
    let start = before.iter().zip(after).take_while(|(a, b)| a == b).count();
    let rest = before.len().min(after.len()) - start;
    let end = before.iter().rev().zip(after.iter().rev()).take(rest).take_while(|(a, b)| a == b).count();
    let (a, b) = (&before[start..before.len() - end], &after[start..after.len() - end]);
    let mut aligned = Vec::new();
    if a.len().max(b.len()) > MAX_ALIGNED {
        pair(start, a.len(), start, b.len(), &mut aligned);
        aligned.retain(|found| !matches!(found, Aligned::Both(a, b) if before[*a] == after[*b]));
        return aligned;
    }
    for operation in capture_diff_slices(Algorithm::Myers, a, b) {
        let (old, new) = (operation.old_range(), operation.new_range());
        if !matches!(operation, DiffOp::Equal { .. }) {
            pair(start + old.start, old.len(), start + new.start, new.len(), &mut aligned);
        }
    }
    aligned
}

/// Elements at the same place of a changed part belong together; the rest was removed or added.
fn pair(old: usize, old_count: usize, new: usize, new_count: usize, aligned: &mut Vec<Aligned>) {
    let both = old_count.min(new_count);
    aligned.extend((0..both).map(|place| Aligned::Both(old + place, new + place)));
    aligned.extend((both..old_count).map(|place| Aligned::Removed(old + place)));
    aligned.extend((both..new_count).map(|place| Aligned::Added(new + place)));
}
