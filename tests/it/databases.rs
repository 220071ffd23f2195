//! Databases: how long the log has room while nothing is archived, what watches it, and what is given to
//! an instance.

use crate::workbench::{Compiled, Files, compile};
use serde_yaml::Value;

/// A database that is led from eastus2, whose archive is in centralus, where it stands by; with `more` below
/// `[data.postgresql]`.
fn specs(regions: &str, more: &str) -> Files {
    let service = format!(
        r#"
name = "accounts"
image = "registry.example.com/accounts@sha256:0000000000000000000000000000000000000000000000000000000000000000"
tier = "gold"
regions = {regions}
rpo = "15m"
rto = "2h"
recovery = "warm standby"

[data.postgresql]
image = "registry.example.com/postgresql:17.6@sha256:0000000000000000000000000000000000000000000000000000000000000000"
size = "40Gi"
memory = "4Gi"
{more}

[data.replication]
engine = "postgresql"
mode = "asynchronous"
lag = "5m"
"#
    );
    let prometheus =
        "prometheus = { labels = { release = \"monitoring\" }, namespace = \"monitoring\" }\n";
    let fleet = include_str!("fleet.toml").replace(
        "postgresql = { archive = \"archive\"",
        &format!("{prometheus}postgresql = {{ archive = \"archive\""),
    );
    Files::from([("fleet.toml".to_owned(), fleet), ("accounts.toml".to_owned(), service)])
}

const THERE: &str = r#"["eastus2", "centralus"]"#;

fn built(regions: &str, more: &str) -> Compiled {
    let compiled = compile(&specs(regions, more), &Files::new());
    assert_eq!(compiled.report(), "", "{more}");
    compiled
}

