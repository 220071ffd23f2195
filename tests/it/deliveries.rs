//! What no edit may take away, and no habit of git: the steps that lost what served, each through
//! the binary and real repositories.

use crate::workbench::{Run, Workbench};
use std::collections::BTreeSet;
use std::path::Path;

/// `hello` with another generation.
fn release(bench: &Workbench, value: &str) {
    let spec = bench.read("specs/hello.toml");
    let spec = spec.split("[config]\nRELEASE").next().unwrap().trim_end().to_owned();
    bench.write("specs/hello.toml", &format!("{spec}\n\n[config]\nRELEASE = \"{value}\"\n"));
}

/// A release that is built; its name.
fn build(bench: &Workbench, value: &str) -> String {
    release(bench, value);
    bench.run(&["build"]).code(0);
    current(bench)
}

/// A release that is built and committed; its name.
fn ship(bench: &Workbench, value: &str) -> String {
    let name = build(bench, value);
    bench.commit(value);
    name
}

/// A repository whose only branch is `main`, with the release `A`; its name.
fn first() -> (Workbench, String) {
    let bench = Workbench::initialised();
    bench.git(&["init", "-q", "-b", "main"]);
    let name = ship(&bench, "A");
    (bench, name)
}

fn name_in(text: &str) -> String {
    let line = text.lines().find(|line| line.starts_with("  name: ")).expect("a name");
    line[8..].to_owned()
}

fn current(bench: &Workbench) -> String {
    name_in(&bench.read("out/region-a/hello/deployment.yaml"))
}

/// The Deployments of `hello` that are kept.
fn kept(bench: &Workbench) -> BTreeSet<String> {
    let tree = bench.tree();
    let files = tree.iter().filter(|(path, _)| {
        path.starts_with("region-a/hello/retained/") && path.ends_with("/deployment.yaml")
    });
    files.map(|(_, text)| name_in(text)).collect()
}

fn set<const N: usize>(names: [&String; N]) -> BTreeSet<String> {
    names.into_iter().cloned().collect()
}

/// A second build changes nothing, `--check` agrees, and the tree is whole.
#[track_caller]
fn settled(bench: &Workbench) {
    let tree = bench.tree();
    bench.run(&["build"]).code(0);
    assert_eq!(bench.tree(), tree, "a second build");
    bench.run(&["build", "--check"]).code(0);
    bench.run(&["verify"]).code(0);
}

#[track_caller]
fn lost(bench: &Workbench, name: &str) -> Run {
    let check = bench.run(&["build", "--check"]).code(1);
    assert!(check.stderr.contains("error[generation-lost]"), "{}", check.stderr);
    assert!(check.stderr.contains(name), "{}", check.stderr);
    assert!(check.stderr.contains("run `ninefold build`"), "{}", check.stderr);
    check
}

#[test]
fn a_bad_release_and_its_fix_leave_what_serves() {
    let (bench, a) = first();
    let b = ship(&bench, "B");
    let c = build(&bench, "C");
    assert_eq!((current(&bench), kept(&bench)), (c, set([&a, &b])));
    settled(&bench);
    bench.commit("C");
    settled(&bench);
}

#[test]
fn what_was_built_and_never_delivered_leaves() {
    let (bench, a) = first();
    build(&bench, "B");
    let told = {
        release(&bench, "C");
        bench.run(&["build"]).code(0)
    };
    assert!(told.stdout.contains("which was never delivered"), "{}", told.stdout);
    assert_eq!(kept(&bench), set([&a]));
    settled(&bench);
}

