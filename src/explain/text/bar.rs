//! Bars: people look before they read.

/// A bar in a field of `width`: it stands for `part` of `whole`, and begins where `before` ends.
/// What is more than nothing is seen.
pub(super) fn bar(before: u64, part: u64, whole: u64, width: usize) -> String {
    const EIGHTHS: [char; 8] = [' ', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];
    if part == 0 || whole == 0 {
        return String::new();
    }
    let scale = |number: u64| {
        let eighths = u128::from(number) * (width as u128) * 8 / u128::from(whole);
        usize::try_from(eighths).unwrap_or(usize::MAX).min(width * 8)
    };
    let start = (scale(before) / 8).min(width - 1);
    let end = scale(before.saturating_add(part)).max(start * 8 + 1);
    let (full, rest) = (end / 8 - start, end % 8);
    let mut text = " ".repeat(start) + &"█".repeat(full);
    if rest > 0 {
        text.push(EIGHTHS[rest]);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_begins_where_the_one_before_ends_and_shows_what_is_there() {
        assert_eq!(bar(0, 1, 2, 4), "██");
        assert_eq!(bar(1, 1, 2, 4), "  ██");
        assert_eq!(bar(0, 1, 1000, 4), "▏");
        assert_eq!(bar(1000, 1, 1000, 4), "   █");
        assert_eq!(bar(0, 9, 3, 4), "████");
        assert_eq!(bar(0, 0, 3, 4), "");
    }
}