fn object(tree: &Files, path: &str) -> Value {
    serde_yaml::from_str(&tree[path]).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn alert(tree: &Files, region: &str, name: &str) -> Option<Value> {
    let rules = object(tree, &format!("{region}/accounts/prometheus-rule.yaml"));
    let rules = rules["spec"]["groups"][0]["rules"].as_sequence().expect("rules").clone();
    rules.into_iter().find(|rule| rule["alert"] == name)
}

fn gibibytes(text: &str) -> u64 {
    text.strip_suffix("Gi").unwrap_or_else(|| panic!("{text}")).parse().expect("a number")
}

/// Four hours at the rate, and 2Gi, worked out anew.
#[test]
fn the_log_has_a_volume_that_holds_four_hours_of_it() {
    for rate in [1u64, 240, 256, 1000, 1024, 5000, 40_000] {
        let tree = built(THERE, &format!("wal_per_hour = \"{rate}Mi\"")).tree;
        for path in [
            "eastus2/accounts/postgresql-cluster-db.yaml",
            "centralus/accounts/postgresql-cluster-db.yaml",
            "recovery/accounts/restore-database-eastus2/3-postgresql-cluster.yaml",
        ] {
            let spec = &object(&tree, path)["spec"];
            let size = gibibytes(spec["walStorage"]["size"].as_str().expect("a size"));
            assert_eq!(size, (4 * rate + 2048).div_ceil(1024), "{path} at {rate}Mi");
            assert_eq!(spec["walStorage"]["storageClass"], spec["storage"]["storageClass"]);
            assert_eq!(spec["postgresql"]["parameters"]["shared_buffers"], "1024MB");
        }
    }
    // Of one that says nothing, as much as it holds is taken for written between two base backups, 6h.
    let tree = built(THERE, "").tree;
    let spec = &object(&tree, "eastus2/accounts/postgresql-cluster-db.yaml")["spec"];
    let size = gibibytes(spec["walStorage"]["size"].as_str().expect("a size"));
    assert!((40 * 4u64).div_ceil(6) + 2 <= size && size <= 40 * 4 / 6 + 4, "{size}Gi");
}

/// What is proposed is enough, and less is not; also for the region that leads after a failover.
#[test]
fn a_volume_that_is_full_too_soon_is_refused() {
    for rate in [300, 1024, 3000] {
        let told = |size: u64| {
            let more = format!("wal_per_hour = \"{rate}Mi\"\nwal_size = \"{size}Gi\"");
            let compiled = compile(&specs(THERE, &more), &Files::new());
            let found = compiled.findings.into_iter().filter(|it| it.code.name() == "wal-fills-up");
            found.collect::<Vec<_>>()
        };
        let first = told(2).into_iter().next().expect("2Gi are always there");
        let help = first.help.expect("a smallest change");
        let least = help.split('"').nth(1).expect("a size");
        let least = gibibytes(least);
        assert!(told(least).is_empty(), "{help}");
        let less = told(least - 1);
        assert!(!less.is_empty(), "{help}");
        let stands_by = less[0].related.iter().any(|label| label.text.contains("stands by"));
        assert!(stands_by, "{less:?}");
    }
}

#[test]
fn cards_say_how_long_an_archive_may_be_away() {
    let tree = built(THERE, "wal_per_hour = \"1Gi\"").tree;
    let card = &tree["recovery/accounts.md"];
    for (region, away) in [("eastus2", "centralus"), ("centralus", "eastus2")] {
        let note = format!(
            "**The archive of {region}, `archive`, is stored in {away}: nothing is archived until that is back. Name another within 4h: after that the WAL volume is full, and the database stops (1Gi an hour).**"
        );
        let (_, section) = card.split_once(&format!("## {away} is lost")).expect("a section");
        let section = section.split("\n## ").next().unwrap_or_default();
        assert!(section.contains(&note), "{section}");
    }
}

/// The log that is replayed is what was written since the base backup, at the rate, and nothing of the size.
#[test]
fn what_is_replayed_follows_the_rate() {
    let replayed = |rate: u64| -> u64 {
        let tree = built(THERE, &format!("wal_per_hour = \"{rate}Gi\"")).tree;
        let ledger: serde_json::Value =
            serde_json::from_str(&tree["ledger/accounts.json"]).expect("a ledger");
        let terms = &ledger["promises"]["eastus2"]["claims"]["data"]["rto"]["terms"];
        terms["log replayed"].as_u64().unwrap_or_else(|| panic!("{terms}"))
    };
    for rate in [1, 2, 7] {
        assert_eq!(replayed(rate), (rate * 6 * 1024).div_ceil(50));
    }
}

#[test]
fn an_archive_that_takes_nothing_is_told_before_the_log_has_no_room() {
    let tree = built(THERE, "wal_per_hour = \"1Gi\"").tree;
    let of = |name| alert(&tree, "eastus2", name).unwrap_or_else(|| panic!("no {name}"));
    for name in ["ArchiveFailing", "ArchiveSilent", "LogFillsVolume"] {
        let alert = of(name);
        let runbook = alert["annotations"]["runbook"].as_str().expect("a page");
        assert_eq!(runbook, "recovery/accounts.md#centralus-is-lost", "{name}");
        assert_eq!(alert["labels"]["severity"], "critical", "{name}");
    }
    // An archiver that hangs has failed at nothing: something waits, and nothing was taken for 5m.
    let silent = of("ArchiveSilent")["expr"].as_str().expect("text").to_owned();
    assert!(silent.contains("pg_wal_archive_status{value=\"ready\"") && silent.ends_with("> 300)"));
    // 2Gi that are there anyway, and half of the 4Gi beside them.
    let fills = of("LogFillsVolume")["expr"].as_str().expect("text").to_owned();
    assert!(fills.ends_with(&format!("> {}", 4u64 << 30)), "{fills}");
}

#[test]
fn a_database_in_which_nobody_writes_raises_no_alert() {
    let idle = built(THERE, "").tree;
    assert_eq!(alert(&idle, "centralus", "DatabaseCopyBehind"), None);
    let told = built(THERE, "commits_every = \"2m\"").tree;
    let behind = alert(&told, "centralus", "DatabaseCopyBehind").expect("something commits");
    let expression = behind["expr"].as_str().expect("text");
    assert!(expression.ends_with("> 420"), "5m are promised, and 2m between commits: {expression}");
    // What is heard of either does not depend on whether anybody writes.
    for tree in [&idle, &told] {
        assert!(alert(tree, "centralus", "DatabaseCopyNotSeen").is_some());
        assert!(alert(tree, "eastus2", "ArchiveNotSeen").is_some());
    }
}

#[test]
fn prometheus_reads_the_instances_of_a_database() {
    let tree = built(THERE, "").tree;
    for region in ["eastus2", "centralus"] {
        let monitor = object(&tree, &format!("{region}/accounts/pod-monitor-db.yaml"));
        let selected = &monitor["spec"]["selector"]["matchLabels"];
        assert_eq!(selected["cnpg.io/cluster"], "accounts-db");
        assert_eq!(monitor["spec"]["podMetricsEndpoints"][0]["port"], "metrics");
        assert_eq!(monitor["metadata"]["labels"]["release"], "monitoring");
        // The way there is open.
        let policy = &tree[&format!("{region}/accounts/network-policy-db.yaml")];
        assert!(policy.contains("port: 9187"), "{policy}");
    }
    let mut without = specs(THERE, "");
    let fleet = without.get_mut("fleet.toml").expect("it is there");
    *fleet = include_str!("fleet.toml").to_owned();
    let tree = compile(&without, &Files::new()).tree;
    assert!(!tree.keys().any(|path| path.contains("pod-monitor")));
}

/// The operator gives its pods a ServiceAccount of their own, which has no Secret of the service's.
#[test]
fn a_database_is_pulled_with_the_secret_of_its_registry() {
    let mut specs = specs(THERE, "");
    let fleet = specs.get_mut("fleet.toml").expect("it is there");
    let registries = "registries = [{ host = \"registry.example.com\", pull_secret = \"shop\" }]";
    *fleet =
        fleet.replacen("[regions.eastus2]\n", &format!("[regions.eastus2]\n{registries}\n"), 1);
    let tree = compile(&specs, &Files::new()).tree;
    let secrets = |path: &str| object(&tree, path)["spec"]["imagePullSecrets"].clone();
    let name = "accounts/postgresql-cluster-db.yaml";
    assert_eq!(secrets(&format!("eastus2/{name}"))[0]["name"], "shop");
    assert!(secrets(&format!("centralus/{name}")).is_null());
    // Made anew from its archive, too.
    let anew =
        tree.keys().filter(|path| path.starts_with("recovery/accounts/restore-database-eastus2/"));
    let mut anew = anew.filter(|path| path.contains("postgresql-cluster"));
    assert_eq!(secrets(anew.next().expect("it is restored"))[0]["name"], "shop");
}

/// The operator makes no Secret for a database that follows, and two that it made would differ: both begin
/// with the one that the platform makes, and pods mount it in either role.
#[test]
fn both_roles_have_one_secret() {
    for regions in [THERE, r#"["centralus", "eastus2"]"#] {
        let tree = built(regions, "").tree;
        let mut names = std::collections::BTreeSet::new();
        for region in ["eastus2", "centralus"] {
            let cluster = object(&tree, &format!("{region}/accounts/postgresql-cluster-db.yaml"));
            let bootstrap = cluster["spec"]["bootstrap"].as_mapping().expect("it begins somehow");
            assert_eq!(bootstrap.len(), 1, "the webhook takes one");
            for (_, begins) in bootstrap {
                names.insert(begins["secret"]["name"].as_str().expect("a Secret").to_owned());
            }
            let workload = object(&tree, &format!("{region}/accounts/deployment.yaml"));
            let volumes = workload["spec"]["template"]["spec"]["volumes"].as_sequence();
            let mounted = volumes
                .expect("volumes")
                .iter()
                .filter_map(|one| one["secret"]["secretName"].as_str());
            names.extend(mounted.map(str::to_owned));
        }
        assert_eq!(names.into_iter().collect::<Vec<_>>(), ["accounts-db-app"]);
    }
}
