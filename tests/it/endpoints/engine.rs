//! How Argo CD and Flux deliver a tree, as their sources do it, with what the tree tells them.

use super::cluster::{Cluster, Key, annotation, is_failing_job, is_workload, key, text};
use crate::workbench::Files;
use serde_json::Value;
use std::collections::BTreeMap;

/// The region that is delivered.
pub(super) const REGION: &str = "region-a";

/// The objects of a folder of the tree, by path.
pub(super) fn folder<'a>(tree: &'a Files, folder: &str) -> BTreeMap<&'a str, Value> {
    let inside = format!("{folder}/");
    let files = tree.iter().filter(|(path, _)| path.starts_with(&inside));
    files
        .filter(|(path, _)| path.ends_with(".yaml"))
        .map(|(path, text)| (path.as_str(), serde_yaml::from_str(text).expect("YAML")))
        .collect()
}

/// What makes the engine deliver the region.
fn delivery(tree: &Files, kind: &str) -> Vec<Value> {
    let objects = folder(tree, &format!("{REGION}/delivery")).into_values();
    objects.filter(|object| text(object, "/kind") == kind).collect()
}

/// A path in the repository, as one in the tree.
fn in_tree(path: &str) -> &str {
    let path = path.strip_prefix("./").unwrap_or(path);
    path.strip_prefix("out/").expect("the tree is in `out`")
}

/// Flux: a Kustomization for each folder, in any order that `dependsOn` allows. Each applies all of
/// its folder but what it leaves out, and at once deletes what it had applied and no longer does
/// (`kustomize-controller`, `internal/controller/kustomization_controller.go`). One that `ends` early
/// deletes nothing, and what depends on one that waits for a Job which fails does not begin.
pub(super) fn flux(
    cluster: &mut Cluster,
    tree: &Files,
    mut below: impl FnMut(u64) -> u64,
    mut ends: impl FnMut() -> bool,
) {
    let mut waiting = delivery(tree, "Kustomization");
    assert!(!waiting.is_empty());
    let mut done: Vec<String> = Vec::new();
    while !waiting.is_empty() {
        let is_next = |it: &&Value| {
            let after = it["spec"]["dependsOn"].as_array().into_iter().flatten();
            after.into_iter().all(|after| done.iter().any(|done| after["name"] == done.as_str()))
        };
        let next: Vec<Value> = waiting.iter().filter(is_next).cloned().collect();
        if next.is_empty() {
            return;
        }
        let one = next[usize::try_from(below(next.len() as u64)).unwrap()].clone();
        waiting.retain(|it| *it != one);
        let name = text(&one, "/metadata/name");
        let mut objects = folder(tree, in_tree(text(&one, "/spec/path")));
        objects.retain(|_, object| !leaves_out(&one, object));
        for object in objects.values() {
            cluster.apply(name, object);
        }
        if one["spec"]["wait"] != true || !objects.values().any(is_failing_job) {
            done.push(name.to_owned());
        }
        if one["spec"]["prune"] != true || ends() {
            continue;
        }
        let now: Vec<Key> = objects.values().map(key).collect();
        for former in cluster.of(name).into_iter().filter(|former| !now.contains(former)) {
            let kept = cluster
                .get(&former)
                .map(|it| annotation(it, "kustomize.toolkit.fluxcd.io/prune") == "disabled");
            if kept == Some(false) {
                cluster.delete(&former);
            }
        }
    }
}

/// Whether the patches of a Kustomization take an object out.
fn leaves_out(kustomization: &Value, object: &Value) -> bool {
    let patches = kustomization["spec"]["patches"].as_array().into_iter().flatten();
    patches.into_iter().any(|patch| {
        assert!(text(patch, "/patch").starts_with("$patch: delete\n"), "{patch}");
        let selector = text(patch, "/target/annotationSelector");
        let (key, value) = selector.split_once('=').expect("one key and its value");
        match key.strip_suffix('!') {
            Some(key) => annotation(object, key) != value,
            None => annotation(object, key) == value,
        }
    })
}

/// An Application of Argo CD.
struct Application {
    name: String,
    folder: String,
    options: Vec<String>,
}

impl Application {
    fn new(spec: &Value, name: &str, folder: &str) -> Application {
        let options = spec.pointer("/syncPolicy/syncOptions").and_then(Value::as_array).unwrap();
        let options = options.iter().map(|option| option.as_str().unwrap().to_owned()).collect();
        Application { name: name.to_owned(), folder: in_tree(folder).to_owned(), options }
    }

