//! What delivery engines make of a tree: each as its sources do it, read from what is emitted.

use crate::workbench::{Files, Workbench, assert_tree, compile, files_below, repository};
use serde_yaml::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Kinds for which Argo CD has no health (`resource_customizations`, `gitops-engine/pkg/health`):
/// once applied, nothing waits for them.
const NO_HEALTH: &[&str] = &[
    "Namespace",
    "ResourceQuota",
    "PriorityClass",
    "ServiceAccount",
    "ConfigMap",
    "NetworkPolicy",
    "Role",
    "RoleBinding",
    "Schedule",
    "PrometheusRule",
];

/// What every API server has.
const OWN: &[&str] = &[
    "v1",
    "apps/v1",
    "autoscaling/v2",
    "scheduling.k8s.io/v1",
    "batch/v1",
    "networking.k8s.io/v1",
    "policy/v1",
    "rbac.authorization.k8s.io/v1",
];

/// What brings users: it waits for the pods.
const BRINGS_USERS: &[&str] = &["Ingress", "HTTPRoute", "DNSEndpoint", "Gslb"];

fn trees() -> Vec<(String, Files)> {
    let cases = repository("tests/delivery");
    let engine =
        |name: &str| (name.to_owned(), compiled(&files_below(&cases.join(name).join("specs"))));
    ["argo-cd", "flux", "kubectl"].map(engine).to_vec()
}

fn compiled(specs: &Files) -> Files {
    let compiled = compile(specs, &Files::new());
    assert_eq!(compiled.report(), "");
    compiled.tree
}

/// The example fleet, which has every kind that there is.
fn example() -> Files {
    compiled(&files_below(&repository("specs")))
}

#[test]
fn each_engine_is_told_what_to_deliver() {
    for (engine, tree) in trees() {
        let told = tree.into_iter().filter(|(path, _)| path.contains("/delivery/")).collect();
        assert_tree(&repository("tests/delivery").join(engine).join("out"), &told);
    }
}

/// The objects of the folders that an engine delivers, with their paths.
fn objects(tree: &Files) -> impl Iterator<Item = (&String, Value)> {
    let delivered = |path: &str| {
        let first = path.split('/').next().unwrap();
        path.ends_with(".yaml") && first != "recovery"
    };
    let files = tree.iter().filter(move |(path, _)| delivered(path));
    files.map(|(path, text)| (path, serde_yaml::from_str(text).unwrap()))
}

fn text<'a>(object: &'a Value, path: &[&str]) -> &'a str {
    let found = path.iter().try_fold(object, |value, key| value.get(key));
    found.and_then(Value::as_str).unwrap_or_default()
}

fn annotation<'a>(object: &'a Value, key: &str) -> &'a str {
    text(object, &["metadata", "annotations", key])
}

fn wave(object: &Value) -> i32 {
    let wave = annotation(object, "argocd.argoproj.io/sync-wave");
    wave.parse().unwrap_or_else(|_| panic!("no wave: {object:?}"))
}

/// A database that follows one of another region.
fn follows(object: &Value) -> bool {
    let replica = object.get("spec").and_then(|spec| spec.get("replica"));
    let roles = replica.map(|replica| (text(replica, &["primary"]), text(replica, &["self"])));
    text(object, &["kind"]) == "Cluster" && roles.is_some_and(|(primary, own)| primary != own)
}

