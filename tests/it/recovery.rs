//! What gets a service back, as the tree shows it.

use crate::support::compile;
use crate::workbench::{Files, TREES, files_below, repository, tree_of};
use ninefold::diag::Severity;
use serde_yaml::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Every manifest of a tree, with its path.
fn manifests(files: &Files) -> Vec<(&str, Value)> {
    (files.iter())
        .filter(|(path, _)| path.ends_with(".yaml") && !path.starts_with("recovery/"))
        .map(|(path, text)| (path.as_str(), serde_yaml::from_str(text).expect(path)))
        .collect()
}

fn of_kind<'a>(all: &'a [(&'a str, Value)], kind: &str) -> Vec<(&'a str, &'a Value)> {
    let is = |value: &Value| value["kind"].as_str() == Some(kind);
    all.iter().filter(|(_, value)| is(value)).map(|(path, value)| (*path, value)).collect()
}

fn text<'a>(value: &'a Value, path: &[&str]) -> &'a str {
    let found = path.iter().fold(value, |value, key| &value[*key]);
    found.as_str().unwrap_or_else(|| panic!("no text at {path:?}"))
}

/// The example fleet, without what was measured of services that these tests leave out.
fn example_fleet() -> String {
    let text = files_below(&repository("specs"))["fleet.toml"].clone();
    let mut fleet: toml::Table = text.parse().expect("TOML");
    fleet.remove("measured");
    toml::to_string(&fleet).expect("a table is TOML")
}

#[test]
fn one_cluster_writes_to_a_folder_and_the_others_only_read_it() {
    let mut read = 0;
    for (tree, files) in TREES.iter() {
        let all = manifests(files);
        let locations = of_kind(&all, "BackupStorageLocation");
        let place = |one: &Value| {
            let spec = &one["spec"];
            (spec["objectStorage"].clone(), spec["config"].clone(), spec["provider"].clone())
        };
        let writes = |one: &Value| text(one, &["spec", "accessMode"]) == "ReadWrite";
        for (path, location) in &locations {
            let writers: Vec<&str> = (locations.iter())
                .filter(|(_, other)| writes(other) && place(other) == place(location))
                .map(|(path, _)| *path)
                .collect();
            assert_eq!(writers.len(), 1, "{tree}: {path} is written by {writers:?}");
            if !writes(location) {
                read += 1;
                let prefix = text(location, &["spec", "objectStorage", "prefix"]);
                let name = text(location, &["metadata", "name"]);
                assert!(name.starts_with(prefix), "{tree}: {path} does not name its cluster");
                assert_ne!(path.split('/').next(), writers[0].split('/').next(), "{tree}: {path}");
            }
        }
    }
    assert!(read > 1, "some region stands in for another");
}

#[test]
fn a_schedule_writes_where_its_region_may_write() {
    for (tree, files) in TREES.iter() {
        let all = manifests(files);
        for (path, schedule) in of_kind(&all, "Schedule") {
            let name = text(schedule, &["spec", "template", "storageLocation"]);
            let region = path.split('/').next().expect("a region");
            let at = format!("{region}/fleet/backup-storage-location-{name}.yaml");
            // Without a bucket in the fleet, the location is somebody else's.
            if let Some((_, location)) = all.iter().find(|(path, _)| *path == at) {
                assert_eq!(text(location, &["spec", "accessMode"]), "ReadWrite", "{tree}: {path}");
            }
        }
    }
}

#[test]
fn a_region_reads_no_backup_that_must_stay_elsewhere() {
    let fleet = example_fleet();
    let image = "registry.example.com/a@sha256:0000000000000000000000000000000000000000000000000000000000000000";
    let service = |name: &str, regions: &str, more: &str| {
        format!(
            "name = \"{name}\"\nimage = \"{image}\"\ntier = \"silver\"\nkind = \"stateful\"\n\
             regions = {regions}\nrpo = \"12h\"\nrto = \"8h\"\n{more}\n\
             volumes = [{{ name = \"data\", path = \"/data\", size = \"1Gi\" }}]\n"
        )
    };
    let bound = service("bound", "[\"westeurope\"]", "data.residency = [\"eu\"]");
    let free = service("free", "[\"westeurope\", \"eastus2\"]", "");
    let files =
        [("fleet.toml", fleet.as_str()), ("bound.toml", bound.as_str()), ("free.toml", &free)];
    let found = compile(&files);
    assert_eq!(found.codes(), ["residency"], "{}", found.report());
    assert!(found.report().contains("`eastus2` would read the backups of `bound`"));
    assert_eq!(compile(&files[..2]).codes(), [""; 0]);
}

