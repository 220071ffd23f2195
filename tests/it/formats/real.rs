//! Reports of real trees: what a diff of the example fleet says.

use crate::diff::scenarios::{self, image};
use crate::diff::{Version, sides};
use crate::workbench::{Files, files_below, repository};
use expect_test::expect;
use ninefold::diff::format::text::Detail;
use ninefold::diff::format::{github, json, markdown, text};
use ninefold::diff::report::{Severity, Side, SideKind};
use ninefold::diff::value::Masks;
use ninefold::diff::{Options, Report, Specs, Tree, between};

/// The example fleet, as it is committed.
fn fleet() -> Version {
    let specs = files_below(&repository("specs"));
    let inputs = specs.into_iter().filter(|(path, _)| !path.starts_with("schema/"));
    let mut fleet =
        Version::new(inputs.map(|(path, text)| (format!("specs/{path}"), text)).collect());
    fleet.tree = files_below(&repository("out"));
    fleet
}

/// What a pull request says that turns the one into the other.
fn report(old: &Version, new: &Version) -> Report {
    let specs = Specs { old: Some(old.input()), new: Some(new.input()), found: None };
    let (from, to) = sides(old, new);
    between_trees(&from, &to, &specs)
}

/// The same for manifests that no ledger speaks of.
fn report_of_manifests(old: &Version, new: &Version) -> Report {
    between_trees(&manifests(old), &manifests(new), &Specs::default())
}

fn manifests(version: &Version) -> Tree<'_> {
    let paths: Vec<String> = version.tree.keys().cloned().collect();
    Tree::without_ledger(version, &paths).unwrap_or_else(|findings| panic!("{findings:?}"))
}

fn between_trees(old: &Tree<'_>, new: &Tree<'_>, specs: &Specs) -> Report {
    let commit = Some("4f2c1a9b71e0d25a3c0f9e8d7c6b5a4938271605".to_owned());
    let from = Side { kind: SideKind::Git, name: "origin/main".to_owned(), commit };
    let to = Side { kind: SideKind::Compile, name: "working tree".to_owned(), commit: None };
    between((from, old), (to, new), specs, Options::default())
        .unwrap_or_else(|findings| panic!("{findings:?}"))
}

/// Replaces a line of a spec, which is there.
fn edit(fleet: &Version, edits: &[(&str, &str, &str)]) -> Version {
    for (path, from, _) in edits {
        assert!(fleet.inputs[*path].contains(from), "{path} does not say `{from}`");
    }
    let edited = fleet.edit(|path, text| {
        let of = edits.iter().filter(|(file, ..)| *file == path);
        of.fold(text.to_owned(), |text, (_, from, to)| text.replace(from, to))
    });
    edited.built()
}

