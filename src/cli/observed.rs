//! What clusters were seen to run: the JSON of `kubectl get deployments,statefulsets -A -o json`,
//! a file for each region.

use super::disk::{self, Tree, Trouble};
use crate::diag::did_you_mean;
use crate::kube::{Kind, labels};
use crate::tree::Ledger;
use crate::tree::ledger::Entry;
use crate::yaml::{Value, read};
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Workloads by kind, namespace and name, in each region that somebody looked at.
pub(super) struct Observed(BTreeMap<String, BTreeMap<Workload, Json>>);

type Workload = (String, String, String);

impl Observed {
    /// Reads the files. Each is of the region that its name, without what follows the first dot,
    /// says; or of the one that stands before it: `REGION=FILE`.
    ///
    /// # Errors
    ///
    /// When a file is not there, is no JSON of objects, or of no region of `regions`.
    pub(super) fn read(files: &[String], regions: &BTreeSet<String>) -> Result<Observed, Trouble> {
        let mut all = BTreeMap::new();
        for written in files {
            let named = written.split_once('=').filter(|(region, _)| regions.contains(*region));
            let (region, path) = match named {
                Some((region, path)) => (region.to_owned(), path),
                None => (stem(written), written.as_str()),
            };
            if !regions.contains(&region) {
                let known = did_you_mean(&region, regions.iter().map(String::as_str));
                return Err(Trouble::from(format!(
                    "`--observed {written}`: the tree has no region `{region}`; {known}\nhelp: name the file after its region, or write `--observed REGION=FILE`"
                )));
            }
            let path = Path::new(path);
            let text = disk::read_file(path)?;
            let json: Json = serde_json::from_str(&text).map_err(|error| {
                Trouble::from(format!(
                    "reading `{}`: it is no JSON: {error}\nhelp: {SHOWS}",
                    path.display()
                ))
            })?;
            let workloads: &mut BTreeMap<Workload, Json> = all.entry(region).or_default();
            if !add(workloads, json, None) {
                return Err(Trouble::from(format!(
                    "reading `{}`: it holds no objects of Kubernetes\nhelp: {SHOWS}",
                    path.display()
                )));
            }
        }
        Ok(Observed(all))
    }

    /// Whether a former workload was seen to serve nothing: it has no pod that is ready, or is not
    /// there.
    pub(super) fn serves_nothing(&self, entry: &Entry) -> bool {
        let Some(region) = self.0.get(&entry.region) else { return false };
        let seen = region.get(&of(entry));
        seen.is_none_or(|seen| number(seen, "/status/readyReplicas") == 0)
    }

    /// Why the current generation of a service may not carry the peak, region by region; empty
    /// when it was seen to do so in each of them.
    ///
    /// # Errors
    ///
    /// When the tree cannot be read.
    pub(super) fn missing(&self, tree: &Tree, ledger: &Ledger) -> Result<Vec<String>, Trouble> {
        let mut missing = Vec::new();
        let current = ledger.objects().iter().filter(|entry| entry.retained.is_none());
        let mut unseen: BTreeSet<&str> = BTreeSet::new();
        for entry in current.filter(|entry| Kind::is_workload(&entry.kind)) {
            let Some(region) = self.0.get(&entry.region) else {
                if unseen.insert(&entry.region) {
                    missing.push(format!("nobody looked at {}: no file is of it", entry.region));
                }
                continue;
            };
            let bytes = tree.read(&entry.path)?.unwrap_or_default();
            let manifest = read::document(&String::from_utf8_lossy(&bytes)).unwrap_or(Value::Null);
            let why = match region.get(&of(entry)) {
                Some(seen) => not_there(seen, &manifest, entry),
                None => Some("is not there".to_owned()),
            };
            missing.extend(
                why.map(|why| format!("in {}, {} {} {why}", entry.region, entry.kind, entry.name)),
            );
        }
        Ok(missing)
    }
}

/// What prints such a file.
const SHOWS: &str = "`kubectl --context REGION get deployments,statefulsets -A -o json >REGION.json` prints such a file";

fn stem(path: &str) -> String {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.split('.').next().unwrap_or(name).to_owned()
}

