//! What a terminal shows.

use super::reports;
use expect_test::{Expect, expect};
use ninefold::diag::Code;
use ninefold::diff::Report;
use ninefold::diff::format::Hidden;
use ninefold::diff::format::text::{Detail, Options, render};
use ninefold::diff::report::{Counts, Severity};

const PLAIN: Options = Options {
    detail: Detail::Summary,
    colour: false,
    width: Some(100),
    fail_on: None,
    hidden: None,
};

pub(super) const DETAILS: [Detail; 5] =
    [Detail::Names, Detail::Stat, Detail::Summary, Detail::Fields, Detail::All];

fn check(report: &Report, options: &Options, expected: Expect) {
    expected.assert_eq(&render(report, options));
}

#[test]
fn nothing_is_one_line_and_so_is_spelling() {
    check(
        &reports::nothing(),
        &PLAIN,
        expect![[r#"
        ninefold diff  origin/main@4f2c1a9 → working tree
        No differences (450 objects).
    "#]],
    );
    check(
        &reports::cosmetic(),
        &PLAIN,
        expect![[r#"
            ninefold diff  origin/main@4f2c1a9 → working tree
            450 objects: 3 updated, 447 unchanged
            Only spelling differs: 3 of 450 objects have other bytes, and mean the same.
        "#]],
    );
}

#[test]
fn one_key_fits_a_screen() {
    check(
        &reports::one_key(),
        &PLAIN,
        expect![[r#"
            ninefold diff  origin/main@4f2c1a9 → working tree
            1 medium, from 1 cause
            450 objects: 9 replaced, 441 unchanged

            MEDIUM[residency] web: replaces its pods
              effect  12 pods, the new ones first; generation h4zk6lbv9s stays
                      all 3 regions at once
              where   eastus2, centralus, westeurope (identical)
              cause   specs/web.toml:21  config.timeout: 30s → 45s
              folded  3 Deployment, 3 HorizontalPodAutoscaler follow

            Changes by service
              web  eastus2, centralus, westeurope  +/- replace ConfigMap, Deployment, HorizontalPodAutoscaler

            9 to replace. Highest: medium.
        "#]],
    );
}

#[test]
fn one_image_of_thirty_services_fits_a_screen() {
    check(
        &reports::image(),
        &PLAIN,
        expect![[r#"
            ninefold diff  origin/main@4f2c1a9 → working tree
            30 medium, from 1 cause
            450 objects: 180 replaced, 270 unchanged

            MEDIUM[residency] 30 services: replaces its pods
              effect  6–35 pods, the new ones first; generation … stays
                      all 3 regions at once
              where   eastus2, centralus, westeurope (identical)
              cause   specs/svc00.toml:2 and 29 more  image: …/base@sha256:1111 → …/base@sha256:2222
              folded  90 HorizontalPodAutoscaler follow

            Changes by service
              30 services  eastus2, centralus, westeurope  +/- replace Deployment, HorizontalPodAutoscaler

            180 to replace. Highest: medium.
        "#]],
    );
}

#[test]
fn what_is_lost_comes_first() {
    let options = Options { fail_on: Some(Severity::High), ..PLAIN };
    check(
        &reports::region_lost(),
        &options,
        expect![[r#"
            ninefold diff  origin/main@4f2c1a9 → working tree
            1 critical, 2 high (1 accepted), from 2 causes
            450 objects: 5 deleted, 3 updated, 442 unchanged

            CRITICAL[residency] orders: loses region westeurope
              effect  regions 3 → 2; without the largest, 133% → 67% of the peak is left
                      5 objects are deleted, none of them holds data
              cause   specs/orders.toml:5  regions: − westeurope

            HIGH[residency] web: the loss of a zone leaves 2 pods, 3 are needed
              effect  survivors 4 of 6 → 2 of 4; the budget asks for 3
            HIGH[residency] web: keeps backups for 7d instead of 30d (accepted)
              effect  30d → 7d
              accept  until 2027-01-31: the archive keeps them
              where   eastus2, centralus, westeurope
              cause   specs/web.toml:9  capacity.replicas: 6 → 4

            Changes by service
              orders  westeurope                      - delete ConfigMap, Deployment, HorizontalPodAutoscaler,
                  Schedule, Service
              web     eastus2, centralus, westeurope  ~ update Deployment

            gate: 2 effects of severity high or above are not accepted
            5 to delete, 3 to update. Highest: critical.
        "#]],
    );
}

#[test]
fn details_are_shown_when_asked_for() {
    let fields = Options { detail: Detail::Fields, ..PLAIN };
    check(
        &reports::one_key(),
        &fields,
        expect![[r#"
            ninefold diff  origin/main@4f2c1a9 → working tree
            1 medium, from 1 cause
            450 objects: 9 replaced, 441 unchanged

            MEDIUM[residency] web: replaces its pods
              effect  12 pods, the new ones first; generation h4zk6lbv9s stays
                      all 3 regions at once
              where   eastus2, centralus, westeurope (identical)
              cause   specs/web.toml:21  config.timeout: 30s → 45s
              folded  3 Deployment, 3 HorizontalPodAutoscaler follow

            Changes by service
              web  eastus2, centralus, westeurope  +/- replace ConfigMap, Deployment, HorizontalPodAutoscaler

            Fields
              +/- replace ConfigMap web-config: web in eastus2, centralus, westeurope, identical (h4zk6lbv9s →
                  q7mxw2kd5c)
                  ~ data.timeout: 30s → 45s

            9 to replace. Highest: medium.
        "#]],
    );
    let all = Options { detail: Detail::All, ..PLAIN };
    check(
        &reports::region_lost(),
        &all,
        expect![[r#"
            ninefold diff  origin/main@4f2c1a9 → working tree
            1 critical, 2 high (1 accepted), from 2 causes
            450 objects: 5 deleted, 3 updated, 442 unchanged

            CRITICAL[residency] orders: loses region westeurope
              effect  regions 3 → 2; without the largest, 133% → 67% of the peak is left
                      5 objects are deleted, none of them holds data
              cause   specs/orders.toml:5  regions: − westeurope

            HIGH[residency] web: the loss of a zone leaves 2 pods, 3 are needed
              effect  survivors 4 of 6 → 2 of 4; the budget asks for 3
            HIGH[residency] web: keeps backups for 7d instead of 30d (accepted)
              effect  30d → 7d
              accept  until 2027-01-31: the archive keeps them
              where   eastus2, centralus, westeurope
              cause   specs/web.toml:9  capacity.replicas: 6 → 4

            Changes by service
              orders  westeurope                      - delete ConfigMap, Deployment, HorizontalPodAutoscaler,
                  Schedule, Service
              web     eastus2, centralus, westeurope  ~ update Deployment

            Fields
              - delete westeurope//ConfigMap/orders/orders (h4zk6lbv9s)
                  - the whole object: {"kind":"ConfigMap"}
              - delete westeurope//Deployment/orders/orders (h4zk6lbv9s)
                  - the whole object: {"kind":"Deployment"}
              - delete westeurope//HorizontalPodAutoscaler/orders/orders (h4zk6lbv9s)
                  - the whole object: {"kind":"HorizontalPodAutoscaler"}
              - delete westeurope//Schedule/orders/orders (h4zk6lbv9s)
                  - the whole object: {"kind":"Schedule"}
              - delete westeurope//Service/orders/orders (h4zk6lbv9s)
                  - the whole object: {"kind":"Service"}
              ~ update eastus2//Deployment/web/web (h4zk6lbv9s)
                  ~ spec.replicas: 6 → 4
              ~ update centralus//Deployment/web/web (h4zk6lbv9s)
                  ~ spec.replicas: 6 → 4
              ~ update westeurope//Deployment/web/web (h4zk6lbv9s)
                  ~ spec.replicas: 6 → 4

            5 to delete, 3 to update. Highest: critical.
        "#]],
    );
}

#[test]
fn a_line_for_each_object_and_names_alone() {
    let stat = Options { detail: Detail::Stat, ..PLAIN };
    check(
        &reports::region_lost(),
        &stat,
        expect![[r#"
            ninefold diff  origin/main@4f2c1a9 → working tree
            1 critical, 2 high (1 accepted), from 2 causes
            450 objects: 5 deleted, 3 updated, 442 unchanged

            - delete    westeurope//ConfigMap/orders/orders  h4zk6lbv9s
            - delete    westeurope//Deployment/orders/orders  h4zk6lbv9s
            - delete    westeurope//HorizontalPodAutoscaler/orders/orders  h4zk6lbv9s
            - delete    westeurope//Schedule/orders/orders  h4zk6lbv9s
            - delete    westeurope//Service/orders/orders  h4zk6lbv9s
            ~ update    eastus2//Deployment/web/web  h4zk6lbv9s  1 field
            ~ update    centralus//Deployment/web/web  h4zk6lbv9s  1 field
            ~ update    westeurope//Deployment/web/web  h4zk6lbv9s  1 field

            5 to delete, 3 to update. Highest: critical.
        "#]],
    );
    let names = Options { detail: Detail::Names, ..PLAIN };
    check(
        &reports::region_lost(),
        &names,
        expect![[r#"
        westeurope//ConfigMap/orders/orders
        westeurope//Deployment/orders/orders
        westeurope//HorizontalPodAutoscaler/orders/orders
        westeurope//Schedule/orders/orders
        westeurope//Service/orders/orders
        eastus2//Deployment/web/web
        centralus//Deployment/web/web
        westeurope//Deployment/web/web
    "#]],
    );
    assert_eq!(render(&reports::nothing(), &names), "");
}

#[test]
fn three_hundred_objects_are_no_flood() {
    check(
        &reports::many(30),
        &PLAIN,
        expect![[r#"
            ninefold diff  origin/main@4f2c1a9 → working tree
            30 critical, 30 info, from 1 cause
            450 objects: 150 deleted, 150 created, 150 unchanged

            CRITICAL[residency] svc00: loses region westeurope
              effect  3 pods of svc00
            CRITICAL[residency] svc01: loses region westeurope
              effect  4 pods of svc01
            CRITICAL[residency] svc02: loses region westeurope
              effect  5 pods of svc02
            CRITICAL[residency] svc03: loses region westeurope
            CRITICAL[residency] svc04: loses region westeurope
            CRITICAL[residency] svc05: loses region westeurope
            CRITICAL[residency] svc06: loses region westeurope
            CRITICAL[residency] svc07: loses region westeurope
            CRITICAL[residency] svc08: loses region westeurope
            CRITICAL[residency] svc09: loses region westeurope
            CRITICAL[residency] svc10: loses region westeurope
            CRITICAL[residency] svc11: loses region westeurope
            CRITICAL[residency] svc12: loses region westeurope
            CRITICAL[residency] svc13: loses region westeurope
            CRITICAL[residency] svc14: loses region westeurope
            CRITICAL[residency] svc15: loses region westeurope
            CRITICAL[residency] svc16: loses region westeurope
            CRITICAL[residency] svc17: loses region westeurope
            CRITICAL[residency] svc18: loses region westeurope
            CRITICAL[residency] svc19: loses region westeurope
            CRITICAL[residency] svc20: loses region westeurope
            CRITICAL[residency] svc21: loses region westeurope
            CRITICAL[residency] svc22: loses region westeurope
            CRITICAL[residency] svc23: loses region westeurope
            CRITICAL[residency] svc24: loses region westeurope
            CRITICAL[residency] svc25: loses region westeurope
            CRITICAL[residency] svc26: loses region westeurope
            CRITICAL[residency] svc27: loses region westeurope
            CRITICAL[residency] svc28: loses region westeurope
            CRITICAL[residency] svc29: loses region westeurope
              cause   specs/svc00.toml:5 and 29 more  regions: westeurope → northeurope

            INFO[residency] 30 services: gains region northeurope  specs/svc00.toml:5 and 29 more

            Changes by service
              30 services  westeurope   - delete ConfigMap, Deployment, HorizontalPodAutoscaler, Schedule,
                  Service
              30 services  northeurope  + create ConfigMap, Deployment, HorizontalPodAutoscaler, Schedule,
                  Service

            150 to delete, 150 to create. Highest: critical.
        "#]],
    );
}

#[test]
fn what_a_filter_hides_is_counted() {
    let by = "--kind Deployment".to_owned();
    let hidden = Some(Hidden { objects: 12, effects: Vec::new(), by: by.clone() });
    let options = Options { hidden, ..PLAIN };
    let text = render(&reports::one_key(), &options);
    assert!(text.contains("\nfiltered (--kind Deployment): 12 changes not shown\n"), "{text}");
    assert!(text.contains(" objects of all services: "), "{text}");
    // A filter that hides everything does not turn a change into none.
    let text = render(&reports::nothing(), &options);
    assert!(!text.contains("No differences"), "{text}");
    assert!(text.contains("filtered (--kind Deployment): 12 changes"), "{text}");
    // What is worse than all that is shown is named, and closes the gate.
    let effects = reports::region_lost().effects;
    let hidden = Some(Hidden { objects: 12, effects, by });
    let options = Options { hidden, fail_on: Some(Severity::High), ..PLAIN };
    for (report, last) in [(reports::one_key(), true), (reports::nothing(), false)] {
        let text = render(&report, &options);
        assert!(text.contains(" 3 effects not shown: 1 critical, 2 high (1 accepted)"), "{text}");
        assert!(
            text.contains(
                "\ngate: 2 effects of severity high or above are not accepted, and not shown\n"
            ),
            "{text}"
        );
        assert_eq!(text.contains(" Highest: critical, not shown.\n"), last, "{text}");
    }
}

#[test]
fn what_fits_a_screen() {
    for report in [reports::one_key(), reports::image(), reports::region_lost()] {
        let text = render(&report, &PLAIN);
        assert!(text.lines().count() <= 24, "{text}");
        assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
    }
}

#[test]
fn nothing_acts_on_a_terminal() {
    for (name, report) in reports::all() {
        for detail in DETAILS {
            for width in [None, Some(80)] {
                let text = render(&report, &Options { detail, width, ..PLAIN });
                let acts = |c: char| {
                    (c.is_control() && c != '\n') || ('\u{202a}'..='\u{202e}').contains(&c)
                };
                assert_eq!(text.chars().find(|c| acts(*c)), None, "{name} {detail:?}");
            }
        }
    }
}

#[test]
fn colour_changes_nothing_but_colour() {
    for (name, report) in reports::all() {
        for detail in DETAILS {
            let plain = Options { detail, ..PLAIN };
            let coloured = render(&report, &Options { colour: true, ..plain.clone() });
            let stripped = anstream::adapter::strip_str(&coloured).to_string();
            let lines = |text: &str| -> Vec<String> {
                text.lines().map(|line| line.trim_end().to_owned()).collect()
            };
            assert!(lines(&stripped) == lines(&render(&report, &plain)), "{name} {detail:?}");
            // Sixteen colours, of the terminal's own scheme.
            assert!(!coloured.contains("38;") && !coloured.contains("48;"), "{name}");
        }
    }
    assert!(render(&reports::one_key(), &Options { colour: true, ..PLAIN }).contains('\x1b'));
}

#[test]
fn a_pipe_gets_whole_lines() {
    let text = render(&reports::hostile(), &Options { width: None, ..PLAIN });
    assert!(text.contains(&"x".repeat(10_000)));
}

#[test]
fn edits_that_have_nothing_to_do_with_each_other_stay_apart() {
    let mut report = reports::image();
    let together = render(&report, &PLAIN);
    assert!(together.contains("] 30 services: "), "{together}");
    let mut other = report.causes[0].clone();
    other.title = "args: + \"fast\"".to_owned();
    report.causes.push(other);
    for effect in report.effects.iter_mut().filter(|effect| effect.service.as_str() >= "svc15") {
        effect.causes = vec![1];
    }
    let apart = render(&report, &PLAIN);
    assert!(!apart.contains("] 30 services: "), "{apart}");
    assert!(apart.matches("] 15 services: ").count() >= 2, "{apart}");
}

#[test]
fn a_row_of_its_own_shows_place_and_cause() {
    let mut report = reports::one_key();
    report.effects[0].severity = Severity::Low;
    let text = render(&report, &PLAIN);
    let row = text.split("\n\n").find(|block| block.starts_with("LOW[")).unwrap_or_default();
    let row = row.split_whitespace().collect::<Vec<_>>().join(" ");
    for shown in ["eastus2, centralus, westeurope", "specs/web.toml:21"] {
        assert!(row.contains(shown), "{row}\n{text}");
    }
}

#[test]
fn where_no_object_differs_the_last_line_says_what_does() {
    let last = |report: &Report| {
        let text = render(report, &PLAIN);
        text.lines().last().unwrap_or_default().to_owned()
    };
    let mut report = reports::one_key();
    report.objects.clear();
    report.groups.clear();
    report.effects.iter_mut().for_each(|effect| effect.objects.clear());
    for cause in &mut report.causes {
        (cause.objects, cause.followers) = (Vec::new(), Vec::new());
    }
    report.counts = Counts { compared: 450, unchanged: 450, ..Counts::default() };
    assert_eq!(last(&report), "only promises change, no object does. Highest: medium.");
    report.effects.iter_mut().for_each(|effect| effect.rule = Code::WARNING_ADDED);
    assert_eq!(last(&report), "only warnings change. Highest: medium.");
}