/// A sync of Argo CD (`gitops-engine/pkg/sync/sync_context.go`) in which nothing that has a health
/// ever is healthy: wave after wave, until one has something to wait for. Returns what was applied,
/// and whether the sync came to its end, so that the next commit is looked at.
fn sync<'a>(tasks: &[(&'a String, &Value)]) -> (BTreeSet<&'a String>, bool) {
    let mut waves: BTreeMap<i32, Vec<(&String, &Value)>> = BTreeMap::new();
    for (path, object) in tasks {
        waves.entry(wave(object)).or_default().push((path, object));
    }
    let mut applied = BTreeSet::new();
    let last = waves.keys().last().copied();
    for (number, tasks) in waves {
        applied.extend(tasks.iter().map(|(path, _)| *path));
        // A Job with a deadline ends, and is not waited for any longer.
        let ends = |task: &Value| task["spec"].get("activeDeadlineSeconds").is_some();
        let waits = |task: &Value| !NO_HEALTH.contains(&text(task, &["kind"])) && !ends(task);
        let waits = tasks.iter().any(|(_, task)| waits(task));
        if waits && Some(number) != last {
            return (applied, false);
        }
    }
    (applied, true)
}

#[test]
fn in_argo_cd_a_release_that_never_gets_healthy_holds_up_routes_and_followers_only() {
    let tree = example();
    let objects: Vec<(&String, Value)> = objects(&tree).collect();
    let mut folders: BTreeMap<&str, Vec<(&String, &Value)>> = BTreeMap::new();
    for (path, object) in &objects {
        let (folder, _) = path.rsplit_once('/').unwrap();
        folders.entry(folder).or_default().push((*path, object));
    }
    let mut seen = BTreeSet::new();
    for (folder, tasks) in folders.iter().filter(|(folder, _)| !folder.ends_with("/delivery")) {
        let (applied, _) = sync(tasks);
        for (path, object) in tasks {
            let kind = text(object, &["kind"]);
            let waits = BRINGS_USERS.contains(&kind) || follows(object);
            assert!(waits || applied.contains(path), "{path} waits for health");
            // What follows another region waits for it, and nothing for what follows.
            let later = tasks.iter().filter(|(_, other)| wave(other) >= wave(object));
            assert!(!follows(object) || later.count() == 1, "{folder} waits for its database");
            seen.insert(if follows(object) { "follower" } else { kind });
        }
    }
    for kind in ["Schedule", "HorizontalPodAutoscaler", "ConfigMap", "ScheduledBackup", "follower"]
    {
        assert!(seen.contains(kind), "the example has no {kind}");
    }
}

#[test]
fn in_argo_cd_a_bad_release_holds_up_no_revert() {
    let mut specs = files_below(&repository("specs"));
    let before = compiled(&specs);
    let mut changed = 0;
    let names: Vec<String> = specs.keys().filter(|name| name.ends_with(".toml")).cloned().collect();
    for name in names.iter().filter(|name| *name != "fleet.toml") {
        let good = specs[name].clone();
        let Some((head, digest)) = good.split_once("@sha256:") else { continue };
        let other = if digest.starts_with('0') { "1" } else { "0" };
        specs.insert(name.clone(), format!("{head}@sha256:{other}{}", &digest[1..]));
        let after = compiled(&specs);
        // Only what differs is applied: `ApplyOutOfSyncOnly`.
        let differs = |(path, _): &(&String, Value)| before.get(*path) != after.get(*path);
        let tasks: Vec<(&String, Value)> = objects(&after).filter(differs).collect();
        let tasks: Vec<(&String, &Value)> = tasks.iter().map(|(path, one)| (*path, one)).collect();
        let (applied, ended) = sync(&tasks);
        assert!(ended && applied.len() == tasks.len(), "{name}: {tasks:?}");
        changed += applied.len();
        specs.insert(name.clone(), good);
    }
    assert!(changed > 20, "{changed}");
}

#[test]
fn argo_cd_prunes_nothing_precious_and_needs_no_kind_that_is_not_there() {
    for (path, object) in objects(&example()) {
        let kind = text(&object, &["kind"]);
        let options = annotation(&object, "argocd.argoproj.io/sync-options");
        let precious =
            ["Namespace", "PriorityClass", "StatefulSet", "Cluster", "PersistentVolumeClaim"]
                .contains(&kind);
        let delivers = path.contains("/delivery/");
        assert_eq!(options.contains("Prune=false,Delete=false"), precious || delivers, "{path}");
        assert!(!options.contains("confirm"), "{path}");
        let group = text(&object, &["apiVersion"]);
        let own = OWN.contains(&group);
        assert_eq!(options.contains("SkipDryRunOnMissingResource=true"), !own, "{path} {group}");
    }
}

