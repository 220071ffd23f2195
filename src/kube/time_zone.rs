//! Time zones, as the API server knows them: by their names in the IANA database, letter by letter
//! (Kubernetes `pkg/apis/batch/validation`, `validateTimeZone`; Go `time.LoadLocation`).

use crate::diag;
use std::sync::LazyLock;

static NAMES: LazyLock<Vec<&str>> = LazyLock::new(|| {
    let lines = include_str!("time_zones.txt").lines();
    lines.filter(|line| !line.starts_with('#')).collect()
});

/// What keeps a text from being the time zone of a CronJob.
pub(crate) fn problem(text: &str) -> Option<String> {
    if text.eq_ignore_ascii_case("local") {
        return Some("it is another one on each node".to_owned());
    }
    let known = NAMES.binary_search(&text).is_ok();
    (!known).then(|| "the IANA database has no such name".to_owned())
}

/// What to write instead.
pub(crate) fn instead(text: &str) -> String {
    let same = NAMES.iter().copied().find(|name| name.eq_ignore_ascii_case(text));
    match same.or_else(|| diag::nearest(text, NAMES.iter().copied())) {
        Some(name) => format!("did you mean `{name}`?"),
        None => "write `Europe/Berlin`, `America/New_York` or `Etc/UTC`".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sorted_and_each_is_known() {
        assert!(NAMES.is_sorted() && NAMES.len() > 500);
        for name in ["Etc/UTC", "UTC", "Europe/Kyiv", "America/Argentina/Buenos_Aires", "EST5EDT"] {
            assert_eq!(problem(name), None, "{name}");
        }
    }

    #[test]
    fn another_spelling_is_another_name() {
        for (wrong, right) in
            [("europe/berlin", "Europe/Berlin"), ("Europe/Berln", "Europe/Berlin")]
        {
            assert!(problem(wrong).is_some(), "{wrong}");
            assert_eq!(instead(wrong), format!("did you mean `{right}`?"));
        }
        for wrong in ["", "Local", "local", "UTC+2", "Etc/UTC ", "Mars/Olympus"] {
            assert!(problem(wrong).is_some(), "{wrong}");
        }
    }
}