/// Adds the workloads of a list, or of one object; false when it is neither.
fn add(workloads: &mut BTreeMap<Workload, Json>, json: Json, kind: Option<&str>) -> bool {
    let text = |path: &str| json.pointer(path).and_then(Json::as_str).map(str::to_owned);
    let Some(own) = text("/kind").or_else(|| kind.map(str::to_owned)) else { return false };
    if let Some(of) = own.strip_suffix("List") {
        // A list that a server printed says once what its items are.
        let of = Some(of).filter(|of| !of.is_empty());
        let Json::Object(mut list) = json else { return false };
        let Some(Json::Array(items)) = list.remove("items") else { return false };
        return items.into_iter().all(|item| add(workloads, item, of));
    }
    if Kind::is_workload(&own)
        && let (Some(namespace), Some(name)) = (text("/metadata/namespace"), text("/metadata/name"))
    {
        workloads.insert((own, namespace, name), json);
    }
    true
}

fn of(entry: &Entry) -> Workload {
    (entry.kind.clone(), entry.namespace.clone().unwrap_or_default(), entry.name.clone())
}

fn number(json: &Json, path: &str) -> i64 {
    json.pointer(path).and_then(Json::as_i64).unwrap_or(0)
}

/// Why a workload does not carry the peak with what the tree says of it, if so.
fn not_there(seen: &Json, manifest: &Value, entry: &Entry) -> Option<String> {
    if number(seen, "/status/observedGeneration") < number(seen, "/metadata/generation") {
        return Some("has a change that its controller has not seen yet".to_owned());
    }
    if !runs_this(seen, manifest, entry) {
        return Some(
            "runs what was delivered before: this tree is not delivered there yet".to_owned(),
        );
    }
    let wanted = seen.pointer("/spec/replicas").and_then(Json::as_i64).unwrap_or(1);
    let updated = number(seen, "/status/updatedReplicas");
    let all = number(seen, "/status/replicas");
    if updated < wanted || updated < all {
        return Some(format!("is rolling: {updated} of {} pods are updated", wanted.max(all)));
    }
    let peak = peak(manifest);
    let ready = number(seen, "/status/readyReplicas");
    let available = match seen.pointer("/status/availableReplicas") {
        Some(number) => number.as_i64().unwrap_or(0).min(ready),
        None => 0,
    };
    (available < peak).then(|| format!("has {available} pods available, and {peak} carry the peak"))
}

/// How many replicas carry the peak here; where fewer run, as a region stands by, that many.
fn peak(manifest: &Value) -> i64 {
    let replicas = match manifest.at(&["spec", "replicas"]) {
        Some(Value::Int(replicas)) => Some(*replicas),
        _ => None,
    };
    let peak = manifest.at(&["metadata", "annotations", labels::PEAK]).and_then(Value::as_str);
    let peak = peak.and_then(|peak| peak.parse().ok()).or(replicas).unwrap_or(1);
    replicas.map_or(peak, |replicas| replicas.min(peak))
}

/// Whether its pods are of the images, and take the objects, that the tree says.
fn runs_this(seen: &Json, manifest: &Value, entry: &Entry) -> bool {
    let mut strings = BTreeSet::new();
    gather(seen.pointer("/spec/template/spec").unwrap_or(&Json::Null), &mut strings);
    let images = ["containers", "initContainers"].into_iter().flat_map(|list| {
        let containers = manifest.at(&["spec", "template", "spec", list]);
        let containers = containers.map(Value::items).unwrap_or_default();
        containers.iter().filter_map(|container| container.get("image")?.as_str())
    });
    let config_maps = entry.references.iter().filter(|to| to.kind == Kind::ConfigMap.name());
    images.chain(config_maps.map(|to| to.name.as_str())).all(|text| strings.contains(text))
}

fn gather<'a>(json: &'a Json, strings: &mut BTreeSet<&'a str>) {
    match json {
        Json::String(text) => drop(strings.insert(text)),
        Json::Array(items) => items.iter().for_each(|item| gather(item, strings)),
        Json::Object(fields) => fields.values().for_each(|field| gather(field, strings)),
        Json::Null | Json::Bool(_) | Json::Number(_) => {}
    }
}