/// Who was delivered is asked of git once for each commit, and written down beside the cache: what is kept
/// does not depend on it.
#[test]
fn what_is_written_down_of_who_was_delivered_changes_nothing() {
    let (bench, a) = first();
    let written = bench.path(".ninefold-cache/out.delivered");
    let asked = |value: &str, former: BTreeSet<String>| {
        let name = build(&bench, value);
        assert_eq!(kept(&bench), former, "{value}");
        settled(&bench);
        name
    };
    asked("B", set([&a]));
    assert!(!written.exists(), "what was delivered as it is makes nobody ask");
    asked("C", set([&a]));
    let of_first = std::fs::read(&written).unwrap();
    let looks = || std::fs::metadata(&written).unwrap().modified().unwrap();
    let before = looks();
    asked("D", set([&a]));
    assert_eq!(looks(), before, "it is read, and not made anew");
    std::fs::write(&written, "nonsense\n").unwrap();
    asked("E", set([&a]));
    assert_eq!(std::fs::read(&written).unwrap(), of_first);
    std::fs::remove_file(&written).unwrap();
    let f = asked("F", set([&a]));
    // Once it is delivered as well, what was written down is of others.
    bench.commit("F");
    asked("G", set([&a, &f]));
    asked("H", set([&a, &f]));
    assert_ne!(std::fs::read(&written).unwrap(), of_first);
    // No check looks at it, or makes it.
    release(&bench, "I");
    std::fs::remove_file(&written).unwrap();
    bench.run(&["build", "--check"]).code(1);
    assert!(!written.exists());
    bench.run(&["build"]).code(0);
    assert_eq!(kept(&bench), set([&a, &f]));
}

#[test]
fn a_tree_that_was_deleted_comes_back_from_git() {
    let (bench, a) = first();
    let b = ship(&bench, "B");
    release(&bench, "C");
    std::fs::remove_dir_all(bench.path("out")).unwrap();
    bench.run(&["build"]).code(0);
    assert_eq!(kept(&bench), set([&a, &b]));
    settled(&bench);
    // A part of it as well, ledgers first.
    let tree = bench.tree();
    for part in ["out/ledger", "out/region-a/hello/retained", "out/region-a"] {
        std::fs::remove_dir_all(bench.path(part)).unwrap();
        bench.run(&["build", "--check"]).code(1);
        bench.run(&["build"]).code(0);
        assert_eq!(bench.tree(), tree, "{part}");
    }
}

#[test]
fn where_git_cannot_tell_everything_stays_and_is_said() {
    let (bench, a) = first();
    release(&bench, "B");
    let without_git = |bench: &Workbench, arguments: &[&str]| {
        let mut command = bench.command(arguments);
        command.env("PATH", "/nowhere");
        Run::of(command)
    };
    let warns = |run: &Run, why: &str| {
        assert!(run.stderr.contains("warning[delivery-unknown]"), "{}", run.stderr);
        assert!(run.stderr.contains(why), "{}", run.stderr);
    };
    warns(&without_git(&bench, &["build"]).code(0), "git is not installed");
    let b = current(&bench);
    release(&bench, "C");
    warns(&without_git(&bench, &["build"]).code(0), "git is not installed");
    assert_eq!(kept(&bench), set([&a, &b]));
    warns(&without_git(&bench, &["build", "--check"]).code(0), "git is not installed");
    // With git again, what was never committed goes.
    bench.run(&["build"]).code(0);
    assert_eq!(kept(&bench), set([&a]));
    settled(&bench);
}

#[test]
fn a_foreign_owner_is_no_reason_to_drop_anything() {
    let (bench, a) = first();
    let foreign = |arguments: &[&str]| {
        let mut command = bench.command(arguments);
        // What git does in a checkout that another user owns.
        command.env("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1");
        command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
        Run::of(command)
    };
    for value in ["B", "C"] {
        release(&bench, value);
        let told = foreign(&["build"]).code(0);
        assert!(told.stderr.contains("belongs to another user"), "{}", told.stderr);
        assert!(told.stderr.contains("safe.directory"), "{}", told.stderr);
    }
    assert!(kept(&bench).contains(&a));
    assert_eq!(kept(&bench).len(), 2);
}

#[test]
fn a_sparse_checkout_keeps_what_it_does_not_show() {
    let (bench, a) = first();
    let b = ship(&bench, "B");
    bench.git(&["sparse-checkout", "set", "specs"]);
    assert!(!bench.path("out").exists());
    for value in ["C", "D"] {
        release(&bench, value);
        let told = bench.run(&["build"]).code(0);
        assert!(told.stderr.contains("sparse checkout"), "{}", told.stderr);
    }
    assert!(kept(&bench).is_superset(&set([&a, &b])));
}