#[test]
fn an_archive_is_out_of_the_region_and_within_the_residency() {
    let fleet = example_fleet();
    let spec = files_below(&repository("specs"))["accounts.toml"].clone();
    let here = fleet.replace(
        "archive = \"archive-of-eastus2\"\nstored_in = \"centralus\"",
        "archive = \"archive-of-eastus2\"\nstored_in = \"eastus2\"",
    );
    assert_ne!(here, fleet);
    let found = compile(&[("fleet.toml", &here), ("accounts.toml", &spec)]);
    assert_eq!(found.codes(), ["backup-location"], "{}", found.report());
    let abroad = fleet.replace(
        "archive = \"archive-of-eastus2\"\nstored_in = \"centralus\"",
        "archive = \"archive-of-eastus2\"\ngeography = \"ca\"\nstored_in = \"canada\"",
    );
    let bound = format!("{spec}\n[data]\nresidency = [\"us\"]\n");
    assert_eq!(compile(&[("fleet.toml", &fleet), ("accounts.toml", &bound)]).codes(), [""; 0]);
    let found = compile(&[("fleet.toml", &abroad), ("accounts.toml", &bound)]);
    assert_eq!(found.codes(), ["residency"], "{}", found.report());
    assert_eq!(compile(&[("fleet.toml", &abroad), ("accounts.toml", &spec)]).codes(), [""; 0]);
}

#[test]
fn one_region_writes_a_database_and_the_others_follow_its_archive() {
    let mut followers = 0;
    for (tree, files) in TREES.iter() {
        let all = manifests(files);
        for (path, cluster) in of_kind(&all, "Cluster") {
            let spec = &cluster["spec"];
            let name = text(cluster, &["metadata", "name"]);
            let follows = spec["bootstrap"]["recovery"]["source"].as_str();
            let region = path.split('/').next().expect("a region");
            let backups = of_kind(&all, "ScheduledBackup").into_iter().filter(|(path, backup)| {
                path.starts_with(&format!("{region}/"))
                    && text(backup, &["spec", "cluster", "name"]) == name
            });
            let backups: Vec<&Value> = backups.map(|(_, backup)| backup).collect();
            assert_eq!(backups.len(), usize::from(follows.is_none()), "{tree}: {path}");
            for backup in backups {
                let fields = text(backup, &["spec", "schedule"]).split(' ').count();
                assert_eq!(fields, 6, "{tree}: {path}");
            }
            let Some(source) = follows else { continue };
            followers += 1;
            assert_eq!(spec["replica"]["primary"].as_str(), Some(source), "{tree}: {path}");
            // What it follows is what another region archives, under the same name and in the
            // same place.
            let archive = |plugin: &Value| plugin["parameters"].clone();
            let followed = spec["externalClusters"].as_sequence().expect("a list").iter();
            let followed = followed.filter(|one| one["name"].as_str() == Some(source));
            let followed: Vec<Value> = followed.map(|one| archive(&one["plugin"])).collect();
            let written = of_kind(&all, "Cluster").into_iter().filter(|(other, cluster)| {
                *other != path && text(cluster, &["metadata", "name"]) == name
            });
            let written: Vec<Value> =
                written.map(|(_, one)| archive(&one["spec"]["plugins"][0])).collect();
            assert!(written.contains(&followed[0]), "{tree}: {path} follows nothing");
            assert!(
                !written.contains(&archive(&spec["plugins"][0])),
                "{tree}: {path} archives there"
            );
        }
    }
    assert!(followers > 1, "some database follows another");
}

#[test]
fn what_copies_a_volume_finds_its_other_end() {
    let mut ends = 0;
    for (tree, files) in TREES.iter() {
        let all = manifests(files);
        let of = |kind: &str| -> Vec<(String, String, String)> {
            let ends = of_kind(&all, kind).into_iter().map(|(path, end)| {
                let region = path.split('/').next().expect("a region").to_owned();
                let repository = text(end, &["spec", "restic", "repository"]).to_owned();
                (repository, text(end, &["metadata", "namespace"]).to_owned(), region)
            });
            ends.collect()
        };
        let (sources, destinations) = (of("ReplicationSource"), of("ReplicationDestination"));
        for (repository, namespace, region) in &destinations {
            let from: Vec<&str> = (sources.iter())
                .filter(|(name, space, _)| name == repository && space == namespace)
                .map(|(_, _, region)| region.as_str())
                .collect();
            assert_eq!(from.len(), 1, "{tree}: {repository} is written by {from:?}");
            assert_ne!(from[0], region, "{tree}: {repository}");
            ends += 1;
        }
        // Two volumes in one repository would become one.
        let mut names: Vec<_> = sources.iter().map(|(name, space, _)| (name, space)).collect();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), sources.len(), "{tree}");
        // Each source is of a claim that its StatefulSet makes.
        for (path, source) in of_kind(&all, "ReplicationSource") {
            let claim = text(source, &["spec", "sourcePVC"]);
            let folder = path.rsplit_once('/').expect("a folder").0;
            let at = format!("{folder}/stateful-set.yaml");
            let (_, set) = all.iter().find(|(path, _)| *path == at).expect(&at);
            let replicas = set["spec"]["replicas"].as_u64().expect("a number");
            let name = text(set, &["metadata", "name"]);
            let templates = set["spec"]["volumeClaimTemplates"].as_sequence().expect("a list");
            let made = templates.iter().any(|template| {
                let volume = text(template, &["metadata", "name"]);
                (0..replicas).any(|ordinal| claim == format!("{volume}-{name}-{ordinal}"))
            });
            assert!(made, "{tree}: {path} copies {claim}, which nothing makes");
        }
    }
    assert!(ends > 1, "some volume is copied");
}

