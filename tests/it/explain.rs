//! Every page of a finding says what is true: its first example reports that finding and nothing
//! else, its second one compiles.

use crate::support::{Outcome, compile};
use ninefold::diag::{CODES, Row};
use std::process::Command;

/// The service that an example of a fleet is compiled with.
const SERVICE: &str = r#"
name    = "checkout"
image   = "registry.example.com/shop/checkout@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
tier    = "gold"
regions = ["eastus2"]
rpo     = "4h"
rto     = "4h"
"#;

/// Makes a folder of specs and their tree such that a command reports a finding.
type Cause = fn(&Folder);

/// Findings whose example is no spec, and why; what causes each on a disk, or nothing when it
/// cannot be caused.
const OTHERWISE: &[(&str, &str, Option<Cause>)] = &[
    ("arguments-too-long", "so much text does not belong on a page", Some(a_large_variable)),
    ("client-side-apply", "so much text does not belong on a page", Some(a_file_of_some_size)),
    ("data-left-behind", "it is about a tree that was built before", Some(another_namespace)),
    ("delivery-unknown", "it is about a tree that was built before", Some(two_releases)),
    ("drill-failed", "it is about the record of a drill", Some(a_failed_check)),
    (
        "evidence-contradicts",
        "it is about the record of a drill",
        Some(steps_longer_than_the_whole),
    ),
    ("evidence-incomplete", "it is about the record of a drill", Some(a_drill_alone)),
    ("evidence-of-another-spec", "it is about the record of a drill", Some(a_drill_of_the_past)),
    ("file-too-large", "a megabyte of text does not belong on a page", Some(a_large_file)),
    ("foreign-file", "it is about a tree that was built before", Some(a_foreign_file)),
    ("generation-lost", "it is about a tree that was built before", Some(an_edited_generation)),
    ("generation-unknown", "it is about an argument", Some(nothing)),
    ("immutable-field", "it is about a tree that was built before", Some(a_larger_volume)),
    ("import-decide", "it is about what is imported", Some(a_secret)),
    ("import-exists", "it is about what is imported", Some(a_workload)),
    ("import-lost", "it is about what is imported", Some(a_removed_version)),
    ("import-refused", "it is about what is imported", Some(a_workload)),
    ("import-unread", "it is about what is imported", Some(values)),
    ("json-syntax", "it is about the record of a drill", Some(a_missing_comma)),
    ("judge-disagrees", "no spec is known that causes it", None),
    ("ledger-unreadable", "it is about a tree that was built before", Some(a_merged_ledger)),
    ("link-astray", "it is about a link on a disk", Some(a_dangling_link)),
    ("many-generations", "it is about a tree that was built before", Some(four_releases)),
    ("no-fleet", "it is about a file that is not there", Some(no_fleet)),
    ("no-service", "it is about files that are not there", Some(no_service)),
    ("not-utf8", "a page is UTF-8 itself", Some(latin_1)),
    ("nothing-to-restore", "it is about an argument", Some(nothing)),
    ("object-too-large", "so much text does not belong on a page", Some(a_large_manifest)),
    ("port-renamed", "it is about a tree that was built before", Some(another_port_name)),
    ("promise-missed", "it is about the record of a drill", Some(a_slow_drill)),
    ("reference-cycle", "no kind that is known today refers in a circle", None),
    ("replicas-reset", "it is about a tree that was built before", Some(an_autoscaler)),
    ("tree-edited", "it is about a tree alone", Some(an_edited_file)),
    ("tree-incomplete", "it is about a tree alone", Some(a_missing_file)),
    ("tree-name", "it is about a tree alone", Some(a_wrong_name)),
    ("writer-kept", "it is about a tree that was built before", Some(one_writer)),
];

#[test]
fn every_page_has_its_sections() {
    for row in CODES {
        let mut lines = row.page.lines();
        assert_eq!(lines.next(), Some(format!("# {}", row.name).as_str()));
        let sections = ["\nWhat it means: ", "\n## Why it matters\n", "\n## Example\n"];
        let places: Vec<_> = sections.iter().map(|section| row.page.find(section)).collect();
        assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{}", row.name);
        assert!(row.page.lines().all(|line| line.len() <= 240), "{}: a long line", row.name);
    }
}