#[test]
fn a_shallow_clone_keeps_everything() {
    let (bench, _) = first();
    let b = ship(&bench, "B");
    bench.git(&["checkout", "-q", "-b", "work"]);
    let c = ship(&bench, "C");
    bench.git(&["checkout", "-q", "main"]);
    let origin = format!("file://{}", bench.path("").display());
    bench.git(&["clone", "-q", "--depth", "1", "--branch", "work", &origin, ".git/clone"]);
    let clone = |arguments: &[&str]| {
        let mut command = bench.command(arguments);
        command.current_dir(bench.path(".git/clone"));
        Run::of(command)
    };
    let spec = bench.read(".git/clone/specs/hello.toml").replace("\"C\"", "\"D\"");
    bench.write(".git/clone/specs/hello.toml", &spec);
    let told = clone(&["build"]).code(0);
    assert!(told.stderr.contains("warning[delivery-unknown]"), "{}", told.stderr);
    assert!(told.stderr.contains("--unshallow"), "{}", told.stderr);
    let kept = walkdir::WalkDir::new(bench.path(".git/clone/out/region-a/hello/retained"));
    let kept: BTreeSet<String> = kept
        .into_iter()
        .map(Result::unwrap)
        .filter(|entry| entry.file_name() == "deployment.yaml")
        .map(|entry| name_in(&std::fs::read_to_string(entry.path()).unwrap()))
        .collect();
    assert!(kept.is_superset(&set([&b, &c])), "{kept:?}");
}

#[test]
fn on_a_branch_the_merge_base_counts() {
    let (bench, a) = first();
    bench.git(&["checkout", "-q", "-b", "work"]);
    ship(&bench, "B");
    ship(&bench, "C");
    assert_eq!(kept(&bench), set([&a]));
    settled(&bench);
    let tree = bench.tree();
    std::fs::remove_dir_all(bench.path("out")).unwrap();
    bench.run(&["build"]).code(0);
    assert_eq!(bench.tree(), tree);
    // Delivered as one, nothing of the branch is missed.
    bench.git(&["checkout", "-q", "main"]);
    bench.git(&["merge", "-q", "--ff-only", "work"]);
    settled(&bench);
}

#[test]
fn a_new_service_that_took_several_commits_misses_nothing() {
    let (bench, _) = first();
    bench.git(&["checkout", "-q", "-b", "work"]);
    let spec = bench.read("specs/hello.toml");
    for value in ["1", "2", "3"] {
        let other =
            spec.replace("\"hello\"", "\"other\"").replace("\"A\"", &format!("\"{value}\""));
        bench.write("specs/other.toml", &other);
        bench.run(&["build"]).code(0);
        bench.commit(value);
    }
    assert!(!bench.path("out/region-a/other/retained").exists());
    bench.git(&["checkout", "-q", "main"]);
    bench.git(&["merge", "-q", "--ff-only", "work"]);
    settled(&bench);
}

#[test]
fn a_reverted_release_after_its_retirement_is_a_loss_until_it_is_built() {
    let (bench, a) = first();
    let b = ship(&bench, "B");
    bench.run(&["retire"]).code(0);
    bench.commit("retire");
    settled(&bench);
    // The tree of before, and the specs, as `git revert` of both commits leaves them.
    for committed in [false, true] {
        bench.git(&["checkout", "-q", "HEAD~2", "--", "specs", "out"]);
        if committed {
            bench.commit("revert");
        }
        assert_eq!(current(&bench), a);
        lost(&bench, &b);
        let told = bench.run(&["build"]).code(0);
        assert!(told.stdout.contains("brings back"), "{}", told.stdout);
        assert_eq!(kept(&bench), set([&b]));
        settled(&bench);
        if committed {
            bench.commit("kept");
            settled(&bench);
            bench.run(&["retire"]).code(0);
            assert_eq!(kept(&bench), BTreeSet::new());
            settled(&bench);
        } else {
            bench.git(&["reset", "-q", "--hard"]);
            bench.git(&["clean", "-qfd"]);
        }
    }
}