#[test]
fn users_are_led_by_one_record_or_by_several_that_somebody_chooses_from() {
    let mut chosen = 0;
    for (tree, files) in TREES.iter() {
        let all = manifests(files);
        let mut names: BTreeMap<String, Vec<&Value>> = Default::default();
        for (_, object) in of_kind(&all, "DNSEndpoint") {
            for endpoint in object["spec"]["endpoints"].as_sequence().expect("a list") {
                names.entry(text(endpoint, &["dnsName"]).to_owned()).or_default().push(endpoint);
            }
        }
        for (name, records) in names {
            let told = |record: &Value, key: &str| -> Option<String> {
                let all = record["providerSpecific"].as_sequence().into_iter().flatten();
                let mut found = all.filter(|one| one["name"].as_str() == Some(key));
                found.next().map(|one| text(one, &["value"]).to_owned())
            };
            if records.len() == 1 {
                assert!(records[0].get("setIdentifier").is_none(), "{tree}: {name}");
                continue;
            }
            chosen += 1;
            let same = |key: &str| {
                let mut values: Vec<_> = records.iter().map(|one| one[key].clone()).collect();
                values.dedup();
                values.len() == 1
            };
            assert!(same("recordType") && same("recordTTL"), "{tree}: {name}");
            let mut identifiers: Vec<&str> =
                records.iter().map(|one| text(one, &["setIdentifier"])).collect();
            identifiers.sort_unstable();
            identifiers.dedup();
            assert_eq!(identifiers.len(), records.len(), "{tree}: {name}");
            let weighted = records.iter().filter(|one| told(one, "aws/weight").is_some()).count();
            let roles: Vec<_> =
                records.iter().filter_map(|one| told(one, "aws/failover")).collect();
            match weighted {
                0 => {
                    assert_eq!(roles.len(), 2, "{tree}: {name} fails over among {roles:?}");
                    let primary = |one: &&&Value| {
                        told(one, "aws/failover").is_some_and(|role| role == "PRIMARY")
                    };
                    let primary: Vec<_> = records.iter().filter(primary).collect();
                    assert_eq!(primary.len(), 1, "{tree}: {name}");
                    assert!(told(primary[0], "aws/health-check-id").is_some(), "{tree}: {name}");
                }
                weighted => {
                    assert_eq!(weighted, records.len(), "{tree}: {name}");
                    assert!(roles.is_empty(), "{tree}: {name} has two policies");
                }
            }
        }
    }
    assert!(chosen > 2, "some name has several records");
}

#[test]
fn a_balancer_stands_on_a_route_of_its_region() {
    let mut found = 0;
    for (tree, files) in TREES.iter() {
        let all = manifests(files);
        for (path, balancer) in of_kind(&all, "Gslb") {
            found += 1;
            let reference = &balancer["spec"]["resourceRef"];
            let folder = path.rsplit_once('/').expect("a folder").0;
            let stands = all.iter().any(|(other, route)| {
                other.rsplit_once('/').is_some_and(|(of, _)| of == folder)
                    && route["kind"] == reference["kind"]
                    && route["apiVersion"] == reference["apiVersion"]
                    && route["metadata"]["name"] == reference["name"]
            });
            assert!(stands, "{tree}: {path}");
        }
    }
    assert!(found > 2, "some name is balanced");
}

#[test]
fn a_host_leads_to_one_service() {
    let fleet = example_fleet();
    let spec = files_below(&repository("specs"))["profiles.toml"].clone();
    let other = spec.replace("\"profiles\"", "\"portraits\"");
    let found =
        compile(&[("fleet.toml", &fleet), ("portraits.toml", &other), ("profiles.toml", &spec)]);
    assert_eq!(found.codes(), ["duplicate-name"], "{}", found.report());
    assert!(found.report().contains("`profiles.example.com` leads to two services"));
}

