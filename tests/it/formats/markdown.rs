//! What stands below a pull request.

use super::reports;
use expect_test::{Expect, expect};
use ninefold::diag::{Code, Diagnostic, Sources};
use ninefold::diff::Report;
use ninefold::diff::format::Hidden;
use ninefold::diff::format::markdown::{MIN, Options, Target, TooSmall, failure, render};
use ninefold::diff::report::Severity;

fn options(max_bytes: usize) -> Options {
    Options { key: "prod".to_owned(), max_bytes, full: None, fail_on: None, hidden: None }
}

fn check(report: &Report, options: &Options, expected: Expect) {
    expected.assert_eq(&render(report, options).unwrap());
}

#[test]
fn nothing_and_spelling_are_said() {
    check(
        &reports::nothing(),
        &options(65_000),
        expect![[r#"
        <!-- ninefold:diff v1 key=prod -->
        ### ninefold diff: no differences
        `origin/main@4f2c1a9` → `working tree` · 450 objects: 450 unchanged

        No differences (450 objects).

        <sub>Nothing omitted.</sub>
    "#]],
    );
    check(
        &reports::cosmetic(),
        &options(65_000),
        expect![[r#"
        <!-- ninefold:diff v1 key=prod -->
        ### ninefold diff: only spelling differs
        `origin/main@4f2c1a9` → `working tree` · 450 objects: 3 updated, 447 unchanged

        Only spelling differs: 3 of 450 objects have other bytes, and mean the same.

        <sub>Nothing omitted.</sub>
    "#]],
    );
}

#[test]
fn one_key_of_three_regions() {
    check(
        &reports::one_key(),
        &options(65_000),
        expect![[r#"
            <!-- ninefold:diff v1 key=prod -->
            ### ninefold diff: 1 medium; 1 cause
            `origin/main@4f2c1a9` → `working tree` · 450 objects: 9 replaced, 441 unchanged

            <details><summary>1 medium</summary>

            | | Rule | Service | What happens | Cause |
            |---|---|---|---|---|
            | 🟡 medium | `residency` | `web` | replaces its pods | `specs/web.toml:21` `config.timeout: 30s → 45s` |

            - web: replaces its pods
              - 12 pods, the new ones first; generation h4zk6lbv9s stays
              - all 3 regions at once
              - where: eastus2, centralus, westeurope (identical)

            </details>

            <details><summary><code>web</code> · <code>eastus2, centralus, westeurope</code> alike · 9 replaced</summary>

            ```diff
            # replace ConfigMap web-config (h4zk6lbv9s → q7mxw2kd5c), 3 alike
            - data.timeout: 30s
            + data.timeout: 45s
            ```

            </details>

            <sub>Folded: 6 objects in which only the name of something else changed. Nothing omitted.</sub>
        "#]],
    );
}

#[test]
fn one_image_of_thirty_services() {
    check(
        &reports::image(),
        &options(65_000),
        expect![[r#"
            <!-- ninefold:diff v1 key=prod -->
            ### ninefold diff: 30 medium; 1 cause
            `origin/main@4f2c1a9` → `working tree` · 450 objects: 180 replaced, 270 unchanged

            <details><summary>30 medium</summary>

            | | Rule | Service | What happens | Cause |
            |---|---|---|---|---|
            | 🟡 medium | `residency` | 30 services | replaces its pods | `specs/svc00.toml:2 and 29 more` `image: …/base@sha256:1111 → …/base@sha256:2222` |

            - 30 services: replaces its pods
              - 6–35 pods, the new ones first; generation … stays
              - all 3 regions at once
              - where: eastus2, centralus, westeurope (identical)
              - services: svc00, svc01, svc02, svc03, svc04, svc05, svc06, svc07, svc08, svc09, svc10, svc11, svc12, svc13, svc14, svc15, svc16, svc17, svc18, svc19, svc20, svc21, svc22, svc23, svc24, svc25, svc26, svc27, svc28, svc29

            </details>

            <details><summary><code>30 services</code> · <code>eastus2, centralus, westeurope</code> alike · 180 replaced</summary>

            ```diff
            # replace Deployment svc00 (h4zk6lbv9s → q7mxw2kd5c), 90 alike
            - spec.template.spec.containers[name=svc00].image: registry.example.com/base@sha256:1111
            + spec.template.spec.containers[name=svc00].image: registry.example.com/base@sha256:2222
            # replace HorizontalPodAutoscaler svc00 (h4zk6lbv9s → q7mxw2kd5c, follows), 90 alike
            ```

            </details>

            <sub>Folded: 90 objects in which only the name of something else changed. Nothing omitted.</sub>
        "#]],
    );
}

#[test]
fn what_is_lost_comes_first() {
    let options = Options { fail_on: Some(Severity::High), ..options(65_000) };
    check(
        &reports::region_lost(),
        &options,
        expect![[r#"
        <!-- ninefold:diff v1 key=prod -->
        ### ninefold diff: 1 critical, 2 high (1 accepted); 2 causes
        `origin/main@4f2c1a9` → `working tree` · 450 objects: 5 deleted, 3 updated, 442 unchanged

        **Gate failed:** 2 effects of severity high or above are not accepted.

        | | Rule | Service | What happens | Cause |
        |---|---|---|---|---|
        | 🔴 critical | `residency` | `orders` | loses region westeurope | `specs/orders.toml:5` `regions: − westeurope` |
        | 🟠 high | `residency` | `web` | the loss of a zone leaves 2 pods, 3 are needed | `specs/web.toml:9` `capacity.replicas: 6 → 4` |
        | 🟠 high, accepted | `residency` | `web` | keeps backups for 7d instead of 30d | `specs/web.toml:9` `capacity.replicas: 6 → 4` |

        - orders: loses region westeurope
          - regions 3 → 2; without the largest, 133% → 67% of the peak is left
          - 5 objects are deleted, none of them holds data
        - web: the loss of a zone leaves 2 pods, 3 are needed
          - survivors 4 of 6 → 2 of 4; the budget asks for 3
          - where: eastus2, centralus, westeurope
        - web: keeps backups for 7d instead of 30d
          - 30d → 7d
          - where: eastus2, centralus, westeurope
          - accepted until 2027-01-31: `the archive keeps them`

        <details><summary><code>orders</code> · <code>westeurope</code> · 5 deleted</summary>

        ```diff
        # delete ConfigMap, Deployment, HorizontalPodAutoscaler, Schedule, Service
        ```

        </details>

        <details><summary><code>web</code> · <code>eastus2, centralus, westeurope</code> alike · 3 updated</summary>

        ```diff
        # update Deployment
        ```

        </details>

        <sub>Nothing omitted.</sub>
    "#]],
    );
}

#[test]
fn what_does_not_fit_is_counted() {
    check(
        &reports::many(30),
        &options(MIN),
        expect![[r#"
        <!-- ninefold:diff v1 key=prod -->
        ### ninefold diff: 30 critical, 30 info; 1 cause
        `origin/main@4f2c1a9` → `working tree` · 450 objects: 150 deleted, 150 created, 150 unchanged

        | | Rule | Service | What happens | Cause |
        |---|---|---|---|---|
        | 🔴 critical | `residency` | `svc00` | loses region westeurope | `specs/svc00.toml:5 and 29 more` `regions: westeurope → northeurope` |
        | 🔴 critical | `residency` | `svc01` | loses region westeurope | `specs/svc00.toml:5 and 29 more` `regions: westeurope → northeurope` |
        | 🔴 critical | `residency` | `svc02` | loses region westeurope | `specs/svc00.toml:5 and 29 more` `regions: westeurope → northeurope` |

        By rule: `residency` 30

        <sub>Omitted to fit 1,000 bytes: the details of 3 critical effects; the rows of 27 critical, 30 info effects; the fields of 300 objects. Full report: `ninefold diff --from 4f2c1a9b71e0`</sub>
    "#]],
    );
    check(
        &reports::many(30),
        &options(3_000),
        expect![[r#"
        <!-- ninefold:diff v1 key=prod -->
        ### ninefold diff: 30 critical, 30 info; 1 cause
        `origin/main@4f2c1a9` → `working tree` · 450 objects: 150 deleted, 150 created, 150 unchanged

        | | Rule | Service | What happens | Cause |
        |---|---|---|---|---|
        | 🔴 critical | `residency` | `svc00` | loses region westeurope | `specs/svc00.toml:5 and 29 more` `regions: westeurope → northeurope` |
        | 🔴 critical | `residency` | `svc01` | loses region westeurope | `specs/svc00.toml:5 and 29 more` `regions: westeurope → northeurope` |
        | 🔴 critical | `residency` | `svc02` | loses region westeurope | `specs/svc00.toml:5 and 29 more` `regions: westeurope → northeurope` |
        | 🔴 critical | `residency` | `svc03` | loses region westeurope | `specs/svc00.toml:5 and 29 more` `regions: westeurope → northeurope` |
        | 🔴 critical | `residency` | `svc04` | loses region westeurope | `specs/svc00.toml:5 and 29 more` `regions: westeurope → northeurope` |
        | 🔴 critical | `residency` | `svc05` | loses region westeurope | `specs/svc00.toml:5 and 29 more` `regions: westeurope → northeurope` |
        | 🔴 critical | `residency` | `svc06` | loses region westeurope | `specs/svc00.toml:5 and 29 more` `regions: westeurope → northeurope` |
        | 🔴 critical | `residency` | `svc07` | loses region westeurope | `specs/svc00.toml:5 and 29 more` `regions: westeurope → northeurope` |
        | 🔴 critical | `residency` | `svc08` | loses region westeurope | `specs/svc00.toml:5 and 29 more` `regions: westeurope → northeurope` |
        | 🔴 critical | `residency` | `svc09` | loses region westeurope | `specs/svc00.toml:5 and 29 more` `regions: westeurope → northeurope` |
        | 🔴 critical | `residency` | `svc10` | loses region westeurope | `specs/svc00.toml:5 and 29 more` `regions: westeurope → northeurope` |
        | 🔴 critical | `residency` | `svc11` | loses region westeurope | `specs/svc00.toml:5 and 29 more` `regions: westeurope → northeurope` |
        | 🔴 critical | `residency` | `svc12` | loses region westeurope | `specs/svc00.toml:5 and 29 more` `regions: westeurope → northeurope` |
        | 🔴 critical | `residency` | `svc13` | loses region westeurope | `specs/svc00.toml:5 and 29 more` `regions: westeurope → northeurope` |
        | 🔴 critical | `residency` | `svc14` | loses region westeurope | `specs/svc00.toml:5 and 29 more` `regions: westeurope → northeurope` |
        | 🔴 critical | `residency` | `svc15` | loses region westeurope | `specs/svc00.toml:5 and 29 more` `regions: westeurope → northeurope` |
        | 🔴 critical | `residency` | `svc16` | loses region westeurope | `specs/svc00.toml:5 and 29 more` `regions: westeurope → northeurope` |

        By rule: `residency` 30

        <sub>Omitted to fit 3,000 bytes: the details of 17 critical effects; the rows of 13 critical, 30 info effects; the fields of 300 objects. Full report: `ninefold diff --from 4f2c1a9b71e0`</sub>
    "#]],
    );
    check(
        &reports::many(30),
        &options(7_000),
        expect![[r#"
            <!-- ninefold:diff v1 key=prod -->
            ### ninefold diff: 30 critical, 30 info; 1 cause
            `origin/main@4f2c1a9` → `working tree` · 450 objects: 150 deleted, 150 created, 150 unchanged

            | | Rule | Service | What happens | Cause |
            |---|---|---|---|---|
            | 🔴 critical | `residency` | `svc00` | loses region westeurope | `specs/svc00.toml:5 and 29 more` `regions: westeurope → northeurope` |
            | 🔴 critical | `residency` | `svc01` | loses region westeurope | `specs/svc00.toml:5 and 29 more` `regions: westeurope → northeurope` |
            | 🔴 critical | `residency` | `svc02` | loses region westeurope | `specs/svc00.toml:5 and 29 more` `regions: westeurope → northeurope` |
            | 🔴 critical | `residency` | `svc03` | loses region westeurope | `specs/svc00.toml:5 and 29 more` `regions: westeurope → northeurope` |
            | 🔴 critical | `residency` | `svc04` | loses region westeurope | `specs/svc00.toml:5 and 29 more` `regions: westeurope → northeurope` |
            | 🔴 critical | `residency` | `svc05` | loses region westeurope | `specs/svc00.toml:5 and 29 more` `regions: westeurope → northeurope` |
            | 🔴 critical | `residency` | `svc06` | loses region westeurope | `specs/svc00.toml:5 and 29 more` `regions: westeurope → northeurope` |
            | 🔴 critical | `residency` | `svc07` | loses region westeurope | `specs/svc00.toml:5 and 29 more` `regions: westeurope → northeurope` |
            | 🔴 critical | `residency` | `svc08` | loses region westeurope | `specs/svc00.toml:5 and 29 more` `regions: westeurope → northeurope` |
            | 🔴 critical | `residency` | `svc09` | loses region westeurope | `specs/svc00.toml:5 and 29 more` `regions: westeurope → northeurope` |
            | 🔴 critical | `residency` | `svc10` | loses region westeurope | `specs/svc00.toml:5 and 29 more` `regions: westeurope → northeurope` |
            | 🔴 critical | `residency` | `svc11` | loses region westeurope | `specs/svc00.toml:5 and 29 more` `regions: westeurope → northeurope` |
            | 🔴 critical | `residency` | `svc12` | loses region westeurope | `specs/svc00.toml:5 and 29 more` `regions: westeurope → northeurope` |
            | 🔴 critical | `residency` | `svc13` | loses region westeurope | `specs/svc00.toml:5 and 29 more` `regions: westeurope → northeurope` |
            | 🔴 critical | `residency` | `svc14` | loses region westeurope | `specs/svc00.toml:5 and 29 more` `regions: westeurope → northeurope` |
            | 🔴 critical | `residency` | `svc15` | loses region westeurope | `specs/svc00.toml:5 and 29 more` `regions: westeurope → northeurope` |
            | 🔴 critical | `residency` | `svc16` | loses region westeurope | `specs/svc00.toml:5 and 29 more` `regions: westeurope → northeurope` |
            | 🔴 critical | `residency` | `svc17` | loses region westeurope | `specs/svc00.toml:5 and 29 more` `regions: westeurope → northeurope` |
            | 🔴 critical | `residency` | `svc18` | loses region westeurope | `specs/svc00.toml:5 and 29 more` `regions: westeurope → northeurope` |
            | 🔴 critical | `residency` | `svc19` | loses region westeurope | `specs/svc00.toml:5 and 29 more` `regions: westeurope → northeurope` |
            | 🔴 critical | `residency` | `svc20` | loses region westeurope | `specs/svc00.toml:5 and 29 more` `regions: westeurope → northeurope` |
            | 🔴 critical | `residency` | `svc21` | loses region westeurope | `specs/svc00.toml:5 and 29 more` `regions: westeurope → northeurope` |
            | 🔴 critical | `residency` | `svc22` | loses region westeurope | `specs/svc00.toml:5 and 29 more` `regions: westeurope → northeurope` |
            | 🔴 critical | `residency` | `svc23` | loses region westeurope | `specs/svc00.toml:5 and 29 more` `regions: westeurope → northeurope` |
            | 🔴 critical | `residency` | `svc24` | loses region westeurope | `specs/svc00.toml:5 and 29 more` `regions: westeurope → northeurope` |
            | 🔴 critical | `residency` | `svc25` | loses region westeurope | `specs/svc00.toml:5 and 29 more` `regions: westeurope → northeurope` |
            | 🔴 critical | `residency` | `svc26` | loses region westeurope | `specs/svc00.toml:5 and 29 more` `regions: westeurope → northeurope` |
            | 🔴 critical | `residency` | `svc27` | loses region westeurope | `specs/svc00.toml:5 and 29 more` `regions: westeurope → northeurope` |
            | 🔴 critical | `residency` | `svc28` | loses region westeurope | `specs/svc00.toml:5 and 29 more` `regions: westeurope → northeurope` |
            | 🔴 critical | `residency` | `svc29` | loses region westeurope | `specs/svc00.toml:5 and 29 more` `regions: westeurope → northeurope` |

            <details><summary>What follows</summary>

            - svc00: loses region westeurope
              - 3 pods of svc00
            - svc01: loses region westeurope
              - 4 pods of svc01
            - svc02: loses region westeurope
              - 5 pods of svc02
            - svc03: loses region westeurope
              - 6 pods of svc03
            - svc04: loses region westeurope
              - 7 pods of svc04
            - svc05: loses region westeurope
              - 8 pods of svc05
            - svc06: loses region westeurope
              - 9 pods of svc06
            - svc07: loses region westeurope
              - 10 pods of svc07
            - svc08: loses region westeurope
              - 11 pods of svc08
            - svc09: loses region westeurope
              - 12 pods of svc09
            - svc10: loses region westeurope
              - 13 pods of svc10
            - svc11: loses region westeurope
              - 14 pods of svc11
            - svc12: loses region westeurope
              - 15 pods of svc12
            - svc13: loses region westeurope
              - 16 pods of svc13
            - svc14: loses region westeurope
              - 17 pods of svc14
            - svc15: loses region westeurope
              - 18 pods of svc15
            - svc16: loses region westeurope
              - 19 pods of svc16
            - svc17: loses region westeurope
              - 20 pods of svc17
            - svc18: loses region westeurope
              - 21 pods of svc18
            - svc19: loses region westeurope
              - 22 pods of svc19
            - svc20: loses region westeurope
              - 23 pods of svc20
            - svc21: loses region westeurope
              - 24 pods of svc21
            - svc22: loses region westeurope
              - 25 pods of svc22
            - svc23: loses region westeurope
              - 26 pods of svc23
            - svc24: loses region westeurope
              - 27 pods of svc24
            - svc25: loses region westeurope
              - 28 pods of svc25
            - svc26: loses region westeurope
              - 29 pods of svc26
            - svc27: loses region westeurope
              - 30 pods of svc27
            - svc28: loses region westeurope
              - 31 pods of svc28
            - svc29: loses region westeurope
              - 32 pods of svc29

            </details>

            <details><summary>30 info</summary>

            | | Rule | Service | What happens | Cause |
            |---|---|---|---|---|
            | ⚪ info | `residency` | 30 services | gains region northeurope | `specs/svc00.toml:5 and 29 more` `regions: westeurope → northeurope` |

            </details>

            <details><summary><code>30 services</code> · <code>westeurope</code> · 150 deleted</summary>

            ```diff
            # delete ConfigMap, Deployment, HorizontalPodAutoscaler, Schedule, Service
            ```

            </details>

            <details><summary><code>30 services</code> · <code>northeurope</code> · 150 created</summary>

            ```diff
            # create ConfigMap, Deployment, HorizontalPodAutoscaler, Schedule, Service
            ```

            </details>

            <sub>Omitted to fit 7,000 bytes: the details of 30 info effects. Full report: `ninefold diff --from 4f2c1a9b71e0`</sub>
        "#]],
    );
}

#[test]
fn any_budget_is_kept_with_every_count() {
    let near = (MIN..1_300).step_by(97);
    let far = (1_300..70_000).step_by(9_001);
    for (name, report) in reports::all() {
        for max_bytes in near.clone().chain(far.clone()) {
            let effects = report.effects.clone();
            let hidden = Hidden { objects: 7, effects, by: reports::HOSTILE.concat() };
            let loaded = Options {
                key: reports::HOSTILE.concat(),
                full: Some(reports::HOSTILE.concat()),
                fail_on: Some(Severity::Info),
                hidden: Some(hidden),
                ..options(max_bytes)
            };
            for options in [options(max_bytes), loaded] {
                let text = render(&report, &options).unwrap();
                assert!(text.len() <= max_bytes, "{name}: {} > {max_bytes}", text.len());
                valid(&text, &format!("{name} in {max_bytes}"));
                complete(&report, &text, &format!("{name} in {max_bytes}"));
            }
        }
    }
}

#[test]
fn the_same_report_is_the_same_comment() {
    for (_, report) in reports::all() {
        assert_eq!(render(&report, &options(9_000)), render(&report.clone(), &options(9_000)));
    }
}

#[test]
fn below_the_least_budget_there_is_no_comment() {
    let options = options(MIN - 1);
    assert_eq!(render(&reports::nothing(), &options), Err(TooSmall(999)));
    assert_eq!(failure("x", &[], &Sources::default(), &options), Err(TooSmall(999)));
    assert_eq!(TooSmall(999).to_string(), "no comment fits into 999 bytes, 1,000 are the least");
}

#[test]
fn every_forge_takes_its_preset() {
    for target in [Target::GithubComment, Target::GithubSummary, Target::GitlabNote] {
        for (name, report) in reports::all() {
            let text = render(&report, &options(target.max_bytes())).unwrap();
            assert!(text.len() <= target.max_bytes(), "{name}");
            valid(&text, name);
        }
    }
    // Where there is room, nothing is left out, not even of what is hostile.
    let text = render(&reports::many(30), &options(1_000_000)).unwrap();
    assert!(text.contains("Nothing omitted."), "{text}");
}

#[test]
fn where_the_whole_report_is() {
    let report = reports::many(30);
    let url = "https://ci.example/runs/1?x=a,b#log".to_owned();
    let text = render(&report, &Options { full: Some(url), ..options(5_000) }).unwrap();
    assert!(text.contains("Full report: <https://ci.example/runs/1?x=a,b#log>"), "{text}");
    let text = render(&report, &options(5_000)).unwrap();
    assert!(text.contains("Full report: `ninefold diff --from 4f2c1a9b71e0`"), "{text}");
}

#[test]
fn a_run_that_fails_is_a_comment_too() {
    let mut sources = Sources::default();
    let file = sources.add("specs/web.toml", "name = \"web\"\ntier = \"```gold|@all\"\n");
    let span = ninefold::diag::Span { file, start: 20, end: 34 };
    let finding = Diagnostic::new(Code::UNKNOWN_TIER, "there is no tier `@all`").at(span, "here");
    let of = |count: usize, max_bytes: usize| {
        let findings = vec![finding.clone(); count];
        let what = "the specs of `working tree` do not compile: 1 error";
        failure(what, &findings, &sources, &options(max_bytes)).unwrap()
    };
    expect![[r#"
        <!-- ninefold:diff v1 key=prod -->
        ### ninefold diff: failed
        the specs of `` `working tree` `` do not compile: 1 error

        ````text
        error[unknown-tier]: there is no tier `@all`
         --> specs/web.toml:2:8
          |
        2 | tier = "```gold|@all"
          |        ^^^^^^^^^^^^^^ here
        ````
    "#]]
    .assert_eq(&of(1, 65_000));
    for max_bytes in (MIN..6_000).step_by(97) {
        for count in [0, 1, 5, 1_000] {
            let text = of(count, max_bytes);
            assert!(text.len() <= max_bytes);
            valid(&text, "failure");
        }
    }
    let text = of(1_000, 2_000);
    assert!(text.contains("Omitted to fit 2,000 bytes: 987 findings."), "{text}");
    let hostile = failure(&reports::HOSTILE.concat(), &[], &sources, &options(MIN)).unwrap();
    valid(&hostile, "hostile failure");
}

/// Counts by severity stand in the heading, and what is critical or high has a row or is counted
/// as left out.
fn complete(report: &Report, text: &str, context: &str) {
    let heading = text.lines().nth(1).unwrap();
    for severity in Severity::ALL {
        let count = report.effects.iter().filter(|effect| effect.severity == severity).count();
        let said = format!("{count} {}", severity.word());
        assert!(count == 0 || heading.contains(&said), "{context}: {heading}");
    }
    // No two effects of these reports say the same of two services, so that none share a row.
    let row = |line: &&str| line.starts_with("| 🔴") || line.starts_with("| 🟠");
    let shown = text.lines().filter(row).count();
    let left: usize = text
        .split("the rows of ")
        .nth(1)
        .map(|rest| rest.split(" effect").next().unwrap())
        .into_iter()
        .flat_map(|list| list.split(", "))
        .filter(|part| part.ends_with("critical") || part.ends_with("high"))
        .map(|part| part.split(' ').next().unwrap().parse::<usize>().unwrap())
        .sum();
    let all = report.effects.iter().filter(|effect| effect.severity >= Severity::High).count();
    if !text.contains("everything else") {
        assert_eq!(shown + left, all, "{context}\n{text}");
    }
}

/// Markdown in which nothing of a user is anything but text. It knows of Markdown only what the
/// forges agree on.
pub(super) fn valid(text: &str, context: &str) {
    assert!(text.starts_with("<!-- ninefold:diff v1 key="), "{context}");
    assert!(text.ends_with('\n'), "{context}");
    let (mut fence, mut details) = (None::<usize>, 0);
    for (number, line) in text.lines().enumerate() {
        let ticks = line.bytes().take_while(|byte| *byte == b'`').count();
        match fence {
            Some(open) => {
                if ticks >= open && line.len() == ticks {
                    fence = None;
                }
                continue;
            }
            None if ticks >= 3 && !line[ticks..].contains('`') => {
                fence = Some(ticks);
                continue;
            }
            None => {}
        }
        let bare = without_spans(line);
        assert!(!bare.chars().any(char::is_control), "{context}: {line}");
        if number == 0 {
            let inner = &bare["<!-- ".len()..bare.len() - " -->".len()];
            assert!(!inner.contains("--") && !inner.contains('>'), "{context}: {line}");
            continue;
        }
        if line.starts_with('|') {
            // The pipes of a row are counted as a forge does: before it looks at spans.
            let pipes = line.replace("\\\\", "").replace("\\|", "").matches('|').count();
            assert_eq!(pipes, 6, "{context}: {line}");
        } else {
            assert!(!bare.contains('|'), "{context}: {line}");
        }
        details += bare.matches("<details>").count();
        details -= bare.matches("</details>").count();
        let mut rest = bare.trim_start_matches("### ").to_owned();
        for tag in ["details", "summary", "code", "sub"] {
            rest = rest.replace(&format!("<{tag}>"), "").replace(&format!("</{tag}>"), "");
        }
        let rest = without_entities(&rest);
        let rest = rest.strip_prefix("> ").unwrap_or(&rest);
        let bad = |c: char| "<>&@#`\\[]~$_".contains(c);
        assert_eq!(rest.chars().find(|c| bad(*c)), None, "{context}: {line}\n{rest}");
        // In a block of HTML, nothing becomes a link.
        let links = rest.contains("://") || rest.contains("www.");
        assert!(!links || line.starts_with("<details>"), "{context}: {line}");
    }
    assert_eq!(fence, None, "{context}: an open fence");
    assert_eq!(details, 0, "{context}: open details");
}

/// A line without its code spans: from a run of back-ticks to the next one as long.
fn without_spans(line: &str) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some(at) = rest.find('`') {
        out.push_str(&rest[..at]);
        let long = rest[at..].bytes().take_while(|byte| *byte == b'`').count();
        let quote = &rest[at..at + long];
        let inner = &rest[at + long..];
        let mut from = 0;
        let end = loop {
            let Some(next) = inner[from..].find('`') else { break None };
            let run = inner[from + next..].bytes().take_while(|byte| *byte == b'`').count();
            if run == long {
                break Some(from + next);
            }
            from += next + run;
        };
        match end {
            Some(end) => rest = &inner[end + long..],
            None => {
                out.push_str(quote);
                rest = inner;
            }
        }
    }
    out + rest
}

/// A line without `&#60;`.
fn without_entities(line: &str) -> String {
    let mut parts = line.split("&#");
    let first = parts.next().unwrap().to_owned();
    parts.fold(first, |text, part| match part.split_once(';') {
        Some((digits, rest)) if digits.bytes().all(|byte| byte.is_ascii_digit()) => text + rest,
        _ => text + "&#" + part,
    })
}
