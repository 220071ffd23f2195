//! What a person does by hand with backups and copies: the blocks of the pages, run in a shell with a
//! stand-in for `kubectl`.

use crate::kubectl::stand_in;
use crate::workbench::{Files, TREES, files_below, folder, repository};
use ninefold::kube::velero::{FLAGS, Harmless};
use serde_yaml::Value;
use std::path::Path;
use std::process::Command;

fn example() -> Files {
    files_below(&repository("out"))
}

/// The blocks of a page that go into a shell, as one script; `filled` says what a person writes behind a
/// variable.
fn script(page: &str, filled: &[(&str, &str)]) -> String {
    let blocks = page.split("```sh\n").skip(1).filter_map(|rest| rest.split("```").next());
    let line = |line: &str| {
        let filled = filled.iter().find(|(name, _)| line.starts_with(&format!("{name}=    #")));
        filled.map_or(line.to_owned(), |(name, value)| format!("{name}={value}"))
    };
    blocks.flat_map(str::lines).map(|text| line(text) + "\n").collect()
}

/// Runs a script behind the functions of a tree, and returns what it prints.
fn run(tree: &Files, home: &Path, answers: &str, script: &str) -> (bool, String) {
    let programs = home.join("bin");
    stand_in(&programs, answers);
    let functions = &tree["recovery/procedures/functions.sh"];
    let run = Command::new("bash")
        .args(["-c", &format!("{functions}\n{script}")])
        .env_clear()
        .env("PATH", format!("{}:/usr/bin:/bin", programs.display()))
        .current_dir(home)
        .output()
        .expect("there is a shell");
    assert!(run.stderr.is_empty(), "{}", String::from_utf8_lossy(&run.stderr));
    (run.status.success(), String::from_utf8(run.stdout).expect("text"))
}

/// What was given to `kubectl create -f -`.
fn created(home: &Path) -> serde_json::Value {
    let text = std::fs::read_to_string(home.join("bin/stdin")).expect("something was created");
    serde_json::from_str(&text).expect("it is JSON")
}

/// `velero backup create --from-schedule` takes all of `spec.template`, and its labels, but ignores a
/// location (velero `pkg/cmd/cli/backup/create.go`, `BuildBackup`; `pkg/builder/backup_builder.go`,
/// `FromSchedule`).
#[test]
fn a_backup_by_hand_has_all_that_its_schedule_says_but_the_location() {
    let (tree, home) = (example(), folder());
    let schedule: Value = serde_yaml::from_str(&tree["eastus2/orders/schedule.yaml"]).unwrap();
    let template = serde_json::to_value(&schedule["spec"]["template"]).unwrap();
    let answers = format!(
        "case \"$*\" in\n  *'jsonpath={{.spec.template}}') cat <<'EOF'\n{template}\nEOF\n ;;\n  *labels}}) echo '{}' ;;\nesac\n",
        template["metadata"]["labels"]
    );
    let page = &tree["recovery/procedures/backup-elsewhere.md"];
    let filled = [("LOCATION", "eastus2-vault"), ("SCHEDULE", "orders-eus2")];
    let named = "TO=eastus2 VELERO=velero SERVICE=orders LABEL=ninefold.dev/service=orders\n";
    let script = format!("{named}{}", script(page, &filled));
    assert!(run(&tree, home.path(), &answers, &script).0);
    let backup = created(home.path());
    let mut expected = template.clone();
    assert_eq!(expected["storageLocation"], "centralus-vault");
    expected["storageLocation"] = "eastus2-vault".into();
    assert_eq!(backup["spec"], expected);
    assert_eq!(backup["metadata"]["labels"], template["metadata"]["labels"]);
    for field in ["hooks", "resourcePolicy", "orderedResources", "ttl", "csiSnapshotTimeout"] {
        assert!(!backup["spec"][field].is_null(), "{field}");
    }
}

#[test]
fn the_objects_of_one_service_come_back_by_its_label() {
    let (tree, home) = (example(), folder());
    let page = &tree["recovery/procedures/one-service.md"];
    let block = script(page, &[("BACKUP", "shared-eus2-gold-20261101000000")]);
    let block = block.replace("NAMESPACE= SERVICE=", "NAMESPACE=checkout SERVICE=checkout");
    let script = format!("REGION=eastus2 VELERO=velero\n{block}");
    assert!(run(&tree, home.path(), "", &script).0);
    let restore = created(home.path());
    assert_eq!(restore["kind"], "Restore");
    assert_eq!(restore["spec"]["backupName"], "shared-eus2-gold-20261101000000");
    assert_eq!(restore["spec"]["existingResourcePolicy"], "none");
    // Every object of the service bears the label, and none of another service does.
    let selector = restore["spec"]["labelSelector"]["matchLabels"].as_object().unwrap();
    let namespace = restore["spec"]["includedNamespaces"][0].as_str().unwrap();
    let (mut own, mut others) = (0, 0);
    for (path, text) in tree.iter().filter(|(path, _)| path.starts_with("eastus2/")) {
        let object: Value = serde_yaml::from_str(text).unwrap();
        let metadata = &object["metadata"];
        let labelled = selector
            .iter()
            .all(|(key, value)| metadata["labels"][key.as_str()].as_str() == value.as_str());
        let selected = labelled && metadata["namespace"].as_str() == Some(namespace);
        assert_eq!(selected, path.starts_with("eastus2/checkout/"), "{path}");
        own += usize::from(selected);
        others += usize::from(!selected);
    }
    assert!(own > 4 && others > 40, "{own} of {others}");
}