#[test]
fn records_of_one_name_are_of_one_type() {
    let fleet = example_fleet();
    let spec = files_below(&repository("specs"))["payments.toml"].clone();
    let mixed = fleet.replace("\"shop.centralus.example.net\"", "\"192.0.2.4\"");
    let found = compile(&[("fleet.toml", &mixed), ("payments.toml", &spec)]);
    assert_eq!(found.codes(), ["dns-routing"], "{}", found.report());
    assert_eq!(compile(&[("fleet.toml", &fleet), ("payments.toml", &spec)]).codes(), [""; 0]);
}

/// The roles of the regions of the service `web`, in the order of their names.
fn roles(spec: &str) -> Vec<String> {
    let image = "registry.example.com/web@sha256:0000000000000000000000000000000000000000000000000000000000000000";
    let spec = format!(
        "name = \"web\"\nimage = \"{image}\"\nregions = [\"eastus2\", \"centralus\"]\nrpo = \"4h\"\n{spec}"
    );
    let found = compile(&[("web.toml", &spec)]);
    let errors = found.findings.iter().filter(|one| one.severity == Severity::Error).count();
    assert_eq!(errors, 0, "{}", found.report());
    let maps = found.files.iter().filter(|(path, _)| path.ends_with("config-map-region.yaml"));
    let maps = maps.map(|(_, text)| -> Value { serde_yaml::from_str(text).expect("YAML") });
    maps.map(|map| text(&map, &["data", "REGION_ROLE"]).to_owned()).collect()
}

#[test]
fn a_spec_that_names_no_strategy_gets_the_first_of_its_tier_that_is_fast_enough() {
    let (active, standby) = (["active", "active"], ["standby", "primary"]);
    // 5m until monitoring tells, 30m until somebody has decided, 1m for the image, 2m to start, and 5s
    // until the endpoints follow.
    assert_eq!(roles("tier = \"gold\"\nrto = \"2h\""), standby);
    assert_eq!(roles("tier = \"gold\"\nrto = \"38m5s\""), standby);
    assert_eq!(roles("tier = \"gold\"\nrto = \"38m4s\""), active);
    assert_eq!(roles("tier = \"bronze\"\nrto = \"24h\""), standby);
    assert_eq!(roles("tier = \"bronze\"\nrto = \"10m\""), active);
    // What the spec says stands, and is refused when it is too slow.
    assert_eq!(roles("tier = \"gold\"\nrto = \"2h\"\nrecovery = \"active/active\""), active);
    // Nobody writes in two regions without having asked for it.
    let volumes =
        "kind = \"stateful\"\nvolumes = [{ name = \"data\", path = \"/data\", size = \"1Gi\" }]";
    assert_eq!(roles(&format!("tier = \"gold\"\nrto = \"1h\"\n{volumes}")), standby);
}

#[test]
fn two_copies_of_a_backup_go_to_two_places_at_two_times() {
    let all = manifests(tree_of("platinum-two-copies"));
    let schedules: Vec<&Value> =
        of_kind(&all, "Schedule").into_iter().map(|(_, one)| one).collect();
    let field =
        |key: &[&str]| -> Vec<&str> { schedules.iter().map(|one| text(one, key)).collect() };
    let (kept, locations) =
        (field(&["spec", "template", "ttl"]), field(&["spec", "template", "storageLocation"]));
    let mut steps: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (kept, location) in kept.into_iter().zip(locations) {
        assert!(steps.entry(kept).or_default().insert(location), "{location} twice for {kept}");
    }
    assert_eq!(steps.len(), 2, "every backup for days, one a day for longer: {steps:?}");
    assert!(steps.values().all(|locations| locations.len() == 2), "one region writes: {steps:?}");
    let minutes: Vec<BTreeSet<u64>> =
        field(&["spec", "schedule"]).into_iter().map(minutes_of_day).collect();
    for (at, first) in minutes.iter().enumerate() {
        for other in &minutes[at + 1..] {
            // What is made once a day begins a quarter of an interval after one of the others.
            let least = if first.len() > 1 && other.len() > 1 { 5 } else { 3 };
            for (minute, other) in first.iter().flat_map(|a| other.iter().map(move |b| (a, b))) {
                let apart = minute.abs_diff(*other);
                assert!(apart.min(1440 - apart) >= least, "{minutes:?} are for one namespace");
            }
        }
    }
}

/// The minutes of a day at which a Schedule of every day runs.
fn minutes_of_day(cron: &str) -> BTreeSet<u64> {
    let all = |field: &str, end: u64| -> Vec<u64> {
        match field {
            "*" => (0..end).collect(),
            list => list.split(',').map(|one| one.parse().expect("a number")).collect(),
        }
    };
    let [minutes, hours, "*", "*", "*"] = cron.split(' ').collect::<Vec<&str>>()[..] else {
        panic!("{cron}")
    };
    let hours = all(hours, 24);
    let minutes = all(minutes, 60).into_iter();
    minutes.flat_map(|minute| hours.iter().map(move |hour| hour * 60 + minute)).collect()
}