#[test]
fn a_revert_of_a_release_keeps_it_until_it_is_retired() {
    let (bench, a) = first();
    let b = ship(&bench, "B");
    bench.git(&["revert", "--no-edit", "HEAD"]);
    assert_eq!(current(&bench), a);
    lost(&bench, &b);
    bench.run(&["build"]).code(0);
    assert_eq!(kept(&bench), set([&b]));
    settled(&bench);
    bench.commit("kept");
    let suffix = b.rsplit('-').next().unwrap();
    let told = bench.run(&["retire", "hello", "--generation", suffix]).code(0);
    assert!(told.stderr.contains("nobody looked"), "{}", told.stderr);
    assert_eq!(kept(&bench), BTreeSet::new());
    settled(&bench);
}

#[test]
fn a_merge_that_took_one_side_is_a_loss() {
    let (bench, a) = first();
    bench.git(&["checkout", "-q", "-b", "work"]);
    let c = ship(&bench, "C");
    bench.git(&["checkout", "-q", "main"]);
    let b = ship(&bench, "B");
    bench.git(&["checkout", "-q", "work"]);
    bench.git(&["merge", "-q", "-s", "ours", "--no-edit", "main"]);
    assert_eq!((current(&bench), kept(&bench)), (c, set([&a])));
    lost(&bench, &b);
    bench.run(&["build"]).code(0);
    assert_eq!(kept(&bench), set([&a, &b]));
    settled(&bench);
    // The same while the merge is under way.
    bench.git(&["reset", "-q", "--hard", "HEAD~1"]);
    bench.git(&["clean", "-qfd"]);
    bench.git(&["merge", "-q", "-s", "ours", "--no-commit", "main"]);
    lost(&bench, &b);
}

#[test]
fn a_merge_that_took_one_side_keeps_what_the_other_kept() {
    let (bench, a) = first();
    bench.git(&["checkout", "-q", "-b", "work"]);
    ship(&bench, "W");
    bench.git(&["checkout", "-q", "main"]);
    // `G` serves, as `H` never came up.
    let (g, h) = (ship(&bench, "G"), ship(&bench, "H"));
    bench.git(&["checkout", "-q", "work"]);
    bench.git(&["merge", "-q", "-s", "ours", "--no-edit", "main"]);
    assert_eq!(kept(&bench), set([&a]));
    lost(&bench, &g);
    bench.run(&["build"]).code(0);
    assert_eq!(kept(&bench), set([&a, &g, &h]));
    settled(&bench);
    bench.commit("merged");
    // What was retired on the branch is no loss, whatever the default branch keeps.
    let suffix = g.rsplit('-').next().unwrap();
    bench.run(&["retire", "--generation", suffix]).code(0);
    assert_eq!(kept(&bench), set([&a, &h]));
    settled(&bench);
    bench.commit("retired");
    ship(&bench, "X");
    assert!(!kept(&bench).contains(&g));
    bench.git(&["checkout", "-q", "main"]);
    bench.git(&["merge", "-q", "--ff-only", "work"]);
    settled(&bench);
}

#[test]
fn going_back_beside_something_that_is_kept_is_a_loss() {
    let (bench, _) = first();
    let b = ship(&bench, "B");
    let c = ship(&bench, "C");
    let d = ship(&bench, "D");
    // `A` is kept all the time, and what was delivered since is not there any more.
    bench.git(&["rm", "-rq", "specs", "out"]);
    bench.git(&["checkout", "-q", "HEAD~2", "--", "specs", "out"]);
    bench.commit("back");
    assert_eq!(current(&bench), b);
    lost(&bench, &d);
    bench.run(&["build"]).code(0);
    assert!(kept(&bench).is_superset(&set([&c, &d])));
    settled(&bench);
}

#[test]
fn what_a_hand_took_out_comes_back() {
    let (bench, a) = first();
    let b = ship(&bench, "B");
    // As another tool, or a hand, may write it: without what runs.
    bench.git(&["checkout", "-q", "HEAD~1", "--", "out"]);
    bench.git(&["clean", "-qfd"]);
    release(&bench, "C");
    lost(&bench, &b);
    bench.run(&["build"]).code(0);
    assert!(kept(&bench).is_superset(&set([&a, &b])));
    settled(&bench);
    // A file that was edited is brought back as it was.
    let path =
        format!("out/region-a/hello/retained/{}/deployment.yaml", b.rsplit('-').next().unwrap());
    let text = bench.read(&path);
    bench.commit("C");
    bench.write(&path, &format!("{text}# mine\n"));
    bench.run(&["build"]).code(0);
    assert_eq!(bench.read(&path), text);
}

