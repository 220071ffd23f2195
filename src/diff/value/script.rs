//! The least that turns one sequence into another, or nearly so.

use similar::{Algorithm, DiffTag, capture_diff_slices};
use std::hash::Hash;
use std::ops::Range;

/// A piece of both sequences.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) same: bool,
    /// Whether the sequences were too long to look into this piece.
    pub(super) coarse: bool,
    pub(super) old: Range<usize>,
    pub(super) new: Range<usize>,
}

/// How many elements are looked at in all, after what is alike at both ends. A limit of size and
/// not of time: the same input gives the same output on every machine. Work is at most quadratic
/// in it, about 50 ms.
const LONGEST: usize = 6_000;

/// The pieces of two sequences, in order, alike and different ones by turns. Exchanged sides give
/// exchanged pieces.
pub(super) fn script<T: Ord + Hash>(old: &[T], new: &[T]) -> Vec<Part> {
    // Of several shortest ways, one is taken: the same one from either side.
    if old > new {
        let mut parts = script(new, old);
        parts.iter_mut().for_each(|part| std::mem::swap(&mut part.old, &mut part.new));
        return parts;
    }
    let front = old.iter().zip(new).take_while(|(old, new)| old == new).count();
    let (rest_old, rest_new) = (&old[front..], &new[front..]);
    let pairs = rest_old.iter().rev().zip(rest_new.iter().rev());
    let end = pairs.take_while(|(old, new)| old == new).count();
    let (middle_old, middle_new) =
        (&rest_old[..rest_old.len() - end], &rest_new[..rest_new.len() - end]);
    let mut parts = Vec::new();
    push(&mut parts, true, 0..front, 0..front);
    if middle_old.len() + middle_new.len() > LONGEST {
        push(&mut parts, false, front..front + middle_old.len(), front..front + middle_new.len());
        parts.iter_mut().filter(|part| !part.same).for_each(|part| part.coarse = true);
    } else {
        for step in capture_diff_slices(Algorithm::Myers, middle_old, middle_new) {
            let (tag, old, new) = step.as_tag_tuple();
            let shifted = |range: Range<usize>| range.start + front..range.end + front;
            push(&mut parts, tag == DiffTag::Equal, shifted(old), shifted(new));
        }
    }
    push(&mut parts, true, old.len() - end..old.len(), new.len() - end..new.len());
    parts
}

fn push(parts: &mut Vec<Part>, same: bool, old: Range<usize>, new: Range<usize>) {
    if old.is_empty() && new.is_empty() {
        return;
    }
    match parts.last_mut() {
        Some(last) if last.same == same => {
            last.old.end = old.end;
            last.new.end = new.end;
        }
        _ => parts.push(Part { same, coarse: false, old, new }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_sequences_are_not_looked_into() {
        let old: Vec<usize> = (0..LONGEST).collect();
        let mut new: Vec<usize> = (LONGEST..2 * LONGEST).collect();
        new[0] = 0;
        let parts = script(&old, &new);
        assert_eq!(parts.iter().map(|part| part.coarse).collect::<Vec<_>>(), [false, true]);
    }

    #[test]
    fn pieces_cover_both_sides_in_order() {
        let parts = script(&["a", "b", "c", "d"], &["a", "x", "c", "d", "e"]);
        let shape: Vec<_> = parts.iter().map(|p| (p.same, p.old.len(), p.new.len())).collect();
        assert_eq!(shape, [(true, 1, 1), (false, 1, 1), (true, 2, 2), (false, 0, 1)]);
    }
}