#[test]
fn every_example_reports_its_finding_and_the_other_one_compiles() {
    let mut wrong = Vec::new();
    // What a change does is shown by two sides: `diff/effects.rs`.
    let shown_here =
        |row: &&Row| !row.effect && !OTHERWISE.iter().any(|(name, ..)| *name == row.name);
    for row in CODES.iter().filter(shown_here) {
        let examples = examples(row.page);
        let verbs: Vec<&str> = examples.iter().map(|example| example.verb).collect();
        assert!(verbs.len() > 1 && verbs[0] == "reports", "{}: {verbs:?}", row.name);
        assert!(verbs[1..].iter().all(|verb| *verb == "compiles"), "{}: {verbs:?}", row.name);
        let reports = examples[0].compile();
        if reports.findings.is_empty() || reports.codes().iter().any(|code| *code != row.name) {
            wrong.push(format!("the example of {} reports\n{}", row.name, reports.report()));
        }
        for other in &examples[1..] {
            let compiles = other.compile();
            if !compiles.findings.is_empty() || compiles.files.is_empty() {
                let report = compiles.report();
                wrong.push(format!("another example of {} reports\n{report}", row.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_transcript_is_what_the_command_prints() {
    for (name, why, cause) in OTHERWISE {
        let row = CODES.iter().find(|row| row.name == *name).expect("the finding exists");
        assert_eq!(examples(row.page).len(), 0, "{name}: it has an example, and {why}?");
        let Some(cause) = cause else { continue };
        let folder = Folder::new();
        cause(&folder);
        let transcript = fences(row.page).find(|(info, _)| *info == "console");
        let (_, transcript) = transcript.unwrap_or_else(|| panic!("{name} has no transcript"));
        let (command, shown) = transcript.split_once('\n').expect("a command and its output");
        let command = command.strip_prefix("$ ninefold ").expect("a command");
        let printed = folder.run(command);
        let codes: Vec<&str> = printed.lines().filter(|line| line.contains('[')).collect();
        assert!(
            codes.iter().any(|line| line.contains(&format!("[{name}]: "))),
            "{name} is not in:\n{printed}"
        );
        for line in shown.lines().filter(|line| *line != "…") {
            assert!(
                printed.lines().any(|printed| printed == line),
                "`{line}` is not in:\n{printed}"
            );
        }
    }
}

/// An example on a page.
struct Example<'a> {
    verb: &'a str,
    files: Vec<(&'a str, &'a str)>,
}

impl Example<'_> {
    fn compile(&self) -> Outcome {
        compile(&self.files)
    }
}

/// The examples on a page: a fence with `toml` and what the spec in it does. Lines such as
/// `#--- other.toml` begin another file.
fn examples(page: &str) -> Vec<Example<'_>> {
    let read = |(info, text)| {
        let (first, verb) = match str::strip_prefix(info, "toml ")? {
            "reports" => ("service.toml", "reports"),
            "compiles" => ("service.toml", "compiles"),
            "fleet reports" => ("fleet.toml", "reports"),
            "fleet compiles" => ("fleet.toml", "compiles"),
            other => panic!("a fence with `toml {other}`"),
        };
        let mut files = parts(first, text);
        if first == "fleet.toml" {
            files.push(("service.toml", SERVICE));
        }
        Some(Example { verb, files })
    };
    fences(page).filter_map(read).collect()
}

fn parts<'a>(first: &'a str, text: &'a str) -> Vec<(&'a str, &'a str)> {
    let mut pieces = text.split("#--- ");
    let mut files = vec![(first, pieces.next().unwrap_or_default())];
    files.extend(pieces.map(|piece| piece.split_once('\n').expect("a name and a file")));
    files
}

/// The fences of a page: what stands behind the opening one, and what is between the two.
pub(crate) fn fences(page: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut inside = page.split("\n```");
    inside.next();
    std::iter::from_fn(move || {
        let opened = inside.next()?;
        let _closed = inside.next().expect("every fence is closed");
        opened.split_once('\n')
    })
}

/// A folder on the disk, with a fleet, a service and a tree that was built from them.
struct Folder(tempfile::TempDir);

#[expect(clippy::disallowed_methods, reason = "these findings are about what is on a disk")]
impl Folder {
    fn new() -> Folder {
        let folder = Folder(crate::workbench::folder());
        folder.write("specs/fleet.toml", crate::support::FLEET);
        folder.write("specs/checkout.toml", SERVICE);
        folder.run("build");
        folder
    }

    fn write(&self, path: &str, content: impl AsRef<[u8]>) {
        let path = self.0.path().join(path);
        let parent = path.parent().expect("a file is in a folder");
        std::fs::create_dir_all(parent).expect("the folder can be made");
        std::fs::write(path, content).expect("the file can be written");
    }

    fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.0.path().join(path)).expect("the file is there")
    }

    fn remove(&self, path: &str) {
        std::fs::remove_file(self.0.path().join(path)).expect("the file is there");
    }

    /// What `ninefold` prints to stderr.
    fn run(&self, arguments: &str) -> String {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ninefold"));
        command.current_dir(self.0.path()).args(arguments.split(' '));
        let output = command.output().expect("ninefold runs");
        String::from_utf8(output.stderr).expect("findings are UTF-8")
    }
}