/// One service may lose more data, and another one gets a new image.
fn looser(fleet: &Version) -> Version {
    edit(
        fleet,
        &[
            ("specs/orders.toml", r#"rpo      = "1h""#, r#"rpo      = "2h""#),
            ("specs/storefront.toml", "sha256:3804c748", "sha256:91d60c5f"),
        ],
    )
}

/// One service leaves a region.
fn smaller(fleet: &Version) -> Version {
    let (from, to) = (r#"regions = ["eastus2", "centralus"]"#, r#"regions = ["eastus2"]"#);
    edit(fleet, &[("specs/checkout.toml", from, to)])
}

const TERMINAL: text::Options = text::Options {
    detail: Detail::Summary,
    colour: false,
    width: Some(100),
    fail_on: None,
    hidden: None,
};

fn comment() -> markdown::Options {
    let max_bytes = markdown::Target::GithubComment.max_bytes();
    markdown::Options { key: "prod".to_owned(), max_bytes, full: None, fail_on: None, hidden: None }
}

#[test]
fn a_looser_rpo_is_seen_before_a_new_image() {
    let old = fleet();
    let report = report(&old, &looser(&old));
    expect![[r#"
        ninefold diff  origin/main@4f2c1a9 → working tree
        2 high, 2 medium, 3 low, from 2 causes
        313 objects: 5 replaced, 2 updated, 5 kept, 301 unchanged

        HIGH[backup-gap-grows] orders: backs up every 30m instead of every 15m
          effect  longest time between two runs 15m → 30m
                  RPO promised 2h
        HIGH[rpo-loosened] orders: RPO after the loss of a region, at worst 57m → 1h 57m
          effect  RPO after data is destroyed, at worst 57m → 1h 57m
                  RPO promised 1h → 2h
                  between two backups 30m → 1h
                  copying 14m → 36m
                  queue 5m → 10m
                  snapshots 3m → 6m
          where   eastus2 (1 of 2 regions)
          cause   specs/orders.toml:7  rpo: "1h" → "2h"

        MEDIUM[all-regions-at-once] storefront: restarts the pods of every region in one commit
          effect  3 regions: a mistake reaches the last before it shows in the first
        MEDIUM[pods-replaced] storefront: replaces Deployment
          effect  50 pods in 3 regions, the new ones come up first, generations 6nfdgvfn94, cqz6cn9qjd,
                  qfqdjfk4s6 kept
          where   centralus, eastus2, westeurope (identical)
          cause   specs/storefront.toml:3  image: sha256:3804c748… → sha256:91d60c5f…

        LOW[backup-changes] orders: Schedule is given more time  eastus2 (1 of 2 regions);
                  specs/orders.toml:7
        LOW[monitoring-changes] orders: 6 of 14 alerts fire at other values; 4 of 4 alerts fire at other
                  values  centralus, eastus2; specs/orders.toml:7
        LOW[image-changes] storefront: another image for container app  centralus, eastus2, westeurope
                  (identical); specs/storefront.toml:3

        Changes by service
          orders      centralus                       ~ update PrometheusRule
          orders      eastus2                         ~ update PrometheusRule; +/- replace 2 Schedule;
              * keep 2 Schedule
          storefront  centralus, eastus2, westeurope  +/- replace Deployment; * keep Deployment

        5 to replace, 2 to update, 5 to keep. Highest: high.
    "#]].assert_eq(&text::render(&report, &TERMINAL));
    expect![[r#"
        <!-- ninefold:diff v1 key=prod -->
        ### ninefold diff: 2 high, 2 medium, 3 low; 2 causes
        `origin/main@4f2c1a9` → `working tree` · 313 objects: 5 replaced, 2 updated, 5 kept, 301 unchanged

        | | Rule | Service | What happens | Cause |
        |---|---|---|---|---|
        | 🟠 high | `backup-gap-grows` | `orders` | backs up every 30m instead of every 15m | `specs/orders.toml:7` `rpo: "1h" → "2h"` |
        | 🟠 high | `rpo-loosened` | `orders` | RPO after the loss of a region, at worst 57m → 1h 57m | `specs/orders.toml:7` `rpo: "1h" → "2h"` |

        - orders: backs up every 30m instead of every 15m
          - longest time between two runs 15m → 30m
          - RPO promised 2h
          - where: eastus2 (1 of 2 regions)
        - orders: RPO after the loss of a region, at worst 57m → 1h 57m
          - RPO after data is destroyed, at worst 57m → 1h 57m
          - RPO promised 1h → 2h
          - between two backups 30m → 1h
          - copying 14m → 36m
          - queue 5m → 10m
          - snapshots 3m → 6m
          - where: eastus2 (1 of 2 regions)

        <details><summary>2 medium</summary>

        | | Rule | Service | What happens | Cause |
        |---|---|---|---|---|
        | 🟡 medium | `all-regions-at-once` | `storefront` | restarts the pods of every region in one commit | `specs/storefront.toml:3` `image: sha256:3804c748… → sha256:91d60c5f…` |
        | 🟡 medium | `pods-replaced` | `storefront` | replaces Deployment | `specs/storefront.toml:3` `image: sha256:3804c748… → sha256:91d60c5f…` |

        - storefront: restarts the pods of every region in one commit
          - 3 regions: a mistake reaches the last before it shows in the first
          - where: centralus, eastus2, westeurope (identical)
        - storefront: replaces Deployment
          - 50 pods in 3 regions, the new ones come up first, generations 6nfdgvfn94, cqz6cn9qjd, qfqdjfk4s6 kept
          - where: centralus, eastus2, westeurope (identical)

        </details>

        <details><summary>3 low</summary>

        | | Rule | Service | What happens | Cause |
        |---|---|---|---|---|
        | 🔵 low | `backup-changes` | `orders` | Schedule is given more time | `specs/orders.toml:7` `rpo: "1h" → "2h"` |
        | 🔵 low | `image-changes` | `storefront` | another image for container app | `specs/storefront.toml:3` `image: sha256:3804c748… → sha256:91d60c5f…` |
        | 🔵 low | `monitoring-changes` | `orders` | 6 of 14 alerts fire at other values; 4 of 4 alerts fire at other values | `specs/orders.toml:7` `rpo: "1h" → "2h"` |

        - orders: Schedule is given more time
          - spec.template.csiSnapshotTimeout: 1m0s → 2m0s
          - spec.template.itemOperationTimeout: 14m0s → 36m0s
          - spec.template.itemOperationTimeout: 14m0s → 39m0s
          - where: eastus2 (1 of 2 regions)
        - storefront: another image for container app
          - `@sha256:3804c748ca8c…` → `@sha256:91d60c5fca8c…`
          - where: centralus, eastus2, westeurope (identical)
        - orders: 6 of 14 alerts fire at other values; 4 of 4 alerts fire at other values
          - eastus2: 6 of 14 alerts fire at other values
          - eastus2: BackupFailed
          - eastus2: BackupNeverSeen
          - eastus2: BackupOlderThanRpo
          - eastus2: BackupTooOld
          - centralus: 4 of 4 alerts fire at other values
          - centralus: CopyNeverSeen
          - centralus: CopyOlderThanRpo
          - centralus: CopyTooOld
          - where: centralus, eastus2

        </details>

        <details><summary><code>orders</code> · <code>centralus</code> · 1 updated</summary>

        ```diff
        # update PrometheusRule orders (orders)
        - spec.groups[name=orders-centralus].rules[alert=CopyOlderThanRpo,labels.severity=critical].annotations.reason: rpo = 1h, less the 20m that a backup may take: what it holds is as old as its start; Velero here sees a new one within 2m
        + spec.groups[name=orders-centralus].rules[alert=CopyOlderThanRpo,labels.severity=critical].annotations.reason: rpo = 2h, less the 45m that a backup may take: what it holds is as old as its start; Velero here sees a new one within 2m
        - spec.groups[name=orders-centralus].rules[alert=CopyOlderThanRpo,labels.severity=critical].expr: time() - max(velero_backup_last_successful_timestamp{schedule=~"orders-eus2-[bcdfghjklmnpqrstvwxz2456789]{10}"}) > 2400
        + spec.groups[name=orders-centralus].rules[alert=CopyOlderThanRpo,labels.severity=critical].expr: time() - max(velero_backup_last_successful_timestamp{schedule=~"orders-eus2-[bcdfghjklmnpqrstvwxz2456789]{10}"}) > 4500
        - spec.groups[name=orders-centralus].rules[alert=CopyNeverSeen,labels.severity=critical].annotations.reason: the first one is seen within 59m at worst; or Velero here does not read the location, or is not scraped
        + spec.groups[name=orders-centralus].rules[alert=CopyNeverSeen,labels.severity=critical].annotations.reason: the first one is seen within 1h 59m at worst; or Velero here does not read the location, or is not scraped
        - spec.groups[name=orders-centralus].rules[alert=CopyNeverSeen,labels.severity=critical].for: 59m
        + spec.groups[name=orders-centralus].rules[alert=CopyNeverSeen,labels.severity=critical].for: 119m
        - spec.groups[name=orders-centralus].rules[alert=CopyTooOld,labels.severity=warning].annotations.reason: 2d 12h 22m is the worst case of a backup every 1d of which 1 in a row may fail (tier gold); no RPO rests on it alone; Velero here sees a new one within 2m
        + spec.groups[name=orders-centralus].rules[alert=CopyTooOld,labels.severity=warning].annotations.reason: 2d 12h 47m is the worst case of a backup every 1d of which 1 in a row may fail (tier gold); no RPO rests on it alone; Velero here sees a new one within 2m
        - spec.groups[name=orders-centralus].rules[alert=CopyTooOld,labels.severity=warning].expr: time() - max(velero_backup_last_successful_timestamp{schedule=~"orders-eus2-day-[bcdfghjklmnpqrstvwxz2456789]{10}"}) > 217320
        + spec.groups[name=orders-centralus].rules[alert=CopyTooOld,labels.severity=warning].expr: time() - max(velero_backup_last_successful_timestamp{schedule=~"orders-eus2-day-[bcdfghjklmnpqrstvwxz2456789]{10}"}) > 218820
        - spec.groups[name=orders-centralus].rules[alert=CopyNeverSeen,labels.severity=warning].annotations.reason: the first one is seen within 2d 12h 24m at worst; or Velero here does not read the location, or is not scraped
        + spec.groups[name=orders-centralus].rules[alert=CopyNeverSeen,labels.severity=warning].annotations.reason: the first one is seen within 2d 12h 49m at worst; or Velero here does not read the location, or is not scraped
        - spec.groups[name=orders-centralus].rules[alert=CopyNeverSeen,labels.severity=warning].for: 3624m
        + spec.groups[name=orders-centralus].rules[alert=CopyNeverSeen,labels.severity=warning].for: 3649m
        ```

        </details>

        <details><summary><code>orders</code> · <code>eastus2</code> · 1 updated, 2 replaced, 2 kept</summary>

        ```diff
        # update PrometheusRule orders (orders)
        - spec.groups[name=orders-eastus2].rules[0].annotations.reason: rpo = 1h, less the 20m that a backup may take: what it holds is as old as its start
        + spec.groups[name=orders-eastus2].rules[0].annotations.reason: rpo = 2h, less the 45m that a backup may take: what it holds is as old as its start
        - spec.groups[name=orders-eastus2].rules[0].expr: time() - max(velero_backup_last_successful_timestamp{schedule=~"orders-eus2-[bcdfghjklmnpqrstvwxz2456789]{10}"}) > 2400
        + spec.groups[name=orders-eastus2].rules[0].expr: time() - max(velero_backup_last_successful_timestamp{schedule=~"orders-eus2-[bcdfghjklmnpqrstvwxz2456789]{10}"}) > 4500
        - spec.groups[name=orders-eastus2].rules[1].annotations.reason: within 42m another one completes at worst; 1 in a row may fail (tier gold)
        + spec.groups[name=orders-eastus2].rules[1].annotations.reason: within 1h 27m another one completes at worst; 1 in a row may fail (tier gold)
        - spec.groups[name=orders-eastus2].rules[1].expr: (sum(increase(velero_backup_failure_total{schedule=~"orders-eus2-[bcdfghjklmnpqrstvwxz2456789]{10}"}[42m])) > 0) or (sum(increase(velero_backup_partial_failure_total{schedule=~"orders-eus2-[bcdfghjklmnpqrstvwxz2456789]{10}"}[42m])) > 0) or (sum(increase(velero_backup_validation_failure_total{schedule=~"orders-eus2-[bcdfghjklmnpqrstvwxz2456789]{10}"}[42m])) > 0)
        + spec.groups[name=orders-eastus2].rules[1].expr: (sum(increase(velero_backup_failure_total{schedule=~"orders-eus2-[bcdfghjklmnpqrstvwxz2456789]{10}"}[87m])) > 0) or (sum(increase(velero_backup_partial_failure_total{schedule=~"orders-eus2-[bcdfghjklmnpqrstvwxz2456789]{10}"}[87m])) > 0) or (sum(increase(velero_backup_validation_failure_total{schedule=~"orders-eus2-[bcdfghjklmnpqrstvwxz2456789]{10}"}[87m])) > 0)
        - spec.groups[name=orders-eastus2].rules[2].annotations.reason: the first one completes within 57m at worst; or Velero is not scraped
        + spec.groups[name=orders-eastus2].rules[2].annotations.reason: the first one completes within 1h 57m at worst; or Velero is not scraped
        - spec.groups[name=orders-eastus2].rules[2].for: 57m
        + spec.groups[name=orders-eastus2].rules[2].for: 117m
        - spec.groups[name=orders-eastus2].rules[3].annotations.reason: 2d 12h 22m is the worst case of a backup every 1d of which 1 in a row may fail (tier gold); no RPO rests on it alone
        + spec.groups[name=orders-eastus2].rules[3].annotations.reason: 2d 12h 47m is the worst case of a backup every 1d of which 1 in a row may fail (tier gold); no RPO rests on it alone
        - spec.groups[name=orders-eastus2].rules[3].expr: time() - max(velero_backup_last_successful_timestamp{schedule=~"orders-eus2-day-[bcdfghjklmnpqrstvwxz2456789]{10}"}) > 217320
        + spec.groups[name=orders-eastus2].rules[3].expr: time() - max(velero_backup_last_successful_timestamp{schedule=~"orders-eus2-day-[bcdfghjklmnpqrstvwxz2456789]{10}"}) > 218820
        - spec.groups[name=orders-eastus2].rules[4].annotations.reason: within 1d 12h 22m another one completes at worst; 1 in a row may fail (tier gold)
        + spec.groups[name=orders-eastus2].rules[4].annotations.reason: within 1d 12h 47m another one completes at worst; 1 in a row may fail (tier gold)
        - spec.groups[name=orders-eastus2].rules[4].expr: (sum(increase(velero_backup_failure_total{schedule=~"orders-eus2-day-[bcdfghjklmnpqrstvwxz2456789]{10}"}[2182m])) > 0) or (sum(increase(velero_backup_partial_failure_total{schedule=~"orders-eus2-day-[bcdfghjklmnpqrstvwxz2456789]{10}"}[2182m])) > 0) or (sum(increase(velero_backup_validation_failure_total{schedule=~"orders-eus2-day-[bcdfghjklmnpqrstvwxz2456789]{10}"}[2182m])) > 0)
        + spec.groups[name=orders-eastus2].rules[4].expr: (sum(increase(velero_backup_failure_total{schedule=~"orders-eus2-day-[bcdfghjklmnpqrstvwxz2456789]{10}"}[2207m])) > 0) or (sum(increase(velero_backup_partial_failure_total{schedule=~"orders-eus2-day-[bcdfghjklmnpqrstvwxz2456789]{10}"}[2207m])) > 0) or (sum(increase(velero_backup_validation_failure_total{schedule=~"orders-eus2-day-[bcdfghjklmnpqrstvwxz2456789]{10}"}[2207m])) > 0)
        - spec.groups[name=orders-eastus2].rules[5].annotations.reason: the first one completes within 2d 12h 22m at worst; or Velero is not scraped
        + spec.groups[name=orders-eastus2].rules[5].annotations.reason: the first one completes within 2d 12h 47m at worst; or Velero is not scraped
        - spec.groups[name=orders-eastus2].rules[5].for: 3622m
        + spec.groups[name=orders-eastus2].rules[5].for: 3647m
        # replace Schedule orders-eus2 (frbhscjnwd → vw9bz9lkwr)
        - metadata.annotations["ninefold.dev/slot"]: 6m0s
        + metadata.annotations["ninefold.dev/slot"]: 9m0s
        - spec.schedule: 10,25,40,55 * * * *
        + spec.schedule: 25,55 * * * *
        - spec.template.csiSnapshotTimeout: 1m0s
        + spec.template.csiSnapshotTimeout: 2m0s
        - spec.template.itemOperationTimeout: 14m0s
        + spec.template.itemOperationTimeout: 36m0s
        # replace Schedule orders-eus2-day (4rwzwq7vgs → hbzpq7ptx9)
        - spec.schedule: 58 21 * * *
        + spec.schedule: 2 22 * * *
        - spec.template.itemOperationTimeout: 14m0s
        + spec.template.itemOperationTimeout: 39m0s
        ```

        </details>

        <details><summary><code>storefront</code> · <code>centralus, eastus2, westeurope</code> alike · 3 replaced, 3 kept</summary>

        ```diff
        # replace Deployment storefront (cqz6cn9qjd → qrr9xvzqs2), 3 alike
        - spec.template.spec.containers[name=app].image: registry.example.com/shop/storefront@sha256:3804c748ca8c9867a71fa630c0e62874478619681d574d34b2061de174527f35
        + spec.template.spec.containers[name=app].image: registry.example.com/shop/storefront@sha256:91d60c5fca8c9867a71fa630c0e62874478619681d574d34b2061de174527f35
        ```

        </details>

        <sub>Nothing omitted.</sub>
    "#]].assert_eq(&markdown::render(&report, &comment()).unwrap());
}

#[test]
fn a_service_that_leaves_a_region_is_seen_first() {
    let old = fleet();
    let report = report(&old, &smaller(&old));
    expect![[r#"
        ninefold diff  origin/main@4f2c1a9 → working tree
        2 critical, 1 medium, 1 low, from 1 cause
        308 objects: 9 deleted, 299 unchanged

        CRITICAL[data-deleted] fleet: Namespace checkout is deleted
          effect  everything in it goes, claims and Secrets too
                  Argo CD leaves it: it goes when somebody deletes it
          where   centralus (1 of 3 regions)
        CRITICAL[loses-region] checkout: loses region centralus
          effect  regions 2 → 1; after the loss of the largest, 3 of 6 pods → 0 of 3
                  7 objects deleted, none of them holds data
                  one region is left: nothing can take over from it
          cause   specs/checkout.toml:4  regions: − "centralus"

        MEDIUM[rto-loosened] checkout: RTO after the loss of a region, at worst 26m 5s → without bound
          where   eastus2 (1 of 2 regions)
          cause   specs/checkout.toml:4  regions: − "centralus"

        LOW[availability-loosened] checkout: expected to serve 99.9949 % of the year, not 99.9986 %  eastus2
                  (1 of 2 regions); specs/checkout.toml:4

        Changes by service
          checkout  centralus  - delete ConfigMap, Deployment, NetworkPolicy, PodDisruptionBudget,
              PrometheusRule, Service, ServiceAccount
          fleet     centralus  - delete Namespace, NetworkPolicy

        9 to delete. Highest: critical.
    "#]]
    .assert_eq(&text::render(&report, &TERMINAL));
    let fields = text::Options { detail: Detail::Fields, ..TERMINAL };
    let fields = text::render(&report, &fields);
    expect![[r#"

        9 to delete. Highest: critical.
    "#]]
    .assert_eq(fields.split_once("Fields\n").unwrap().1);
    let annotations =
        github::render(&report, &github::Options { min: Severity::High, hidden: None });
    expect![[r#"
        ::error file=specs/checkout.toml,line=4,title=critical [data-deleted]::fleet: Namespace checkout is deleted%0Aeverything in it goes, claims and Secrets too%0AArgo CD leaves it: it goes when somebody deletes it
        ::error file=specs/checkout.toml,line=4,title=critical [loses-region]::checkout: loses region centralus%0Aregions 2 → 1; after the loss of the largest, 3 of 6 pods → 0 of 3%0A7 objects deleted, none of them holds data%0Aone region is left: nothing can take over from it
    "#]].assert_eq(&annotations);
}

#[test]
fn an_edit_of_many_services_fits_a_screen() {
    let old = scenarios::fleet().built();
    let one_key = old.edit(|path, text| match path {
        "specs/svc07.toml" => text.replace("value 3 of svc07", "another"),
        _ => text.to_owned(),
    });
    let report_of = |new: Version| report(&old, &new.built());
    let one_key = text::render(&report_of(one_key), &TERMINAL);
    expect![[r#"
        ninefold diff  origin/main@4f2c1a9 → working tree
        2 medium, from 1 cause
        822 objects: 9 replaced, 9 kept, 804 unchanged

        MEDIUM[all-regions-at-once] svc07: restarts the pods of every region in one commit
          effect  3 regions: a mistake reaches the last before it shows in the first
        MEDIUM[pods-replaced] svc07: replaces Deployment
          effect  15 pods in 3 regions, the new ones come up first, generations 4t6dklnvsm, b2w9jzjsm6,
                  f4qnsm8rlv kept
          where   ap-south-1, eu-west-1, us-east-1 (identical)
          cause   specs/svc07.toml:16  config.KEY_3: "value 3 of svc07" → "another"
          folded  3 Deployment, 3 HorizontalPodAutoscaler follow

        Changes by service
          svc07  ap-south-1, eu-west-1, us-east-1  +/- replace ConfigMap, Deployment,
              HorizontalPodAutoscaler; * keep ConfigMap, Deployment, HorizontalPodAutoscaler

        9 to replace, 9 to keep. Highest: medium.
    "#]].assert_eq(&one_key);
    let image = old.edit(|path, text| {
        let name = path.trim_start_matches("specs/").trim_end_matches(".toml");
        text.replace(&image(name, "1.0.0"), &image(name, "1.1.0"))
    });
    let image = text::render(&report_of(image), &TERMINAL);
    expect![[r#"
        ninefold diff  origin/main@4f2c1a9 → working tree
        60 medium, 30 low, from 1 cause
        993 objects: 180 replaced, 180 kept, 633 unchanged

        MEDIUM[all-regions-at-once] 30 services: restarts the pods of every region in one commit
          effect  3 regions: a mistake reaches the last before it shows in the first
        MEDIUM[pods-replaced] 30 services: replaces Deployment
          effect  15 pods in 3 regions, the new ones come up first, generations … kept
          where   ap-south-1, eu-west-1, us-east-1 (identical)
          cause   specs/svc00.toml:2 and 29 more  image: 1.0.0 → 1.1.0
          folded  90 HorizontalPodAutoscaler follow

        LOW[image-changes] 30 services: another image for container app  ap-south-1, eu-west-1, us-east-1
                  (identical); specs/svc00.toml:2 and 29 more

        Changes by service
          30 services  ap-south-1, eu-west-1, us-east-1  +/- replace Deployment, HorizontalPodAutoscaler;
              * keep Deployment, HorizontalPodAutoscaler

        180 to replace, 180 to keep. Highest: medium.
    "#]].assert_eq(&image);
    for text in [one_key, image] {
        assert!(text.lines().count() <= 24);
        assert!(text.lines().all(|line| line.chars().count() <= 100));
    }
}

#[test]
fn a_fleet_that_stays_as_it_is_has_no_diff() {
    let old = fleet();
    let report = report(&old, &old);
    let text = text::render(&report, &TERMINAL);
    assert!(text.lines().last().unwrap().starts_with("No differences ("), "{text}");
    assert_eq!(patch(&report, &old, &old), "");
}

#[test]
fn every_form_holds_for_real_trees() {
    let old = fleet();
    for new in [looser(&old), smaller(&old)] {
        let report = report(&old, &new);
        let json = json::render(&report, &json::Options { fail_on: Some(Severity::High) });
        let json = serde_json::from_str(&json).unwrap();
        let wrong = crate::fits::misfits(&json, &json::SCHEMA);
        assert!(wrong.is_empty(), "{wrong:#?}");
        for max_bytes in [1_000, 1_500, 2_500, 5_000, 65_000] {
            let options = markdown::Options { max_bytes, ..comment() };
            let text = markdown::render(&report, &options).unwrap();
            assert!(text.len() <= max_bytes);
            super::markdown::valid(&text, "a real tree");
        }
        // The patch makes the one tree of the other, but for ledgers.
        let manifests = |version: &Version| -> Files {
            let tree = version.tree.clone().into_iter();
            tree.filter(|(path, _)| !path.starts_with("ledger/") && !path.starts_with("recovery/"))
                .collect()
        };
        let patch = patch(&report, &old, &new);
        let applied = super::unified::apply(&patch, &manifests(&old)).unwrap();
        assert!(applied == manifests(&new), "{patch}");
    }
}

#[test]
fn a_secret_is_in_no_form() {
    let secret = |password: &str| {
        let mut version = Version::default();
        let text = format!(
            "apiVersion: v1\nkind: Secret\nmetadata:\n  name: web\nstringData:\n  user: canary-0\n  password: {password}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: web\ndata:\n  DATABASE_PASSWORD: {password}\n  url: https://web:{password}@db.example\n  open: {}\n",
            password.len()
        );
        version.tree.insert("web.yaml".to_owned(), text);
        version
    };
    let mut empty = Version::default();
    let other = "apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: web\n";
    empty.tree.insert("other.yaml".to_owned(), other.to_owned());
    let (old, new) = (secret("canary-11"), secret("canary-222"));
    for (old, new) in [(&old, &new), (&empty, &new), (&old, &empty)] {
        let report = report_of_manifests(old, new);
        assert!(!report.objects.is_empty());
        let mut forms = vec![
            markdown::render(&report, &comment()).unwrap(),
            json::render(&report, &json::Options { fail_on: None }),
            github::render(&report, &github::Options { min: Severity::Info, hidden: None }),
            patch(&report, old, new),
        ];
        for detail in super::text::DETAILS {
            forms.push(text::render(&report, &text::Options { detail, ..TERMINAL }));
        }
        for form in forms {
            assert!(!form.contains("canary"), "{form}");
        }
    }
}

fn patch(report: &Report, old: &Version, new: &Version) -> String {
    super::unified::patch(report, &old.tree, &new.tree, &mut Masks::default())
}