#[test]
fn flux_delivers_every_folder_once_after_what_services_share() {
    let (_, tree) = trees().remove(1);
    let mut folders: BTreeSet<String> = (objects(&tree).map(|(path, _)| path))
        .map(|path| path.split('/').take(2).collect::<Vec<_>>().join("/"))
        .filter(|folder| !folder.ends_with("/delivery"))
        .collect();
    for (path, object) in objects(&tree).filter(|(path, _)| path.contains("/kustomization-")) {
        let region = path.split('/').next().unwrap();
        let folder = text(&object, &["spec", "path"]).strip_prefix("./deploy/out/").unwrap();
        assert!(folders.remove(folder), "{path} delivers {folder} again, or nothing");
        let after = object["spec"].get("dependsOn").map(|after| text(&after[0], &["name"]));
        let shared = folder.ends_with("/fleet");
        let first = format!("{region}-fleet");
        assert_eq!(after, (!shared).then_some(first.as_str()), "{path}");
        // What services wait for is applied, and need not be healthy.
        assert_eq!(object["spec"]["wait"], Value::Bool(!shared), "{path}");
        assert!(object["spec"].get("postBuild").is_none(), "{path}");
    }
    assert!(folders.is_empty(), "nobody delivers {folders:?}");
    for (path, object) in objects(&tree).filter(|(path, _)| !path.contains("/delivery/")) {
        let kept = annotation(&object, "kustomize.toolkit.fluxcd.io/substitute") == "disabled";
        assert_eq!(kept, tree[path].contains("${"), "{path}");
    }
}

#[test]
fn what_a_patch_says_is_not_substituted_either() {
    let mut specs = files_below(&repository("tests/delivery/flux/specs"));
    let patched = "\n[patch.service-account.metadata.annotations]\n\"example.com/a\" = \"${B}\"\n";
    specs.entry("shop.toml".to_owned()).or_default().push_str(patched);
    let tree = compiled(&specs);
    let account = &tree["south/shop/service-account.yaml"];
    assert!(account.contains("example.com/a: \"${B}\"\n"), "{account}");
    assert!(account.contains("kustomize.toolkit.fluxcd.io/substitute: disabled\n"), "{account}");
}

#[test]
fn an_edit_of_the_fleet_touches_no_file_of_a_service() {
    let cases = repository("tests/delivery");
    for engine in ["argo-cd", "flux", "kubectl"] {
        let mut specs = files_below(&cases.join(engine).join("specs"));
        let before = compiled(&specs);
        let fleet = specs["fleet.toml"].replace("\"refs/heads/stable\"", "\"main\"");
        specs.insert("fleet.toml".to_owned(), fleet.replace("\"stable\"", "\"main\""));
        let after = compiled(&specs);
        for (path, text) in &after {
            let of_fleet = path.contains("/delivery/") || path == "ledger/fleet.json";
            assert!(of_fleet || before.get(path) == Some(text), "{engine}: {path}");
        }
    }
}

#[test]
fn what_delivers_a_service_follows_its_name() {
    let bench = Workbench::initialised();
    bench.edit(
        "specs/fleet.toml",
        "delivery = \"kubectl\"",
        "delivery = { engine = \"flux\", repository = \"https://git.example.com/fleet.git\" }",
    );
    bench.edit("specs/hello.toml", "tier = ", "namespace = \"shop\"\ntier = ");
    // Twice, so that the cache knows what is there.
    bench.run(&["build"]).code(0);
    bench.run(&["build"]).code(0);
    bench.edit("specs/hello.toml", "name = \"hello\"", "name = \"shop\"\npreviously = \"hello\"");
    bench.run(&["build"]).code(0);
    let named = |tree: &Files| -> Vec<String> {
        let all =
            tree.keys().filter_map(|path| path.strip_prefix("region-a/delivery/kustomization-"));
        all.map(str::to_owned).collect()
    };
    assert_eq!(named(&bench.tree()), ["fleet.yaml", "shop.yaml"]);
    bench.run(&["build", "--check"]).code(0);
}

