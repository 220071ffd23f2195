//! Services that nothing backs up, and regions without Velero: nothing speaks of what is not there.

use crate::support::compile;
use crate::workbench::{Workbench, compile_case, repository};

const SPEC: &str = "name = \"hello\"\nimage = \"registry.example.com/hello@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\"\ntier = \"silver\"\nregions = [\"eastus2\", \"centralus\"]\nrpo = \"4h\"\nrto = \"4h\"\n";

#[test]
fn a_fleet_without_velero_speaks_of_none_but_to_say_so() {
    let tree = compile_case(&repository("tests/cases/without-velero")).tree;
    let speaks = |text: &str| {
        let lines = text.lines().filter(|line| line.to_ascii_lowercase().contains("velero"));
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    let said: Vec<(&String, Vec<String>)> = tree
        .iter()
        .map(|(path, text)| (path, speaks(text)))
        .filter(|(_, said)| !said.is_empty())
        .collect();
    let declared = "- no Velero: nothing of what runs here is backed up by the tree".to_owned();
    for (path, lines) in &said {
        assert!(path.starts_with("recovery/fleet/"), "{path}: {lines:?}");
        assert_eq!(*lines, [declared.as_str()], "{path}");
    }
    assert_eq!(said.len(), 2);
}

#[test]
fn who_wants_no_backups_has_no_schedule_and_others_have_theirs() {
    let other = SPEC.replace("hello", "other");
    let none = format!("{SPEC}backup = \"none\"\n");
    let outcome = compile(&[("hello.toml", &none), ("other.toml", &other)]);
    assert_eq!(outcome.report(), "");
    let schedules: Vec<&String> =
        outcome.files.keys().filter(|path| path.contains("/schedule")).collect();
    assert_eq!(schedules, ["eastus2/fleet/schedule-silver.yaml"]);
    let is_backed_up = |path: &str| {
        let text = |path: &str| serde_yaml::from_str::<serde_yaml::Value>(&outcome.files[path]);
        let template = text(schedules[0]).expect("YAML")["spec"]["template"].clone();
        let labels = text(path).expect("YAML")["metadata"]["labels"].clone();
        let wanted = template["labelSelector"]["matchLabels"].as_mapping().expect("labels");
        let missing = &template["labelSelector"]["matchExpressions"][0];
        assert_eq!(missing["operator"], "DoesNotExist");
        wanted.iter().all(|(key, value)| labels.get(key) == Some(value))
            && labels.get(missing["key"].as_str().expect("a label")).is_none()
    };
    assert!(is_backed_up("eastus2/other/service-account.yaml"));
    assert!(!is_backed_up("eastus2/hello/service-account.yaml"));
}

#[test]
fn leaving_the_backups_costs_what_can_be_lost() {
    let severity = |service: &str, from: &str, to: &str| {
        let bench = Workbench::committed();
        bench.write("specs/fleet.toml", crate::support::FLEET);
        bench.remove("specs/hello.toml");
        bench.write("specs/orders.toml", &service.replace("hello", "orders"));
        bench.run(&["build"]).code(0);
        bench.commit("before");
        bench.edit("specs/orders.toml", from, to);
        bench.run(&["diff", "--from", "HEAD"]).code(0).stdout
    };
    let stateless = severity(SPEC, "rto", "backup = \"none\"\nrto");
    assert!(stateless.contains("MEDIUM[backups-stop] orders"), "{stateless}");
    assert!(stateless.contains("LOW[backup-changes] fleet"), "{stateless}");
    let volumes = format!(
        "{SPEC}kind = \"stateful\"\n[data.replication]\nengine = \"external\"\nmode = \"synchronous\"\n[[volumes]]\nname = \"data\"\npath = \"/data\"\nsize = \"1Gi\"\nclass = \"zrs\"\n"
    );
    let stateful = severity(&volumes, "rto", "backup = \"none\"\nrto");
    assert!(stateful.contains("CRITICAL[backups-stop]"), "{stateful}");
}
