//! Jobs that end before the pods of a release start, under each engine: as its sources do it, read from
//! what is emitted.

use crate::workbench::{Files, compile, files_below, repository};
use serde_yaml::Value;
use std::collections::BTreeSet;

const JOBS: &str = r#"
[[jobs]]
name = "migrate"
run = "before-release"
args = ["migrate"]

[[jobs]]
name = "seed"
run = "once"

[[jobs]]
name = "sweep"
schedule = "0 3 * * *"
"#;

/// The tree of `tests/delivery/<engine>` with jobs in one of its services.
fn tree(engine: &str, edit: impl Fn(&str) -> String) -> Files {
    let mut specs = files_below(&repository("tests/delivery").join(engine).join("specs"));
    let web = edit(&format!("{}{JOBS}", specs["web.toml"]));
    specs.insert("web.toml".to_owned(), web);
    let compiled = compile(&specs, &Files::new());
    assert_eq!(compiled.report(), "");
    compiled.tree
}

fn same(text: &str) -> String {
    text.to_owned()
}

/// The objects of the service in one region.
fn objects(tree: &Files) -> Vec<(String, Value)> {
    let of_web = tree.iter().filter(|(path, _)| path.starts_with("north/web/"));
    of_web.map(|(path, text)| (path.clone(), serde_yaml::from_str(text).unwrap())).collect()
}

fn text<'a>(object: &'a Value, path: &[&str]) -> &'a str {
    let found = path.iter().try_fold(object, |value, key| value.get(key));
    found.and_then(Value::as_str).unwrap_or_default()
}

fn annotation<'a>(object: &'a Value, key: &str) -> &'a str {
    text(object, &["metadata", "annotations", key])
}

fn kind(object: &Value) -> &str {
    text(object, &["kind"])
}

/// A sync of Argo CD in which every hook fails (`gitops-engine/pkg/sync/sync_context.go`): wave after
/// wave, where a hook is applied in every sync, and anything else only when it `differs`.
fn sync_with_failing_hooks(
    objects: &[(String, Value)],
    differs: impl Fn(&str) -> bool,
) -> BTreeSet<&str> {
    let hook = |object: &Value| annotation(object, "argocd.argoproj.io/hook") == "Sync";
    let wave = |object: &Value| -> i32 {
        annotation(object, "argocd.argoproj.io/sync-wave").parse().unwrap()
    };
    let tasks = objects.iter().filter(|(path, object)| hook(object) || differs(path));
    let mut tasks: Vec<_> = tasks.collect();
    tasks.sort_by_key(|(_, object)| wave(object));
    let failed = tasks.iter().filter(|(_, object)| hook(object)).map(|(_, object)| wave(object));
    let end = failed.min().unwrap_or(i32::MAX);
    tasks.into_iter().filter(|(_, one)| wave(one) <= end).map(|(path, _)| path.as_str()).collect()
}

#[test]
fn in_argo_cd_no_pod_of_a_release_starts_after_a_job_that_failed_however_often_it_is_tried() {
    let tree = tree("argo-cd", same);
    let objects = objects(&tree);
    let first = sync_with_failing_hooks(&objects, |_| true);
    assert!(first.contains("north/web/job-migrate.yaml"), "{first:?}");
    // Tried again, what was applied is as it should be.
    let again = sync_with_failing_hooks(&objects, |path| !first.contains(path));
    for (path, object) in &objects {
        let pods = ["Deployment", "CronJob"].contains(&kind(object)) || path.contains("seed");
        assert!(!pods || !(first.contains(&**path) || again.contains(&**path)), "{path}");
        // What the pods of the job need is there.
        let needed = ["ConfigMap", "ServiceAccount", "NetworkPolicy"].contains(&kind(object));
        assert!(!needed || first.contains(&**path), "{path}");
    }
    let migrate: Value = serde_yaml::from_str(&tree["north/web/job-migrate.yaml"]).unwrap();
    assert_eq!(annotation(&migrate, "argocd.argoproj.io/hook-delete-policy"), "HookFailed");
    assert!(migrate["spec"].get("ttlSecondsAfterFinished").is_none(), "it would run again");
}

#[test]
fn another_job_before_releases_is_another_generation() {
    let name = |tree: &Files| {
        let deployment: Value = serde_yaml::from_str(&tree["north/web/deployment.yaml"]).unwrap();
        text(&deployment, &["metadata", "name"]).to_owned()
    };
    let before = tree("argo-cd", same);
    let other = tree("argo-cd", |spec| spec.replace("\"migrate\"]", "\"migrate\", \"--all\"]"));
    assert_ne!(before["north/web/job-migrate.yaml"], other["north/web/job-migrate.yaml"]);
    assert_ne!(name(&before), name(&other));
    let unrelated = tree("argo-cd", |spec| spec.replace("0 3 * * *", "0 4 * * *"));
    assert_eq!(name(&before), name(&unrelated));
}

