//! How a database began is history: it stays as it was committed, whatever its region does now.

use crate::workbench::Workbench;

const SPEC: &str = r#"
name = "accounts"
image = "registry.example.com/accounts@sha256:0000000000000000000000000000000000000000000000000000000000000000"
tier = "gold"
regions = ["eastus2", "centralus"]
rpo = "15m"
rto = "2h"
recovery = "warm standby"

[data.postgresql]
image = "registry.example.com/postgresql:17.6@sha256:0000000000000000000000000000000000000000000000000000000000000000"
size = "10Gi"

[data.replication]
engine = "postgresql"
mode = "asynchronous"
lag = "5m"
"#;

const THERE: &str = r#"regions = ["eastus2", "centralus"]"#;
const BACK: &str = r#"regions = ["centralus", "eastus2"]"#;
const EAST: &str = "out/eastus2/accounts/postgresql-cluster-db.yaml";
const CENTRAL: &str = "out/centralus/accounts/postgresql-cluster-db.yaml";

fn bench() -> Workbench {
    let bench = Workbench::empty();
    bench.write("specs/fleet.toml", include_str!("fleet.toml"));
    bench.write("specs/accounts.toml", SPEC);
    bench.git(&["init", "--quiet", "--initial-branch=main"]);
    deliver(&bench);
    bench
}

/// Builds and commits, on the branch that is delivered.
fn deliver(bench: &Workbench) {
    bench.run(&["build"]).code(0);
    bench.git(&["add", "--all"]);
    bench.git(&["commit", "--quiet", "--allow-empty", "-m", "delivered"]);
    bench.run(&["build", "--check"]).code(0);
    bench.run(&["verify"]).code(0);
}

/// The server that a Cluster began as a copy of; none for one that began empty.
fn began(bench: &Workbench, path: &str) -> Option<String> {
    let text = bench.read(path);
    let (_, rest) = text.split_once("  bootstrap:\n").expect("it begins somehow");
    let (stanza, _) = rest.split_once("\n  enablePDB").expect("what follows");
    assert_ne!(stanza.contains("initdb:"), stanza.contains("recovery:"), "{stanza}");
    let source = stanza.lines().find_map(|line| line.trim().strip_prefix("source: "));
    source.map(str::to_owned)
}

#[test]
fn a_region_that_takes_over_did_not_begin_otherwise_for_that() {
    let bench = bench();
    let follows = Some("accounts-db-eus2".to_owned());
    assert_eq!((began(&bench, EAST), began(&bench, CENTRAL)), (None, follows.clone()));
    let first = (bench.read(EAST), bench.read(CENTRAL));

    bench.edit("specs/accounts.toml", THERE, BACK);
    deliver(&bench);
    assert!(bench.read(CENTRAL).contains("    primary: accounts-db-cus\n"));
    assert_eq!((began(&bench, EAST), began(&bench, CENTRAL)), (None, follows));

    bench.edit("specs/accounts.toml", BACK, THERE);
    deliver(&bench);
    assert_eq!((bench.read(EAST), bench.read(CENTRAL)), first);
}

#[test]
fn what_is_made_anew_begins_as_its_region_asks_and_stays_so() {
    let bench = bench();
    let line = r#"size = "10Gi""#;
    let anew = "size = \"10Gi\"\nmade_anew = [\"eastus2\"]";
    bench.edit("specs/accounts.toml", THERE, BACK);
    bench.edit("specs/accounts.toml", line, anew);
    deliver(&bench);
    let follows = Some("accounts-db-cus".to_owned());
    assert_eq!(began(&bench, EAST), follows);
    bench.edit("specs/accounts.toml", anew, line);
    deliver(&bench);
    assert_eq!(began(&bench, EAST), follows);

    bench.edit("specs/accounts.toml", line, "size = \"10Gi\"\nmade_anew = [\"eastus\"]");
    let refused = bench.run(&["check"]).code(1);
    assert!(refused.stderr.contains("did you mean `eastus2`?"), "{}", refused.stderr);
}

#[test]
fn git_has_how_it_began_where_the_tree_is_gone() {
    let bench = bench();
    bench.edit("specs/accounts.toml", THERE, BACK);
    deliver(&bench);
    let kept = (bench.read(EAST), bench.read(CENTRAL));
    std::fs::remove_dir_all(bench.path("out")).expect("it can be removed");
    bench.run(&["build"]).code(0);
    assert_eq!((bench.read(EAST), bench.read(CENTRAL)), kept);
}
