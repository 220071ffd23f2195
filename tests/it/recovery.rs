//! What gets a service back, as the tree shows it.

use crate::support::compile;
use crate::workbench::{self, Files, files_below, repository};
use serde_yaml::Value;

/// Every manifest of a tree, with its path.
fn manifests(files: &Files) -> Vec<(&str, Value)> {
    (files.iter())
        .filter(|(path, _)| path.ends_with(".yaml"))
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

/// The trees of the example fleet and of every case.
fn trees() -> Vec<(String, Files)> {
    let cases = repository("tests/cases");
    let mut trees = vec![("the example".to_owned(), files_below(&repository("out")))];
    for name in workbench::names_in(&cases) {
        trees.push((name.clone(), files_below(&cases.join(&name).join("out"))));
    }
    trees
}

#[test]
fn one_cluster_writes_to_a_folder_and_the_others_only_read_it() {
    let mut read = 0;
    for (tree, files) in trees() {
        let all = manifests(&files);
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
    for (tree, files) in trees() {
        let all = manifests(&files);
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
    let fleet = files_below(&repository("specs"))["fleet.toml"].clone();
    let image = "registry.example.com/a@sha256:0000000000000000000000000000000000000000000000000000000000000000";
    let service = |name: &str, regions: &str, more: &str| {
        format!(
            "name = \"{name}\"\nimage = \"{image}\"\ntier = \"silver\"\nkind = \"stateful\"\n\
             regions = {regions}\nrpo = \"12h\"\nrto = \"24h\"\n{more}\n\
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