/// The field is on sources alone, and unlocks once for each value (volsync
/// `api/v1alpha1/replicationsource_types.go`).
#[test]
fn a_stale_lock_is_taken_away_at_every_source() {
    let (tree, home) = (example(), folder());
    let card = &tree["recovery/carts.md"];
    let (_, section) = card.split_once("\n## A copy is late\n").expect("a section");
    let section = section.split("\n## ").next().unwrap();
    assert!(section.contains("(procedures/late-copies.md)"), "{section}");
    let sources: Vec<&str> = (tree.iter())
        .filter(|(path, _)| path.starts_with("eastus2/carts/replication-source"))
        .map(|(_, text)| text.lines().find_map(|line| line.strip_prefix("  name: ")).unwrap())
        .collect();
    assert_eq!(sources.len(), 3);
    let answers = format!(
        "case \"$*\" in *'-o name') printf '%s\\n' {} ;; esac\n",
        sources
            .iter()
            .map(|name| format!("replicationsource/{name}"))
            .collect::<Vec<_>>()
            .join(" ")
    );
    let named = "NAMESPACE=carts SERVICE=carts LABEL=ninefold.dev/service=carts\n";
    let page = &tree["recovery/procedures/late-copies.md"];
    let script = format!("{named}{}{}", script(section, &[]), script(page, &[]));
    assert!(run(&tree, home.path(), &answers, &script).0);
    let calls = std::fs::read_to_string(home.path().join("bin/calls")).unwrap();
    for name in sources {
        let patch = format!("--context eastus2 -n carts patch replicationsource/{name} ");
        let call = calls.lines().find(|line| line.starts_with(&patch)).expect(&calls);
        let json = call.split(" -p ").nth(1).unwrap().split(" # ").next().unwrap();
        let json: serde_json::Value = serde_json::from_str(json).unwrap();
        assert!(json["spec"]["restic"]["unlock"].as_str().is_some_and(|text| text.len() > 8));
    }
    // Both ends are looked at.
    for region in ["eastus2", "centralus"] {
        assert!(calls.contains(&format!("--context {region} -n carts logs ")), "{calls}");
    }
}

#[test]
fn no_default_of_the_server_reaches_a_backup() {
    let asked = |name: &str| format!("--{name}");
    let (mut schedules, mut locations) = (0, 0);
    for (tree, files) in TREES.iter() {
        for (path, text) in files.iter().filter(|(path, _)| path.ends_with(".yaml")) {
            let object: Value = serde_yaml::from_str(text).expect(path);
            let fields = |harmless: Harmless| -> Option<Vec<&'static str>> {
                match (harmless, object["kind"].as_str()) {
                    (Harmless::Schedule(field), Some("Schedule")) => Some(field.to_vec()),
                    (Harmless::Location(field), Some("BackupStorageLocation")) => Some(vec![field]),
                    _ => None,
                }
            };
            for field in FLAGS.iter().filter_map(|flag| fields(flag.harmless)) {
                let found = field.iter().fold(&object["spec"], |value, key| &value[*key]);
                assert!(!found.is_null(), "{tree}: {path} does not say {field:?}");
            }
            schedules += usize::from(object["kind"] == "Schedule");
            locations += usize::from(object["kind"] == "BackupStorageLocation");
        }
    }
    assert!(schedules > 20 && locations > 4, "{schedules}, {locations}");

    let tree = example();
    let functions = &tree["recovery/procedures/functions.sh"];
    for flag in FLAGS.iter().filter(|flag| flag.harmless == Harmless::Asked) {
        assert!(functions.contains(&asked(flag.name)), "{}", flag.name);
    }
    assert!(tree["recovery/fleet/eastus2.md"].contains("\nthere server velero 2\n"));
    let answers = |arguments: &str, at_a_time: u32| {
        let home = folder();
        let answer = format!("printf '%s' '{arguments}'\n");
        run(&tree, home.path(), &answer, &format!("TO=eastus2\nserver velero {at_a_time}")).0
    };
    assert!(answers(r#"["server","--uploader-type=kopia","--concurrent-backups=2"]"#, 2));
    assert!(answers(r#"["server"]"#, 1) && answers(r#"["--concurrent-backups=1"]"#, 1));
    assert!(!answers(r#"["--concurrent-backups=20"]"#, 2));
    assert!(!answers(r#"["server"]"#, 2) && !answers("", 1));
    assert!(!answers(r#"["--concurrent-backups=2"]"#, 1));
    for flag in ["restore-only", "disable-controllers=schedule"] {
        assert!(!answers(&format!("[\"server\",\"--{flag}\"]"), 1), "{flag}");
    }
}