#[test]
fn retiring_what_still_runs_takes_its_name() {
    let (bench, a) = first();
    bench.git(&["checkout", "-q", "-b", "work"]);
    ship(&bench, "B");
    let told = bench.run(&["retire"]).code(1);
    assert!(told.stderr.contains("delivered it as current"), "{}", told.stderr);
    assert_eq!(kept(&bench), set([&a]));
    let suffix = a.rsplit('-').next().unwrap();
    bench.run(&["retire", "--generation", suffix]).code(0);
    assert_eq!(kept(&bench), BTreeSet::new());
    // It was meant: no build brings it back.
    settled(&bench);
    bench.commit("retired");
    settled(&bench);
    bench.git(&["checkout", "-q", "main"]);
    bench.git(&["merge", "-q", "--ff-only", "work"]);
    settled(&bench);
    // That it was meant is over when it is delivered, and goes with the next release.
    assert!(bench.read("out/ledger/hello.json").contains("\"retired\""));
    ship(&bench, "C");
    assert!(!bench.read("out/ledger/hello.json").contains("\"retired\""));
    settled(&bench);
}

/// What a cluster tells of Deployments: name, ready replicas, image.
fn observed(bench: &Workbench, path: &str, deployments: &[(&str, u32)]) {
    let manifest = bench.read("out/region-a/hello/deployment.yaml");
    let template = |name: &str| {
        let tree = bench.tree();
        let text = tree.values().find(|text| {
            text.contains("kind: Deployment\n") && text.contains(&format!("  name: {name}\n"))
        });
        let text = text.unwrap_or(&manifest).clone();
        let value: serde_json::Value = serde_yaml::from_str(&text).unwrap();
        value["spec"]["template"].clone()
    };
    let items: Vec<serde_json::Value> = (deployments.iter())
        .map(|(name, ready)| {
            serde_json::json!({
                "apiVersion": "apps/v1", "kind": "Deployment",
                "metadata": { "name": name, "namespace": "hello", "generation": 2 },
                "spec": { "replicas": 3, "template": template(name) },
                "status": {
                    "observedGeneration": 2, "replicas": 3, "updatedReplicas": 3,
                    "readyReplicas": ready, "availableReplicas": ready
                }
            })
        })
        .collect();
    let list = serde_json::json!({ "apiVersion": "v1", "kind": "List", "items": items });
    bench.write(path, &list.to_string());
}

#[test]
fn with_observations_only_what_was_replaced_everywhere_leaves() {
    let (bench, a) = first();
    let b = ship(&bench, "B");
    let c = ship(&bench, "C");
    let suffix = |name: &str| name.rsplit('-').next().unwrap().to_owned();
    let retire = |arguments: &[&str]| {
        bench.run(&[&["retire", "--observed", ".git/region-a.json"], arguments].concat())
    };
    // The current one is there, and not ready.
    observed(&bench, ".git/region-a.json", &[(&a, 3), (&b, 0), (&c, 1)]);
    let told = retire(&[]).code(1);
    assert!(
        told.stderr.contains(&format!("Deployment {c} has 1 pods available")),
        "{}",
        told.stderr
    );
    assert_eq!(kept(&bench), set([&a, &b]));
    // Of the two others one serves, and the bad one does not.
    retire(&["--generation", &suffix(&a)]).code(1);
    retire(&["--generation", &suffix(&b), "--dry-run"]).code(0);
    assert_eq!(kept(&bench), set([&a, &b]));
    retire(&["--generation", &suffix(&b)]).code(0);
    assert_eq!(kept(&bench), set([&a]));
    settled(&bench);
    bench.commit("retired");
    // It is not delivered yet; then it serves.
    observed(&bench, ".git/region-a.json", &[(&a, 3)]);
    let told = retire(&[]).code(1);
    assert!(told.stderr.contains("is not there"), "{}", told.stderr);
    observed(&bench, ".git/region-a.json", &[(&a, 3), (&c, 3)]);
    bench.git(&["status"]);
    let told = bench.run(&["retire", "--observed", "region-a=.git/region-a.json"]).code(0);
    assert!(!told.stderr.contains("nobody looked"), "{}", told.stderr);
    assert_eq!(kept(&bench), BTreeSet::new());
    settled(&bench);
}