#[test]
fn in_flux_what_waits_for_a_job_is_delivered_by_a_kustomization_that_waits_for_its_own() {
    let tree = tree("flux", same);
    let read = |region: &str, name: &str| -> Value {
        let path = format!("{region}/delivery/kustomization-{name}.yaml");
        serde_yaml::from_str(&tree[&path]).unwrap()
    };
    let (before, after) = (read("north", "web-before"), read("north", "web"));
    let waits_for = |one: &Value| text(&one["spec"]["dependsOn"][0], &["name"]).to_owned();
    assert_eq!(waits_for(&before), "north-fleet");
    assert_eq!(waits_for(&after), text(&before, &["metadata", "name"]));
    assert_eq!(before["spec"]["wait"], Value::Bool(true));
    assert_eq!(before["spec"]["path"], after["spec"]["path"]);
    let selector = |one: &Value| -> String {
        let patch = &one["spec"]["patches"][0];
        assert!(text(patch, &["patch"]).starts_with("$patch: delete\n"));
        text(patch, &["target", "annotationSelector"]).to_owned()
    };
    let late = |object: &Value| annotation(object, "ninefold.dev/after") == "release";
    assert_eq!(selector(&before), "ninefold.dev/after=release");
    assert_eq!(selector(&after), "ninefold.dev/after!=release");
    for (path, object) in objects(&tree) {
        let job = path.ends_with("job-migrate.yaml");
        let pods = ["Deployment", "CronJob", "Job", "HorizontalPodAutoscaler"];
        assert_eq!(late(&object), !job && pods.contains(&kind(&object)), "{path}");
    }
    // A service without such jobs is delivered as a whole.
    assert!(read("south", "shop")["spec"].get("patches").is_none());
    assert!(!tree.contains_key("south/delivery/kustomization-shop-before.yaml"));
}

#[cfg(unix)]
mod script {
    use super::*;
    use crate::kubectl::stand_in;
    use std::process::Command;

    /// What `kubectl` answers: of jobs, what `STATE` says.
    const ANSWERS: &str = r#"case " $* " in
  *" label --local "*) cat "$file" ;;
  *" get job "*) printf '%s' "$STATE" ;;
esac
"#;

    /// Runs the script where jobs are in this state: how it ended, its calls, what it said.
    fn run(state: &str) -> (Option<i32>, Vec<String>, String) {
        let folder = crate::workbench::folder();
        crate::workbench::write(&folder.path().join("tree"), &tree("kubectl", same));
        let bin = folder.path().join("bin");
        stand_in(&bin, ANSWERS);
        let output = Command::new("sh")
            .arg(folder.path().join("tree/north/delivery/apply.sh"))
            .args(["--context", "north"])
            .env("PATH", format!("{}:{}", bin.display(), std::env::var("PATH").unwrap()))
            .env("STATE", state)
            .output()
            .unwrap();
        let calls = std::fs::read_to_string(bin.join("calls")).unwrap();
        let calls = calls.lines().map(str::to_owned).collect();
        (output.status.code(), calls, String::from_utf8(output.stderr).unwrap())
    }

    /// The calls that apply something, and are no removal, and what they were given.
    fn applied(calls: &[String], of: &str) -> Vec<usize> {
        let is = |call: &String| {
            let (call, given) = call.split_once(" # ").unwrap_or((call, ""));
            call.contains(" apply ") && !call.contains("--prune") && given.contains(of)
        };
        (0..calls.len()).filter(|at| is(&calls[*at])).collect()
    }

    /// The Deployments of the service, of which the fleet has another with one.
    fn of_web(calls: &[String]) -> Vec<usize> {
        applied(calls, "Deployment").into_iter().filter(|at| calls[*at].contains("web.")).collect()
    }

    #[test]
    fn the_script_waits_for_the_jobs_of_a_release_before_it_applies_its_pods() {
        let (code, calls, stderr) = run("SuccessCriteriaMet Complete");
        assert_eq!((code, stderr.as_str()), (Some(0), ""), "{calls:#?}");
        let asked = calls.iter().position(|call| call.contains("get job web-migrate-")).unwrap();
        let first = applied(&calls, "Job").into_iter().find(|at| calls[*at].contains("web.first"));
        assert!(first.unwrap() < asked, "{calls:#?}");
        assert!(!calls[first.unwrap()].contains("Deployment"), "{calls:#?}");
        assert!(of_web(&calls).first().unwrap() > &asked, "{calls:#?}");
    }

    #[test]
    fn the_script_leaves_what_serves_where_a_job_of_a_release_fails() {
        let (code, calls, stderr) = run("FailureTarget Failed");
        assert_eq!(code, Some(1));
        assert!(stderr.contains("web: the job web-migrate-"), "{stderr}");
        assert!(stderr.contains("kubectl --context north -n web delete job web-migrate-"));
        assert!(of_web(&calls).is_empty(), "{calls:#?}");
        let removes = |call: &&String| call.contains("--prune") && call.contains("north-web");
        assert_eq!(calls.iter().find(removes), None);
        // Others are delivered.
        assert!(calls.iter().any(|call| call.contains("--prune") && call.contains("north-shop")));
    }
}