/// A Deployment that runs today.
const WORKLOAD: &str = "
apiVersion: apps/v1
kind: Deployment
metadata: { name: checkout, namespace: shop }
spec:
  selector: { matchLabels: { app: checkout } }
  template:
    metadata: { labels: { app: checkout } }
    spec:
      containers:
      - name: web
        image: registry.example.com/shop/checkout:1.4
        ports: [{ containerPort: 8080 }]
---
";

fn a_workload(folder: &Folder) {
    folder.write("shop.yaml", WORKLOAD);
}

fn a_secret(folder: &Folder) {
    let secret = "apiVersion: v1\nkind: Secret\nmetadata: { name: db, namespace: shop }\n";
    folder.write("shop.yaml", format!("{WORKLOAD}{secret}"));
}

fn a_removed_version(folder: &Folder) {
    let scaler = "apiVersion: autoscaling/v2beta2
kind: HorizontalPodAutoscaler
metadata: { name: other, namespace: shop }
spec:
  maxReplicas: 3
  scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: other }
";
    folder.write("shop.yaml", format!("{WORKLOAD}{scaler}"));
}

fn values(folder: &Folder) {
    folder.write("values.yaml", "replicas: 3\n");
}

fn a_large_file(folder: &Folder) {
    let content = "x".repeat(1_200_000);
    let file = format!(
        "[[files]]\nname = \"rates\"\npath = \"/etc/rates.csv\"\ncontent = \"{content}\"\n"
    );
    folder.write("specs/checkout.toml", format!("{SERVICE}{file}"));
}

fn a_large_manifest(folder: &Folder) {
    let note = "x".repeat(270_000);
    let account = format!(
        "apiVersion: v1\nkind: ServiceAccount\nmetadata: {{name: a, annotations: {{b: {note}}}}}\n"
    );
    folder.write("specs/manifests/account.yaml", account);
    let manifest = "[[manifests]]\npath = \"manifests/account.yaml\"\n";
    folder.write("specs/checkout.toml", format!("{SERVICE}{manifest}"));
}

fn a_file_of_some_size(folder: &Folder) {
    let fleet = folder.read("specs/fleet.toml");
    assert!(!fleet.contains("delivery = \"flux\""));
    let content = "x".repeat(304_000);
    let file = format!(
        "[[files]]\nname = \"rates\"\npath = \"/etc/rates.csv\"\ncontent = \"{content}\"\n"
    );
    folder.write("specs/checkout.toml", format!("{SERVICE}{file}"));
}

fn a_large_variable(folder: &Folder) {
    let value = "x".repeat(131_072);
    folder.write("specs/checkout.toml", format!("{SERVICE}[config]\nRATES = \"{value}\"\n"));
}

fn a_foreign_file(folder: &Folder) {
    folder.remove("out/ledger/checkout.json");
    folder.write("out/eastus2/checkout/service.yaml", "kind: Service\n");
}

fn a_merged_ledger(folder: &Folder) {
    folder.write("out/ledger/checkout.json", "<<<<<<< HEAD\n");
}

fn no_fleet(folder: &Folder) {
    folder.remove("specs/fleet.toml");
}

fn latin_1(folder: &Folder) {
    folder.write("specs/checkout.toml", b"team = \"Zahlungen f\xfcr Kunden\"\n");
}

fn another_namespace(folder: &Folder) {
    let orders = SERVICE.replace("checkout\"", "orders\"");
    let orders = format!(
        "{orders}kind = \"stateful\"\nVOLUMES[[volumes]]\nname = \"data\"\npath = \"/data\"\nsize = \"1Gi\"\n"
    );
    folder.write("specs/orders.toml", orders.replace("VOLUMES", ""));
    folder.run("build");
    folder.write("specs/orders.toml", orders.replace("VOLUMES", "namespace = \"shop\"\n"));
}

fn an_edited_generation(folder: &Folder) {
    an_edit(folder, "out/eastus2/checkout/deployment.yaml");
    folder.write("specs/checkout.toml", format!("{SERVICE}args = [\"--fast\"]\n"));
}

fn two_releases(folder: &Folder) {
    releases(folder, 2);
}

fn four_releases(folder: &Folder) {
    releases(folder, 4);
}

/// All but the last are built.
fn releases(folder: &Folder, count: usize) {
    for number in 1..=count {
        folder.write("specs/checkout.toml", format!("{SERVICE}args = [\"{number}\"]\n"));
        if number < count {
            folder.run("build");
        }
    }
}

fn an_edited_file(folder: &Folder) {
    an_edit(folder, "out/eastus2/checkout/service.yaml");
}

