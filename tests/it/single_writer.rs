//! One replica may write: no edit puts a second one beside it without a word, and what a change does
//! to it is told.

use crate::workbench::Workbench;
use serde_yaml::Value;

const SPEC: &str = "name = \"orders\"\nimage = \"registry.example.com/orders@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\"\ntier = \"bronze\"\nregions = [\"eastus2\", \"centralus\"]\nrecovery = \"pilot light\"\nrpo = \"2d\"\nrto = \"8h\"\n";
const SINGLE: &str = "kind = \"stateful\"\nsingle_writer = true\n";

/// The service as it was delivered, on a branch.
fn delivered(rest: &str) -> Workbench {
    let bench = Workbench::empty();
    bench.write("specs/fleet.toml", crate::support::FLEET);
    bench.write("specs/orders.toml", &format!("{SPEC}{rest}"));
    bench.run(&["build"]).code(0);
    bench.git(&["init", "-q", "-b", "main"]);
    bench.commit("one");
    bench.git(&["checkout", "-q", "-b", "work"]);
    bench
}

/// The files of workloads of which pods run.
fn running(bench: &Workbench) -> Vec<String> {
    let tree = bench.tree();
    let workloads = tree.iter().filter(|(path, text)| {
        let kind = |kind: &str| text.contains(&format!("kind: {kind}\nmetadata"));
        !path.starts_with("recovery/") && (kind("Deployment") || kind("StatefulSet"))
    });
    let runs = workloads.filter(|(path, text)| {
        let value: Value = serde_yaml::from_str(text).expect(path);
        value["spec"]["replicas"] != 0
    });
    runs.map(|(path, _)| path.clone()).collect()
}

#[test]
fn what_ran_before_it_writes_beside_it_only_where_somebody_says_so() {
    for (before, after) in [
        (String::new(), SINGLE.to_owned()),
        (SINGLE.to_owned(), format!("{SINGLE}namespace = \"shop\"\n")),
    ] {
        let bench = delivered(&before);
        bench.write("specs/orders.toml", &format!("{SPEC}{after}"));
        let refused = bench.run(&["build"]).code(1);
        assert!(refused.stderr.contains("error[writer-kept]"), "{}", refused.stderr);
        assert_eq!(running(&bench).len(), 1);
        let accept = "\n[[accept]]\nrule = \"writer-kept\"\nreason = \"stopped by hand\"\nuntil = 2027-06-01\n";
        bench.write("specs/orders.toml", &format!("{SPEC}{after}{accept}"));
        bench.run(&["build"]).code(0);
        assert_eq!(running(&bench).len(), 2);
    }
}

#[test]
fn no_release_of_it_has_a_second_one() {
    let bench = delivered(SINGLE);
    for edit in ["cpu = \"2\"", "memory = \"2Gi\"", "cpu = \"1\""] {
        bench.write("specs/orders.toml", &format!("{SPEC}{SINGLE}[capacity]\n{edit}\n"));
        bench.run(&["build"]).code(0);
        assert_eq!(running(&bench), ["eastus2/orders/stateful-set.yaml"]);
        bench.commit(edit);
    }
}

#[test]
fn a_second_one_in_the_tree_breaks_what_is_promised() {
    let bench = delivered(SINGLE);
    bench.run(&["simulate", "--lose", "node"]).code(0);
    bench.edit("out/eastus2/orders/stateful-set.yaml", "\n  replicas: 1\n", "\n  replicas: 2\n");
    let broken = bench.run(&["simulate", "--lose", "node"]).code(1);
    assert!(
        broken.stdout.contains("one replica may write, and the tree runs 2"),
        "{}",
        broken.stdout
    );
}

#[test]
fn a_move_to_another_region_and_the_end_of_it_are_told() {
    let bench = delivered(SINGLE);
    let told = |text: String| {
        bench.write("specs/orders.toml", &text);
        bench.run(&["diff"]).code(0).stdout
    };
    let moved = SPEC.replace("[\"eastus2\", \"centralus\"]", "[\"centralus\", \"eastus2\"]");
    let moved = told(format!("{moved}{SINGLE}"));
    let line = "HIGH[writer-moves] orders: centralus begins to write, eastus2 did";
    assert!(moved.contains(line), "{moved}");
    let many = told(format!("{SPEC}{}", SINGLE.replace("true", "false")));
    assert!(many.contains("CRITICAL[writer-moves]"), "{many}");
    let release = told(format!("{SPEC}{SINGLE}[capacity]\ncpu = \"2\"\n"));
    assert!(!release.contains("writer-moves"), "{release}");
}
