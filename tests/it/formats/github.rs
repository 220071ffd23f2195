//! What GitHub shows beside the lines of a spec.

use super::reports;
use expect_test::expect;
use ninefold::diff::format::Hidden;
use ninefold::diff::format::github::{Options, failure, render};
use ninefold::diff::report::Severity;

const ALL: Options = Options { min: Severity::Info, hidden: None };

#[test]
fn an_annotation_stands_at_the_line_that_was_edited() {
    expect![[r#"
        ::error file=specs/orders.toml,line=5,title=critical [residency]::orders: loses region westeurope%0Aregions 3 → 2; without the largest, 133%25 → 67%25 of the peak is left%0A5 objects are deleted, none of them holds data
        ::error file=specs/web.toml,line=9,title=high [residency]::web: the loss of a zone leaves 2 pods, 3 are needed%0Asurvivors 4 of 6 → 2 of 4; the budget asks for 3
        ::notice file=specs/web.toml,line=9,title=high [residency]::web: keeps backups for 7d instead of 30d%0A30d → 7d%0Aaccepted until 2027-01-31: the archive keeps them
    "#]].assert_eq(&render(&reports::region_lost(), &ALL));
    assert_eq!(render(&reports::nothing(), &ALL), "");
}

#[test]
fn the_ninth_says_how_many_more_there_are() {
    let text = render(&reports::image(), &ALL);
    assert_eq!(text.lines().count(), 9, "{text}");
    let last = text.lines().last().unwrap();
    assert!(last.starts_with("::warning file=specs/svc08.toml,line=2,"), "{last}");
    assert!(last.ends_with("%0Aand 21 more of this level"), "{last}");
    assert_eq!(text.matches("more of this level").count(), 1);
}

#[test]
fn what_matters_less_may_be_left_out() {
    let text = render(&reports::many(30), &Options { min: Severity::High, hidden: None });
    assert_eq!(text.lines().filter(|line| line.starts_with("::error ")).count(), 9);
    assert_eq!(text.lines().count(), 9);
}

#[test]
fn a_text_of_a_user_is_no_command() {
    let texts = [render(&reports::hostile(), &ALL), failure(&reports::HOSTILE.concat())];
    for text in texts {
        for line in text.lines() {
            let known = ["::error ", "::warning ", "::notice "];
            assert!(known.iter().any(|command| line.starts_with(command)), "{line}");
            let properties = line[2..].split("::").next().unwrap();
            assert!(properties.matches(',').count() <= 2, "{properties}");
            assert!(!line.chars().any(char::is_control), "{line}");
        }
        for level in ["error", "warning", "notice"] {
            let of = |line: &&str| line.starts_with(&format!("::{level} "));
            assert!(text.lines().filter(of).count() <= 10);
        }
    }
}

#[test]
fn what_a_filter_hides_is_said() {
    let effects = reports::region_lost().effects;
    let hidden = Hidden { objects: 12, effects, by: "--service api".to_owned() };
    let text = render(&reports::nothing(), &Options { hidden: Some(hidden), ..ALL });
    assert_eq!(text.lines().count(), 1, "{text}");
    assert!(text.starts_with("::notice title=ninefold diff::filtered (--service api): "), "{text}");
    assert!(text.contains("12 changes") && text.contains("critical"), "{text}");
    let nothing = Hidden { objects: 0, effects: Vec::new(), by: "--service api".to_owned() };
    assert_eq!(render(&reports::nothing(), &Options { hidden: Some(nothing), ..ALL }), "");
}
