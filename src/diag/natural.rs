//! The order in which people count.

use std::cmp::Ordering;

/// Compares two names as a reader does: `svc-2` before `svc-10`. Names that read alike are in the
/// order of their bytes, so that equal means the same.
pub fn natural(a: &str, b: &str) -> Ordering {
    let (mut left, mut right) = (a, b);
    loop {
        let (Some(x), Some(y)) = (left.chars().next(), right.chars().next()) else {
            return left.len().cmp(&right.len()).then_with(|| a.cmp(b));
        };
        if x.is_ascii_digit() && y.is_ascii_digit() {
            let (number, rest) = digits(left);
            let (other, other_rest) = digits(right);
            // Without zeros in front, the longer number is the larger one.
            let order = number.len().cmp(&other.len()).then_with(|| number.cmp(other));
            if order != Ordering::Equal {
                return order;
            }
            (left, right) = (rest, other_rest);
        } else if x == y {
            (left, right) = (&left[x.len_utf8()..], &right[y.len_utf8()..]);
        } else {
            return x.cmp(&y);
        }
    }
}

/// The number at the start, without zeros in front, and what follows it.
fn digits(text: &str) -> (&str, &str) {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    (text[..end].trim_start_matches('0'), &text[end..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_names_are_counted() {
        let mut names =
            ["svc-109", "svc-10", "svc-2", "svc", "a-10-b", "a-2-c", "svc-010", "v1.10", "v1.9"];
        names.sort_by(|a, b| natural(a, b));
        let expected =
            ["a-2-c", "a-10-b", "svc", "svc-2", "svc-010", "svc-10", "svc-109", "v1.9", "v1.10"];
        assert_eq!(names, expected);
        assert_eq!(natural("a", "a"), Ordering::Equal);
        assert_eq!(natural("99999999999999999999998", "99999999999999999999999"), Ordering::Less);
    }
}