#[test]
fn what_cannot_be_retired_or_read_is_said() {
    let (bench, _) = first();
    let b = ship(&bench, "B");
    let suffix = b.rsplit('-').next().unwrap();
    let told = bench.run(&["retire", "--generation", suffix]).code(1);
    assert!(told.stderr.contains("error[generation-unknown]"), "{}", told.stderr);
    assert!(told.stderr.contains("is the current generation"), "{}", told.stderr);
    let told = bench.run(&["retire", "--generation", "zzz"]).code(1);
    assert!(told.stderr.contains("no former generation is called `zzz`"), "{}", told.stderr);
    bench.write(".git/elsewhere.json", "{}");
    let told = bench.run(&["retire", "--observed", ".git/elsewhere.json"]).code(2);
    assert!(told.stderr.contains("no region `elsewhere`"), "{}", told.stderr);
    bench.write(".git/region-a.json", "{");
    let told = bench.run(&["retire", "--observed", ".git/region-a.json"]).code(2);
    assert!(told.stderr.contains("it is no JSON"), "{}", told.stderr);
    bench.write(".git/region-a.json", "{}");
    let told = bench.run(&["retire", "--observed", ".git/region-a.json"]).code(2);
    assert!(told.stderr.contains("no objects of Kubernetes"), "{}", told.stderr);
    assert!(Path::new(&bench.path("out/region-a/hello/retained")).exists());
}

#[test]
fn what_is_kept_is_told_and_counted() {
    let (bench, a) = first();
    let commit = {
        let b = ship(&bench, "B");
        assert_ne!(a, b);
        bench.git(&["rev-parse", "--short", "HEAD"])
    };
    let told = bench.run(&["build"]).code(0);
    assert!(told.stderr.contains("note: 3 pods of former generations run"), "{}", told.stderr);
    assert!(told.stderr.contains(&format!("3 in region-a, since {commit}")), "{}", told.stderr);
    // Room for two generations, and no more.
    let fleet = bench.read("specs/fleet.toml");
    for (cpu, fits) in [("2", true), ("0.8", false)] {
        let small: Vec<String> = fleet
            .lines()
            .map(|line| match line.split_once("cpu = \"") {
                Some((head, tail)) if line.contains("nodes = ") => {
                    format!("{head}cpu = \"{cpu}\"{}", &tail[tail.find('"').unwrap() + 1..])
                }
                _ => line.to_owned(),
            })
            .collect();
        bench.write("specs/fleet.toml", &(small.join("\n") + "\n"));
        release(&bench, "C");
        let told = bench.run(&["build"]).code(0);
        assert_eq!(
            !told.stderr.contains("until former generations are retired"),
            fits,
            "{}",
            told.stderr
        );
        assert_eq!(!told.stderr.contains("--generation"), fits, "{}", told.stderr);
    }
}

#[test]
fn an_address_that_goes_is_said_when_it_changes_and_when_it_is_retired() {
    let diff = |bench: &Workbench, from: &str| bench.run(&["diff", "--from", from]).code(0).stdout;
    for edit in ["previously = \"hello\"\n", "namespace = \"mall\"\n"] {
        let (bench, _) = first();
        let spec = bench.read("specs/hello.toml");
        let spec = if edit.starts_with("previously") {
            spec.replace("\"hello\"", "\"mailer\"")
        } else {
            spec
        };
        bench.write("specs/hello.toml", &format!("{edit}{spec}"));
        let told = diff(&bench, "HEAD");
        assert!(told.contains("address-removed"), "{told}");
        assert!(told.contains("Service hello goes when it is retired"), "{told}");
        bench.run(&["build"]).code(0);
        bench.commit("moved");
        bench.run(&["retire"]).code(0);
        let told = diff(&bench, "HEAD");
        assert!(told.contains("address-removed"), "{told}");
        assert!(told.contains("Service hello goes"), "{told}");
        settled(&bench);
    }
    let (bench, _) = first();
    let ports = "\n[[ports]]\nname = \"http\"\nport = 8080\n";
    let spec = bench.read("specs/hello.toml");
    bench.write(
        "specs/hello.toml",
        &format!("{spec}{ports}[[ports]]\nname = \"admin\"\nport = 9090\n"),
    );
    bench.run(&["build"]).code(0);
    bench.commit("two");
    bench.write("specs/hello.toml", &format!("{spec}{ports}"));
    let told = diff(&bench, "HEAD");
    assert!(told.contains("address-removed"), "{told}");
    assert!(told.contains("port 9090/TCP goes"), "{told}");
}