fn an_edit(folder: &Folder, path: &str) {
    folder.write(path, folder.read(path) + "# mine\n");
}

fn a_missing_file(folder: &Folder) {
    folder.remove("out/eastus2/checkout/config-map-region.yaml");
}

/// Everywhere in the tree the same wrong name, so that only the content gives it away.
fn a_wrong_name(folder: &Folder) {
    let config_map = folder.read("out/eastus2/checkout/config-map-region.yaml");
    let name = config_map.lines().find_map(|line| line.strip_prefix("  name: ")).expect("a name");
    let mut ledger =
        folder.read("out/ledger/checkout.json").replace(name, "checkout-region-zzzzzzzzzz");
    for file in ["config-map-region.yaml", "deployment.yaml"] {
        let path = format!("out/eastus2/checkout/{file}");
        let old = folder.read(&path);
        let new = old.replace(name, "checkout-region-zzzzzzzzzz");
        let digest = |text: &str| ninefold::name::Digest::of(text.as_bytes()).to_string();
        ledger = ledger.replace(&digest(&old), &digest(&new));
        folder.write(&path, new);
    }
    folder.write("out/ledger/checkout.json", crate::history::sealed(&ledger));
}

fn a_larger_volume(folder: &Folder) {
    let orders = SERVICE.replace("checkout\"", "orders\"");
    let sized = |size: &str| {
        format!(
            "{orders}kind = \"stateful\"\n[[volumes]]\nname = \"data\"\npath = \"/data\"\nsize = \"{size}\"\n"
        )
    };
    folder.write("specs/orders.toml", sized("1Gi"));
    folder.run("build");
    folder.write("specs/orders.toml", sized("2Gi"));
}

fn no_service(folder: &Folder) {
    folder.remove("specs/checkout.toml");
}

fn an_autoscaler(folder: &Folder) {
    let peak =
        |more: &str| format!("{SERVICE}rollout = \"rolling\"\ncapacity = {{ peak = 2{more} }}\n");
    folder.write("specs/checkout.toml", peak(""));
    folder.run("build");
    folder.write("specs/checkout.toml", peak(", autoscale = { max = 12 }"));
}

fn one_writer(folder: &Folder) {
    let single = "kind = \"stateful\"\nsingle_writer = true\n";
    folder.write("specs/checkout.toml", format!("{SERVICE}{single}"));
}

fn another_port_name(folder: &Folder) {
    let port = "[[ports]]\nname = \"web\"\nport = 8080\n";
    folder.write("specs/checkout.toml", format!("{SERVICE}{port}"));
}

/// The record of a drill of `checkout`, with one thing in it written otherwise.
fn a_record(folder: &Folder, from: &str, to: &str) {
    let record = r#"{
  "drill_id": "q4",
  "on": "2026-10-30",
  "service": "checkout", "tier": "gold",
  "spec_sha256": "SPEC", "tree_commit": "0123abc", "compiler_version": "0.1.0",
  "clusters": { "source": "aks-eus2", "target": "aks-eus2" }, "scenario": "zone",
  "measured": { "rpo_s": 900, "rto_s": 1500, "terms": { "steps": { "decision": 1200 } } },
  "targets": { "rpo_s": 14400, "rto_s": 14400 },
  "checks": [{ "name": "count of rows", "result": "passed" }],
  "participants": ["ada"], "approver": "grace",
  "result": "passed"
}"#;
    assert!(record.contains(from), "{from}");
    // `sha256sum specs/checkout.toml`
    let digest = "d53b2833cd0db1fc24a6002d8b4b1ee59560b991915b9c2d630d2aabbc72d474";
    folder.write("drill.json", record.replace(from, to).replace("SPEC", digest));
}

fn a_failed_check(folder: &Folder) {
    a_record(folder, "\"passed\" }],", "\"failed\" }],");
}

fn steps_longer_than_the_whole(folder: &Folder) {
    a_record(folder, "\"rto_s\": 1500", "\"rto_s\": 600");
}

fn a_drill_alone(folder: &Folder) {
    a_record(folder, "\"grace\"", "\"ada\"");
}

fn a_drill_of_the_past(folder: &Folder) {
    a_record(folder, "SPEC", &"0".repeat(64));
}

fn a_missing_comma(folder: &Folder) {
    a_record(folder, "\"2026-10-30\",", "\"2026-10-30\"");
}

fn a_slow_drill(folder: &Folder) {
    a_record(folder, "\"rto_s\": 1500", "\"rto_s\": 18000");
}

fn a_dangling_link(folder: &Folder) {
    let link = folder.0.path().join("specs/payments.toml");
    crate::workbench::symlink("deleted.toml", link);
}

fn nothing(_: &Folder) {}