#[cfg(unix)]
mod script {
    use super::*;
    use crate::kubectl::stand_in;
    use std::path::{Path, PathBuf};
    use std::process::Command;

    /// What `kubectl` does: it remembers sets, and refuses where `BROKEN` or `REFUSED` is in the call.
    const ANSWERS: &str = r#"case " $* " in
  *" ${REFUSED:-nothing} "*) exit 1 ;;
  *" ${BROKEN:-nothing} "*) case " $* " in *" rollout "*) exit 1 ;; esac ;;
esac
case " $* " in
  *" label --local "*) cat "$file" ;;
  *" --field-manager=kubectl-applyset "*) sed -n 's,^  name: ,applyset.delivery.ninefold.dev/,p' "$home/stdin" >> "$home/sets" ;;
  *" get "*" -o name "*) cat "$home/sets" 2> /dev/null || : ;;
esac
"#;

    /// A tree in a folder with a space, the stand-in, and what it was called with.
    struct Bench(tempfile::TempDir);

    /// How a run of the script ended.
    struct Ran {
        code: i32,
        calls: Vec<String>,
        stderr: String,
    }

    impl Bench {
        fn new() -> Bench {
            let bench = Bench(crate::workbench::folder());
            let (_, mut tree) = trees().remove(2);
            let deployment =
                tree["north/web/deployment.yaml"].replace("name: web-", "name: former-");
            tree.insert("north/web/retained/bcdfghjklm/deployment.yaml".to_owned(), deployment);
            crate::workbench::write(&bench.tree(), &tree);
            stand_in(&bench.0.path().join("bin"), ANSWERS);
            bench
        }

        fn tree(&self) -> PathBuf {
            self.0.path().join("a tree")
        }

        fn run(&self, arguments: &[&str], environment: &[(&str, &str)]) -> Ran {
            let bin = self.0.path().join("bin");
            let _ = std::fs::remove_file(bin.join("calls"));
            let paths = std::env::var("PATH").unwrap();
            let output = Command::new("sh")
                .arg(self.tree().join("north/delivery/apply.sh"))
                .args(arguments)
                .env("PATH", format!("{}:{paths}", bin.display()))
                .envs(environment.iter().copied())
                .output()
                .unwrap();
            let calls = std::fs::read_to_string(bin.join("calls")).unwrap_or_default();
            Ran {
                code: output.status.code().unwrap(),
                calls: calls.lines().map(str::to_owned).collect(),
                stderr: String::from_utf8(output.stderr).unwrap(),
            }
        }
    }

    /// What makes a set.
    const SETS: &str = "--field-manager=kubectl-applyset";

    fn positions(calls: &[String], word: &str) -> Vec<usize> {
        (0..calls.len()).filter(|at| calls[*at].contains(word)).collect()
    }

    /// The folders from which something is removed.
    fn pruned(ran: &Ran) -> Vec<&str> {
        let prunes = ran.calls.iter().filter(|call| call.contains("--prune"));
        prunes
            .map(|call| {
                let (_, rest) = call.split_once("applysets.delivery.ninefold.dev/north-").unwrap();
                rest.split(' ').next().unwrap()
            })
            .collect()
    }

    #[test]
    fn everything_is_applied_before_anything_is_awaited_and_then_removed() {
        let bench = Bench::new();
        let ran = bench.run(&["--context", "the north"], &[]);
        assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
        assert!(ran.calls.iter().all(|call| call.starts_with("--context the north ")));
        let prunes = positions(&ran.calls, "--prune");
        let waits = positions(&ran.calls, "rollout status");
        let applies = positions(&ran.calls, " apply ");
        let applied: Vec<usize> = (applies.into_iter())
            .filter(|at| !prunes.contains(at) && !ran.calls[*at].contains(SETS))
            .collect();
        assert!(applied.last() < waits.first() && waits.last() < prunes.first());
        assert_eq!(pruned(&ran), ["fleet", "shop", "web"]);
        // What services share comes first; no set holds what only a person may delete.
        assert!(ran.calls[applied[1]].contains("Namespace"));
        assert!(prunes.iter().all(|at| !ran.calls[*at].contains("Namespace")));
        // Former generations are applied, and not awaited.
        assert_eq!(waits.len(), 2, "{:?}", ran.calls);
        assert!(waits.iter().all(|at| !ran.calls[*at].contains("former-")));
        assert_eq!(ran.calls[*prunes.last().unwrap()].matches("Deployment").count(), 2);
        // Every apply before is labelled, or it would take objects out of their sets.
        let labels = positions(&ran.calls, "label --local");
        assert_eq!(labels.len(), 3);
        let again = bench.run(&["--context=the north"], &[]);
        assert_eq!(again.code, 0);
        assert_eq!(positions(&ran.calls, SETS).len(), 3);
        assert_eq!(positions(&again.calls, SETS).len(), 0);
    }

    #[test]
    fn nothing_is_removed_where_something_is_not_up_or_not_applied() {
        let bench = Bench::new();
        let workload =
            std::fs::read_to_string(bench.tree().join("north/web/deployment.yaml")).unwrap();
        let workload: Value = serde_yaml::from_str(&workload).unwrap();
        let name = format!("Deployment/{}", text(&workload, &["metadata", "name"]));
        let ran = bench.run(&["--context", "north"], &[("BROKEN", &name)]);
        assert_eq!((ran.code, pruned(&ran)), (1, vec!["fleet", "shop"]));
        assert!(ran.stderr.contains("is not up") && ran.stderr.contains("web: nothing is removed"));
        let whole = Bench::new();
        let ran = whole.run(&["--context", "north"], &[("REFUSED", "--force-conflicts")]);
        assert!(ran.code != 0 && pruned(&ran).is_empty());
    }

    #[test]
    fn a_folder_that_is_gone_takes_nothing_with_it() {
        let bench = Bench::new();
        std::fs::write(
            bench.0.path().join("bin/sets"),
            "applyset.delivery.ninefold.dev/north-cart\n",
        )
        .unwrap();
        let ran = bench.run(&["--context", "north"], &[]);
        assert_eq!(ran.code, 0);
        assert!(ran.stderr.contains("the tree has no folder of north-cart any more"));
        assert!(!pruned(&ran).contains(&"cart"));
    }

    #[test]
    fn no_cluster_is_guessed() {
        let bench = Bench::new();
        for arguments in [&[][..], &["--context"], &["--contexts", "north"], &["north"]] {
            let ran = bench.run(arguments, &[]);
            assert_eq!((ran.code, ran.calls.len()), (2, 0), "{arguments:?}");
            assert!(ran.stderr.starts_with("usage: "), "{arguments:?}");
        }
        assert_eq!(bench.run(&["--help"], &[]).code, 0);
    }

    #[test]
    fn the_script_is_one_of_posix() {
        let bench = Bench::new();
        let script = bench.tree().join("north/delivery/apply.sh");
        let parse = |shell: &str, script: &Path| {
            Command::new(shell).arg("-n").arg(script).status().map(|status| status.success())
        };
        assert!(parse("sh", &script).unwrap());
        // Where there is one that takes nothing else.
        assert!(parse("dash", &script).unwrap_or(true));
    }
}