#[test]
fn a_service_that_listens_on_nothing_rolls_and_says_why() {
    let (bench, _) = first();
    let spec = bench.read("specs/hello.toml").replace("\"hello\"", "\"worker\"");
    let (spec, config) = spec.split_once("[config]").unwrap();
    bench.write("specs/worker.toml", &format!("{spec}ports = []\n\n[config]{config}"));
    bench.run(&["build"]).code(0);
    let why = "it rolls, as it listens on nothing";
    let told = |service: &str| {
        let page = bench.run(&["explain", service]).code(0).stdout;
        page.split_whitespace().collect::<Vec<_>>().join(" ").contains(why)
    };
    assert!(told("worker") && !told("hello"));
    assert!(bench.read("out/region-a/worker/deployment.yaml").contains("  name: worker\n"));
    bench.edit("specs/worker.toml", "ports = []", "ports = []\nrollout = \"rolling\"");
    assert!(!told("worker"), "somebody asked for it");
}

#[test]
fn a_commit_that_nobody_built_is_held_against_the_one_before() {
    let (bench, _) = first();
    let spec = bench.read("specs/hello.toml");
    let rolls =
        |more: &str| format!("rollout = \"rolling\"\ncapacity = {{ peak = 2{more} }}\n{spec}");
    let scaled = ", autoscale = { max = 9 }";
    bench.write("specs/hello.toml", &rolls(scaled));
    bench.run(&["build"]).code(0);
    bench.commit("scaled");
    bench.write("specs/hello.toml", &rolls(""));
    bench.run(&["build"]).code(0);
    bench.commit("not any more");
    settled(&bench);
    // Specs and tree go back as one: the tree is what the specs compile to, and the step is not.
    bench.git(&["revert", "--no-edit", "HEAD"]);
    let check = bench.run(&["build", "--check"]).code(1);
    assert!(check.stderr.contains("error[replicas-reset]"), "{}", check.stderr);
    assert!(!check.stderr.contains("is not what the specs compile to"), "{}", check.stderr);
    // On a branch that is delivered as one, too.
    bench.git(&["reset", "-q", "--hard", "HEAD~1"]);
    bench.git(&["checkout", "-q", "-b", "work"]);
    bench.git(&["revert", "--no-edit", "HEAD"]);
    bench.write("note", "");
    bench.commit("another");
    let check = bench.run(&["build", "--check"]).code(1);
    assert!(check.stderr.contains("error[replicas-reset]"), "{}", check.stderr);
    let accept = "accept = [{ rule = \"replicas-reset\", reason = \"so\", until = 2100-01-01 }]\n";
    bench.write("specs/hello.toml", &(accept.to_owned() + &rolls(scaled)));
    bench.run(&["build"]).code(0);
    settled(&bench);
    let told = bench.run(&["diff", "--from", "main"]).code(0).stdout;
    assert!(told.contains("is left with one pod until its autoscaler raises it"), "{told}");
    bench.commit("accepted");
    bench.git(&["checkout", "-q", "main"]);
    bench.git(&["merge", "-q", "--no-ff", "--no-edit", "work"]);
    settled(&bench);
    // Nobody can tell whether that is delivered yet; with the next commit it is.
    let accepted = bench.read("specs/hello.toml");
    bench.write("specs/hello.toml", &rolls(scaled));
    let build = bench.run(&["build"]).code(1);
    assert!(build.stderr.contains("it is over with the next commit"), "{}", build.stderr);
    bench.write("specs/hello.toml", &accepted);
    bench.write("note", "delivered");
    bench.commit("something else");
    bench.write("specs/hello.toml", &rolls(scaled));
    bench.run(&["build"]).code(0);
    settled(&bench);
}