    /// Those that are in the tree, and those that an `ApplicationSet` makes of its folders.
    fn of(tree: &Files) -> Vec<Application> {
        let mut all = Vec::new();
        for one in delivery(tree, "Application") {
            let path = text(&one, "/spec/source/path");
            all.push(Application::new(&one["spec"], text(&one, "/metadata/name"), path));
        }
        for set in delivery(tree, "ApplicationSet") {
            let rows = set["spec"]["generators"][0]["git"]["directories"].as_array().unwrap();
            let (without, with): (Vec<&Value>, Vec<&Value>) =
                rows.iter().partition(|row| row["exclude"] == true);
            let inside = with[0]["path"].as_str().unwrap().strip_suffix('*').unwrap();
            let mut folders: Vec<&str> = (tree.keys())
                .filter_map(|path| path.strip_prefix(in_tree(inside))?.split('/').next())
                .filter(|name| without.iter().all(|row| row["path"] != format!("{inside}{name}")))
                .collect();
            folders.dedup();
            for name in folders {
                let template = &set["spec"]["template"];
                let called = text(template, "/metadata/name");
                let called = called.replace("{{ .path.basename }}", name);
                let path = format!("{inside}{name}");
                all.push(Application::new(&template["spec"], &called, &path));
            }
        }
        all
    }

    /// One sync: wave after wave, each of which waits for the health of what the sync applied before
    /// (`gitops-engine/pkg/sync/sync_context.go`). What the Application has applied and the tree has
    /// no longer goes last with `PruneLast`, else first. A hook is applied in each sync, and nothing
    /// after one that fails, which goes. Whether it came to its end.
    fn sync(&self, cluster: &mut Cluster, tree: &Files) -> bool {
        let has = |option: &str| self.options.iter().any(|is| is == option);
        let told = |object: &Value, option: &str| {
            let options = annotation(object, "argocd.argoproj.io/sync-options");
            options.split(',').any(|is| is == option)
        };
        let objects = folder(tree, &self.folder);
        let now: Vec<Key> = objects.values().map(key).collect();
        let mut waves: BTreeMap<i64, (Vec<&Value>, Vec<Key>)> = BTreeMap::new();
        for object in objects.values() {
            let always = is_hook(object) || !has("ApplyOutOfSyncOnly=true");
            if always || !cluster.is_as(&self.name, object) {
                let wave = annotation(object, "argocd.argoproj.io/sync-wave");
                waves.entry(wave.parse().unwrap_or(0)).or_default().0.push(object);
            }
        }
        for former in cluster.of(&self.name).into_iter().filter(|former| !now.contains(former)) {
            let object = cluster.get(&former).expect("it is there");
            if told(object, "Prune=false") {
                continue;
            }
            let last = has("PruneLast=true") || told(object, "PruneLast=true");
            waves.entry(if last { i64::MAX } else { i64::MIN }).or_default().1.push(former);
        }
        let last = waves.keys().last().copied();
        for (wave, (applied, pruned)) in waves {
            for object in &applied {
                // A hook is nobody's to prune.
                cluster.apply(if is_hook(object) { "" } else { &self.name }, object);
            }
            let failed: Vec<_> =
                applied.iter().filter(|one| is_hook(one) && is_failing_job(one)).collect();
            for hook in &failed {
                assert_eq!(annotation(hook, "argocd.argoproj.io/hook-delete-policy"), "HookFailed");
                cluster.delete(&key(hook));
            }
            if !failed.is_empty() {
                return false;
            }
            for former in &pruned {
                cluster.delete(former);
            }
            if Some(wave) == last {
                continue;
            }
            cluster.settle();
            let unhealthy =
                |object: &&&Value| is_workload(object) && !cluster.is_healthy(&key(object));
            if applied.iter().any(|object| unhealthy(&object)) {
                return false;
            }
        }
        true
    }
}

fn is_hook(object: &Value) -> bool {
    annotation(object, "argocd.argoproj.io/hook") == "Sync"
}

/// Argo CD: an Application for each folder. A sync that failed is tried again, on what still
/// differs.
pub(super) fn argo_cd(cluster: &mut Cluster, tree: &Files, retries: u64) {
    let all = Application::of(tree);
    assert!(!all.is_empty());
    let mut failed: Vec<&Application> = all.iter().collect();
    for _ in 0..=retries {
        failed.retain(|application| !application.sync(cluster, tree));
    }
}
